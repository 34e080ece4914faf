"""A prepared query answers as the same query does that Django makes anew each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.sql.compiler import SQLCompiler

from partnership import NOON, Partnership
from triservice.access.prepared import Given, Prepared, Several
from triservice.agencies.models import Duty, Officer
from triservice.kernel.access_words import Role


def on_duty(employer: Any, at: Any) -> QuerySet[Any, Any]:
    """Return names of an agency's officers, and whether each is on duty."""
    duty = Duty.objects.filter(
        Q(ends__isnull=True) | Q(ends__gt=at), officer=OuterRef("pk"), starts__lte=at
    )
    rows = Officer.objects.filter(employer=employer).order_by("name")
    return rows.values_list("name", "vetting_until", Exists(duty))


@Prepared
def prepared() -> QuerySet[Any, Any]:
    return on_duty(Given("employer", BigIntegerField()), Given("at", DateTimeField()))


@pytest.fixture
def made(partnership: Partnership) -> Partnership:
    for agency in ("fire", "police"):
        partnership.officer(agency)
        partnership.officer(agency, Role.TEAM_LEADER)
    Duty.objects.create(
        officer=partnership.officer("fire"), starts=NOON, ends=NOON + timedelta(hours=8)
    )
    Duty.objects.create(officer=partnership.officer("police"), starts=NOON)
    return partnership


@pytest.mark.parametrize("at", [NOON + timedelta(hours=hours) for hours in (-1, 0, 8, 9)])
@pytest.mark.parametrize("agency", ["fire", "police", "council"])
def test_it_answers_as_the_query_made_anew(made: Partnership, agency: str, at: datetime) -> None:
    employer = made.agencies[agency].pk
    assert prepared(employer=employer, at=at) == list(on_duty(employer, at))


@Prepared
def by_agency() -> QuerySet[Any, Any]:
    agencies = Several("agencies", BigIntegerField())
    found = Officer.objects.filter(employer__among=agencies, email__among=EMAILS)
    return found.order_by("pk").values_list("pk")


EMAILS = Several("emails", CharField())


@pytest.mark.parametrize("agencies", [(), ("fire",), ("fire", "police", "council")])
def test_several_values_are_asked_by_one_statement(
    made: Partnership, agencies: tuple[str, ...]
) -> None:
    asked = [made.agencies[name].pk for name in agencies]
    emails = list(Officer.objects.order_by("-pk").values_list("email", flat=True))
    found = [pk for (pk,) in by_agency(agencies=asked, emails=emails[1:])]
    there = Officer.objects.filter(employer__in=asked, email__in=emails[1:])
    assert found == list(there.order_by("pk").values_list("pk", flat=True))
    assert bool(found) is bool(agencies)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="as PostgreSQL keeps statements")
def test_the_server_keeps_it_whatever_is_given(made: Partnership) -> None:
    for agency in ("fire", "police"):
        prepared(employer=made.agencies[agency].pk, at=NOON)
        by_agency(agencies=[made.agencies[agency].pk], emails=["50% of %s"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans FROM pg_prepared_statements")
        kept = [(text, plans) for text, plans in cursor.fetchall() if "agencies_officer" in text]
    assert len({text for text, _ in kept}) == len(kept) >= 2
    assert all(plans for _, plans in kept)


def test_it_sees_what_has_changed(made: Partnership) -> None:
    employer = made.agencies["fire"].pk
    before = prepared(employer=employer, at=NOON)
    made.officer("fire", Role.ANALYST)
    assert prepared(employer=employer, at=NOON) == list(on_duty(employer, NOON)) != before


def test_the_statement_is_made_once(made: Partnership, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(employer=0, at=NOON)
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda *_: pytest.fail("made anew"))
    assert [on for _, _, on in prepared(employer=made.agencies["fire"].pk, at=NOON)].count(True)


def test_every_value_is_asked_for(partnership: Partnership) -> None:
    with pytest.raises(KeyError):
        prepared(at=NOON)

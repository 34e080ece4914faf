"""decide() and visible_to() are twins: whatever the terms and the rows, they agree.

Random agreements, rows, openings, restrictions and readers; nothing here is a real case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from protected_things import Thing, make_thing, subject

from partnership import (
    AGENCIES,
    NOON,
    Partnership,
    make_list,
    make_opening,
    make_partnership,
    make_version,
)
from triservice.access import grants as grants_of
from triservice.access import rules, where
from triservice.access.columns import fetch, select_of, statement_for
from triservice.access.models import (
    AgreementVersion,
    ConflictOfInterest,
    Kind,
    Restriction,
    RestrictionMember,
)
from triservice.access.queries import counts_seen, decide, item_of, locked, seen, visible_to
from triservice.access.record import Record, recording
from triservice.access.rules import Use
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Marking, Mode, Purpose, Reader, Role, Vetting

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
CLASSES = [DataClass.POLICE, DataClass.HEALTH]
AREAS = ["", "E1", "E'2 %s"]  # a code as it should be, and one that is text
FIELDS = list(Thing.FIELDS)
MOMENTS = [NOON - SECOND, NOON, NOON + SECOND, NOON + timedelta(days=9)]
GIVERS = ["police", "health", "fire"]  # fire is the reader's own agency
PURPOSES = [Purpose.PREVENTION_VISIT, Purpose.TASKING]


def some(values: list[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=len(values), unique=True)


versions = st.fixed_dictionaries(
    {
        "agreement": st.sampled_from(["one", "two"]),
        "state": st.sampled_from([*["in force"] * 4, *AgreementVersion.State.values]),
        "starts": st.sampled_from([NOON - timedelta(days=30), *MOMENTS[:3]]),
        "until": st.sampled_from([NOON + timedelta(days=30), *MOMENTS]),
        "parties": st.sampled_from([list(AGENCIES)] * 3 + [["fire", "police"], ["police"]]),
    }
).filter(lambda version: version["until"] > version["starts"])
terms = st.fixed_dictionaries(
    {
        "version": st.integers(0, 2),
        "from_agency": st.sampled_from(GIVERS[:2]),
        "to_agency": st.sampled_from(["fire", "fire", "council", None]),
        "to_role": st.sampled_from(["", "", "officer", "analyst"]),
        "classes": some(CLASSES),
        "mode": st.sampled_from([Mode.OPEN, Mode.OPEN, Mode.ON_APPROVAL, Mode.NEVER]),
        "fields": st.none() | some(FIELDS),
        "areas": st.none() | some(AREAS),
        "purposes": some(PURPOSES),
        "counts_only": st.sampled_from([False, False, True]),
        "small_number": st.sampled_from([0, 0, 2]),
        "min_vetting": st.sampled_from([Vetting.NONE, Vetting.NPPV1, Vetting.NPPV3]),
        "needs_case": st.booleans(),
        "needs_duty": st.sampled_from([False, False, True]),
        "existence": st.booleans(),
        "offline": st.booleans(),
        "valid_until": st.sampled_from([None, None, *MOMENTS]),
    }
)
rows = st.fixed_dictionaries(
    {
        "owner": st.sampled_from(GIVERS),
        "data_class": st.sampled_from([*map(str, CLASSES * 3), "gossip", ""]),
        "area": st.sampled_from(AREAS),
        "marking": st.sampled_from([*map(str, [*Marking] * 2), ""]),
        "subject_key": st.sampled_from([None, subject(1), subject(2)]),
        "restriction": st.sampled_from([None, None, None, 0, 1]),
    }
)
openings = st.fixed_dictionaries(
    {
        "rows": st.integers(0, 5),
        "kind": st.sampled_from(["approval", "break glass"]),
        "fields": st.none() | some(FIELDS),
        "purpose": st.sampled_from(PURPOSES),
        "ends": st.sampled_from(MOMENTS),
        "revoked_at": st.sampled_from([None, None, NOON]),
    }
)
worlds = st.fixed_dictionaries(
    {
        "versions": st.lists(versions, min_size=3, max_size=3),
        "terms": st.lists(terms, max_size=8),
        "rows": st.lists(rows, min_size=6, max_size=14),
        "openings": st.lists(openings, max_size=3),
        "listed": st.booleans(),
        "conflict": st.booleans(),
    }
)
readers = st.fixed_dictionaries(
    {
        "role": st.sampled_from([Role.OFFICER] * 3 + [Role.ANALYST, Role.ADMINISTRATOR]),
        "purpose": st.sampled_from([*PURPOSES, *PURPOSES, None]),
        "at": st.sampled_from(MOMENTS),
        "cases": st.sampled_from([frozenset(), frozenset({str(subject(1))})]),
        "on_duty": st.booleans(),
        "worth": st.sampled_from([0, 10**6]),  # without and with the index first
    }
)
check = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def build(made: Partnership, world: dict[str, Any], reader: dict[str, Any]) -> Reader:
    """Put a world into the database and return its reader."""
    Thing.objects.all().delete()
    officer = made.officer("fire", reader["role"])
    existing: dict[str, int] = {}
    versions = []
    for said in world["versions"]:
        number = existing[said["agreement"]] = existing.get(said["agreement"], 0) + 1
        rest = {name: said[name] for name in ("state", "starts", "until", "parties")}
        versions.append(make_version(made, said["agreement"], number=number, **rest))
    for said in world["terms"]:
        _term(made, dict(said), versions)
    lists = [make_list(officer, f"List {i}") for i in range(2)]
    if world["listed"]:
        RestrictionMember.objects.create(restriction=lists[0], officer=officer, since=MOMENTS[0])
    if world["conflict"]:
        ConflictOfInterest.objects.create(
            officer=officer, subject_key=subject(2), why="Invented", declared_at=MOMENTS[0]
        )
    things = []
    for number, said in enumerate(world["rows"]):
        row = dict(said, name=f"Name {number}")
        row["restriction"] = None if row["restriction"] is None else lists[row["restriction"]]
        things.append(make_thing(made.agencies[row.pop("owner")], row.pop("data_class"), **row))
    for said in world["openings"]:
        opening = dict(said)
        row = things[opening.pop("rows")]
        approver = made.officer("police", Role.DATA_OWNER)
        make_opening(officer, [row], decided_by=approver, starts=MOMENTS[0] - SECOND, **opening)
    made_reader = made.reader("fire", reader["role"], reader["purpose"], reader["at"])
    return replace(made_reader, cases=reader["cases"], on_duty=reader["on_duty"])


def _term(made: Partnership, said: dict[str, Any], versions: list[AgreementVersion]) -> None:
    said["version"] = versions[said["version"]]
    if said["mode"] is Mode.NEVER:
        said["valid_until"] = None
    if said["mode"] is Mode.NEVER or said["counts_only"]:
        said["offline"] = False
    if said["to_agency"] is None and not said["to_role"]:
        said["to_role"] = "officer"
    made.term(said.pop("from_agency"), said.pop("to_agency"), said.pop("classes"), **said)


@pytest.fixture
def made(at_noon: None, db: None) -> Partnership:
    made = make_partnership(terms=False, roles=())
    made.version.delete()
    for role in (Role.OFFICER, Role.ANALYST, Role.ADMINISTRATOR):
        made.officer("fire", role)
    made.officer("police", Role.DATA_OWNER)
    return made


def in_a_world(made: Partnership, world: dict[str, Any], reader: dict[str, Any], test: Any) -> None:
    """Run `test(reader)` in a world, at the reader's moment, and undo all of it."""
    before = transaction.savepoint()
    try:
        with clock.frozen(reader["at"]), patch.object(where, "WORTH", reader["worth"]):
            test(build(made, world, reader))
    finally:
        transaction.savepoint_rollback(before)


@check
@given(world=worlds, said=readers)
def test_rows_fields_and_counts_agree(
    made: Partnership, world: dict[str, Any], said: dict[str, Any]
) -> None:
    def agree(reader: Reader) -> None:
        things = list(Thing.objects.all())
        with recording(reader, Kind.CONSULTATION, "look") as record:
            open_here = _rows_agree(record, things)
            with recording(reader, Kind.DISCLOSURE, "take along", Use.OFFLINE) as taken:
                assert _rows_agree(taken, things) <= open_here
            _counts_agree(reader, things, counts_seen(record, Thing.objects.all()))

    in_a_world(made, world, said, agree)


def _rows_agree(record: Record, things: list[Thing]) -> set[int]:
    reader = record.reader
    allowed = {t.pk for t in things if decide(reader, t).allowed}
    assert allowed == {t.pk for t in things if decide(reader, t, use=record.use).allowed}
    for few in (False, True):
        rows = visible_to(reader, Thing.objects.all(), few=few)
        assert allowed == set(rows.values_list("pk", flat=True))
    shown = {row.pk: row for row in seen(record, Thing.objects.all())}
    assert set(shown) == allowed
    for thing in things:
        for name in FIELDS:
            may = decide(reader, thing, name).allowed
            by = visible_to(reader, Thing.objects.filter(pk=thing.pk), by=[name])
            assert may == by.exists()
            if thing.pk in shown:
                row = shown[thing.pk]
                assert (name not in row.withheld) == may
                kept = getattr(thing, _attname(name)) if may else None
                assert row.get(_attname(name)) == kept
    return allowed


def _attname(name: str) -> str:
    return str(Thing._meta.get_field(name).attname)


def _counts_agree(reader: Reader, things: list[Thing], counts: dict[int, int | None]) -> None:
    decisions = {t: decide(reader, t, use=Use.COUNT) for t in things}
    counted = visible_to(reader, Thing.objects.all(), use=Use.COUNT)
    assert set(counted) == {t for t, d in decisions.items() if d.allowed}
    for owner in {t.owner_id for t in things}:
        rows = [d for t, d in decisions.items() if t.owner_id == owner and d.allowed]
        by_threshold = {
            least: sum(d.small_number == least for d in rows)
            for d in rows
            for least in [d.small_number]
        }
        if any(number < least for least, number in by_threshold.items()):
            assert counts[owner] is None
        elif counts.get(owner) is not None:
            assert counts[owner] == len(rows)


@check
@given(world=worlds, said=readers)
def test_columns_that_are_withheld_are_null_in_the_answer_of_the_database(
    made: Partnership, world: dict[str, Any], said: dict[str, Any]
) -> None:
    def agree(reader: Reader) -> None:
        grants = grants_of.current(reader)
        things = {thing.pk: thing for thing in Thing.objects.all()}
        select = select_of(grants, Thing)
        rows = visible_to(reader, Thing.objects.all())
        kept = statement_for(select, rows, kept=True)
        found = list(fetch(select, kept, where.own(grants)))
        assert {row["id"] for row in found} == set(rows.values_list("pk", flat=True))
        for row in found:
            for name in FIELDS:
                if not rules.decide(grants, item_of(things[row["id"]]), name).allowed:
                    assert row[_attname(name)] is None

    in_a_world(made, world, said, agree)


@check
@given(world=worlds, said=readers)
def test_what_may_be_known_agrees(
    made: Partnership, world: dict[str, Any], said: dict[str, Any]
) -> None:
    def agree(reader: Reader) -> None:
        grants = grants_of.current(reader)
        things = list(Thing.objects.all())
        knowable = {t for t in things if rules.may_know(grants, item_of(t)) is not None}
        in_sql = set(Thing.objects.filter(where.may_exist(grants, Thing)))
        assert knowable == in_sql - set(visible_to(reader, Thing.objects.all()))
        with recording(reader, Kind.CONSULTATION, "look") as record:
            said = {(each.owner, each.data_class) for each in locked(record, Thing.objects.all())}
        assert said == {(t.owner_id, t.data_class) for t in knowable}

    in_a_world(made, world, said, agree)


def allowed_now(reader: Reader) -> set[tuple[int, str | None]]:
    grants = grants_of.current(reader)
    return {
        (t.pk, name)
        for t in Thing.objects.all()
        for name in (None, *FIELDS)
        if rules.decide(grants, item_of(t), name).allowed
    }


def _restrict(reader: Reader) -> None:
    officer = Restriction.objects.first().made_by
    closed = make_list(officer, "New")
    Thing.objects.filter(restriction=None).update(restriction=closed)


def _conflict(reader: Reader) -> None:
    ConflictOfInterest.objects.create(
        officer_id=reader.officer, subject_key=subject(1), why="Invented", declared_at=MOMENTS[0]
    )


def _mark(reader: Reader) -> None:
    plain = Thing.objects.filter(marking=str(Marking.OFFICIAL))
    plain.update(marking=str(Marking.OFFICIAL_SENSITIVE))


def _forget_areas(reader: Reader) -> None:
    Thing.objects.update(area="")


def _suspend(reader: Reader) -> None:
    AgreementVersion.objects.filter(state="in force").update(state="suspended")


def _expire(reader: Reader) -> None:
    AgreementVersion.objects.filter(state="in force").update(state="expired")


def _revoke(reader: Reader) -> None:
    from triservice.access.models import Opening

    Opening.objects.update(revoked_at=NOON - timedelta(days=1))


NARROWING = [_restrict, _conflict, _mark, _forget_areas, _suspend, _expire, _revoke]


@check
@given(world=worlds, said=readers, narrow=st.sampled_from(NARROWING))
def test_what_narrows_never_widens(
    made: Partnership, world: dict[str, Any], said: dict[str, Any], narrow: Any
) -> None:
    def hold(reader: Reader) -> None:
        before = allowed_now(reader)
        narrow(reader)
        assert allowed_now(reader) <= before

    in_a_world(made, world, said, hold)


@check
@given(world=worlds, said=readers, never=terms)
def test_adding_a_never_never_widens(
    made: Partnership, world: dict[str, Any], said: dict[str, Any], never: dict[str, Any]
) -> None:
    def hold(reader: Reader) -> None:
        before = allowed_now(reader)
        versions = list(AgreementVersion.objects.order_by("pk"))
        _term(made, never | {"mode": Mode.NEVER}, versions)
        assert allowed_now(reader) <= before

    in_a_world(made, world, said, hold)


@check
@given(world=worlds, said=readers)
def test_nothing_of_others_is_open_once_all_agreements_ended(
    made: Partnership, world: dict[str, Any], said: dict[str, Any]
) -> None:
    def hold(reader: Reader) -> None:
        AgreementVersion.objects.update(state="ended")
        open_rows = {pk for pk, _ in allowed_now(reader)}
        assert open_rows <= set(
            Thing.objects.filter(owner=reader.agency).values_list("pk", flat=True)
        )

    in_a_world(made, world, said, hold)

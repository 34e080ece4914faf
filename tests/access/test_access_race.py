"""Several who decide, or break the glass, at the same moment, on a database that lets them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from protected_things import make_thing, subject

from partnership import Partnership, make_officer, make_partnership
from triservice.access.agreements import actions as agreements
from triservice.access.approvals import actions
from triservice.access.emergency import actions as emergency
from triservice.access.emergency import rules
from triservice.access.models import AccessRequest, AgreementVersion, GlassBreak, Opening
from triservice.access.readers import reader_for
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.errors import InputError

WHY = "Her inhaler is needed to plan a safe visit to her home"
ANNA, AT_ONCE = subject(1), 4


@pytest.fixture
def made(transactional_db: None) -> Partnership:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; run on PostgreSQL")
    made = make_partnership(roles=())
    now = clock.now()
    AgreementVersion.objects.update(starts=now - timedelta(days=1), until=now + timedelta(days=99))
    make_thing(made.agencies["health"], "health", subject_key=ANNA)
    return made


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """Do all in threads that start together; return what each gave, or its refusal."""
    together = Barrier(len(calls))

    def one(call: Callable[[], object]) -> object:
        together.wait()
        try:
            return call()
        except InputError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def reader_of(made: Partnership, agency: str, role: Role, name: str) -> Reader:
    officer = make_officer(made.agencies[agency], role, name)
    reader = reader_for(officer, Purpose.PREVENTION_VISIT)
    assert reader is not None
    return reader


def test_of_several_approvers_one_decides(made: Partnership) -> None:
    officer = made.reader("fire", at=clock.now())
    until = clock.now() + timedelta(days=5)
    pk = actions.ask(officer, made.agencies["health"].pk, "health", subject=ANNA, fields=["name"],
                     case="V-1", why=WHY, told="She agreed by telephone", until=until)  # fmt: skip
    guardians = [
        reader_of(made, "health", Role.CALDICOTT_GUARDIAN, f"Guardian {n}") for n in range(AT_ONCE)
    ]
    ends = clock.now() + timedelta(days=1)
    calls: list[Callable[[], object]] = [
        lambda g=g: actions.approve(g, pk, fields=["name"], ends=ends, why="")
        for g in guardians[:2]
    ]
    calls += [lambda g=g: actions.refuse(g, pk, WHY) for g in guardians[2:]]
    said = at_once(calls)
    assert sum(isinstance(each, InputError) for each in said) == AT_ONCE - 1
    request = AccessRequest.objects.get(pk=pk)
    assert Opening.objects.count() == (request.state == "approved")
    assert request.decided_by is not None


def test_the_quota_holds_when_all_are_used_at_once(made: Partnership) -> None:
    officer = made.reader("fire", at=clock.now())
    owner = made.agencies["health"].pk

    def broken() -> object:
        return emergency.break_glass(officer, owner, "health", subject=ANNA, minutes=15,
                                     reason="threat to life", text=WHY)  # fmt: skip

    said = at_once([broken] * (rules.QUOTA + 3))
    assert sum(isinstance(each, InputError) for each in said) == 3
    assert GlassBreak.objects.count() == rules.QUOTA


def test_of_several_who_revise_one_begins_the_draft(made: Partnership) -> None:
    assert made.version is not None
    pk = made.version.pk
    leads = [
        reader_of(made, "council", Role.DATA_PROTECTION_LEAD, f"Lead {n}") for n in range(AT_ONCE)
    ]
    said = at_once([lambda one=one: agreements.revise(one, pk, "at once") for one in leads])
    assert sum(isinstance(each, InputError) for each in said) == AT_ONCE - 1
    assert AgreementVersion.objects.count() == 2


def test_of_several_reviews_one_is_kept(made: Partnership) -> None:
    pk = emergency.break_glass(made.reader("fire", at=clock.now()), made.agencies["health"].pk,
                               "health", subject=ANNA, minutes=15, reason="threat to life",
                               text=WHY)  # fmt: skip
    leads = [
        reader_of(made, "health", Role.DATA_PROTECTION_LEAD, f"Lead {n}") for n in range(AT_ONCE)
    ]
    findings = ["justified", "not justified"] * 2
    calls: list[Callable[[], object]] = [
        lambda one=one, found=found: emergency.review(one, pk, found, WHY)
        for one, found in zip(leads, findings, strict=True)
    ]
    said = at_once(calls)
    assert sum(isinstance(each, InputError) for each in said) == AT_ONCE - 1
    assert GlassBreak.objects.get(pk=pk).finding in findings

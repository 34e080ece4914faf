"""Two at once on a real PostgreSQL: one wins, the other is told, nothing is opened twice.

Two who join the same people are in tests/subjects/test_subject_races.py.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection

from partnership import NOON, Partnership, make_officer, make_partnership
from triservice.access.approvals.actions import approve, ask, refuse
from triservice.access.audit import verify
from triservice.access.emergency.actions import break_glass
from triservice.access.emergency.rules import QUOTA
from triservice.access.models import AccessRequest, ApiToken, GlassBreak, Opening
from triservice.access.readers import reader_for
from triservice.access.restrictions.actions import make_list
from triservice.access.tokens.actions import issue
from triservice.access.tokens.rules import Scope
from triservice.casework.needs import actions as needs
from triservice.casework.referrals import actions as referring
from triservice.casework.triage import actions as triage
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.subjects.actions import saving
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.restricting import restrict_person
from triservice.subjects.models import Person, RecordPart
from triservice.subjects.queries.restricted import later

pytestmark = pytest.mark.django_db(transaction=True)
SCHEMES = Path(__file__).parents[1] / "casework" / "schemes"
WHY = "Invented: she is ill at home and nobody answers the door or the telephone"


@pytest.fixture
def made(request: pytest.FixtureRequest) -> Any:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time (run: python tests/postgres.py pytest …)")
    request.getfixturevalue("transactional_db")
    with clock.frozen(NOON):
        found = make_partnership(roles=())
        row = {"source_key": "1", "given_name": "Jory", "health.summary": "Invented illness"}
        owner = found.reader("health", Role.DATA_OWNER)
        receive_records(owner, found.agencies["health"], "invented", [row])
        yield found


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Do things in threads that start together; return each answer, or what it was told."""
    start = Barrier(len(doings))

    def do(doing: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return doing()
        except InputError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        waiting = [pool.submit(copy_context().run, do, doing) for doing in doings]
        return [each.result() for each in waiting]


def guardians(made: Partnership, count: int) -> list[Reader]:
    health = made.agencies["health"]
    officers = [
        make_officer(health, Role.CALDICOTT_GUARDIAN, f"Guardian {n}") for n in range(count)
    ]
    readers = [reader_for(each, Purpose.PREVENTION_VISIT) for each in officers]
    return [reader for reader in readers if reader is not None]


def asked(made: Partnership) -> int:
    return ask(
        made.reader("police"),
        made.agencies["health"].pk,
        DataClass.HEALTH,
        subject=Person.objects.get().key,
        fields=None,
        case="C1",
        why=WHY,
        told=WHY,
        until=NOON + timedelta(days=1),
    )


@pytest.mark.parametrize("go", range(3))
def test_two_approvers_open_once(made: Partnership, go: int) -> None:
    one, other = guardians(made, 2)
    pk, ends = asked(made), NOON + timedelta(hours=8)
    answers = at_once(
        lambda: approve(one, pk, fields=None, ends=ends, why=WHY),
        lambda: approve(other, pk, fields=None, ends=ends, why=WHY),
    )
    assert sum(isinstance(answer, InputError) for answer in answers) == 1
    assert Opening.objects.count() == 1
    assert not verify().faults


@pytest.mark.parametrize("go", range(3))
def test_approving_and_refusing_at_once_does_one_of_them(made: Partnership, go: int) -> None:
    one, other = guardians(made, 2)
    pk, ends = asked(made), NOON + timedelta(hours=8)
    answers = at_once(
        lambda: approve(one, pk, fields=None, ends=ends, why=WHY), lambda: refuse(other, pk, WHY)
    )
    assert sum(isinstance(answer, InputError) for answer in answers) == 1
    state = AccessRequest.objects.get().state
    assert Opening.objects.count() == (1 if state == "approved" else 0)
    assert state in ("approved", "refused")


@pytest.mark.parametrize("go", range(3))
def test_the_last_emergency_of_the_day_is_broken_into_once(made: Partnership, go: int) -> None:
    reader, health = made.reader("police"), made.agencies["health"].pk
    key = Person.objects.get().key

    def glass() -> int:
        return break_glass(
            reader,
            health,
            DataClass.HEALTH,
            subject=key,
            reason="threat to life",
            text=WHY,
            minutes=15,
        )

    for _ in range(QUOTA - 1):
        glass()
    answers = at_once(glass, glass, glass)
    assert sum(isinstance(answer, InputError) for answer in answers) == 2
    assert GlassBreak.objects.count() == QUOTA
    assert not verify().faults


def test_what_arrives_while_somebody_is_put_on_a_list_is_on_it(
    made: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, health = made.reader("health", Role.DATA_OWNER), made.agencies["health"]
    listed = make_list(owner, "Staff of the trust", WHY)
    looked, put, save = Event(), Event(), saving.save

    def slow(batch: Any) -> None:
        looked.set()  # who is on a list was looked up: the other comes now
        put.wait(1)
        save(batch)

    def restrict() -> None:
        looked.wait(20)
        restrict_person(owner, Person.objects.get().key, listed)
        put.set()

    monkeypatch.setattr(saving, "save", slow)
    row = {"source_key": "1", "given_name": "Jory", "health.summary": "Invented, corrected"}
    at_once(lambda: receive_records(owner, health, "invented", [row]), restrict)
    on_it = RecordPart.objects.filter(current=True).values_list("restriction", flat=True)
    assert set(on_it) == {listed}


# What is written about somebody in the instant in which they are put on a list: by what, and where
# it stands still between reading whose list it is on and writing.
WRITERS = {
    "a referral": (referring, "on_lists"),
    "a case": (triage, "open_case"),
    "an action": (needs, "own_of"),
}


@pytest.mark.parametrize("what", WRITERS)
def test_what_is_written_while_somebody_is_put_on_a_list_is_on_it(
    made: Partnership, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setenv("TRISERVICE_SCHEMES", str(SCHEMES))
    police, fire = made.agencies["police"], made.agencies["fire"]
    sender, officer = made.reader("police", Role.REFERRER), made.reader("fire")
    receive_records(sender, police, "invented", [{"source_key": "1", "given_name": "Morwenna"}])
    person = Person.objects.latest("pk").key
    given = {"person": {"name": "Morwenna Trevanion", "born": "1948-03-12"}, "alarms": "no",
             "address": {"line": "14 Invented Lane", "postcode": "TR1 1AA"},
             "why": "She no longer hears the bell"}  # fmt: skip

    def refer() -> int:
        to = fire.pk
        return referring.refer(
            sender, new_key(), "small-visit", given, to=to, person=person
        ).referral

    first = refer()
    case = triage.accept(officer, refer(), officer=officer.officer)
    due = NOON + timedelta(days=1)
    writes: dict[str, Callable[[], Any]] = {
        "a referral": refer,
        "a case": lambda: triage.accept(officer, first),
        "an action": lambda: needs.add_action(officer, case, "Fit it", due=due, agency=fire.pk),
    }
    keeper = made.reader("fire", Role.DATA_OWNER)
    listed = make_list(keeper, "Staff of the service", WHY)
    looked, put = Event(), Event()
    module, name = WRITERS[what]
    real = getattr(module, name)

    def slow(*given: Any) -> Any:
        found = real(*given) if what != "a case" else None
        looked.set()
        put.wait(1)
        return found if what != "a case" else real(*given)

    def restrict() -> None:
        looked.wait(20)
        restrict_person(keeper, person, listed)
        put.set()

    monkeypatch.setattr(module, name, slow)
    at_once(writes[what], restrict)
    assert put.is_set()
    left = later(keeper, listed)
    assert left is not None
    assert left.rows == 0


def test_a_system_is_made_once(made: Partnership) -> None:
    admin = made.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)

    def make() -> Any:
        return issue(
            admin,
            made.agencies["fire"],
            "Control room",
            roles=[Role.OFFICER],
            scopes=[Scope.PEOPLE],
            purposes=[Purpose.RESPONSE],
            days=30,
        )

    answers = at_once(make, make)
    assert sum(isinstance(answer, InputError) for answer in answers) == 1
    assert ApiToken.objects.count() == 1

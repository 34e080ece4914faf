"""Adding a restriction never widens access: whatever is restricted, by whom, in any order.

Lists, their members, markings and conflicts of interest, by the actions that pages call. What
opens (a member more, a list lifted, a marking lowered, a conflict ended) may happen in between.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnership import NOON, Partnership, make_partnership
from triservice.access.conflicts import actions as conflicts
from triservice.access.errors import Refused
from triservice.access.models import ConflictOfInterest, Kind, Restriction, RestrictionMember
from triservice.access.queries import decide, seen
from triservice.access.record import recording
from triservice.access.restrictions import actions as lists
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Marking, Reader, Role, Vetting
from triservice.kernel.errors import InputError
from triservice.subjects.actions.links import move_record
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.restricting import (
    mark_record,
    put_later,
    restrict_person,
    restrict_record,
)
from triservice.subjects.models import Link, Person, RecordPart, SearchKey, SourceRecord
from undoing import undone

ROWS: dict[Any, str] = {RecordPart: "record", Link: "record", SearchKey: "part__record"}
_NUMBERS = count(1)
WHY = "Invented: she is a witness and her family must not find her"
READERS = [("police", Role.OFFICER), ("police", Role.DATA_OWNER), ("fire", Role.OFFICER)]
KEEPERS = [("police", Role.DATA_OWNER), ("fire", Role.DATA_PROTECTION_LEAD), READERS[2]]
CLOSING = ("list a person", "list a record", "mark up", "declare", "take off", "send again")
LATER = ("move", "put later")  # what comes to somebody on a list later
OPENING = ("name", "lift", "mark down", "end")
steps = st.lists(
    st.tuples(
        st.sampled_from([*CLOSING, *CLOSING[:3], *LATER, *OPENING, "name"]),
        st.sampled_from(KEEPERS),
        st.sampled_from(READERS),
        st.integers(0, 5),
    ),
    min_size=3,
    max_size=8,
)


def send(made: Partnership, agency: str, number: int) -> None:
    row = {
        "source_key": str(number),
        "person_number": f"P{number % 2}",
        "given_name": "Jory",
        "family_name": "Bosquite",
        f"{agency}.summary": f"Invented {next(_NUMBERS)}",
    }
    owner = made.reader(agency, Role.DATA_OWNER)
    receive_records(owner, made.agencies[agency], "invented", [row])


@pytest.fixture(scope="module")
def town(module_database: None) -> Any:
    """Two agencies that open who and what to each other; one under a term that asks for vetting."""
    with clock.frozen(NOON):
        made = make_partnership(terms=False, roles=())
        for giver, taker, own, vetting in (
            ("police", "fire", DataClass.POLICE, Vetting.NONE),
            ("fire", "police", DataClass.FIRE, Vetting.NPPV1),
        ):
            made.term(giver, taker, [DataClass.IDENTITY, own], min_vetting=vetting)
            for number in range(3):
                send(made, giver, number)
        for agency, role in {*READERS, *KEEPERS}:
            made.officer(agency, role)
        yield made


Shown = set[tuple[str, int, str, str]]  # of what kind, whose, which record, of which class


def shown(made: Partnership) -> dict[tuple[str, Role], Shown]:
    """Return what each reader sees of which record, after seeing that the twins agree."""
    found: dict[tuple[str, Role], Shown] = {}
    for who in READERS:
        reader, found[who] = made.reader(*who), set()
        with recording(reader, Kind.CONSULTATION, "look") as record:
            for model, path in ROWS.items():
                pks = {row.pk for row in seen(record, model.objects.all())}
                assert pks == {r.pk for r in model.objects.all() if decide(reader, r).allowed}
                told = model.objects.filter(pk__in=pks).values_list(
                    f"{path}__agency", f"{path}__source_key", "data_class"
                )
                found[who] |= {(model.__name__, *each) for each in told}
    return found


def one_of(rows: Any, number: int, name: str = "pk") -> Any:
    found = list(rows.order_by("pk").values_list(name, flat=True))
    return found[number % len(found)] if found else None


def do(made: Partnership, what: str, keeper: Reader, who: tuple[str, Role], n: int) -> None:
    officer = made.officer(*who)
    own = Restriction.objects.filter(owner=keeper.agency, lifted_at=None)
    listed = one_of(own, n) if n % 3 else None
    if what.startswith("list a") and listed is None:
        listed = lists.make_list(keeper, "Few", WHY)
    record = one_of(SourceRecord.objects.filter(agency=keeper.agency, current=True), n)
    person = one_of(Person.objects.all(), n, "key")
    member = one_of(RestrictionMember.objects.filter(restriction=listed), n)
    doing: dict[str, Callable[[], object]] = {
        "list a person": lambda: restrict_person(keeper, person, listed),
        "list a record": lambda: restrict_record(keeper, record, listed),
        "mark up": lambda: mark_record(keeper, record, Marking.OFFICIAL_SENSITIVE, ""),
        "mark down": lambda: mark_record(keeper, record, Marking.OFFICIAL, WHY),
        "move": lambda: move_record(keeper, record, Person.objects.get(key=person), WHY),
        "put later": lambda: put_later(keeper, listed or 0),
        "declare": lambda: conflicts.declare(keeper, person, WHY, officer=officer),
        "end": lambda: conflicts.end(keeper, one_of(ConflictOfInterest.objects.all(), n) or 0, WHY),
        "name": lambda: lists.add_member(keeper, listed or 0, officer, WHY),
        "take off": lambda: lists.remove_member(keeper, listed or 0, member or 0, WHY),
        "lift": lambda: lists.lift(keeper, listed or 0, WHY),
        "send again": lambda: send(made, who[0], n % 3),
    }
    doing[what]()


@pytest.mark.long
@pytest.mark.usefixtures("db")
@given(steps)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_restricting_never_widens(town: Partnership, said: Any) -> None:
    with undone():
        before = shown(town)
        for what, keeper, who, n in said:
            with suppress(InputError, Refused):  # who may not, or nothing to do: nothing changed
                do(town, what, town.reader(*keeper), who, n)
            after = shown(town)
            if what in (*CLOSING, *LATER):
                assert all(after[each] <= before[each] for each in READERS), what
            before = after

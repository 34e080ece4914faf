"""List, search, autocomplete, count, page and API each show {r : decide(r)}: on random agreements.

Pictures, their maps, tables and exports are held to the same in tests/picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from promised_world import PURPOSE, World

from partnership import NOON, Partnership, make_list, make_opening, make_partnership
from triservice.access import rules as access_rules
from triservice.access.about import named, told_about
from triservice.access.models import AgreementVersion, Kind, Opening
from triservice.access.queries import count_seen, decide, grants, item_of, seen
from triservice.access.readers import reader_for
from triservice.access.record import recording
from triservice.access.rules import Use
from triservice.access.tokens.queries import bearer
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Mode, Reader, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import AgencyNumber, RecordPart
from triservice.subjects.queries.search import search_people, suggest
from triservice.subjects.words import COMES_FROM, Kept
from undoing import undone

GIVEN = ["Morwenna", "Jory", "Tamsin", "Piran", "Elowen", "Cador"]
FAMILY = ["Trevanion", "Bosquite", "Penhale", "Curnow", "Nancarrow", "Hosking"]
SENDERS = ["police", "police", "police", "health", "health", "health"]
CLASSES = [C.IDENTITY, C.CONTACT, C.LOCATION, C.POLICE, C.HEALTH]
FIELDS = ["given_name", "family_name", "phone", "other_phone", "address", "summary"]
terms = st.lists(
    st.fixed_dictionaries(
        {
            "giver": st.sampled_from(["police", "health"]),
            "classes": st.lists(st.sampled_from(CLASSES), min_size=1, max_size=4, unique=True),
            "mode": st.sampled_from(
                [Mode.OPEN, Mode.OPEN, Mode.OPEN, Mode.ON_APPROVAL, Mode.NEVER]
            ),
            "fields": st.none() | st.lists(st.sampled_from(FIELDS), max_size=5, unique=True),
            "areas": st.sampled_from([None, None, ["E1"]]),
            "existence": st.booleans(),
        }
    ),
    max_size=5,
)
openings = st.lists(
    st.fixed_dictionaries(
        {
            "sender": st.sampled_from(["police", "health"]),
            "data_class": st.sampled_from(CLASSES[:3]),
            "people": st.sets(st.integers(0, 5), min_size=1, max_size=3),
            "kind": st.sampled_from(list(Opening.Kind)),
            "fields": st.none() | st.lists(st.sampled_from(FIELDS), max_size=5, unique=True),
            "minutes": st.sampled_from([60, 60, -1]),  # from now; or over a minute ago
        }
    ),
    max_size=3,
)


@pytest.fixture(scope="module")
def town(module_database: None) -> Iterator[World]:
    with clock.frozen(NOON):
        made = make_partnership(terms=False, roles=())
        world = World(made)
        for kind, role in (
            ("fire", Role.OFFICER),
            ("council", Role.DATA_OWNER),
            ("council", Role.ADMINISTRATOR),
        ):
            made.officer(kind, role)
        for number, sender in enumerate(SENDERS):
            row = {
                "source_key": str(number),
                "person_number": str(number),
                "area": "E1" if number % 2 else "",
                "given_name": GIVEN[number],
                "family_name": FAMILY[number],
                "phone": f"01632 96000{number}",
                "address": f"{number} Invented Lane",
                "postcode": "ZZ1 1AA",
                f"{sender}.summary": f"Invented {number}",
            }
            owner = made.reader(sender, Role.DATA_OWNER)
            receive_records(owner, made.agencies[sender], "invented", [row])
        yield world


def agree(made: Partnership, said: list[dict[str, Any]], state: str, closed: set[int]) -> None:
    """Let the agreement say so, and close some of the parts to all but a list of nobody."""
    for term in said:
        made.term(
            term["giver"], "fire", term["classes"], mode=term["mode"], fields=term["fields"],
            areas=term["areas"], existence=term["existence"],
        )  # fmt: skip
    AgreementVersion.objects.update(state=state)
    named = make_list(made.officer("council", Role.DATA_OWNER), "Few")
    pks = sorted(RecordPart.objects.values_list("pk", flat=True))
    for model in (RecordPart, RecordPart.search_keys.rel.related_model):
        column = "pk__in" if model is RecordPart else "part__in"
        chosen = [pks[n % len(pks)] for n in closed]
        model.objects.filter(**{column: chosen}).update(restriction=named)


def open_some(made: Partnership, said: list[dict[str, Any]]) -> None:
    """Open parts of a sender's people to the reader, by approval or in an emergency."""
    for each in said:
        parts = [
            part
            for part in RecordPart.objects.filter(
                owner=made.agencies[each["sender"]], data_class=each["data_class"]
            ).select_related("record")
            if int(part.record.source_key) in each["people"]
        ]
        if parts:
            make_opening(
                made.officer("fire"), parts, kind=each["kind"], fields=each["fields"],
                decided_by=made.officer("council", Role.DATA_OWNER),
                ends=NOON + timedelta(minutes=each["minutes"]),
            )  # fmt: skip


class Town:
    """What `decide` says of each part, by person."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.parts: dict[int, list[RecordPart]] = {}
        for number in AgencyNumber.objects.filter(of="person"):
            links = number.person.links.values_list("record", flat=True)  # type: ignore[union-attr]
            self.parts[int(number.number)] = list(RecordPart.objects.filter(record__in=links))
        self.keys = {
            int(each.number): str(each.person.key)  # type: ignore[union-attr]
            for each in AgencyNumber.objects.filter(of="person").select_related("person")
        }

    def may(self, part: RecordPart, *fields: str) -> bool:
        rows = decide(self.reader, part).allowed
        return rows and all(decide(self.reader, part, name).allowed for name in fields)

    def found_by(self, kind: Kept, data_class: C) -> set[int]:
        """Return the people whose part opens every column that a key of a kind comes from."""
        return {
            number
            for number, parts in self.parts.items()
            for part in parts
            if part.data_class == data_class and self.may(part, *COMES_FROM[kind])
        }


few = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.long
@few
@given(
    said=terms,
    state=st.sampled_from(["in force", "in force", "in force", "suspended"]),
    closed=st.sets(st.integers(0, 23), max_size=3),
    opened=openings,
)
def test_every_way_out_shows_what_decide_allows(
    town: World,
    db: None,
    said: list[dict[str, Any]],
    state: str,
    closed: set[int],
    opened: list[dict[str, Any]],
) -> None:
    with undone():
        town.tokens.clear()
        town.clients.clear()
        agree(town.made, said, state, closed)
        open_some(town.made, opened)
        reader = town.made.reader("fire")
        known = Town(reader)
        a_list_and_a_count(known)
        searches(known)
        names_for_who_decides(known)
        operations(town, known)


def a_list_and_a_count(known: Town) -> None:
    parts = [part for some in known.parts.values() for part in some]
    with recording(known.reader, Kind.CONSULTATION, "list") as record:
        listed = {row.pk: row for row in seen(record, RecordPart.objects.all())}
        counted = count_seen(record, RecordPart.objects.all())
    assert set(listed) == {part.pk for part in parts if known.may(part)}
    countable = [part for part in parts if decide(known.reader, part, use=Use.COUNT).allowed]
    assert (counted or 0) == len(countable)
    for part in parts:
        if part.pk in listed:
            shown = listed[part.pk]
            for name in RecordPart.FIELDS:
                assert (name not in shown.withheld) is decide(known.reader, part, name).allowed


def searches(known: Town) -> None:
    by_name = known.found_by(Kept.NAME, C.IDENTITY)
    by_phone = known.found_by(Kept.PHONE, C.CONTACT)
    for number, key in known.keys.items():
        text = f"{GIVEN[number]} {FAMILY[number]}"
        found = [one.key for one in search_people(known.reader, text).people]
        assert found == ([key] if number in by_name else []), text
        assert suggest(known.reader, GIVEN[number][:4]) == ((text,) if number in by_name else ())
        found = [one.key for one in search_people(known.reader, f"01632 96000{number}").people]
        assert found == ([key] if number in by_phone else [])


def names_for_who_decides(known: Town) -> None:
    with recording(known.reader, Kind.CONSULTATION, "list") as record:
        told = told_about(record, map(UUID, known.keys.values()))
    for number, key in known.keys.items():
        who = [part for part in known.parts[number] if part.data_class == C.IDENTITY]
        assert (UUID(key) in told) is any(map(known.may, who))
        for text, name in ((GIVEN, "given_name"), (FAMILY, "family_name")):
            shown = text[number] in named(told.get(UUID(key)))
            assert shown is any(known.may(part, name) for part in who)


def operations(town: World, known: Town) -> None:
    token = bearer(town.token("fire"))
    assert token is not None
    system = reader_for(token.account, PURPOSE, at=NOON)
    assert system is not None
    to_a_system = Town(system)  # an opening is an officer's: a system of their agency has none
    for number, key in known.keys.items():
        page = town.client("fire").get(f"/people/{key}")
        says_what_is_open(known, number, page)
        says_what_is_open(to_a_system, number, town.call("GET", f"/api/people/{key}", "fire"))
        text = FAMILY[number]
        search = town.call("POST", "/api/people/search", "fire", body={"text": text})
        people = search_people(system, text).people
        assert [one["key"] for one in search.json()["people"]] == [one.key for one in people]


def says_what_is_open(known: Town, number: int, answer: Any) -> None:
    """Check a page or an API answer about a person: there at all, and with what is open."""
    parts, held = known.parts[number], grants(known.reader)
    open_ones = [part for part in parts if known.may(part)]
    locked = [part for part in parts if access_rules.may_know(held, item_of(part)) is not None]
    assert answer.status_code == (200 if open_ones or locked else 404)
    for text, name in ((FAMILY[number], "family_name"), (f"Invented {number}", "summary")):
        told = any(known.may(part, name) and getattr(part, name) for part in parts)
        assert (text in answer.content.decode()) is told

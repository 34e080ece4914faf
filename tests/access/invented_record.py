"""A short record of disclosures about Anna, who is invented."""

from __future__ import annotations

import pytest
from asking import ANNA
from protected_things import Thing, make_thing

from partnership import Partnership
from triservice.access.errors import Refused
from triservice.access.queries import require, seen
from triservice.access.record import Kind, recording
from triservice.kernel.access_words import Reader, Role

LEAD = Role.DATA_PROTECTION_LEAD


def read(reader: Reader, things: list[Thing], doing: str = "open a thing") -> None:
    with recording(reader, Kind.CONSULTATION, doing) as record:
        found = seen(record, Thing.objects.filter(pk__in=[thing.pk for thing in things]))
        assert len(found) == len(things)


def refused(reader: Reader, thing: Thing) -> None:
    with pytest.raises(Refused), recording(reader, Kind.CONSULTATION, "open a thing") as record:
        require(record, thing)


def make_history(made: Partnership) -> dict[str, Thing]:
    """A fire officer reads two police rows and a fire row, searches, and tries a council row."""
    rows = {
        "p1": make_thing(made.agencies["police"], "police", subject_key=ANNA),
        "p2": make_thing(made.agencies["police"], "risk"),
        "f1": make_thing(made.agencies["fire"], "fire", subject_key=ANNA),
        "c1": make_thing(made.agencies["council"], "social care", subject_key=ANNA),
    }
    made.term("police", "fire", ["risk"])
    fire = made.reader("fire")
    read(fire, [rows["p1"], rows["p2"]], "list things")
    read(fire, [rows["f1"]])
    refused(fire, rows["c1"])
    with recording(fire, Kind.CONSULTATION, "search people") as record:
        record.searched("Secretname", 0)
    read(made.reader("police"), [rows["p1"]], "own look")
    return rows

"""Random schedules of phones, networks and servers that die: nothing lost or doubled.

Phones queue, send, are cut off before or after the server did its part, send again in whatever
order the wire brings it, and their clocks jump. What the server ends with is compared with a model
in which each operation arrives once, in the order in which the server first took it.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from invented_home import Home, HomeNote
from invented_shift import Shift
from model_phone import ModelPhone

from partnership import NOON
from triservice.access import record
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.offline import rules
from triservice.offline.actions import syncing
from triservice.offline.models import Operation, Phone
from triservice.offline.rules import State

SCHEDULES = int(os.environ.get("TRISERVICE_SOAK", "60"))
FIELDS = ("alarms", "heating")


class Cut(Exception):
    """The server died."""


class Schedule:
    """Two phones of one officer, one home, and what a model makes of what was taken."""

    def __init__(self, number: int, reader: Reader, home: Home, phones: list[Phone]) -> None:
        self.chance, self.name, self.home = random.Random(number), home.name, home
        self.phones = [ModelPhone(reader, phone, b"") for phone in phones]
        self.seen: list[dict[str, Any]] = [{} for _ in self.phones]
        self.made: dict[str, dict[str, Any]] = {}

    def step(self) -> None:
        """Let one phone do something, or send with or without luck."""
        which = self.chance.randrange(len(self.phones))
        phone = self.phones[which]
        phone.at += timedelta(days=self.chance.choice((0, 0, 0, 1, -1)), seconds=1)
        luck = self.chance.random()
        if luck < 0.55:
            self.do(phone, which)
        elif luck < 0.65:
            phone.send(self.chance.sample(phone.queue, len(phone.queue)))  # no answer came back
        elif luck < 0.75:
            self.die(phone)
        else:
            self.sync(which)

    def do(self, phone: ModelPhone, which: int) -> None:
        if self.chance.random() < 0.5:
            made = phone.do("note.added", {"text": self.name})
        else:
            base = {"version": 1, "values": dict(self.seen[which])}
            change = {self.chance.choice(FIELDS): self.chance.randrange(3)}
            made = phone.do("home.changed", change, self.name, base)
            self.seen[which] |= change
        self.made[made["number"]] = made

    def die(self, phone: ModelPhone) -> None:
        """The server dies after it has taken some of what is sent."""
        left = self.chance.randrange(len(phone.queue) + 1)
        taken = syncing._take

        def dying(*args: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Cut
            left -= 1
            return taken(*args)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(syncing, "_take", dying)
            with suppress(Cut):
                phone.send()

    def sync(self, which: int) -> None:
        for outcome in self.phones[which].sync():
            self.seen[which] = dict(outcome.answer.get("values", self.seen[which]))

    def check(self) -> None:
        """Compare with the model, once everybody has signal again."""
        for which in range(len(self.phones)):
            self.sync(which)
            assert self.phones[which].queue == []
        rows = list(Operation.objects.filter(phone__in=[p.phone for p in self.phones]))
        assert sorted(str(row.number) for row in rows) == sorted(self.made)  # none lost or doubled
        values: dict[str, Any] = {}
        for row in sorted(rows, key=lambda row: row.pk):
            said = self.made[str(row.number)]
            assert (row.payload, row.base) == (said["payload"], said["base"])
            if row.kind == "home.changed":
                merged = rules.merge(said["base"]["values"], said["payload"], values)
                assert row.state == (State.CONFLICT if merged.conflicts else State.APPLIED)
                values = values if merged.conflicts else merged.values
        self.home.refresh_from_db()
        assert self.home.said == values
        notes = [number for number, said in self.made.items() if said["kind"] == "note.added"]
        written = HomeNote.objects.filter(text=self.name).order_by("pk")
        assert sorted(str(note.number) for note in written) == sorted(notes)
        for phone in self.phones:  # each phone's own order
            own = [row.number for row in rows if row.phone_id == phone.phone.pk]
            assert [row.number for row in sorted(rows, key=lambda r: r.pk)
                    if row.phone_id == phone.phone.pk] == sorted(own)  # fmt: skip


def schedules(shift: Shift) -> list[Schedule]:
    reader, owner = shift.reader, shift.home.owner
    made = Home.objects.bulk_create(
        Home(owner=owner, data_class="household", name=f"Home {number}", said={})
        for number in range(SCHEDULES)
    )
    who = {"officer_id": reader.officer, "agency_id": reader.agency}
    phones = Phone.objects.bulk_create(
        Phone(**who, made_at=NOON, seen_at=NOON) for _ in range(2 * SCHEDULES)
    )
    return [
        Schedule(number, reader, home, phones[2 * number : 2 * number + 1 + number % 2])
        for number, home in enumerate(made)
    ]


@pytest.mark.django_db
def test_whatever_happens_on_the_way_the_end_is_as_if_nothing_had(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of disclosures is left out here: what it costs is most of the time."""
    monkeypatch.setattr(record, "_disclosure", lambda each: None)
    monkeypatch.setattr(record, "_append", lambda rows: None)
    with clock.frozen(NOON):
        for schedule in schedules(shift):
            for _ in range(schedule.chance.randrange(2, 6)):
                schedule.step()
            schedule.check()
    assert set(Operation.objects.values_list("state", flat=True)) == {
        State.APPLIED, State.CONFLICT
    }  # fmt: skip
    assert Operation.objects.count() > SCHEDULES

"""Random schedules of phones, networks and servers that die: nothing lost or doubled.

Phones queue, send, are cut off before or after the server did its part, send again in whatever
order the wire brings it, and their clocks jump. What the server ends with is compared with a model
in which each operation arrives once, in the order in which the server first took it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from invented_home import Home, HomeNote
from invented_shift import Shift
from model_phone import ModelPhone

from partnership import NOON, make_partnership
from triservice.access import record
from triservice.access.audit import verify
from triservice.casework.models import AnswerPart, Equipment, Note, Visit
from triservice.casework.referrals.actions import refer
from triservice.casework.triage.actions import accept
from triservice.casework.visits.actions.doing import plan
from triservice.kernel.access_words import Reader
from triservice.kernel.keys import new_key
from triservice.offline import rules
from triservice.offline.actions import syncing
from triservice.offline.models import Operation, Phone
from triservice.offline.rules import State

SCHEDULES = int(os.environ.get("TRISERVICE_SOAK", "60"))
VISITS = max(2, SCHEDULES // 25)  # schedules with a visit of casework, each with its record
FIELDS = ("alarms", "heating")
SCHEME = "home-fire-safety"
REFERRED = {
    "person": {"name": "Invented Person"}, "address": {"line": "1 Invented Lane, Nowhere"},
    "agreed": "yes", "officer_danger": "no", "why": "Invented", "outside_area": "no",
    "business_premises": "no",
}  # fmt: skip
FOUND = {
    "immediate_danger": "no", "smokers": "yes", "cannot_escape": "no", "fire_conditions": ["none"],
    "alarms": "none", "alarms_fitted": 2,
}  # fmt: skip


class Cut(Exception):
    """The server died."""


class InventedHome:
    """A home that phones change and write notes about, of kinds of these tests."""

    changed = "home.changed"

    def __init__(self, home: Home) -> None:
        self.home, self.about = home, home.name

    def change(self, chance: random.Random) -> dict[str, Any]:
        return {chance.choice(FIELDS): chance.randrange(3)}

    def other(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        return "note.added", {"text": self.about}

    def check(self, values: dict[str, Any], made: list[dict[str, Any]]) -> None:
        self.home.refresh_from_db()
        assert self.home.said == values
        notes = [said["number"] for said in made if said["kind"] == "note.added"]
        written = HomeNote.objects.filter(text=self.about).order_by("pk")
        assert sorted(str(note.number) for note in written) == sorted(notes)


class PlannedVisit:
    """A visit of a shipped scheme that phones record and put right, with what was fitted."""

    changed = "visit.recorded"

    def __init__(self, visit: Visit) -> None:
        self.visit, self.about = visit, f"visit {visit.key}"

    def change(self, chance: random.Random) -> dict[str, Any]:
        name, most = chance.choice((("alarms_fitted", 3), ("clutter_kitchen", 9)))
        return FOUND | {name: chance.randrange(1, most + 1)}

    def other(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        name = f"INV-{chance.getrandbits(40)}"
        if chance.random() < 0.5:
            return "visit.fitted", {"kind": "smoke-alarm", "place": "Hall", "serial": name}
        return "note.written", {"text": name}

    def check(self, values: dict[str, Any], made: list[dict[str, Any]]) -> None:
        self.visit.refresh_from_db()
        assert self.visit.state == ("done" if values else "planned")
        parts = AnswerPart.objects.filter(submission=self.visit.submission_id)
        kept = [part.answers for part in parts] if values else []
        assert {name: value for each in kept for name, value in each.items()} == values
        there = {
            "visit.fitted": ("serial", Equipment.objects.filter(visit=self.visit)),
            "note.written": ("text", Note.objects.filter(case=self.visit.case_id)),
        }
        for kind, (name, rows) in there.items():
            said = sorted(each["payload"][name] for each in made if each["kind"] == kind)
            assert sorted(rows.values_list(name, flat=True)) == said


class Schedule:
    """Phones of one officer, one thing that they change, and what a model makes of it."""

    def __init__(
        self, number: int, reader: Reader, there: InventedHome | PlannedVisit, phones: list[Phone]
    ) -> None:
        self.chance, self.there = random.Random(number), there
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
        there = self.there
        if self.chance.random() < 0.5:
            made = phone.do(*there.other(self.chance), there.about)
        else:
            base = {"version": 1, "values": dict(self.seen[which])}
            change = there.change(self.chance)
            made = phone.do(there.changed, change, there.about, base)
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
            if row.kind == self.there.changed:
                merged = rules.merge(said["base"]["values"], said["payload"], values)
                assert row.state == (State.CONFLICT if merged.conflicts else State.APPLIED)
                values = values if merged.conflicts else merged.values
        self.there.check(values, list(self.made.values()))
        for phone in self.phones:  # each phone's own order
            own = [row.number for row in rows if row.phone_id == phone.phone.pk]
            assert [row.number for row in sorted(rows, key=lambda r: r.pk)
                    if row.phone_id == phone.phone.pk] == sorted(own)  # fmt: skip


def run(reader: Reader, there: Sequence[InventedHome | PlannedVisit]) -> None:
    """Run a schedule for each, with one phone or two, and compare each with its model."""
    who = {"officer_id": reader.officer, "agency_id": reader.agency}
    phones = Phone.objects.bulk_create(
        Phone(**who, made_at=NOON, seen_at=NOON) for _ in range(2 * len(there))
    )
    for number, each in enumerate(there):
        own = phones[2 * number : 2 * number + 1 + number % 2]
        schedule = Schedule(number, reader, each, own)
        for _ in range(schedule.chance.randrange(2, 6)):
            schedule.step()
        schedule.check()
    states = set(Operation.objects.values_list("state", flat=True))
    assert State.APPLIED in states <= {State.APPLIED, State.CONFLICT}
    assert Operation.objects.count() > len(there)


@pytest.mark.long
@pytest.mark.django_db
def test_whatever_happens_on_the_way_the_end_is_as_if_nothing_had(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of disclosures is left out here: what it costs is most of the time."""
    monkeypatch.setattr(record, "_disclosure", lambda each: None)
    monkeypatch.setattr(record, "_append", lambda rows: None)
    owner = shift.home.owner
    made = Home.objects.bulk_create(
        Home(owner=owner, data_class="household", name=f"Home {number}", said={})
        for number in range(SCHEDULES)
    )
    run(shift.reader, [InventedHome(home) for home in made])
    assert Operation.objects.filter(state=State.CONFLICT).exists()


@pytest.mark.django_db
def test_visits_with_their_record_end_as_if_nothing_had_happened_on_the_way(at_noon: None) -> None:
    reader = make_partnership(terms=False, roles=()).reader("fire")
    there = []
    for _ in range(VISITS):
        sent = refer(reader, new_key(), SCHEME, REFERRED, to=reader.agency)
        case = accept(reader, sent.referral, officer=reader.officer)
        pk = plan(reader, case, NOON, key=new_key(), officer=reader.officer)
        there.append(PlannedVisit(Visit.objects.get(pk=pk)))
    run(reader, there)
    assert verify().whole

"""What waits for a person: one of two versions is chosen; the refused is tried again or let go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from triservice.access.notices.actions import deal_with
from triservice.access.queries import require
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.actions.syncing import attempt, do, keep_close, kept
from triservice.offline.kinds import OPERATIONS, work_of
from triservice.offline.models import Operation
from triservice.offline.queries.waiting import open_to
from triservice.offline.rules import WAITING, State
from triservice.offline.words import handed_in


def choose(reader: Reader, pk: int, phone_wins: Mapping[str, bool]) -> None:
    """Settle a conflict: for each field that both changed, whether the phone's value holds.

    Both stay kept. Raises InputError when a field is not chosen; and when one of them was changed
    again since it was shown: then it waits as it now is.
    """
    with _waiting(reader, pk, "chose between two versions") as (record, row):
        kind = OPERATIONS.get(row.kind)
        if row.state != State.CONFLICT or kind is None or kind.current is None:
            raise InputError("There is nothing to choose here")
        here = kind.current(work_of(record, row, row.payload))
        merged = rules.merge(_base(row), row.payload, here.values)
        if missing := [name for name in merged.conflicts if name not in phone_wins]:
            raise InputError("is not chosen", field=missing[0], do="Choose one of the two")
        shown = (row.theirs or {}).get("values", {})
        moved = any(here.values.get(name) != shown.get(name) for name in merged.conflicts)
        if moved:
            row.theirs = {"version": here.version, "values": here.values}
            row.save(update_fields=["theirs"])
        else:
            wins = {name: phone_wins[name] for name in merged.conflicts}
            row.answer = kept(do(record, row, kind, rules.chosen(row.payload, merged.values, wins)))
            _settle(reader, row, State.SETTLED, {"phone": wins})
    if moved:
        raise InputError("It was changed again since you looked", do="Look once more and choose")


def _base(row: Operation) -> dict[str, Any]:
    return (row.base or {}).get("values", {})  # type: ignore[no-any-return]


def again(reader: Reader, pk: int) -> None:
    """Do what was refused, now, as who asks. Raises InputError with what stands in the way."""
    with _waiting(reader, pk, "tried again what a phone had sent") as (record, row):
        if row.state != State.REFUSED or set(row.payload) == {"sent"}:
            raise InputError("This cannot be done as it was sent", do="Do it by hand, and say so")
        kind = OPERATIONS.get(row.kind)
        attempt(record, row, kind)
        if row.restriction_id is None:  # what it is about may be here only now
            keep_close(record, row, kind)
        if row.state == State.APPLIED:
            _settle(reader, row, State.SETTLED, {"again": True})
        else:
            row.save(update_fields=["state", "said", "theirs"])
    if row.state == State.REFUSED:
        raise InputError(row.said)


def let_go(reader: Reader, pk: int, why: str) -> None:
    """Say that what waits need not be done. It stays kept."""
    if not why.strip():
        raise InputError("is empty", field="why", do="Say why it need not be done")
    with _waiting(reader, pk, "let go what a phone had sent") as (_, row):
        _settle(reader, row, State.LET_GO, {"why": why.strip()})


@contextmanager
def _waiting(reader: Reader, pk: int, doing: str) -> Iterator[tuple[Record, Operation]]:
    """Open what waits for a change by somebody to whom it is open."""
    with recording(reader, Kind.ALTERATION, doing) as record:
        share_lists([reader.agency])
        rows = open_to(reader, Operation.objects.select_for_update(of=("self",)))
        row = rows.filter(pk=pk).first()
        if row is None or row.state not in WAITING:
            raise InputError("This does not wait any more", do="Look at the list again")
        require(record, row, "payload")
        yield record, row
        record.did("offline.operation", row.pk, row.data_class)


def _settle(reader: Reader, row: Operation, state: State, how: dict[str, Any]) -> None:
    row.state, row.settled_at, row.settled_how = state, clock.now(), how
    row.settled_by_id = reader.officer
    row.save()
    if not Operation.objects.filter(phone=row.phone_id, state__in=WAITING).exists():
        deal_with(reader, handed_in(row.phone_id))

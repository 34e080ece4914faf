"""Operations of phones: each is taken once, in order, and none is dropped."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError

from triservice.access.errors import Refused
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.actions.phones import own_phone
from triservice.offline.kinds import OPERATIONS, OperationKind, as_it_came, work_of
from triservice.offline.models import Operation, Phone
from triservice.offline.rules import Sent, State

_LOG = logging.getLogger(__name__)
FAULT = "The service failed at this. It is kept: try it again, or tell the administrator."
UNKNOWN = "This service does not know how to do “{}”. It is kept as it was sent."
REUSED = "Another operation came under the same number. Both are kept; this one was not done."
# What is said of what is not there and of what may not be known to be there: the same.
NOT_THERE = "This is not there, or not open to you. It is kept as it was sent."
# A kind that is not known may be about anything, so it is kept as the closest kind of data.
CLOSEST = DataClass.HEALTH


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an operation. `already`: it had come before; nothing was done again."""

    number: UUID
    state: State
    said: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    already: bool = False


def take(reader: Reader, key: UUID, operations: Iterable[Any]) -> list[Outcome]:
    """Take the operations that a phone sends; each by itself, in the order of their numbers.

    Each is one transaction of its effect, its row and its record: whoever is cut off sends all of
    them again. Raises InputError when one has no number or the phone is not the reader's.
    """
    said = sorted(operations, key=rules.number_of)
    if len(said) > rules.BATCH:
        raise InputError(f"These are more than {rules.BATCH} operations", do="Send fewer at once")
    phone = own_phone(reader, key)
    sent = [read(each) for each in said]
    here = _known(phone, [each for each, _ in sent])
    return [here.get(each.sha256) or _take(reader, phone, each, wrong) for each, wrong in sent]


def read(said: Any) -> tuple[Sent, str]:
    """Return an operation, and why it cannot be done where it cannot be read."""
    said = rules.kept_text(said)
    try:
        return rules.read_operation(said), ""
    except InputError as error:
        number = rules.number_of(said)
        kind = str(said.get("kind", ""))[:60].replace("\x00", "\ufffd")
        at = rules.moment_of(number)
        return Sent(number, kind, "", rules.whole(said), None, at), str(error)


def _take(reader: Reader, phone: Phone, sent: Sent, wrong: str) -> Outcome:
    kind = OPERATIONS.get(sent.kind)
    with recording(reader, Kind.COLLECTION, "took what was done on a phone") as record:
        own_phone(reader, phone.key, lock=True)  # one at a time of each phone
        share_lists([reader.agency])
        same_number = Operation.objects.filter(phone=phone, number=sent.number)
        for row in same_number:
            if row.sha256 == sent.sha256:
                record.note("already here", str(sent.number))
                return _outcome(row)
            wrong = wrong or REUSED
        row, answer = _row(record, phone, sent, kind), {}
        if wrong:
            row.state, row.said = State.REFUSED, wrong
        else:
            answer = attempt(record, row, kind)
        keep_close(record, row, kind)
        row.save()
        record.did("offline.operation", row.pk, row.data_class)
        _what_cannot_wait(record, row, kind)
    return Outcome(row.number, State(row.state), row.said, answer)


def keep_refused(record: Record, phone: Phone, sent: Sent, why: str) -> None:
    """Keep an operation that is not done, unless it is here already."""
    if not _known(phone, [sent]):
        kind = OPERATIONS.get(sent.kind)
        row = _row(record, phone, sent, kind)
        row.state, row.said = State.REFUSED, why
        keep_close(record, row, kind)
        row.save()
        record.did("offline.operation", row.pk, row.data_class)
        _what_cannot_wait(record, row, kind)


def keep_close(record: Record, row: Operation, kind: OperationKind | None) -> None:
    """Keep an operation as closely as what it is about: its subject, its list and its marking.

    Whoever is put on a list later takes along what was sent about them (restrictions.rows_about).
    A list closes the rows of its own agency: what is about another's is not put out of reach by it.
    """
    about = kind.concerns(as_it_came(record, row)) if kind and kind.concerns else None
    if about is not None and about.owner_id == row.owner_id:
        row.subject_key, row.marking = about.subject_key, about.marking
        row.restriction_id = about.restriction_id


def _what_cannot_wait(record: Record, row: Operation, kind: OperationKind | None) -> None:
    """Of an operation that waits for a person, do what must not wait, such as telling of danger.

    Also of one that could not be read whole. It never stands in the way of keeping the operation.
    """
    if kind is None or kind.at_once is None or row.state not in rules.WAITING:
        return
    try:
        with recording(record.reader, Kind.ALTERATION, f"{kind.doing}: what cannot wait") as inner:
            kind.at_once(as_it_came(inner, row))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        _LOG.exception("what cannot wait of an operation failed")


def _known(phone: Phone, sent: Iterable[Sent]) -> dict[str, Outcome]:
    """Return what became of those that came before, by their digest."""
    rows = Operation.objects.filter(phone=phone, sha256__in=[each.sha256 for each in sent])
    return {row.sha256: _outcome(row) for row in rows}


def _outcome(row: Operation) -> Outcome:
    return Outcome(row.number, State(row.state), row.said, row.answer, already=True)


def _row(record: Record, phone: Phone, sent: Sent, kind: OperationKind | None) -> Operation:
    return Operation(
        phone=phone,
        number=sent.number,
        sha256=sent.sha256,
        kind=sent.kind,
        about=sent.about,
        payload=sent.payload,
        base=sent.base,
        made_at=sent.made_at,
        received_at=clock.now(),
        officer_id=phone.officer_id,
        owner_id=record.reader.agency,
        data_class=str(kind.data_class if kind else CLOSEST),
    )


def attempt(record: Record, row: Operation, kind: OperationKind | None) -> dict[str, Any]:
    """Do an operation, or write into its row why it waits; return what the phone shall know.

    Not being able to write is an error.
    """
    if kind is None:
        row.state, row.said = State.REFUSED, UNKNOWN.format(row.kind)
        return {}
    try:
        return _merge_and_do(record, row, kind)
    except Refused as refused:
        why = NOT_THERE if refused.hidden else f"{refused.decision.reason}."
        row.state, row.said = State.REFUSED, why
    except InputError as error:
        row.state, row.said = State.REFUSED, str(error)
    except (OperationalError, InterfaceError):
        raise  # the database is full or gone: nothing was taken, and the phone sends it again
    except Exception:
        _LOG.exception("an operation of a phone failed")
        row.state, row.said = State.REFUSED, FAULT
    return {}


def _merge_and_do(record: Record, row: Operation, kind: OperationKind) -> dict[str, Any]:
    values = dict(row.payload)
    with recording(record.reader, Kind.ALTERATION, kind.doing) as inner:
        if kind.current is not None:
            here = kind.current(work_of(inner, row, values))
            base = (row.base or {}).get("values", {})
            merged = rules.merge(base, values, here.values)
            if merged.conflicts:
                row.state, row.said = State.CONFLICT, ""
                row.theirs = {"version": here.version, "values": here.values}
                inner.note("conflict", list(merged.conflicts))
                return {}
            values = merged.values
        answer = do(inner, row, kind, values)
        row.answer = kept(answer)
        row.state, row.said = State.APPLIED, ""
        return answer


def kept(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of an answer: no value, for who may read it now may not tomorrow."""
    return {name: value for name, value in answer.items() if name != "values"}


def do(
    record: Record, row: Operation, kind: OperationKind, values: dict[str, Any]
) -> dict[str, Any]:
    """Do an operation with these values; return what the phone shall know of it."""
    work = work_of(record, row, values)
    answer = dict(kind.apply(work) or {})
    if kind.current is not None:
        here = kind.current(work)
        answer |= {"version": here.version, "values": here.values}
    return answer

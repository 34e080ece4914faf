"""The record of every doing: nothing is read without one, and it only grows.

    with recording(reader, Kind.CONSULTATION, "open a person") as record:
        rows = seen(record, parts)

One block is one transaction and one Disclosure, written as the block ends. When it cannot be
written, the block fails and its reader gets nothing. A block that only reads is opened by
`reading`: the same promise, without keeping others from writing while it reads.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from triservice.access import grants as grants_of
from triservice.access import signing
from triservice.access.errors import RecordBroken, Refused
from triservice.access.models import ChainHead, Checkpoint, Disclosure, Kind
from triservice.access.prepared import Prepared
from triservice.access.readers import agency_name
from triservice.access.rules import Grants, Item, Use
from triservice.access.snapshot import snapshot
from triservice.access.walk import GENESIS, SEPARATOR
from triservice.kernel import clock
from triservice.kernel.access_words import Decision, Outcome, Reader
from triservice.kernel.errors import InputError

__all__ = [
    "Kind", "Record", "RecordBroken", "Refused", "keeping_markings", "reading", "recording",
]  # fmt: skip

_LOG = logging.getLogger(__name__)
CHECKPOINT_EVERY = 1_000  # disclosures between signed checkpoints
CHAINED = (
    "seq",
    "at",
    "kind",
    "officer",
    "officer_name",
    "officer_roles",
    "agency",
    "agency_name",
    "purpose",
    "basis",
    "term",
    "version",
    "doing",
    "what",
    "source",
    "outcome",
    "reason",
    "previous",
)
_LENGTHS = {
    name: size
    for name in CHAINED
    if (size := getattr(Disclosure._meta.get_field(name), "max_length", None))
}


def chain_text(row: Disclosure) -> str:
    """Return the columns of a disclosure as the one text that its hash is taken of."""
    return SEPARATOR.join(_as_text(getattr(row, name)) for name in CHAINED)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return str(value)


def chain_hash(text: str) -> str:
    """Return the hash of a chain text (see `chain_text` and `chain_sql`), as 64 hex digits.

    Raises RecordBroken when the text does not have exactly the columns of a disclosure: a
    separator inside a column would let text move between columns unseen.
    """
    if text.count(SEPARATOR) != len(CHAINED) - 1:
        raise RecordBroken("A disclosure holds a separator inside a column.")
    return sha256(text.encode()).hexdigest()


def chain_sql(vendor: str) -> str:
    """Return the SQL expression whose value for a row is its chain text. For SQLite, PostgreSQL."""
    separator = {"sqlite": "char(31)", "postgresql": "chr(31)"}[vendor]
    return f" || {separator} || ".join(chain_parts(vendor))


def chain_parts(vendor: str) -> list[str]:
    """Return the SQL of each column of a chain text, as text, in order."""
    at = {
        "sqlite": "substr(at || '.000000', 1, 26)",
        "postgresql": "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    }[vendor]
    nullable = {"term", "version"}
    return [
        at
        if name == "at"
        else f"coalesce(CAST({name} AS text), '')"
        if name in nullable
        else f"CAST({name} AS text)"
        if name in {"seq", "officer", "agency"}
        else name
        for name in CHAINED
    ]


def _clean(name: str, text: str) -> str:
    """Return text that both databases keep as it is, within the length of its column."""
    text = text.translate({0: " ", 31: " "}).encode("utf-8", "replace").decode()
    return text[: _LENGTHS.get(name) or len(text)]


@dataclass(slots=True)
class Record:
    """What one block of doing has seen so far. Read only through `access.queries` with it."""

    reader: Reader
    grants: Grants
    kind: Kind
    doing: str
    given: Reader  # as the caller named the reader
    use: Use = Use.READ  # what all that is read with it is for
    rows: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    decisions: dict[Decision, None] = field(default_factory=dict)
    refusals: list[tuple[Record, Refused]] = field(default_factory=list)
    inner: list[Record] = field(default_factory=list)  # done inside this one, and ended well
    open: bool = True

    def saw(self, item: Item, decision: Decision) -> None:
        """Note a row that was read, and the decision that let it be."""
        self.did(item.label, item.pk, item.data_class)
        self.decisions[decision] = None
        self.marked(item.marking)

    def marked(self, marking: str) -> None:
        """Let the page that shows what was read carry at least this marking."""
        if (kept := _MARKINGS.get()) is not None:
            kept.add(str(marking))

    def did(self, label: str, pk: object, data_class: str = "") -> None:
        """Note a row that was made, changed or removed."""
        self.rows.setdefault(label, {}).setdefault(str(data_class), []).append(str(pk))

    def searched(self, terms: object, count: int | None) -> None:
        """Note what was searched for (anything that JSON holds) and how many were shown."""
        self.note("searched", {"terms": terms, "count": count})

    def counted(self, label: str, count: int | None) -> None:
        """Note a count that was shown; None was too small to show."""
        self.note("counted", {"label": label, "count": count})

    def note(self, name: str, value: object) -> None:
        """Add to a list of other things worth keeping, by name."""
        self.notes.setdefault(name, []).append(value)

    def what(self) -> str:
        """Return what was done, as JSON text."""
        said = ({"rows": self.rows} if self.rows else {}) | self.notes
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=str)


_OPEN: ContextVar[Record | None] = ContextVar("open_record", default=None)
_MARKINGS: ContextVar[set[str] | None] = ContextVar("markings", default=None)


@contextmanager
def keeping_markings() -> Iterator[set[str]]:
    """Give what becomes the protective markings of all rows that are read in this block.

    So a page carries the highest of them without each view seeing to it.
    """
    kept: set[str] = set()
    token = _MARKINGS.set(kept)
    try:
        yield kept
    finally:
        _MARKINGS.reset(token)


def open_record() -> Record | None:
    """Return the record that is open here, or None."""
    return _OPEN.get()


@contextmanager
def recording(reader: Reader, kind: Kind, doing: str, use: Use | None = None) -> Iterator[Record]:
    """Open a transaction and its record; at the end write one Disclosure, or fail.

    `doing` says in words what is done, `use` what all that is read here is for: reading it, or what
    the recording around this one is for. A Refused raised inside rolls everything back, is recorded
    by itself, and goes on up. Inside another recording, this one is part of its transaction.
    Raises RuntimeError inside any other transaction, which could undo the record.
    """
    outer, records = _OPEN.get(), list[Record]()
    try:
        with transaction.atomic(durable=outer is None):
            meant = use or (outer.use if outer else Use.READ)
            with _opened(reader, kind, doing, records, meant) as record:
                yield record
            if outer is None:
                _append(_disclosures(record))
            else:  # written with the outer one, at its end
                outer.refusals += record.refusals
                outer.inner += [*record.inner, record]
    except BaseException as error:
        _keep_refusals(records, outer, error)
        raise


@contextmanager
def reading(reader: Reader, kind: Kind, doing: str) -> Iterator[Record]:
    """As `recording`, for a block that only reads: it neither waits for writers nor stops them.

    On SQLite, where one writes at a time, the block sees the database as it was at one moment,
    cannot write, and is over before its Disclosure is written, in a transaction of its own. What
    was read gets to the caller after that only. Inside another recording it is part of that.
    """
    if _OPEN.get() is not None or connection.vendor != "sqlite":
        with recording(reader, kind, doing) as record:
            yield record
        return
    records = list[Record]()
    try:
        with snapshot(), _opened(reader, kind, doing, records, Use.READ) as record:
            yield record
        rows = _disclosures(record)
        with transaction.atomic(durable=True):
            _append(rows)
    except BaseException as error:
        _keep_refusals(records, None, error)
        raise


@contextmanager
def _opened(
    given: Reader, kind: Kind, doing: str, records: list[Record], use: Use
) -> Iterator[Record]:
    """Make the record of a block, and let it be the open one while the block runs."""
    reader = replace(given, at=max(given.at, clock.now()))
    record = Record(reader, grants_of.current(reader), kind, doing, given, use)
    records.append(record)
    token = _OPEN.set(record)
    try:
        yield record
    finally:
        _OPEN.reset(token)
        record.open = False


def _keep_refusals(records: list[Record], outer: Record | None, error: BaseException) -> None:
    """Write refusals by themselves after the roll-back, or hand them to the outer record."""
    if not records:
        return
    record = records[0]
    refusals = record.refusals
    if isinstance(error, Refused) and all(known is not error for _, known in refusals):
        refusals.append((record, error))
    if outer is not None:
        outer.refusals += [each for each in refusals if each not in outer.refusals]
    elif refusals:
        with transaction.atomic(durable=True):
            _append([_refusal(*each) for each in refusals])


def _disclosures(record: Record) -> list[Disclosure]:
    """Return the rows of a record that ended well: of what was done in it, refused, and itself."""
    return [
        *map(_disclosure, record.inner),
        *(_refusal(*each) for each in record.refusals),
        _disclosure(record),
    ]


def _disclosure(record: Record) -> Disclosure:
    """Return the row of a record that ended well, not yet chained."""
    terms = {(d.term, d.version) for d in record.decisions if d.version is not None}
    term, version = next(iter(terms)) if len(terms) == 1 else (None, None)
    return _row(
        record,
        basis="; ".join(dict.fromkeys(map(_basis, record.decisions))),
        term=term,
        version=version,
        what=record.what(),
        outcome=str(Outcome.ALLOW),
        reason="",
    )


def _refusal(record: Record, refused: Refused) -> Disclosure:
    decision = refused.decision
    return _row(
        record,
        basis=_basis(decision),
        term=decision.term,
        version=decision.version,
        what=json.dumps({"refused": refused.what}, ensure_ascii=False, separators=(",", ":")),
        outcome=str(decision.outcome),
        reason=str(decision.reason),
    )


def _basis(decision: Decision) -> str:
    named = (("term", decision.term), ("agreement version", decision.version))
    said = ", ".join(f"{word} {number}" for word, number in named if number is not None)
    return f"{decision.reason} ({said})" if said else str(decision.reason)


def _row(record: Record, **columns: Any) -> Disclosure:
    reader = record.reader
    texts = {
        "kind": str(record.kind),
        "officer_name": reader.name,
        "officer_roles": ", ".join(sorted(reader.roles)),
        "agency_name": reader.agency_name or agency_name(reader.agency),
        "purpose": str(reader.purpose or ""),
        "doing": record.doing,
        "source": reader.source,
    } | {name: value for name, value in columns.items() if isinstance(value, str)}
    rest = {name: value for name, value in columns.items() if not isinstance(value, str)}
    return Disclosure(
        at=reader.at,
        officer=reader.officer,
        agency=reader.agency,
        **{name: _clean(name, text) for name, text in texts.items()},
        **rest,
    )


def _append(rows: Iterable[Disclosure]) -> None:
    """Chain and insert rows. The head is locked until the transaction ends: one writer at a time.

    Raises RecordBroken when the head is lost while disclosures are there.
    """
    rows = list(rows)
    if not rows:
        return
    heads = _head()
    if not heads:
        if Disclosure.objects.exists():
            raise RecordBroken("The head of the record is missing. Nothing is read until it is.")
        ChainHead.objects.create(seq=0, hash=GENESIS)
        heads = [(0, GENESIS)]
    [(before, last)] = heads
    seq = before
    for row in rows:
        seq += 1
        row.seq, row.previous = seq, last
        row.hash = last = chain_hash(chain_text(row))
    Disclosure.objects.bulk_create(rows)
    ChainHead.objects.filter(pk=1).update(seq=seq, hash=last)
    if seq // CHECKPOINT_EVERY > before // CHECKPOINT_EVERY:
        _checkpoint(seq, last)


@Prepared
def _head() -> QuerySet[Any, Any]:
    return ChainHead.objects.select_for_update().filter(pk=1).values_list("seq", "hash")


def _checkpoint(seq: int, last: str) -> None:
    """Sign the end of the record. A key that cannot be used stops no reading; it is logged."""
    at = clock.now()
    try:
        signed = signing.sign(seq, last, at)
    except (InputError, OSError):
        _LOG.exception("checkpoint not signed")
        return
    Checkpoint.objects.create(seq=seq, hash=last, at=at, key=signed.key, signature=signed.signature)

"""Verify the record of disclosures: find any change, gap, reorder or cut, and sign checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction

from triservice.access import record, signing
from triservice.access.models import ChainHead, Checkpoint, Disclosure
from triservice.access.record import CHAINED, GENESIS, SEPARATOR, chain_parts, chain_sql
from triservice.access.signing import Signed
from triservice.kernel import clock
from triservice.kernel.errors import InputError

BATCH = 10_000
FAULTS_SHOWN = 20  # after a break every later row may differ: the first ones tell where
_SEPARATORS = len(CHAINED) - 1
_Row = tuple[int, str, str, str, int]  # seq, previous, hash, chain text, bytes of its columns


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the record: at which disclosure, and what."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found. `checkpoints` counts those that held."""

    rows: int
    checkpoints: int
    last_seq: int
    last_hash: str
    faults: tuple[Fault, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, missing, moved or cut."""
        return not self.faults


def checkpoint() -> Signed | None:
    """Sign the last disclosure and keep the checkpoint; None while nothing was recorded."""
    with transaction.atomic():
        head = ChainHead.objects.select_for_update().filter(pk=1, seq__gt=0).first()
        if head is None:
            return None
        if known := Checkpoint.objects.filter(seq=head.seq).first():
            return _as_signed(known)
        at = clock.now()
        signed = signing.sign(head.seq, head.hash, at)
        Checkpoint.objects.create(
            seq=head.seq, hash=head.hash, at=at, key=signed.key, signature=signed.signature
        )
        return signed


def _as_signed(row: Checkpoint) -> Signed:
    return Signed(row.seq, row.hash, signing.moment(row.at), row.key, row.signature)


def verify(kept: Path | None = None, public: Path | None = None) -> Verification:
    """Walk the whole record in one snapshot and compare it with its hashes, head and checkpoints.

    `kept` is a file of checkpoints from elsewhere, `public` the public key to trust (else the
    signing key's own). Raises InputError when either cannot be read.
    """
    elsewhere = signing.read_file(kept) if kept else []
    trusted = signing.read_public(public)
    alone = not connection.in_atomic_block  # a transaction's kind is set before it reads anything
    with transaction.atomic():
        if alone and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        signed = {*map(_as_signed, Checkpoint.objects.all()), *elsewhere}
        walk = _Walk({each.seq for each in signed})
        for batch in _batches():
            walk.check(batch)
        head = ChainHead.objects.filter(pk=1).first()
    walk.end(head)
    held = walk.compare(sorted(signed, key=lambda each: each.seq), trusted)
    return Verification(walk.rows, held, walk.seq, walk.hash, tuple(walk.faults[:FAULTS_SHOWN]))


def _columns(vendor: str) -> str:
    """Return the columns of a `_Row` as SQL.

    SQLite writes the text by one printf, quicker than by joining column after column. It stops at
    a zero byte inside a column, so the bytes of the columns are counted beside it. PostgreSQL
    keeps no zero byte, and tells 0.
    """
    if vendor != "sqlite":
        return f"seq, previous, hash, {chain_sql(vendor)}, 0"
    parts = chain_parts(vendor)
    written = SEPARATOR.join(["%s"] * len(parts))
    size = " + ".join(f"length(CAST({part} AS blob))" for part in parts)
    return f"seq, previous, hash, printf('{written}', {', '.join(parts)}), {size}"


def _batches() -> Iterator[list[_Row]]:
    """Yield rows in the order of seq, straight from SQL."""
    columns = _columns(connection.vendor).replace("%", "%%")
    select = f"SELECT {columns} FROM {Disclosure._meta.db_table}"
    last = None
    while True:
        with connection.cursor() as cursor:
            after = "" if last is None else "WHERE seq > %s"
            cursor.execute(
                f"{select} {after} ORDER BY seq LIMIT {BATCH}", [] if last is None else [last]
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


class _Walk:
    """Where the walk along the chain has come to, and what it found."""

    def __init__(self, wanted: set[int]) -> None:
        self.rows, self.seq, self.hash = 0, 0, GENESIS
        self.wanted, self.hashes = wanted, {0: GENESIS}
        self.faults: list[Fault] = []

    def check(self, rows: Iterable[_Row]) -> None:
        """Follow the chain through rows; after a break go on from what the row says."""
        expected, before, wanted = self.seq, self.hash, self.wanted
        for seq, previous, stated, text, size in rows:
            expected += 1
            if seq != expected:
                self._gap(expected, seq)
                expected = seq
            elif previous != before:
                self.fault(seq, "does not follow the one before it")
            raw = text.encode()
            if text.count(SEPARATOR) != _SEPARATORS:
                self.fault(seq, "holds a separator inside a column")
            elif size and len(raw) != size + _SEPARATORS:
                self.fault(seq, "holds a zero byte inside a column")
            elif sha256(raw).hexdigest() != stated:
                self.fault(seq, "was changed after it was written")
            before = stated
            if seq in wanted:
                self.hashes[seq] = stated
            self.rows += 1
        self.seq, self.hash = expected, before

    def _gap(self, expected: int, found: int) -> None:
        if found > expected:
            last = found - 1
            missing = str(expected) if last == expected else f"{expected} to {last}"
            self.fault(expected, f"missing: {missing}")
        else:
            self.fault(found, "has a number that the record does not begin with")

    def fault(self, seq: int, what: str) -> None:
        """Keep a fault."""
        self.faults.append(Fault(seq, what))

    def end(self, head: ChainHead | None) -> None:
        """Compare where the rows end with where the head says they end."""
        if head is None:
            self.fault(self.seq, "the head of the record is missing")
        elif (head.seq, head.hash) != (self.seq, self.hash):
            self.fault(self.seq, f"the record ends here, but its head says {head.seq}")

    def compare(self, signed: list[Signed], trusted: Ed25519PublicKey) -> int:
        """Compare with the signed checkpoints; return how many held."""
        held, trusted_name = list[int](), signing.key_name(trusted)
        for each in signed:
            if each.key != trusted_name:
                self.fault(each.seq, f"its checkpoint is signed by another key ({each.key})")
            elif not signing.holds(each, trusted):
                self.fault(each.seq, "its checkpoint's signature does not hold")
            elif each.seq > self.seq:
                self.fault(each.seq, "was signed by a checkpoint and is no longer there")
            elif self.hashes.get(each.seq) != each.hash:
                self.fault(each.seq, "is not what its checkpoint signed")
            else:
                held.append(each.seq)
        self._unsigned(held)
        return len(held)

    def _unsigned(self, held: Iterable[int]) -> None:
        """Find the thousands of rows in which no checkpoint holds: the record signs one in each.

        Else whoever holds the database alone could forge rows and their hashes anew, and remove
        the checkpoints that show it.
        """
        every = record.CHECKPOINT_EVERY
        signed = {seq // every for seq in held}
        for number in range(1, self.seq // every + 1):
            if number not in signed:
                what = "no checkpoint was signed here: the key could not be used, or it was removed"
                self.fault(number * every, what)


def checkpoint_to(path: Path | None) -> Signed:
    """Sign a checkpoint and append it to a file as well. Raises InputError on an empty record."""
    signed = checkpoint()
    if signed is None:
        raise InputError("Nothing is recorded yet", do="Sign a checkpoint when something is")
    if path is not None:
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(signed.line() + "\n")
        except OSError as fault:
            raise InputError(
                f"cannot be written ({fault.strerror})",
                file=path,
                kept="The checkpoint is in the database.",
            ) from None
    return signed

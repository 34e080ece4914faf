"""Verify the record of disclosures: find any change, gap, reorder or cut, and sign checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction
from django.db.models import Max, Min

from triservice.access import record, signing
from triservice.access.models import ChainHead, Checkpoint, Disclosure
from triservice.access.record import CHAINED, chain_parts, chain_sql
from triservice.access.signing import Signed
from triservice.access.snapshot import snapshot
from triservice.access.walk import FAULTS_SHOWN, SEPARATOR, Beside, Fault, Row, Walk
from triservice.kernel import clock
from triservice.kernel.errors import InputError

BATCH = 10_000
IN_HALVES = 50_000  # disclosures from which a second process verifies half of them
AHEAD = 20_000  # disclosures that are verified here while the second process starts
_SEPARATORS = len(CHAINED) - 1


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
    """Walk the whole record as it is now and compare it with its hashes, head and checkpoints.

    `kept` is a file of checkpoints from elsewhere, `public` the public key to trust (else the
    signing key's own). Raises InputError when either cannot be read.
    """
    elsewhere = signing.read_file(kept) if kept else []
    trusted = signing.read_public(public)
    with _one_moment():
        signed = {*map(_as_signed, Checkpoint.objects.all()), *elsewhere}
        found = _Found(_SEPARATORS, {each.seq for each in signed})
        beside = _second_half(found)
        for batch in _batches(beside[0] if beside else None):
            found.check(batch)
        head = ChainHead.objects.filter(pk=1).first()
    if beside:
        found.go_on(beside[1].told())
    found.end(head)
    held = found.compare(sorted(signed, key=lambda each: each.seq), trusted)
    return Verification(found.rows, held, found.seq, found.hash, tuple(found.faults[:FAULTS_SHOWN]))


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read the database as it is at one moment; nobody is kept from writing meanwhile."""
    if connection.in_atomic_block:  # a transaction's kind is set before it reads anything
        yield
    elif connection.vendor == "sqlite":
        with snapshot():
            yield
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


def _second_half(found: Walk) -> tuple[int, Beside] | None:
    """Have the second half of a long record in a file walked beside; return where it begins.

    It begins after a row that is there, with the hash that this row states, where the first half
    ends: so nothing at the edge goes unseen. Rows written from now on are in neither half.
    """
    file = _file()
    span = Disclosure.objects.aggregate(first=Min("seq"), last=Max("seq"))
    if file is None or span["last"] is None or span["last"] - span["first"] < IN_HALVES:
        return None
    length = span["last"] - span["first"]
    middle = span["first"] + (length + min(AHEAD, length // 8)) // 2
    rows = Disclosure.objects.filter(seq__gte=middle).order_by("seq")
    seq, digest = rows.values_list("seq", "hash")[0]
    select = f"SELECT {_columns('sqlite')} FROM {Disclosure._meta.db_table}"
    walk = Walk(_SEPARATORS, found.wanted, seq, digest)
    return seq, Beside(file, select, span["last"], walk)


def _file() -> Path | None:
    """Return the file of the database; None where another process cannot read it by itself."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]
        return None
    return Path(connection.settings_dict["NAME"])


def _columns(vendor: str) -> str:
    """Return the columns of a `walk.Row` as SQL.

    SQLite writes the text by one printf, quicker than by joining column after column. It stops at
    a zero byte inside a column, so the bytes of the columns are counted beside it. PostgreSQL
    keeps no zero byte, and tells 0. What is hashed is bytes, which SQLite gives; PostgreSQL would
    send them as digits, two for each.
    """
    if vendor != "sqlite":
        return f"seq, previous, hash, {chain_sql(vendor)}, 0"
    parts = chain_parts(vendor)
    written = SEPARATOR.join(["%s"] * len(parts))
    size = " + ".join(f"length(CAST({part} AS blob))" for part in parts)
    text = f"printf('{written}', {', '.join(parts)})"
    return f"seq, previous, hash, CAST({text} AS blob), {size}"


def _batches(upto: int | None) -> Iterator[list[Row]]:
    """Yield rows in the order of seq, straight from SQL; the last is `upto`.

    The next rows are fetched while these are looked at: PostgreSQL writes them in a process of its
    own, which would else wait for ours, and ours for it.
    """
    columns = _columns(connection.vendor).replace("%", "%%")
    upto = 2**62 if upto is None else upto
    sql = f"SELECT {columns} FROM {Disclosure._meta.db_table} WHERE seq <= %s ORDER BY seq"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(sql, [upto])
            while rows := cursor.fetchmany(BATCH):
                yield rows
        return
    with connection.chunked_cursor() as cursor, ThreadPoolExecutor(1) as ahead:
        cursor.execute(sql, [upto])
        coming = ahead.submit(cursor.fetchmany, BATCH)
        while rows := coming.result():
            coming = ahead.submit(cursor.fetchmany, BATCH)
            yield [(seq, before, stated, text.encode(), 0) for seq, before, stated, text, _ in rows]


class _Found(Walk):
    """A walk of the whole record, compared at its end with the head and what was signed."""

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

"""Walk along the chain of disclosures and note what is wrong. Python's own library alone.

    python -I -S walk.py        walks a stretch of a file of SQLite, told by stdin

A walk that comes to a row knows its number and hash, and nothing else of what went before. So a
record may be walked in stretches at once: the next one begins after the row that ends this one.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
SEPARATOR = "\x1f"  # never inside a column: writing replaces it, verifying counts it
FAULTS_SHOWN = 20  # after a break every later row may differ: the first ones tell where
Row = tuple[int, str, str, bytes, int]  # seq, previous, hash, chain text, bytes of its columns


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the record: at which disclosure, and what."""

    seq: int
    what: str


class Walk:
    """Where a walk along the chain has come to, and what it found."""

    def __init__(
        self, separators: int, wanted: Iterable[int], seq: int = 0, digest: str = GENESIS
    ) -> None:
        """Begin after disclosure `seq`, which has `digest`.

        `wanted` are the numbers whose hashes are kept; a chain text has `separators` of them.
        """
        self.separators, self.wanted = separators, frozenset(wanted)
        self.rows, self.seq, self.hash = 0, seq, digest
        self.hashes = {seq: digest}
        self.faults: list[Fault] = []

    def check(self, rows: Iterable[Row]) -> None:
        """Follow the chain through rows; after a break go on from what the row says."""
        expected, before, wanted = self.seq, self.hash, self.wanted
        separators, separator = self.separators, SEPARATOR.encode()
        for seq, previous, stated, raw, size in rows:
            expected += 1
            if seq != expected:
                self._gap(expected, seq)
                expected = seq
            elif previous != before:
                self.fault(seq, "does not follow the one before it")
            if raw.count(separator) != separators:
                self.fault(seq, "holds a separator inside a column")
            elif size and len(raw) != size + separators:
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

    def go_on(self, further: dict[str, Any]) -> None:
        """Take over what a walk found that began where this one ends (`told` of it)."""
        self.rows += further["rows"]
        self.seq, self.hash = further["seq"], further["hash"]
        self.hashes |= {int(seq): digest for seq, digest in further["hashes"].items()}
        self.faults += [Fault(*each) for each in further["faults"]]

    def told(self) -> dict[str, Any]:
        """Return what was found, as JSON holds it."""
        return {
            "rows": self.rows,
            "seq": self.seq,
            "hash": self.hash,
            "hashes": self.hashes,
            "faults": [(each.seq, each.what) for each in self.faults[:FAULTS_SHOWN]],
        }


class Beside:
    """A stretch of a file's record that another process walks meanwhile."""

    def __init__(self, file: Path, select: str, last: int, walk: Walk) -> None:
        """Start it: `walk` says where it begins, and it ends with disclosure `last`."""
        said = {
            "file": str(file),
            "select": f"{select} WHERE seq > ? AND seq <= ? ORDER BY seq",
            "last": last,
            "walk": (walk.separators, sorted(walk.wanted), walk.seq, walk.hash),
        }
        self.running = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.running.stdin is not None
        with self.running.stdin as line:
            line.write(json.dumps(said).encode())

    def told(self) -> dict[str, Any]:
        """Wait, and return what it found. Raises RuntimeError when it failed: nothing is known."""
        assert self.running.stdout is not None
        with self.running.stdout as line:
            answer = line.read()
        if self.running.wait():
            raise RuntimeError("The record was not verified: the second process failed.")
        told: dict[str, Any] = json.loads(answer)
        return told


def _walk_file(said: dict[str, Any]) -> dict[str, Any]:
    walk = Walk(*said["walk"])
    with closing(sqlite3.connect(f"file:{said['file']}?mode=ro", uri=True)) as database:
        database.execute("PRAGMA mmap_size=268435456")
        walk.check(database.execute(said["select"], (walk.seq, said["last"])))
    return walk.told()


if __name__ == "__main__":
    json.dump(_walk_file(json.load(sys.stdin)), sys.stdout)

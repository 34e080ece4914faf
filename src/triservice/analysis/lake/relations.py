"""Which area of one vintage became which of another: change lookups in the lake.

    relations/<from>~<to>.parquet       from_code, to_code, from_name, to_name, change

A lookup lists every pair of an old and a new area that share ground. What happened to an area
follows from the pairs: one to one is unchanged, one to many split, many to one merged, many to
many complex (redrawn). The publisher's own letter (U, S, M, X) is kept and compared.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from triservice.analysis.lake.boundaries import check_unit, names_by_code, units
from triservice.analysis.lake.store import Lake, writing
from triservice.analysis.lake.table_files import read_columns, read_part
from triservice.files import write_atomically
from triservice.kernel.errors import InputError
from triservice.kernel.words import many

CHANGES = {"U": "unchanged", "S": "split", "M": "merged", "X": "complex"}


@dataclass(frozen=True)
class Relation:
    """Pairs of codes of two vintages, and what happened in each pair."""

    start: str
    end: str
    pairs: list[tuple[str, str]]
    changes: list[str]  # unchanged, split, merged or complex; one a pair
    start_names: dict[str, str]
    end_names: dict[str, str]

    def reversed(self) -> Relation:
        """Return the same pairs read the other way: splits become merges."""
        swap = {"split": "merged", "merged": "split"}
        return Relation(
            self.end,
            self.start,
            [(b, a) for a, b in self.pairs],
            [swap.get(change, change) for change in self.changes],
            self.end_names,
            self.start_names,
        )


@dataclass(frozen=True)
class RelationsSummary:
    """What `add_relations` did. `changes` counts pairs."""

    start: str
    end: str
    pairs: int
    from_areas: int
    to_areas: int
    changes: dict[str, int]
    skipped: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def add_relations(
    lake: Lake,
    path: str | Path,
    start: str,
    end: str,
    start_code: str,
    end_code: str,
    change: str | None = None,
    replace: bool = False,
) -> RelationsSummary:
    """Add the change lookup from unit `start` to unit `end`; adding it again changes nothing.

    `start_code`, `end_code` and `change` (letters U, S, M, X) are columns. Rows without both
    codes are left out and counted. Raises InputError when the file cannot be used, or when the
    lake holds another lookup of these units and `replace` is not given.
    """
    start, end = check_unit(start), check_unit(end)
    if start == end:
        raise InputError(f"a lookup from {start} to itself relates nothing")
    wanted = {"from_code": start_code, "to_code": end_code}
    if change:
        wanted["change"] = change
    names = {"from_name": (f"{start}nm",), "to_name": (f"{end}nm",)}
    table = read_columns(path, wanted, names)
    columns = {name: [_word(v) for v in values] for name, values in table.values.items()}
    blank = [""] * table.rows
    rows = list(
        zip(
            columns["from_code"],
            columns["to_code"],
            columns.get("from_name", blank),
            columns.get("to_name", blank),
            columns.get("change", blank),
            strict=True,
        )
    )
    kept = sorted({row for row in rows if row[0] and row[1]})
    if not kept:
        raise InputError("no row has both codes", file=path)
    pairs = Counter((row[0], row[1]) for row in kept)
    if twice := [pair for pair, count in pairs.items() if count > 1]:
        raise InputError(
            f"the pair {twice[0][0]} and {twice[0][1]} comes twice with different names or changes",
            file=path,
        )
    skipped = {"no code on one side": len(rows) - sum(1 for r in rows if r[0] and r[1])}
    repeated = len(rows) - skipped["no code on one side"] - len(kept)
    notes = [f"{many(repeated, 'row repeats', 'rows repeat')} another one."] if repeated else []
    _store(lake, start, end, kept, Path(path), replace)
    relation = read_relation(lake, start, end)
    assert relation is not None
    return RelationsSummary(
        start,
        end,
        len(kept),
        len({row[0] for row in kept}),
        len({row[1] for row in kept}),
        dict(Counter(relation.changes)),
        {k: v for k, v in skipped.items() if v},
        notes + _compare([row[4] for row in kept], relation.changes),
    )


def _word(value: object) -> str:
    return "" if value is None else str(value).strip()


def _compare(letters: list[str], changes: list[str]) -> list[str]:
    """Say where the publisher's letters and the pairs themselves disagree."""
    unknown = sorted({x for x in letters if x and x not in CHANGES})
    notes = [f"Changes {', '.join(unknown)} are not U, S, M or X and say nothing."] * bool(unknown)
    differ = sum(1 for x, c in zip(letters, changes, strict=True) if CHANGES.get(x, c) != c)
    if differ:
        notes.append(
            f"{many(differ, 'pair is', 'pairs are')} marked otherwise than the pairs show."
        )
    return notes


def _store(
    lake: Lake,
    start: str,
    end: str,
    rows: list[tuple[str, str, str, str, str]],
    path: Path,
    replace: bool,
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("from_code", "to_code", "from_name", "to_name", "change")
    columns = zip(*rows, strict=True)
    table = pa.table({n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)})
    place = _place(lake, start, end)
    if place.exists() and not replace:
        if read_part(place).equals(table):
            return
        raise InputError(
            f"the lake holds another lookup from {start} to {end}",
            file=path,
            kept="The one in the lake is as it was.",
            do="Use --replace to put this one in its place.",
        )
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"file": path.name}), buffer, compression="zstd")
    with writing(lake.root):
        write_atomically(place, buffer.getvalue())


def _place(lake: Lake, start: str, end: str) -> Path:
    return lake.root / "relations" / f"{start}~{end}.parquet"


def listed_relations(lake: Lake) -> list[tuple[str, str]]:
    """Return (from, to) of every lookup in the lake."""
    files = sorted((lake.root / "relations").glob("*~*.parquet"))
    return [(file.stem.split("~")[0], file.stem.split("~")[1]) for file in files]


def read_relation(lake: Lake, start: str, end: str) -> Relation | None:
    """Return the lookup from `start` to `end`, read backwards when only that is there, or None."""
    for first, last in ((start, end), (end, start)):
        place = _place(lake, first, last)
        if place.exists():
            return _load(place, first, last, first != start, place.stat().st_mtime_ns)
    return None


@lru_cache(maxsize=8)
def _load(place: Path, start: str, end: str, backwards: bool, changed_ns: int) -> Relation:
    if backwards:
        return _load(place, start, end, False, changed_ns).reversed()

    table = read_part(place)
    a, b, a_name, b_name, letters = (
        table[n].to_pylist() for n in ("from_code", "to_code", "from_name", "to_name", "change")
    )
    pairs = list(zip(a, b, strict=True))
    changes = [
        "complex" if letter == "X" else shape
        for letter, shape in zip(letters, pair_changes(pairs), strict=True)
    ]
    return Relation(
        start,
        end,
        pairs,
        changes,
        {code: name for code, name in zip(a, a_name, strict=True) if name},
        {code: name for code, name in zip(b, b_name, strict=True) if name},
    )


def pair_changes(pairs: list[tuple[str, str]]) -> list[str]:
    """Return what happened in each pair, from how many pairs its two codes are in.

    A pair whose old area has several new ones, one of which has several old ones, is complex.
    """
    forth: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for a, b in pairs:
        forth.setdefault(a, []).append(b)
        back.setdefault(b, []).append(a)
    changes = []
    for a, b in pairs:
        many_new = max(len(forth[other]) for other in back[b]) > 1
        many_old = max(len(back[other]) for other in forth[a]) > 1
        changes.append(
            "complex"
            if many_new and many_old
            else "split"
            if many_new
            else "merged"
            if many_old
            else "unchanged"
        )
    return changes


def known_codes(lake: Lake, unit: str) -> Mapping[str, str]:
    """Return {code: name} of all codes of a unit that the lake knows, from outlines and lookups.

    A name is empty when only a lookup without names lists the code.
    """
    files = [*(lake.root / "boundaries" / unit).glob("*.parquet")]
    files += [_place(lake, *pair) for pair in listed_relations(lake) if unit in pair]
    state = tuple(sorted((str(f), f.stat().st_mtime_ns) for f in files))
    return _known(lake.root, unit, state)


@lru_cache(maxsize=16)
def _known(root: Path, unit: str, _state: tuple[tuple[str, int], ...]) -> Mapping[str, str]:
    lake = Lake.open(root)
    known = names_by_code(lake, unit)
    for start, end in listed_relations(lake):
        if unit in (start, end):
            relation = read_relation(lake, start, end)
            assert relation is not None
            side, names = (0, relation.start_names) if unit == start else (1, relation.end_names)
            for pair in relation.pairs:
                if not known.get(pair[side]):
                    known[pair[side]] = names.get(pair[side], "")
    return MappingProxyType(known)


def known_units(lake: Lake) -> list[str]:
    """Return the units of which the lake knows codes, from outlines and lookups."""
    return sorted({*units(lake), *(unit for pair in listed_relations(lake) for unit in pair)})

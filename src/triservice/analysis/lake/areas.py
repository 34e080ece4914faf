"""Area statistics in the lake: one value for each area code, with the vintage of the codes.

    areas/<name>.parquet        code, value; what they mean in the metadata

The layer called `population` is the denominator of rates, and the weight when a value moves to
larger areas.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.area_values import Kind, infer_kind, is_blank, read_code, read_number
from triservice.analysis.lake.boundaries import check_unit, names_by_code
from triservice.analysis.lake.store import Lake, fingerprint, writing
from triservice.analysis.lake.table_files import read_columns, read_part
from triservice.analysis.lake.vintage_check import check_vintage
from triservice.files import write_atomically
from triservice.kernel.errors import InputError
from triservice.kernel.words import many

Worse = Literal["low", "high"]
KINDS: tuple[Kind, ...] = ("count", "rate", "score")


@dataclass(frozen=True)
class AreaLayer:
    """A value for each area code. `codes` (n,) ascending, `values` float64 (n,) aligned to them."""

    name: str
    vintage: str
    codes: NDArray[np.str_]
    values: NDArray[np.float64]
    worse: Worse
    kind: Kind
    source: str
    notes: tuple[str, ...] = ()
    column: str = ""  # of the file, as its publisher named it
    sha256: str = ""  # of the file's bytes
    code_column: str = ""


@dataclass(frozen=True)
class AreasSummary:
    """What `add_areas` did."""

    name: str
    vintage: str
    kind: Kind
    worse: Worse
    rows_read: int
    areas: int
    blank: int
    rejected: dict[str, int]
    total: float | None  # of a count
    low: float
    high: float
    outlines: int  # of this vintage in the lake
    outlines_with_value: int
    vintages: dict[str, float]  # share of the comparable codes that each known vintage holds
    notes: list[str] = field(default_factory=list)


@dataclass
class _Read:
    """Values as they come from a file, before they are checked against the lake."""

    values: dict[str, float] = field(default_factory=dict)
    without_value: int = 0
    without_code: list[float] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    first_rejected: dict[str, str] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    first_repeat: tuple[int, str] | None = None
    clocks: int = 0


def add_areas(
    lake: Lake,
    path: str | Path,
    name: str,
    code: str,
    vintage: str,
    value: str,
    worse: Worse | None = None,
    kind: Kind | None = None,
    duplicates: Literal["refuse", "sum"] = "refuse",
    replace: bool = False,
) -> AreasSummary:
    """Add the statistic `name` from columns `code` and `value`; adding it again changes nothing.

    `vintage` is the unit and year of the codes (lsoa11). `worse` says which end is bad; high when
    not given. `kind` says how the value moves to other areas: counts add up, rates and scores
    average; it follows from the words of the column when not given, and the summary says so.
    Rows without a value are left out and counted. Clock times are read as minutes. Raises
    InputError for codes that come twice (unless `duplicates` is "sum"), for codes that are
    plainly of another vintage, and for a name that the lake holds with other values.
    """
    name, vintage = _check_name(name), check_unit(vintage)
    table = read_columns(path, {"code": code, "value": value})
    read = _collect(table.values["code"], table.values["value"])
    file = Path(path)
    if not read.values:
        said = "; ".join(read.first_rejected.values())
        raise InputError(
            f"none of its {many(table.rows, 'row')} has a code and a number"
            + (f" ({said})" * bool(said)),
            file=file,
            field=value,
        )
    notes = _notes(read, value)
    if kind is None:
        kind = "rate" if read.clocks else infer_kind(value)
        notes.append(f"Taken as a {kind} from the column's words; say --kind if it is not.")
    if read.repeated:
        notes += _duplicates(read, file, kind, duplicates)
    if kind == "count":
        notes += _below_zero(read, name, file, value)
    if worse is None:
        worse = "high"
        if kind == "score" and re.search(r"rank|decile|quintile", value, re.IGNORECASE):
            notes.append("High is taken as bad; where 1 is the worst rank, say --worse low.")
    codes = np.array(sorted(read.values), dtype=np.str_)
    shares, said_vintage = check_vintage(lake, codes, vintage, file)
    notes += said_vintage
    numbers = np.array([read.values[c] for c in codes.tolist()])
    layer = AreaLayer(
        name,
        vintage,
        codes,
        numbers,
        worse,
        kind,
        file.name,
        tuple(notes),
        value,
        fingerprint(file),
        code,
    )
    _store(lake, layer, file, replace)
    outlines = names_by_code(lake, vintage)
    return AreasSummary(
        name,
        vintage,
        kind,
        worse,
        table.rows,
        len(codes),
        read.without_value + len(read.without_code),
        dict(read.rejected),
        math.fsum(read.values.values()) if kind == "count" else None,
        float(numbers.min()),
        float(numbers.max()),
        len(outlines),
        sum(1 for c in outlines if c in read.values),
        shares,
        notes,
    )


def _check_name(name: str) -> str:
    small = name.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", small):
        raise InputError(
            f"{name!r} cannot name a layer", do="Use letters and figures, for example health."
        )
    return small


def _collect(codes: Sequence[Any], values: Sequence[Any]) -> _Read:
    """Read every row; a code that comes again is counted and its value added."""
    read = _Read()
    for row, (raw_code, raw) in enumerate(zip(codes, values, strict=True), start=1):
        code = read_code(raw_code)
        number, clock = read_number(raw)
        if number is None and is_blank(raw):
            read.without_value += 1
            continue
        if not code:
            read.without_code.append(number if number is not None else math.nan)
            continue
        reason = "not a number" if number is None else None
        if number is not None and not math.isfinite(number):
            reason = "not a finite number"
        if reason or number is None:
            read.rejected[str(reason)] += 1
            read.first_rejected.setdefault(str(reason), f"row {row:,} holds {str(raw)[:40]!r}")
            continue
        read.clocks += clock
        if code in read.values:
            read.repeated[code] += 1
            read.first_repeat = read.first_repeat or (row, code)
            number += read.values[code]
        read.values[code] = number
    return read


def _notes(read: _Read, value: str) -> list[str]:
    notes = []
    if read.without_value:
        notes.append(f"{many(read.without_value, 'row')} without a value left out.")
    if read.without_code:
        amount = math.fsum(v for v in read.without_code if math.isfinite(v))
        notes.append(
            f"{many(len(read.without_code), 'row')} without a code left out, of a value of "
            f"{amount:,.6g} in all."
        )
    for reason, count in read.rejected.items():
        notes.append(f"{many(count, 'row')} left out, {reason}: {read.first_rejected[reason]}.")
    if read.clocks:
        notes.append(f"{value} holds clock times; they are read as minutes.")
    return notes


def _below_zero(read: _Read, name: str, file: Path, column: str) -> list[str]:
    """Say how many counts lie below zero; refuse a population that has any."""
    below = [code for code, number in read.values.items() if number < 0]
    if not below:
        return []
    said = f"{many(len(below), 'area')} with a count below zero (the first is {below[0]})"
    if name == "population":
        raise InputError(
            said, file=file, field=column, kept="Nothing was kept.", do="Correct or empty it."
        )
    return [f"{said}: they take away from the sums of larger areas."]


def _duplicates(read: _Read, file: Path, kind: Kind, rule: str) -> list[str]:
    """Accept or refuse codes that come more than once."""
    rows, codes = sum(read.repeated.values()), len(read.repeated)
    assert read.first_repeat is not None
    row, code = read.first_repeat
    if rule == "sum" and kind == "count":
        return [
            f"{many(codes, 'code comes', 'codes come')} more than once; "
            f"the {rows + codes:,} rows are summed."
        ]
    how = (
        "Say --duplicates sum to add them up"
        if kind == "count"
        else f"A {kind} cannot be summed: keep one row for each code"
    )
    raise InputError(
        f"code {code} comes again ({many(codes, 'code')} with {many(rows, 'row')} too many in all)",
        file=file,
        row=row,
        kept="Nothing was kept.",
        do=f"{how}, or give a file with one row for each area.",
    )


def _store(lake: Lake, layer: AreaLayer, file: Path, replace: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    meaning = {
        key: value for key, value in asdict(layer).items() if key not in ("codes", "values")
    } | {"format": 1}
    table = pa.table({"code": pa.array(layer.codes.tolist()), "value": pa.array(layer.values)})
    table = table.replace_schema_metadata({"layer": json.dumps(meaning)})
    place = lake.root / "areas" / f"{layer.name}.parquet"
    if place.exists() and not replace:
        held = read_areas(lake, layer.name)
        same = np.array_equal(held.codes, layer.codes) and np.array_equal(held.values, layer.values)
        if same and all(
            getattr(held, what) == getattr(layer, what) for what in ("vintage", "kind", "worse")
        ):
            return
        raise InputError(
            f"the lake holds another layer {layer.name} (from {held.source}, {held.vintage}, "
            f"{held.kind}, {held.worse} is worse)",
            file=file,
            kept="The one in the lake is as it was.",
            do="Use --replace to put this one in its place, or another name with --as.",
        )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    with writing(lake.root):
        write_atomically(place, buffer.getvalue())


def layers(lake: Lake) -> list[str]:
    """Return the names of the area statistics in the lake."""
    return sorted(path.stem for path in (lake.root / "areas").glob("*.parquet"))


def read_areas(lake: Lake, name: str) -> AreaLayer:
    """Return an area statistic. Raises InputError when the lake holds none of that name."""
    place = lake.root / "areas" / f"{name.strip().lower()}.parquet"
    if not re.fullmatch(r"[a-z0-9_-]+", place.stem) or not place.exists():
        held = layers(lake)
        raise InputError(
            f"the lake holds no area statistic {name!r}"
            + (f", only {', '.join(held)}" if held else " (none at all)"),
            file=lake.root,
            do="Add it with `triservice areas add`.",
        )
    table = read_part(place)
    meaning = json.loads(table.schema.metadata[b"layer"])
    return AreaLayer(
        meaning["name"],
        meaning["vintage"],
        np.array(table["code"].to_pylist(), dtype=np.str_),
        table["value"].to_numpy(),
        meaning["worse"],
        meaning["kind"],
        meaning["source"],
        tuple(meaning["notes"]),
        meaning.get("column", ""),
        meaning.get("sha256", ""),
        meaning.get("code_column", ""),
    )

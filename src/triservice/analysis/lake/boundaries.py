"""Outlines of areas in the lake: added from files, read as units of place.

    boundaries/<unit>/<hash>.parquet    code, name, outline (WKB, metres of the lake), one a file

A unit is a kind of area of one year, its vintage: lsoa11, lsoa21, msoa11. Codes of different
vintages are never mixed, so the year belongs to the name. Any other name will do for areas of
your own (wards, beats, station grounds).
"""

from __future__ import annotations

import difflib
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from triservice.analysis.lake.outline_files import OutlineRows, expand, read_outline_file
from triservice.analysis.lake.store import Lake, fingerprint, writing
from triservice.analysis.lake.table_files import read_part
from triservice.analysis.place.cells import Cells, polygon_cells
from triservice.analysis.place.outlines import Outlines
from triservice.files import write_atomically
from triservice.kernel.errors import InputError

KNOWN_UNITS = {
    "lsoa11": "Lower layer Super Output Areas of the 2011 census, about 1,500 people",
    "lsoa21": "Lower layer Super Output Areas of the 2021 census",
    "msoa11": "Middle layer Super Output Areas of the 2011 census, about 8,000 people",
    "msoa21": "Middle layer Super Output Areas of the 2021 census",
}
SAME_OUTLINE_M = 1.0  # outlines of one code that lie nowhere further apart are the same
_NUMBERED = re.compile(r"\s+\d{3}[A-Z]?$")  # the number and letter of a census area's name


@dataclass(frozen=True)
class BoundariesSummary:
    """What `add_boundaries` did."""

    unit: str
    files: int
    rows_read: int
    added: int  # areas that were not in the lake before
    already_there: int
    areas: int  # of this unit in the lake now
    skipped: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def check_unit(unit: str) -> str:
    """Return the unit in small letters. Raises InputError when it cannot name a folder."""
    small = unit.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", small):
        raise InputError(
            f"{unit!r} cannot name a unit of place",
            do=f"Use letters and figures, for example {', '.join(KNOWN_UNITS)} or wards.",
        )
    return small


def add_boundaries(
    lake: Lake,
    paths: Iterable[str | Path],
    unit: str,
    code: str | None = None,
    name: str | None = None,
    replace: bool = False,
) -> BoundariesSummary:
    """Add outlines of `unit` from files or folders; adding a file again changes nothing.

    `code` and `name` are the columns; found by themselves when not given. `replace` drops the
    outlines that the lake holds for this unit first. Raises InputError when a file cannot be read
    or when a code is in the lake with another outline; then nothing of that call is kept.
    """
    unit = check_unit(unit)
    files = expand(paths)
    if not files:
        raise InputError("no file of outlines is named")
    known = {} if replace else _known(lake, unit)
    before = len(known)
    tables: dict[str, bytes] = {}
    read: list[tuple[OutlineRows, int]] = []
    for path in files:
        rows = read_outline_file(path, unit, lake.settings.crs, code, name)
        fresh = [i for i in range(len(rows.codes)) if not _already(known, rows, i, unit)]
        known |= {rows.codes[i]: (rows.outlines[i], path.name) for i in fresh}
        tables |= _part(rows, fresh)
        read.append((rows, len(rows.codes) - len(fresh)))
    with writing(lake.root):
        _write(lake.root / "boundaries" / unit, tables, replace)
    skipped = Counter[str]()
    for rows, _ in read:
        skipped.update(rows.skipped)
    return BoundariesSummary(
        unit,
        len(files),
        sum(rows.read for rows, _ in read),
        len(known) - before,
        sum(there for _, there in read),
        len(known),
        dict(skipped),
        [note for rows, _ in read for note in rows.notes],
    )


def _already(known: dict[str, tuple[Any, str]], rows: OutlineRows, at: int, unit: str) -> bool:
    """Whether the lake holds this outline. Raises InputError when it holds another one."""
    import shapely

    code, outline = rows.codes[at], rows.outlines[at]
    if code not in known:
        return False
    held, source = known[code]
    if shapely.equals_exact(held, outline, 0.01):
        return True
    if shapely.hausdorff_distance(shapely.boundary(held), shapely.boundary(outline)) <= (
        SAME_OUTLINE_M
    ):
        return True
    raise InputError(
        f"the outline of {rows.names[at]} ({code}) differs from the one in {source}",
        file=rows.file,
        kept=f"The {unit} outlines in the lake are as they were.",
        do="Use --replace to put these in their place, or another --unit name to keep both.",
    )


def _part(rows: OutlineRows, fresh: list[int]) -> dict[str, bytes]:
    """Return {file name: content} of the part that holds the fresh rows; {} when none is."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely

    if not fresh:
        return {}
    shapes = shapely.to_wkb(rows.outlines[fresh])
    columns = {
        "code": pa.array([rows.codes[i] for i in fresh], pa.string()),
        "name": pa.array([rows.names[i] for i in fresh], pa.string()),
        "outline": pa.array(list(shapes), pa.binary()),
    }
    digest = hashlib.sha256(
        b"".join(c.encode() + s for c, s in zip(columns["code"].to_pylist(), shapes, strict=True))
    )
    table = pa.table(columns).replace_schema_metadata(
        {"file": rows.file.name, "sha256": fingerprint(rows.file)}
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return {f"{digest.hexdigest()[:16]}.parquet": buffer.getvalue()}


def _write(folder: Path, parts: dict[str, bytes], replace: bool) -> None:
    new = [folder / name for name in parts if not (folder / name).exists()]
    try:
        for name, content in parts.items():
            write_atomically(folder / name, content)
    except OSError:
        for path in new:
            path.unlink(missing_ok=True)
        raise
    if replace:
        for old in folder.glob("*.parquet"):
            if old.name not in parts:
                old.unlink()


def _known(lake: Lake, unit: str) -> dict[str, tuple[Any, str]]:
    """Return {code: (outline, file it came from)} of the unit."""
    codes, _, outlines, files = _read(_parts(lake, unit))
    return {c: (o, f) for c, o, f in zip(codes, outlines, files, strict=True)}


Parts = tuple[tuple[Path, int], ...]  # files of one unit, with when each was written (ns)


def _parts(lake: Lake, unit: str) -> Parts:
    found = sorted((lake.root / "boundaries" / unit).glob("*.parquet"))
    return tuple((part, part.stat().st_mtime_ns) for part in found)


def _read(parts: Parts) -> tuple[list[str], list[str], Outlines, list[str]]:
    """Return codes, names, outlines and files of a unit in ascending order of code."""
    import shapely

    found: dict[str, tuple[str, bytes, str]] = {}
    for part, _ in parts:
        table = read_part(part)
        file = table.schema.metadata[b"file"].decode()
        rows = zip(*(table[c].to_pylist() for c in ("code", "name", "outline")), strict=True)
        for code, name, outline in rows:
            found.setdefault(code, (name, outline, file))
    codes = sorted(found)
    outlines = np.empty(len(codes), dtype=object)
    outlines[:] = shapely.from_wkb([found[c][1] for c in codes]) if codes else []
    return codes, [found[c][0] for c in codes], outlines, [found[c][2] for c in codes]


def boundary_files(lake: Lake, unit: str) -> list[tuple[str, str, int]]:
    """Return (file name, SHA-256, areas) of every file that brought outlines of a unit."""
    import pyarrow.parquet as pq

    found = []
    for part in sorted((lake.root / "boundaries" / unit).glob("*.parquet")):
        held = pq.ParquetFile(part)
        meta = held.schema_arrow.metadata
        found.append(
            (meta[b"file"].decode(), meta.get(b"sha256", b"").decode(), held.metadata.num_rows)
        )
    return found


def units(lake: Lake) -> list[str]:
    """Return the units whose outlines the lake holds."""
    return sorted({part.parent.name for part in (lake.root / "boundaries").glob("*/*.parquet")})


def names_by_code(lake: Lake, unit: str) -> dict[str, str]:
    """Return {code: name} of a unit; empty when the lake holds no outlines of it."""
    return dict(_names(_parts(lake, unit)))


@lru_cache(maxsize=8)  # one picture asks for the names of each unit a dozen times
def _names(parts: Parts) -> dict[str, str]:
    named: dict[str, str] = {}
    for part, _ in parts:
        table = read_part(part, columns=["code", "name"])
        for code, name in zip(table["code"].to_pylist(), table["name"].to_pylist(), strict=True):
            named.setdefault(code, name)
    return named


@lru_cache(maxsize=4)  # outlines, their index and neighbours are made once for all questions
def _cells(unit: str, parts: Parts) -> Cells:
    codes, names, outlines, _ = _read(parts)
    return polygon_cells(unit, codes, names, outlines)


def place_of(name: str) -> str:
    """Return the place that an area's name belongs to: "Cornwall 013A" lies in "Cornwall"."""
    return _NUMBERED.sub("", name).strip()


def read_boundaries(lake: Lake, unit: str, within: str | None = None) -> Cells:
    """Return areas of a unit with their outlines, in ascending order of code.

    `within` keeps the areas of one place by their names ("Cornwall": Cornwall 001A …; several
    separated by semicolons), in any case of letters. Raises InputError when the lake holds no
    outlines of the unit, or knows no such place; near names are suggested.
    """
    unit = check_unit(unit)
    parts = _parts(lake, unit)
    if not parts:
        held = units(lake)
        raise InputError(
            f"the lake holds no {unit} outlines"
            + (f", only {', '.join(held)}" if held else " (no boundaries at all)"),
            file=lake.root,
            do=f"Add them: triservice boundaries add FILE --unit {unit} --lake {lake.root}",
        )
    cells = _cells(unit, parts)
    return cells if within is None else cells.take(_inside(cells.names.tolist(), within, unit))


def place_outlines(lake: Lake, within: str) -> Outlines:
    """Return the outlines of a place from the unit that draws it with the fewest areas.

    Every grid over a place is laid on these, so that its cells are the same for every question.
    Raises InputError when the lake holds no outlines, or knows no such place.
    """
    refused: InputError | None = None
    areas: dict[str, int] = {}
    for unit in units(lake):
        try:
            names = list(names_by_code(lake, unit).values())
            areas[unit] = int(_inside(names, within, unit).sum())
        except InputError as error:
            refused = error
    if areas:
        return read_boundaries(lake, min(areas, key=lambda unit: areas[unit]), within).outlines()
    raise refused or InputError(
        f"the lake holds no outlines, so {within!r} has no place",
        file=lake.root,
        do="Add them with `triservice boundaries add`, or leave out --within.",
    )


def _inside(names: Sequence[str], within: str, unit: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which names belong to the place or places `within`."""
    places = np.array([place_of(name).casefold() for name in names])
    chosen = np.zeros(len(names), dtype=bool)
    for wanted in within.split(";"):
        match = places == wanted.strip().casefold()
        if not match.any():
            spelled = {place_of(n).casefold(): place_of(n) for n in names}
            near = difflib.get_close_matches(wanted.strip().casefold(), spelled, 5, 0.5)
            near = near or sorted(spelled)[:8]
            more = len(spelled) - len(near)
            raise InputError(
                f"no {unit} outline in the lake belongs to {wanted.strip()!r}",
                do=f"The lake has {', '.join(spelled[n] for n in near)}"
                + (f" and {more:,} other places" if more else ""),
            )
        chosen |= match
    return chosen


def list_boundaries(lake: Lake) -> list[dict[str, Any]]:
    """Return for each unit in the lake its number of areas, its places and its files."""
    listed = []
    for unit in units(lake):
        codes, names, _, files = _read(_parts(lake, unit))
        listed.append(
            {
                "unit": unit,
                "areas": len(codes),
                "places": sorted({place_of(n) for n in names}),
                "files": sorted(set(files)),
            }
        )
    return listed

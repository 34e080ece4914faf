"""The heavy pass over the lake: events → counts by place, month, service and category.

It is written once, as an Ibis expression, and runs on DuckDB by default or on Spark for national
data. Both engines give identical numbers: every step is integer counting or an exact floor. A lake
says which one counts its events (`Lake.open(…, engine="spark")`); a call may say otherwise.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from triservice.analysis.lake.boundaries import read_boundaries
from triservice.analysis.lake.bridges import FATES, RECODED
from triservice.analysis.lake.engine import ENGINES, Engine, spark_session
from triservice.analysis.lake.schema import EVENT_SCHEMA
from triservice.analysis.lake.store import Lake, Selection, reading_parts
from triservice.analysis.lake.vintages import codes_to_unit
from triservice.analysis.place.cells import Cells, Floats, Numbers
from triservice.analysis.place.contiguity import Outlines
from triservice.analysis.place.grids import check_size, hex_grid, robust_bounds, square_grid
from triservice.kernel.errors import InputError
from triservice.kernel.month import months_between

KIND = ("service", "category", "month")  # what is counted, apart from place


@dataclass(frozen=True)
class Counts:
    """Events by unit of place, service, category and month, and what became of every event.

    `table` has the columns unit (index into `cells`), service, category, month, events. The
    numbers in `placed` (by way of placing), `elsewhere` (outside `cells`) and `unplaced` (neither
    coordinates nor a code that can be followed) add up to the events of the selection. `moved` of
    those placed had a code of another vintage that is not in its place code for code.
    """

    cells: Cells
    table: pa.Table
    placed: dict[str, int]
    elsewhere: int
    unplaced: int
    notes: tuple[str, ...] = ()
    moved: int = 0

    @property
    def moved_share(self) -> float:
        """Part of the placed events that a plain join on codes would lose or put elsewhere."""
        return self.moved / max(1, sum(self.placed.values()))

    @property
    def events(self) -> int:
        """Events of the selection, wherever they are."""
        return sum(self.placed.values()) + self.elsewhere + self.unplaced

    def totals(
        self, service: str | None = None, category: str | None = None, month: str | None = None
    ) -> Numbers:
        """Return events per unit, int64 (n,), of one service, category or month when given."""
        chosen = self._of(service=service, category=category, month=month)
        totals = np.zeros(len(self.cells), dtype=np.int64)
        np.add.at(totals, chosen["unit"].to_numpy(), chosen["events"].to_numpy())
        return totals

    def series(
        self, service: str | None = None, category: str | None = None
    ) -> tuple[list[str], Numbers]:
        """Return every month from the first to the last and events per unit and month, (n, m)."""
        chosen = self._of(service=service, category=category)
        seen = pc.unique(chosen["month"]).to_pylist()
        months = months_between(min(seen), max(seen)) if seen else []
        column = np.searchsorted(months, chosen["month"].to_numpy().astype(np.str_))
        series = np.zeros((len(self.cells), len(months)), dtype=np.int64)
        np.add.at(series, (chosen["unit"].to_numpy(), column), chosen["events"].to_numpy())
        return months, series

    def _of(self, **wanted: str | None) -> pa.Table:
        chosen = self.table
        for column, value in wanted.items():
            if value is not None:
                chosen = chosen.filter(pc.equal(chosen[column], value))
        return chosen


def count_by_cell(
    lake: Lake,
    size_m: float,
    selection: Selection | None = None,
    *,
    shape: Literal["square", "hex"] = "square",
    region: Outlines | None = None,
    engine: Engine | None = None,
) -> Counts:
    """Count events in the cells of a grid, `size_m` metres wide, zeros included.

    The study region is every cell that touches `region` (outlines in the lake's metres); without
    one, every cell that touches the convex hull of the events, stray points left out. Hexagons
    are counted from square cells of one metre, so a hexagon's edge is exact to a metre.
    Raises InputError when no event has coordinates.
    """
    step = float(size_m) if shape == "square" else 1.0
    counted = tally(lake, (*KIND, "column", "row"), selection, cell_m=step, engine=engine)
    east = (_column(counted, "column") + 0.5) * step
    north = (_column(counted, "row") + 0.5) * step
    notes: tuple[str, ...] = ()
    if region is None:
        region, notes = _hull(east, north)
    bounds = tuple(shapely.total_bounds(region).tolist())
    grid = (square_grid if shape == "square" else hex_grid)(bounds, size_m)
    cells = grid.cells(grid.touching(region))
    unit = np.where(np.isnan(east), UNPLACED, cells.locate(east, north))
    return _collect(cells, [(counted, [("coordinates", unit)], 0)], notes)


def _hull(east: Floats, north: Floats) -> tuple[Outlines, tuple[str, ...]]:
    """Return the convex hull of the points that belong together, and what was left out."""
    robust = robust_bounds(east, north)
    points = shapely.points(east[robust.inside], north[robust.inside])
    note = robust.note()
    said = "No area was named: the study region is the convex hull of the events."
    hull = shapely.convex_hull(shapely.multipoints(points))
    return np.array([hull], dtype=object), (said, note) if note else (said,)


def count_by_area(
    lake: Lake,
    cells: Cells,
    selection: Selection | None = None,
    *,
    engine: Engine | None = None,
) -> Counts:
    """Count events in areas from `read_boundaries`, or in a part of them.

    An event's stated code is used when it leads to one area of the unit (through change lookups
    and names); otherwise its coordinates decide; without either it is unplaced. `placed` tells
    how many went each way, a code of another vintage by its route.
    """
    selection = selection or Selection()
    by_code = ("service", "area_code", "area_vintage")
    stated = tally(lake, by_code, selection, engine=engine)
    follow = _CodeFollower(lake, cells, stated)

    def count(service: str) -> Batch:
        own = replace(selection, services=(service,))
        undecided = bool((follow.units(stated.filter(pc.field("service") == service)) < -1).any())
        by = (*KIND, *by_code[1:], *(("easting", "northing") if undecided else ()))
        counted = _tally(lake, by, own, None, engine)  # up to a row an event: not to be sorted
        ways = follow.ways(counted)
        if undecided:
            east, north = _column(counted, "easting"), _column(counted, "northing")
            found = np.where(np.isnan(east), UNPLACED, cells.locate(east, north))
            ways.append(("coordinates", found))
        return counted, ways, follow.count_moved(counted)

    # One service at a time, and each let go before the next: that bounds the memory.
    services = pc.unique(stated["service"]).to_pylist()
    return _collect(cells, map(count, services), tuple(follow.notes))


class _CodeFollower:
    """Follows stated area codes of every vintage in the lake to the areas that are counted."""

    def __init__(self, lake: Lake, cells: Cells, stated: pa.Table) -> None:
        self.notes: list[str] = []
        self._way: dict[str, str] = {}
        self._unit: dict[tuple[str | None, str | None], int] = {}
        self._moved: set[tuple[str | None, str | None]] = set()
        for vintage in pc.unique(stated["area_vintage"].drop_null()).to_pylist():
            own = stated.filter(pc.field("area_vintage") == vintage)
            own = own.group_by("area_code").aggregate([("events", "sum")])
            self._follow(lake, cells, vintage, own.filter(pc.field("area_code").is_valid()))

    def _follow(self, lake: Lake, cells: Cells, vintage: str, stated: pa.Table) -> None:
        codes = stated["area_code"].to_pylist()
        try:
            placement = codes_to_unit(
                lake, codes, vintage, cells.unit, counts=stated["events_sum"].to_numpy()
            )
        except InputError as no_way:
            self.notes.append(f"Codes of {vintage} are not used: {no_way}")
            return
        self._way[vintage] = (
            "stated code"
            if len(placement.route) == 1
            else f"stated code, {' → '.join(placement.route)}"
        )
        self.notes += placement.notes
        number = {code: i for i, code in enumerate(cells.ids.tolist())}
        area_ids = read_boundaries(lake, cells.unit).ids
        for code, area, status in zip(codes, placement.index, placement.status, strict=True):
            if area >= 0:
                self._unit[vintage, code] = number.get(str(area_ids[area]), ELSEWHERE)
                if status in FATES[RECODED:]:
                    self._moved.add((vintage, code))
            elif status == "elsewhere":
                self._unit[vintage, code] = ELSEWHERE

    def units(self, table: pa.Table) -> Numbers:
        """Return the unit that the stated code of each row leads to, ELSEWHERE or UNPLACED."""
        vintage, vintages = _encode(table["area_vintage"])
        code, codes = _encode(table["area_code"])
        units = np.array(
            [[self._unit.get((v, c), UNPLACED) for c in codes] for v in vintages], dtype=np.int64
        )
        return np.asarray(units[vintage, code])

    def count_moved(self, table: pa.Table) -> int:
        """Return how many events of `table` are placed by a code that had to be moved."""
        vintage, vintages = _encode(table["area_vintage"])
        code, codes = _encode(table["area_code"])
        moved = np.array([[(v, c) in self._moved for c in codes] for v in vintages], dtype=bool)
        placed = self.units(table) >= 0
        return int(table["events"].to_numpy()[moved[vintage, code] & placed].sum())

    def ways(self, table: pa.Table) -> list[Way]:
        """Return the answer of each way that a stated code may go."""
        found = self.units(table)
        vintages = table["area_vintage"].to_numpy(zero_copy_only=False)
        return [
            (way, np.where(vintages == vintage, found, UNPLACED))
            for vintage, way in self._way.items()
        ]


def _encode(column: pa.ChunkedArray) -> tuple[Numbers, list[str | None]]:
    """Return for each row the place of its text in the list of different texts."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


ELSEWHERE, UNPLACED = -1, -2
Way = tuple[str, Numbers]  # how places were found; for each row the unit, ELSEWHERE, or UNPLACED
Batch = tuple[pa.Table, list[Way], int]  # and how many events a moved code placed


def _collect(cells: Cells, batches: Iterable[Batch], notes: tuple[str, ...]) -> Counts:
    """Add up rows by unit."""
    empty = [("unit", pa.int64()), *((name, pa.string()) for name in KIND), ("events", pa.int64())]
    found = list(map(_add_up, batches))
    table = pa.concat_tables([pa.schema(empty).empty_table(), *(one[0] for one in found)])
    table = table.sort_by([(name, "ascending") for name in ("unit", *KIND)])
    placed = Counter[str]()
    for one in found:
        placed.update(one[1])
    elsewhere, unplaced = sum(one[2] for one in found), sum(one[3] for one in found)
    moved = sum(one[4] for one in found)
    return Counts(cells, table, dict(placed), elsewhere, unplaced, notes, moved)


def _add_up(batch: Batch) -> tuple[pa.Table, Counter[str], int, int, int]:
    """Return a table, and events placed (by the first way that can), elsewhere, unplaced, moved."""
    counted, ways, moved = batch
    events, placed = counted["events"].to_numpy(), Counter[str]()
    unit = np.full(len(events), UNPLACED, dtype=np.int64)
    for way, answer in ways:
        undecided = unit == UNPLACED
        unit = np.where(undecided, answer, unit)
        placed[way] += int(events[undecided & (answer >= 0)].sum())
    table = counted.select([*KIND, "events"]).append_column("unit", pa.array(unit))
    table = table.filter(pa.array(unit >= 0))
    table = table.group_by(["unit", *KIND]).aggregate([("events", "sum")])
    table = table.rename_columns(["unit", *KIND, "events"])
    elsewhere, unplaced = (int(events[unit == which].sum()) for which in (ELSEWHERE, UNPLACED))
    return table, placed, elsewhere, unplaced, moved


def _column(table: pa.Table, name: str) -> Floats:
    """Return a column as float64, NaN where it is null."""
    values: Floats = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def tally(
    lake: Lake,
    by: Sequence[str],
    selection: Selection | None = None,
    *,
    cell_m: float | None = None,
    engine: Engine | None = None,
) -> pa.Table:
    """Count events by the columns in `by`, ordered by them; the count is the column `events`.

    Engines order nulls each in their own way, so the order is made here. With `cell_m`, the
    columns `column` and `row` may be named too: the square cell of that size in metres,
    floor(easting / cell_m) and floor(northing / cell_m), null without coordinates.
    Raises InputError for an unknown engine or column, and when Spark is not there.
    """
    counted = _tally(lake, by, selection, cell_m, engine)
    return counted.sort_by([(name, "ascending") for name in by])


def _tally(
    lake: Lake,
    by: Sequence[str],
    selection: Selection | None,
    cell_m: float | None,
    engine: Engine | None,
) -> pa.Table:
    """Count as `tally` does, in any order."""
    engine = engine or lake.engine
    if engine not in ENGINES:
        raise InputError(f"{engine!r} is not an engine", do=f"Choose {' or '.join(ENGINES)}.")
    files = [str(path) for path in lake.event_files((selection or Selection()).services)]
    if not files:
        types = {"column": pa.int64(), "row": pa.int64()}
        fields = [pa.field(n, types.get(n) or EVENT_SCHEMA.field(n).type) for n in by]
        return pa.schema([*fields, pa.field("events", pa.int64())]).empty_table()
    with reading_parts(lake.root):
        counted = _count(_READERS[engine](tuple(files)), by, selection, cell_m)
    # Typed here: engines hold text each in their own way.
    fields = [pa.field(f.name, pa.string() if _is_text(f.type) else f.type) for f in counted.schema]
    return counted.cast(pa.schema(fields))


def _count(
    events: Any, by: Sequence[str], selection: Selection | None, cell_m: float | None
) -> pa.Table:
    """Count the events of an Ibis table."""
    if cell_m is not None:
        check_size(cell_m)
        events = events.mutate(
            column=(events.easting / float(cell_m)).floor().cast("int64"),
            row=(events.northing / float(cell_m)).floor().cast("int64"),
        )
    if unknown := set(by) - set(events.columns):
        raise InputError(f"events have no column {', '.join(sorted(unknown))}")
    for column, operator, value in (selection or Selection()).conditions():
        events = events.filter(_OPERATORS[operator](events[column], value))
    return events.group_by(list(by)).agg(events=events.count()).to_pyarrow()


_OPERATORS = {
    "in": lambda column, value: column.isin(value),
    ">=": lambda column, value: column >= value,
    "<": lambda column, value: column < value,
}


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


@functools.lru_cache(maxsize=4)  # part files never change: a picture counts the same ones often
def _read_duckdb(files: tuple[str, ...]) -> Any:
    import ibis  # one to two seconds: only when something is counted

    backend = ibis.duckdb.connect()
    backend.raw_sql("SET TimeZone = 'UTC'")
    return backend.read_parquet(
        list(files), hive_partitioning=False
    )  # the columns are in the files


def _read_spark(files: tuple[str, ...]) -> Any:
    import ibis

    session = spark_session()
    session.read.parquet(*files).createOrReplaceTempView("events")  # Ibis reads one path only
    return ibis.pyspark.connect(session).table("events")


_READERS: dict[str, Callable[[tuple[str, ...]], Any]] = {
    "duckdb": _read_duckdb,
    "spark": _read_spark,
}

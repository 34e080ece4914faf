"""Records of a source → columns of the event schema, every value checked, by its mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from triservice.analysis.lake import arrow, clocks, moments, numbers, records
from triservice.analysis.lake.categories import load_categories
from triservice.analysis.lake.identity import hash_text, hash_values
from triservice.analysis.lake.mapping import UNMAPPED, Mapping
from triservice.analysis.lake.projection import Projector
from triservice.analysis.lake.quarantine import CODES
from triservice.analysis.lake.reading import Block
from triservice.analysis.lake.rules import Moment, WordRule
from triservice.analysis.lake.schema import LOCATION_PRECISIONS, TIME_PRECISIONS
from triservice.analysis.lake.store import Settings
from triservice.analysis.lake.time_formats import Formats, compile_formats
from triservice.analysis.lake.words import NOTHING, Codes, WordColumn, Words
from triservice.kernel.service import Service

MOST_CATEGORIES, MOST_AREAS = 20_000, 1_000_000
MANY_CODES = 100  # different area codes that show the vintage by having no newer one
SERVICES = tuple(Service)
_STAGES = {
    "called": "called_at",
    "mobilised": "mobilised_at",
    "en_route": "en_route_at",
    "arrived": "arrived_at",
    "closed": "closed_at",
}
_NONE, _AREA = LOCATION_PRECISIONS.index("none"), LOCATION_PRECISIONS.index("area")


@dataclass
class Faults:
    """What is wrong with each row (n,): the first reason found, and the column it is in."""

    codes: NDArray[np.uint8]
    columns: NDArray[np.int16]

    @classmethod
    def none(cls, n: int) -> Faults:
        """Return no faults for `n` rows."""
        return cls(np.zeros(n, np.uint8), np.full(n, -1, np.int16))

    def mark(self, where: NDArray[np.bool_], reason: str, column: int = -1) -> None:
        """Give rows a reason, unless they have one."""
        if where.any():
            new = where & (self.codes == 0)
            self.codes[new] = CODES[reason]
            self.columns[new] = column


@dataclass
class Converted:
    """A block as columns of the schema; word columns as codes into the converter's words."""

    faults: Faults
    ids: NDArray[np.uint64]
    by_row: NDArray[np.bool_]
    service: NDArray[np.int8]
    month: NDArray[np.int64]  # since 1970-01
    columns: dict[str, NDArray[Any]]  # (n,) times in microseconds with NULL_TIME for none
    outside: NDArray[np.bool_]
    impossible: NDArray[np.bool_]


NULL_TIME = np.iinfo(np.int64).min


@dataclass
class Converter:
    """Turns the blocks of one file into events. `index` says where each column of it is.

    In a `workbook` a cell may hold a real date whatever the mapping says of dates as text.
    """

    mapping: Mapping
    settings: Settings
    index: dict[str, int]
    width: int
    workbook: bool = False
    words: dict[str, Words] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compile formats and prepare the tables of words."""
        m = self.mapping
        joined = [word.encode() for word in m.file.missing]
        self._missing = np.frombuffer(b"".join(joined), np.uint8)
        self._missing_bounds = np.cumsum([0, *map(len, joined)], dtype=np.int32)
        self._missing_words = {"", *m.file.missing}
        self._formats: dict[tuple[tuple[str, ...], bool], Formats] = {}
        for name in ("service", "category", "source_category", "area_code"):
            self.words[name] = Words()
        self._service_columns = self._word_columns(m.service, self.words["service"])
        self._category_columns = self._word_columns(m.category, self.words["source_category"])
        self._category_of = np.zeros(0, np.int32)
        self._vocabulary = load_categories()
        self._projector = Projector(m, self.settings)
        self._area = (
            WordColumn(
                self.index[m.area.column], m.area.column, self.words["area_code"],
                self._said, MOST_AREAS,
            )
            if m.area
            else None
        )  # fmt: skip
        self._file_is_newer: bool | None = None
        self._id_seed = hash_text(m.name)
        self._row_seed = hash_text(f"{m.name}: row")

    def convert(self, block: Block) -> Converted:
        """Return the events of a block, faulty rows marked."""
        n = len(block)
        faults = Faults.none(n)
        self._check_records(block, faults)
        out: dict[str, NDArray[Any]] = {}
        service = self._services(block, faults)
        self._categories(block, out)
        month = self._times(block, faults, out)
        outside, impossible = self._places(block, faults, out, month)
        if self.mapping.severity:
            out["severity"] = self._number(block, faults, self.mapping.severity)
        ids, by_row = self._identities(block)
        return Converted(faults, ids, by_row, service, month, out, outside, impossible)

    def texts(self, block: Block, column: str, rows: NDArray[np.int64]) -> pa.Array:
        """Return the trimmed values of a column at `rows` as Arrow text, null where missing."""
        c, n = self.index[column], len(rows)
        starts, ends = block.starts[:, c], block.ends[:, c]
        offsets, present = np.empty(n + 1, np.int32), np.empty(n, np.bool_)
        size = records.value_lengths(
            block.data, rows, starts, ends, self._missing, self._missing_bounds, offsets, present
        )
        target = np.empty(size, np.uint8)
        records.copy_values(block.data, rows, starts, ends, present, offsets, target)
        return arrow.texts(offsets, target, ~present)

    def _said(self, text: str) -> str | None:
        return None if text in self._missing_words else text

    def _check_records(self, block: Block, faults: Faults) -> None:
        flags = block.flags
        if not flags.any():
            return
        faults.mark(flags & records.BROKEN_QUOTES != 0, "broken-quotes")
        faults.mark(flags & records.NUL != 0, "nul-byte")
        faults.mark(flags & records.FIELD_COUNT != 0, "wrong-field-count")
        high = flags & records.HIGH != 0
        if high.any():
            faults.mark(_not_utf8(block, high), "bad-encoding")

    def _word_columns(self, rule: WordRule, words: Words) -> list[WordColumn]:
        def read(text: str) -> str | None:
            return self._said(rule.word(text)) if text not in self._missing_words else None

        return [
            WordColumn(self.index[name], name, words, read, MOST_CATEGORIES)
            for name in rule.columns
        ]

    def _first_word(self, block: Block, columns: list[WordColumn]) -> Codes:
        codes = columns[0].codes(block)
        for column in columns[1:]:
            codes = np.where(codes == NOTHING, column.codes(block), codes)
        return codes

    def _services(self, block: Block, faults: Faults) -> NDArray[np.int8]:
        rule = self.mapping.service
        if rule.value:
            return np.full(len(block), SERVICES.index(Service(rule.value)), np.int8)
        codes = self._first_word(block, self._service_columns)
        names = [rule.table.get(w, w.casefold()) for w in self.words["service"].list]
        known = [SERVICES.index(Service(n)) if n in SERVICES else -1 for n in names]
        service = np.array([*known, -1], np.int8)[codes]  # NOTHING is the last
        column = self._service_columns[0].column
        faults.mark(codes == NOTHING, "missing-service", column)
        faults.mark(service < 0, "unknown-service", column)
        return service

    def _categories(self, block: Block, out: dict[str, NDArray[Any]]) -> None:
        rule, known = self.mapping.category, self.words["category"]
        if rule.value:
            out["category"] = np.full(len(block), known.code(rule.value), np.int32)
            return
        codes = self._first_word(block, self._category_columns)
        words = self.words["source_category"].list
        if len(words) > len(self._category_of):
            new = [self._category(word) for word in words[len(self._category_of) :]]
            self._category_of = np.append(self._category_of, new).astype(np.int32)
        none = known.code(UNMAPPED)
        out["category"] = np.append(self._category_of, none).astype(np.int32)[codes]
        out["source_category"] = codes

    def _category(self, word: str) -> int:
        slug = self.mapping.category.table.get(word, word if word in self._vocabulary else UNMAPPED)
        return self.words["category"].code(slug)

    def _read_moment(self, block: Block, moment: Moment) -> moments.Times:
        times = self._read_times(block, moment.column, moment.formats, False)
        if moment.time_column:
            clock = self._read_times(block, moment.time_column, moment.time_formats, True)
            ok = clock.status == moments.OK
            times.micros += np.where(ok, clock.micros, 0)
            times.precision = np.where(ok, clock.precision, times.precision)
            bad = (clock.status == moments.BAD) & (times.status == moments.OK)
            times.status = np.where(bad, np.uint8(moments.BAD), times.status)
        if moment.precision:
            times.precision[:] = TIME_PRECISIONS.index(moment.precision)
        return times

    def _read_times(
        self, block: Block, column: str, formats: tuple[str, ...], clock: bool
    ) -> moments.Times:
        key = (formats, clock)
        if key not in self._formats:
            cell = ("%H:%M:%S" if clock else "iso",) if self.workbook else ()
            self._formats[key] = compile_formats((*formats, *cell), clock)
        c = self.index[column]
        return moments.read_times(
            block.data, block.starts[:, c], block.ends[:, c], self._formats[key],
            self._missing, self._missing_bounds,
        )  # fmt: skip

    def _times(
        self, block: Block, faults: Faults, out: dict[str, NDArray[Any]]
    ) -> NDArray[np.int64]:
        rule = self.mapping.time
        column = self.index[rule.start.column]
        start = self._read_moment(block, rule.start)
        faults.mark(start.status == moments.MISSING, "missing-time", column)
        faults.mark(start.status == moments.BAD, "bad-time", column)
        begins = start.in_utc(rule.zone)
        ends = self._ends(start, begins)
        if rule.end:
            column = self.index[rule.end.column]
            stop = self._read_moment(block, rule.end)
            faults.mark(stop.status == moments.BAD, "bad-time", column)
            stated = stop.status == moments.OK
            ends = np.where(stated, self._ends(stop, stop.in_utc(rule.zone)), ends)
            faults.mark(stated & (ends < begins), "times-reversed", column)
        out["time_from"], out["time_to"], out["time_precision"] = begins, ends, start.precision
        self._stages(block, faults, out)
        return self._months(start, begins)

    def _ends(self, times: moments.Times, begins: NDArray[np.int64]) -> NDArray[np.int64]:
        if not times.precision.any():  # all to the second: over when they begin
            return begins
        local = clocks.end_of(times.micros, times.precision)
        over = moments.Times(local, times.offset, times.precision, times.status)
        return over.in_utc(self.mapping.time.zone)

    def _months(self, start: moments.Times, begins: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the month on the lake's clock; a day or a month is what it is on any clock."""
        zone = self.settings.time_zone
        if zone == self.mapping.time.zone and not start.has_offsets():
            return clocks.months_of(start.micros)
        whole = start.precision >= clocks.DAY_CODE
        local = np.where(whole, start.micros, clocks.utc_to_local(begins, zone))
        return clocks.months_of(local)

    def _stages(self, block: Block, faults: Faults, out: dict[str, NDArray[Any]]) -> None:
        known = {"from": out["time_from"]}
        for name, stage in self.mapping.time.stages.items():
            column = self.index[stage.columns[0]]
            if stage.moment:
                times = self._read_moment(block, stage.moment)
                faults.mark(times.status == moments.BAD, "bad-time", column)
                moment = times.in_utc(self.mapping.time.zone)
                valid = times.status == moments.OK
            else:
                seconds = self._number(block, faults, stage.column)
                origin = known.get(stage.after, known["from"])
                valid = np.isfinite(seconds) & (origin != NULL_TIME)
                step = np.where(valid, seconds, 0) * (stage.unit_seconds * clocks.SECOND)
                moment = origin + step.astype(np.int64)
            known[name] = out[_STAGES[name]] = np.where(valid, moment, NULL_TIME)

    def _number(self, block: Block, faults: Faults, name: str) -> NDArray[np.float64]:
        c = self.index[name]
        values, status = numbers.read_numbers(
            block.data, block.starts[:, c], block.ends[:, c], self.mapping.file.decimal,
            self._missing, self._missing_bounds,
        )  # fmt: skip
        faults.mark(status == numbers.BAD, "bad-number", c)
        values[status != numbers.OK] = np.nan
        return values

    def _places(
        self,
        block: Block,
        faults: Faults,
        out: dict[str, NDArray[Any]],
        month: NDArray[np.int64],
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        pairs = [
            (self._number(block, faults, rule.x), self._number(block, faults, rule.y))
            for rule in self.mapping.locations
        ]
        placed = self._projector.place(len(block), pairs)
        if self.mapping.locations:
            faults.mark(placed.half, "half-a-location", self.index[self.mapping.locations[0].x])
            out["easting"], out["northing"] = placed.easting, placed.northing
        precision = placed.precision
        if self._area and self.mapping.area:
            codes = self._area.codes(block)
            out["area_code"] = codes
            out["area_vintage"] = self._vintages(codes, month)
            precision[(precision == _NONE) & (codes != NOTHING)] = _AREA
        out["location_precision"] = precision
        return placed.outside, placed.impossible

    def _vintages(self, codes: Codes, month: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return 0 for the mapping's vintage, 1 for its newer one, NOTHING without a code."""
        rule = self.mapping.area
        assert rule is not None
        stated = codes != NOTHING
        vintage = np.where(stated, 0, NOTHING).astype(np.int32)
        if not rule.newer:
            return vintage
        words = self.words["area_code"].list
        firsts = tuple((code[:1], code) for code in rule.newer_codes)
        newer = np.array([any(w[:1] == f and w >= c for f, c in firsts) for w in words] + [False])
        row_is_newer = newer[codes]
        if self._file_is_newer is None and stated.any():
            if newer.any():
                self._file_is_newer = True
            elif len(words) >= MANY_CODES:
                self._file_is_newer = False
        if self._file_is_newer is not None:
            row_is_newer = row_is_newer | self._file_is_newer
        elif rule.newer_from:
            since = np.datetime64(rule.newer_from, "M").astype(np.int64)
            row_is_newer = row_is_newer | (month >= since)
        vintage[stated & row_is_newer] = 1
        return vintage

    def _identities(self, block: Block) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        n = len(block)
        ids = np.zeros(n, np.uint64)
        by_row = np.ones(n, np.bool_)
        columns = np.array([self.index[c] for c in self.mapping.id_columns], np.int64)
        for c in columns:
            missing = np.empty(n, np.bool_)
            records.missing_values(
                block.data, block.starts[:, c], block.ends[:, c],
                self._missing, self._missing_bounds, missing,
            )  # fmt: skip
            by_row &= missing
        data, starts, ends = block.data, block.starts, block.ends
        if len(columns):
            hash_values(data, starts, ends, columns, self._id_seed, ~by_row, ids)
        every = np.arange(self.width, dtype=np.int64)
        hash_values(data, starts, ends, every, self._row_seed, by_row, ids)
        return ids, by_row


def _not_utf8(block: Block, high: NDArray[np.bool_]) -> NDArray[np.bool_]:
    first, last = int(block.row_starts[0]), int(block.row_ends[-1])
    wrong = np.zeros(len(block), np.bool_)
    try:
        str(block.data[first:last].data, "utf-8")
    except UnicodeDecodeError:
        for row in np.flatnonzero(high):
            try:
                str(block.data[block.row_starts[row] : block.row_ends[row]].data, "utf-8")
            except UnicodeDecodeError:
                wrong[row] = True
    return wrong

"""Mappings: what the columns of a source mean, as data. docs/reference/mapping.md has every key."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from triservice.analysis.lake.categories import load_categories
from triservice.analysis.lake.rules import (
    AreaRule,
    FileRule,
    LocationRule,
    Moment,
    Stage,
    TimeRule,
    WordRule,
)
from triservice.analysis.lake.schema import LOCATION_PRECISIONS, TIME_PRECISIONS
from triservice.analysis.lake.time_formats import compile_formats
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID
from triservice.kernel.month import parse_month
from triservice.kernel.service import Service
from triservice.toml_reader import Table, near

MISSING_WORDS = ("NULL", "null", "NA", "N/A", "n/a", "NaN", "nan", "None", "none", "#N/A", "-")
STAGES = ("called", "mobilised", "en_route", "arrived", "closed")
UNMAPPED = "unmapped"
MOST_SKIPPED = 1_000  # lines of titles above the names of the columns
_STAGE_ORIGINS = ("from", "called", "mobilised", "en_route", "arrived")
_PRECISIONS = tuple(p for p in LOCATION_PRECISIONS if p != "none")


@dataclass(frozen=True)
class Mapping:
    """A source: how its files are written and what their columns mean."""

    name: str
    title: str
    file: FileRule
    crs: str | None
    time_zone: str | None
    service: WordRule
    id_columns: tuple[str, ...]
    time: TimeRule
    category: WordRule
    locations: tuple[LocationRule, ...]
    bounds: tuple[float, float, float, float] | None
    area: AreaRule | None
    severity: str
    uprn: str
    outcome: str
    origin: str
    sha256: str

    def columns(self) -> list[str]:
        """Return every column of the file that the mapping reads, in a settled order."""
        names = [*self.service.columns, *self.id_columns, *self.time.start.columns]
        if self.time.end:
            names += self.time.end.columns
        for stage in self.time.stages.values():
            names += stage.columns
        names += self.category.columns
        for location in self.locations:
            names += [location.x, location.y]
        if self.area:
            names.append(self.area.column)
        names += [name for name in (self.severity, self.uprn, self.outcome) if name]
        return list(dict.fromkeys(names))


@lru_cache(maxsize=1)
def built_in() -> dict[str, Path]:
    """Return the mappings that come with the package: name → file."""
    folder = resources.files("triservice.analysis.lake") / "adapters"
    return {
        Path(str(entry)).stem: Path(str(entry))
        for entry in sorted(folder.iterdir(), key=str)
        if entry.name.endswith(".toml")
    }


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Return a built-in mapping by its name, or the one in a TOML file.

    Raises InputError that names the file, the key, its line and what to do.
    """
    known = built_in()
    path = known.get(str(name_or_path), Path(name_or_path))
    if path.suffix != ".toml" or not path.is_file():
        problem = "is not a file" if path.suffix == ".toml" else "is not a mapping"
        raise InputError(
            f"{str(name_or_path)!r} {problem}",
            do=f"{near(str(name_or_path), known)} Use {', '.join(known)} or the path of a mapping "
            "file (.toml); `triservice import --describe FILE` proposes one.".strip(),
        )
    return _mapping(Table.read(path))


def _mapping(root: Table) -> Mapping:
    name = root.need_text("name", '"our-cad"')
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise root.refuse(
            "name",
            f"{name!r} is not a plain name",
            do="Use lower-case letters, digits and hyphens, for example our-cad.",
        )
    crs, time_zone = _lake(root.table("lake"))
    time = _time(root, time_zone)
    columns = root.table("columns")
    mapping = Mapping(
        name=name,
        title=root.text_of("title", name),
        file=_file(root.table("file")),
        crs=crs,
        time_zone=time_zone,
        service=_service(root),
        id_columns=_named(columns, "id") if columns else (),
        time=time,
        category=_category(root),
        locations=tuple(_location(table) for table in root.tables("location")),
        bounds=_bounds(root.table("bounds")),
        area=_area(root.table("area")),
        severity=columns.text_of("severity") if columns else "",
        uprn=columns.text_of("uprn") if columns else "",
        outcome=columns.text_of("outcome") if columns else "",
        origin=str(root.file),
        sha256=hashlib.sha256(root.text.encode()).hexdigest(),
    )
    if columns:
        columns.finish()
    root.finish()
    if not mapping.columns():
        raise root.refuse("time", "no column of the file is read")
    return mapping


def _file(table: Table | None) -> FileRule:
    if table is None:
        return FileRule((), "", "", ".", MISSING_WORDS, 0, "")
    delimiter = table.text_of("delimiter")
    delimiter = {"tab": "\t", "auto": ""}.get(delimiter, delimiter)
    if len(delimiter) > 1 or delimiter == '"':
        raise table.refuse("delimiter", f"{delimiter!r} is not one character", do='Write ";".')
    encoding = table.text_of("encoding")
    if encoding:
        try:
            "".encode(encoding)
            codecs.getincrementaldecoder(encoding)
        except (LookupError, ValueError):
            raise table.refuse(
                "encoding", f"{encoding!r} is not an encoding", do="Use utf-8 or cp1252."
            ) from None
    skip = table.take("skip_rows", int, 0)
    if not 0 <= skip <= MOST_SKIPPED:
        raise table.refuse("skip_rows", f"must be from 0 to {MOST_SKIPPED:,}, not {skip:,}")
    rule = FileRule(
        pattern=table.texts("pattern"),
        delimiter=delimiter,
        encoding=encoding.lower(),
        decimal=table.choice("decimal", (".", ","), "."),
        missing=table.texts("missing", MISSING_WORDS),
        skip_rows=skip,
        sheet=table.text_of("sheet"),
    )
    table.finish()
    return rule


def _lake(table: Table | None) -> tuple[str | None, str | None]:
    if table is None:
        return None, None
    crs = table.text_of("crs", BRITISH_NATIONAL_GRID)
    _check_projected(table, crs)
    zone = _zone(table, "time_zone", "Europe/London")
    table.finish()
    return crs, zone


def _check_projected(table: Table, crs: str) -> None:
    if crs == BRITISH_NATIONAL_GRID:
        return
    system = _crs(table, "crs", crs)
    metres = all(axis.unit_conversion_factor == 1 for axis in system.axis_info)
    if not (system.is_projected and metres):  # feet would be taken for metres
        raise table.refuse(
            "crs",
            f"{crs} is not a projected system in metres",
            do="Use the national grid or UTM zone of the place, for example EPSG:26918.",
        )


def _crs(table: Table, key: str, text: str):  # type: ignore[no-untyped-def]
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise table.refuse(
            key, f"{text!r} is not a coordinate system", do="Write for example EPSG:27700."
        ) from None


def _zone(table: Table, key: str, default: str) -> str:
    zone = table.text_of(key, default)
    try:
        ZoneInfo(zone)
    except Exception:  # zoneinfo raises several kinds for a bad name
        raise table.refuse(
            key, f"{zone!r} is not a time zone", do="Write for example Europe/London or UTC."
        ) from None
    return zone


def _word_rule(table: Table) -> WordRule:
    rule = WordRule(
        value=table.text_of("value"),
        columns=(*table.texts("column"), *table.texts("columns")),
        before=table.text_of("before"),
        after=table.text_of("after"),
        strip=table.text_of("strip"),
        table=table.words("table"),
    )
    table.finish()
    if bool(rule.value) == bool(rule.columns):
        raise table.refuse(
            "value" if rule.value else "column",
            "says nothing" if not rule.columns else "stands beside value",
            do="Give either value (the same for all rows) or column.",
        )
    return rule


def _service(root: Table) -> WordRule:
    if isinstance(root.values.get("service"), str):
        rule = WordRule(root.text_of("service"), (), "", "", "", {})
        table = root
    else:
        found = root.table("service")
        if found is None:
            raise root.refuse("service", "is missing", do='Add for example: service = "fire".')
        rule, table = _word_rule(found), found
    services = tuple(Service)
    for key, service in [("value", rule.value), *rule.table.items()]:
        if service not in services and (service or table is root):
            raise table.refuse(
                f"table.{key}" if key in rule.table else key if table is not root else "service",
                f"{service!r} is not a service",
                do=f"Use {', '.join(services)}.",
            )
    return rule


def _category(root: Table) -> WordRule:
    table = root.table("category")
    if table is None:
        return WordRule(UNMAPPED, (), "", "", "", {})
    rule = _word_rule(table)
    known = load_categories()
    for key, slug in [("value", rule.value), *rule.table.items()]:
        if slug and slug not in known:
            raise table.refuse(
                f"table.{key}" if key in rule.table else "value",
                f"{slug!r} is not in the common vocabulary",
                do=f"{near(slug, known)} `triservice import --categories` lists it.".strip(),
            )
    return rule


def _named(table: Table, key: str) -> tuple[str, ...]:
    names = table.texts(key)
    if not all(name.strip() for name in names):
        raise table.refuse(key, "names a column with no name", do=f"Name one, or leave out {key}.")
    return names


def _moment(table: Table) -> Moment:
    split = table.has("date")
    column = table.need_text("date" if split else "column", '"Date of call"')
    moment = Moment(
        column=column,
        formats=table.texts("format", ("iso",)),
        time_column=table.need_text("time", '"Time of call"') if split else "",
        time_formats=table.texts("time_format", ("%H:%M:%S", "%H:%M")) if split else (),
        precision=table.choice("precision", ("", *TIME_PRECISIONS), ""),
    )
    for key, formats, clock in (
        ("format", moment.formats if not split else (), False),
        ("time_format", moment.time_formats, True),
    ):
        try:
            compile_formats(formats, clock)
        except InputError as error:
            raise table.refuse(key, error.what, do=error.do) from None
    table.finish()
    return moment


def _time(root: Table, lake_zone: str | None) -> TimeRule:
    table = root.table("time")
    if table is None:
        raise root.refuse(
            "time", "is missing", do="Add a table [time] with zone and from = { column = … }."
        )
    zone = _zone(table, "zone", lake_zone or "Europe/London")
    start, end = table.table("from"), table.table("to")
    if start is None:
        raise table.refuse(
            "from", "is missing", do='Add from = { column = "…", format = "%d/%m/%Y %H:%M" }.'
        )
    stages = {}
    for name in STAGES:
        stage = table.table(name)
        if stage is not None:
            stages[name] = _stage(stage)
    rule = TimeRule(zone, _moment(start), _moment(end) if end else None, stages)
    table.finish()
    return rule


def _stage(table: Table) -> Stage:
    for key, seconds in (("seconds", 1), ("minutes", 60)):
        if table.has(key):
            after = table.choice("after", _STAGE_ORIGINS, "from")
            stage = Stage(None, table.need_text(key, '"…"'), after, seconds)
            table.finish()
            return stage
    return Stage(_moment(table))


def _location(table: Table) -> LocationRule:
    rule = LocationRule(
        x=table.need_text("x", '"Easting"'),
        y=table.need_text("y", '"Northing"'),
        crs=table.text_of("crs", BRITISH_NATIONAL_GRID),
        precision=table.choice("precision", _PRECISIONS, "exact"),
    )
    _crs(table, "crs", rule.crs)
    table.finish()
    return rule


def _bounds(table: Table | None) -> tuple[float, float, float, float] | None:
    if table is None:
        return None
    west, south, east, north = (
        table.take(side, float) for side in ("west", "south", "east", "north")
    )
    for side, value in (("west", west), ("south", south), ("east", east), ("north", north)):
        if value is None:
            raise table.refuse(side, "is missing", do="Give west, south, east, north in metres.")
    table.finish()
    if not (west < east and south < north):
        raise table.refuse("west", "the bounds are empty", do="West and south come first.")
    return west, south, east, north


def _area(table: Table | None) -> AreaRule | None:
    if table is None:
        return None
    rule = AreaRule(
        column=table.need_text("column", '"LSOA code"'),
        vintage=table.need_text("vintage", '"lsoa21"'),
        newer=table.text_of("newer"),
        newer_codes=table.texts("newer_codes"),
        newer_from=table.text_of("newer_from"),
    )
    table.finish()
    if rule.newer_from:
        try:
            parse_month(rule.newer_from)
        except InputError as error:
            raise table.refuse("newer_from", error.what, do=error.do) from None
    return rule

"""What a mapping says, part by part. docs/reference/mapping.md has every key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileRule:
    """How the file is written. An empty delimiter means: found from the header."""

    pattern: tuple[str, ...]
    delimiter: str
    encoding: str
    decimal: str
    missing: tuple[str, ...]
    skip_rows: int
    sheet: str


@dataclass(frozen=True)
class WordRule:
    """How a word (service, category) comes out of a row.

    `value` for all rows; otherwise the first of `columns` that is not empty, the part of it
    before or after a mark, stripped of characters, looked up in `table`.
    """

    value: str
    columns: tuple[str, ...]
    before: str
    after: str
    strip: str
    table: dict[str, str]

    def word(self, text: str) -> str:
        """Return the source's own word in a value of the column."""
        if self.before:
            text = text.split(self.before, 1)[0]
        if self.after:
            text = text.split(self.after, 1)[-1]
        return text.strip(f" \t{self.strip}")


@dataclass(frozen=True)
class Moment:
    """A time in one column, or a date and a time of day in two."""

    column: str
    formats: tuple[str, ...]
    time_column: str = ""
    time_formats: tuple[str, ...] = ()
    precision: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return (self.column, self.time_column) if self.time_column else (self.column,)


@dataclass(frozen=True)
class Stage:
    """A later moment of an incident: a time of its own, or seconds after another moment."""

    moment: Moment | None
    column: str = ""
    after: str = ""
    unit_seconds: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return self.moment.columns if self.moment else (self.column,)


@dataclass(frozen=True)
class TimeRule:
    """When it happened: `start`, an `end` where the source gives a span, and later stages."""

    zone: str
    start: Moment
    end: Moment | None
    stages: dict[str, Stage]


@dataclass(frozen=True)
class LocationRule:
    """A pair of coordinate columns in one coordinate system."""

    x: str
    y: str
    crs: str
    precision: str


@dataclass(frozen=True)
class AreaRule:
    """The area code column and how the vintage of its codes is known.

    A code at or above one of `newer_codes` exists in the newer vintage only; a file that holds
    one is all of that vintage, one with many codes and none of them is not; a file too small to
    say is newer from the month `newer_from`.
    """

    column: str
    vintage: str
    newer: str
    newer_codes: tuple[str, ...]
    newer_from: str

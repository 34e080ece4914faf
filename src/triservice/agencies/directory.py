"""The directory of services of the 2016 national overview, from `directory_2016.toml`.

Which police force, fire authorities and ambulance trust share an area, and who led them then.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from triservice.kernel.errors import InputError

TABLE = Path(__file__).with_name("directory_2016.toml")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who held an office, of what, in the year of the directory."""

    service: str  # police, fire or ambulance
    office: str
    of: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One area of the directory: its services, and their leaders as of the year of the source."""

    area: str
    police: tuple[str, ...]
    fire: tuple[str, ...]
    ambulance: str
    holders: tuple[Holder, ...]
    doubt: str = ""  # what in the source looks wrong or is unclear; kept as printed

    @property
    def words(self) -> str:
        """Every word of the entry, folded, for searching."""
        people = (f"{holder.name} {holder.office} {holder.of}" for holder in self.holders)
        return fold(" ".join((self.area, *self.police, *self.fire, self.ambulance, *people)))


@dataclass(frozen=True, slots=True)
class Directory:
    """The whole directory with its source and year."""

    source: str
    as_of: int
    absent: tuple[str, ...]  # forces of England that the source has no entry for
    entries: tuple[Entry, ...]

    def search(self, text: str) -> list[Entry]:
        """Return the entries that hold every word of `text`, in any order; all for no words."""
        wanted = fold(text).split()
        return [entry for entry in self.entries if all(word in entry.words for word in wanted)]

    def areas_of_fire(self) -> Mapping[str, tuple[str, ...]]:
        """Return for each fire authority the police areas that it lies in: many to many."""
        areas: dict[str, tuple[str, ...]] = {}
        for entry in self.entries:
            for authority in entry.fire:
                areas[authority] = (*areas.get(authority, ()), entry.area)
        return areas

    def coterminous(self) -> list[Entry]:
        """Return the entries of one force and one fire authority that lies in no other area."""
        areas = self.areas_of_fire()
        return [
            entry
            for entry in self.entries
            if len(entry.police) == len(entry.fire) == len(areas[entry.fire[0]]) == 1
        ]


def fold(text: str) -> str:
    """Return text in small letters without accents, for comparing."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@cache
def directory() -> Directory:
    """Return the directory of 2016."""
    return read_directory(TABLE)


def read_directory(file: Path) -> Directory:
    """Read a directory. Raises InputError naming the entry that lacks or repeats something."""
    table = tomllib.loads(file.read_text("utf-8"))
    entries: list[Entry] = []
    for number, row in enumerate(table["entry"], 1):
        if missing := {"area", "police", "fire", "ambulance", "holders"} - set(row):
            what = f"has no {sorted(missing)[0]}"
            raise InputError(what, file=file, row=number, do="Complete the directory")
        if row["area"] in {entry.area for entry in entries}:
            raise InputError("repeats an area", file=file, row=number, do="Join the two entries")
        entries.append(
            Entry(
                area=row["area"],
                police=tuple(row["police"]),
                fire=tuple(row["fire"]),
                ambulance=row["ambulance"],
                holders=tuple(Holder(**holder) for holder in row["holders"]),
                doubt=row.get("doubt", ""),
            )
        )
    return Directory(table["source"], table["as_of"], tuple(table["absent"]), tuple(entries))

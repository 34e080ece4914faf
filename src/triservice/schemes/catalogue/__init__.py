"""The catalogue of schemes: the files beside this one, and those of the place.

The newest version of a scheme is `<scheme>.toml`; older ones stay as `<scheme>@1.toml`, because a
case keeps the version it began with. Instruments are kept the same way in `../instruments`. Files
in the folder that TRISERVICE_SCHEMES names come first (its `instruments` likewise).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from triservice.kernel.errors import InputError
from triservice.schemes import carrying
from triservice.schemes.carrying import Aside, Carried
from triservice.schemes.reading.scheme import read_instrument_file, read_scheme
from triservice.schemes.scheme import Instrument, Scheme
from triservice.schemes.triage import Eligible, consents_before, routes_for, triage
from triservice.toml_reader import near

__all__ = [
    "Carried", "Eligible", "carry", "consents_before", "instrument", "instruments", "names", "read",
    "routes_for", "scheme", "triage",
]  # fmt: skip

HERE = Path(__file__).resolve().parent
INSTRUMENTS = HERE.parent / "instruments"
_NAME = re.compile(r"[a-z][a-z0-9-]*(@\d+)?")


def names() -> tuple[str, ...]:
    """Return the ids of all schemes, in the order of the alphabet."""
    return tuple(sorted(_current(_schemes())))


def scheme(name: str, version: int | None = None) -> Scheme:
    """Return a scheme; without `version` the newest. Raises InputError when there is none."""
    newest = _cached(_found(_schemes(), name, "scheme"))
    if version in (None, newest.version):
        return newest
    return _cached(_found(_schemes(), f"{name}@{version}", "scheme"))


def carry(name: str, version: int, form: str, given: Mapping[str, Any]) -> Carried:
    """Carry answers to a form of an older version into the newest, version by version.

    Answers that no longer fit are in `aside`. Raises InputError when a version is missing.
    """
    newest = scheme(name)
    values: Mapping[str, Any] = given
    aside: tuple[Aside, ...] = ()
    for number in range(version, newest.version):
        step = carrying.carry(scheme(name, number), scheme(name, number + 1), form, values)
        values, aside = step.values, (*aside, *step.aside)
    return Carried(values, aside)


def read(file: Path) -> Scheme:
    """Read and check a scheme file of any folder. Raises InputError naming line and key.

    An `instruments` folder beside the file is looked in first.
    """
    own = file.resolve().parent / "instruments"
    return read_scheme(file, lambda reference: instrument(reference, own))


def instruments() -> tuple[str, ...]:
    """Return the ids of all instruments."""
    return tuple(sorted(_current(_instruments())))


def instrument(reference: str, *first: Path) -> tuple[Instrument, str]:
    """Return an instrument by id and version ("falls-risk@1"), and the digest of its file.

    Raises InputError when there is none.
    """
    name, _, version = reference.partition("@")
    if not version.isdigit():
        raise InputError(f"{reference!r} names no version", do=f'Write "{name}@1".')
    folders = (*first, *_instruments())
    for stem in (reference, name):
        for path in _files(folders, stem):
            found, digest = _cached_instrument(path, path.stat().st_mtime_ns)
            if found.version == int(version):
                return found, digest
    known = ", ".join(sorted(_current(folders)))
    raise InputError(
        f"There is no instrument {reference}", do=near(name, known.split(", ")) or f"Use {known}"
    )


def _schemes() -> tuple[Path, ...]:
    return (*_of_the_place(), HERE)


def _instruments() -> tuple[Path, ...]:
    return (*(folder / "instruments" for folder in _of_the_place()), INSTRUMENTS)


def _of_the_place() -> tuple[Path, ...]:
    folder = os.environ.get("TRISERVICE_SCHEMES", "").strip()
    return (Path(folder),) if folder else ()


def _current(folders: tuple[Path, ...]) -> set[str]:
    stems = (path.stem for folder in folders for path in folder.glob("*.toml"))
    return {stem for stem in stems if "@" not in stem}


def _files(folders: tuple[Path, ...], stem: str) -> Iterator[Path]:
    if _NAME.fullmatch(stem):
        yield from (path for folder in folders if (path := folder / f"{stem}.toml").is_file())


def _found(folders: tuple[Path, ...], stem: str, what: str) -> Path:
    """Return the file of a name. Raises InputError when there is none."""
    if (path := next(_files(folders, stem), None)) is not None:
        return path
    known = sorted(_current(folders))
    raise InputError(
        f"There is no {what} {stem[:80]}", do=near(stem, known) or f"Use one of: {', '.join(known)}"
    )


def _cached(path: Path) -> Scheme:
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=128)
def _read(path: Path, changed: int) -> Scheme:
    """Read a scheme once, and again when its file has changed."""
    return read_scheme(path, instrument)


@lru_cache(maxsize=128)
def _cached_instrument(path: Path, changed: int) -> tuple[Instrument, str]:
    return read_instrument_file(path)

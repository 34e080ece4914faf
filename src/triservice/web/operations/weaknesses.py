"""Known weaknesses of the components that are installed, looked up in lists of the operator's.

A list is a file of OSV (https://osv.dev): a ZIP of one JSON document for each weakness, as
`https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip`. What runs in Python is asked of
Python itself, what runs in the browser of the lock that its files were built from. Nothing is asked
of the network. A version is compared as the schema says
(https://ossf.github.io/osv-schema/, "Evaluation").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from triservice.kernel.errors import InputError

LOCK = Path(__file__).resolve().parents[1] / "front" / "package-lock.json"
PINNED = Path(__file__).with_name("pinned.txt")  # a day, and what was pinned then: `make lock`
Component = tuple[str, str]  # ecosystem, name as it is compared


@dataclass(frozen=True, slots=True)
class Weakness:
    """One that a component has: as it is called, when it was published, and since when mended."""

    component: str
    called: str
    published: str
    mended_in: str

    def __str__(self) -> str:
        """Say it."""
        mended = f", mended in {self.mended_in}" if self.mended_in else ", not mended yet"
        return f"{self.component} has {self.called}, known since {self.published}{mended}"


def pinned() -> date:
    """Return the day on which the versions of all components were chosen anew."""
    return date.fromisoformat(PINNED.read_text(encoding="utf-8").split()[0])


def installed(lock: Path = LOCK) -> dict[Component, str]:
    """Return the version of each component: of Python, and of the browser where its lock is."""
    found: dict[Component, str] = {
        ("PyPI", canonicalize_name(one.name)): one.version for one in metadata.distributions()
    }
    if lock.is_file():
        for place, said in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
            name = place.rpartition("node_modules/")[2]
            if name and not said.get("dev") and "version" in said:
                found["npm", name] = said["version"]
    return found


def look(lists: Iterable[Path], there: Mapping[Component, str]) -> tuple[list[Weakness], date]:
    """Return the weaknesses that components have, and the day of the oldest list.

    Raises InputError for a file that is no such list.
    """
    found, days = dict[tuple[str, str], Weakness](), []
    for file in lists:
        last = ""
        try:
            for said in _documents(file):
                last = max(last, said["modified"])
                for one in _of(said, there):
                    found.setdefault((one.component, one.called), one)
            days.append(date.fromisoformat(last[:10]))
        except (OSError, BadZipFile, ValueError, TypeError, KeyError, AttributeError):
            raise InputError(f"{file} is no list of OSV", do="Fetch it again.") from None
    return sorted(found.values(), key=str), min(days)


def _documents(file: Path) -> Iterator[Mapping[str, Any]]:
    with ZipFile(file) as parts:
        for name in parts.namelist():
            yield json.loads(parts.read(name))


def _of(said: Mapping[str, Any], there: Mapping[Component, str]) -> Iterator[Weakness]:
    """Yield what a document says of components that are here; nothing of one that was withdrawn."""
    if "withdrawn" in said:
        return
    names = [said["id"], *said.get("aliases", ())]
    called = next((name for name in names if name.startswith("CVE-")), said["id"])
    for affected in said.get("affected", ()):
        of = affected.get("package", {})
        kind, name = of.get("ecosystem", ""), of.get("name", "")
        name = canonicalize_name(name) if kind == "PyPI" else name
        version = there.get((kind, name))
        if version is not None and _has(version, affected):
            published = str(said.get("published", "an unknown day"))[:10]
            yield Weakness(f"{name} {version}", called, published, _mended(version, affected))


def _has(version: str, affected: Mapping[str, Any]) -> bool:
    return version in affected.get("versions", ()) or any(
        _between(version, one["events"]) for one in _ranges(affected)
    )


def _ranges(affected: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in affected.get("ranges", ()) if one.get("type") in {"ECOSYSTEM", "SEMVER"}]


def _between(version: str, events: Iterable[Mapping[str, str]]) -> bool:
    """Whether a version has what came and went so. One that cannot be compared is taken to."""
    try:
        mine = Version(version)
        turns = sorted(
            (Version(at), what) for event in events for what, at in event.items() if what != "limit"
        )
    except InvalidVersion:
        return True
    has = False
    for at, what in turns:
        if what == "introduced" and mine >= at:
            has = True
        elif (what == "fixed" and mine >= at) or (what == "last_affected" and mine > at):
            has = False
    return has


def _mended(version: str, affected: Mapping[str, Any]) -> str:
    """Return the first version after this one in which it is mended; blank where none is named."""
    try:
        all_ = (Version(e["fixed"]) for r in _ranges(affected) for e in r["events"] if "fixed" in e)
        return str(min((one for one in all_ if one > Version(version)), default=""))
    except InvalidVersion:
        return ""

"""Agreements to start from: TOML files, checked when read, with errors that name file and line.

A template has parties by key; making an agreement says which agency stands for which. A term from
or to several parties becomes one term for each pair.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

from triservice.access.agreements.rules import term_faults
from triservice.access.agreements.text import SECTIONS, PartyText, TermText, VersionText
from triservice.access.models import Party
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Mode, Purpose, Role, Vetting
from triservice.kernel.errors import InputError

FOLDER = Path(__file__).resolve().parents[1] / "agreement_templates"
PROSE = {name for name, _, _ in SECTIONS}
TOP = {"title": str, "summary": str, "source": str, "months": int, "review_months": int}
PARTY = {
    "key": str, "kinds": list, "many": bool, "label": str, "regime": str, "lawful_basis": str,
    "special_condition": str, "gateway": str,
}  # fmt: skip
TERM = {
    "from": list, "to": list, "to_role": str, "mode": str, "data_classes": list, "purposes": list,
    "every_field": bool, "fields": list, "everywhere": bool, "areas": list, "counts_only": bool,
    "small_number": int, "min_vetting": int, "needs_training": bool, "needs_duty": bool,
    "needs_case": bool, "existence": bool, "offline": bool, "note": str,
}  # fmt: skip
REQUIRED = {
    "top": ("title", "summary", "source", "months", "review_months"),
    "party": ("key", "kinds", "label", "regime", "lawful_basis"),
    "term": ("from", "mode", "data_classes", "purposes"),
}
WORDS: Mapping[str, frozenset[str]] = {
    "data_classes": frozenset(map(str, DataClass)),
    "purposes": frozenset(map(str, Purpose)),
    "to_role": frozenset(map(str, Role)),
    "mode": frozenset(map(str, Mode)),
    "kinds": frozenset(Agency.Kind.values),
    "regime": frozenset(Party.Regime.values),
}
KINDS_OF_VALUE = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list of texts",
}


@dataclass(frozen=True, slots=True)
class PartyPlace:
    """A party to be filled with an agency (or several, with `many`) of one of the kinds."""

    key: str
    kinds: tuple[str, ...]
    label: str
    many: bool
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A template as read. `terms` are its tables, checked."""

    name: str
    title: str
    summary: str
    source: str
    months: int
    review_months: int
    prose: Mapping[str, Any]
    parties: tuple[PartyPlace, ...]
    terms: tuple[Mapping[str, Any], ...]


def templates(folder: Path = FOLDER) -> list[Template]:
    """Return all templates by title. Raises InputError for the first that cannot be read."""
    return sorted((read(path) for path in folder.glob("*.toml")), key=lambda each: each.title)


def template(name: str, folder: Path = FOLDER) -> Template:
    """Return one template by the name of its file. Raises InputError when there is none."""
    path = folder / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.toml")))
        raise InputError(f"There is no template {name}", do=f"Use one of: {known}")
    return read(path)


def read(path: Path) -> Template:
    """Read and check a template. Raises InputError naming file, line and key."""
    try:
        content = path.read_text(encoding="utf-8")
        said = tomllib.loads(content)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", file=path.name) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", file=path.name) from None
    return _Reading(path.name, content).template(path.stem, said)


class _Reading:
    """One file being checked."""

    def __init__(self, file: str, content: str) -> None:
        self.file, self.lines = file, content.splitlines()

    def refuse(self, what: str, table: str, number: int, key: str, do: str = "") -> NoReturn:
        place = table if table in {"top", "prose"} else f"{table} {number + 1}"
        raise InputError(
            what,
            file=self.file,
            row=self.line_of(table, number, key),
            field=key if place == "top" else f"{place}, {key}",
            do=do or None,
        )

    def line_of(self, table: str, number: int, key: str) -> int:
        """Return the line of a key in the nth table of a name, or of the table, from 1."""
        header = {"top": None, "prose": "[prose]"}.get(table, f"[[{table}]]")
        starts = [0] if header is None else [
            i for i, line in enumerate(self.lines) if line.strip().startswith(header)
        ]  # fmt: skip
        first = starts[number] if number < len(starts) else 0
        for index in range(first, len(self.lines)):
            line = self.lines[index].strip()
            if index > first and line.startswith("["):
                break
            if re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", line):
                return index + 1
        return first + 1

    def template(self, name: str, said: Mapping[str, Any]) -> Template:
        parts = {"prose", "party", "term"}
        self.check("top", 0, {k: v for k, v in said.items() if k not in parts}, TOP)
        prose = said.get("prose", {})
        for key, value in prose.items():
            if key not in PROSE:
                self.refuse("is no section", "prose", 0, key, f"Use {', '.join(sorted(PROSE))}")
            if not isinstance(value, str):
                self.refuse("is not text", "prose", 0, key)
        parties = tuple(self.party(i, each) for i, each in enumerate(said.get("party", ())))
        keys = [party.key for party in parties]
        for i, key in enumerate(keys):
            if key in keys[:i]:
                self.refuse(f"names {key} a second time", "party", i, "key")
        if len(parties) < 2:
            self.refuse("has fewer than two parties", "top", 0, "party")
        terms = tuple(self.term(i, each, set(keys)) for i, each in enumerate(said.get("term", ())))
        if not terms:
            self.refuse("has no terms", "top", 0, "term")
        top = {key: said[key] for key in TOP}
        return Template(name=name, prose=prose, parties=parties, terms=terms, **top)

    def party(self, number: int, said: Mapping[str, Any]) -> PartyPlace:
        self.check("party", number, said, PARTY)
        texts = ("regime", "lawful_basis", "special_condition", "gateway")
        return PartyPlace(
            said["key"],
            tuple(said["kinds"]),
            said["label"],
            said.get("many", False),
            {name: said.get(name, "") for name in texts},
        )

    def term(self, number: int, said: Mapping[str, Any], keys: set[str]) -> Mapping[str, Any]:
        self.check("term", number, said, TERM)
        for side in ("from", "to"):
            if unknown := sorted(set(said.get(side, ())) - keys):
                known = ", ".join(sorted(keys))
                self.refuse(f"names {', '.join(unknown)}, which is no party", "term", number, side,
                            f"Use {known}")  # fmt: skip
        if said.get("min_vetting", 0) not in {int(level) for level in Vetting}:
            self.refuse("is no vetting level", "term", number, "min_vetting", "Use 0, 1, 2 or 3")
        to = 2 if said.get("to") else None
        faults = term_faults(_term_text(said, number + 1, 1, to))
        if faults:
            self.refuse("; ".join(faults), "term", number, "mode")
        return said

    def check(
        self, table: str, number: int, said: Mapping[str, Any], known: Mapping[str, type]
    ) -> None:
        for key, value in said.items():
            if key not in known:
                close = ", ".join(sorted(known))
                self.refuse("is not known", table, number, key, f"Use {close}")
            kind = known[key]
            right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
            texts = kind is not list or (right and all(isinstance(each, str) for each in value))
            if not right or not texts:
                self.refuse(f"is not {KINDS_OF_VALUE[kind]}", table, number, key)
            words = set(value) if isinstance(value, list) else {value}
            if key in WORDS and (unknown := sorted(words - WORDS[key])):
                self.refuse(f"does not know {', '.join(map(repr, unknown))}", table, number, key,
                            f"Use {', '.join(sorted(WORDS[key]))}")  # fmt: skip
        for key in REQUIRED[table]:
            if said.get(key) in (None, "", []):
                self.refuse("is missing", table, number, key)


_TERM_COLUMNS = {each.name for each in fields(TermText)}


def _term_text(
    said: Mapping[str, Any], number: int, giver: int, taker: int | None
) -> TermText:  # fmt: skip
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in said.items()
        if key in _TERM_COLUMNS
    }
    values.setdefault("to_role", "")
    return TermText(number=number, from_agency=giver, to_agency=taker, **values)


def fill(
    chosen: Template,
    agencies: Mapping[str, Sequence[tuple[int, str, str]]],
    title: str,
    today: date,
    until: datetime,
) -> VersionText:
    """Return the text of a first version: `agencies` gives (id, name, kind) for each party key.

    Raises InputError when a party has no agency, too many, or one of another kind.
    """
    for place in chosen.parties:
        _check_place(place, agencies.get(place.key, ()))
    parties = tuple(
        PartyText(agency=pk, name=name, kind=kind, **place.says)
        for place in chosen.parties
        for pk, name, kind in agencies[place.key]
    )
    if len({party.agency for party in parties}) < len(parties):
        raise InputError("An agency is named for two parties", do="Name each agency once")
    terms: list[TermText] = []
    for said in chosen.terms:
        givers = [pk for key in said["from"] for pk, _, _ in agencies[key]]
        takers: list[int | None] = [
            pk for key in said.get("to", ()) for pk, _, _ in agencies[key]
        ] or [None]
        for giver, taker in product(givers, takers):
            if giver != taker:
                terms.append(_term_text(said, len(terms) + 1, giver, taker))
    return VersionText(
        title=title,
        number=1,
        until=until,
        review_on=_months_on(today, chosen.review_months),
        parties=parties,
        terms=tuple(terms),
        **chosen.prose,
    )


def _check_place(place: PartyPlace, given: Sequence[tuple[int, str, str]]) -> None:
    if not given:
        raise InputError(f"{place.label} has no agency", do="Choose one")
    if len(given) > 1 and not place.many:
        raise InputError(f"{place.label} can be one agency only", do="Choose one")
    for _, name, kind in given:
        if kind not in place.kinds:
            wanted = " or ".join(place.kinds)
            raise InputError(f"{name} is not a {wanted} agency", field=place.label)


def _months_on(day: date, months: int) -> date:
    """Return the first day of the month after `months` months: a date that every month has."""
    count = day.year * 12 + day.month + months
    return date(count // 12, count % 12 + 1, 1)


def end_after(day: date, months: int) -> date:
    """Return the day on which a template's agreement ends."""
    return _months_on(day, months)

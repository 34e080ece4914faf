"""Clauses as the text of SQL, on one model's columns: `access.where` makes conditions of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model, TextField, UUIDField

from triservice.access.clauses import Clause, Shape
from triservice.access.prepared import Known, Several, is_among
from triservice.access.rules import KNOWN_CLASSES, PLAIN, Grants
from triservice.kernel.access_words import Marking

CASES = Several("cases of the reader", UUIDField())  # the subject keys; no kept condition has them
TABLE = "\x1f"  # where the name of the table goes
Part = tuple[str, list[Any]]  # SQL and its parameters
Areas = frozenset[str] | None  # None: all
_PLAIN_CODE = re.compile(r"[A-Za-z0-9 ._-]*")

# How far into the markings a reader reaches, and what a row asks: it is open when reach >= asked.
REACH = {False: 1, True: 2}  # by whether OFFICIAL-SENSITIVE is open too
ASKED = {PLAIN: 1, str(Marking.OFFICIAL_SENSITIVE): 2}  # a marking that is not known is never open
OUT_OF_REACH = 9
ANY_ROW = frozenset({Shape(), Shape(sensitive=False)})  # ask nothing but the marking


class Writer:
    """Writes conditions on one model's columns. Words of the kernel are written as they are."""

    def __init__(self, grants: Grants, model: type[Model]) -> None:
        """Keep for whom conditions are written, and on what."""
        self.grants, self.model = grants, model

    def field(self, name: str) -> Field[Any, Any]:
        """Return a concrete field of the model."""
        found = self.model._meta.pk if name == "pk" else self.model._meta.get_field(name)
        return cast("Field[Any, Any]", found)

    def column(self, name: str) -> str:
        """Return the column of a field, of the table that the query will name."""
        return f"{TABLE}.{connection.ops.quote_name(str(self.field(name).column))}"

    def range(self, owner: int, classes: Iterable[str], areas: Areas) -> Part:
        """Return one stretch or several of the index on owner, class and area."""
        words = ", ".join(map(literal, sorted(classes)))
        text = f"{self.column('owner')} = {int(owner)} AND {self.column('data_class')} IN ({words})"
        rest = [self.among("area", areas)] if areas is not None else []
        return self.join(" AND ", [(text, []), *rest])

    def among(self, name: str, values: Iterable[Any], word: str = "IN") -> Part:
        """Return that a column is among values, which go as parameters.

        Areas with plain codes are written as they are: Django looks for every parameter in the
        text of every statement anew, and there may be hundreds.
        """
        field, values = self.field(name), list(values)
        if name == "area" and values and all(map(_PLAIN_CODE.fullmatch, values)):
            words = ", ".join(f"'{value}'" for value in sorted(values))
            return f"{self.column(name)} {word} ({words})", []
        ready = [
            field.get_db_prep_value(field.to_python(value), connection) for value in sorted(values)
        ]
        if not ready:
            return ("FALSE" if word == "IN" else "TRUE"), []
        return f"{self.column(name)} {word} ({', '.join(['%s'] * len(ready))})", ready

    def join(self, word: str, parts: Iterable[Part]) -> Part:
        """Return parts joined by AND or OR."""
        parts = list(parts)
        sql = word.join(f"({text})" for text, _ in parts)
        return sql, [value for _, values in parts for value in values]

    def by_keys(self, found: list[Clause]) -> Part:
        """Return the clauses as keys among arrays: PostgreSQL plans these fast, or once for all."""
        key = f"{self.column('owner')}::text || '/' || {self.column('data_class')}"
        keys: dict[tuple[bool, Shape], set[str]] = defaultdict(set)
        for clause in _without_narrower(found):
            areas, opened = clause.shape.areas, f"{clause.owner}/{clause.data_class}"
            rest = replace(clause.shape, areas=None)
            if areas is None:
                keys[False, rest].add(opened)
            else:
                keys[True, rest] |= {f"{opened}/{area}" for area in areas}
        parts = []
        by_what = sorted(keys.items(), key=lambda each: (each[0][0], _widest_first(each[0][1])))
        for (limited, rest), opened_keys in by_what:  # so that equal questions have equal texts
            text = f"{key} || '/' || {self.column('area')}" if limited else key
            words = ", ".join(map(literal, ASKED if rest.sensitive else [PLAIN]))
            asked: list[Part] = [
                (f"{self.column('marking')} IN ({words})", []),
                (f"{text} = ANY (%s::text[])", [Known(_array(opened_keys), TextField())]),
                self.shape(rest),
            ]
            parts.append(self.join(" AND ", [part for part in asked if part[0]]))
        return self.join(" OR ", parts)

    def by_case(self, found: list[Clause]) -> Part:
        """Return the clauses as one CASE over class, then owner: SQLite stops at the first."""
        by_class: dict[str, dict[int, set[Shape]]] = defaultdict(lambda: defaultdict(set))
        for clause in found:
            by_class[clause.data_class][clause.owner].add(clause.shape)
        classes = [(literal(word), self.by_owner(by_class[word])) for word in sorted(by_class)]
        reach, params = self.case("data_class", classes)
        return f"{reach} >= {self.needed()}", params

    def case(self, name: str, branches: Iterable[tuple[str, Part]]) -> Part:
        """Return a CASE over a column: each literal with its reach, else none."""
        branches = list(branches)
        whens = " ".join(f"WHEN {literal} THEN {text}" for literal, (text, _) in branches)
        values = [value for _, (_, values) in branches for value in values]
        return f"CASE {self.column(name)} {whens} ELSE 0 END", values

    def needed(self) -> str:
        """Return the reach that the marking of a row asks."""
        whens = " ".join(f"WHEN {literal(word)} THEN {asked}" for word, asked in ASKED.items())
        return f"CASE {self.column('marking')} {whens} ELSE {OUT_OF_REACH} END"

    def by_owner(self, owners: dict[int, set[Shape]]) -> Part:
        """Return how far the reader reaches into the rows of one class."""
        return self.case("owner", [(str(int(o)), self.reach(owners[o])) for o in sorted(owners)])

    def reach(self, shapes: set[Shape]) -> Part:
        """Return how far the widest of the shapes reaches that a row has."""
        whens, values = list[str](), list[Any]()
        for shape in sorted(shapes, key=_widest_first):
            sql, params = self.shape(shape)
            if not sql:  # asks nothing more: narrower shapes tell nothing new
                return self._else(whens, values, REACH[shape.sensitive])
            whens.append(f"WHEN {sql} THEN {REACH[shape.sensitive]}")
            values += params
        return self._else(whens, values, 0)

    def _else(self, whens: list[str], values: list[Any], reach: int) -> Part:
        return (f"CASE {' '.join(whens)} ELSE {reach} END" if whens else str(reach)), values

    def shape(self, shape: Shape) -> Part:
        """Return what a shape asks of a row besides its marking; blank when nothing."""
        asked: list[Part] = []
        if shape.areas is not None:
            asked.append(self.among("area", shape.areas))
        if shape.not_areas:
            asked.append(self.among("area", shape.not_areas, "NOT IN"))
        if shape.case:
            subject = self.column("subject_key")
            among = is_among(
                subject, CASES.output_field, connection
            )  # never neither true nor false
            asked.append((f"{subject} IS NOT NULL AND {among}", [CASES]))
        if shape.pks is not None:
            asked.append(self.among("pk", shape.pks))
        return self.join(" AND ", asked)

    def not_closed(self) -> list[Part]:
        """Return what restrictions and conflicts of interest leave."""
        restriction, subject = self.column("restriction"), self.column("subject_key")
        parts = [(f"COALESCE({restriction}, 0) = 0", list[Any]())]  # no key is 0; not for an index
        if self.grants.lists:
            on_lists = (self.column("restriction"), sorted(self.grants.lists))
            marks = ", ".join(["%s"] * len(on_lists[1]))
            listed: Part = (f"{on_lists[0]} IN ({marks})", list(on_lists[1]))
            parts = [self.join(" OR ", [*parts, listed])]
        if self.grants.conflicts:
            others = self.among("subject_key", self.grants.conflicts, "NOT IN")
            parts.append(self.join(" OR ", [(f"{subject} IS NULL", []), others]))
        return parts


def _without_narrower(found: list[Clause]) -> list[Clause]:
    """Return the clauses without those whose rows another opens that asks nothing of a row."""
    reached: dict[tuple[int, str], int] = defaultdict(int)
    for each in found:
        if each.shape in ANY_ROW:
            cell = each.owner, each.data_class
            reached[cell] = max(reached[cell], REACH[each.shape.sensitive])

    def needed(each: Clause) -> bool:
        reach, most = REACH[each.shape.sensitive], reached[each.owner, each.data_class]
        return reach > most or (reach == most and each.shape in ANY_ROW)

    return list(filter(needed, found))


def _array(words: Iterable[str]) -> str:
    """Return words as PostgreSQL writes an array: written once here, not at every read."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in sorted(words))
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def literal(word: str) -> str:
    """Return a word of the kernel as an SQL literal. Raises ValueError on anything else."""
    if word not in KNOWN_CLASSES and word not in ASKED:
        raise ValueError(f"{word!r} is not a word of the kernel")
    return f"'{word}'"


def _widest_first(shape: Shape) -> tuple[object, ...]:
    """Order shapes by reach, those that ask nothing first among equals, then steadily."""
    asked = (shape.areas, shape.not_areas or None, shape.pks, {"case"} if shape.case else None)
    words = repr([sorted(each) if each is not None else None for each in asked])
    return (not shape.sensitive, any(each is not None for each in asked), words)

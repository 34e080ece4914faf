"""The rules as SQL: one condition that holds for exactly the rows that `rules.decide` allows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isqrt
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import (
    BooleanField,
    Expression,
    Field,
    Max,
    Model,
    Q,
    QuerySet,
    TextField,
    UUIDField,
)
from django.db.models.sql.where import AND

from triservice.access.clauses import (
    Clause,
    Shape,
    as_named,
    as_opened,
    clauses,
    closed_areas,
    live,
    shape_of,
)
from triservice.access.prepared import NOTHING_GIVEN, Known, Several, is_among, now
from triservice.access.rules import KNOWN_CLASSES, PLAIN, Cell, Grants, Use
from triservice.kernel.access_words import Marking

CASES = Several("cases of the reader", UUIDField())  # the subject keys; no kept condition has them


def own(grants: Grants) -> Mapping[str, Any]:
    """Return what is given to a kept statement for the reader who asks."""
    return {CASES.name: grants.cases}


def nothing() -> Q:
    """Return the condition that holds for no row."""
    return Q(pk__in=())


class Allowed(Expression):
    """A condition on the base table of a query, or a column of it, already in SQL: made once.

    A row is compared with what concerns its own owner and class, however many terms there are, and
    the database drives the query by what the page asks for, not by the terms.
    """

    def __init__(
        self, sql: str, params: tuple[Any, ...], kind: Field[Any, Any] | None = None
    ) -> None:
        """Keep the SQL, with a mark where the name of the table goes, and what kind it gives."""
        super().__init__(output_field=kind or BooleanField())
        self.sql, self.params, self.alias = sql, params, ""
        self.given: Mapping[str, Any] = NOTHING_GIVEN

    def of(self, grants: Grants) -> Allowed:
        """Return it for one reader: the same but for the cases that they work on."""
        theirs = self.copy()
        theirs.given = own(grants)
        return theirs

    def resolve_expression(self, query: Any = None, *_: Any, **__: Any) -> Allowed:
        """Bind to the base table of the query."""
        bound = Allowed.__new__(Allowed)
        bound.__dict__ |= self.__dict__
        bound.alias = query.get_initial_alias()
        return bound

    def relabeled_clone(self, change_map: Any) -> Allowed:
        """Follow the table to its name inside a larger query."""
        moved = self.copy()
        moved.alias = change_map.get(self.alias, self.alias)
        return moved

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and its parameters."""
        table = compiler.quote_name_unless_alias(self.alias)
        return self.sql.replace(TABLE, table), now(self.params, self.given, connection)


def restrict(queryset: QuerySet[M], asked: Allowed | Q) -> QuerySet[M]:
    """Return `queryset.filter(asked)`, without the work of resolving what is SQL already."""
    if isinstance(asked, Q) or queryset.query.is_sliced or queryset.query.combinator:
        return queryset.filter(asked)
    rows = queryset.all()
    rows.query.where.add(asked.resolve_expression(rows.query), AND)
    return rows


def each_once(conditions: Iterable[Allowed | Q]) -> list[Allowed | Q]:
    """Return conditions that all must hold, without those whose SQL is there already."""
    found: dict[object, Allowed | Q] = {}
    for one in conditions:
        found.setdefault(one if isinstance(one, Q) else (one.sql, one.params), one)
    return list(found.values())


M = TypeVar("M", bound=Model)
TABLE = "\x1f"
Part = tuple[str, list[Any]]  # SQL and its parameters
Areas = frozenset[str] | None  # None: all
_PLAIN_CODE = re.compile(r"[A-Za-z0-9 ._-]*")


def condition(
    grants: Grants,
    model: type[Model],
    name: str | None = None,
    use: Use = Use.READ,
    *,
    few: bool = False,
) -> Allowed | Q:
    """Return the rows (or where the field `name`) that the reader may use so, for filter or When.

    Made once for grants that are equal but for the moment and the cases. `few`: what is asked
    besides finds few rows by itself, so no index on what is open helps.
    """
    name = as_named(grants, name)
    key = (model, name, use, few)
    made = grants.memo.get(key)
    if made is None:
        made = _of_any(grants, model, name, use)
        if isinstance(made, Allowed) and not few and name is None:
            made = _by_index(
                made, clauses(grants, model._meta.label_lower, name, use), grants, model
            )
        grants.memo[key] = made
    return _of(made, grants)


def _of_any(grants: Grants, model: type[Model], name: str | None, use: Use) -> Allowed | Q:
    """Return that condition, the same for all models of which no row is opened by itself."""
    label = model._meta.label_lower
    key = ("open", as_opened(grants, label), name, use)
    if key not in grants.memo:
        grants.memo[key] = _of_all(clauses(grants, label, name, use), grants, model)
    return grants.memo[key]  # type: ignore[no-any-return]


def _by_index(
    made: Allowed, found: Iterable[Clause], grants: Grants, model: type[Model]
) -> Allowed:
    """Return the condition after one that it implies and that an index answers, where it helps."""
    first = _index_first(found, grants, model)
    if first is None:
        return made
    sql, params = _Writer(grants, model).join(" AND ", [first, (made.sql, list(made.params))])
    return Allowed(sql, tuple(params))


WORTH = 8  # an index is worth it while rows open, squared, are at most so many times the table


def _index_first(found: Iterable[Clause], grants: Grants, model: type[Model]) -> Part | None:
    """Return the owners, classes and areas that hold all that is open, if few rows; else None.

    A list of 25 by key looks through 25 n / k rows of a table of n of which k are open; the index
    on owner, class and area reads all k, each three times as dear, and sorts them. Measured on
    SQLite with a million rows. A matter of speed only: what is open is said by the rest of the
    condition, so counts that grow old tell nothing wrong.
    """
    writer, parts = _Writer(grants, model), list[Part]()
    ranges: dict[tuple[int, Areas], set[str]] = defaultdict(set)
    for clause in found:
        if clause.shape.pks is not None:
            parts.append(writer.among("pk", clause.shape.pks))
        else:
            ranges[clause.owner, clause.shape.areas].add(clause.data_class)
    left = isqrt(WORTH * _last_key(model))
    for (owner, areas), classes in ranges.items():
        part = writer.range(owner, classes, areas)
        left -= _rows(part, model, left + 1)
        if left < 0:
            return None
        parts.append(part)
    return writer.join(" OR ", parts) if parts else None


def _last_key(model: type[Model]) -> int:
    """Return about how many rows the table has: the highest key, which the database has at hand."""
    return model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def _rows(part: Part, model: type[Model], most: int) -> int:
    """Count rows on the index, at most `most` of them."""
    table, (sql, params) = connection.ops.quote_name(model._meta.db_table), part
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} "
            f"WHERE {sql.replace(TABLE, table)} LIMIT {int(most)}) AS counted",
            params,
        )
        return int(cursor.fetchone()[0])


def in_sql(found: Iterable[Clause], grants: Grants, model: type[Model]) -> Allowed | Q:
    """Return the condition of the rows that any of the clauses opens and nothing else closes."""
    return _of(_of_all(found, grants, model), grants)


def _of(made: Allowed | Q, grants: Grants) -> Allowed | Q:
    return made if isinstance(made, Q) else made.of(grants)


def _of_all(found: Iterable[Clause], grants: Grants, model: type[Model]) -> Allowed | Q:
    """Return that condition for any reader with these grants, whatever their cases."""
    found = list(found)
    if not found:
        return nothing()
    writer = _Writer(grants, model)
    within = writer.by_keys(found) if connection.vendor == "postgresql" else writer.by_case(found)
    sql, params = writer.join(" AND ", [*writer.not_closed(), within])
    return Allowed(sql, tuple(params))


# How far into the markings a reader reaches, and what a row asks: it is open when reach >= asked.
REACH = {False: 1, True: 2}  # by whether OFFICIAL-SENSITIVE is open too
ASKED = {PLAIN: 1, str(Marking.OFFICIAL_SENSITIVE): 2}  # a marking that is not known is never open
OUT_OF_REACH = 9


ANY_ROW = frozenset({Shape(), Shape(sensitive=False)})  # ask nothing but the marking


class _Writer:
    """Writes conditions on one model's columns. Words of the kernel are written as they are."""

    def __init__(self, grants: Grants, model: type[Model]) -> None:
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


def may_exist(grants: Grants, model: type[Model]) -> Allowed | Q:
    """Return the condition of rows that a term lets the reader know of, open or not."""
    if not grants.purpose or not grants.roles:
        return nothing()
    found = []
    for key, cell in grants.cells[Use.READ].items():
        loud = tuple(never for never in cell.nevers if not never.existence)
        closed = closed_areas(Cell(nevers=loud), None, grants)
        if closed is not None and key[0] != grants.agency:
            found += [
                Clause(*key, shape_of(line, closed, None))
                for line in live(cell.existence, None, grants)
            ]
    return in_sql(found, grants, model)

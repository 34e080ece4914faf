"""Which search keys match, among those that the reader may find by: one SQL statement for both.

The full-text index has each word under its row's owner (`3§jane`, migration 0003), and is asked
only for the owners that open anything to the reader: what others hold is not even walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Concat

from triservice.access import where
from triservice.access.clauses import clauses
from triservice.access.rules import Grants
from triservice.subjects.models import Person, RecordPart, SearchKey
from triservice.subjects.words import COMES_FROM, Kept

PART, KEY = RecordPart._meta.label_lower, SearchKey._meta.label_lower
UNDER = "§"  # between an owner and a word; nobody can type it, see names.plain
Needs = Sequence[Iterable[str]]  # of each need, a row must have one of the words


class Key(NamedTuple):
    """A key that matched: whose (the number of the root), what kind, and its words."""

    person: int
    kind: str
    text: str


class Findable:
    """The keys that one reader may find by now, and the ways to look among them."""

    def __init__(self, grants: Grants, among: QuerySet[SearchKey]) -> None:
        """Work out what is open."""
        held, self.opened = _with_keys_of_opened_parts(grants)
        self.owners = _owners(held)
        self.keys = among.filter(_visible(held))
        self.with_birthday = self.keys.filter(where.condition(held, SearchKey, "date_of_birth"))

    def matching(self, needs: Needs, begins: frozenset[str], most: int) -> list[Key]:
        """Return keys that have all needs, at most `most`. A word in `begins` may go on."""
        opened = _read(self.keys.filter(pk__in=self._opened(needs, begins)).order_by("pk"))
        found = list[Key]()
        if self.owners:
            keys, rest = _looked_at(self.keys, needs, begins)
            found = _read(WALK[connection.vendor](keys, self.owners, rest, begins), most)
        return (opened + found)[:most]

    def worded(self, needs: Needs, begins: frozenset[str]) -> QuerySet[SearchKey]:
        """Return the keys that have all needs, for a query to go on from."""
        has_them = Q(pk__in=self._opened(needs, begins))
        if self.owners:
            has_them |= ASK[connection.vendor](self.owners, needs, begins)
        return self.keys.filter(has_them)

    def born(self, day: date, needs: Needs, begins: frozenset[str], most: int) -> list[Key]:
        """Return names kept with that birthday that have all needs, at most `most`."""
        return _read(_with_words(self.with_birthday.filter(born=day), needs, begins), most)

    def of_people(self, people: Iterable[int]) -> list[Key]:
        """Return every key of people (roots) and of those who are one with them."""
        roots = list(people)  # asked apart: over both tables, "or" would look through all of one
        group = Person.objects.filter(Q(pk__in=roots) | Q(root__in=roots))
        return _read(self.keys.filter(person__in=list(group.values_list("pk", flat=True))))

    def _opened(self, needs: Needs, begins: frozenset[str]) -> list[int]:
        """Return those of the opened keys that have all needs: few enough to look through."""
        if not self.opened:
            return []
        texts = self.keys.filter(pk__in=self.opened).values_list("pk", "text")
        return [pk for pk, text in texts if meets(text, needs, begins)]


def meets(text: str, needs: Needs, begins: frozenset[str]) -> bool:
    """Whether the words of a key have, of every need, one of its words, or may begin with it."""
    words = text.split()
    return all(
        any(
            asked in words or (asked in begins and any(w.startswith(asked) for w in words))
            for asked in need
        )
        for need in needs
    )


def _looked_at(
    keys: QuerySet[SearchKey], needs: Needs, begins: frozenset[str]
) -> tuple[QuerySet[SearchKey], Needs]:
    """Return the keys that have what is unfinished, and what else is to be found by the index.

    The index collects every row of an unfinished word before it looks at the others. Where these
    leave few rows, each is looked at instead: an initial beside any word, a longer one beside two.
    """
    several = [list(need) for need in needs]
    words = [need for need in several if any(len(word) > 1 for word in need)]
    whole = [need for need in words if begins.isdisjoint(need)]
    rest = whole if len(whole) >= 2 else words
    if not rest or len(rest) == len(several):
        return keys, needs
    return _with_words(keys, [need for need in several if need not in rest], begins), rest


def _with_words(
    keys: QuerySet[SearchKey], needs: Needs, begins: frozenset[str]
) -> QuerySet[SearchKey]:
    """Return the keys that have all needs, each row looked at: `meets`, in SQL."""
    keys = keys.annotate(spaced=Concat(Value(" "), "text", Value(" ")))
    for need in needs:
        has = (Q(spaced__contains=f" {w}" + ("" if w in begins else " ")) for w in need)
        keys = keys.filter(reduce(or_, has))
    return keys


def _read(rows: QuerySet[SearchKey], most: int | None = None) -> list[Key]:
    found = rows.annotate(whose=Coalesce("person__root_id", F("person_id")))
    return [Key(*row) for row in found.values_list("whose", "kind", "text")[:most]]


def _with_keys_of_opened_parts(held: Grants) -> tuple[Grants, list[int]]:
    """Return the grants in which keys of an opened part are open just as it is, and these keys.

    An approval or an emergency names parts, never keys: a key tells nothing that its part does not.
    """
    if not held.passes:
        return held, []
    parts = {pk: passes for (label, pk), passes in held.passes.items() if label == PART}
    keys = dict(SearchKey.objects.filter(part__in=map(int, parts)).values_list("pk", "part"))
    passes = {(KEY, str(key)): parts[str(part)] for key, part in keys.items()}
    return replace(held, passes=passes, memo={}), sorted(keys)


def _owners(held: Grants) -> list[int]:
    """Return the owners that open keys to the reader in kind, not only some by name."""
    if (KEY, "owners") not in held.memo:
        open_ones = clauses(held, KEY)
        found = {clause.owner for clause in open_ones if clause.shape.pks is None}
        held.memo[KEY, "owners"] = sorted(found)
    return held.memo[KEY, "owners"]  # type: ignore[no-any-return]


def _visible(held: Grants) -> Q:
    """Return the condition of the keys that the reader may find by: every field they come from."""
    row = where.condition(held, SearchKey)
    narrower: dict[Kept, list[Any]] = {}
    for kind, fields in COMES_FROM.items():
        asked = [where.condition(held, SearchKey, name) for name in fields]
        narrower[kind] = [one for one in asked if _said(one) != _said(row)]
    whole = [str(kind) for kind, asked in narrower.items() if not asked]
    if len(whole) == len(COMES_FROM):
        return Q(row)
    found = Q(kind__in=whole)
    for kind, asked in narrower.items():
        if asked:
            found |= Q(*asked, kind=kind)
    return Q(row) & found


def _said(condition: Any) -> object:
    """Return what tells two conditions apart."""
    return getattr(condition, "sql", condition), getattr(condition, "params", ())


def _fts5(owners: Sequence[int], needs: Needs, begins: frozenset[str]) -> str:
    """Return a question to FTS5."""
    return _said_to_index(
        owners,
        needs,
        lambda owner, word: f'"{owner}{UNDER}{word}"' + ("*" if word in begins else ""),
        ("OR", "AND"),
    )


def _tsquery(owners: Sequence[int], needs: Needs, begins: frozenset[str]) -> str:
    """Return a question to a text search vector."""
    return _said_to_index(
        owners,
        needs,
        lambda owner, word: f"'{owner}{UNDER}{word}'" + (":*" if word in begins else ""),
        ("|", "&"),
    )


def _said_to_index(
    owners: Sequence[int],
    needs: Needs,
    word: Callable[[int, str], str],
    signs: tuple[str, str],
) -> str:
    """Return a question to the index: in a row of one of the owners, of each need one word."""
    either, both = (f" {sign} " for sign in signs)
    return either.join(
        f"({both.join(f'({either.join(word(owner, w) for w in need)})' for need in needs)})"
        for owner in owners
    )


def _ask_sqlite(owners: Sequence[int], needs: Needs, begins: frozenset[str]) -> Q:
    sql = "SELECT rowid FROM subjects_searchtext WHERE subjects_searchtext MATCH %s"
    return Q(pk__in=RawSQL(sql, (_fts5(owners, needs, begins),)))


def _ask_postgresql(owners: Sequence[int], needs: Needs, begins: frozenset[str]) -> Q:
    sql = (  # as the index was made, in migration 0005
        "array_to_tsvector(string_to_array(ltrim(replace(' ' || subjects_searchkey.text, ' ', "
        f"' ' || subjects_searchkey.owner_id || '{UNDER}')), ' ')) @@ %s::tsquery"
    )
    asked = (_tsquery(owners, needs, begins),)
    return Q(RawSQL(sql, asked, output_field=BooleanField()))


def _walk_sqlite(
    keys: QuerySet[SearchKey], owners: Sequence[int], needs: Needs, begins: frozenset[str]
) -> QuerySet[SearchKey]:
    """Join the index, which gives rows in order one by one: a full page ends the walk."""
    return keys.extra(
        tables=["subjects_searchtext"],
        where=["subjects_searchtext MATCH %s", "subjects_searchtext.rowid = subjects_searchkey.id"],
        params=[_fts5(owners, needs, begins)],
        order_by=["subjects_searchtext.rowid"],
    )


def _walk_postgresql(
    keys: QuerySet[SearchKey], owners: Sequence[int], needs: Needs, begins: frozenset[str]
) -> QuerySet[SearchKey]:
    """Ask the index; in no order, so that a full page ends the walk through the rows."""
    return keys.filter(_ask_postgresql(owners, needs, begins)).order_by()


ASK = {"sqlite": _ask_sqlite, "postgresql": _ask_postgresql}
WALK = {"sqlite": _walk_sqlite, "postgresql": _walk_postgresql}

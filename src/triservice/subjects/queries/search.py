"""Search among what the reader may see; what is withheld takes no part in it.

Words are first widened to the words that are like them (a table of words, which says nothing of
who uses them); rows are then matched and withheld in one SQL statement. A row's place in the list
depends on that row and the question alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from triservice.access import where
from triservice.access.models import Kind
from triservice.access.queries import Seen, seen
from triservice.access.record import Record, recording
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Reader
from triservice.subjects.models import Link, Person, RecordPart, SearchKey, WordForm
from triservice.subjects.names import likeness
from triservice.subjects.search_words import Asked, asked_forms, understand
from triservice.subjects.words import COMES_FROM, Kept

SHOWN = 25
MOST = 300  # keys looked at; beyond it the question is too wide to answer well
LIKE_ENOUGH = 0.7


@dataclass(frozen=True, slots=True)
class Found:
    """One person found: their names and homes as far as the reader may see them."""

    key: str
    names: tuple[str, ...]
    born: tuple[date, ...]
    addresses: tuple[str, ...]
    agencies: tuple[str, ...]  # whose records the reader sees
    because: str  # which kind of thing matched


@dataclass(frozen=True, slots=True)
class Results:
    """What a search shows. `more`: there are others; say more to find them."""

    people: tuple[Found, ...] = ()
    more: bool = False
    asked: str = ""
    understood: Asked = field(default_factory=Asked)


def search_people(reader: Reader, text: str, born: date | None = None) -> Results:
    """Find people by name, alias, address, postcode, UPRN, telephone, e-mail or number.

    Every word must be found with the person, in one place or in several; words may be misspelt by
    one letter, sound alike, or be short forms of a name; the last may be unfinished.
    """
    asked = understand(text, born)
    with recording(reader, Kind.CONSULTATION, "searched for people") as record:
        hits, more = _people(record, asked)
        found = _describe(record, hits[:SHOWN])
        record.searched({"text": text, "born": str(born) if born else None}, len(found))
    return Results(tuple(found), more or len(hits) > SHOWN, text, asked)


def suggest(reader: Reader, text: str, limit: int = 8) -> tuple[str, ...]:
    """Return names to complete what is being typed, out of what the reader may see."""
    asked = understand(text)
    with recording(reader, Kind.CONSULTATION, "typed a name") as record:
        names: dict[str, None] = {}
        if asked.words:
            hits, _ = _people(record, asked, exact=True)
            for found in _describe(record, hits[:limit]):
                names |= dict.fromkeys(found.names[:1])
        record.searched({"text": text}, len(names))
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Hit:
    """A person (the root's number) and how well they match."""

    person: int
    score: float
    kinds: tuple[str, ...]


def _people(record: Record, asked: Asked, exact: bool = False) -> tuple[list[Hit], bool]:
    """Return who matches, best first, and whether the question was too wide."""
    if asked.nothing:
        return [], False
    visible = findable(record)
    if asked.born is not None:
        visible = visible & (~Q(kind__in=(Kept.NAME, Kept.ALIAS)) | _born(record, asked.born))
    alike = {word: alike_words(word, exact) for word in asked.words}
    hits: list[Hit] = []
    more = False
    for forgiving in (False, True):  # as asked first; then, if there is room, with slips of the pen
        spelt = {word: {word: 1.0} | (alike[word] if forgiving else {}) for word in asked.words}
        rows, more = _rows(visible, asked, spelt)
        hits = _score(rows, asked, spelt)
        if exact or more or len(hits) >= SHOWN or not asked.words:
            break
    return hits, more


def findable(record: Record) -> Q:
    """Return the condition of the keys that the reader may find by: every field they come from."""
    row = where.condition(record.grants, SearchKey)
    narrower: dict[Kept, list[Any]] = {}
    for kind, fields in COMES_FROM.items():
        asked = [where.condition(record.grants, SearchKey, name) for name in fields]
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


def _born(record: Record, born: date) -> Q:
    return Q(where.condition(record.grants, SearchKey, "date_of_birth"), born=born)


def alike_words(word: str, exact: bool) -> dict[str, float]:
    """Return the known words that are like a word, with how like: by their own letters alone."""
    if exact or len(word) < 3 or not word.isalpha():
        return {}
    words = WordForm.objects.filter(form__in=asked_forms(word)).values_list("word", flat=True)
    liked = {other: likeness(word, other) for other in set(words)}
    return {other: like for other, like in liked.items() if like >= LIKE_ENOUGH}


def _rows(
    visible: Q, asked: Asked, spelt: dict[str, dict[str, float]]
) -> tuple[list[tuple[int, str, str]], bool]:
    """Return (person, kind, text) of matching keys: rows with every word, or people with them."""
    needs = [*spelt.values(), *({code: 1.0} for code in asked.codes)]
    begins = asked.begins
    keys = SearchKey.objects.filter(visible, person__isnull=False)
    if asked.words and not asked.codes:
        rows = _matching(keys, needs, begins)
        if rows:
            return rows[:MOST], len(rows) > MOST
    if len(needs) < 2:
        rows = _matching(keys, needs, begins) if asked.codes else []
        return rows[:MOST], len(rows) > MOST
    return _across_rows(keys, needs, begins)


def _across_rows(
    keys: QuerySet[SearchKey], needs: Sequence[Iterable[str]], begins: frozenset[str]
) -> tuple[list[tuple[int, str, str]], bool]:
    """Find people whose several keys have all that is asked, beginning with the codes."""
    people: set[int] | None = None
    rows: list[tuple[int, str, str]] = []
    more = False
    for need in reversed(needs):  # codes are last, and rare
        some = keys if people is None else keys.filter(person__in=_whole_groups(people))
        found = _matching(some, [need], begins, MOST * 4)
        more |= people is None and len(found) > MOST * 4
        roots = _roots({person for person, _, _ in found})
        met = set(roots.values())
        rows += found
        people = met if people is None else people & met
        if not people:
            return [], False
    roots = _roots({person for person, _, _ in rows})
    return [row for row in rows if roots[row[0]] in (people or ())], more


def _matching(
    keys: QuerySet[SearchKey],
    needs: Sequence[Iterable[str]],
    begins: frozenset[str],
    most: int = MOST,
) -> list[tuple[int, str, str]]:
    """Return keys that have, of each need, one of its words; in the order they were kept."""
    rows = keys.filter(worded(needs, begins)).order_by("pk").values_list("person", "kind", "text")
    return list(rows[: most + 1])


def _fts5(needs: Sequence[Iterable[str]], begins: frozenset[str]) -> Q:
    said = " AND ".join(
        "(" + " OR ".join(f'"{w}"' + ("*" if w in begins else "") for w in sorted(need)) + ")"
        for need in needs
    )
    sql = "SELECT rowid FROM subjects_searchtext WHERE subjects_searchtext MATCH %s"
    return Q(pk__in=RawSQL(sql, (said,)))


def _tsquery(needs: Sequence[Iterable[str]], begins: frozenset[str]) -> Q:
    said = " & ".join(
        "(" + " | ".join(w + (":*" if w in begins else "") for w in sorted(need)) + ")"
        for need in needs
    )
    sql = "to_tsvector('simple', subjects_searchkey.text) @@ to_tsquery('simple', %s)"
    return Q(RawSQL(sql, (said,), output_field=BooleanField()))


TEXT = {"sqlite": _fts5, "postgresql": _tsquery}


def worded(needs: Sequence[Iterable[str]], begins: frozenset[str]) -> Q:
    """Return the condition of keys that have, of each need, one of its words."""
    return TEXT[connection.vendor](needs, begins)


def _score(
    rows: Iterable[tuple[int, str, str]], asked: Asked, spelt: dict[str, dict[str, float]]
) -> list[Hit]:
    """Score each person by their own rows: how like each word asked for is, at its best."""
    by_person: dict[int, dict[str, float]] = defaultdict(dict)
    kinds: dict[int, dict[str, None]] = defaultdict(dict)
    rows = list(rows)
    roots = _roots({person for person, _, _ in rows})
    for person, kind, text in rows:
        root, words = roots[person], text.split()
        kinds[root][kind] = None
        for word, alike in spelt.items():
            best = max((alike.get(w) or _begun(word, w, asked) for w in words), default=0.0)
            if kind == Kept.ALIAS:
                best *= 0.98
            by_person[root][word] = max(by_person[root].get(word, 0.0), best)
    hits = [
        Hit(root, sum(by_person[root].values()) / max(len(spelt), 1), tuple(told))
        for root, told in kinds.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.person))


def _begun(asked_word: str, word: str, asked: Asked) -> float:
    return 0.95 if asked_word in asked.begins and word.startswith(asked_word) else 0.0


def _roots(people: Iterable[int]) -> dict[int, int]:
    wanted = sorted(set(people))
    found: dict[int, int] = {}
    for start in range(0, len(wanted), 500):
        rows = Person.objects.filter(pk__in=wanted[start : start + 500])
        found.update(rows.values_list("pk", Coalesce("root_id", "pk")))
    return found


def _whole_groups(roots: Iterable[int]) -> list[int]:
    wanted = list(roots)
    return list(
        Person.objects.filter(Q(pk__in=wanted) | Q(root__in=wanted)).values_list("pk", flat=True)
    )


def _describe(record: Record, hits: Sequence[Hit]) -> list[Found]:
    """Say of each person found what the reader may see: names, birthdays, homes, agencies."""
    groups = dict(
        Person.objects.filter(
            Q(pk__in=[hit.person for hit in hits]) | Q(root__in=[hit.person for hit in hits])
        ).values_list("pk", Coalesce("root_id", "pk"))
    )
    owners = dict(
        Link.objects.filter(
            person__in=groups, ended_at__isnull=True, record__current=True
        ).values_list("record", "person")
    )
    parts = RecordPart.objects.filter(
        record__in=owners,
        current=True,
        data_class__in=[
            str(c) for c in (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)
        ],
    )
    told: dict[int, list[Seen]] = defaultdict(list)
    for part in seen(record, parts):
        told[groups[owners[part.record_id]]].append(part)
    keys = dict(Person.objects.filter(pk__in=told).values_list("pk", "key"))
    agencies = dict(Agency.objects.values_list("pk", "short_name"))
    return [
        _found(str(keys[hit.person]), told[hit.person], hit, agencies)
        for hit in hits
        if hit.person in told
    ]


def _found(key: str, parts: list[Seen], hit: Hit, agencies: dict[int, str]) -> Found:
    return Found(
        key=key,
        names=tuple(dict.fromkeys(filter(None, map(name_of, parts)))),
        born=tuple(sorted(set(filter(None, (p.get("date_of_birth") for p in parts))))),
        addresses=tuple(dict.fromkeys(filter(None, map(address_of, parts)))),
        agencies=tuple(sorted({agencies[part.owner_id] for part in parts})),
        because=", ".join(hit.kinds),
    )


def name_of(part: Any) -> str:
    """Return the name that a part tells, or ""; what is withheld is left out."""
    names = (part.get(name) or "" for name in ("given_name", "middle_names", "family_name"))
    return " ".join(filter(None, names))


def address_of(part: Any) -> str:
    """Return the address that a part tells, or ""."""
    return ", ".join(filter(None, (part.get("address") or "", part.get("postcode") or "")))


def every_key(reader: Reader) -> Iterator[int]:
    """Give the people whom the reader could find at all: for tests of the twins."""
    with recording(reader, Kind.CONSULTATION, "listed who can be found") as record:
        keys = SearchKey.objects.filter(findable(record), person__isnull=False)
        found = list(keys.values_list("person", flat=True).distinct())
    return iter(found)

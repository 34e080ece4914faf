"""Search among what the reader may see; what is withheld takes no part in it.

Words are first widened to the words that are like them (a table of words, which says nothing of
who uses them); rows are then matched and withheld in one SQL statement. A row's place in the list
depends on that row and the question alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from triservice.access.models import Kind
from triservice.access.queries import Seen, seen
from triservice.access.record import Record, reading
from triservice.agencies.models import Agency
from triservice.kernel.access_words import DataClass, Reader
from triservice.subjects.models import Link, Person, RecordPart, SearchKey, WordForm
from triservice.subjects.names import likeness
from triservice.subjects.queries.finding import Findable, Key, Needs, meets
from triservice.subjects.search_words import Asked, asked_forms, understand
from triservice.subjects.words import Kept

SHOWN = 25
MOST = 300  # keys looked at; beyond it the question is too wide to answer well
FEW = 100  # keys with a part of what is asked: no rarer part is looked for
LIKE_ENOUGH = 0.7


class Home(NamedTuple):
    """An address in its parts."""

    line: str
    postcode: str
    uprn: str


class Own(NamedTuple):
    """What the reader's own agency knows of somebody, the newest of its records first."""

    name: str = ""
    born: date | None = None  # None too where its records say several
    home: Home | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One person found: their names and homes as far as the reader may see them."""

    key: str
    names: tuple[str, ...]
    born: tuple[date, ...]
    addresses: tuple[str, ...]
    homes: tuple[Home, ...]  # the same addresses, in parts
    agencies: tuple[str, ...]  # whose records the reader sees
    because: str  # which kind of thing matched
    own: Own


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
    with reading(reader, Kind.CONSULTATION, "searched for people") as record:
        hits, more = _people(record, asked)
        found = _describe(record, hits[:SHOWN])
        record.searched({"text": text, "born": str(born) if born else None}, len(found))
    return Results(tuple(found), more or len(hits) > SHOWN, text, asked)


def person_found(reader: Reader, key: UUID) -> Found | None:
    """Return somebody as a search shows them; None where the reader sees nothing of them."""
    with reading(reader, Kind.CONSULTATION, "took a person into a form") as record:
        root = Coalesce("root_id", "pk")
        people = Person.objects.filter(key=key).values_list(root, flat=True)
        found = _describe(record, [Hit(pk, 1.0, ()) for pk in people])
    return found[0] if found else None


def suggest(reader: Reader, text: str, limit: int = 8) -> tuple[str, ...]:
    """Return names to complete what is being typed, out of what the reader may see."""
    asked = understand(text)
    with reading(reader, Kind.CONSULTATION, "typed a name") as record:
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
    keys = SearchKey.objects.filter(person__isnull=False)
    return best(Findable(record.grants, keys), asked, exact)


def best(findable: Findable, asked: Asked, exact: bool = False) -> tuple[list[Hit], bool]:
    """Return who of those who can be found match, best first, and whether too much was asked."""
    if asked.nothing:
        return [], False
    alike = {word: alike_words(word, exact) for word in asked.words}
    hits: list[Hit] = []
    more = False
    for forgiving in (False, True):  # as asked first; then, if there is room, with slips of the pen
        spelt = {word: {word: 1.0} | (alike[word] if forgiving else {}) for word in asked.words}
        keys, more = _keys(findable, asked, spelt, exact)
        hits = _score(keys, asked, spelt)
        if exact or more or len(hits) >= SHOWN or not asked.words:
            break
    return hits, more


def alike_words(word: str, exact: bool) -> dict[str, float]:
    """Return the known words that are like a word, with how like: by their own letters alone."""
    if exact or len(word) < 3 or not word.isalpha():
        return {}
    words = WordForm.objects.filter(form__in=asked_forms(word)).values_list("word", flat=True)
    liked = {other: likeness(word, other) for other in set(words)}
    return {other: like for other, like in liked.items() if like >= LIKE_ENOUGH}


def _keys(
    findable: Findable, asked: Asked, spelt: dict[str, dict[str, float]], one_row: bool
) -> tuple[list[Key], bool]:
    """Return the keys that have every word asked for; else those of people whose keys have it."""
    words, codes = list(spelt.values()), [{code: 1.0} for code in asked.codes]
    if asked.born is not None:
        return _of_that_day(findable, [*words, *codes], asked, asked.born, one_row)
    if not codes or (len(codes) == 1 and not words):
        found = findable.matching([*words, *codes], asked.begins, MOST + 1)
        if found or one_row or len(words) < 2:
            return found[:MOST], len(found) > MOST
    return _across_rows(findable, [*words, *codes], asked, _seeds(words, codes))


def _of_that_day(
    findable: Findable, needs: Needs, asked: Asked, day: date, one_row: bool
) -> tuple[list[Key], bool]:
    """Return names with that birthday that have every word; else keys of those born that day."""
    found = findable.born(day, needs, asked.begins, MOST + 1)
    if not found and not one_row:
        found = findable.born(day, [], asked.begins, MOST + 1)
        people = {key.person for key in found[:MOST]}
        return _with_all(findable, people, needs, asked), len(found) > MOST
    return found[:MOST], len(found) > MOST


def _seeds(words: list[dict[str, float]], codes: list[dict[str, float]]) -> list[list[Needs]]:
    """Return the ways to divide what is asked between two rows, each as the parts to begin with.

    A code names few people, so it is enough to begin with; words are divided where a name may end
    and an address begin.
    """
    if codes:
        return [[[code] for code in codes]]
    return [[words[:at], words[at:]] for at in range(1, len(words))]


def _across_rows(
    findable: Findable, needs: Needs, asked: Asked, ways: list[list[Needs]]
) -> tuple[list[Key], bool]:
    """Find people whose several keys have all that is asked: begin with a part that is rare."""
    begun = set[int]()
    more = False
    tried: dict[str, list[Key]] = {}
    for parts in ways:
        rows = []
        for part in parts:
            said = repr(part)
            if said not in tried:
                tried[said] = findable.matching(part, asked.begins, MOST + 1)
            rows.append(tried[said])
            if len(rows[-1]) <= FEW:
                break  # few enough to begin with; and nobody has the whole where nobody has a part
        rarest = min(rows, key=len)
        begun |= {key.person for key in rarest[:MOST]}
        more |= len(rarest) > MOST
    return _with_all(findable, begun, needs, asked), more


def _with_all(findable: Findable, people: set[int], needs: Needs, asked: Asked) -> list[Key]:
    """Return the keys that tell, of people whose keys together have all that is asked."""
    told: dict[int, list[Key]] = defaultdict(list)
    for key in findable.of_people(people) if people else ():
        told[key.person].append(key)
    found = []
    for theirs in told.values():
        if all(any(meets(key.text, [need], asked.begins) for key in theirs) for need in needs):
            found += [k for k in theirs if any(meets(k.text, [n], asked.begins) for n in needs)]
    return found


def _score(keys: Iterable[Key], asked: Asked, spelt: dict[str, dict[str, float]]) -> list[Hit]:
    """Score each person by their own keys: how like each word asked for is, at its best."""
    by_person: dict[int, dict[str, float]] = defaultdict(dict)
    kinds: dict[int, dict[str, None]] = defaultdict(dict)
    for key in keys:
        words, best_of = key.text.split(), by_person[key.person]
        kinds[key.person][key.kind] = None
        for word, alike in spelt.items():
            best = max((alike.get(w) or _begun(word, w, asked) for w in words), default=0.0)
            if key.kind == Kept.ALIAS:
                best *= 0.98
            best_of[word] = max(best_of.get(word, 0.0), best)
    hits = [
        Hit(person, sum(by_person[person].values()) / max(len(spelt), 1), tuple(sorted(told)))
        for person, told in kinds.items()
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.person))


def _begun(asked_word: str, word: str, asked: Asked) -> float:
    return 0.95 if asked_word in asked.begins and word.startswith(asked_word) else 0.0


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
    ).order_by("-record__received_at", "-pk")
    told: dict[int, list[Seen]] = defaultdict(list)
    for part in seen(record, parts):
        told[groups[owners[part.record_id]]].append(part)
    keys = dict(Person.objects.filter(pk__in=told).values_list("pk", "key"))
    agencies = dict(Agency.objects.values_list("pk", "short_name"))
    return [
        _found(record.reader, str(keys[hit.person]), told[hit.person], hit, agencies)
        for hit in hits
        if hit.person in told
    ]


def _found(
    reader: Reader, key: str, parts: list[Seen], hit: Hit, agencies: dict[int, str]
) -> Found:  # fmt: skip
    homes: dict[str, Home] = {}
    for part in parts:
        homes.setdefault(address_of(part), _home(part))
    homes.pop("", None)
    return Found(
        key=key,
        names=tuple(dict.fromkeys(filter(None, map(name_of, parts)))),
        born=tuple(sorted(set(filter(None, (p.get("date_of_birth") for p in parts))))),
        addresses=tuple(homes),
        homes=tuple(homes.values()),
        agencies=tuple(sorted({agencies[part.owner_id] for part in parts})),
        because=", ".join(hit.kinds),
        own=_own([part for part in parts if part.owner_id == reader.agency]),
    )


def _own(parts: list[Seen]) -> Own:
    born = set(filter(None, (part.get("date_of_birth") for part in parts)))
    return Own(
        name=next(filter(None, map(name_of, parts)), ""),
        born=born.pop() if len(born) == 1 else None,
        home=next((_home(part) for part in parts if address_of(part)), None),
    )


def name_of(part: Any) -> str:
    """Return the name that a part tells, or ""; what is withheld is left out."""
    names = (part.get(name) or "" for name in ("given_name", "middle_names", "family_name"))
    return " ".join(filter(None, names))


def _home(part: Any) -> Home:
    return Home(*(part.get(name) or "" for name in ("address", "postcode", "uprn")))


def address_of(part: Any) -> str:
    """Return the address that a part tells, or ""."""
    return ", ".join(filter(None, (part.get("address") or "", part.get("postcode") or "")))

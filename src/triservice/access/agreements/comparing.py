"""Who gains and who loses access to what between two versions. Pure; asks the compiled terms.

Every question is put to `rules.decide` itself, for every party, role, owner, data class, field,
area, purpose and condition that either version can tell apart; no text is compared. What other
agreements open is left out: the answer is about these two versions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise, product
from typing import Any

from triservice.access.agreements.text import TermText, VersionText
from triservice.access.compiling import (
    FOREVER,
    Book,
    Compiled,
    TermSaid,
    VersionSaid,
    bind,
    compile_terms,
    grants_for,
)
from triservice.access.rules import NEVER_READS, NOBODY, Grants, Item, Use, decide, may_know
from triservice.kernel.access_words import Marking, Outcome, Purpose, Reader, Role, Vetting

START = datetime(1970, 1, 1, tzinfo=UTC)
OTHERS = "\x00others"  # stands for any field, or area, that neither version names
SUBJECT = "00000000-0000-0000-0000-000000000001"


class What(StrEnum):
    """The ways in which data is used, compared each by itself."""

    READ = "read"
    KNOW = "know of"
    COUNT = "count"
    KEEP = "keep on a phone"


@dataclass(frozen=True, slots=True, order=True)
class Access:
    """What a version lets someone do: `rank` orders it, `words` say it."""

    rank: int
    words: str


NOTHING, ASKING, OPEN = Access(0, "no"), Access(1, "on approval"), Access(2, "open")
READING = {Outcome.ALLOW: OPEN, Outcome.NEEDS_APPROVAL: ASKING, Outcome.DENY: NOTHING}
KNOWING = Access(1, "yes")
MANY = 10**9


@dataclass(frozen=True, slots=True)
class Some:
    """Fields or areas: the named ones, or (`others`) all but those left out."""

    names: tuple[str, ...] = ()
    others: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.others and not self.names


@dataclass(frozen=True, slots=True)
class Change:
    """A block of equal changes: every combination of what it lists changes so."""

    what: What
    before: Access
    after: Access
    agencies: tuple[int, ...]
    roles: tuple[Role, ...]
    owners: tuple[int, ...]
    data_classes: tuple[str, ...]
    purposes: tuple[str, ...]
    fields: Some
    areas: Some
    conditions: tuple[str, ...]
    periods: tuple[tuple[datetime, datetime], ...]  # empty: as long as the versions hold

    @property
    def gains(self) -> bool:
        """Whether access is gained; else it is lost."""
        return self.after.rank > self.before.rank


# The dimensions of a question, in the order in which equal answers are put together.
DIMENSIONS = (
    "data_class", "field", "area", "sensitive", "case", "on_duty", "trained", "vetting", "period",
    "purpose", "role", "agency", "owner",
)  # fmt: skip
Point = tuple[Any, ...]  # one value for each dimension
Box = tuple[frozenset[Any], ...]  # some values for each dimension
Answer = tuple[What, Access, Access]


def compare(before: VersionText | None, after: VersionText) -> list[Change]:
    """Return who gains and who loses what; `before` None is no agreement at all. Gains first."""
    space = _space(before, after)
    points: dict[Answer, list[Point]] = defaultdict(list)
    for point, answer in _differences(_book(before), _book(after), space):
        points[answer].append(point)
    changes = [
        _change(answer, box, space) for answer, found in points.items() for box in _boxes(found)
    ]
    return sorted(changes, key=lambda c: (not c.gains, c.what, c.agencies, c.owners, c.roles))


def _space(before: VersionText | None, after: VersionText) -> Mapping[str, Sequence[Any]]:
    """Return, for each dimension, all values that either version can tell apart."""
    texts = [text for text in (before, after) if text]
    terms = [term for text in texts for term in text.terms]
    asks = {name: [True, False] if any(getattr(t, name) for t in terms) else [True] for name in
            ("needs_training", "needs_duty", "needs_case")}  # fmt: skip
    levels = sorted({int(Vetting.NONE), *(term.min_vetting for term in terms)})
    return {
        "agency": sorted({party.agency for text in texts for party in text.parties}),
        "role": [role for role in Role if role not in NEVER_READS],
        "owner": sorted({term.from_agency for term in terms}),
        "data_class": sorted({each for term in terms for each in term.data_classes}),
        "purpose": sorted({Purpose(each) for term in terms for each in term.purposes}),
        "field": [*sorted({f for t in terms if not t.every_field for f in t.fields}), OTHERS],
        "area": [*sorted({a for t in terms if not t.everywhere for a in t.areas}), OTHERS],
        "trained": asks["needs_training"],
        "on_duty": asks["needs_duty"],
        "case": asks["needs_case"],
        "vetting": levels,
        "sensitive": [False, True] if len(levels) > 1 else [False],
        "period": _periods(terms),
    }


def _periods(terms: Iterable[TermText]) -> list[tuple[datetime, datetime]]:
    """Return the stretches of time in which the terms' own dates change nothing."""
    said = {moment for t in terms for moment in (t.valid_from, t.valid_until) if moment}
    return list(pairwise([START, *sorted(said), FOREVER]))


def _book(text: VersionText | None) -> Book:
    """Return the terms of a version as if it were in force for ever."""
    if text is None:
        return bind((), ())
    parties = frozenset(p.agency for p in text.parties if p.lawful_basis.strip())
    version = VersionSaid(1, 1, 1, "in force", START, FOREVER, parties)
    return bind([version], (_said(term) for term in text.terms))


def _said(term: TermText) -> TermSaid:
    return TermSaid(
        id=term.number,
        version=1,
        from_agency=term.from_agency,
        to_agency=term.to_agency,
        to_role=term.to_role,
        mode=term.mode,
        data_classes=term.data_classes,
        fields=None if term.every_field else frozenset(term.fields),
        purposes=frozenset(term.purposes),
        areas=None if term.everywhere else frozenset(term.areas),
        counts_only=term.counts_only,
        small_number=term.small_number,
        min_vetting=term.min_vetting,
        needs_training=term.needs_training,
        needs_duty=term.needs_duty,
        needs_case=term.needs_case,
        existence=term.existence,
        offline=term.offline,
        valid_from=term.valid_from,
        valid_until=term.valid_until,
    )


def _differences(
    old: Book, new: Book, space: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[Point, Answer]]:
    """Ask both versions every question, and yield those that they answer differently."""
    people = ("agency", "role", "purpose", "vetting", "trained", "on_duty")
    for person in product(*(space[name] for name in people)):
        who = dict(zip(people, person, strict=True))
        compiled = [compile_terms(book, _reader(who)) for book in (old, new)]
        keys = {key for each in compiled for use in Use for key in each.cells[use]}
        for period, case in product(space["period"], space["case"]):
            sides = [_grants(each, who | {"period": period, "case": case}) for each in compiled]
            for (owner, data_class), area, sensitive in product(
                keys, space["area"], space["sensitive"]
            ):
                row = {"period": period, "case": case, "owner": owner, "data_class": data_class}
                row |= who | {"area": area, "sensitive": sensitive}
                for field, answer in _answers(sides, _item(row), space["field"]):
                    full = row | {"field": field}
                    yield tuple(full[name] for name in DIMENSIONS), answer


def _reader(who: Mapping[str, Any]) -> Reader:
    return Reader(
        officer=0,
        agency=who["agency"],
        roles=frozenset({who["role"]}),
        purpose=who["purpose"],
        at=who["period"][0] if "period" in who else START,
        vetting=Vetting(who["vetting"]),
        training_current=who["trained"],
        on_duty=who["on_duty"],
        cases=frozenset({SUBJECT}) if who.get("case") else frozenset(),
    )


def _grants(compiled: Compiled, who: Mapping[str, Any]) -> Grants:
    return grants_for(compiled, NOBODY, _reader(who))


def _item(row: Mapping[str, Any]) -> Item:
    marking = Marking.OFFICIAL_SENSITIVE if row["sensitive"] else Marking.OFFICIAL
    return Item(
        "any.row", None, row["owner"], row["data_class"], row["area"], str(marking), None, SUBJECT
    )


def _answers(
    sides: Sequence[Grants], item: Item, fields: Sequence[str]
) -> Iterator[tuple[str | None, Answer]]:
    """Yield what the two sides answer differently; a field of None is the row as a whole.

    That one who reads more may also count and know more goes without saying; and that one who no
    longer reads anything keeps nothing.
    """
    ways = set()
    for field in fields:
        was, now = (READING[decide(side, item, field).outcome] for side in sides)
        if was != now:
            ways.add(now > was)
            yield field, (What.READ, was, now)
        kept, keeps = (_keeps(side, item, field) for side in sides)
        if kept != keeps and (keeps > kept or now.rank):
            yield field, (What.KEEP, kept, keeps)
    for what, ask in ((What.KNOW, _knows), (What.COUNT, _counts)):
        was, now = (ask(side, item) for side in sides)
        if was.rank != now.rank and (now.rank > was.rank) not in ways:
            yield None, (what, was, now)


def _knows(grants: Grants, item: Item) -> Access:
    known = decide(grants, item).allowed or may_know(grants, item) is not None
    return KNOWING if known else NOTHING


def _keeps(grants: Grants, item: Item, field: str) -> Access:
    return KNOWING if decide(grants, item, field, Use.OFFLINE).allowed else NOTHING


def _counts(grants: Grants, item: Item) -> Access:
    decision = decide(grants, item, None, Use.COUNT)
    if not decision.allowed:
        return NOTHING
    least = decision.small_number
    return Access(MANY - least, f"{least} or more" if least > 1 else "any number")


def _boxes(points: Iterable[Point]) -> list[Box]:
    """Put points together into blocks that hold nothing else, along one dimension after another."""
    boxes: set[Box] = {tuple(frozenset({value}) for value in point) for point in points}
    for place in range(len(DIMENSIONS)):
        merged: dict[Box, set[Any]] = defaultdict(set)
        for box in boxes:
            merged[(*box[:place], *box[place + 1 :])] |= box[place]
        boxes = {
            (*rest[:place], frozenset(values), *rest[place:]) for rest, values in merged.items()
        }
    return list(boxes)


def _change(answer: Answer, box: Box, space: Mapping[str, Sequence[Any]]) -> Change:
    said = dict(zip(DIMENSIONS, box, strict=True))
    return Change(
        *answer,
        agencies=tuple(sorted(said["agency"])),
        roles=tuple(role for role in Role if role in said["role"]),
        owners=tuple(sorted(said["owner"])),
        data_classes=tuple(sorted(said["data_class"])),
        purposes=tuple(sorted(said["purpose"])),
        fields=_some(said["field"], space["field"]),
        areas=_some(said["area"], space["area"]),
        conditions=tuple(_conditions(said, space)),
        periods=() if len(said["period"]) == len(space["period"])
        else tuple(sorted(said["period"])),
    )  # fmt: skip


def _some(values: frozenset[Any], known: Sequence[str]) -> Some:
    if None in values:
        return Some(others=True)
    if OTHERS in values:
        return Some(tuple(name for name in known if name not in values), others=True)
    return Some(tuple(sorted(values)))


_YES_NO = {
    "trained": ("whose training is current", "whose training is not current"),
    "on_duty": ("on duty", "off duty"),
    "case": ("working on a case of the person", "without a case of the person"),
    "sensitive": ("for records marked OFFICIAL-SENSITIVE", "for records marked OFFICIAL"),
}


def _conditions(said: Mapping[str, Any], space: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Yield in words the conditions under which the change holds; none that always hold."""
    levels = [level for level in space["vetting"] if level in said["vetting"]]
    if len(levels) < len(space["vetting"]):
        above = [level for level in space["vetting"] if level > max(levels)]
        if min(levels) > 0:
            yield f"vetted to {Vetting(min(levels)).name} or higher"
        if above:
            yield f"not vetted to {Vetting(above[0]).name}"
    for name, (yes, no) in _YES_NO.items():
        if len(said[name]) < len(space[name]):
            yield yes if True in said[name] else no

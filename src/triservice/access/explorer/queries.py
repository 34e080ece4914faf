"""Reading the record of disclosures. Each look into it is itself recorded.

Three views, each as wide as the reader's part: a data-protection lead sees what officers of the
own agency did and what was done with the own agency's rows; an owner's deciders see who read its
rows; an officer sees their own reads. A lead and an owner may ask who read one person's rows.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from triservice.access.about import About, told_about
from triservice.access.errors import Refused
from triservice.access.explorer import indexing
from triservice.access.explorer.basis import of_owner, terms_in
from triservice.access.models import Disclosure, Opening, Protected, Term, Touched, TouchedUpTo
from triservice.access.openings.queries import protected_models
from triservice.access.queries import visible_to
from triservice.access.record import Kind, Record, reading
from triservice.access.same import keys_of
from triservice.agencies.models import Agency
from triservice.files import csv_text
from triservice.kernel.access_words import Decision, Outcome, Reader, Reason, Role

PAGE, EXPORT = 50, 20_000
LEAD = Role.DATA_PROTECTION_LEAD
OWNING = frozenset({LEAD, Role.DATA_OWNER, Role.CALDICOTT_GUARDIAN})


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for in the record; None and blank leave it open. Days are local, inclusive."""

    view: str = "all"  # all, ours (our rows), officers (our officers), mine
    officer: str = ""  # part of a name
    agency: int | None = None
    purpose: str = ""
    kind: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    seq: int | None = None
    about: UUID | None = None  # a subject: by the own agency's rows that are open to the reader
    row: str = ""  # one row of the own agency, as an export names it: "label key"


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """One doing as shown. `rows` counts what it touched; `ours` how many were the reader's own.

    `records` names these, as "label key".
    """

    seq: int
    at: datetime
    officer: int
    officer_name: str
    roles: str
    agency_name: str
    purpose: str
    kind: str
    doing: str
    basis: str
    what: tuple[str, ...]
    outcome: str
    reason: str
    source: str
    rows: int
    ours: int
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the record; `number` from 1, `indexed` false while older rows are not yet found.

    `about` is whom the reader asked about, as far as they may see.
    """

    rows: tuple[DisclosureRow, ...]
    number: int
    more: bool
    indexed: bool
    about: About | None = None

    def has_next(self) -> bool:
        """Whether a page follows."""
        return self.more

    def has_previous(self) -> bool:
        """Whether a page goes before."""
        return self.number > 1


def views_of(reader: Reader) -> tuple[str, ...]:
    """Return the views that are open to a reader, the widest first."""
    if LEAD in reader.roles:
        return ("all", "officers", "ours", "mine")
    return ("ours", "mine") if OWNING & reader.roles else ("mine",)


def explore(reader: Reader, asked: Filter, number: int = 1) -> Found:
    """Return a page of what the reader may see of the record, the latest first."""
    indexing.catch_up()
    with reading(reader, Kind.CONSULTATION, "look into the record of disclosures") as record:
        rows = _reached(record, asked)
        start = (number - 1) * PAGE
        found = list(rows[start : start + PAGE + 1])
        rows_shown = shown(found[:PAGE], reader.agency)
        record.searched(_terms(asked), len(rows_shown))
        about = told_about(record, [asked.about], reader.agency)
        return Found(
            rows_shown,
            number,
            len(found) > PAGE,
            indexed(),
            about.get(asked.about) if asked.about else None,
        )


def export(reader: Reader, asked: Filter) -> str:
    """Return the same as CSV, at most EXPORT rows; the export is recorded as a disclosure."""
    indexing.catch_up()
    with reading(reader, Kind.DISCLOSURE, "export the record of disclosures") as record:
        rows = shown(_reached(record, asked)[:EXPORT], reader.agency)
        record.searched(_terms(asked), len(rows))
        columns = COLUMNS if OWNING & reader.roles else COLUMNS[:-1]
        return csv_text(columns, (_cells(row)[: len(columns)] for row in rows))


COLUMNS = (
    "number", "at", "officer", "roles", "agency", "purpose", "kind", "doing", "what", "rows",
    "outcome", "reason", "basis", "source",
    "records",  # of the own agency: for who answers for them
)  # fmt: skip


def _cells(row: DisclosureRow) -> list[Any]:
    return [
        row.seq, row.at.isoformat(), row.officer_name, row.roles, row.agency_name, row.purpose,
        row.kind, row.doing, "; ".join(row.what), row.rows, row.outcome, row.reason, row.basis,
        row.source, "; ".join(row.records),
    ]  # fmt: skip


def _reached(record: Record, asked: Filter) -> QuerySet[Disclosure]:
    """Return the rows of a view that fit. Raises Refused for a view that is not the reader's."""
    reader = record.reader
    if asked.view not in views_of(reader):
        raise Refused(Decision(Outcome.DENY, Reason.ROLE), f"the record: {asked.view}")
    ours = Exists(Touched.objects.filter(seq=OuterRef("seq"), owner=reader.agency))
    scopes = {
        "mine": Q(officer=reader.officer),
        "officers": Q(agency=reader.agency),
        "ours": Q(ours),
        "all": Q(agency=reader.agency) | Q(ours),
    }
    rows = Disclosure.objects.filter(scopes[asked.view]).order_by("-seq")
    exact = {
        "agency": asked.agency,
        "purpose": asked.purpose,
        "kind": asked.kind,
        "outcome": asked.outcome,
        "seq": asked.seq,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if asked.officer.strip():
        rows = rows.filter(officer_name__icontains=asked.officer.strip())
    if asked.since:
        rows = rows.filter(at__gte=_midnight(asked.since))
    if asked.until:
        rows = rows.filter(at__lt=_midnight(asked.until + timedelta(days=1)))
    return rows.filter(*_telling_of(record, asked))


def _telling_of(record: Record, asked: Filter) -> Iterator[Q]:
    """Yield the conditions of a filter by subject or by row.

    Raises Refused for who is no lead or owner. What is not open to the reader is found by neither
    its subject nor its key, so that a list tells nothing of what is on it.
    """
    reader = record.reader
    if not (asked.about or asked.row):
        return
    if not OWNING & reader.roles:
        raise Refused(Decision(Outcome.DENY, Reason.ROLE), "the record: about somebody")
    if asked.about:
        no_tie(record, asked.about)
        yield _touching_open(reader, _about(asked.about, reader.agency))
    if asked.row:
        label, pk = asked.row.split()
        one = protected_models()[label]._default_manager.filter(pk=pk, owner=reader.agency)
        yield _touching_open(reader, [(label, one)])


def _touching_open(reader: Reader, rows: Iterable[tuple[str, QuerySet[Protected]]]) -> Q:
    keys = [
        (label, str(pk))
        for label, some in rows
        for pk in visible_to(reader, some).values_list("pk", flat=True)
    ]
    return Q(seq__in=touching(keys, reader.agency).values("seq"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _terms(asked: Filter) -> dict[str, str]:
    return {
        name: str(value) for name in Filter.__slots__ if (value := getattr(asked, name))
    }  # fmt: skip


def indexed() -> bool:
    """Whether the record is looked through up to its end, or nearly."""
    last = Disclosure.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    reached = TouchedUpTo.objects.filter(pk=1).values_list("seq", flat=True).first() or 0
    return last - reached < indexing.BATCH


def shown(
    rows: Iterable[Disclosure], agency: int, *, owned: bool = False
) -> tuple[DisclosureRow, ...]:
    """Return rows of the record as an agency may see them.

    `owned`: of its own officers' doings too, the basis only as far as its own rows stood on it.
    """
    rows = list(rows)
    touched: dict[int, dict[str, bool]] = defaultdict(dict)  # each row once, of whatever classes
    found = Touched.objects.filter(seq__in=[row.seq for row in rows]).order_by("pk")
    for seq, owner, label, pk in found.values_list("seq", "owner", "label", "pk_text"):
        touched[seq][f"{label} {pk}"] = owner == agency
    allowed = [r for r in rows if r.outcome == str(Outcome.ALLOW)]
    bases = _bases([r for r in allowed if owned or r.agency != agency], agency)
    return tuple(
        _row(
            row,
            len(touched[row.seq]),
            tuple(name for name, is_own in touched[row.seq].items() if is_own),
            basis=bases.get(row.seq, row.basis),
            inside=row.agency == agency,
        )
        for row in rows
    )


def _bases(rows: list[Disclosure], owner: int) -> dict[int, str]:
    """Return, by number, on what readings stood, as far as it is this owner's."""
    named = {term for row in rows for term in terms_in(row.basis)}
    terms = set(Term.objects.filter(pk__in=named, from_agency=owner).values_list("pk", flat=True))
    emergencies = Opening.objects.filter(
        kind=Opening.Kind.BREAK_GLASS, owner=owner, officer__in={row.officer for row in rows}
    )
    times = list(emergencies.values_list("officer", "starts", "ends"))
    return {
        row.seq: of_owner(
            row.basis,
            terms,
            broken=any(who == row.officer and a <= row.at < b for who, a, b in times),
            inside=row.agency == owner,
        )
        for row in rows
    }


def _row(
    row: Disclosure, touched: int, own: tuple[str, ...], *, basis: str, inside: bool
) -> DisclosureRow:
    """Return a row; of another agency's officer only what concerns the reader's own rows.

    What else they touched or searched for, and from where, is their own lead's to see.
    """
    what = tuple(what_words(row.what)) if inside else ()
    return DisclosureRow(
        row.seq, row.at, row.officer, row.officer_name, row.officer_roles, row.agency_name,
        row.purpose, row.get_kind_display(), row.doing, basis, what, row.outcome, row.reason,
        row.source if inside else "", touched if inside else len(own), len(own), own,
    )  # fmt: skip


NOUNS = {  # rows that tell of the sharing itself, by what people call them
    "access.accessrequest": ("request", "requests"),
    "access.glassbreak": ("emergency access", "emergency accesses"),
    "access.opening": ("opening", "openings"),
    "access.agreementversion": ("agreement version", "agreement versions"),
    "access.notice": ("notice", "notices"),
    "agencies.officer": ("officer", "officers"),
}


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def what_words(what: str) -> Iterable[str]:
    """Yield what a disclosure touched in words; search terms as they were, rows by number."""
    try:
        said = json.loads(what)
    except ValueError:
        return
    rows = Counter[str]()  # of a class, whichever tables they stand in
    for label, classes in said.get("rows", {}).items():
        if label in NOUNS:
            yield _counted(len({key for keys in classes.values() for key in keys}), *NOUNS[label])
            continue
        rows.update({kind: len(keys) for kind, keys in indexing.by_class(classes).items()})
    for data_class, count in (+rows).items():
        kind = f"{data_class} " if data_class else ""
        yield _counted(count, f"{kind}row", f"{kind}rows")
    for each in said.get("searched", ()):
        terms = each.get("terms")
        if isinstance(terms, dict):
            terms = ", ".join(f"{name} {value}" for name, value in terms.items())
        yield f"searched: {terms}; {each.get('count')} shown"
    for each in said.get("counted", ()):
        count = each.get("count")
        yield f"counted {each.get('label')}: {'too few to show' if count is None else count}"
    yield from (f"added because: {why}" for why in said.get("added because", ()))
    if said.get("refused"):
        yield f"refused: {said['refused']}"


def rows_about(subject: UUID, owner: int) -> list[tuple[str, str]]:
    """Return (label, key as text) of all rows of an owner about a subject, whoever may see them."""
    return [
        (label, str(pk))
        for label, rows in _about(subject, owner)
        for pk in rows.values_list("pk", flat=True)
    ]


def _about(subject: UUID, owner: int) -> Iterator[tuple[str, QuerySet[Protected]]]:
    keys = keys_of(subject)
    for label, model in protected_models().items():
        yield label, model._default_manager.filter(subject_key__in=keys, owner=owner)


def no_tie(record: Record, subject: UUID) -> None:
    """Raise Refused where the reader has a conflict of interest with the subject."""
    if str(subject) in record.grants.conflicts:
        raise Refused(Decision(Outcome.DENY, Reason.CONFLICT), "who read about a subject")


def touching(rows: Iterable[tuple[str, str]], owner: int) -> QuerySet[Touched]:
    """Return where the record tells of these rows (label, key as text), as far as the owner's."""
    by_label: dict[str, list[str]] = {}
    for label, pk in rows:
        by_label.setdefault(label, []).append(pk)
    condition = Q(pk__in=())
    for label, keys in by_label.items():
        condition |= Q(label=label, pk_text__in=keys)
    return Touched.objects.filter(condition, owner=owner)


def agency_choices() -> list[tuple[int, str]]:
    """Return agencies for the filter."""
    return list(Agency.objects.values_list("pk", "name"))

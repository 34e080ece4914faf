"""Reading what one's agency has sent, and the choice of schemes to refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from triservice.access.errors import Refused
from triservice.access.queries import Seen, decide, seen
from triservice.access.record import Kind, Record, reading
from triservice.access.rules import UNKNOWN
from triservice.agencies.models import Agency
from triservice.casework.answers.queries import scheme_name
from triservice.casework.answers.rules import question_of
from triservice.casework.cases.queries.naming import group_of
from triservice.casework.models import Acknowledgement, Case, Referral
from triservice.casework.references import read_reference
from triservice.casework.referrals import rules
from triservice.casework.referrals.rules import LIFE, Step
from triservice.casework.words import CaseState
from triservice.kernel.access_words import Reader
from triservice.schemes import catalogue, words
from triservice.schemes.scheme import Form
from triservice.subjects.models import Person
from triservice.subjects.names import plain
from triservice.subjects.queries.gather import agency_names
from triservice.subjects.queries.places import PlaceFound, find_premises

MOST = 100
LATELY = 50  # referrals looked at for what somebody refers to most lately


@dataclass(frozen=True, slots=True)
class Choice:
    """A scheme that one may refer to, run by an agency."""

    scheme: str
    name: str
    summary: str
    agency: int
    agency_name: str


@dataclass(frozen=True, slots=True)
class SentRow:
    """A referral that one's agency sent. No `state`: it is withheld, `because` of what.

    `outcome` is what came of its case, which was `closed_at` then, as far as the terms open it.
    """

    pk: int
    reference: str
    scheme: str
    to: str
    at: datetime
    state: str
    because: str
    outcome: str = ""
    closed_at: datetime | None = None

    @property
    def stands(self) -> str:
        """How it stands, in a word: that of its case once this is closed."""
        return str(CaseState.CLOSED) if self.outcome else self.state


@dataclass(frozen=True, slots=True)
class SentPage:
    """A referral that was sent, close up: how it stands, as far as the terms open it."""

    row: SentRow
    why: str
    signposted_to: str
    state_at: datetime | None
    may_answer: bool
    may_withdraw: bool


def choices(reader: Reader) -> tuple[Choice, ...]:
    """Return the schemes that the reader's agency may refer to, with who runs each."""
    return _choices(reader.agency)


def usual_choices(reader: Reader, most: int) -> tuple[Choice, ...]:
    """Return the first few of these schemes: those that the reader refers to lately first."""
    sent = Acknowledgement.objects.filter(owner=reader.agency, sent_by=reader.officer)
    lately = list(dict.fromkeys(sent.order_by("-at").values_list("scheme", "to")[:LATELY]))
    found = choices(reader)
    place = {pair: number for number, pair in enumerate(lately)}
    return tuple(sorted(found, key=lambda c: place.get((c.scheme, c.agency), LATELY)))[:most]


def public_choices() -> tuple[Choice, ...]:
    """Return the schemes to which people may refer themselves."""
    return _choices(None)


def _choices(agency: int | None) -> tuple[Choice, ...]:
    """Return what an agency may refer to; None: the public."""
    runs: dict[str, list[tuple[int, str]]] = {}
    kind = None if agency is None else ""
    for pk, name, of in Agency.objects.values_list("pk", "name", "kind"):
        runs.setdefault(of, []).append((pk, name))
        kind = of if pk == agency else kind
    return tuple(
        Choice(scheme.id, scheme.name, scheme.summary, pk, name)
        for scheme in (catalogue.scheme(each) for each in catalogue.names())
        if "referral" in scheme.forms and rules.may_refer(scheme.referrers, kind)
        for pk, name in runs.get(scheme.lead, ())
    )


def addresses_like(reader: Reader, form: Form, values: Mapping[str, Any]) -> tuple[PlaceFound, ...]:
    """Return the places known at the postcode that was given; none when the address is one."""
    question = question_of(form, words.Kind.ADDRESS)
    told = values.get(question.id, {}) if question else {}
    if not told.get("postcode") or told.get("uprn"):
        return ()
    found = find_premises(reader, told["postcode"])
    typed = plain(told.get("line", ""))
    return () if typed in {plain(one.address) for one in found} else found


def sent_list(reader: Reader, *, mine: bool = True) -> tuple[SentRow, ...]:
    """Return what the reader (or all of the agency) has sent, the latest first."""
    rows = Acknowledgement.objects.filter(owner=reader.agency)
    if mine:
        rows = rows.filter(sent_by=reader.officer)
    found = rows.order_by("-at", "-pk")
    with reading(_as_sender(reader, found[:MOST]), Kind.CONSULTATION, "list referrals sent") as (
        record
    ):
        kept = seen(record, found, MOST)
        return _rows(record, kept, _referrals(record, kept))


def _as_sender(reader: Reader, sent: QuerySet[Acknowledgement]) -> Reader:
    """Return the reader as terms take them for what their agency has sent, and for that alone.

    A term may ask that its reader works on a case of the person. Who refers somebody has a part in
    what becomes of it: where the standing of that referral is read, they count as working on it.
    """
    about = {key for key in sent.values_list("subject_key", flat=True) if key}
    people = Person.objects.filter(key__in=about).values_list("pk", flat=True)
    about |= set(Person.objects.filter(pk__in=group_of(people)).values_list("key", flat=True))
    return replace(reader, cases=reader.cases | {str(key) for key in about})


def _referrals(record: Record, kept: list[Seen]) -> dict[int, Seen]:
    wanted = Referral.objects.filter(pk__in=[row.referral_id for row in kept])
    return {row.pk: row for row in seen(record, wanted)}


def _rows(record: Record, kept: list[Seen], found: dict[int, Seen]) -> tuple[SentRow, ...]:
    names, closed = agency_names(), _closed(record, found.values())
    states = {pk: row.get("state") or "" for pk, row in found.items()}
    others = Referral.objects.filter(pk__in={row.referral_id for row in kept} - found.keys())
    hidden = {row.pk: str(decide(record.reader, row).reason) for row in others}
    return tuple(
        SentRow(
            row.pk,
            row.reference,
            scheme_name(row.scheme),
            names[row.to_id],
            row.at,
            states.get(row.referral_id, ""),
            hidden.get(row.referral_id, "" if states.get(row.referral_id) else "Not said"),
            *closed.get(row.referral_id, ("", None)),
        )
        for row in kept
    )


def _closed(record: Record, found: Iterable[Seen]) -> dict[int, tuple[str, datetime | None]]:
    """Return of each referral whose case is closed what came of it, and when.

    A case that was merged ends with the one into which it was.
    """
    of = {row.pk: row.get("case_id") for row in found}
    known: dict[int, Seen] = {}
    wanted = set(of.values()) - {None}
    while wanted:
        rows = seen(record, Case.objects.filter(pk__in=wanted))
        known |= {row.pk: row for row in rows}
        wanted = {row.merged_into_id for row in rows} - known.keys() - {None}
    ended = {}
    for pk, case in of.items():
        last = known.get(case)
        while last is not None and last.merged_into_id:
            last = known.get(last.merged_into_id)
        if last is not None and last.get("outcome"):
            ended[pk] = (last.outcome, last.closed_at)
    return ended


def number_of(reader: Reader, reference: str) -> int | None:
    """Return the key of what the reader's agency keeps of a referral that it sent, or None."""
    kept = Acknowledgement.objects.filter(
        owner=reader.agency, reference=read_reference(reference) or ""
    )
    return kept.values_list("pk", flat=True).first()


def sent_page(reader: Reader, pk: int) -> SentPage:
    """Return a referral that the reader's agency sent. Raises Refused, hidden."""
    rows = Acknowledgement.objects.filter(pk=pk, owner=reader.agency)
    with reading(_as_sender(reader, rows), Kind.CONSULTATION, "open a referral sent") as record:
        kept = seen(record, rows)
        if not kept:
            raise Refused(UNKNOWN, f"casework.acknowledgement {pk}", hidden=True)
        found = _referrals(record, kept)
        (row,) = _rows(record, kept, found)
        one = found.get(kept[0].referral_id)
        may = bool(rules.REFERS & reader.roles)
        return SentPage(
            row,
            (one.get("why") or "") if one else "",
            (one.get("signposted_to") or "") if one else "",
            one.state_at if one and row.state else None,
            may and bool(row.state) and LIFE.may(str(Step.ANSWER), row.state),
            may and (not row.state or LIFE.may(str(Step.WITHDRAW), row.state)),
        )

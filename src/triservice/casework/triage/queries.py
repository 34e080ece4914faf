"""Reading for triage: the queue by time left, one referral, and who might take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from triservice.access.models import ConflictOfInterest
from triservice.access.queries import Seen, opened, seen, visible_to
from triservice.access.record import Kind, Record, reading
from triservice.agencies.models import Duty, Holding
from triservice.agencies.queries import codes_inside
from triservice.agencies.queries.scope import day_of, live
from triservice.casework import paging, timing
from triservice.casework.answers.queries import Answers, answers_of, scheme_name, scheme_of
from triservice.casework.cases.queries.about import Ends, OpenCase, open_cases
from triservice.casework.cases.queries.naming import Named, Names, group_of, tops_of
from triservice.casework.entries.queries import Chronology, history
from triservice.casework.models import Case, CaseSubject, Referral
from triservice.casework.referrals import rules
from triservice.casework.referrals.rules import LIFE, Step
from triservice.casework.triage.rules import WEIGHTS, Candidate, Proposal, propose
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue
from triservice.subjects.models import Candidate as Pair
from triservice.subjects.models import Person
from triservice.subjects.queries.gather import agency_names
from triservice.subjects.queries.people import names_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A referral in the queue."""

    pk: int
    reference: str
    scheme: str
    tier: str
    about: Named
    where: Named
    sender: str
    state: str
    received_at: datetime
    due: datetime
    left: str
    standing: timing.Standing
    seen_before: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue; `after` is where the next one begins."""

    rows: tuple[Row, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the queue is shown. `after` is as the page before gave it."""

    scheme: str = ""
    tier: str = ""
    area: str = ""  # a code: what lies in it counts
    late: bool = False
    unseen: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the scheme's triage table says of the answers that the reader sees."""

    outcome: str
    reasons: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """A referral close up."""

    row: Row
    sender_self: bool
    state_at: datetime
    why: str
    signposted_to: str
    case: int | None
    contact_due_at: datetime
    visit_due_at: datetime
    answers: Answers
    unknown: tuple[str, ...]
    advice: Advice | None
    steps: tuple[str, ...]  # that the reader may take now
    proposals: tuple[Proposal, ...]
    open_cases: tuple[OpenCase, ...]
    may_be: tuple[Named, ...]  # people known already who may be the same
    history: Chronology
    marking: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of several referrals: why the step is not open to it, and the open cases there are.

    `joins`: the key and reference of one before it, about the same person, whose case it goes into.
    """

    row: Row
    why_not: str
    cases: tuple[str, ...]
    joins: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class Several:
    """Referrals chosen together. `closed`: how many of them are not open to the reader."""

    chosen: tuple[Chosen, ...]
    closed: int
    proposals: tuple[Proposal, ...]  # who might take them, by the risk that each carries

    @property
    def open_to_it(self) -> tuple[Chosen, ...]:
        """Those that the step may be taken with."""
        return tuple(one for one in self.chosen if not one.why_not)

    @property
    def others(self) -> tuple[Chosen, ...]:
        """Those that it may not be taken with."""
        return tuple(one for one in self.chosen if one.why_not)


def queue(reader: Reader, asked: Filter = Filter(), most: int = PAGE) -> Queue:
    """Return what waits for triage at the reader's agency, the least time left first."""
    with reading(reader, Kind.CONSULTATION, "list referrals to triage") as record:
        rows = Referral.objects.filter(owner=reader.agency, waits_until__isnull=False)
        rows = _narrowed(rows, asked, record.reader.at).order_by("waits_until", "pk")
        found = seen(record, rows, most + 1)
        shown, names = found[:most], Names(record, found[:most])
        agencies = agency_names()
        last = shown[-1] if len(found) > most else None
        return Queue(
            tuple(_row(row, names, agencies, record.reader.at) for row in shown),
            paging.mark(last.waits_until, last.pk) if last else "",
        )


def _narrowed(rows: Any, asked: Filter, at: datetime) -> Any:
    conditions = Q()
    if asked.scheme:
        conditions &= Q(scheme=asked.scheme)
    if asked.tier:
        conditions &= Q(tier=asked.tier)
    if asked.area:
        conditions &= Q(area__in=list(codes_inside(asked.area)))
    if asked.late:
        conditions &= Q(waits_until__lte=at)
    if asked.unseen:
        conditions &= Q(first_seen_at__isnull=True)
    return rows.filter(conditions & paging.after(asked.after, "waits_until"))


def _row(row: Seen, names: Names, agencies: dict[int, str], at: datetime) -> Row:
    due = row.waits_until or row.contact_due_at
    return Row(
        row.pk,
        row.reference,
        scheme_name(row.get("scheme") or ""),
        row.get("tier") or "",
        names.about(row),
        names.place(row.get("premises_id")),
        agencies.get(row.sender_id, "Somebody of the public"),
        row.get("state") or "",
        row.received_at,
        due,
        timing.left(due, at),
        timing.standing(due, at, row.received_at),
        row.first_seen_at is not None,
    )


def referral_page(reader: Reader, pk: int, before: datetime | None = None) -> ReferralPage:
    """Return a referral as far as the reader may see it. Raises Refused."""
    with reading(reader, Kind.CONSULTATION, "open a referral") as record:
        row = opened(record, Referral.objects.all(), pk)
        scheme = scheme_of(row.get("scheme") or "", row.version)
        answers = answers_of(record, row.submission_id, scheme, "referral")
        may = row.owner_id == reader.agency and bool(rules.TRIAGES & reader.roles)
        waits = row.get("state") in rules.OPEN
        named = scheme.questions if scheme else {}
        return ReferralPage(
            row=_row(row, Names(record, [row]), agency_names(), record.reader.at),
            sender_self=row.sender_id is None,
            state_at=row.state_at,
            why=row.get("why") or "",
            signposted_to=row.get("signposted_to") or "",
            case=row.get("case_id"),
            contact_due_at=row.contact_due_at,
            visit_due_at=row.visit_due_at,
            answers=answers,
            unknown=tuple(named[n].name for n in row.get("unknown") or () if n in named),
            advice=_advice(scheme, answers) if may and waits else None,
            steps=_steps(row.get("state") or "") if may else (),
            proposals=_proposals(record, row, [row.get("person_id")]) if may and waits else (),
            open_cases=open_cases(record, {pk: _ends(row)})[pk],
            may_be=_may_be(record, row) if waits else (),
            history=history(record, before, referral=pk),
            marking=row.marking,
        )


def several(reader: Reader, pks: Iterable[int], step: str) -> Several:
    """Return which of the chosen referrals a step is open to, and why not to the others."""
    chosen = set(pks)
    with reading(reader, Kind.CONSULTATION, f"{step} several referrals") as record:
        rows = seen(
            record,
            Referral.objects.filter(pk__in=chosen, owner=reader.agency).order_by(
                "waits_until", "pk"
            ),
        )
        names, agencies = Names(record, rows), agency_names()
        why_not = {row.pk: _why_not(row, step) for row in rows}
        accepted = [row for row in rows if step == Step.ACCEPT and not why_not[row.pk]]
        cases = open_cases(record, {row.pk: _ends(row) for row in accepted})
        first = _first_of_each(accepted)
        return Several(
            tuple(
                Chosen(
                    _row(row, names, agencies, record.reader.at),
                    why_not[row.pk],
                    tuple(case.reference for case in cases.get(row.pk, ()) if case.own),
                    _other(first.get(row.pk), row),
                )
                for row in rows
            ),
            len(chosen) - len(rows),
            tuple(propose(_candidates(record.reader, reader.agency, "", ())))
            if step == Step.ACCEPT
            else (),
        )


def _other(first: Seen | None, row: Seen) -> tuple[int, str] | None:
    return (first.pk, first.reference) if first and first.pk != row.pk else None


def _why_not(row: Seen, step: str) -> str:
    try:
        LIFE.after(step, row.get("state") or "")
    except InputError as error:
        return error.what
    return ""


def _first_of_each(rows: Iterable[Seen]) -> dict[int, Seen]:
    """Return, of referrals about one person to one scheme and kept as closely, the first for each.

    Accepted together they become one case.
    """
    rows = [row for row in rows if row.get("person_id")]
    tops = tops_of(row.person_id for row in rows)
    first = dict[tuple[Any, ...], Seen]()
    return {
        row.pk: first.setdefault(
            (row.get("scheme"), tops[row.person_id], row.restriction_id, row.marking), row
        )
        for row in rows
    }


def _steps(state: str) -> tuple[str, ...]:
    return tuple(step for step in LIFE.open_to(state) if step not in rules.SENDERS_STEPS)


def _advice(scheme: Any, answers: Answers) -> Advice | None:
    if scheme is None:
        return None
    said = catalogue.triage(scheme, answers.values)
    return Advice(str(said.outcome), tuple(map(str, said.reasons)), str(said.where or ""))


def _ends(row: Seen) -> Ends:
    """Return whom and where a referral is about, as far as the reader may see it."""
    person = row.get("person_id")
    return Ends((person,) if person else (), row.get("household_id"), row.get("premises_id"))


def _may_be(record: Record, row: Seen) -> tuple[Named, ...]:
    """Return the people whom the reader may see who were proposed as the same as this one."""
    person = row.get("person_id")
    if not person:
        return ()
    pairs = Pair.objects.filter(Q(left=person) | Q(right=person), settled_at__isnull=True)
    others = {side for pair in pairs.values_list("left", "right") for side in pair} - {person}
    called = names_of(record, others)
    return tuple(Named("person", key, name) for key, name in called.values() if name)


def proposals(reader: Reader, pk: int) -> tuple[Proposal, ...]:
    """Return who of the reader's agency might take a case, the best first."""
    with reading(reader, Kind.CONSULTATION, "look for who takes a case") as record:
        rows = seen(record, Case.objects.filter(pk=pk, owner=reader.agency))
        if not rows:
            return ()
        parts = seen(record, CaseSubject.objects.filter(case=pk, until__isnull=True))
        return _proposals(record, rows[0], [part.person_id for part in parts])


def _proposals(record: Record, row: Seen, people: Iterable[int | None]) -> tuple[Proposal, ...]:
    keys = keys_of(row, people)
    return tuple(propose(_candidates(record.reader, row.owner_id, row.area, keys)))


def keys_of(row: Any, people: Iterable[int | None]) -> set[Any]:
    """Return the keys of whom a row is about, and of all who are one with these people."""
    group = group_of(pk for pk in people if pk)
    return {row.subject_key, *Person.objects.filter(pk__in=group).values_list("key", flat=True)}


def tied(keys: Iterable[Any]) -> set[int]:
    """Return the officers who declared a tie to any of these: none of them takes the case."""
    said = ConflictOfInterest.objects.filter(
        subject_key__in=[key for key in keys if key], ended_at__isnull=True
    )
    return set(said.values_list("officer", flat=True))


def _candidates(reader: Reader, agency: int, area: str, keys: Iterable[Any]) -> Iterable[Candidate]:
    """Return who of an agency could take a case, with their load of what the reader may see."""
    at = reader.at
    held = Holding.objects.filter(
        live(day_of(at)), post__agency=agency, officer__is_active=True,
        post__role__in=[str(Role.OFFICER), str(Role.TEAM_LEADER)],
    ).select_related("officer", "post")  # fmt: skip
    officers = {row.officer_id: row for row in held}
    posts = held.values_list("officer", "post__capabilities__name")
    skills: dict[int, set[str]] = {pk: set() for pk in officers}
    for pk, name in posts:
        skills[pk] |= {name} - {None}
    carried = Case.objects.filter(owner=agency, officer__in=officers, next_due_at__isnull=False)
    told = visible_to(reader, carried, by=["tier"]).values_list("officer", "tier", "area")
    cases, weight, here = Counter[int](), Counter[int](), Counter[int]()
    for pk, tier, where in told:
        cases[pk] += 1
        weight[pk] += WEIGHTS.get(tier, 1)
        here[pk] += bool(area) and where == area
    on_duty = Duty.objects.filter(Q(ends__isnull=True) | Q(ends__gt=at), officer__in=officers,
                                  starts__lte=at)  # fmt: skip
    working = set(on_duty.values_list("officer", flat=True))
    declared = tied(keys)
    for pk, row in officers.items():
        yield Candidate(
            pk, row.officer.name, row.post.base, frozenset(skills[pk]), cases[pk], weight[pk],
            here[pk], pk in working, pk in declared,
        )  # fmt: skip

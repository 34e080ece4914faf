"""A visit is planned, moved, tried in vain, cancelled, or done: its form, and what was fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from triservice.access.models import Notice
from triservice.access.notices.actions import To, tell
from triservice.access.record import Record
from triservice.casework.answers.actions import keep
from triservice.casework.cases.actions import timed
from triservice.casework.cases.actions.acting import KEPT, own_of, worker, working
from triservice.casework.cases.actions.life import contact_made
from triservice.casework.cases.queries.consents import consents_on
from triservice.casework.cases.queries.standing import filled_on, judged_now, when
from triservice.casework.cases.rules import VISITS, ConsentFacts
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, Equipment, Submission, Visit
from triservice.casework.models.columns import TIERS
from triservice.casework.needs.actions import needs_found, of_case, settling
from triservice.casework.referrals.actions import NotFilled
from triservice.casework.visits import rules
from triservice.casework.visits.actions.drafts import drop_draft
from triservice.casework.visits.actions.joint import come_along, follow
from triservice.casework.visits.standing import LOWER, stands
from triservice.casework.words import Capacity, VisitState
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue, forms
from triservice.schemes.scheme import Scheme
from triservice.schemes.words import Tier

FORM = "visit"


@dataclass(frozen=True, slots=True)
class Fitted:
    """One thing fitted or left at a visit: a kind of the scheme's equipment, and its facts."""

    kind: str
    place: str = ""
    serial: str = ""
    expires_on: date | None = None  # None: by the scheme's life of it


@dataclass(frozen=True, slots=True)
class Done:
    """What an officer brings back from a visit. `key` of the form: sent twice, kept once."""

    key: UUID
    given: Mapping[str, Any]
    began: datetime
    ended: datetime
    fitted: Iterable[Fitted] = field(default_factory=tuple)
    advice: str = ""
    danger: str = ""
    next_on: date | None = None


def plan(
    reader: Reader, pk: int, at: datetime, *, key: UUID, officer: int | None = None,
    joint: Iterable[int] = (),
) -> int:  # fmt: skip
    """Plan a visit, to which other officers may come along; the same key plans nothing twice.

    Returns its key in the table.
    """
    with working(reader, pk, "plan a visit", anew=True) as (record, case):
        there = Visit.objects.filter(key=key).first()
        if there is not None:
            if there.case_id != case.pk:
                raise InputError("This key is another visit's", kept=KEPT)
            return there.pk
        _parent_agrees(record, case)
        takes = worker(officer, reader.agency).pk if officer is not None else case.officer_id
        row = Visit.objects.create(
            key=key,
            case=case,
            premises=case.premises,
            planned_at=at,
            officer_id=takes,
            made_at=record.reader.at,
            made_by_id=reader.officer,
            data_class=str(DataClass.RISK),
            **own_of(case).columns(),
        )
        note(record, "plan visit", row, case=case, text="Visit planned", after={"planned_at": at})
        come_along(record, case, row, joint)
        return row.pk


def _parent_agrees(record: Record, case: Case) -> None:
    """Raise InputError where a parent must agree before the visit and has not."""
    scheme = catalogue.scheme(case.scheme, case.version)
    said = consents_on(case.pk).filter(case=case, capacity=Capacity.PARENT)
    facts = [ConsentFacts.of(row, row.given, row.override) for row in said]
    missing = rules.parents_first(scheme, facts, timezone.localdate(record.reader.at))
    if missing is not None:
        raise InputError(
            f"A parent or guardian has not agreed yet: {missing.name}", kept=KEPT,
            do="Record their consent on the case, then plan the visit.",
        )  # fmt: skip


def move(reader: Reader, pk: int, visit: int, at: datetime, why: str = "") -> None:
    """Move a planned visit to another time."""
    with working(reader, pk, "move a visit") as (record, case):
        row = of_case(record, Visit, case, visit)
        VISITS.after("move", row.state)
        before, after = change(row, planned_at=at)
        text = "Visit moved"
        note(record, "move visit", row, case=case, text=text, before=before, after=after, why=why)
        follow(record, case, row, "There is a new time for a joint visit of case")


def no_access(reader: Reader, pk: int, visit: int, at: datetime, *, card_left: bool) -> None:
    """Record that nobody could be visited, and whether a card was left."""
    with working(reader, pk, "record a visit without access") as (record, case):
        row = of_case(record, Visit, case, visit)
        state = VISITS.after("find nobody at", row.state)
        began = min(row.began_at, at) if row.began_at else None  # a time typed has no seconds
        before, after = change(
            row, state=VisitState(state), began_at=began, ended_at=at, card_left=card_left
        )
        text = f"No access{', card left' if card_left else ''}"
        note(record, "no access", row, case=case, text=text, before=before, after=after)
        follow(record, case, row)


def cancel(reader: Reader, pk: int, visit: int, why: str) -> None:
    """Cancel a planned visit."""
    with working(reader, pk, "cancel a visit") as (record, case):
        row = of_case(record, Visit, case, visit)
        state = VISITS.after("cancel", row.state)
        if len(why.strip()) < 3:
            raise InputError("Say why it is cancelled", kept=KEPT)
        before, after = change(row, state=VisitState(state))
        text = "Visit cancelled"
        note(record, "cancel visit", row, case=case, text=text, before=before, after=after, why=why)
        follow(record, case, row, "There will be no joint visit of case")


def record_visit(
    reader: Reader, pk: int, visit: int, done: Done, *, door: str = Submission.Door.PAGE
) -> None:
    """Record a visit: its form, what was fitted, and with it needs, tier and first contact.

    The same key again changes nothing. Raises NotFilled for a form that is not right.
    """
    with working(reader, pk, "record a visit") as (record, case):
        row = of_case(record, Visit, case, visit)
        if row.submission is not None and row.submission.key == done.key:
            return
        state = VISITS.after("record", row.state)
        if done.ended < done.began:
            raise InputError("The visit ended before it began", kept=KEPT)
        scheme = catalogue.scheme(row.case.scheme, row.case.version)
        kept, result = answered(
            record, case, scheme, done.given, row, done.ended, key=done.key, door=door
        )
        before, after = change(
            row,
            state=VisitState(state),
            submission=kept,
            began_at=done.began,
            ended_at=done.ended,
            advice=done.advice.strip(),
            danger=_also(row.danger, done.danger),
            next_on=done.next_on,
            officer_id=row.officer_id or reader.officer,
        )
        drop_draft(record, row)
        note(record, "visit", row, case=case, text="Visit done", before=before, after=after)
        follow(record, case, row)
        if "danger" in after:
            danger_told(record, case, row)
        needs_of_visit(record, row.case, scheme, row, result.needs, kept)
        fit(record, case, row, scheme, done.fitted, timezone.localdate(done.ended))
        contact_made(record, case)
        assessed(record, case, kept, result, done.ended)


def needs_of_visit(
    record: Record, case: Case, scheme: Scheme, row: Visit, found: Iterable[forms.Found],
    kept: Submission,
) -> None:  # fmt: skip
    """Add the needs that a visit's form shows; what was fitted there already settles its own."""
    there = list(Equipment.objects.filter(visit=row, removed_on__isnull=True).order_by("pk"))
    wanted = settling.not_settled(case, found, there)
    needs_found(record, case, scheme, wanted, kept.pk)
    settling.by_fitted(record, case, scheme, there)


def answered(
    record: Record, case: Case, scheme: Scheme, given: Mapping[str, Any], row: Visit,
    ended: datetime, *, key: UUID, door: str,
) -> tuple[Submission, forms.Assessment]:  # fmt: skip
    """Check the answers to a visit's form, work out what they mean, and keep them with the reasons.

    The risk is that of all that is known of the case, not of this form alone.

    Raises NotFilled for a form that is not right.
    """
    form = scheme.forms[FORM]
    checked = forms.check(form, given)
    if checked.errors:
        raise NotFilled(checked.errors)
    known = stands(
        filled_on(case, row.pk, lambda rows: rows.values_list("submission", "owner", "answers")),
        judged_now(case), Tier(case.tier), when(row, ended),
    )  # fmt: skip
    result = forms.assess(scheme, form, checked.values, known)
    kept = keep(
        record, scheme, form, checked.values, own_of(row.case), key=key, door=door,
        reasons=result.reasons,
    )  # fmt: skip
    return kept, result


def danger(reader: Reader, pk: int, visit: int, what: str) -> None:
    """Record immediate danger found at a visit, and what was done; the team leader is told.

    Whoever is in danger needs 999 first: the page says so above the box.
    """
    with working(reader, pk, "record immediate danger") as (record, case):
        row = of_case(record, Visit, case, visit)
        if row.state not in {VisitState.PLANNED, VisitState.DONE}:
            raise InputError(f"This visit is {row.state}: write a note instead", kept=KEPT)
        if len(what.strip()) < 10:
            raise InputError("Say what the danger is, and what was done", kept=KEPT)
        before, after = change(row, danger=_also(row.danger, what))
        text = f"Immediate danger: {what.strip()}"
        note(record, "danger", row, case=case, text=text, before=before, after=after)
        danger_told(record, case, row)


def _also(was: str, said: str) -> str:
    """Return the danger that was recorded with what is said now, each once."""
    now = said.strip()
    return was if now in was else "\n".join(filter(None, (was, now)))


def danger_told(record: Record, case: Case, row: Visit) -> None:
    """Tell the team leaders that immediate danger was found at a visit."""
    tell(
        [To(case.owner_id, role=Role.TEAM_LEADER)], Notice.Kind.CASEWORK,
        f"Immediate danger was found at a visit in case {case.reference}",
        f"/casework/cases/{case.pk}", f"danger:{row.pk}:{record.reader.at}",
    )  # fmt: skip


def assessed(
    record: Record, case: Case, kept: Submission, result: forms.Assessment, ended: datetime, *,
    again: bool = False,
) -> None:  # fmt: skip
    """Let the risk be what it is with what was found at the visit, higher or lower.

    Never lower than a person judged it: that is offered to them.

    A visit is the one that was to be made again, unless it was before one that is recorded already;
    filled in `again`, its form is no other visit.
    """
    tier = str(result.tier)
    columns: dict[str, Any] = {"assessed_id": kept.pk}
    if case.visited_at is None:
        columns["visited_at"] = ended
    done = Visit.objects.filter(case=case, state=VisitState.DONE)
    if not (again or done.filter(ended_at__gt=ended).exists()):
        columns["return_due_at"] = None
    visited = change(case, **columns)
    risen = change(case, tier=tier, **timed.by_risk(case, tier, ended))
    before, after = risen[0] | visited[0], visited[1] | risen[1]
    if "tier" in after:
        higher = TIERS.index(tier) < TIERS.index(before["tier"])
        text = f"Risk is {tier} now, {'higher' if higher else 'lower'} than before"
        text += timed.said(after)
        note(record, "assess", case, case=case, text=text, before=before, after=after)
    if result.answered.rank < result.tier.rank:
        text = f"What was answered gives {result.answered} risk; it stays {tier} until it is judged"
        found = {"found": str(result.answered)}
        note(record, LOWER, case, case=case, text=text, after=found)


def fit(
    record: Record, case: Case, row: Visit, scheme: Scheme, fitted: Iterable[Fitted], day: date
) -> None:
    """Keep what was fitted on a day: good for as long as it says, or as such things last.

    It settles the needs that the scheme says it answers.
    """
    for each in fitted:
        known = scheme.equipment.get(each.kind)
        if known is None:
            raise InputError(f"{scheme.name} knows no equipment {each.kind!r}", kept=KEPT)
        if each.expires_on is not None and each.expires_on <= day:
            raise InputError(f"{known.name}: it would be no longer good already", kept=KEPT)
        kept = Equipment.objects.create(
            visit=row,
            premises=row.premises,
            kind=each.kind,
            place=each.place.strip()[:80],
            serial=each.serial.strip()[:60],
            fitted_on=day,
            expires_on=each.expires_on or rules.lasts_until(day, known.life_years),
            check_by=rules.check_by(day, known.check_months),
            data_class=str(DataClass.HOUSEHOLD),
            **own_of(row.case).columns(),
        )
        text = f"Fitted: {known.name}{f', {kept.place}' if kept.place else ''}"
        note(record, "fit", kept, case=case, text=text)
        settling.by_fitted(record, row.case, scheme, [kept])

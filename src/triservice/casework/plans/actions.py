"""Writing plans: they are started, worked out, acted on, counted again, closed, and reopened.

The agency that leads a plan writes it. Every agency whose officers may read it adds what it knows
itself, and says what came of the responses that are its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.notices.actions import To, deal_with
from triservice.access.queries import require, visible_to
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists, share_lists_of
from triservice.access.rules import NO_ROLE, UNKNOWN, Use
from triservice.agencies.models import Agency, Team
from triservice.casework import references
from triservice.casework.answers.actions import Of
from triservice.casework.cases.actions.acting import KEPT, worker
from triservice.casework.cases.rules import WORKS
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Action, Case, Finding, Plan, PlanCase, PlanMeasure
from triservice.casework.needs.actions import ended, of_case, set_action, tell_of_action
from triservice.casework.plans import rules
from triservice.casework.plans.rules import Counted
from triservice.casework.telling import Telling, give
from triservice.casework.words import ActionState, PlanState
from triservice.kernel.access_words import DataClass, Marking, Reader
from triservice.kernel.errors import InputError
from triservice.subjects.models import Link, Premises
from triservice.subjects.queries.places import find_premises

LONGEST = 10_000  # letters of a box


@dataclass(frozen=True, slots=True)
class Problem:
    """What a plan begins with: the problem, where it is in words, and one address if it is one."""

    title: str
    place: str
    harm: str
    times: str = ""
    address: str = ""  # or a UPRN


def start(
    reader: Reader, problem: Problem, review_on: date, *, key: UUID, case: str = ""
) -> int:  # fmt: skip
    """Start a plan that the reader's agency leads and the reader has; the same key starts one.

    `case` is the reference of a case that it comes from. Returns the plan's key in the table.
    """
    if not WORKS & reader.roles:
        raise Refused(NO_ROLE, "casework.plan")
    with recording(reader, Kind.COLLECTION, "start a plan") as record:
        share_lists([reader.agency])
        there = Plan.objects.filter(key=key, opened_by=reader.officer).first()
        if there is not None:
            return there.pk
        faults = rules.review_faults(review_on, _today(record))
        if len(problem.title.strip()) < 3 or len(problem.harm.strip()) < 10:
            faults.append("Say what the problem is, and who is harmed")
        if len(problem.place.strip()) < 3:
            faults.append("Say where it is")
        if faults:
            raise InputError(". ".join(faults), kept=KEPT)
        place = _one_place(record, problem.address)
        of = Of(
            Agency.objects.get(pk=reader.agency), place.area if place else "",
            place.key if place else None,
        )  # fmt: skip
        plan = Plan.objects.create(
            key=key,
            reference=references.new_reference("P"),
            title=problem.title.strip()[:120],
            place=problem.place.strip()[:300],
            premises=place,
            harm=problem.harm.strip(),
            times=problem.times.strip(),
            opened_at=record.reader.at,
            opened_by_id=reader.officer,
            officer_id=reader.officer,
            review_on=review_on,
            data_class=str(DataClass.RISK),
            **of.columns(),
        )
        require(record, plan)
        note(record, "start plan", plan, plan=plan, text=f"Plan started: {plan.title}")
        if case.strip():
            _link(record, plan, case, "The plan comes from this case")
        return plan.pk


def _today(record: Record) -> date:
    return timezone.localdate(record.reader.at)


def _one_place(record: Record, text: str) -> Premises | None:
    """Return the one place that an address or UPRN means; None for none said.

    One that is known only from what is sensitive or on a list never stands in a plan: the plan
    would tell it to everybody who reads the plan.
    """
    if not text.strip():
        return None
    found = find_premises(record.reader, text)
    if len(found) != 1 or found[0].key in record.grants.conflicts:
        raise InputError(
            "No one place has this address" if not found else "Several places fit this address",
            kept=KEPT, do="Write house and postcode, or the UPRN, or leave it out",
        )  # fmt: skip
    place = Premises.objects.get(key=found[0].key)
    told = Link.objects.filter(premises=place)
    if (
        told.exists()
        and not told.filter(marking=str(Marking.OFFICIAL), restriction__isnull=True).exists()
    ):
        raise InputError("This address cannot stand in a plan", kept=KEPT, do="Leave it out")
    return place


@contextmanager
def planning(
    reader: Reader, pk: int, doing: str, *, step: str = "work on", own: bool = True,
    kind: Kind = Kind.ALTERATION,
) -> Iterator[tuple[Record, Plan]]:  # fmt: skip
    """Lock a plan for somebody who works on it and may read it; `own`: of the agency that leads it.

    Raises Refused, hidden where the reader must not know of the plan, and InputError for a step
    out of turn.
    """
    with recording(reader, kind, doing) as record:
        share_lists_of(Plan, pk)
        plan = Plan.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if plan is None:
            raise Refused(UNKNOWN, f"casework.plan {pk}", hidden=True)
        require(record, plan)
        if not WORKS & reader.roles or (own and plan.owner_id != reader.agency):
            raise Refused(NO_ROLE, f"casework.plan {pk}")
        rules.LIFE.after(step, plan.state)
        yield record, plan


def own_of(plan: Plan) -> Of:
    """Return what the rows of a plan have in common that belong to the agency that leads it."""
    return Of(plan.owner, plan.area, plan.subject_key, plan.restriction)


def write(reader: Reader, pk: int, said: Mapping[str, str], what: str) -> None:
    """Write columns of a plan anew; what stood there before stays in the history."""
    with planning(reader, pk, "write a plan") as (record, plan):
        texts = {name: text.strip() for name, text in said.items()}
        needed = {"title": 3, "place": 3, "harm": 10}
        if any(len(texts[name]) < least for name, least in needed.items() if name in texts):
            raise InputError("Say what the problem is, where, and who is harmed", kept=KEPT)
        if any(len(text) > LONGEST for text in texts.values()):
            raise InputError(f"Write at most {LONGEST:,} letters in each box", kept=KEPT)
        _changed(record, plan, "write plan", what, texts)


def _changed(
    record: Record, plan: Plan, verb: str, text: str, columns: Mapping[str, Any], why: str = ""
) -> None:
    before, after = change(plan, **columns)
    if after:
        note(record, verb, plan, plan=plan, text=text, before=before, after=after, why=why)


def set_place(reader: Reader, pk: int, address: str) -> None:
    """Say which one address a plan is about, or that it is about none.

    The rows of the agency that leads go along: what is known of a place is guarded by the place.
    What another agency found stays where that agency wrote it: its terms open it there, or not.
    """
    with planning(reader, pk, "say where a plan is") as (record, plan):
        place = _one_place(record, address)
        columns = {
            "premises": place,
            "area": place.area if place else "",
            "subject_key": place.key if place else None,
        }
        _changed(record, plan, "place plan", "The plan's address was changed", columns)
        require(record, plan)
        about = {name: columns[name] for name in ("area", "subject_key")}
        for rows in (Finding.objects, PlanMeasure.objects, Action.objects):
            rows.filter(plan=plan, owner=plan.owner_id).update(**about)


def hand(reader: Reader, pk: int, *, officer: int | None = None, team: int | None = None) -> None:
    """Give a plan to an officer or to a team of the agency that leads it."""
    with planning(reader, pk, "hand a plan on") as (record, plan):
        if (officer is None) is (team is None):
            raise InputError("Choose one officer or one team", kept=KEPT)
        if officer is not None:
            name = worker(officer, plan.owner_id).name
        else:
            found = Team.objects.filter(pk=team or 0, agency=plan.owner_id).first()
            if found is None:
                raise InputError("Choose a team of your agency", kept=KEPT)
            name = found.name
        columns = {"officer_id": officer, "team_id": team}
        _changed(record, plan, "hand plan", f"The plan was given to {name}", columns)
        if officer not in {None, reader.officer}:
            to = To(plan.owner_id, officer=officer)
            give(of_plan(plan, to, "was given to you", f"given:{officer}:{record.reader.at}"))


def of_plan(plan: Plan, to: To, said: str, key: str) -> Telling:
    """Return the notice of a plan, which is given once for its key."""
    path = f"/casework/plans/{plan.pk}"
    return Telling(to, f"Plan {plan.reference} {said}", path, f"plan:{plan.pk}:{key}")


def add_finding(reader: Reader, pk: int, text: str, data_class: str) -> int:
    """Write what the writer's own agency knows of the problem, of a class that its role reads."""
    with planning(
        reader, pk, "write a finding", own=False, kind=Kind.COLLECTION
    ) as (record, plan):  # fmt: skip
        if not 3 <= len(text.strip()) <= LONGEST:
            raise InputError(f"Write 3 to {LONGEST:,} letters", kept=KEPT)
        if data_class not in record.grants.own[Use.READ]:
            raise InputError("Choose what it tells of", kept=KEPT)
        row = Finding.objects.create(
            plan=plan,
            text=text.strip(),
            at=record.reader.at,
            by_id=reader.officer,
            data_class=data_class,
            **(own_of(plan).columns() | {"owner": Agency.objects.get(pk=reader.agency)}),
        )
        note(record, "finding", row, plan=plan, text=row.text)
        if plan.officer_id != reader.officer:
            to = To.officer_or_leaders(plan.owner_id, plan.officer_id)
            give(of_plan(plan, to, "has a new finding", f"finding:{row.pk}"))
        return row.pk


def add_measure(reader: Reader, pk: int, what: str, source: str, before: Counted) -> int:
    """Count the problem over a period, saying what is counted and from which source."""
    with planning(reader, pk, "count the problem of a plan") as (record, plan):
        faults = rules.period_faults(before, _today(record))
        if len(what.strip()) < 3 or len(source.strip()) < 3:
            faults.append("Say what is counted, and where the count comes from")
        if faults:
            raise InputError(". ".join(faults), kept=KEPT)
        row = PlanMeasure.objects.create(
            plan=plan,
            what=what.strip()[:200],
            source=source.strip()[:200],
            before=before.count,
            before_from=before.first,
            before_to=before.last,
            at=record.reader.at,
            by_id=reader.officer,
            data_class=str(DataClass.RISK),
            **own_of(plan).columns(),
        )
        text = f"Counted: {row.what}, {row.before:,} in {before.days} days"
        note(record, "count", row, plan=plan, text=text, after={"source": row.source})
        return row.pk


def count_again(reader: Reader, pk: int, measure: int, after: Counted) -> None:
    """Count the same over a period afterwards; counted anew, the earlier stays in the history."""
    with planning(reader, pk, "count the problem again") as (record, plan):
        row = of_case(record, PlanMeasure, plan, measure, "plan")
        before = Counted(row.before, row.before_from, row.before_to)
        if faults := rules.period_faults(after, _today(record), before):
            raise InputError(". ".join(faults), kept=KEPT)
        was, now = change(
            row, after=after.count, after_from=after.first, after_to=after.last
        )  # fmt: skip
        text = f"Counted again: {row.what}, {row.after:,} in {after.days} days"
        note(record, "count again", row, plan=plan, text=text, before=was, after=now)


def add_response(
    reader: Reader, pk: int, what: str, *, due: datetime, agency: int, officer: int | None = None
) -> int:
    """Set something that is done about the problem, by the own agency or one with an agreement."""
    with planning(reader, pk, "set a response") as (record, plan):
        row = set_action(
            record, what, due, agency, officer, plan=plan, data_class=str(DataClass.RISK),
            **own_of(plan).columns(),
        )  # fmt: skip
        note(record, "set action", row, plan=plan, text=f"To do: {row.what}")
        path = f"/casework/plans/{pk}"
        tell_of_action(record, row, f"plan {plan.reference}", path, f"plan:{pk}")
        return row.pk


def end_response(reader: Reader, pk: int, action: int, *, done: bool, result: str) -> None:
    """Say what came of a response: by the agency that does it, or the one that leads the plan."""
    with planning(reader, pk, "end a response", own=False) as (record, plan):
        row = of_case(record, Action, plan, action, "plan")
        if reader.agency not in {row.agency_id, plan.owner_id}:
            raise Refused(NO_ROLE, f"casework.action {action}")
        text, before, after = ended(record, row, done, result)
        note(record, "end action", row, plan=plan, text=text, before=before, after=after)
        deal_with(reader, f"plan:{pk}:action:{action}")


def link_case(reader: Reader, pk: int, reference: str, why: str) -> None:
    """Say that a case has to do with the problem."""
    with planning(reader, pk, "link a case with a plan") as (record, plan):
        if len(why.strip()) < 3:
            raise InputError("Say what the case has to do with it", kept=KEPT)
        _link(record, plan, reference, why)


def _link(record: Record, plan: Plan, reference: str, why: str) -> None:
    said = references.read_reference(reference)
    found = visible_to(record.reader, Case.objects.filter(reference=said or "")).first()
    if found is None:
        raise InputError("You see no case with this reference", kept=KEPT)
    require(record, found)
    there = PlanCase.objects.filter(plan=plan, case=found, until__isnull=True)
    if there.exists():
        raise InputError("This case is linked already", kept=KEPT)
    row = PlanCase.objects.create(
        plan=plan, case=found, since=record.reader.at, by_id=record.reader.officer
    )
    text = f"Plan {plan.reference} and case {found.reference} were linked"
    note(record, "link plan", row, plan=plan, case=found, text=text, why=why)


def unlink_case(reader: Reader, pk: int, case: int, why: str) -> None:
    """Take the link with a case back."""
    with planning(reader, pk, "take a plan's link back") as (record, plan):
        row = PlanCase.objects.filter(plan=plan, case=case, until__isnull=True).first()
        if row is None:
            raise InputError("This case is not linked", kept=KEPT)
        require(record, row.case)
        change(row, until=record.reader.at)
        text = f"Plan {plan.reference} and case {row.case.reference} are no longer linked"
        note(record, "unlink plan", row, plan=plan, case=row.case, text=text, why=why)


def review(reader: Reader, pk: int, found: str, again_on: date) -> None:
    """Say what a review found, and when the plan is looked at again."""
    with planning(reader, pk, "review a plan") as (record, plan):
        faults = rules.review_faults(again_on, _today(record))
        if len(found.strip()) < 3:
            faults.append("Say what the review found")
        if faults:
            raise InputError(". ".join(faults), kept=KEPT)
        before, after = change(plan, review_on=again_on)
        text = f"Reviewed: {found.strip()}"
        note(record, "review plan", plan, plan=plan, text=text, before=before, after=after)
        deal_with(reader, f"plan:{pk}:review")


def close(reader: Reader, pk: int, outcome: str, why: str) -> None:
    """Close a plan with what came of it and why. Raises InputError while something is open."""
    with planning(reader, pk, "close a plan", step="close") as (record, plan):
        responses = Action.objects.filter(plan=plan, state=ActionState.OPEN).count()
        again = PlanMeasure.objects.filter(plan=plan, after__isnull=False).exists()
        if faults := rules.closing_faults(outcome, why, responses, again):
            raise InputError(". ".join(faults), kept="The plan stays open")
        columns = {
            "state": PlanState.CLOSED, "outcome": outcome, "closed_why": why.strip(),
            "closed_at": record.reader.at, "closed_by_id": reader.officer, "review_on": None,
        }  # fmt: skip
        _changed(record, plan, "close plan", f"Plan closed: {outcome}", columns, why)
        deal_with(reader, f"plan:{pk}:review")


def reopen(reader: Reader, pk: int, why: str, review_on: date) -> None:
    """Open a closed plan again, with the day on which it is looked at."""
    with planning(reader, pk, "open a plan again", step="open again") as (record, plan):
        faults = rules.review_faults(review_on, _today(record))
        if len(why.strip()) < 5:
            faults.append("Say why it is opened again")
        if faults:
            raise InputError(". ".join(faults), kept=KEPT)
        columns = {
            "state": PlanState.OPEN, "outcome": "", "closed_why": "", "closed_at": None,
            "closed_by_id": None, "review_on": review_on,
        }  # fmt: skip
        _changed(record, plan, "reopen plan", "Plan opened again", columns, why)

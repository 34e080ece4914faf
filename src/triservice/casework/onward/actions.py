"""Onward referrals: sent by a route of the scheme, answered, and chased until they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.models import Notice
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.queries import seen
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists_of
from triservice.access.rules import UNKNOWN
from triservice.agencies.queries.scope import live
from triservice.casework.cases.actions.acting import (
    KEPT,
    joined,
    locked_case,
    own_of,
    refresh,
    with_agreement,
    working,
)
from triservice.casework.cases.actions.sharing import add_agency
from triservice.casework.cases.queries.naming import merged_with, standing
from triservice.casework.cases.rules import ONWARD
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, DirectoryService, Dispatch, Need, OnwardReferral
from triservice.casework.needs.actions import of_case
from triservice.casework.onward.queries import sheet_of
from triservice.casework.onward.wire import LEAST
from triservice.casework.words import SYSTEMS, OnwardState, Takes
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue

USUAL_CHASE = timedelta(days=14)  # when the scheme's route does not say


@dataclass(frozen=True, slots=True)
class Towards:
    """Where an onward referral goes: by a route of the scheme, or to a service."""

    name: str
    how: str
    chase_after: timedelta
    route: str = ""
    service: int | None = None
    agency: int | None = None


def send(
    reader: Reader, pk: int, route: str = "", *, key: UUID, why: str, how: str = "",
    agency: int | None = None, need: int | None = None, service: int | None = None,
    about: int | None = None,
) -> int:  # fmt: skip
    """Refer on by a route of the scheme, or to a service of the directory; return its key.

    `about` is a case that was merged into this one: its people are referred on, and it is that
    case's. The same key sends nothing twice. `how`: else as the service takes it, or by letter.
    To a service that takes referrals here, its agency joins the case, and its officers answer
    there.
    """
    with working(reader, pk, "refer on", kind=Kind.DISCLOSURE, anew=True) as (record, case):
        there = OnwardReferral.objects.filter(key=key).first()
        if there is not None:
            if there.case_id not in merged_with(case.pk):
                raise InputError("This key is another referral's", kept=KEPT)
            return there.pk
        theirs = _about(record, case, about or case.pk)
        to = _service(service, how) if service is not None else _route(theirs, route, how, agency)
        if to.how in SYSTEMS and case.owner_id != reader.agency:
            raise InputError(
                "Only the agency that runs the case sends it to a system", kept=KEPT,
                do="Ask them to send it on, or choose another service.",
            )  # fmt: skip
        if len(why.strip()) < 5:
            raise InputError("Say what they are asked to do", kept=KEPT)
        found = of_case(record, Need, case, need) if need is not None else None
        if found is not None and found.case_id != theirs.pk:
            raise InputError("This need is of the other case", kept=KEPT, do="Choose whose it is.")
        if to.agency not in (None, reader.agency):
            other = with_agreement(record, int(to.agency or 0))
            if to.how == Takes.HERE and not joined(case, other.pk):
                add_agency(reader, case.pk, other.pk, None, why)
        row = OnwardReferral.objects.create(
            key=key,
            case=theirs,
            need=found,
            route=to.route,
            service_id=to.service,
            to_name=to.name[:200],
            agency_id=to.agency,
            how=to.how,
            why=why.strip(),
            sent_at=record.reader.at,
            sent_by_id=reader.officer,
            chase_at=record.reader.at + to.chase_after,
            data_class=found.data_class if found else str(DataClass.RISK),
            **own_of(theirs).columns(),
        )
        note(record, "refer on", row, case=case, text=f"Referred on to {row.to_name}", why=why)
        if to.how in SYSTEMS:
            _queue(record, theirs, row)
        return row.pk


def _about(record: Record, case: Case, about: int) -> Case:
    """Return the case that is referred on: this one, or one that was merged into it, locked."""
    if about == case.pk:
        return case
    if about not in merged_with(case.pk):
        raise Refused(UNKNOWN, f"casework.case {about}", hidden=True)
    return locked_case(record, about)


def _queue(record: Record, case: Case, row: OnwardReferral) -> None:
    """Let it be sent by the clock, when what is known now lets it go. Raises InputError."""
    if record.reader.purpose is None:
        raise InputError("Say why you read first", kept=KEPT)
    (seen_case,) = seen(record, Case.objects.filter(pk=case.pk))
    (seen_row,) = seen(record, OnwardReferral.objects.filter(pk=row.pk))
    sheet_of(record, seen_case, seen_row)
    made = Dispatch.objects.create(
        onward=row, purpose=str(record.reader.purpose), next_at=record.reader.at,
        data_class=row.data_class, **own_of(case).columns(),
    )  # fmt: skip
    record.did("casework.dispatch", made.pk, made.data_class)


def _route(case: Case, route: str, how: str, agency: int | None) -> Towards:
    scheme = catalogue.scheme(case.scheme, case.version)
    if route not in scheme.routes:
        raise InputError(f"{scheme.name} knows no such route", kept=KEPT)
    known = scheme.routes[route]
    after = known.chase_after or known.within or USUAL_CHASE
    return Towards(known.name, how or str(Takes.LETTER), after, route=route, agency=agency)


def _service(service: int, how: str) -> Towards:
    today = timezone.localdate(clock.now())
    row = DirectoryService.objects.filter(live(today), pk=service).first()
    if row is None:
        raise InputError("This service takes nobody today", kept=KEPT, do="Choose another")
    how = how or row.takes
    if how in SYSTEMS and how != row.takes:
        raise InputError(f"This service does not take referrals by {how}", kept=KEPT)
    if how == Takes.HERE and row.agency_id is None:
        raise InputError("This service does not take referrals here", kept=KEPT)
    return Towards(row.name, how, USUAL_CHASE, service=row.pk, agency=row.agency_id)


def answered(
    reader: Reader, pk: int, onward: int, step: str, result: str, at: datetime | None = None
) -> None:
    """Record an answer: accept, complete, decline or withdraw, with what was said."""
    with working(reader, pk, f"record that an onward referral: {step}") as (record, case):
        row = of_case(record, OnwardReferral, case, onward)
        answer(record, case, row, step, result, at)


def answered_there(reader: Reader, key: UUID, step: str, said: str) -> tuple[str, bool]:
    """Take the answer of the agency that an onward referral was sent to, from its own system.

    Returns how it stands, and whether that was known already: then nothing is changed. Raises
    Refused, hidden, for one that was not sent to the agency, and InputError for a step out of turn.
    """
    with recording(reader, Kind.COLLECTION, f"answer an onward referral: {step}") as record:
        found = OnwardReferral.objects.filter(key=key, agency=reader.agency)
        pk = found.values_list("case", flat=True).first()
        if pk is None:
            raise Refused(UNKNOWN, f"casework.onwardreferral {key}", hidden=True)
        share_lists_of(Case, pk)
        case = Case.objects.select_for_update().get(pk=pk)
        row = found.get()
        if ONWARD.steps[step][1] == row.state:
            record.did("casework.onwardreferral", row.pk, row.data_class)
            return row.state, True
        answer(record, case, row, step, said)
        refresh(case, record.reader.at)
        stands = standing(case)
        tell(
            [To.officer_or_leaders(row.owner_id, stands.officer_id)], Notice.Kind.CASEWORK,
            f"An onward referral of case {stands.reference} was answered: {row.state}",
            f"/casework/cases/{stands.pk}", f"onward:{row.pk}:{row.state}",
        )  # fmt: skip
        return row.state, False


def answer(
    record: Record, case: Case, row: OnwardReferral, step: str, result: str,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """Take a step of an onward referral of a case that is locked. Raises InputError."""
    state = OnwardState(ONWARD.after(step, row.state))
    if state is not OnwardState.ACCEPTED and len(result.strip()) < LEAST:
        raise InputError("Say what came of it", kept=KEPT)
    when = at or record.reader.at
    columns: dict[str, object] = {"state": state, "result": result.strip() or row.result}
    columns["answered_at"] = row.answered_at or when
    if state is OnwardState.ACCEPTED:
        columns["chase_at"] = when + USUAL_CHASE
    else:
        columns |= {"chase_at": None, "completed_at": when}
    before, after = change(row, **columns)
    deal_with(record.reader, f"onward:{row.pk}")  # nobody is reminded of it any more
    text = f"{row.to_name}: {state}"
    note(record, "onward", row, case=case, text=text, before=before, after=after, why=result)


def chased(reader: Reader, pk: int, onward: int, said: str = "") -> None:
    """Record that an answer was asked for again; it is asked for again after a while."""
    with working(reader, pk, "chase an onward referral") as (record, case):
        row = of_case(record, OnwardReferral, case, onward)
        ONWARD.after("chase", row.state)
        before, after = change(row, chased=row.chased + 1, chase_at=record.reader.at + USUAL_CHASE)
        deal_with(record.reader, f"onward:{row.pk}")
        text = f"Asked {row.to_name} for an answer"
        note(record, "chase", row, case=case, text=text, before=before, after=after, why=said)


def handed(reader: Reader, pk: int, onward: int, on: date) -> None:
    """Record on which day a letter was posted or given by hand."""
    with working(reader, pk, "post an onward referral") as (record, case):
        row = of_case(record, OnwardReferral, case, onward)
        if on > timezone.localdate(record.reader.at):
            raise InputError("This day is still to come", field="on", kept=KEPT)
        before, after = change(row, handed_on=on)
        text = f"Letter to {row.to_name} posted or given by hand"
        note(record, "post", row, case=case, text=text, before=before, after=after)

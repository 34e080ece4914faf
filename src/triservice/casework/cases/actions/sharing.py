"""Other agencies: they join a case, or take it over, and people are asked for consent again."""

from __future__ import annotations

from datetime import datetime

from triservice.access.errors import Refused
from triservice.access.models import Notice
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.record import Kind, recording
from triservice.access.rules import NO_ROLE
from triservice.casework.cases.actions.acting import (
    KEPT,
    locked_case,
    refresh,
    with_agreement,
    worker,
    working,
)
from triservice.casework.cases.queries.naming import merged_with
from triservice.casework.cases.rules import LEADS, LIFE, Step
from triservice.casework.entries.actions import change, note
from triservice.casework.models import (
    Action,
    Case,
    CaseAgency,
    CaseSubject,
    Consent,
    Dispatch,
    Equipment,
    Need,
    OnwardReferral,
    Outcome,
    Visit,
)
from triservice.casework.visits.actions.joint import leave
from triservice.casework.words import CaseState
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError

GOES_OVER = (CaseSubject, Need, Action, Outcome, Consent, Visit, OnwardReferral)
"""What belongs to the agency that runs a case, and so goes with it."""


def add_agency(reader: Reader, pk: int, agency: int, officer: int | None, why: str) -> None:
    """Let another agency with an agreement in force work on a case jointly."""
    with working(reader, pk, "let an agency join a case", anew=True) as (record, case):
        if case.owner_id != reader.agency:
            raise InputError("The agency that runs the case says who joins it", kept=KEPT)
        other = with_agreement(record, agency)
        takes = worker(officer, agency) if officer is not None else None
        if CaseAgency.objects.filter(case=case, agency=other, until__isnull=True).exists():
            raise InputError(f"{other.name} works on this case already", kept=KEPT)
        row = CaseAgency.objects.create(
            case=case, agency=other, officer=takes, since=record.reader.at
        )
        text = f"{other.name} joined{f': {takes.name}' if takes else ''}"
        note(record, "join", row, case=case, text=text, after={"agency": other.pk}, why=why)
        tell(
            [To.officer_or_leaders(agency, officer)], Notice.Kind.CASEWORK,
            f"Your agency works on case {case.reference} jointly",
            f"/casework/cases/{pk}", f"case:{pk}:joined:{row.pk}",
        )  # fmt: skip


def remove_agency(reader: Reader, pk: int, agency: int, why: str) -> None:
    """End the part of an agency in a case."""
    with working(reader, pk, "end the part of an agency in a case") as (record, case):
        if reader.agency not in {case.owner_id, agency}:
            raise Refused(NO_ROLE, f"casework.case {pk}")
        row = CaseAgency.objects.filter(case=case, agency=agency, until__isnull=True).first()
        if row is None:
            raise InputError("This agency does not work on the case", kept=KEPT)
        before, after = change(row, until=record.reader.at)
        text = f"{row.agency.name} no longer works on this case"
        note(record, "leave", row, case=case, text=text, before=before, after=after, why=why)
        leave(record, case, agency)


def offer(reader: Reader, pk: int, agency: int, why: str) -> None:
    """Offer a case to another agency. It stays with this one until the other takes it."""
    opened = working(reader, pk, "offer a case", step=Step.OFFER, roles=LEADS)
    with opened as (record, case):
        if len(why.strip()) < 5:
            raise InputError("Say why they should take it", kept=KEPT)
        other = with_agreement(record, agency)
        before, after = change(
            case, state=CaseState.OFFERED, offered_to_id=other.pk, offered_why=why.strip()
        )
        text = f"Offered to {other.name}"
        note(record, "offer", case, case=case, text=text, before=before, after=after, why=why)
        tell(
            [To(agency, role=Role.TEAM_LEADER)],
            Notice.Kind.CASEWORK,
            f"Case {case.reference} is offered to your agency",
            f"/casework/cases/{pk}",
            f"case:{pk}:offered:{record.reader.at}",
        )


def answer_offer(reader: Reader, pk: int, *, take: bool, why: str = "") -> None:
    """Take over a case that is offered to one's agency, or give it back.

    Taken over, the work goes along and every consent must be asked again. What people wrote stays
    their agency's, read by the new one within the terms.
    """
    doing = "take a case over" if take else "give an offered case back"
    with recording(reader, Kind.ALTERATION, doing) as record:
        case = locked_case(record, pk)
        if case.offered_to_id != reader.agency or not LEADS & reader.roles:
            raise Refused(NO_ROLE, f"casework.case {pk}")
        if not take and len(why.strip()) < 5:
            raise InputError("Say why you do not take it", kept=KEPT)
        LIFE.after(str(Step.TAKE if take else Step.KEEP), case.state)
        giver = case.owner_id
        columns: dict[str, object] = {
            "state": CaseState.OPEN,
            "offered_to": None,
            "offered_why": "",
        }
        if take:
            columns |= {"owner_id": reader.agency, "officer": None, "team": None}
        before, after = change(case, **columns)
        text = "Taken over" if take else "The offer was declined"
        note(record, doing, case, case=case, text=text, before=before, after=after, why=why)
        if take:
            leave(record, case, giver)
            for one in merged_with(case.pk):
                _hand_on(one, reader.agency, record.reader.at)
        refresh(case, record.reader.at)
        deal_with(reader, f"case:{pk}:offered")
        tell(
            [To(giver, role=Role.TEAM_LEADER)],
            Notice.Kind.CASEWORK,
            f"Case {case.reference} was {'taken over' if take else 'given back to you'}",
            f"/casework/cases/{pk}",
            f"case:{pk}:answered:{record.reader.at}",
        )


def _hand_on(case: int, agency: int, at: datetime) -> None:
    """Give a case and its rows to the agency that runs it now; consents must be asked again."""
    Case.objects.filter(pk=case).update(owner=agency, officer=None, team=None)
    for model in GOES_OVER:
        model._default_manager.filter(case=case).update(owner=agency)
    Equipment.objects.filter(visit__case=case).update(owner=agency)
    Dispatch.objects.filter(onward__case=case).update(owner=agency)
    Consent.objects.filter(case=case, given=True, withdrawn_at__isnull=True).update(ask_again=True)
    CaseAgency.objects.filter(case=case, agency=agency, until__isnull=True).update(until=at)

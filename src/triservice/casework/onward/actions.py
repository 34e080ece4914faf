"""Onward referrals: sent by a route of the scheme, answered, and chased until they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from triservice.access.record import Kind
from triservice.casework.cases.actions.acting import KEPT, own_of, with_agreement, working
from triservice.casework.cases.rules import ONWARD
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Need, OnwardReferral
from triservice.casework.needs.actions import of_case
from triservice.casework.words import OnwardState
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue

USUAL_CHASE = timedelta(days=14)  # when the scheme's route does not say


def send(
    reader: Reader, pk: int, route: str, *, key: UUID, why: str, how: str = "letter",
    to_name: str = "", agency: int | None = None, need: int | None = None,
) -> int:  # fmt: skip
    """Refer on by a route of the scheme; the same key sends nothing twice. Returns its key."""
    with working(reader, pk, "refer on", kind=Kind.DISCLOSURE) as (record, case):
        there = OnwardReferral.objects.filter(key=key).first()
        if there is not None:
            if there.case_id != pk:
                raise InputError("This key is another referral's", kept=KEPT)
            return there.pk
        scheme = catalogue.scheme(case.scheme, case.version)
        if route not in scheme.routes:
            raise InputError(f"{scheme.name} knows no such route", kept=KEPT)
        known = scheme.routes[route]
        if len(why.strip()) < 5:
            raise InputError("Say what they are asked to do", kept=KEPT)
        found = of_case(record, Need, case, need) if need is not None else None
        if agency not in (None, reader.agency):
            with_agreement(record, agency)
        row = OnwardReferral.objects.create(
            key=key,
            case=case,
            need=found,
            route=route,
            to_name=(to_name.strip() or known.name)[:200],
            agency_id=agency,
            how=how,
            why=why.strip(),
            sent_at=record.reader.at,
            sent_by_id=reader.officer,
            chase_at=record.reader.at + (known.chase_after or known.within or USUAL_CHASE),
            data_class=found.data_class if found else str(DataClass.RISK),
            **own_of(case).columns(),
        )
        note(record, "refer on", row, case=case, text=f"Referred on to {row.to_name}", why=why)
        return row.pk


def answered(
    reader: Reader, pk: int, onward: int, step: str, result: str, at: datetime | None = None
) -> None:
    """Record an answer: accept, complete, decline or withdraw, with what was said."""
    with working(reader, pk, f"record that an onward referral: {step}") as (record, case):
        row = of_case(record, OnwardReferral, case, onward)
        state = OnwardState(ONWARD.after(step, row.state))
        if state is not OnwardState.ACCEPTED and len(result.strip()) < 3:
            raise InputError("Say what came of it", kept=KEPT)
        when = at or record.reader.at
        columns: dict[str, object] = {"state": state, "result": result.strip() or row.result}
        columns["answered_at"] = row.answered_at or when
        if state is OnwardState.ACCEPTED:
            columns["chase_at"] = when + USUAL_CHASE
        else:
            columns |= {"chase_at": None, "completed_at": when}
        before, after = change(row, **columns)
        text = f"{row.to_name}: {state}"
        note(record, "onward", row, case=case, text=text, before=before, after=after, why=result)


def chased(reader: Reader, pk: int, onward: int, said: str = "") -> None:
    """Record that an answer was asked for again; it is asked for again after a while."""
    with working(reader, pk, "chase an onward referral") as (record, case):
        row = of_case(record, OnwardReferral, case, onward)
        ONWARD.after("chase", row.state)
        before, after = change(row, chased=row.chased + 1, chase_at=record.reader.at + USUAL_CHASE)
        text = f"Asked {row.to_name} for an answer"
        note(record, "chase", row, case=case, text=text, before=before, after=after, why=said)

"""What the clock does: onward referrals go to the systems of services, each once.

A try is two transactions with the sending between them. The first makes what is sent, by the access
rules as they are now, keeps it, and sets when it is tried again. The second says what came of it.
Killed in between, it is tried again with the same key, by which the service knows it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.jobs import LAST, by_the_clock, where
from triservice.access.models import Notice
from triservice.access.notices.actions import To, clock_reader, tell
from triservice.access.queries import seen
from triservice.access.readers import reader_for
from triservice.access.record import Kind, recording
from triservice.casework.answers.rules import guard
from triservice.casework.cases.actions.acting import refresh
from triservice.casework.cases.queries.naming import standing
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Case, Dispatch, OnwardReferral
from triservice.casework.onward import posting, wire
from triservice.casework.onward.actions import answer
from triservice.casework.onward.queries import sheet_of
from triservice.casework.onward.wire import Result, Went
from triservice.casework.words import Dispatched, OnwardState
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose
from triservice.kernel.errors import InputError

AT_ONCE = 50  # in one run; the next goes on
OVER = "It needs no sending any more"
NOT_HANDLED = "It could not be handled"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """What is sent, whereto and how."""

    address: str
    how: str
    key: str
    body: bytes


@by_the_clock("onward referrals sent to services", LAST)
def send_due() -> int:
    """Send what is due; return how many were taken. A host that fails is not tried again now.

    What fails for a reason that nobody thought of is given up aloud and holds up nothing else.
    """
    taken, down = 0, set[str]()
    due = Dispatch.objects.filter(next_at__lte=clock.now()).order_by("next_at")
    waiting = list(due.values_list("pk", "onward__service__address")[:AT_ONCE])
    for pk, address in waiting:
        host = urlsplit(address or "").netloc
        if host in down:
            continue
        try:
            went = _one(pk)
        except OperationalError as error:  # of the database: the next run goes on
            log.warning("an onward referral was not sent now: %s", type(error).__name__)
            continue
        except Exception as error:
            log.error("an onward referral could not be sent: %s", where(error))
            _not_handled(pk)
            continue
        if went is Went.AGAIN:
            down.add(host)
        taken += went is Went.TAKEN
    return taken


def _not_handled(pk: int) -> None:
    try:
        _settle(pk, Result(Went.REFUSED, NOT_HANDLED))
    except Exception as error:  # the next one is tried all the same
        log.error("nor could that be noted: %s", where(error))


def _one(pk: int) -> Went | None:
    """Try one; return what became of it, or None where somebody else has it."""
    try:
        ready = _prepare(pk)
    except (InputError, Refused) as error:
        why = str(error) if isinstance(error, InputError) else str(error.decision.reason)
        result = Result(Went.REFUSED, why)
    else:
        if ready is None:
            return None
        result = _try(ready)
    _settle(pk, result)
    return result.went


def _prepare(pk: int) -> Ready | None:
    """Make and keep what is sent, recorded as disclosed by who sent it on; None: somebody else has.

    Raises InputError and Refused where it may not go, or not any more.
    """
    known = Dispatch.objects.select_related("onward__sent_by").get(pk=pk)
    officer = known.onward.sent_by
    reader = reader_for(officer, Purpose(known.purpose), source="by the clock") if officer else None
    if reader is None:
        raise InputError("Who sent it on holds no post any more", do="Send it on again")
    with recording(reader, Kind.DISCLOSURE, "send an onward referral to a service") as record:
        row = Dispatch.objects.select_for_update().filter(pk=pk, next_at__lte=clock.now()).first()
        if row is None:
            return None
        onward = OnwardReferral.objects.select_related("service").get(pk=row.onward_id)
        service = onward.service
        if row.tries > len(wire.AFTER):  # killed while the last one was on its way
            raise InputError("It was tried too often")
        if onward.state != OnwardState.SENT or service is None:
            raise InputError(OVER)
        if service.until is not None and service.until <= timezone.localdate(record.reader.at):
            raise InputError("This service takes nobody any more", do="Send it to another")
        seen_rows = seen(record, OnwardReferral.objects.filter(pk=onward.pk))
        cases = seen(record, Case.objects.filter(pk=onward.case_id))
        if not (seen_rows and cases):
            raise InputError("Who sent it on may not read the case any more")
        sheet, _ = sheet_of(record, cases[0], seen_rows[0])
        payload = wire.payload(onward.how, sheet)
        after = wire.next_after(row.tries + 1) or wire.AFTER[-1]
        change(
            row, payload=payload, data_class=guard(sheet.classes), tries=row.tries + 1,
            next_at=record.reader.at + after,
        )  # fmt: skip
        record.did("casework.dispatch", row.pk, row.data_class)
        told: dict[str, Any] = {"to": sheet.to, "classes": sheet.classes, "how": onward.how}
        told["host"] = urlsplit(service.address).netloc
        record.note("disclosed", told)
        return Ready(service.address, onward.how, str(onward.key), wire.body(payload))


def _try(ready: Ready) -> Result:
    try:
        to = posting.target(ready.address, posting.allowed_of(settings.SEND_TO))
        headers = {
            "Content-Type": wire.content_type(ready.how), "Accept": wire.content_type(ready.how),
            "Idempotency-Key": ready.key, "User-Agent": "triservice",
        }  # fmt: skip
        if secret := posting.secret_of(posting.host_of(ready.address)):
            headers["Authorization"] = f"Bearer {secret}"
        return wire.judge(*posting.post(to, ready.body, headers, settings.SEND_CA))
    except posting.NotAllowed as error:
        return Result(Went.REFUSED, str(error))
    except posting.NotReached as error:
        return Result(Went.AGAIN, str(error))


def _settle(pk: int, result: Result) -> None:
    """Write down what became of a try; given up, who has the case is told."""
    with recording(clock_reader(), Kind.ALTERATION, "note what came of sending") as record:
        row = Dispatch.objects.select_for_update().get(pk=pk)
        if row.state != Dispatched.WAITING:
            return
        record.did("casework.dispatch", row.pk, row.data_class)
        case = Case.objects.select_for_update().get(onward=row.onward_id)
        onward = OnwardReferral.objects.get(pk=row.onward_id)
        if result.went is Went.AGAIN and wire.next_after(row.tries) is not None:
            change(row, said=result.said[:300])
            return
        taken = result.went is Went.TAKEN
        state = Dispatched.SENT if taken else Dispatched.GIVEN_UP
        change(row, state=state, next_at=None, ended_at=record.reader.at, said=result.said[:300])
        if taken:
            note(record, "sent", onward, case=case, text=f"{onward.to_name} has it by {onward.how}")
            if result.step and onward.state == OnwardState.SENT:
                answer(record, case, onward, result.step, wire.words(result.text))
        elif onward.state == OnwardState.SENT:
            _given_up(onward, case, result.said)
            note(
                record, "not sent", onward, case=case,
                text=f"It could not be sent to {onward.to_name}", why=result.said,
            )  # fmt: skip
        refresh(case, record.reader.at)


def _given_up(onward: OnwardReferral, case: Case, why: str) -> None:
    """Let it be asked after now, and tell whoever has the case."""
    change(onward, chase_at=clock.now())
    case = standing(case)
    tell(
        [To.officer_or_leaders(onward.owner_id, case.officer_id)], Notice.Kind.CASEWORK,
        f"An onward referral of case {case.reference} could not be sent. {why}".rstrip(".")[:300],
        f"/casework/cases/{case.pk}", f"onward:{onward.pk}:not-sent",
    )  # fmt: skip

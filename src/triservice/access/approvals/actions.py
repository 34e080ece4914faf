"""Asking for access, and deciding: ask, answer, withdraw, ask back, approve, refuse, revoke."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from triservice.access import rules as access_rules
from triservice.access.approvals import rules
from triservice.access.approvals.rules import Step
from triservice.access.errors import Refused
from triservice.access.models import (
    AccessRequest,
    Notice,
    Opening,
    Protected,
    RequestItem,
    RequestMessage,
)
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.openings import actions as openings
from triservice.access.openings import queries as rows_of
from triservice.access.openings.rules import approvers, askable, insubstantial
from triservice.access.queries import item_of
from triservice.access.record import Kind, Record, recording
from triservice.access.rules import Grants
from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import Decision, Outcome, Reader, Reason, Role
from triservice.kernel.errors import InputError

KEPT = "Nothing was changed"
NOT_YOURS = Decision(Outcome.DENY, Reason.ROLE)


def ask(
    reader: Reader, owner: int, data_class: str, *, subject: UUID | None = None,
    rows: Iterable[Protected] = (), fields: Collection[str] | None, case: str, why: str, told: str,
    until: datetime,
) -> int:  # fmt: skip
    """Ask an owner for a data class: of these rows, or of whatever it holds about the subject.

    None fields asks for every field. The purpose is the reader's. Returns the request's key.
    Raises Refused when no term lets the reader ask; InputError for what the request lacks.
    """
    with recording(reader, Kind.ALTERATION, "ask for access") as record:
        at, chosen = record.reader.at, list(rows)
        if faults := rules.request_faults(case, why, told, fields, until, at):
            raise InputError(". ".join(faults.values()), kept="Nothing was asked")
        if subject is None and not chosen:
            raise InputError("The request is about nobody", kept="Nothing was asked")
        known = {name for name, _ in rows_of.field_names(str(data_class))}
        if unknown := sorted(set(fields or ()) - known):
            what = f"{data_class} data has no field {unknown[0]}"
            raise InputError(what, field="fields", kept="Nothing was asked")
        _must_be_askable(record, owner, data_class, subject, chosen)
        _within_limit(record)
        request = AccessRequest.objects.create(
            officer_id=reader.officer,
            agency_id=reader.agency,
            owner_id=owner,
            data_class=str(data_class),
            subject_key=subject,
            every_field=fields is None,
            fields=sorted(fields or ()),
            purpose=str(reader.purpose),
            case=case.strip(),
            why=why.strip(),
            told=told.strip(),
            until=until,
            asked_at=at,
            due_at=rules.owed_by(str(reader.purpose), at),
        )
        RequestItem.objects.bulk_create(
            RequestItem(request=request, label=item.label, pk_text=item.pk or "")
            for item in rows_of.items_of(chosen)
        )
        record.did("access.accessrequest", request.pk, data_class)
        tell_approvers(request, "waits for your decision", f"request:{request.pk}")
        return request.pk


def _must_be_askable(
    record: Record, owner: int, data_class: str, subject: UUID | None, rows: list[Protected]
) -> None:
    """Raise Refused unless a term in force lets the reader ask for it all."""
    grants = record.grants
    if not rows:
        decision = askable(grants, owner, data_class, str(subject))
        if decision.outcome is not Outcome.NEEDS_APPROVAL:
            raise Refused(decision, f"ask for {data_class} of agency {owner}")
    for item in rows_of.items_of(rows):
        if (item.owner, item.data_class) != (owner, str(data_class)):
            raise InputError("One request is about one owner and one data class")
        decision = access_rules.decide(grants, item)
        if decision.outcome is not Outcome.NEEDS_APPROVAL:
            hidden = access_rules.may_know(grants, item) is None and not decision.allowed
            raise Refused(decision, f"{item.label} {item.pk}", hidden=hidden)


def _within_limit(record: Record) -> None:
    """Raise InputError when as many of the officer's requests wait as may; two at once count."""
    Officer.objects.select_for_update().get(pk=record.reader.officer)
    waiting = AccessRequest.objects.filter(
        officer=record.reader.officer, state__in=rules.OPEN_STATES, until__gt=record.reader.at
    ).count()
    if waiting >= settings.MOST_OPEN_REQUESTS:
        raise InputError(
            f"{waiting} of your requests wait for an answer, the most that one may have",
            kept="Nothing was asked",
            do="Withdraw one that you need no more, or wait for an answer",
        )


def answer(reader: Reader, pk: int, text: str) -> None:
    """Answer what the approver asked back; the clock of the owner starts again."""
    with _own(reader, pk, Step.ANSWER, "answer about a request") as (record, request):
        _message(record, request, text)
        due = rules.owed_by(request.purpose, record.reader.at)
        _move(request, Step.ANSWER, due_at=due)
        tell_approvers(request, "has its answer", f"request:{pk}:answered:{record.reader.at}")


def withdraw(reader: Reader, pk: int) -> None:
    """Take a request back before it is decided."""
    with _own(reader, pk, Step.WITHDRAW, "withdraw a request") as (record, request):
        _move(request, Step.WITHDRAW, decided_at=record.reader.at)
        deal_with(reader, f"request:{request.pk}")


def ask_back(reader: Reader, pk: int, text: str) -> None:
    """Ask the officer something before deciding."""
    with _deciding(reader, pk, Step.ASK_BACK, "ask back about a request") as (record, request):
        _message(record, request, text)
        _move(request, Step.ASK_BACK)
        deal_with(reader, f"request:{request.pk}")
        tell_officer(request, "has a question for you", f"asked:{record.reader.at}")


def approve(
    reader: Reader, pk: int, *, fields: Collection[str] | None, ends: datetime, why: str
) -> int:
    """Approve a request for these fields until `ends`, never more than asked; return the opening.

    The rows are fixed now. Of two who decide at once, one is told that it was decided.
    """
    with _deciding(reader, pk, Step.APPROVE, "approve a request") as (record, request):
        asked = None if request.every_field else request.fields
        if fields is not None and not fields:
            raise InputError("Name the fields that you approve", kept=KEPT)
        if ends <= record.reader.at:
            raise InputError("The approval would be over already", kept=KEPT)
        if said := rules.wider(asked, fields, request.until, ends):
            raise InputError(said, kept=KEPT)
        rows = request_rows(request, record.grants)
        if not rows:
            raise InputError(
                "Your agency holds nothing that this request is about and you may open",
                kept=KEPT,
                do="Refuse it, and say no more than you may",
            )
        opening = openings.open_rows(
            record,
            rows_of.items_of(rows),
            kind=Opening.Kind.APPROVAL,
            officer=request.officer_id,
            agency=request.agency_id,
            owner=request.owner_id,
            data_class=request.data_class,
            fields=None if fields is None else tuple(sorted(fields)),
            purpose=request.purpose,
            ends=ends,
            decided_by=reader.officer,
            why=why.strip() or request.why,
        )
        _move(
            request,
            Step.APPROVE,
            decided_at=record.reader.at,
            decided_by=reader.officer,
            answer=why.strip(),
            narrowed=rules.narrower(asked, fields, request.until, ends),
            opening=opening,
        )
        deal_with(reader, f"request:{request.pk}")
        tell_officer(request, "was approved", "decided")
        return opening.pk


def refuse(reader: Reader, pk: int, why: str) -> None:
    """Refuse a request, with a reason that the officer is shown."""
    with _deciding(reader, pk, Step.REFUSE, "refuse a request") as (record, request):
        if fault := insubstantial(why):
            raise InputError(f"Why is it refused? {fault}", kept=KEPT)
        _move(
            request,
            Step.REFUSE,
            decided_at=record.reader.at,
            decided_by=reader.officer,
            answer=why.strip(),
        )
        deal_with(reader, f"request:{request.pk}")
        tell_officer(request, "was refused", "decided")


def revoke(reader: Reader, pk: int, why: str) -> None:
    """Close at once what a request opened: by the owner's approvers or data-protection lead, or
    by the officer who needs it no more.
    """
    with recording(reader, Kind.ALTERATION, "revoke an approval") as record:
        request = _locked(pk)
        officer = request is not None and request.officer_id == reader.officer
        if request is None or not (officer or _answers_for(reader, request, lead=True)):
            raise Refused(NOT_YOURS, f"access.accessrequest {pk}", hidden=True)
        if not why.strip():
            raise InputError("Say why", kept=KEPT)
        if request.opening is None or not openings.revoke(record, request.opening):
            raise InputError("Nothing is open under this request", kept=KEPT)
        _message(record, request, why)
        if not officer:
            tell_officer(request, "is no longer open to you", "revoked")


def request_rows(request: AccessRequest, grants: Grants) -> list[Protected]:
    """Return the rows that a request is about, as they are now, of those open to who decides.

    A row on a list that does not name them, or about someone they have a conflict with, is not
    theirs to open; nor do they learn from a count that it is there.
    """
    items = list(request.items.values_list("label", "pk_text"))
    found: list[Protected] = []
    if items:
        found = rows_of.rows_named(items, request.owner_id, request.data_class)
    elif request.subject_key is not None:
        found = rows_of.rows_about(request.subject_key, request.owner_id, request.data_class)
    return [row for row in found if access_rules.decide(grants, item_of(row)).allowed]


def _locked(pk: int) -> AccessRequest | None:
    found = AccessRequest.objects.select_for_update(of=("self",)).filter(pk=pk)
    return found.select_related("owner").first()


def _answers_for(reader: Reader, request: AccessRequest, *, lead: bool = False) -> bool:
    """Whether the reader decides for the owner; with `lead`, its data-protection lead too."""
    roles = set(approvers(request.data_class, request.owner.kind))
    roles |= {Role.DATA_PROTECTION_LEAD} if lead else set()
    return reader.agency == request.owner_id and bool(roles & reader.roles)


@contextmanager
def _deciding(
    reader: Reader, pk: int, step: Step, doing: str
) -> Iterator[tuple[Record, AccessRequest]]:
    """Lock a request for an approver of its owner: not who asked, nor who has a conflict."""
    with recording(reader, Kind.ALTERATION, doing) as record:
        request = _locked(pk)
        what = f"access.accessrequest {pk}"
        if request is None or not _answers_for(reader, request):
            raise Refused(NOT_YOURS, what, hidden=True)
        if request.officer_id == reader.officer:
            raise Refused(Decision(Outcome.DENY, Reason.CONFLICT), what)
        if request.subject_key and str(request.subject_key) in record.grants.conflicts:
            raise Refused(Decision(Outcome.DENY, Reason.CONFLICT), what)
        _must_be_in(request, step)
        record.did("access.accessrequest", pk, request.data_class)
        yield record, request


@contextmanager
def _own(reader: Reader, pk: int, step: Step, doing: str) -> Iterator[tuple[Record, AccessRequest]]:
    """Lock a request for the officer who made it."""
    with recording(reader, Kind.ALTERATION, doing) as record:
        request = _locked(pk)
        if request is None or request.officer_id != reader.officer:
            raise Refused(NOT_YOURS, f"access.accessrequest {pk}", hidden=True)
        _must_be_in(request, step)
        record.did("access.accessrequest", pk, request.data_class)
        yield record, request


def _must_be_in(request: AccessRequest, step: Step) -> None:
    if request.state not in rules.NEXT[step][0]:
        by = f" by {request.decided_by}" if request.decided_by else ""
        raise InputError(f"This request is {request.state} already{by}", kept=KEPT)


def _move(request: AccessRequest, step: Step, **columns: object) -> None:
    """Move on from the states that a step is for; whoever comes second moves nothing, and is told.

    The condition is in the update, so it holds where a lock would not.
    """
    before, after = rules.NEXT[step]
    moved = AccessRequest.objects.filter(pk=request.pk, state__in=before).update(
        state=after, **columns
    )
    if not moved:
        raise InputError("Somebody else has decided this meanwhile", kept="Their decision")
    request.refresh_from_db()


def _message(record: Record, request: AccessRequest, text: str) -> None:
    if len(text.strip()) < 3:
        raise InputError("Write what you want to say", kept=KEPT)
    RequestMessage.objects.create(
        request=request, at=record.reader.at, officer_id=record.reader.officer, text=text.strip()
    )


def _path(request: AccessRequest) -> str:
    return reverse("access:request", args=[request.pk])


def tell_approvers(request: AccessRequest, what: str, key: str) -> int:
    """Give notice of a request to those who decide it; return how many notices were new."""
    owner = Agency.objects.get(pk=request.owner_id)
    roles = approvers(request.data_class, owner.kind)
    return tell(
        [To(owner.pk, role=role) for role in sorted(roles)],
        Notice.Kind.REQUEST,
        f"A request for {request.data_class} data {what}",
        _path(request),
        key,
    )


def tell_officer(request: AccessRequest, what: str, key: str) -> None:
    """Give notice to the officer who asked."""
    tell(
        [To(request.agency_id, officer=request.officer_id)],
        Notice.Kind.REQUEST,
        f"Your request for {request.data_class} data {what}",
        _path(request),
        f"request-of:{request.pk}:{key}",
    )

"""Operations of FHIR R4 for the systems of health: the same actions and terms as the form's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Body, Router

from triservice.access.api_rules import FHIR, operation, reader_of
from triservice.access.tokens.rules import Scope
from triservice.agencies.queries import agencies
from triservice.casework.fhir import rules
from triservice.casework.fhir.rules import Issue, Refusal
from triservice.casework.models import Submission
from triservice.casework.referrals import actions, queries
from triservice.casework.referrals.queries import SentPage
from triservice.casework.referrals.rules import REFERS
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue

router = Router(tags=["Referrals as FHIR R4"])
OF_PEOPLE = frozenset(DataClass) - {DataClass.WORKFORCE}
RISK = frozenset({DataClass.RISK})
_OURS = UUID("5d0b8f9e-28c4-5f1c-8a3e-9a1e0c1f7d62")  # a name space for keys of requests


def answered(resource: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Answer with a resource."""
    return HttpResponse(json.dumps(resource), status=status, content_type=FHIR)


def wrong(issues: Iterable[Issue]) -> HttpResponse:
    """Answer with what is wrong."""
    return answered(rules.outcome(issues), 422)


@operation(
    router,
    "POST",
    "/fhir/ServiceRequest",
    title="Send a referral as FHIR",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=OF_PEOPLE,
    response=dict[str, Any],
    fhir=True,
)
def send(request: HttpRequest, resource: Body[dict[str, Any]]) -> HttpResponse:
    """Take a ServiceRequest with its Patient and answers contained; answer with its Task."""
    reader = reader_of(request)
    try:
        asked = rules.read_service_request(resource)
        scheme = catalogue.scheme(asked.scheme)
        form = scheme.forms.get(actions.FORM)
        if form is None:
            raise InputError(f"{scheme.name} takes no referrals")
        to = next((row.pk for row in agencies(reader) if row.short_name == asked.to), 0)
        receipt = actions.refer(
            reader, uuid5(_OURS, f"{reader.agency}:{asked.key}"), scheme.id, asked.given(form),
            to=to, door=Submission.Door.API,
        )  # fmt: skip
    except Refusal as refusal:
        return wrong(refusal.issues)
    except actions.NotFilled as error:
        return wrong(
            Issue("business-rule", what, f"QuestionnaireResponse.item.where(linkId='{name}')")
            for name, what in error.errors.items()
        )
    except InputError as error:
        return wrong([Issue("business-rule", str(error), "ServiceRequest")])
    return answered(_task(_standing(reader, receipt.reference)))


@operation(
    router,
    "GET",
    "/fhir/Task/{slug:reference}",
    title="How a referral stands, as FHIR",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=RISK,
    response=dict[str, Any],
    fhir=True,
)
def task(request: HttpRequest, reference: str) -> HttpResponse:
    """Say how a referral stands that the system's agency sent, as far as the terms open it."""
    return answered(_task(_standing(reader_of(request), reference)))


@operation(
    router,
    "GET",
    "/fhir/Communication/{slug:reference}",
    title="What is asked about a referral, as FHIR",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=RISK,
    response=dict[str, Any],
    fhir=True,
)
def asked(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what who runs the scheme needs to know; 404 while nothing is asked."""
    found = _standing(reader_of(request), reference)
    if not (found.may_answer and found.why and found.state_at):
        raise Http404
    return answered(rules.communication(found.row.reference, found.why, found.state_at))


@operation(
    router,
    "POST",
    "/fhir/Communication",
    title="Answer what is asked about a referral, as FHIR",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=RISK,
    response=dict[str, Any],
    fhir=True,
)
def answer(request: HttpRequest, resource: Body[dict[str, Any]]) -> HttpResponse:
    """Take the answer to what was asked; answer with the Task as it stands then."""
    reader = reader_of(request)
    try:
        reference, text = rules.read_communication(resource)
        actions.answer(reader, _standing(reader, reference).row.pk, text)
    except Refusal as refusal:
        return wrong(refusal.issues)
    except InputError as error:
        return wrong([Issue("business-rule", str(error), "Communication")])
    return answered(_task(_standing(reader, reference)))


def _standing(reader: Reader, reference: str) -> SentPage:
    number = queries.number_of(reader, reference)
    if number is None:
        raise Http404
    return queries.sent_page(reader, number)


def _task(found: SentPage) -> dict[str, Any]:
    row = found.row
    return rules.task(
        row.reference, row.state, found.why, found.signposted_to, row.at,
        row.closed_at or found.state_at, row.outcome,
    )  # fmt: skip

"""Operations by which the system of a service answers an onward referral: plain JSON, and FHIR."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Body, Field, Router, Schema

from triservice.access.api_rules import operation, reader_of
from triservice.access.api_text import text_field
from triservice.access.tokens.rules import Scope
from triservice.casework.fhir import writing
from triservice.casework.fhir.api import answered, wrong
from triservice.casework.fhir.rules import Issue, Refusal
from triservice.casework.onward.actions import answered_there
from triservice.casework.onward.wire import STEPS
from triservice.casework.referrals.rules import REFERS
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError

router = Router(tags=["Onward referrals"])
RISK = frozenset({DataClass.RISK})


class OnwardAnswer(Schema):
    """What a service says of an onward referral that it was sent."""

    state: Literal["accepted", "completed", "declined"] = Field(description="How it stands")
    said: str = text_field(writing.LONGEST, "What came of it, or why it is declined", default="")


class OnwardNoted(Schema):
    """That an answer is noted; `again`: it was known already, and nothing was changed."""

    state: str
    again: bool


@operation(
    router,
    "POST",
    "/onward-referrals/{uuid:key}/answer",
    title="Answer an onward referral",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=RISK,
    response=OnwardNoted,
)
def answer(request: HttpRequest, key: UUID, said: OnwardAnswer) -> OnwardNoted:
    """Say whether your agency accepts an onward referral that it was sent, or what came of it."""
    state, again = answered_there(reader_of(request), key, STEPS[said.state], said.said)
    return OnwardNoted(state=state, again=again)


@operation(
    router,
    "POST",
    "/fhir/Task",
    title="Answer an onward referral, as FHIR",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=RISK,
    response=dict[str, Any],
    fhir=True,
)
def task(request: HttpRequest, resource: Body[dict[str, Any]]) -> HttpResponse:
    """Take a Task that answers an onward referral that your agency was sent; answer with it."""
    try:
        key, step, said = writing.read_task(resource)
        answered_there(reader_of(request), _key(key), step, said)
    except Refusal as refusal:
        return wrong(refusal.issues)
    except InputError as error:
        return wrong([Issue("business-rule", str(error), "Task")])
    return answered(writing.task(key, str(resource.get("status")), said))


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None

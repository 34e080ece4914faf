"""Operations about referrals: the schemes that take them, send one, ask how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from triservice.access.api_rules import operation, reader_of
from triservice.access.api_text import text_field
from triservice.access.problems import problem
from triservice.access.tokens.rules import Scope
from triservice.agencies.queries import agencies
from triservice.casework.models import Submission
from triservice.casework.referrals import queries
from triservice.casework.referrals.actions import NotFilled, refer
from triservice.casework.referrals.queries import Choice, SentPage
from triservice.casework.referrals.rules import REFERS
from triservice.kernel.access_words import DataClass

router = Router(tags=["Referrals"])
OF_PEOPLE = frozenset(DataClass) - {DataClass.WORKFORCE}


class Sent(Schema):
    """A referral to send. The page of the scheme says which questions its form asks."""

    key: UUID = Field(description="Made by you (UUIDv7): the same key is received once")
    scheme: str = text_field(60, "The scheme's id", shortest=1)
    to: str = text_field(40, "Short name of the agency that runs it", shortest=1)
    answers: dict[str, Any] = Field(description="Question → answer")
    person: UUID | None = Field(None, description="Key of somebody known whom you may see")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The acknowledgement. `again`: it had been received before, and nothing was added."""

    reference: str
    again: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a referral stands. An empty `state` is withheld, `because` of what.

    `outcome` is what came of it, once its case is closed.
    """

    reference: str
    scheme: str
    to: str
    sent_at: datetime
    state: str
    because: str
    why: str
    signposted_to: str
    state_at: datetime | None
    outcome: str = ""
    closed_at: datetime | None = None


@operation(
    router,
    "GET",
    "/referral-schemes",
    title="Schemes to refer to",
    scope=Scope.REFERRALS,
    roles=REFERS,
    purpose=False,
    response=list[Choice],
)
def schemes(request: HttpRequest) -> list[Choice]:
    """List the schemes to which the system's agency may refer, and who runs each."""
    return list(queries.choices(reader_of(request)))


@operation(
    router,
    "POST",
    "/referrals",
    title="Send a referral",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=OF_PEOPLE,
    response=Acknowledged,
)
def send(request: HttpRequest, sent: Sent) -> Acknowledged | HttpResponse:
    """Send a referral. What is wrong with the answers is said question by question."""
    reader = reader_of(request)
    to = next((row.pk for row in agencies(reader) if row.short_name == sent.to), 0)
    try:
        receipt = refer(
            reader, sent.key, sent.scheme, sent.answers, to=to, person=sent.person,
            door=Submission.Door.API,
        )  # fmt: skip
    except NotFilled as error:
        errors = [{"where": name, "what": said} for name, said in error.errors.items()]
        return problem(422, str(error), errors=errors)
    return Acknowledged(receipt.reference, receipt.again)


@operation(
    router,
    "GET",
    "/referrals/{slug:reference}",
    title="How a referral stands",
    scope=Scope.REFERRALS,
    roles=REFERS,
    data=frozenset({DataClass.RISK}),
    response=Standing,
)
def standing(request: HttpRequest, reference: str) -> Standing:
    """Say how a referral stands that the system's agency sent, as far as the terms open it."""
    reader = reader_of(request)
    number = queries.number_of(reader, reference)
    if number is None:
        raise Http404
    found: SentPage = queries.sent_page(reader, number)
    row = found.row
    return Standing(
        row.reference, row.scheme, row.to, row.at, row.state, row.because, found.why,
        found.signposted_to, found.state_at, row.outcome, row.closed_at,
    )  # fmt: skip

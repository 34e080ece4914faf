"""Pages: close records of the own agency to all but named people, and mark them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.agreements.forms import NoForm
from triservice.access.approvals.views import back_of
from triservice.access.pages import page
from triservice.access.restrictions.forms import ChooseForm
from triservice.access.restrictions.queries import list_choices
from triservice.access.restrictions.rules import KEEPERS
from triservice.kernel.words import many
from triservice.subjects.actions import restricting
from triservice.subjects.forms import MarkingForm
from triservice.subjects.queries.restricted import later
from triservice.subjects.views import OF_PEOPLE, READERS, posted, reader_of

LATER = (
    "Only the people on the list read it from then on, and they only as far as the agreements let "
    "them. What is on another list already stays there. Put on the list first who works on a case."
)


def _choose(
    request: HttpRequest, title: str, text: str, back: str, put: Callable[[int], int]
) -> HttpResponse:
    """Ask which list, and put it there; without any list, lead to where one is made."""
    lists = list_choices(reader_of(request))
    if not lists and request.method != "POST":
        return redirect("access:lists")
    change = Change(title, back, "", submit="Put on the list", text=text)

    def act(said: dict[str, Any]) -> str:
        put(said["listed"])
        return reverse("access:list", args=[said["listed"]])

    return answer(request, ChooseForm(lists, posted(request)), change, act)


@page(title="Put a person on a need-to-know list", roles=KEEPERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def restrict_person(request: HttpRequest, key: UUID) -> HttpResponse:
    """Put all that the own agency holds about a person on a list."""
    text = f"This closes all that your agency holds about them, now and later. {LATER}"
    return _choose(
        request,
        "Put this person on a need-to-know list",
        text,
        reverse("subjects:person", args=[key]),
        lambda listed: restricting.restrict_person(reader_of(request), key, listed),
    )


@page(title="Put what came later on a need-to-know list", roles=KEEPERS)
@require_http_methods(METHODS)
def list_later(request: HttpRequest, pk: int) -> HttpResponse:
    """Put on a list what came later about those on it: referrals, records, who is one with them."""
    found = later(reader_of(request), pk)
    if found is None:
        raise Http404("There is no such list.")
    rows = many(found.rows, "entry", "entries") if found.rows else "Nothing"
    change = Change(
        "Put what came later on this list?",
        reverse("access:list", args=[pk]),
        "What came later is on the list.",
        submit="Put it on the list",
        text=f"{rows} of your agency about those on this list is on no list: referrals that came "
        "since, their cases, and what is known of whoever became one with them. Name first on the "
        "list who triages the referral or works on the case: from their next read only those on "
        "the list see it.",
    )

    def act(said: dict[str, Any]) -> None:
        restricting.put_later(reader_of(request), pk)

    return answer(request, NoForm(posted(request)), change, act)


@page(title="Put a record on a need-to-know list", roles=KEEPERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def restrict_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one record of the own agency on a list; ?next= is the page it was on."""
    return _choose(
        request,
        "Put this record on a need-to-know list",
        f"This closes the record, and the corrections of it that come later. {LATER}",
        back_of(request, "subjects:search"),
        lambda listed: restricting.restrict_record(reader_of(request), pk, listed),
    )


@page(title="Change the marking of a record", roles=READERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one record of the own agency; ?next= is the page it was on."""
    change = Change(
        "Change the marking of this record",
        back_of(request, "subjects:search"),
        "The marking is changed.",
        text="OFFICIAL-SENSITIVE is open to other agencies only under terms that ask for vetting. "
        "Your data owner or data protection lead lowers a marking, and says why.",
    )

    def act(said: dict[str, Any]) -> None:
        restricting.mark_record(reader_of(request), pk, said["marking"], said["why"])

    return answer(request, MarkingForm(posted(request)), change, act)

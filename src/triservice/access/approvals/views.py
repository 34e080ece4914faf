"""Pages of requests: ask, follow, decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.about import named
from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.agreements.forms import NoForm, WhyForm
from triservice.access.agreements.views import reader_of
from triservice.access.agreements.wording import ends
from triservice.access.approvals import actions, queries
from triservice.access.approvals.forms import ApproveForm, AskForm, RefuseForm, SayForm
from triservice.access.approvals.queries import RequestPage
from triservice.access.pages import LAST, number_in, page, safe_next
from triservice.access.rules import READS
from triservice.agencies.models import Agency
from triservice.agencies.queries import handle
from triservice.kernel.access_words import DataClass, Role

ASKS = frozenset(READS)
DECIDES = frozenset({Role.DATA_OWNER, Role.CALDICOTT_GUARDIAN, Role.DATA_PROTECTION_LEAD})
CLASSES = frozenset(map(str, DataClass))


@page(title="Data that you have asked for", roles=ASKS, nav="Requests")
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """List the reader's own requests."""
    rows = queries.my_requests(reader_of(request))
    decides = bool(DECIDES & reader_of(request).roles)
    return render(request, "access/requests/mine.html", {"rows": rows, "decides": decides})


@page(title="Requests that wait for your decision", roles=DECIDES, nav="Reviews")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits for a decision, the most urgent first."""
    decided = "decided" in request.GET
    rows = queries.queue(reader_of(request), decided=decided)
    return render(request, "access/requests/queue.html", {"rows": rows, "decided": decided})


def about_of(request: HttpRequest) -> tuple[UUID, Agency, str]:
    """Return whom a request is about, the owner and the data class, from the address; or 404."""
    said = request.GET
    try:
        subject = UUID(said.get("subject", ""))
    except ValueError:
        raise Http404("The address does not say what is asked for.") from None
    agency = handle(Agency, number_in(said.get("owner"), 0, LAST))
    data_class = said.get("class", "")
    if agency is None or data_class not in CLASSES:
        raise Http404("The address does not say what is asked for.")
    return subject, agency, data_class


def back_of(request: HttpRequest, otherwise: str) -> str:
    """Return the page of this site that led here (?next=), or another by name."""
    given = request.GET.get("next")
    return safe_next(request, given) if given else reverse(otherwise)


@page(title="Ask for access", roles=ASKS)
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """Ask an owner for a data class about a subject (?subject=, owner=, class=; perhaps case=)."""
    subject, owner, data_class = about_of(request)
    reader = reader_of(request)
    data = request.POST if request.method == "POST" else None
    form = AskForm(data_class, data, request.GET.get("case", ""))

    def act(said: dict[str, Any]) -> None:
        actions.ask(
            reader,
            owner.pk,
            data_class,
            subject=subject,
            fields=form.chosen(),
            case=said["case"],
            why=said["why"],
            told=said["told"],
            until=form.ends(),
        )

    change = Change(
        f"Ask for {data_class} data",
        back_of(request, "access:requests"),
        f"Your request has gone to {owner.name}.",
        submit="Send the request",
        text=f"{owner.name} decides on each request for {data_class} data. Your purpose "
        f"is {reader.purpose}. The answer says whether there is such data.",
    )
    return answer(request, form, change, act)


def shown(request: HttpRequest, pk: int) -> RequestPage:
    """Return a request that the reader may open; else 404."""
    found = queries.request_page(reader_of(request), pk)
    if found is None:
        raise Http404("There is no such request.")
    return found


@page(title="Request", roles=ASKS | DECIDES)
@require_safe
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request: what is asked, what was said, what was decided."""
    context = {"asked": shown(request, pk), "ends": ends}
    return render(request, "access/requests/request.html", context)


@page(title="Approve a request", roles=DECIDES)
@require_http_methods(METHODS)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve all of a request, or less."""
    found = shown(request, pk)
    data = request.POST if request.method == "POST" else None
    form = ApproveForm(found.asked_fields, found.until, every=found.fields is None, data=data)

    def act(said: dict[str, Any]) -> None:
        actions.approve(
            reader_of(request), pk, fields=form.chosen(), ends=form.moment(), why=said["why"]
        )

    rows = found.rows_now or 0
    change = Change(
        "Approve the request",
        reverse("access:request", args=[pk]),
        "Approved. The officer has been told.",
        submit="Approve",
        text=f"It opens {rows} {'record' if rows == 1 else 'records'} about "
        f"{named(found.row.about)} to {found.row.officer}, for {found.row.purpose}. "
        "Untick what is not needed. Records that come later are not opened by it.",
    )
    return answer(request, form, change, act)


STEPS: dict[str, tuple[str, type[Any], str, str, bool]] = {
    # step: title, form, what is said when done, more to read, red button
    "refuse": ("Refuse the request", RefuseForm, "Refused. The officer has been told.", "", True),
    "ask-back": (
        "Ask the officer",
        SayForm,
        "Your question has been sent.",
        "The clock starts again when the officer has answered.",
        False,
    ),
    "answer": ("Answer the approver", SayForm, "Your answer has been sent.", "", False),
    "withdraw": ("Withdraw the request?", NoForm, "Your request is withdrawn.", "", True),
    "revoke": (
        "Revoke the approval",
        WhyForm,
        "Nothing is open under this request any more.",
        "It acts on the next read.",
        True,
    ),
}


@page(title="A step of a request", roles=ASKS | DECIDES)
@require_http_methods(METHODS)
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Refuse, ask back, answer, withdraw or revoke."""
    if step not in STEPS:
        raise Http404("There is no such step.")
    shown(request, pk)
    title, form, done, text, warning = STEPS[step]
    reader = reader_of(request)

    def act(said: dict[str, Any]) -> None:
        if step == "refuse":
            actions.refuse(reader, pk, said["why"])
        elif step == "ask-back":
            actions.ask_back(reader, pk, said["text"])
        elif step == "answer":
            actions.answer(reader, pk, said["text"])
        elif step == "withdraw":
            actions.withdraw(reader, pk)
        else:
            actions.revoke(reader, pk, said["why"])

    change = Change(
        title, reverse("access:request", args=[pk]), done, title.rstrip("?"), warning, text
    )
    data = request.POST if request.method == "POST" else None
    return answer(request, form(data), change, act)

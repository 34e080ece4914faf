"""Pages of emergency access: break the glass, end it, review it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triservice.access.about import named
from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.agreements.forms import WhyForm
from triservice.access.agreements.views import reader_of
from triservice.access.approvals.views import ASKS, DECIDES, about_of, back_of
from triservice.access.emergency import actions, queries
from triservice.access.emergency.forms import FindingForm, GlassForm
from triservice.access.emergency.queries import GlassPage
from triservice.access.pages import page


@page(title="Your emergency access", roles=ASKS)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List the reader's own emergency openings."""
    rows = queries.my_emergencies(reader_of(request))
    return render(request, "access/emergency/list.html", {"rows": rows, "list": "mine"})


@page(title="Emergency access to review", roles=DECIDES)
@require_safe
def to_review(request: HttpRequest) -> HttpResponse:
    """List what others opened of the agency's data in emergencies."""
    reviewed = "reviewed" in request.GET
    rows = queries.to_review(reader_of(request), reviewed=reviewed)
    context = {"rows": rows, "list": "reviewed" if reviewed else "review"}
    return render(request, "access/emergency/list.html", context)


@page(title="Emergency access", roles=ASKS)
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """Break the glass on a data class of an owner about a subject (?subject=, owner=, class=)."""
    subject, owner, data_class = about_of(request)
    form = GlassForm(request.POST if request.method == "POST" else None)

    def act(said: dict[str, Any]) -> str:
        reader = reader_of(request)
        made = actions.break_glass(reader, owner.pk, data_class, subject=subject, **said)
        opened = reverse("access:emergency", args=[made])
        return f"{opened}?{urlencode({'next': back_of(request, 'access:emergencies')})}"

    change = Change(
        "Emergency access",
        back_of(request, "access:emergencies"),
        "It is open. The owner has been told, and will review it.",
        submit="Open it now",
        warning=True,
        text=f"This opens {data_class} data of {owner.name} for a short time, without asking. Its "
        "owner and your data protection lead are told at once, and the owner reviews why you "
        "did it. Use it only where someone would come to harm by waiting.",
    )
    return answer(request, form, change, act)


def shown(request: HttpRequest, pk: int) -> GlassPage:
    """Return an emergency opening that the reader may see; else 404."""
    found = queries.emergency_page(reader_of(request), pk)
    if found is None:
        raise Http404("There is no such emergency access.")
    return found


@page(title="Emergency access", roles=ASKS | DECIDES)
@require_safe
def emergency(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one: why, how long, what was read, what the review found."""
    # Minutes count: go on at once to what it was opened for.
    on = back_of(request, "home") if "next" in request.GET else None
    context = {"glass": shown(request, pk), "on": on}
    return render(request, "access/emergency/emergency.html", context)


@page(title="End emergency access", roles=ASKS)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one's own."""
    if shown(request, pk).row.is_open:
        actions.end(reader_of(request), pk)
    return redirect("access:emergency", pk)


@page(title="Cut off emergency access", roles=DECIDES)
@require_http_methods(METHODS)
def cut_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it at once, as the owner."""
    shown(request, pk)
    change = Change(
        "Cut off emergency access", reverse("access:emergency", args=[pk]), "It is closed.",
        "Cut off", warning=True, text="It acts on the next read. Someone may be in danger: call "
        "the officer first if you can.",
    )  # fmt: skip

    def act(said: dict[str, Any]) -> None:
        actions.cut_off(reader_of(request), pk, said["why"])

    return answer(request, WhyForm(request.POST or None), change, act)


@page(title="Review emergency access", roles=DECIDES)
@require_http_methods(METHODS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Find it justified or not."""
    found = shown(request, pk)
    change = Change(
        "Review emergency access", reverse("access:emergency", args=[pk]),
        "The review is recorded. The officer has been told.", "Record the review",
        text=f"{found.row.officer}, {found.row.agency}, about {named(found.row.about)}: "
        f"{found.row.reason}. “{found.text}”",
    )  # fmt: skip

    def act(said: dict[str, Any]) -> None:
        actions.review(reader_of(request), pk, said["finding"], said["text"])

    return answer(request, FindingForm(request.POST or None), change, act)

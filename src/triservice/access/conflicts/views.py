"""Pages of conflicts of interest: declare one, see one's own, end one as the lead."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.agreements.forms import WhyForm
from triservice.access.agreements.views import reader_of
from triservice.access.approvals.views import ASKS, back_of
from triservice.access.conflicts import actions, queries
from triservice.access.conflicts.forms import DeclareForm, DeclareForOthersForm
from triservice.access.pages import page


@page(title="Whom you have a tie to, and so read nothing about", roles=ASKS, nav="Conflicts")
@require_safe
def conflicts(request: HttpRequest) -> HttpResponse:
    """List the reader's declarations; for a lead those of the agency's officers too."""
    rows = queries.conflicts(reader_of(request))
    context = {"rows": rows, "lead": actions.LEAD in reader_of(request).roles}
    return render(request, "access/conflicts.html", context)


@page(title="Declare a conflict of interest", roles=ASKS)
@require_http_methods(METHODS)
def declare(request: HttpRequest, subject: UUID) -> HttpResponse:
    """Declare a tie to a person or a place; ?next= is its page."""
    reader = reader_of(request)
    data = request.POST if request.method == "POST" else None
    others = bool(actions.FOR_OTHERS & reader.roles)
    back = back_of(request, "access:conflicts")

    def act(said: dict[str, Any]) -> str | None:
        actions.declare(reader, subject, page=back, **said)
        return None if said.get("officer") else reverse("access:conflicts")

    change = Change(
        "Declare a conflict of interest",
        back,
        "Declared. Nothing about them is open to who has the tie, from the next read.",
        submit="Declare",
        text="Who has a tie to a person or a place reads nothing about them, in an emergency "
        "either. Only the data protection lead of the agency ends it.",
    )
    return answer(request, (DeclareForOthersForm if others else DeclareForm)(data), change, act)


@page(title="End a conflict of interest", roles={actions.LEAD})
@require_http_methods(METHODS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a declaration of an officer of the agency."""
    reader = reader_of(request)
    found = queries.conflict(reader, pk)
    if found is None:
        raise Http404("There is no such declaration.")
    change = Change(
        f"End the conflict of interest of {found.officer}?",
        reverse("access:conflicts"),
        "It is ended.",
        submit="End it",
        warning=True,
        text="What the agreements open about this person or place is open to them again.",
    )
    form = WhyForm(request.POST if request.method == "POST" else None)
    return answer(request, form, change, lambda said: actions.end(reader, pk, said["why"]))

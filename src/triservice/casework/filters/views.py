"""Pages that keep a filter of a list, and remove one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.pages import page
from triservice.agencies.queries import area_choices
from triservice.casework.cases.forms import FilterForm as OfCases
from triservice.casework.cases.rules import WORKS
from triservice.casework.filters import actions, queries
from triservice.casework.filters.forms import SaveForm
from triservice.casework.plans.forms import FilterForm as OfPlans
from triservice.casework.triage.forms import FilterForm as OfQueue
from triservice.casework.triage.forms import scheme_choices
from triservice.kernel.access_words import Reader
from triservice.subjects.views import posted, reader_of


def _of_queue(reader: Reader, data: Any) -> forms.Form:
    areas = area_choices([data.get("area", "")])[0]
    return OfQueue({"scheme": scheme_choices(), "area": areas}, data)


def _of_cases(reader: Reader, data: Any) -> forms.Form:
    return OfCases({"scheme": scheme_choices(), **queries.case_choices(reader, data)}, data)


def _of_plans(reader: Reader, data: Any) -> forms.Form:
    return OfPlans(area_choices([data.get("area", "")])[0], data)


LISTS: dict[str, tuple[str, Callable[[Reader, Any], forms.Form]]] = {  # its page, its filter
    "queue": ("casework:queue", _of_queue),
    "cases": ("casework:cases", _of_cases),
    "plans": ("casework:plans", _of_plans),
}
NOT_KEPT = "reference"  # finds one case: it is no filter


def kept(form: forms.Form) -> dict[str, Any]:
    """Return what a filter's form says, without what is blank."""
    said = form.cleaned_data if form.is_valid() else {}
    return {name: value for name, value in said.items() if value}


def box(request: HttpRequest, of: str, said: dict[str, Any]) -> dict[str, Any]:
    """Return what the filter of a list shows besides its form: saved ones, and where to save it."""
    worth = {name: value for name, value in said.items() if name != NOT_KEPT}
    to = f"{reverse('casework:filter_save', args=[of])}?{urlencode(worth)}" if worth else ""
    return {
        "query": urlencode(said), "narrowed": bool(said), "save": to,
        "saved": queries.filters(reader_of(request), of),
    }  # fmt: skip


@page(title="Save a filter", roles=WORKS)
@require_http_methods(METHODS)
def save(request: HttpRequest, of: str) -> HttpResponse:
    """Keep the filter that the address says under a name."""
    if of not in LISTS:
        raise Http404("There is no such list.")
    said = kept(form_of(request, of))
    said.pop(NOT_KEPT, None)
    team = queries.team_of(reader_of(request))
    back = f"{reverse(LISTS[of][0])}?{urlencode(said)}"
    form = SaveForm(team.name if team else "", posted(request))

    def act(filled: dict[str, Any]) -> None:
        share = filled.get("share", False)
        actions.save(reader_of(request), of, filled["name"], said, share=share)

    return answer(request, form, Change("Save this filter", back, "Saved.", "Save"), act)


def form_of(request: HttpRequest, of: str) -> forms.Form:
    """Return the form of a list's filter, filled as the address says."""
    return LISTS[of][1](reader_of(request), request.GET)


@page(title="Remove a filter", roles=WORKS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a filter of one's own."""
    of = actions.remove(reader_of(request), pk)
    if of is None:
        raise Http404("There is no such filter of yours.")
    return redirect(LISTS[of][0])

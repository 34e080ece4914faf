"""Pages of plans: the list, those of a place, a new one, one plan, and each step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS, Change
from triservice.access.agreements.editing import answer as answer_page
from triservice.access.pages import page
from triservice.casework import paging
from triservice.casework.cases.rules import WORKS
from triservice.casework.filters.views import box, form_of, kept
from triservice.casework.plans import actions, queries
from triservice.casework.plans.forms import FindForm, StartForm
from triservice.casework.plans.steps import STEPS, About
from triservice.casework.references import read_reference
from triservice.casework.stepping import take
from triservice.casework.triage.views import OF_PEOPLE, SHOWN
from triservice.kernel.keys import new_key
from triservice.subjects.views import READERS, posted, reader_of


@page(title="Plans for problems at a place, what is to be reviewed first", roles=READERS,
      data=SHOWN, nav="Plans")  # fmt: skip
@require_http_methods(METHODS)
def plan_list(request: HttpRequest) -> HttpResponse:
    """List plans, or look for some: what is looked for is posted, so that no address names it."""
    form, find = form_of(request, "plans"), FindForm(posted(request))
    said = kept(form)
    asked = queries.Asked(**said, after=request.GET.get("after", ""))
    if request.method == "POST" and find.is_valid():
        asked = queries.Asked(text=find.cleaned_data["text"])
    found = queries.plan_list(reader_of(request), asked)
    context = {
        "plans": found, "filter": form, "find": find, "asked": asked,
        "may_start": bool(WORKS & reader_of(request).roles), **box(request, "plans", said),
    }  # fmt: skip
    return render(request, "casework/plans/list.html", context, status=422 if find.errors else 200)


@page(title="Plans for problems at this place", roles=READERS, data=SHOWN)
@require_safe
def at(request: HttpRequest, key: UUID) -> HttpResponse:
    """List the plans about one address."""
    found = queries.plans_at(reader_of(request), key)
    context = {"plans": found, "key": key, "may_start": bool(WORKS & reader_of(request).roles)}
    return render(request, "casework/plans/at.html", context)


def _begin(request: HttpRequest) -> dict[str, Any]:
    """Return what a new plan begins with: the place or case that its link named."""
    begin: dict[str, Any] = {"case": read_reference(request.GET.get("case", "")) or ""}
    try:
        key = UUID(request.GET.get("at", ""))
    except ValueError:
        return begin
    return begin | {"address": queries.address_of(reader_of(request), key)}


@page(title="Start a plan", roles=WORKS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def start(request: HttpRequest) -> HttpResponse:
    """Start a plan for a problem at a place."""
    reader = reader_of(request)
    form = StartForm(posted(request), initial={"key": new_key(), **_begin(request)})

    def act(said: dict[str, Any]) -> str:
        problem = actions.Problem(
            said["title"], said["place"], said["harm"], said["times"], said["address"]
        )
        key = said["key"] or new_key()
        pk = actions.start(reader, problem, said["review_on"], key=key, case=said["case"])
        return reverse("casework:plan", args=[pk])

    change = Change(
        "Start a plan", reverse("casework:plans"), "The plan is started. Count the problem next.",
        "Start the plan",
        text="For a problem that comes back at a place. You say what it is; the other services add "
        "what they know.",
    )  # fmt: skip
    return answer_page(request, form, change, act)


@page(title="Plan", roles=READERS, data=OF_PEOPLE)
@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one plan: the problem, what is known, what is done, what came of it, its history."""
    before = paging.read(request.GET.get("before", ""))
    found = queries.plan_view(reader_of(request), pk, before[0] if before else None)
    older = paging.mark(found.history.older, 0) if found.history.older else ""
    return render(request, "casework/plans/plan.html", {"plan": found, "older": older})


@page(title="A step of a plan", roles=WORKS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def step(request: HttpRequest, pk: int, step: str, row: int = 0) -> HttpResponse:
    """Take one of the steps of plans/steps.py.

    Of one that is sent the action decides: somebody else may have closed the plan meanwhile, and
    then the form says so, and what was typed stays in it.
    """
    taken = STEPS.get(step)
    if taken is None or taken.row is not bool(row):
        raise Http404("There is no such step.")
    reader = reader_of(request)
    about = About(reader, queries.plan_view(reader, pk), row)
    if request.method != "POST" and not getattr(about.plan.may, taken.may):
        raise Http404("This step is not yours to take now.")
    return take(request, taken, about, reverse("casework:plan", args=[pk]))

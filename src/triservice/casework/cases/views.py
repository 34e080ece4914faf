"""Pages of cases: my day, the list, one case, and each step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework import paging
from triservice.casework.cases.queries import lists
from triservice.casework.cases.queries.view import case_view
from triservice.casework.cases.rules import WORKS
from triservice.casework.cases.steps import STEPS, About
from triservice.casework.filters.views import box, form_of, kept
from triservice.casework.home.queries import FEW
from triservice.casework.referrals.queries import usual_choices
from triservice.casework.stepping import take
from triservice.casework.triage.views import OF_PEOPLE, SHOWN
from triservice.subjects.views import READERS, asking


@page(title="Your visits, actions and cases, what is due first", roles=WORKS, data=SHOWN,
      nav="My day")  # fmt: skip
@require_safe
def my_day(request: HttpRequest) -> HttpResponse:
    """Show what the officer has before them."""
    found = lists.my_day(reader_of(request))
    return render(request, "casework/cases/my_day.html", {"day": found})


@page(title="Cases of your agency, what is due first", roles=WORKS, data=SHOWN, nav="Cases")
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """List the cases of the reader's agency, or find one by its reference."""
    form = form_of(request, "cases")
    said = kept(form)
    asked = lists.Filter(**said, after=request.GET.get("after", ""))
    found = lists.case_list(reader_of(request), asked)
    context = {"cases": found, "filter": form, **box(request, "cases", said)}
    return render(request, "casework/cases/list.html", context)


@page(title="Case", roles=READERS, data=OF_PEOPLE)
@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one case: who, where, why, what is next, who works on it, and all that was done."""
    before = paging.read(request.GET.get("before", ""))
    found = case_view(reader_of(request), pk, before[0] if before else None)
    older = paging.mark(found.chronology.older, 0) if found.chronology.older else ""
    refers = usual_choices(reader_of(request), FEW) if found.may.work else ()
    context: dict[str, Any] = {
        "case": found, "refers": refers, "older": older, "paged": before is not None,
        **asking(request, UUID(about) if (about := found.row.about.key) else None),
    }  # fmt: skip
    return render(request, "casework/cases/case.html", context)


@page(title="A step of a case", roles=WORKS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def step(request: HttpRequest, pk: int, step: str, row: int = 0) -> HttpResponse:
    """Take one of the steps of cases/steps.py.

    Of one that is sent by the agency that runs the case the action decides: somebody else may have
    closed the case meanwhile, and then the form says so, and what was typed stays in it.
    """
    taken = STEPS.get(step)
    if taken is None or taken.row is not bool(row):
        raise Http404("There is no such step.")
    about = About(reader_of(request), case_view(reader_of(request), pk), row)
    may = about.case.may
    sent_by_own = request.method == "POST" and (may.run or may.reopen or may.part)
    if taken.may and not sent_by_own and not getattr(may, taken.may):
        raise Http404("This step is not yours to take now.")
    return take(request, taken, about, reverse("casework:case", args=[pk]))

"""Pages of the record of disclosures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from triservice.access.agreements.views import reader_of
from triservice.access.explorer import queries
from triservice.access.explorer.forms import FilterForm
from triservice.access.pages import number_in, page

MOST_PAGES = 100_000


@page(title="Who read what, and why", nav="Disclosures")
@require_safe
def disclosures(request: HttpRequest) -> HttpResponse:
    """Show what the reader may see of the record, filtered."""
    reader = reader_of(request)
    form = FilterForm(request.GET, queries.views_of(reader))
    asked = form.asked()
    number = number_in(request.GET.get("page"), 1, MOST_PAGES)
    found = queries.explore(reader, asked, max(number, 1))
    context = {
        "form": form,
        "found": found,
        "asked": asked,
        "query": _query(request.GET),
        "wide": len(form.views) > 1,
    }
    return render(request, "access/disclosures.html", context)


def _query(given: QueryDict) -> str:
    kept = given.copy()
    kept.pop("page", None)
    return kept.urlencode()


@page(title="Record of disclosures as CSV")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Send the same as CSV."""
    reader = reader_of(request)
    form = FilterForm(request.GET, queries.views_of(reader))
    if not form.is_valid():  # the page says what is wrong: never more than was asked for
        return redirect(f"{reverse('access:disclosures')}?{_query(request.GET)}")
    content = queries.export(reader, form.asked())
    headers = {"Content-Disposition": 'attachment; filename="disclosures.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)

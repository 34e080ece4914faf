"""The page that finds cases."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from triservice.access.agreements.editing import METHODS
from triservice.access.pages import page
from triservice.casework.cases.rules import WORKS
from triservice.casework.finding import queries
from triservice.casework.finding.forms import SearchForm
from triservice.casework.triage.views import SHOWN
from triservice.subjects.views import posted, reader_of


@page(title="Find a case by its reference, a person or an address", roles=WORKS, data=SHOWN,
      nav="Find a case")  # fmt: skip
@require_http_methods(METHODS)
def search(request: HttpRequest) -> HttpResponse:
    """Look for cases. What is looked for is posted, so that no name is in an address or a log."""
    form, found = SearchForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        found = queries.find_cases(reader_of(request), form.cleaned_data["text"])
        if found.referral:
            return redirect("casework:referral", found.referral)
    context = {"form": form, "found": found}
    return render(
        request, "casework/finding/search.html", context, status=422 if form.errors else 200
    )

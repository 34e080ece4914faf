"""The page of numbers."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from triservice.access.pages import page
from triservice.casework.dashboards.forms import AskForm
from triservice.casework.dashboards.queries import dashboard
from triservice.casework.dashboards.rules import LOOKS
from triservice.kernel.access_words import DataClass
from triservice.subjects.views import reader_of

COLOURS = ("#1d4d7c", "#ea8f55", "#67b191", "#a58bc9", "#6f777b")


@page(title="What is open, late and done, in numbers", roles=LOOKS, data={DataClass.RISK},
      nav="Numbers")  # fmt: skip
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Show the tables, each beside its chart."""
    asked = AskForm(request.GET).asked()
    form = AskForm(asked)
    context = {
        "board": dashboard(reader_of(request), **asked), "form": form, "colours": COLOURS,
        "query": urlencode(asked), "by": asked["by"],
    }  # fmt: skip
    return render(request, "casework/dashboards/numbers.html", context)

"""The page of what came of a year's referrals."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from triservice.access.pages import page
from triservice.casework.dashboards.rules import LOOKS
from triservice.casework.dashboards.views import COLOURS
from triservice.casework.outcomes.forms import AskForm
from triservice.casework.outcomes.queries.year import HEAD, WAY, outcomes
from triservice.casework.outcomes.rules import CHANCE
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass
from triservice.subjects.views import reader_of


@page(title="What came of referrals: whom they reached, and what changed", roles=LOOKS,
      data={DataClass.RISK}, nav="Outcomes")  # fmt: skip
@require_safe
def year(request: HttpRequest) -> HttpResponse:
    """Show the way from referral to outcome, and the tables under it."""
    now = timezone.localtime(clock.now())
    asked = AskForm(request.GET, now).asked()
    context = {
        "found": outcomes(reader_of(request), **asked), "form": AskForm(asked, now),
        "colours": COLOURS, "query": urlencode(asked), "by": asked["by"], "warning": CHANCE,
        "way_title": WAY, "head": HEAD,
    }  # fmt: skip
    return render(request, "casework/outcomes/year.html", context)

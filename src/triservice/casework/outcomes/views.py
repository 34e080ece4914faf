"""The page of what came of a year's referrals."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from triservice.access.pages import page
from triservice.casework.dashboards.rules import LOOKS
from triservice.casework.dashboards.views import COLOURS
from triservice.casework.outcomes import actions
from triservice.casework.outcomes.forms import AskForm
from triservice.casework.outcomes.queries import kept
from triservice.casework.outcomes.queries.year import HEAD, WAY, outcomes
from triservice.casework.outcomes.rules import CHANCE
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass
from triservice.subjects.views import reader_of


@page(title="What came of referrals: whom they reached, and what changed", roles=LOOKS,
      data={DataClass.RISK}, nav="Outcomes")  # fmt: skip
@require_safe
def year(request: HttpRequest) -> HttpResponse:
    """Show the way from referral to outcome, and the tables under it; or that they are made."""
    now, reader, found, stands = timezone.localtime(clock.now()), reader_of(request), None, ""
    asked = AskForm(request.GET, now).asked()
    try:
        found = outcomes(reader, **asked)
    except kept.NotYetError:
        stands = kept.standing(reader, **asked) or actions.ask(reader, **asked)
    context = {
        "found": found, "stands": stands, "form": AskForm(asked, now), "asked": asked,
        "colours": COLOURS, "query": urlencode(asked), "by": asked["by"], "warning": CHANCE,
        "way_title": WAY, "head": HEAD,
    }  # fmt: skip
    return render(request, "casework/outcomes/year.html", context)


@page(title="Progress of outcomes", roles=LOOKS, data={DataClass.RISK})
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Say whether outcomes are being worked out."""
    asked = AskForm(request.GET, timezone.localtime(clock.now())).asked()
    stands = kept.standing(reader_of(request), **asked)
    waiting = stands == kept.State.WAITING
    return JsonResponse({"waiting": waiting, "step": kept.State.WAITING.label})


@page(title="Work outcomes out again", roles=LOOKS, data={DataClass.RISK})
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Work outcomes out again, from what is known now."""
    asked = AskForm(request.POST, timezone.localtime(clock.now())).asked()
    actions.ask(reader_of(request), **asked)
    return redirect(f"{reverse('casework:outcomes')}?{urlencode(asked)}")

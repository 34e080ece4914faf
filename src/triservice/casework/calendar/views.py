"""The page where an officer makes or ends their calendar, and the calendar itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triservice.access.agreements.editing import METHODS
from triservice.access.pages import page
from triservice.casework.calendar import actions, queries
from triservice.casework.cases.rules import WORKS
from triservice.subjects.views import reader_of


@page(title="Your visits in a calendar", roles=WORKS)
@require_http_methods(METHODS)
def own(request: HttpRequest) -> HttpResponse:
    """Say whether there is a calendar; make its address, which is shown this once."""
    address = ""
    if request.method == "POST":
        secret = actions.make(reader_of(request))
        address = request.build_absolute_uri(reverse("casework:calendar", args=[secret]))
    context = {"address": address, "since": queries.made_at(reader_of(request))}
    return render(request, "casework/calendar.html", context)


@page(title="End your calendar", roles=WORKS)
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End the calendar."""
    actions.revoke(reader_of(request))
    messages.success(request, "Your calendar has ended. Programs that ask for it get nothing more.")
    return redirect("casework:calendar_own")


@page(title="A calendar of visits", public=True)
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the calendar to a program that knows its address; it cannot sign in."""
    text = queries.feed(secret)
    if text is None:
        raise Http404("There is no such calendar.")
    headers = {"Content-Disposition": 'inline; filename="visits.ics"', "Cache-Control": "private"}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)

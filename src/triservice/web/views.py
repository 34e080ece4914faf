"""The start page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from triservice.access.pages import page, reader_of
from triservice.casework.home.queries import home as waits_for
from triservice.web.middleware.sessions import seconds_left
from triservice.web.navigation import sections_for


@page(title="How long this session lasts", purpose=False)
@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Say in how many seconds the session ends; asking is no use of it."""
    return JsonResponse({"left": seconds_left(request)})


@page(title="Start", public=True)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person and what they can do; to nobody, how to sign in."""
    reader = reader_of(request)
    context = {"sections": sections_for(reader), "home": waits_for(reader) if reader else None}
    return render(request, "web/home.html", context)

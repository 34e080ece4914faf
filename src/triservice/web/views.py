"""The start page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from triservice.access.pages import page, reader_of
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
    """Show what this person can do here; to nobody in particular, how to sign in."""
    return render(request, "web/home.html", {"sections": sections_for(reader_of(request))})

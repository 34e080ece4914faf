"""The start page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from triservice.web.navigation import tasks_for


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this person can do here; to nobody in particular, how to sign in."""
    reader = getattr(request, "reader", None)
    roles = reader.roles if reader else frozenset()
    tasks = list(tasks_for(roles)) if request.user.is_authenticated else []
    return render(request, "web/home.html", {"tasks": tasks})

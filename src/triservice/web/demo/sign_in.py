"""One-click sign-in as an invented officer: only in a demonstration, never in production."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from triservice.access.pages import page
from triservice.agencies.queries.handles import officer_by_email
from triservice.agencies.sign_in.second_factor import mark
from triservice.web.demo.people import emails, script

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _refuse_outside_demo() -> None:
    if settings.PRODUCTION or not settings.DEMO:
        raise Http404


@page(title="Sign in as somebody invented", public=True)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the invented officers, a button each."""
    _refuse_outside_demo()
    names = {row["kind"]: row["name"] for row in script()["agencies"]}
    groups = [
        (names[group["agency"]], [(name, title) for name, title, *_ in group["people"]])
        for group in script()["officers"]
    ]
    return render(request, "web/demo/people.html", {"groups": groups})


@page(title="Sign in as somebody invented", public=True)
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the invented officers, by the name on the button."""
    _refuse_outside_demo()
    email = emails().get(request.POST.get("name", ""))  # nobody but those of the file
    officer = officer_by_email(email) if email else None
    if officer is None or not officer.is_active:
        raise Http404
    login(request, officer, backend=BACKEND)
    mark(request.session, officer)
    return redirect("home")


urlpatterns = [
    path("", people, name="demo_people"),
    path("sign-in", sign_in, name="demo_sign_in"),
]

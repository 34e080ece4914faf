"""Error pages: GOV.UK pages that say what to do and tell nothing about what went wrong inside."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template import engines

from triservice.access.problems import problem
from triservice.web.context import Shell
from triservice.web.navigation import address


@dataclass(frozen=True, slots=True)
class Said:
    """What an error page says."""

    title: str
    sentences: tuple[str, ...]


SAID = {
    400: Said(
        "There is a problem with what was sent",
        ("Go back, check what you entered, and send it again.",),
    ),
    403: Said(
        "You cannot use this page",
        (
            "Your role or agency does not open it.",
            "If you need it for your work, ask your team leader.",
        ),
    ),
    404: Said(
        "Page not found",
        (
            "If you typed the address, check it is correct.",
            "If you followed a link, what it led to may be gone, or may not be open to you.",
        ),
    ),
    405: Said("This page cannot be used that way", ("Go back and use the page's own buttons.",)),
    429: Said(
        "Too many tries",
        ("To keep accounts safe we stop after many tries from one place.", "Wait a few minutes."),
    ),
    500: Said(
        "Sorry, there is a problem with triservice",
        (
            "What you entered was not saved.",
            "Try again in a few minutes. If it happens again, tell your system administrator the "
            "number below.",
        ),
    ),
}
CSRF = Said(
    "This page was open too long, or came from elsewhere",
    ("Nothing was changed.", "Go back, load the page again, and send it once more."),
)


def error_page(request: HttpRequest, status: int, said: Said | None = None) -> HttpResponse:
    """Return the page of a status; a problem below /api/. Nothing is read: no session, no table."""
    if request.path.startswith("/api/"):
        return problem(status)
    said = said or SAID[status]
    page = engines["jinja2"].get_template("web/error.html")
    text = page.render(
        {
            "said": said,
            "number": getattr(request, "number", "") if status >= 500 else "",
            "shell": Shell(home_url=address("home") or "/"),
            "messages": (),
        }
    )
    return HttpResponse(text, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return error_page(request, 400)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return error_page(request, 404)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that does not carry this session's token."""
    return error_page(request, 403, CSRF)

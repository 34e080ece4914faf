"""Checks of the settings as Django sees them in the end, run by `triservice doctor` and `serve`.

environ.py refuses what the environment chose badly; these find what a later edit of settings.py
would open again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from triservice.web import environ


@register(Tags.security)
def production_is_safe(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    """Say everything that makes this production unsafe; nothing elsewhere."""
    if not settings.PRODUCTION:
        return []
    wrong = environ.unsafe(settings.ENVIRON)
    wrong += [sentence for name, least, sentence in _NEEDED if not _holds(name, least)]
    return [Error(sentence, id=f"triservice.E{n:03}") for n, sentence in enumerate(wrong, 1)]


@register(Tags.security)
def order_is_kept(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    """Check that what protects a request comes before what it protects from."""
    order = list(settings.MIDDLEWARE)
    wrong = []
    for first, then in _ORDER:
        if first not in order or (then in order and order.index(first) > order.index(then)):
            wrong.append(
                Error(f"MIDDLEWARE: {first} must come before {then}", id="triservice.E100")
            )
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    for directive, sources in policy.items():
        if isinstance(sources, list) and {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(sources):
            wrong.append(Error(f"CSP: {directive} lets anything in", id="triservice.E101"))
    return wrong


_NEEDED: tuple[tuple[str, Any, str], ...] = (
    ("DEBUG", False, "DEBUG is on: error pages would show data."),
    ("DEMO", False, "DEMO is on: anybody could sign in by one click."),
    ("SESSION_COOKIE_SECURE", True, "The session cookie would go over plain HTTP."),
    ("CSRF_COOKIE_SECURE", True, "The CSRF cookie would go over plain HTTP."),
    ("SESSION_COOKIE_HTTPONLY", True, "Scripts could read the session cookie."),
    ("SECURE_SSL_REDIRECT", True, "Plain HTTP would be answered."),
    ("RATE_LIMITS_ON", True, "Passwords could be guessed without limit."),
)
_REQUESTS = "triservice.web.middleware.requests"
_ORDER = (
    (f"{_REQUESTS}.ClientAddress", "triservice.web.middleware.limits.RateLimits"),
    ("triservice.web.middleware.limits.RateLimits", "django.middleware.csrf.CsrfViewMiddleware"),
    (
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "triservice.web.middleware.sessions.SessionLimits",
    ),
)


def _holds(name: str, needed: Any) -> bool:
    return getattr(settings, name, None) is needed

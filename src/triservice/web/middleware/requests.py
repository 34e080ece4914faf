"""Where a request comes from, and one log line for each answer."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from triservice.access.problems import problem

Handler = Callable[[HttpRequest], HttpResponse]
PATIENCE = 0.25  # seconds; who makes a long page keeps the others waiting no longer
log = logging.getLogger("triservice.requests")


class ClientAddress:
    """Settle REMOTE_ADDR once, so that limits and disclosures name the person's own address.

    Behind a proxy that TRISERVICE_PROXY vouches for it is the last entry of X-Forwarded-For, which
    that proxy wrote itself; earlier entries are whatever the sender claimed. Without a proxy the
    header is a claim only, and is removed.
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Settle the address and go on."""
        forwarded = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        if settings.TRUSTED_PROXY and forwarded:
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()
        return self.get_response(request)


class NoPlainApi:
    """Refuse API calls over plain HTTP instead of sending them on to HTTPS.

    A browser is sent on; a system that did the same would go on putting its token on the network.
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse, or go on."""
        plain = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if plain and request.path.startswith("/api/"):
            return problem(403, "Call over HTTPS. This token crossed the network: renew it")
        return self.get_response(request)


class RequestRecord:
    """One log line per answer: method, route, status, duration, who. No address, query or name.

    The duration is all of it, and how much of that was waiting for other pages (`OneAtATime`). Who
    is the officer's number, or the public beginning of the system's token.

    The route is the pattern (`people/<uuid:key>/`), never the path: a path may name a person. The
    number of the request is in the log, in the X-Request-ID header and on the error page.
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Number the request, answer it, log it."""
        request.number = uuid.uuid4().hex  # type: ignore[attr-defined]
        began = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request.number  # type: ignore[attr-defined]
        match = request.resolver_match
        log.info(
            "answered",
            extra={
                "fields": {
                    "request": request.number,  # type: ignore[attr-defined]
                    "method": request.method if request.method in _METHODS else "other",
                    "route": match.route if match else None,
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - began) * 1000, 1),
                    "waited": round(getattr(request, "waited", 0.0) * 1000, 1),
                    **_who(request),
                }
            },
        )
        return response


class OneAtATime:
    """On SQLite, make one page at a time in each process.

    There a page waits for nothing but the processor, of which Python uses one: threads that make
    pages at once take it from each other (benchmarks/bench_person_page.py shows by how much). They
    are for those who send or receive slowly: what is sent is taken without waiting.
    """

    _turn = threading.Lock()

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Wait for the page that is being made, but not for long; then go on."""
        if connection.vendor != "sqlite" or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        began = time.perf_counter()
        ours = self._turn.acquire(timeout=PATIENCE)
        request.waited = time.perf_counter() - began  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            if ours:
                self._turn.release()


def _who(request: HttpRequest) -> dict[str, object]:
    """Return who asked, as far as this request found out; nothing is read for the log."""
    officer = getattr(getattr(request, "_cached_user", None), "pk", None)
    token = getattr(getattr(request, "bearer", None), "prefix", None)
    return {name: who for name, who in (("officer", officer), ("token", token)) if who}


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

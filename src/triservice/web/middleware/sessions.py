"""A session ends when nobody uses it for a while, and in any case after a working day."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from triservice.access.problems import problem
from triservice.agencies.sign_in.sessions import BEGAN, USED
from triservice.kernel import clock
from triservice.web.middleware.limits import Limit, count, refused
from triservice.web.middleware.requests import PATIENCE, Handler
from triservice.web.navigation import address

GRAIN = timedelta(seconds=30)  # the last use is written this often at most
AT_ONCE = 3  # pages of one officer in one process, which has four threads unless told otherwise
_TURNS: dict[int | None, BoundedSemaphore] = {}  # by officer


class SessionLimits:
    """Sign out by time: SESSION_IDLE_SECONDS after the last use, SESSION_WHOLE_SECONDS in all.

    A session that does not say when it began has none of these times and is ended.
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End the session, or note its use, and go on."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = clock.now()
        why = _over(request, now)
        if why:
            return _ended(request, why)
        if too_many := _over_limit(request):
            return too_many
        used = _time(request, USED)
        asks_only = request.path == address("session")  # a page that nobody uses asks this
        if not asks_only and (used is None or now - used >= GRAIN):
            request.session[USED] = now.isoformat()
        return self.get_response(request) if asks_only else few_at_once(self.get_response, request)


def seconds_left(request: HttpRequest) -> int:
    """Return in how many seconds the session ends if nothing more is done."""
    began, used = _time(request, BEGAN), _time(request, USED)
    if began is None or used is None:
        return 0
    ends = min(
        began + timedelta(seconds=settings.SESSION_WHOLE_SECONDS),
        used + timedelta(seconds=settings.SESSION_IDLE_SECONDS),
    )
    return max(0, int((ends - clock.now()).total_seconds()))


def _over_limit(request: HttpRequest) -> HttpResponse | None:
    """Count what one officer opens, in all sessions together; refuse what no person reads."""
    if not settings.RATE_LIMITS_ON:
        return None
    limit = Limit("officer", settings.PAGES_PER_MINUTE, 60, lambda _: True)
    used, wait = count(limit, str(request.user.pk))
    return refused(request, wait) if used > limit.most else None


def few_at_once(get_response: Handler, request: HttpRequest) -> HttpResponse:
    """Answer, unless this process is busy with others for the same officer: then refuse soon.

    So that nobody keeps every thread, by however slow a page, from everybody else.
    """
    if not settings.RATE_LIMITS_ON or request.path.startswith(settings.STATIC_URL):
        return get_response(request)
    turns = _TURNS.setdefault(request.user.pk, BoundedSemaphore(AT_ONCE))
    if not turns.acquire(timeout=PATIENCE):
        return refused(request, 1)
    try:
        return get_response(request)
    finally:
        turns.release()


def _over(request: HttpRequest, now: datetime) -> str:
    """Return why the session is over, or ""."""
    began, used = _time(request, BEGAN), _time(request, USED)
    if began is None or used is None or began > now + GRAIN or used > now + GRAIN:
        return "the session did not say when it began"
    whole = timedelta(seconds=settings.SESSION_WHOLE_SECONDS)
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    if now - began >= whole:
        return f"you signed in {_hours(whole)} ago"
    if now - used >= idle:
        return f"nothing was done for {int(idle.total_seconds() // 60)} minutes"
    return ""


def _hours(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours} hour{'' if hours == 1 else 's'}"


def _time(request: HttpRequest, name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(request.session[name])
    except (KeyError, TypeError, ValueError):
        return None


def _ended(request: HttpRequest, why: str) -> HttpResponse:
    logout(request)
    if request.path.startswith("/api/"):
        return problem(401, f"You were signed out: {why}")
    messages.info(request, f"You were signed out: {why}. Sign in again to go on.")
    again = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    sign_in = address("account_login") or "/"
    return redirect(f"{sign_in}?{again}" if again else sign_in)

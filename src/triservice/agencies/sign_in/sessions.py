"""Where an officer is signed in, as far as they see and end it: times and the kind of browser.

The times are written here and kept to by `web.middleware.sessions`. No address is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from triservice.agencies.sign_in import events
from triservice.agencies.sign_in.second_factor import FACTORS
from triservice.kernel import clock

BEGAN, USED, DEVICE = "session began", "session used", "session device"
# What a browser says of itself, in the order in which the first that fits is the one.
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session of an officer. `name` finds it again and is worth nothing elsewhere."""

    name: str
    device: str
    began: datetime | None
    used: datetime | None
    here: bool


def device_of(agent: str) -> str:
    """Return "Chrome on Android" of what a browser says of itself."""
    browser = next((name for word, name in BROWSERS if f"{word}/" in agent), "A browser")
    system = next((name for word, name in SYSTEMS if re.search(rf"\b{word}", agent)), "")
    return f"{browser} on {system}" if system else browser


def begin(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Write when the session began and in what; called by Django as somebody signs in."""
    now = clock.now().isoformat()
    request.session[BEGAN] = request.session[USED] = now
    request.session[DEVICE] = device_of(request.META.get("HTTP_USER_AGENT", ""))


def sessions(request: HttpRequest) -> list[SessionRow]:
    """Return where the officer of a request is signed in: this session first, then the latest."""
    rows = [
        SessionRow(
            events.hashed(key),
            said.get(DEVICE, "A browser"),
            _time(said.get(BEGAN)),
            _time(said.get(USED)),
            key == request.session.session_key,
        )
        for key, said in _own(request)
    ]
    rows.sort(key=lambda row: str(row.used), reverse=True)
    return sorted(rows, key=lambda row: not row.here)


def end_sessions(request: HttpRequest, name: str | None = None) -> int:
    """End the other session of that name, or all others; return how many."""
    ended = [
        key
        for key, _ in _own(request)
        if key != request.session.session_key and name in (None, events.hashed(key))
    ]
    Session.objects.filter(session_key__in=ended).delete()
    if ended:
        events.note("other sessions ended", request, request.user.pk, sessions=len(ended))
    return len(ended)


def offer_to_end(sender: Any, request: HttpRequest, authenticator: Any, **_: Any) -> None:
    """Say, as a factor is added or removed, where other sessions are ended, if there are any."""
    if authenticator.type in FACTORS and len(sessions(request)) > 1:
        messages.info(
            request,
            "Your sign-in has changed. You are signed in elsewhere too: end it under “Where you "
            "are signed in” if that is not you.",
        )


def _own(request: HttpRequest) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give key and content of each live session of the officer of a request.

    Sessions name nobody outside their signed content, so all that live are opened: some hundreds.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for row in Session.objects.filter(expire_date__gt=clock.now()).iterator():
        said = store.decode(row.session_data)
        if said.get(SESSION_KEY) == str(request.user.pk):
            yield row.session_key, said


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None

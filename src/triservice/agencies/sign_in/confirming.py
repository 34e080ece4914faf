"""Sensitive pages ask who one is again when the last password, code or passkey is some time ago.

Nothing that was typed is kept while it is asked (it may be about people): so a form gets more time
to be sent than to be opened.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

View = Callable[..., HttpResponse]
TO_SEND = 3  # times as long to send a form as to open it


def confirmed_ago(request: HttpRequest) -> float:
    """Return the seconds since this session last gave a password, code or passkey."""
    records = get_authentication_records(request, request.user)
    return time.time() - max((record["at"] for record in records), default=0.0)


def confirmed(view: View) -> View:
    """Guard a view: who did not confirm lately who they are does so first, then opens it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        longest = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        if request.method not in ("GET", "HEAD"):
            longest *= TO_SEND
        if confirmed_ago(request) < longest:
            return view(request, *args, **kwargs)
        ways = get_adapter(request).get_reauthentication_methods(request.user)
        if not ways and settings.DEMO and not settings.PRODUCTION:
            return view(request, *args, **kwargs)  # one click signs in: nobody has a word to give
        if not ways:  # of a directory's people, who sign in there: the sign-in page would send
            logout(request)  # whoever is signed in straight back here
        to = ways[0]["url"] if ways else resolve_url(settings.LOGIN_URL)
        return redirect(f"{to}?{urlencode({'next': request.path})}")

    return guarded

"""What happened to sign-ins, in the log: who (a number), how, and from where (hashed); no name.

Reads and refusals of data are in the record of disclosures; these are not about anybody's data.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from django.conf import settings
from django.contrib.auth import signals as auth
from django.dispatch import Signal
from django.http import HttpRequest

log = logging.getLogger("triservice.sign_in")

EVENTS: tuple[tuple[Signal, str], ...] = (
    (auth.user_logged_in, "signed in"),
    (auth.user_logged_out, "signed out"),
    (auth.user_login_failed, "sign-in failed"),
    (account.authentication_step_completed, "step given"),
    (account.password_changed, "password changed"),
    (account.password_set, "password set"),
    (account.password_reset, "password reset"),
    (mfa.authenticator_added, "factor added"),
    (mfa.authenticator_removed, "factor removed"),
    (mfa.authenticator_reset, "factor renewed"),
)


def hashed(text: str) -> str:
    """Return a mark by which entries about the same thing are found together, not the thing."""
    key = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return hashlib.blake2b(text.encode(), key=key, digest_size=8).hexdigest()


def note(said: str, request: HttpRequest | None, officer: object = None, **more: Any) -> None:
    """Write one event. `more` are further members of the line; blank ones are left out."""
    fields = {
        "officer": officer,
        "request": getattr(request, "number", None),
        "sender": hashed(request.META.get("REMOTE_ADDR", "")) if request is not None else None,
    } | more
    log.info(said, extra={"fields": {name: value for name, value in fields.items() if value}})


def connect() -> None:
    """Hear every event of the table; called when the room is ready."""
    for signal, said in EVENTS:
        signal.connect(_hearer(said), weak=False, dispatch_uid=f"triservice.sign_in {said}")


def _hearer(said: str) -> Any:
    def hear(sender: object, request: HttpRequest | None = None, **about: Any) -> None:
        user = about.get("user")
        tried = (about.get("credentials") or {}).get("email", "")
        note(
            said,
            request,
            getattr(user, "pk", None),
            tried=hashed(str(tried).strip().lower()) if tried else None,
            ways=_ways(request, user) if said == "signed in" else about.get("method"),
            factor=str(getattr(about.get("authenticator"), "type", "") or ""),
        )

    return hear


def _ways(request: HttpRequest | None, user: object) -> list[str]:
    """Return how somebody signed in: password, mfa totp, socialaccount …"""
    if request is None or not hasattr(request, "session"):
        return []
    records = get_authentication_records(request, user)
    return [" ".join(filter(None, (r.get("method"), r.get("type")))) for r in records]

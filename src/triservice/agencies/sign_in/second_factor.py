"""The second factor: no page before this session has given one, and no factor kept in the clear.

A session is whole when it was opened with a second factor or a passkey, or when a factor was added
in it. Only then is its mark set; every other session, however it was opened, is led to set one up.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from triservice.agencies.models import Officer
from triservice.agencies.sign_in import events

MARK = "second_factor"  # session key: the access key of the officer who gave the factor
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# What a half signed-in officer needs to set up a factor, by the name of the view.
OPEN_VIEWS = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
    }
)


def mark(session: SessionBase, officer: Officer) -> None:
    """Mark a session as whole. For sign-in, the demo's one-click sign-in, and tests."""
    session[MARK] = officer.access_key


def is_whole(request: HttpRequest) -> bool:
    """Whether this signed-in session has given a second factor."""
    key = getattr(request.user, "access_key", "")
    return bool(key) and request.session.get(MARK) == key


def after_sign_in(sender: object, request: HttpRequest, user: Officer, **_: Any) -> None:
    """Mark the session when a factor or passkey was given on the way in."""
    records = get_authentication_records(request, user)
    if any(record.get("method") == "mfa" for record in records):
        mark(request.session, user)


def after_adding(
    sender: object, request: HttpRequest, user: Officer, authenticator: Authenticator, **_: Any
) -> None:
    """Mark the session in which the officer has set up a factor, unless they had one before.

    Whoever has a factor must give it to be signed in at all: adding another is no substitute.
    """
    others = Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS)
    if authenticator.type in FACTORS and not others.exclude(pk=authenticator.pk).exists():
        mark(request.session, user)


class SecondFactorMiddleware:
    """Lead a signed-in officer without a second factor to the page that sets one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; the check is made when its view is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Let whole sessions and the pages of setting up pass; end an unexplained session."""
        if not request.user.is_authenticated or is_whole(request):
            return None
        has_factor = Authenticator.objects.filter(user_id=request.user.pk, type__in=FACTORS)
        if has_factor.exists():
            get_adapter(request).logout(request)
            return redirect("account_login")
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN_VIEWS:
            return None
        return redirect(f"{reverse('mfa_index')}")


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of authenticators are encrypted; the last factor cannot be taken away."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret with a key made from the secret key of the installation."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a secret, also one of an earlier secret key (SECRET_KEY_FALLBACKS)."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def validation_error(self, code: str, *args: Any) -> Exception:
        """Return the error of a wrong code or key, and log that it was given."""
        events.note("factor refused", context.request, why=code)
        refused: Exception = super().validation_error(code, *args)
        return refused

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether another factor is left: an officer without one could be anybody."""
        if authenticator.type not in FACTORS:
            return True
        left = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        return bool(left.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: Officer, type: str) -> str:
        """Return a name for a new passkey, to be changed by its owner."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"


def _fernet() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key(key)) for key in keys])


def _key(secret: str) -> bytes:
    material = hashlib.sha256(b"triservice second factor\0" + secret.encode()).digest()
    return base64.urlsafe_b64encode(material)

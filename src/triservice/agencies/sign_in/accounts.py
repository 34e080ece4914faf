"""How allauth treats officers: nobody signs up, and a fresh sign-in counts as confirming."""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from triservice.agencies.models import Officer
from triservice.agencies.sign_in import events, mailing
from triservice.agencies.sign_in.confirming import confirmed_ago

AFTER_SIGN_OUT = "after sign out"  # in the session: the address that signing out leads to


def display(officer: Officer) -> str:
    """Return how an officer is called on pages and in e-mails."""
    return officer.name


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Officers are engaged by their agency and never sign themselves up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: there is no self sign-up."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse an address that is locked after wrong passwords, and log that it was tried."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            email = str(credentials.get("email", "")).strip().lower()
            events.note("sign-in locked", request, tried=events.hashed(email))
            raise

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Lead to where the session says that signing out ends, else to the first page."""
        after = request.session.get(AFTER_SIGN_OUT)
        return str(after or super().get_logout_redirect_url(request))

    def reauthenticate(self, user: Officer, password: str) -> bool:
        """Check the password of a signed-in officer, within the same limits as a sign-in."""
        found = self.authenticate(allauth_context.request, email=user.email, password=password)
        return bool(found is not None and found.pk == user.pk)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again unless this session gave a password or a factor in the last minutes."""
        return bool(confirmed_ago(allauth_context.request) >= app_settings.REAUTHENTICATION_TIMEOUT)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message beside the request, as the library words it."""
        request = allauth_context.request
        said = {"request": request, "email": email, "current_site": get_current_site(request)}
        mailing.post(self.render_mail(template_prefix, email, said | context))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Officer,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the officer, at the address they sign in with, of a change to their sign-in."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

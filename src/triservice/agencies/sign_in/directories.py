"""Sign-in through an agency's own OpenID Connect directory.

The directory says who someone is; it never makes an officer. An officer must exist already, be
active, and work for the agency whose directory speaks. A second factor is asked for after it, as
after a password.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from triservice.agencies.models import Officer, SignInDirectory
from triservice.agencies.rules import domain_allowed
from triservice.agencies.sign_in import events

NOT_SIGNED_IN = "Your agency's directory did not sign you in"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a directory said of a person, and what is known of them here."""

    email: str
    verified: bool  # the directory's own word for it
    subject_agrees: bool  # the signed token and the user information name the same subject
    domains: tuple[str, ...]  # for which the directory may speak
    known: bool  # an officer has this address
    active: bool = False
    same_employer: bool = False
    bound_to_other: bool = False  # the officer first came with another account of the directory


def refusal(claim: Claim) -> str | None:
    """Return why a directory's claim does not sign anyone in, or None when it does. Pure."""
    against = (
        (not claim.subject_agrees, "Your agency's directory gave two different answers"),
        (not claim.email, "Your agency's directory did not give your e-mail address"),
        (not claim.verified, "Your agency's directory has not verified your e-mail address"),
        (
            not domain_allowed(claim.email, claim.domains),
            "Your agency's directory may not speak for this e-mail address",
        ),
        (not claim.known, "Nobody is registered here with this e-mail address"),
        (not claim.active, "This account is closed"),
        (not claim.same_employer, "You are registered here with another employer"),
        (claim.bound_to_other, "You first signed in with another account of this directory"),
    )
    return next((sentence for stands, sentence in against if stands), None)


def secret_of(slug: str) -> str | None:
    """Return the client's secret from the environment: TRISERVICE_OIDC_<SLUG>_SECRET, or None."""
    return os.environ.get(f"TRISERVICE_OIDC_{slug.upper().replace('-', '_')}_SECRET") or None


def offered() -> list[SignInDirectory]:
    """Return the directories that the sign-in page offers: active, and their secret is known."""
    rows = SignInDirectory.objects.filter(is_active=True).select_related("agency")
    return [row for row in rows if secret_of(row.slug)]


class DirectoryAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Directories come from our own table; a claim signs in an officer who exists, or nobody."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the offered directories as allauth takes them; its own table is not read."""
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=row.slug,
                name=row.agency.name,
                client_id=row.client,
                secret=secret_of(row.slug),
                settings={"server_url": row.server},
            )
            for row in offered()
            if provider in (None, "openid_connect", row.slug) and client_id in (None, row.client)
        ]

    def get_requests_session(self) -> Any:
        """Return what asks directories: a directory that sends elsewhere is not followed."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Return False: a directory never makes an officer."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the officer whom the directory means and bind the account, or refuse with a page."""
        row = SignInDirectory.objects.filter(
            slug=sociallogin.account.provider, is_active=True
        ).first()
        if row is None or sociallogin.state.get("process", "login") != "login":
            raise ImmediateHttpResponse(refused(request, "This way of signing in is closed"))
        claim, officer = _claim(row, sociallogin)
        if sentence := refusal(claim):
            raise ImmediateHttpResponse(refused(request, sentence))
        if not sociallogin.is_existing:
            sociallogin.connect(request, officer)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **about: Any) -> None:
        """Show a sentence instead of the library's page; details are not the reader's business."""
        raise ImmediateHttpResponse(refused(request, NOT_SIGNED_IN))


def refused(request: HttpRequest, sentence: str) -> HttpResponse:
    """Return the page that says why a directory did not sign someone in."""
    events.note("directory refused", request, why=sentence)
    return render(request, "account/directory_refused.html", {"sentence": sentence}, status=403)


def _claim(row: SignInDirectory, login: SocialLogin) -> tuple[Claim, Officer | None]:
    said = login.account.extra_data
    token, info = said.get("id_token") or {}, said.get("userinfo") or {}
    email = str(info.get("email") or token.get("email") or "").strip().lower()
    verified = info.get("email_verified", token.get("email_verified", False)) is True
    bound = login.user if login.is_existing else None
    officer = bound or Officer.objects.filter(email=email).first()
    if officer is not None and officer.email != email:
        officer = None  # the account is bound to an officer whose address is another now
    others = SocialAccount.objects.filter(user=officer, provider=row.slug) if officer else None
    return (
        Claim(
            email=email,
            verified=verified,
            subject_agrees=bool(token) and token.get("sub") == info.get("sub"),
            domains=tuple(row.domains),
            known=officer is not None,
            active=officer is not None and officer.is_active,
            same_employer=officer is not None and officer.employer_id == row.agency_id,
            bound_to_other=others is not None and others.exclude(uid=login.account.uid).exists(),
        ),
        officer,
    )

"""The addresses of signing in. Only the pages that are used exist; each is a view of allauth.

`PAGES` is the one table; `access.pages` and the permission matrix read from it who may open what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from triservice.agencies.sign_in import views


@dataclass(frozen=True, slots=True)
class Page:
    """One address: its route (^ begins a pattern), view, name, and if one must be signed in."""

    route: str
    view: Any
    name: str
    signed_in: bool


PAGES: tuple[Page, ...] = (
    Page("sign-in/", views.sign_in, "account_login", False),
    Page("sign-out/", account.logout, "account_logout", False),
    Page("closed/", account.account_inactive, "account_inactive", False),
    Page("new/", account.signup, "account_signup", False),  # says that there is no signing up
    Page("confirm/", account.reauthenticate, "account_reauthenticate", True),
    Page("sessions/", views.where, "account_sessions", True),
    Page("password/", account.password_change, "account_change_password", True),
    Page("password/set/", account.password_set, "account_set_password", True),
    Page("password/reset/", account.password_reset, "account_reset_password", False),
    Page("password/reset/sent/", account.password_reset_done, "account_reset_password_done", False),
    Page(
        "password/reset/done/",
        account.password_reset_from_key_done,
        "account_reset_password_from_key_done",
        False,
    ),
    Page(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        "account_reset_password_from_key",
        False,
    ),
    Page("factor/", mfa.index, "mfa_index", True),
    Page("factor/give/", mfa.authenticate, "mfa_authenticate", False),
    Page("factor/confirm/", mfa.reauthenticate, "mfa_reauthenticate", True),
    Page("factor/app/", totp.activate_totp, "mfa_activate_totp", True),
    Page("factor/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp", True),
    Page("factor/codes/", recovery.view_recovery_codes, "mfa_view_recovery_codes", True),
    Page(
        "factor/codes/new/", recovery.generate_recovery_codes, "mfa_generate_recovery_codes", True
    ),
    Page("factor/passkeys/", passkeys.list_webauthn, "mfa_list_webauthn", True),
    Page("factor/passkeys/add/", passkeys.add_webauthn, "mfa_add_webauthn", True),
    Page("factor/passkeys/sign-in/", passkeys.login_webauthn, "mfa_login_webauthn", False),
    Page(
        "factor/passkeys/confirm/",
        passkeys.reauthenticate_webauthn,
        "mfa_reauthenticate_webauthn",
        True,
    ),
    Page("factor/passkeys/<int:pk>/", passkeys.edit_webauthn, "mfa_edit_webauthn", True),
    Page("factor/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, "mfa_remove_webauthn", True),
    Page("directory/<slug:provider_id>/", views.directory, "openid_connect_login", False),
    Page(
        "directory/<slug:provider_id>/back/",
        views.back_from_directory,
        "openid_connect_callback",
        False,
    ),
)

urlpatterns = [
    (re_path if page.route.startswith("^") else path)(page.route, page.view, name=page.name)
    for page in PAGES
]

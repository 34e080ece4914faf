"""The forms of signing in, with labels as GOV.UK pages have them and nothing inside the boxes."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm


class Plain:
    """Take placeholders out of the boxes and set the labels and hints of `LABELS`, `HINTS`."""

    LABELS: ClassVar[dict[str, str]] = {}
    HINTS: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make the form, then dress its fields."""
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = getattr(self, "fields", {})
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs.pop("autofocus", None)
            field.label = self.LABELS.get(name, field.label)
            field.help_text = self.HINTS.get(name, "")


class SignInForm(Plain, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password."""

    LABELS: ClassVar = {"login": "E-mail address", "password": "Password"}


class ConfirmPasswordForm(Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """The password again, before a sensitive action."""

    LABELS: ClassVar = {"password": "Password"}


class ForgottenForm(Plain, account.ResetPasswordForm):  # type: ignore[misc]
    """The address to send a link to."""

    LABELS: ClassVar = {"email": "E-mail address"}


class NewPasswordForm(Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, after the link."""

    LABELS: ClassVar = {"password1": "New password", "password2": "New password again"}
    HINTS: ClassVar = {"password1": "At least 12 characters. Three random words are good."}


class SetPasswordForm(Plain, account.SetPasswordForm):  # type: ignore[misc]
    """A first password, for an officer who signs in through a directory."""

    LABELS: ClassVar = NewPasswordForm.LABELS
    HINTS: ClassVar = NewPasswordForm.HINTS


class ChangePasswordForm(Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """The old password and a new one."""

    LABELS: ClassVar = {"oldpassword": "Password now", **NewPasswordForm.LABELS}
    HINTS: ClassVar = NewPasswordForm.HINTS


class SecondFactorForm(Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code of the authenticator app, or a recovery code."""

    LABELS: ClassVar = {"code": "Code"}
    HINTS: ClassVar = {"code": "6 digits from your authenticator app, or a recovery code"}


class ConfirmCodeForm(Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A code again, before a sensitive action."""

    LABELS: ClassVar = SecondFactorForm.LABELS
    HINTS: ClassVar = SecondFactorForm.HINTS


class AppForm(Plain, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    LABELS: ClassVar = {"code": "Code that the app shows"}


class PasskeyForm(Plain, AddWebAuthnForm):  # type: ignore[misc]
    """The name of a new passkey or security key."""

    LABELS: ClassVar = {
        "name": "What you call it",
        "passwordless": "Sign in with it alone, without a password",
    }
    HINTS: ClassVar = {"passwordless": "It will then ask for your finger, face or PIN"}

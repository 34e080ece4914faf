"""The agencies room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    """The agencies room."""

    name = "triservice.agencies"
    label = "agencies"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear when somebody signs in or sets up a second factor, and log it."""
        from allauth.account.signals import user_logged_in
        from allauth.mfa.signals import authenticator_added, authenticator_removed

        from triservice.agencies.sign_in import events, second_factor, sessions

        user_logged_in.connect(second_factor.after_sign_in, dispatch_uid="second_factor")
        authenticator_added.connect(second_factor.after_adding, dispatch_uid="second_factor")
        for changed in (authenticator_added, authenticator_removed):
            changed.connect(sessions.offer_to_end, dispatch_uid="sessions")
        events.connect()

"""The web room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web room."""

    name = "triservice.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what listens: the start of a session, and the checks of the settings."""
        from django.contrib.auth.signals import user_logged_in

        from triservice.agencies.sign_in.sessions import begin
        from triservice.web import checks  # noqa: F401  (registers itself)

        user_logged_in.connect(begin, dispatch_uid="triservice.web.session")

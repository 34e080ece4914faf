"""The offline room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class OfflineConfig(AppConfig):
    """The offline room."""

    name = "triservice.offline"
    label = "offline"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of officers who leave and of sessions that are signed out."""
        from triservice.offline.actions import phones  # noqa: F401  (connects its receivers)

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
        from triservice.access.openings.queries import fields_used
        from triservice.offline.actions import phones  # noqa: F401  (connects its receivers)

        # What waits from a phone is nobody's question: what it changes is asked for where it lies.
        fields_used("offline.operation")(lambda data_class: ())

"""The subjects room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class SubjectsConfig(AppConfig):
    """The subjects room."""

    name = "triservice.subjects"
    label = "subjects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the access room what an opening holds and who somebody is; what the clock does."""
        from triservice.subjects import jobs  # noqa: F401
        from triservice.subjects.queries import about, openings  # noqa: F401

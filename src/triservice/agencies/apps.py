"""The agencies room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    """The agencies room."""

    name = "triservice.agencies"
    label = "agencies"
    default_auto_field = "django.db.models.BigAutoField"

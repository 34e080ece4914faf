"""The access room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The access room."""

    name = "triservice.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

"""The web room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web room."""

    name = "triservice.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

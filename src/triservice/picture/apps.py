"""The picture room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PictureConfig(AppConfig):
    """The picture room."""

    name = "triservice.picture"
    label = "picture"
    default_auto_field = "django.db.models.BigAutoField"

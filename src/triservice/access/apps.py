"""The access room as a Django application."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AccessConfig(AppConfig):
    """The access room."""

    name = "triservice.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the triggers whenever the tables were migrated; hear of officers who leave."""
        from triservice.access.openings import actions as openings  # noqa: F401  (each connects
        from triservice.access.tokens import actions as tokens  # noqa: F401       its receiver)

        pre_migrate.connect(_drop_triggers, sender=self)
        post_migrate.connect(_make_triggers, sender=self)


def _drop_triggers(using: str, **_: Any) -> None:
    from triservice.access import triggers

    if using == "default":
        triggers.stand_aside()


def _make_triggers(using: str, **_: Any) -> None:
    from triservice.access import triggers

    if using == "default":
        triggers.renew()

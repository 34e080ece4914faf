"""The casework room as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """The casework room."""

    name = "triservice.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell who works on whose case, what the clock does here, and what phones do."""
        from triservice.casework import openings
        from triservice.casework.cases import queries  # noqa: F401
        from triservice.casework.files import jobs as sweeping  # noqa: F401
        from triservice.casework.keeping import jobs as keeping  # noqa: F401
        from triservice.casework.onward import jobs as sending  # noqa: F401
        from triservice.casework.outcomes import jobs as outcomes  # noqa: F401
        from triservice.casework.phones import actions  # noqa: F401
        from triservice.casework.phones import queries as packs  # noqa: F401
        from triservice.casework.plans import jobs as plans  # noqa: F401
        from triservice.casework.triage import jobs  # noqa: F401
        from triservice.casework.visits import jobs as fitted  # noqa: F401

        openings.register()

"""An operation of migrations that makes the tables of a room together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Make several models in turn, as if each were an operation of its own.

    Django renders anew every model that is related to one just made. Here nearly all are, through
    agencies: a hundred tables cost a minute of rendering. Made together they are rendered once.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, models: Sequence[CreateModel]) -> None:
        """Take the models in the order of making them."""
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add each; what was rendered of the state is forgotten, and rendered when asked for."""
        state.__dict__.pop("apps", None)  # as ProjectState.clear_delayed_apps_cache does
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Make the tables in their order: what one points to was made before."""
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Drop the tables, the last first."""
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say it for `migrate --plan`."""
        return f"Create {len(self.models)} models"

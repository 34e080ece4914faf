"""What may be asked for by name of casework: told to the access room below."""

from __future__ import annotations

from functools import partial

from triservice.access.models import Protected
from triservice.access.openings.queries import fields_used
from triservice.casework import models

# What is written and what was answered may be asked for by itself. All else of a case is opened
# with it, or not: a column such as its next step is nobody's question.
NAMED = {"casework.note": ("text",), "casework.answerpart": ("answers",)}


def register() -> None:
    """Tell the access room; called when the room is ready."""
    for model in vars(models).values():
        if isinstance(model, type) and issubclass(model, Protected):
            label = model._meta.label_lower
            fields_used(label)(partial(_named, label))


def _named(label: str, data_class: str) -> tuple[str, ...]:
    return NAMED.get(label, ())

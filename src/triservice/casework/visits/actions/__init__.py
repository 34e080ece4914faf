"""The only writers of visits."""

from __future__ import annotations

from triservice.casework.visits.actions.alone import go_in, safe, stay_longer
from triservice.casework.visits.actions.doing import (
    Done,
    Fitted,
    cancel,
    danger,
    move,
    no_access,
    plan,
    record_visit,
)
from triservice.casework.visits.actions.drafts import keep_draft
from triservice.casework.visits.actions.joint import choose_joint

__all__ = [
    "Done", "Fitted", "cancel", "choose_joint", "danger", "go_in", "keep_draft", "move",
    "no_access", "plan", "record_visit", "safe", "stay_longer",
]  # fmt: skip

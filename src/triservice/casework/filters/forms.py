"""Under which name a filter is kept, and for whom."""

from __future__ import annotations

from typing import Any

from django import forms


class SaveForm(forms.Form):
    """A name, and whether the team has it too."""

    name = forms.CharField(
        label="Name of the filter",
        max_length=60,
        help_text="For example, Very high risk, late. Name no person",
    )
    share = forms.BooleanField(required=False)

    def __init__(self, team: str, data: Any = None) -> None:
        """Offer to share it with the team, where there is one."""
        super().__init__(data)
        self.fields["share"].label = f"Share it with {team}"
        if not team:
            del self.fields["share"]

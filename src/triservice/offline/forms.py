"""Forms of the pages about phones. They check shape only; the actions decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from triservice.offline.queries.waiting import Side
from triservice.offline.words import named, said

PHONE, HERE = "phone", "here"


class ChoiceForm(forms.Form):
    """For each field that both changed: whose value holds."""

    def __init__(self, sides: Iterable[Side], data: Any = None) -> None:
        """Ask for each field."""
        super().__init__(data)
        self.names = [side.name for side in sides]
        for number, side in enumerate(sides):
            self.fields[f"side_{number}"] = forms.ChoiceField(
                label=named(side.name),
                help_text=f"Before: {said(side.before)}",
                choices=[
                    (PHONE, f"{said(side.phone)} (from the phone)"),
                    (HERE, f"{said(side.here)} (as it is here)"),
                ],
                widget=forms.RadioSelect,
            )

    def phone_wins(self) -> dict[str, bool]:
        """Return, by field, whether the phone's value holds."""
        return {
            name: self.cleaned_data[f"side_{number}"] == PHONE
            for number, name in enumerate(self.names)
        }


class WhyForm(forms.Form):
    """Why something need not be done."""

    why = forms.CharField(
        label="Why it need not be done", widget=forms.Textarea(attrs={"rows": 3}), max_length=500
    )

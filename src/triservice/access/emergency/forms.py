"""Forms of emergency access."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.access.agreements.forms import long_text
from triservice.access.emergency import rules
from triservice.access.models import GlassBreak


class GlassForm(forms.Form):
    """What the emergency is, and for how long."""

    reason = forms.ChoiceField(
        label="What is the emergency?", choices=GlassBreak.Reason, widget=forms.RadioSelect
    )
    text = long_text(
        "What is happening?", required=True, hint="What you know, and what you need to find out"
    )
    minutes = forms.TypedChoiceField(
        label="For how long?",
        coerce=int,
        choices=[(each, f"{each} minutes") for each in rules.MINUTES],
        initial=rules.MINUTES[0],
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        """Say what is missing beside its box."""
        said = super().clean() or {}
        if {"reason", "text", "minutes"} <= said.keys():
            found = rules.faults(
                said["reason"], GlassBreak.Reason.values, said["text"], said["minutes"]
            )
            for name, sentence in found.items():
                self.add_error(name, sentence)
        return said


class FindingForm(forms.Form):
    """What the owner found."""

    finding = forms.ChoiceField(
        label="Was it justified?", choices=GlassBreak.Finding, widget=forms.RadioSelect
    )
    text = long_text("What did the review find?", required=True, hint="The officer is shown this")

"""Forms of referrals besides those of the schemes."""

from __future__ import annotations

from typing import Any

from django import forms


class SayForm(forms.Form):
    """Something to say, under a label of its own."""

    why = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=2_000)

    def __init__(self, label: str, data: Any = None, hint: str = "") -> None:
        """Ask by the label."""
        super().__init__(data)
        self.fields["why"].label, self.fields["why"].help_text = label, hint

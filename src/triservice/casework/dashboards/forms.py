"""What a dashboard is asked for."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.casework.dashboards.rules import MONTHS, By
from triservice.kernel.words import choices, many


class AskForm(forms.Form):
    """What the lines are, and how far back."""

    by = forms.ChoiceField(label="By", choices=choices(By), required=False)
    months = forms.TypedChoiceField(
        label="Of the last", choices=[(n, many(n, "month")) for n in MONTHS], coerce=int,
        required=False,
    )  # fmt: skip

    def asked(self) -> dict[str, Any]:
        """Return what is asked for; by scheme and of 12 months where nothing is said."""
        said = self.cleaned_data if self.is_valid() else {}
        return {"by": By(said.get("by") or By.SCHEME), "months": said.get("months") or 12}

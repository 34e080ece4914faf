"""What a dashboard is asked for."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.casework.dashboards.rules import MONTHS, YEAR, By
from triservice.kernel.words import choices, many


class AskForm(forms.Form):
    """What the lines are, and how far back."""

    by = forms.ChoiceField(label="By", choices=choices(By))
    months = forms.TypedChoiceField(
        label="Of the last", choices=[(n, many(n, "month")) for n in MONTHS], coerce=int
    )

    def asked(self) -> dict[str, Any]:
        """Return what is asked for; by scheme and of 12 months where nothing is said."""
        self.is_valid()  # what is wrong or missing is not among the cleaned data
        said = self.cleaned_data
        return {"by": By(said.get("by") or By.SCHEME), "months": said.get("months") or YEAR}

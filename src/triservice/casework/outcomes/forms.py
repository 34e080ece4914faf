"""What the page of outcomes is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from triservice.casework.dashboards.rules import By
from triservice.casework.outcomes.rules import year_name, year_of
from triservice.kernel.words import choices

LINES = (By.SCHEME, By.AGENCY, By.AREA)
YEARS = 4


class AskForm(forms.Form):
    """What the lines are, and of which financial year."""

    by = forms.ChoiceField(label="By", choices=[c for c in choices(By) if c[0] in LINES])
    year = forms.TypedChoiceField(label="Referrals received from", coerce=int)

    def __init__(self, data: Any, now: datetime) -> None:
        """Offer this year (`now`, in the time of the place) and those before it."""
        super().__init__(data)
        self.this = year_of(now)
        field = self.fields["year"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            (year, year_name(year)) for year in range(self.this, self.this - YEARS, -1)
        ]

    def asked(self) -> dict[str, Any]:
        """Return what is asked for; by scheme and of this year where nothing is said."""
        self.is_valid()  # what is wrong or missing is not among the cleaned data
        said = self.cleaned_data
        return {"by": By(said.get("by") or By.SCHEME), "year": said.get("year") or self.this}

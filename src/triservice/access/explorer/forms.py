"""The filter of the record."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.access.agreements.forms import day_field
from triservice.access.explorer.queries import Filter, agency_choices
from triservice.access.models import Kind
from triservice.kernel.access_words import Outcome, Purpose
from triservice.kernel.words import choices

VIEWS = {
    "all": "Our officers, and our records",
    "officers": "What our officers did",
    "ours": "Who read our records",
    "mine": "What I did",
}


class FilterForm(forms.Form):
    """What to look for."""

    narrows = True

    view = forms.ChoiceField(label="Show", required=False)
    officer = forms.CharField(label="Name of the officer", required=False, max_length=100)
    agency = forms.TypedChoiceField(
        label="Agency of the officer", required=False, coerce=int, empty_value=None
    )
    purpose = forms.ChoiceField(
        label="Purpose", required=False, choices=[("", "Any"), *choices(Purpose)]
    )
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Any"), *Kind.choices])
    outcome = forms.ChoiceField(
        label="Outcome", required=False, choices=[("", "Any"), *choices(Outcome)]
    )
    since = day_field("From")
    until = day_field("To")

    def __init__(self, data: Any, views: tuple[str, ...]) -> None:
        """Offer the views that are open to the reader."""
        super().__init__(data)
        self.views = views
        self.fields["view"].choices = [(v, VIEWS[v]) for v in views]  # type: ignore[attr-defined]
        agencies = [("", "Any"), *((str(pk), name) for pk, name in agency_choices())]
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]

    def asked(self) -> Filter:
        """Return the filter; of what is not valid, nothing."""
        said = self.cleaned_data if self.is_valid() else {}
        return Filter(**(said | {"view": said.get("view") or self.views[0]}))

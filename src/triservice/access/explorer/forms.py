"""The filter of the record."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.access.agreements.forms import day_field
from triservice.access.explorer.indexing import valid_keys
from triservice.access.explorer.queries import Filter, agency_choices
from triservice.access.models import Kind
from triservice.access.openings.queries import protected_models
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
    row = forms.CharField(
        label="Record of your agency",
        required=False,
        max_length=165,
        help_text="As an export names it, such as subjects.recordpart 123",
    )
    about = forms.UUIDField(required=False, widget=forms.HiddenInput)  # from a person's page

    def __init__(self, data: Any, views: tuple[str, ...]) -> None:
        """Offer the views that are open to the reader."""
        super().__init__(data)
        self.views = views
        if len(views) == 1:  # who sees only what they did themselves
            del self.fields["row"], self.fields["about"]
        self.fields["view"].choices = [(v, VIEWS[v]) for v in views]  # type: ignore[attr-defined]
        agencies = [("", "Any"), *((str(pk), name) for pk, name in agency_choices())]
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]

    def clean_row(self) -> str:
        """Return the label and the key of a row, or nothing."""
        said = str(self.cleaned_data["row"]).split()
        model = protected_models().get(said[0]) if len(said) == 2 else None
        if said and not (model and list(valid_keys(model, said[1:]))):
            raise forms.ValidationError(
                "Write the record as an export names it, such as subjects.recordpart 123"
            )
        return " ".join(said)

    def asked(self) -> Filter:
        """Return the filter; of what is not valid, nothing."""
        said = self.cleaned_data if self.is_valid() else {}
        return Filter(**(said | {"view": said.get("view") or self.views[0]}))

"""Forms of the access room."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.agencies import queries
from triservice.agencies.models import Officer
from triservice.kernel.access_words import Purpose
from triservice.kernel.words import choices


class PurposeForm(forms.Form):
    """Why the officer is reading, for this task."""

    purpose = forms.ChoiceField(
        choices=choices(Purpose),
        error_messages={
            "required": "Choose why you are reading",
            "invalid_choice": "Choose one of the purposes in the list",
        },
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class OfficerField(forms.EmailField):
    """An officer by e-mail address: exact, and quick with hundreds of them."""

    def clean(self, value: Any) -> Officer | None:
        """Return the officer, or None. Raises ValidationError when nobody has the address."""
        email = super().clean(value)
        officer = queries.officer_by_email(email) if email else None
        if email and officer is None:
            raise forms.ValidationError("Nobody is registered with this e-mail address")
        return officer

"""Forms of the access room."""

from __future__ import annotations

from django import forms

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

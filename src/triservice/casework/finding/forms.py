"""The form that finds cases."""

from __future__ import annotations

from django import forms


class SearchForm(forms.Form):
    """One box."""

    text = forms.CharField(
        label="Reference, name, address, postcode, telephone or number",
        max_length=200,
        help_text="For example, C-7K2M-9QXP",
        error_messages={"required": "Enter something to look for"},
    )

"""Which notices come by e-mail."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from triservice.access.models import Notice


class MailForm(forms.Form):
    """The kinds of notices that may be left to the page of notices."""

    ALWAYS: ClassVar[list[str]] = sorted(kind.label for kind in Notice.ALWAYS)

    kinds = forms.MultipleChoiceField(
        label="Send me an e-mail about",
        choices=[(kind.value, kind.label) for kind in Notice.Kind if kind not in Notice.ALWAYS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

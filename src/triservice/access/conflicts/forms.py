"""Forms of conflicts of interest."""

from __future__ import annotations

from django import forms

from triservice.access.agreements.forms import long_text
from triservice.access.forms import OfficerField


class DeclareForm(forms.Form):
    """A tie of one's own."""

    why = long_text(
        "What is the tie?",
        required=True,
        hint="Such as a relative, a neighbour, a former partner. You need not say more.",
    )


class DeclareForOthersForm(DeclareForm):
    """A tie, of one's own or of somebody one answers for."""

    officer = OfficerField(
        label="Whose? Their e-mail address at work",
        required=False,
        help_text="Leave empty when the tie is your own",
    )
    field_order = ("officer", "why")

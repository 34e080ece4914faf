"""Forms of need-to-know lists. The rules say what a reason lacks."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from triservice.access.agreements.forms import day_field, long_text
from triservice.access.forms import OfficerField


class ListForm(forms.Form):
    """A new list."""

    name = forms.CharField(
        label="Name of the list",
        max_length=200,
        help_text="Only those who keep lists see it. Do not name a person in it.",
    )
    why = long_text("Why is it needed?", required=True)


class MemberForm(forms.Form):
    """Somebody on a list."""

    officer = OfficerField(label="Their e-mail address at work")
    why = long_text("Why do they need to know?", required=True)
    until = day_field("Last day on the list", hint="Leave empty while it is not known")


class ChooseForm(forms.Form):
    """Which list."""

    listed = forms.TypedChoiceField(
        label="Which list?", coerce=int, widget=forms.RadioSelect,
        error_messages={"required": "Choose a list"},
    )  # fmt: skip

    def __init__(self, lists: Iterable[tuple[str, str]], data: object = None) -> None:
        """Offer these lists."""
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["listed"].choices = list(lists)  # type: ignore[attr-defined]

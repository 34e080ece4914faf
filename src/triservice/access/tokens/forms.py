"""Forms of the token pages. They check shape only; the actions decide."""

from __future__ import annotations

from django import forms

from triservice.access.tokens.rules import HINTS, ROLES
from triservice.agencies import queries
from triservice.kernel.access_words import Purpose
from triservice.kernel.words import choices

DAYS = [("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "A year")]


def _ticks(label: str, options: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=options, widget=forms.CheckboxSelectMultiple
    )


class LastsForm(forms.Form):
    """How long a token lasts."""

    days = forms.TypedChoiceField(
        label="Expires after", choices=DAYS, coerce=int, initial="90", widget=forms.RadioSelect
    )


class TokenForm(LastsForm):
    """A system, what it acts as and what it may do."""

    agency = forms.TypedChoiceField(
        label="Agency", choices=lambda: queries.agency_choices(), coerce=int
    )
    system = forms.CharField(
        label="Name of the system", max_length=80, help_text="Such as: control room, case system"
    )
    roles = _ticks("It reads as", [(str(role), str(role).capitalize()) for role in ROLES])
    scopes = _ticks("It may", [(str(scope), hint) for scope, hint in HINTS.items()])
    purposes = _ticks("It reads for", choices(Purpose))
    field_order = ("agency", "system", "roles", "scopes", "purposes", "days")

"""Choosing areas by name in a form: what is kept is their codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django import forms

from triservice.agencies.queries import area_choices, area_codes


def areas_field(label: str, hint: str) -> forms.MultipleChoiceField:
    """Return boxes to tick, in a list that scrolls; `offer_areas` fills it."""
    return forms.MultipleChoiceField(
        label=label, required=False, help_text=hint,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small app-many"}),
    )  # fmt: skip


def more_areas_field() -> forms.CharField:
    """Return a box for the areas that are too many to tick."""
    return forms.CharField(
        label="Areas that are not in the list", required=False,
        help_text="One on each line: its name, or its code",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def offer_areas(form: forms.Form, chosen: Iterable[str]) -> None:
    """Fill the field `areas`, those chosen first; drop `more_areas` where all are in the list.

    Several that are called the same have their codes beside. A code that was chosen and that no
    area has stays to be ticked, as what it is.
    """
    kept = list(chosen)
    areas, all_of_them = area_choices(kept)
    times = Counter(name for _, name in areas)
    areas = [(code, f"{name} ({code})" if times[name] > 1 else name) for code, name in areas]
    known = {code for code, _ in areas}
    lost = [(code, f"{code}, which no area is called here") for code in kept if code not in known]
    form.fields["areas"].choices = [*lost, *areas]  # type: ignore[attr-defined]
    if not (lost or areas):
        form.fields["areas"].help_text = "No areas are known here yet: an administrator adds them"
    if all_of_them:
        del form.fields["more_areas"]


def codes_meant(text: str) -> tuple[str, ...]:
    """Return the codes of the areas that are named; each line means one. Raises ValidationError."""
    found = area_codes(filter(None, map(str.strip, text.splitlines())))
    for line, codes in found.items():
        if len(codes) != 1:
            said = "Several areas are called" if codes else "No area is called"
            raise forms.ValidationError(f"{said} {line}: give its code")
    return tuple(code for codes in found.values() for code in codes)

"""Forms of the directory. They check shape; the actions and rules decide."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.access.agreements.forms import day_field, long_text
from triservice.access.areas import areas_field, codes_meant, more_areas_field, offer_areas
from triservice.agencies.queries import agency_choices
from triservice.casework.cases.forms import choice
from triservice.casework.directory.actions import Said
from triservice.casework.directory.queries import ServiceRow, today
from triservice.casework.directory.rules import may_change
from triservice.casework.triage.forms import Choice
from triservice.casework.words import SYSTEMS, Takes
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.words import choices
from triservice.schemes.reading.lists import DOMAINS

OLDEST = 120
TAKES = [
    ("here", Choice("Here", "Its officers join the case; only for an agency of the partnership.")),
    ("letter", "By a letter that is printed"),
    ("telephone", "By telephone"),
    ("FHIR", Choice("To its system, as FHIR R4", "A ServiceRequest is sent to its address.")),
    ("API", Choice("To its system, as plain JSON", "It is sent to its address.")),
]
TOLD = [pair for pair in choices(DataClass) if pair[0] not in {"operational", "workforce"}]
USUAL = ("identity", "contact", "location")


def _several(label: str, pairs: list[tuple[str, str]], hint: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=pairs, widget=forms.CheckboxSelectMultiple, help_text=hint
    )


class ServiceForm(forms.Form):
    """A service of the directory."""

    name = forms.CharField(label="Name of the service", max_length=120)
    agency = forms.ChoiceField(label="Agency of the partnership", required=False)
    organisation = forms.CharField(
        label="Or the organisation outside it", max_length=120, required=False
    )
    domains = _several("Which needs does it take?", [(d, d.capitalize()) for d in DOMAINS])
    eligible = long_text(
        "Who may be referred, in plain words?", hint="For example: has fallen in the last year"
    )
    age_from = forms.IntegerField(
        label="Youngest age", min_value=0, max_value=OLDEST, required=False
    )
    age_to = forms.IntegerField(label="Oldest age", min_value=0, max_value=OLDEST, required=False)
    areas = areas_field(
        "Which areas does it cover?", "Each covers all that lies in it. Tick none for everywhere"
    )
    more_areas = more_areas_field()
    takes = choice("How does it take referrals?", TAKES)
    shares = _several(
        "What may it be told?", TOLD,
        "No more of a case than this, and never what the agreements close to it",
    )  # fmt: skip
    address = forms.URLField(
        label="Address of its system", max_length=300, required=False, assume_scheme="https",
        help_text="Begins with https://. Its host must be on the list of whoever keeps the server",
    )  # fmt: skip
    post_to = long_text("Postal address", hint="For letters, line by line")
    phone = forms.CharField(label="Telephone", max_length=30, required=False)
    email = forms.EmailField(label="E-mail address", required=False)
    since = day_field("Since which day?", hint="Leave it empty for today")

    def __init__(self, reader: Reader, row: ServiceRow | None, data: Any = None) -> None:
        """Offer the agencies whose services the reader enters; begin with what is said of `row`."""
        initial = _initial(row) if row else {"shares": USUAL}
        super().__init__(data, initial=initial)
        theirs = [
            pair for pair in agency_choices()
            if may_change(reader.roles, reader.agency, int(pair[0]))
        ]  # fmt: skip
        self.fields["agency"].choices = [("", "None"), *theirs]  # type: ignore[attr-defined]
        offer_areas(self, initial.get("areas", ()))
        self.fields["since"].required = False

    def clean_more_areas(self) -> tuple[str, ...]:
        """Return the codes of the areas that are named; each line means one."""
        return codes_meant(self.cleaned_data["more_areas"])

    def clean(self) -> dict[str, Any]:
        """Hold the ages in order; a service that takes referrals here is of an agency."""
        said: dict[str, Any] = super().clean() or {}
        least, most = said.get("age_from"), said.get("age_to")
        if least is not None and most is not None and most < least:
            self.add_error("age_to", "The oldest age is not below the youngest")
        if said.get("takes") == Takes.HERE and not said.get("agency"):
            self.add_error("agency", "Who takes referrals here is an agency of the partnership")
        if said.get("takes") in SYSTEMS and not str(said.get("address", "")).startswith("https://"):
            self.add_error("address", "Enter the address of its system; it begins with https://")
        return said

    def said(self) -> Said:
        """Return what was said of the service."""
        given = self.cleaned_data
        return Said(
            given["name"], int(given["agency"]) if given["agency"] else None,
            given["organisation"], tuple(given["domains"]), given["takes"],
            given["since"] or today(), given["eligible"], given["age_from"], given["age_to"],
            tuple(dict.fromkeys((*given["areas"], *given.get("more_areas", ())))),
            tuple(given["shares"]), given["address"],
            given["post_to"], given["phone"], given["email"],
        )  # fmt: skip


def _initial(row: ServiceRow) -> dict[str, Any]:
    same = (
        "name", "organisation", "domains", "eligible", "age_from", "age_to", "takes", "shares",
        "address", "post_to", "phone", "email", "since",
    )  # fmt: skip
    found: dict[str, Any] = {name: getattr(row, name) for name in same}
    return found | {
        "agency": str(row.agency or ""),
        "areas": [code for code, _ in row.areas],
    }


class EndForm(forms.Form):
    """From when a service takes nobody."""

    until = day_field("First day on which it takes nobody", hint="Leave it empty for today")

    def __init__(self, data: Any = None) -> None:
        """Let today be meant by nothing."""
        super().__init__(data)
        self.fields["until"].required = False

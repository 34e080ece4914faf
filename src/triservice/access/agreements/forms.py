"""Forms of the agreement pages. They check shape; the actions and rules decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from triservice.access.agreements import queries
from triservice.access.agreements.templates import Template, end_after
from triservice.access.agreements.text import SECTIONS, PartyText, TermText, VersionText
from triservice.access.agreements.wording import PLURALS
from triservice.access.areas import areas_field, codes_meant, more_areas_field, offer_areas
from triservice.access.models import Party
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Purpose, Role, Vetting
from triservice.kernel.words import choices

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)  # days that a form takes


def long_text(label: str, *, required: bool = False, hint: str = "", rows: int = 3) -> Any:
    """Return a box for a few sentences."""
    return forms.CharField(
        label=label, required=required, help_text=hint, widget=forms.Textarea(attrs={"rows": rows})
    )


def day_field(label: str, *, required: bool = False, hint: str = "") -> forms.DateField:
    """Return a date as three boxes, of a year that people mean and every database can hold."""
    said = f"Write a year from {EARLIEST.year} to {LATEST.year}"
    return forms.DateField(
        label=label, required=required, help_text=hint, widget=forms.SelectDateWidget(),
        validators=[MinValueValidator(EARLIEST, said), MaxValueValidator(LATEST, said)],
    )  # fmt: skip


def begin_of(day: date) -> datetime:
    """Return the first moment of a day, here."""
    return timezone.make_aware(datetime.combine(day, time()))


def end_of(day: date) -> datetime:
    """Return the first moment after a day, here."""
    return begin_of(day + timedelta(days=1))


def last_day(until: datetime | None) -> date | None:
    """Return the last day that is wholly before a moment: `end_of` turned round."""
    return None if until is None else timezone.localtime(until - timedelta(microseconds=1)).date()


def today() -> date:
    """Return the day here, by the one clock."""
    return timezone.localtime(clock.now()).date()


def regime_field(label: str) -> forms.ChoiceField:
    """Return a choice of the law under which a party shares."""
    return forms.ChoiceField(label=label, choices=Party.Regime, widget=forms.RadioSelect)


def basis_field(label: str) -> forms.CharField:
    """Return a box for a party's lawful basis."""
    return forms.CharField(
        label=label,
        max_length=200,
        help_text="UK GDPR Article 6, or for law enforcement processing DPA 2018 section 35",
    )


class BlankForm(forms.Form):
    """A new agreement that says nothing yet but who makes it, and on which lawful basis."""

    title = forms.CharField(label="Title of the agreement", max_length=200)
    regime = regime_field("Under which law your own agency shares")
    lawful_basis = basis_field("Lawful basis of your own agency")
    until = day_field("Last day on which it holds", hint="Leave empty if it is not decided yet")


class StartForm(forms.Form):
    """A new agreement from a template: its title, its last day, and an agency for each party."""

    title = forms.CharField(label="Title of the agreement", max_length=200)

    def __init__(self, chosen: Template, *args: Any, **kwargs: Any) -> None:
        """Add a choice of agencies for each party of the template."""
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        self.known = queries.agencies_of_kinds()
        self.fields["title"].initial = chosen.title
        for place in chosen.parties:
            fits = [(str(pk), name) for pk, name, kind in self.known if kind in place.kinds]
            label, key = place.label, f"party_{place.key}"
            if place.many:
                self.fields[key] = forms.MultipleChoiceField(
                    label=label, choices=fits, widget=forms.CheckboxSelectMultiple
                )
            else:
                self.fields[key] = forms.ChoiceField(
                    label=label, choices=[("", "Choose an agency"), *fits]
                )
        self.fields["until"] = day_field("Last day on which it holds", required=True)
        self.fields["until"].initial = end_after(today(), chosen.months)

    def agencies(self) -> dict[str, list[tuple[int, str, str]]]:
        """Return the agencies chosen for each party."""
        rows = {str(row[0]): row for row in self.known}
        found = {}
        for place in self.chosen.parties:
            said = self.cleaned_data[f"party_{place.key}"]
            found[place.key] = [rows[pk] for pk in (said if isinstance(said, list) else [said])]
        return found


class ProseForm(forms.Form):
    """The sections of prose, the last day and the review."""

    def __init__(self, text: VersionText, *args: Any, **kwargs: Any) -> None:
        """Fill the boxes with what the draft says."""
        super().__init__(*args, **kwargs)
        for name, heading, hint in SECTIONS:
            if name == "dpia_reference":
                self.fields[name] = forms.CharField(
                    label=heading, help_text=hint, required=False, max_length=200
                )
            else:
                self.fields[name] = long_text(heading, hint=hint)
            self.fields[name].initial = getattr(text, name)
        self.fields["until"] = day_field("Last day on which it holds")
        self.fields["until"].initial = last_day(text.until)
        self.fields["review_on"] = day_field("Review on")
        self.fields["review_on"].initial = text.review_on

    def prose(self) -> dict[str, str]:
        """Return the sections."""
        return {name: self.cleaned_data[name] for name, _, _ in SECTIONS}

    def until(self) -> datetime | None:
        """Return the moment at which the agreement ends."""
        day = self.cleaned_data["until"]
        return end_of(day) if day else None


class PartyForm(forms.Form):
    """A party and its lawful basis."""

    agency = forms.TypedChoiceField(label="Agency", coerce=int)
    controller = forms.ChoiceField(
        label="Its part in the sharing", choices=Party.Controller, widget=forms.RadioSelect
    )
    regime = regime_field("Under which law it shares")
    lawful_basis = basis_field("Lawful basis")
    special_condition = forms.CharField(
        label="Condition for special category or sensitive data",
        max_length=200,
        required=False,
        help_text="UK GDPR Article 9 with DPA 2018 Schedule 1, or Schedule 8 under Part 3",
    )
    gateway = forms.CharField(
        label="Power to share",
        max_length=300,
        required=False,
        help_text="The Act and section that lets it share",
    )
    contact = forms.CharField(
        label="Whom to call about what it holds", max_length=300, required=False
    )

    def __init__(self, party: PartyText | None, taken: Iterable[int], data: Any = None) -> None:
        """Show a party, or offer the agencies that are not yet one."""
        initial = (
            {name: getattr(party, name) for name in self.base_fields}
            if party
            else {"controller": "controller", "regime": "uk gdpr"}
        )
        super().__init__(data, initial=initial)
        names = queries.agency_names()
        gone = set(taken)
        fits = [party.agency] if party else [pk for pk in names if pk not in gone]
        agency = self.fields["agency"]
        agency.choices = [(pk, names[pk]) for pk in fits]  # type: ignore[attr-defined]
        if party:
            agency.widget = forms.HiddenInput()

    def party(self) -> PartyText:
        """Return the party."""
        return PartyText(name="", **self.cleaned_data)


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in text.replace("\n", ",").split(","))))


MODES = [
    (str(Mode.OPEN), "Open: readers see it when they need it"),
    (str(Mode.ON_APPROVAL), "On approval: the owner decides on each request"),
    (str(Mode.NEVER), "Never: closed, whatever other terms open"),
]


class TermForm(forms.Form):
    """A term: who opens what to whom, for what, how, and on which conditions."""

    from_agency = forms.TypedChoiceField(label="Who opens it", coerce=int)
    to_agency = forms.TypedChoiceField(
        label="To which agency", coerce=int, required=False, empty_value=None
    )
    to_role = forms.ChoiceField(
        label="To which role",
        required=False,
        choices=[("", "Every role that reads such data"),
                 *((str(role), PLURALS[role].capitalize()) for role in Role)],
    )  # fmt: skip
    mode = forms.ChoiceField(label="How", choices=MODES, widget=forms.RadioSelect)
    data_classes = forms.MultipleChoiceField(
        label="Which data classes", choices=choices(DataClass), widget=forms.CheckboxSelectMultiple
    )
    purposes = forms.MultipleChoiceField(
        label="For which purposes", choices=choices(Purpose), widget=forms.CheckboxSelectMultiple
    )
    every_field = forms.BooleanField(label="Every field of these classes", required=False)
    fields_named = forms.CharField(
        label="Only these fields",
        required=False,
        help_text="Names of columns with commas, such as given_name, phone",
    )
    everywhere = forms.BooleanField(label="In every area", required=False)
    areas = areas_field("Only in these areas", "Each by itself: tick what lies in it as well")
    more_areas = more_areas_field()
    counts_only = forms.BooleanField(label="Counts only, no records", required=False)
    small_number = forms.IntegerField(
        label="Least count that is shown", min_value=0, max_value=1000, required=False
    )
    min_vetting = forms.TypedChoiceField(
        label="Vetting",
        coerce=int,
        choices=[(int(v), v.name if v else "None needed") for v in Vetting],
    )
    needs_training = forms.BooleanField(
        label="Current information sharing training", required=False
    )
    needs_duty = forms.BooleanField(label="On duty", required=False)
    needs_case = forms.BooleanField(label="Works on a case of the person", required=False)
    existence = forms.BooleanField(
        label="It may be known that there is a record, and whom to call", required=False
    )
    offline = forms.BooleanField(
        label="May be kept on an officer’s phone for a shift",
        required=False,
        help_text="Sealed, and wiped when the phone is revoked or the agreement ends",
    )
    starts_on = day_field("First day, where the term starts later than the agreement")
    last_day = day_field("Last day, where the term ends sooner than the agreement")
    note = long_text("Note", hint="Why the term is as it is")

    def __init__(self, term: TermText | None, parties: dict[int, str], data: Any = None) -> None:
        """Show a term, or a new one."""
        super().__init__(data, initial=self._initial(term))
        self.term = term
        offer_areas(self, term.areas if term else ())
        rows = list(parties.items())
        self.fields["from_agency"].choices = rows  # type: ignore[attr-defined]
        self.fields["to_agency"].choices = [("", "Every party"), *rows]  # type: ignore[attr-defined]

    @staticmethod
    def _initial(term: TermText | None) -> dict[str, Any]:
        if term is None:
            return {"mode": str(Mode.ON_APPROVAL), "small_number": 5}
        said = {name: getattr(term, name) for name in TermText.__slots__}
        return said | {
            "data_classes": list(term.data_classes),
            "purposes": list(term.purposes),
            "fields_named": ", ".join(term.fields),
            "areas": list(term.areas),
            "starts_on": term.valid_from and timezone.localtime(term.valid_from).date(),
            "last_day": last_day(term.valid_until),
        }

    def clean_more_areas(self) -> tuple[str, ...]:
        """Return the codes of the areas that are named; each line means one."""
        return codes_meant(self.cleaned_data["more_areas"])

    def text(self) -> TermText:
        """Return the term as said; number 0 is a new one."""
        said = dict(self.cleaned_data)
        areas = dict.fromkeys((*said.pop("areas"), *said.pop("more_areas", ())))
        starts, ends = said.pop("starts_on"), said.pop("last_day")
        base = self.term or TermText(0, 0, None, "", "", (), ())
        return replace(
            base,
            fields=() if said["every_field"] else _words(said.pop("fields_named")),
            areas=() if said["everywhere"] else tuple(areas),
            data_classes=tuple(said.pop("data_classes")),
            purposes=tuple(said.pop("purposes")),
            small_number=said.pop("small_number") or 0,
            valid_from=begin_of(starts) if starts else None,
            valid_until=end_of(ends) if ends else None,
            **{name: value for name, value in said.items() if name in TermText.__slots__},
        )


class WhyForm(forms.Form):
    """Why something is done."""

    why = long_text("Why", required=True)


class SignForm(forms.Form):
    """A signature: in which office, and under which text."""

    job_title = forms.CharField(label="The office in which you sign", max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput)


class ForceForm(forms.Form):
    """From when the agreement holds."""

    starts = day_field("First day", hint="Leave empty for now")


class ReviewForm(forms.Form):
    """What a review found, and when the next is."""

    why = long_text("What the review found", required=True)
    next_on = day_field("Next review on", required=True)


class NoForm(forms.Form):
    """Nothing to say; the button is enough."""

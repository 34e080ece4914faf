"""Forms of people and places."""

from __future__ import annotations

from django import forms

from triservice.access.pages import LAST
from triservice.kernel.access_words import Marking
from triservice.subjects.actions.joins import SUBSTANCE

SAYS_LITTLE = f"Say it in a sentence: at least {SUBSTANCE} letters"


class SearchForm(forms.Form):
    """One box, and a birthday to narrow it."""

    text = forms.CharField(
        label="Name, address, postcode, UPRN, telephone or number",
        max_length=200,
        error_messages={"required": "Enter something to look for"},
    )
    born = forms.DateField(
        label="Date of birth",
        required=False,
        input_formats=["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"],
        help_text="For example, 12/3/1948",
        error_messages={"invalid": "Enter a date such as 12/3/1948"},
    )


class WhyForm(forms.Form):
    """A reason of substance."""

    why = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 4}),
        min_length=SUBSTANCE,
        max_length=500,
        error_messages={"required": "Say why", "min_length": SAYS_LITTLE},
    )


class JudgeForm(WhyForm):
    """A word on a pair."""

    word = forms.ChoiceField(
        label="Are these the same person?",
        choices=[("same", "Yes, the same person"), ("different", "No, different people")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether they are the same person"},
    )
    field_order = ("word", "why")


class MarkingForm(forms.Form):
    """A marking of a record. A reason is asked for when it is lowered."""

    marking = forms.TypedChoiceField(
        label="Marking",
        choices=[(str(each), str(each)) for each in Marking],
        coerce=Marking,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a marking"},
    )
    why = forms.CharField(
        label="Why",
        required=False,
        max_length=500,
        help_text="Needed when the marking is lowered",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class UndoForm(WhyForm):
    """Take a join back."""

    different = forms.BooleanField(
        label="They are different people: never propose this pair again", required=False
    )


class WrongForm(WhyForm):
    """Report a wrong link."""

    record = forms.IntegerField(
        required=False, widget=forms.HiddenInput, min_value=1, max_value=LAST
    )


class PlaceForm(forms.Form):
    """Look up an address or an organisation."""

    text = forms.CharField(
        label="Postcode, UPRN, address with its postcode, or name of an organisation",
        max_length=200,
        error_messages={
            "required": "Enter a postcode, a UPRN, an address with its postcode, "
            "or the name of an organisation"
        },
    )

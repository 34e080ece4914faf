"""Forms of what an officer writes of people and places: warnings, needs, relations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from triservice.access.agreements.forms import day_field, long_text
from triservice.kernel.access_words import DataClass, Marking, Reader
from triservice.kernel.words import long_date
from triservice.subjects.models import AccessibleNeed
from triservice.subjects.queries.search import Found, search_people
from triservice.subjects.words import Kin

FEW = 8


def _choice(label: str, pairs: Any, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(pairs), widget=forms.RadioSelect, help_text=hint
    )


class MarkerForm(forms.Form):
    """A warning: what of, for whom it matters, what it rests on, and until when it holds."""

    kind = forms.CharField(
        label="What is the warning?", max_length=80, help_text="Such as dangerous dog, weapons"
    )
    relevance = forms.CharField(
        label="Who needs to know, and when does it matter?",
        max_length=300,
        initial="Anyone who visits",
    )
    advice = forms.CharField(
        label="What should they do?",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.CharField(
        label="How do you know?",
        max_length=200,
        help_text="Such as your visit on 3 May, the postman, a crime report",
    )
    review_on = day_field(
        "Review it by", required=True, hint="Nobody relies on it after this day. Within two years"
    )
    marking = _choice("Marking", [(str(each), str(each)) for each in Marking])
    field_order = ("kind", "relevance", "advice", "source", "review_on", "data_class", "marking")

    def __init__(self, own: DataClass, data: Any = None) -> None:
        """Offer the classes of a warning: risk, safeguarding, and what the own service tells."""
        super().__init__(data, initial={"data_class": "risk", "marking": str(Marking.OFFICIAL)})
        classes = dict.fromkeys((DataClass.RISK, DataClass.SAFEGUARDING, own))
        self.fields["data_class"] = _choice(
            "What does it tell of?",
            [(str(each), str(each).capitalize()) for each in classes],
            "The agreements open each to others than the next. Risk is what visitors see",
        )
        self.order_fields(self.field_order)


class ReviewForm(forms.Form):
    """What a review found."""

    holds = _choice("Does it still hold?", [("yes", "Yes"), ("no", "No, end it")])
    review_on = day_field("If it does, review it again by")
    why = long_text("How do you know?", required=True)

    def clean(self) -> dict[str, Any]:
        """Ask for the next day where it holds."""
        said: dict[str, Any] = super().clean() or {}
        silent = not said.get("review_on") and "review_on" not in self.errors
        if said.get("holds") == "yes" and silent:
            self.add_error("review_on", "Say by when it is reviewed again")
        return said


class NeedForm(forms.Form):
    """How somebody is understood."""

    kind = _choice("What is it about?", AccessibleNeed.Kind.choices)
    need = forms.CharField(
        label="What do they need?",
        max_length=200,
        help_text="Such as Cornish, a sign language interpreter, large print",
    )


class EndForm(forms.Form):
    """Why something ends."""

    why = forms.CharField(label="Why does it end?", max_length=500)


class RelationForm(forms.Form):
    """Somebody else, looked for by name, and what they are to the person of the page."""

    text = forms.CharField(
        label="Who is the other person?", max_length=200, help_text="Name, and perhaps address"
    )
    kin = _choice(
        "What are they to this person?", [(str(kin), str(kin).capitalize()) for kin in Kin]
    )
    evidence = forms.CharField(label="How do you know?", max_length=300)

    def __init__(self, reader: Reader, data: Any = None) -> None:
        """Offer those whom the reader may see with a name like this."""
        super().__init__(data)
        text = (data or {}).get("text", "").strip()
        self.looked = bool(text)
        found = search_people(reader, text).people[:FEW] if text else ()
        if found:
            self.fields["other"] = _choice("Which of these?", [(o.key, _called(o)) for o in found])
            self.order_fields(["text", "other"])

    def clean(self) -> dict[str, Any]:
        """Say who it is; where nobody is found, say what to do."""
        said: dict[str, Any] = super().clean() or {}
        if self.looked and "other" not in self.fields:
            self.add_error("text", "Nobody found whom you may see. Try another spelling")
        return said | {"other": UUID(said["other"])} if said.get("other") else said


def _called(one: Found) -> str:
    born = f"born {long_date(one.born[0])}" if one.born else ""
    return ", ".join(filter(None, ((one.names or ("Name withheld",))[0], born, *one.addresses[:1])))

"""Forms of the picture pages."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.kernel.access_words import DataClass, Marking
from triservice.kernel.service import Service
from triservice.picture.lakes import Offer, category_name
from triservice.picture.queries import SourceChoice
from triservice.picture.rules import MOST_SMALL, SIZES_M, SMALL_NUMBER
from triservice.picture.sentences import listed

_MARKINGS = [(str(word), str(word)) for word in Marking]


class PictureForm(forms.Form):
    """What to make a picture of. The rules (rules.py) have the last word."""

    title = forms.CharField(label="Title", max_length=200)
    services = forms.MultipleChoiceField(
        label="Services",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose one or more services"},
    )
    area = forms.ChoiceField(label="Area", required=False)
    since = forms.CharField(label="First month", help_text="As 2025-01", max_length=7)
    until = forms.CharField(label="Last month", help_text="As 2025-12", max_length=7)
    categories = forms.MultipleChoiceField(
        label="Categories",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Leave all empty to count every category",
    )
    unit = forms.ChoiceField(label="Count by", widget=forms.RadioSelect)
    size_m = forms.TypedChoiceField(
        label="Size of squares or hexagons",
        coerce=int,
        choices=[(size, f"{size / 1000:g} km") for size in SIZES_M],
    )
    hotspots = forms.BooleanField(label="Find hotspots", required=False)
    overlap = forms.BooleanField(label="Compare the services with each other", required=False)
    zones = forms.BooleanField(
        label="Look for near repeats, and draw risk zones where single events are open",
        required=False,
    )
    small_number = forms.IntegerField(
        label="Hide counts below",
        min_value=0,
        max_value=MOST_SMALL,
        help_text="An agreement may ask for more; then more is hidden",
    )
    marking = forms.ChoiceField(
        label="Protective marking", choices=_MARKINGS, widget=forms.RadioSelect
    )

    def __init__(self, sources: list[SourceChoice], offer: Offer, *args: Any, **kwargs: Any):
        """Offer the services with sources, and the areas and units of the lake."""
        latest = offer.last or ""
        kwargs["initial"] = {
            "since": f"{latest[:4]}-01" if latest else "",
            "until": latest,
            "unit": "square",
            "size_m": 1_000,
            "hotspots": True,
            "overlap": True,
            "small_number": SMALL_NUMBER,
            "marking": str(Marking.OFFICIAL),
        } | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["services"].choices = service_choices(sources)  # type: ignore[attr-defined]
        areas = [("", "Everything in the lake"), *((name, name) for name in offer.places)]
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        self.fields["unit"].choices = offer.units  # type: ignore[attr-defined]
        words = sorted({word for source in sources for word in source.categories})
        named = [(word, category_name(word)) for word in words]
        self.fields["categories"].choices = named  # type: ignore[attr-defined]
        if offer.first and offer.last:
            held = f"The lake holds {offer.first} to {offer.last}"
            self.fields["since"].help_text = f"As 2025-01. {held}"


class _Labelled(str):
    """The label of a choice, with a hint under it."""

    hint: str = ""


def service_choices(sources: list[SourceChoice]) -> list[tuple[str, str]]:
    """Return the services that have sources, each saying what of it is closed to the reader."""
    found: list[tuple[str, str]] = []
    for service in map(str, Service):
        own = [source for source in sources if source.service == service]
        if not own:
            continue
        label = _Labelled(service.capitalize())
        closed = [f"{s.owner_name}: {s.decision.reason}" for s in own if not s.decision.allowed]
        label.hint = f"Counts withheld by {listed(closed)}." if closed else ""
        found.append((service, label))
    return found


class ShareForm(forms.Form):
    """Which agencies may open a picture."""

    agencies = forms.MultipleChoiceField(
        label="Agencies", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, agencies: list[tuple[int, str]], *args: Any, **kwargs: Any):
        """Offer the other agencies of the partnership."""
        super().__init__(*args, **kwargs)
        self.fields["agencies"].choices = agencies  # type: ignore[attr-defined]


class CompareForm(forms.Form):
    """Which picture to compare with."""

    other = forms.ChoiceField(label="Compare with")

    def __init__(self, others: list[tuple[int, str]], *args: Any, **kwargs: Any):
        """Offer pictures of the same places."""
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = others  # type: ignore[attr-defined]


class SourceForm(forms.Form):
    """Whose the events of a source and service of the lake are."""

    source = forms.CharField(label="Source", help_text="Its name in the lake", max_length=100)
    service = forms.ChoiceField(
        label="Service", choices=[(str(word), str(word).capitalize()) for word in Service]
    )
    label = forms.CharField(
        label="Label", help_text="As pages call it: Calls to Penmarric Police", max_length=200
    )
    owner = forms.TypedChoiceField(label="Agency that owns the events", coerce=int)
    data_class = forms.ChoiceField(
        label="Data class", choices=[(str(word), str(word).capitalize()) for word in DataClass]
    )
    area = forms.CharField(
        label="Code of the area that all of it lies in",
        required=False,
        max_length=20,
        help_text="So that terms limited to that area cover it, such as E06000052",
    )
    marking = forms.ChoiceField(
        label="Protective marking", choices=_MARKINGS, widget=forms.RadioSelect
    )

    def __init__(self, agencies: list[tuple[int, str]], *args: Any, **kwargs: Any):
        """Offer the agencies of the partnership."""
        kwargs["initial"] = {"marking": str(Marking.OFFICIAL)} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = agencies  # type: ignore[attr-defined]

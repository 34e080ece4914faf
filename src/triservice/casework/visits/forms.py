"""Forms of visits: what was done at the door, how long somebody stays, and a day's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from triservice.access.agreements.forms import day_field, long_text
from triservice.casework.cases.forms import choice, moment_field
from triservice.casework.directory import choosing
from triservice.casework.directory.queries import Offered
from triservice.casework.visits.actions import Fitted
from triservice.casework.words import Capacity
from triservice.schemes.forms import Found
from triservice.schemes.scheme import Consent, Scheme

ROWS = 3  # of equipment, more when asked for
MOST_ROWS = 30
MINUTES = [
    (15, "15 minutes"), (30, "30 minutes"), (45, "45 minutes"), (60, "1 hour"), (90, "1½ hours"),
    (120, "2 hours"), (180, "3 hours"),
]  # fmt: skip
AGREES = [(str(c), str(c).capitalize()) for c in Capacity if c is not Capacity.NOT_ASSESSED]


class PhotosForm(forms.Form):
    """Who agrees to photos, asked beside the form of a visit."""

    def __init__(self, asked: Consent, data: Any = None) -> None:
        """Ask in the scheme's own words."""
        super().__init__(data)
        self.fields["photos_agreed"] = choice(
            "Who agrees to photos?", [*AGREES, ("", "Nobody, so none is taken")], asked.text,
            required=False,
        )  # fmt: skip
        self.fields["photos_agreed_by"] = forms.CharField(
            label="If another agrees for them: who, and as what?", max_length=120, required=False
        )


class FinishForm(forms.Form):
    """What was done at a visit, and what follows."""

    began = moment_field("When did it begin?")
    ended = moment_field("When did it end?")
    advice = long_text("What advice did you give?")
    danger = long_text("Was anybody in immediate danger? What, and what was done?")

    def __init__(
        self, scheme: Scheme, found: tuple[Found, ...], offered: Iterable[Offered], rows: int,
        data: Any = None, initial: Any = None,
    ) -> None:  # fmt: skip
        """Offer what the scheme and the directory offer for what was found, and its equipment."""
        super().__init__(data, initial=initial)
        self.rows = range(1, min(rows, MOST_ROWS) + 1) if scheme.equipment else range(0)
        kinds = [(name, one.name) for name, one in scheme.equipment.items()]
        for row in self.rows:
            self._row(row, kinds)
        self._several("help", "What did you do, or will you do?", [
            (f"{each.need.id}:{name}", _label(scheme, each, name))
            for each in found for name in each.need.actions
            if scheme.actions[name].kind != "equipment"
        ])  # fmt: skip
        routes = list(choosing.at_the_door(offered, scheme, found)) if found else []
        self._several("routes", "Who else should help?", routes)
        if routes:
            self.fields["agreed"] = choice(
                "Who agrees to being referred on?", [*AGREES, ("", "Nobody yet")], required=False
            )
            self.fields["given_by"] = forms.CharField(
                label="If another agrees for them: who, and as what?", max_length=120,
                required=False,
            )  # fmt: skip
            self.fields["why"] = long_text("What should they know?")
        self.fields["next_at"] = moment_field("When is the next visit, if there is one?")
        self.fields["next_at"].required = False

    def _row(self, row: int, kinds: list[tuple[str, str]]) -> None:
        self.fields[f"kind{row}"] = forms.ChoiceField(
            label=f"Fitted or left ({row})", choices=[("", "Nothing"), *kinds], required=False
        )
        for name, label, most in (("place", "Where in the home", 80), ("serial", "Serial", 60)):
            self.fields[f"{name}{row}"] = forms.CharField(
                label=f"{label} ({row})", max_length=most, required=False
            )
        self.fields[f"until{row}"] = day_field(f"Battery or expiry date, if printed on it ({row})")

    def _several(self, name: str, label: str, pairs: list[tuple[str, str]]) -> None:
        if pairs:
            self.fields[name] = forms.MultipleChoiceField(
                label=label, choices=pairs, required=False, widget=forms.CheckboxSelectMultiple
            )

    def clean(self) -> dict[str, Any]:
        """Hold the end after the beginning, and neither in the future."""
        said: dict[str, Any] = super().clean() or {}
        began, ended = said.get("began"), said.get("ended")
        if began and ended and ended < began:
            self.add_error("ended", "The visit ended after it began")
        for row in self.rows:
            if said.get(f"serial{row}") and not said.get(f"kind{row}"):
                self.add_error(f"kind{row}", "Say what was fitted")
        return said

    def fitted(self) -> Iterator[Fitted]:
        """Give what was fitted."""
        said = self.cleaned_data
        for row in self.rows:
            if said[f"kind{row}"]:
                yield Fitted(
                    said[f"kind{row}"], said[f"place{row}"], said[f"serial{row}"],
                    said[f"until{row}"],
                )  # fmt: skip

    def chosen(self, name: str) -> list[tuple[str, str]]:
        """Return the pairs of need and help that were ticked."""
        pairs = [one.split(":", 1) for one in self.cleaned_data.get(name) or ()]
        return [(need, help_) for need, help_ in pairs]


def _label(scheme: Scheme, found: Found, action: str) -> str:
    known = scheme.actions[action]
    return f"{known.name}{' (later)' if known.kind == 'task' else ''}: {found.need.name}"


class MinutesForm(forms.Form):
    """How long somebody stays, from now."""

    minutes = forms.TypedChoiceField(
        label="How long until you are out?", coerce=int, widget=forms.RadioSelect,
        choices=MINUTES,
        help_text="When you have not said by then that you are safe, your team leader calls you",
    )  # fmt: skip


class DangerForm(forms.Form):
    """Immediate danger."""

    what = long_text("What is the danger, and what was done?", required=True)


class CheckedForm(forms.Form):
    """Something was looked at."""

    on = day_field("When did you look at it?", required=True)
    until = day_field("New battery or expiry date, if there is one")


class RemovedForm(forms.Form):
    """Something is gone."""

    on = day_field("Since which day?", required=True)
    why = long_text("Why?", required=True)


def local_text(moment: datetime | None) -> str:
    """Return a moment as a box for day and time takes it."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""

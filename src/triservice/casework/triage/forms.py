"""Forms of triage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from triservice.casework.models.columns import TIER_CHOICES
from triservice.casework.referrals.forms import SayForm
from triservice.casework.triage.rules import Proposal
from triservice.schemes import catalogue


class Choice(str):
    """A choice with a hint under it."""

    hint: str = ""

    def __new__(cls, text: str, hint: str = "") -> Choice:
        """Make the text with its hint."""
        made = super().__new__(cls, text)
        made.hint = hint
        return made


def takers(proposals: Iterable[Proposal]) -> list[tuple[str, str]]:
    """Return who might take it as choices, each with the reasons, and nobody yet."""
    found: list[tuple[str, str]] = [
        (str(one.officer), Choice(one.name, ", ".join(one.reasons).capitalize() + "."))
        for one in proposals
    ]
    return [*found, ("", "Nobody yet: the case waits for an officer")]


class AcceptForm(forms.Form):
    """Into which case, and who takes it."""

    into = forms.ChoiceField(label="Which case?", widget=forms.RadioSelect, required=False)
    officer = forms.ChoiceField(label="Who takes it?", widget=forms.RadioSelect, required=False)

    def __init__(
        self, proposals: Iterable[Proposal], cases: Iterable[tuple[str, str]], data: Any = None
    ) -> None:
        """Offer the proposals, the best first, and the open cases there are."""
        super().__init__(data)
        self.fields["officer"].choices = takers(proposals)  # type: ignore[attr-defined]
        known = list(cases)
        if known:
            self.fields["into"].choices = [("", "A new case"), *known]  # type: ignore[attr-defined]
        else:
            del self.fields["into"]

    def chosen(self, name: str) -> int | None:
        """Return the key that was chosen, or None."""
        said = self.cleaned_data.get(name) or ""
        return int(said) if said else None


class SignpostForm(SayForm):
    """To which service, and why."""

    where = forms.CharField(
        label="Which service suits better?", max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    field_order = ("where", "why")


def scheme_choices() -> list[tuple[str, str]]:
    """Return the schemes as choices of a filter."""
    return [(name, catalogue.scheme(name).name) for name in catalogue.names()]


class FilterForm(forms.Form):
    """What of the queue is shown."""

    narrows = True

    scheme = forms.ChoiceField(label="Scheme", required=False)
    tier = forms.ChoiceField(
        label="Risk",
        required=False,
        choices=[("", "All"), *TIER_CHOICES],
    )
    area = forms.ChoiceField(label="Area", required=False)
    late = forms.BooleanField(label="Late only", required=False)
    unseen = forms.BooleanField(label="Not looked at yet", required=False)

    def __init__(self, offered: Mapping[str, Iterable[tuple[str, str]]], data: Any = None) -> None:
        """Offer the schemes and areas."""
        super().__init__(data)
        offer(self, offered)


def offer(form: forms.Form, offered: Mapping[str, Iterable[tuple[str, str]]]) -> None:
    """Let fields of a filter offer choices, after the one that narrows nothing."""
    for name, pairs in offered.items():
        form.fields[name].choices = [("", "All"), *pairs]  # type: ignore[attr-defined]

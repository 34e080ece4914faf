"""Forms of requests. The rules say what is missing; here it is put beside its box."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from triservice.access.agreements.forms import day_field, end_of, last_day, long_text
from triservice.access.approvals import rules
from triservice.access.openings.queries import field_names
from triservice.kernel import clock


def _which_fields(choices: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Only these details",
        required=False,
        choices=list(choices),
        widget=forms.CheckboxSelectMultiple,
    )


class AskForm(forms.Form):
    """What an officer asks for, and why."""

    why = long_text(
        "Why do you need it?",
        required=True,
        hint="What you will do with it, and what happens if you do not have it",
    )
    case = forms.CharField(
        label="Which case or visit is it for?", max_length=120, help_text="Its reference"
    )
    told = long_text(
        "What was the person told?",
        required=True,
        hint="What you told them about asking for this, or why telling them was not possible",
    )
    every_field = forms.BooleanField(
        label="Every detail", required=False, help_text="Ask for all only where you need it all"
    )
    until = day_field("Last day on which you need it", required=True)

    def __init__(self, data_class: str, data: Any = None, case: str = "") -> None:
        """Offer the fields of the class; `case` is that from whose page it is asked."""
        super().__init__(data, initial={"case": case[:120]})
        self.fields["fields"] = _which_fields(field_names(data_class))
        self.order_fields(["why", "case", "told", "fields", "every_field", "until"])

    def chosen(self) -> list[str] | None:
        """Return the fields asked for; None: every field."""
        return None if self.cleaned_data["every_field"] else self.cleaned_data["fields"]

    def ends(self) -> datetime:
        """Return the moment until which it is needed."""
        return end_of(self.cleaned_data["until"])

    def clean(self) -> dict[str, Any]:
        """Say what the rules find missing beside the box where it belongs."""
        said = super().clean() or {}
        if {"why", "case", "told", "until"} <= said.keys():
            faults = rules.request_faults(
                said["case"], said["why"], said["told"], self.chosen(), self.ends(), clock.now()
            )
            for name, sentence in faults.items():
                self.add_error(name, sentence)
        return said


class ApproveForm(forms.Form):
    """What an approver lets through: no more than was asked."""

    ends = day_field("Last day on which it is open", required=True)
    why = long_text("What the officer should know", hint="Conditions, or what you left out and why")

    def __init__(
        self,
        asked: Iterable[tuple[str, str]],
        until: datetime,
        *,
        every: bool,
        data: Any = None,
    ) -> None:
        """Offer the fields that were asked for, all ticked."""
        super().__init__(data)
        asked = list(asked)
        if every:
            self.fields["every_field"] = forms.BooleanField(
                label="Every detail, as asked", required=False
            )
        self.fields["fields"] = _which_fields(asked)
        self.fields["fields"].initial = [] if every else [name for name, _ in asked]
        self.until = until
        self.fields["ends"].initial = last_day(until)
        self.order_fields(["every_field", "fields", "ends", "why"])

    def chosen(self) -> list[str] | None:
        """Return the fields approved; None: every field."""
        return None if self.cleaned_data.get("every_field") else self.cleaned_data["fields"]

    def moment(self) -> datetime:
        """Return the end of the approval; the day asked for ends when the request says."""
        ends = end_of(self.cleaned_data["ends"])
        same_day = self.cleaned_data["ends"] == last_day(self.until)
        return min(ends, self.until) if same_day else ends


class RefuseForm(forms.Form):
    """Why a request is refused."""

    why = long_text("Why is it refused?", required=True, hint="The officer is shown this")


class SayForm(forms.Form):
    """A question, or its answer."""

    text = long_text("What do you want to say?", required=True)

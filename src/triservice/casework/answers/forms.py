"""A scheme's form as a page asks it: boxes for each question; `schemes.forms` alone checks them.

A question with a condition is asked once the condition certainly holds: what was answered is sent,
and the page comes back with what follows from it. It needs no script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django import forms

from triservice.schemes.forms import Checked, check, today
from triservice.schemes.scheme import Form, Question
from triservice.schemes.scoring import Sheet
from triservice.schemes.words import NOT_KNOWN, Kind

LONG = 200  # letters of a text that gets a box of several lines
LEFT_OUT = frozenset({Kind.PHOTO})  # a page of this form keeps no files
PARTS: dict[Kind, dict[str, str]] = {
    Kind.PERSON: {
        "name": "Full name", "born": "Date of birth", "phone": "Telephone", "email": "Email",
        "relation": "Relation or part",
    },
    Kind.ADDRESS: {"line": "Address", "postcode": "Postcode", "uprn": "UPRN"},
    Kind.SIGNATURE: {"name": "Full name of who signs"},
}  # fmt: skip
HINTS = {"born": "For example, 27/3/1940", "uprn": "The number of the property, if you know it"}
WHOLE = {  # what the browser may fill in for who types about themselves is not this: turned off
    "name": "off", "phone": "off", "email": "off", "line": "off", "postcode": "off"}  # fmt: skip


class SchemeForm(forms.Form):
    """The questions of a form that apply now. `given` is what was answered, for `check`."""

    def __init__(self, form: Form, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        """Ask what applies to the answers in `data`."""
        super().__init__(data, **options)
        self.asked = form
        self.given = _given(form, data or {})
        self.applies = applying(form, self.given)
        for question in form.questions:
            if question.id in self.applies and question.kind not in LEFT_OUT:
                for name, field in _fields(question):
                    field.required = False
                    self.fields[name] = field

    def parts(self) -> Iterator[tuple[str, str, list[Any]]]:
        """Give each part with questions that apply: title, hint and boxes."""
        for part in self.asked.parts:
            boxes = [
                self[name]
                for question in part.questions
                for name in self.fields
                if name.split(".")[0] == question
            ]
            if boxes:
                yield part.title, part.hint, boxes

    def follows(self, shown: set[str]) -> bool:
        """Whether questions apply by now that the page, which says what it showed, did not."""
        return bool(shown) and bool(self.applies - shown)

    def take(self, checked: Checked) -> None:
        """Put the errors of the check beside their boxes."""
        for question, sentence in checked.errors.items():
            names = [name for name in self.fields if name.split(".")[0] == question]
            self.add_error(names[0] if names else None, sentence)

    def checked(self) -> Checked:
        """Check what was given, with every error beside its box."""
        found = check(self.asked, self.given)
        self.full_clean()
        self.take(found)
        return found


def applying(form: Form, given: Mapping[str, Any]) -> set[str]:
    """Return the questions that certainly apply to the answers given."""
    values = check(form, given, draft=True).values
    sheet = Sheet(form.by_id, form.scores, values, today())
    return {
        question.id
        for question in form.questions
        if question.show_if is None or sheet.holds(question.show_if) is True
    }


def _given(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was answered, question by question; empty boxes are no answer."""
    found = {}
    for question in form.questions:
        value: Any
        if question.kind in PARTS:
            parts = {part: data.get(f"{question.id}.{part}", "") for part in PARTS[question.kind]}
            value = {part: text.strip() for part, text in parts.items() if text.strip()}
        elif question.kind in (Kind.MULTI, Kind.PLAN):
            several: Callable[[str], Any] = getattr(data, "getlist", data.get)
            value = several(question.id) or []
        else:
            value = data.get(question.id, "")
        if value not in ("", [], {}, None):
            found[question.id] = value
    return found


def _fields(question: Question) -> Iterator[tuple[str, forms.Field]]:
    if question.kind in PARTS:
        for part, label in PARTS[question.kind].items():
            if part == "relation" and question.data_class == "identity":
                continue
            yield (
                f"{question.id}.{part}",
                forms.CharField(
                    label=label,
                    help_text=HINTS.get(part, ""),
                    widget=forms.TextInput(attrs={"autocomplete": WHOLE.get(part, "off")}),
                ),
            )
    else:
        yield question.id, FIELDS[question.kind](question)


def _options(question: Question) -> list[tuple[str, str]]:
    return list(question.options.items())


def _yes_no(question: Question) -> forms.Field:
    choices = _options(question) or [("yes", "Yes"), ("no", "No"), (NOT_KNOWN, "Not known")]
    return _named(question, forms.ChoiceField, choices=choices, widget=forms.RadioSelect)


def _text(question: Question) -> forms.Field:
    widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off"})
    if question.longest > LONG:
        widget = forms.Textarea(attrs={"rows": 4})
    return _named(question, forms.CharField, max_length=question.longest, widget=widget)


def _named(question: Question, kind: Any, **options: Any) -> forms.Field:
    field: forms.Field = kind(label=question.text, help_text=question.hint, **options)
    return field


FIELDS: dict[Kind, Callable[[Question], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: lambda q: _named(
        q, forms.CharField, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    ),
    Kind.DATE: lambda q: _named(q, forms.CharField, widget=forms.TextInput()),
    Kind.CHOICE: lambda q: _named(
        q, forms.ChoiceField, choices=_options(q), widget=forms.RadioSelect
    ),
    Kind.YES_NO: _yes_no,
    Kind.MULTI: lambda q: _named(
        q, forms.MultipleChoiceField, choices=_options(q), widget=forms.CheckboxSelectMultiple
    ),
    Kind.PLAN: lambda q: _named(
        q, forms.MultipleChoiceField, choices=_options(q), widget=forms.CheckboxSelectMultiple
    ),
}

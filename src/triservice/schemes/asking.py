"""A form as boxes of a page, which need no script; and what a page sends, read back.

One layout serves every scheme. A question that hangs on one answer of a question in the same part
is revealed under that answer; any other that applies only sometimes says when, and a script hides
it meanwhile (web/front/src/scheme-form.js). What was typed is shown again as it was typed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from markupsafe import Markup

from triservice.schemes import exporting, telling
from triservice.schemes.answers import ADDRESS_PARTS, EMPTY, PERSON_PARTS
from triservice.schemes.conditions import ALWAYS
from triservice.schemes.forms import today
from triservice.schemes.scheme import Form, Question
from triservice.schemes.words import Kind

Params = dict[str, Any]
DAY_PARTS = ("day", "month", "year")
BOX_OF_LINES = 200  # characters: a longer text gets a box of several lines
LABELS = {
    "name": "Full name", "phone": "Telephone", "email": "Email address", "relation": "Who they are",
    "line": "Building, street and town", "postcode": "Postcode",
    "uprn": "Unique property reference number (UPRN), if known",
}  # fmt: skip
WIDTHS = {"postcode": "10", "uprn": "10", "phone": "20"}
TYPES = {"phone": "tel", "email": "email"}
_UNSAFE = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


class Sent(Protocol):
    """What a page sent: a QueryDict of Django."""

    def get(self, key: str, default: Any = None, /) -> Any:
        """Return one value."""

    def getlist(self, key: str) -> Any:
        """Return all values."""


@dataclass
class Box:
    """A question as a component. `reveals` are the boxes under each of its answers."""

    question: Question
    component: str
    params: Params
    when: str = ""  # when it applies, in words; "" for always, or revealed
    inner: list[tuple[str, Params]] = field(default_factory=list)  # of a fieldset
    reveals: dict[str, list[Box]] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A whole form: parts of boxes, the error list, and what the script needs."""

    form: Form
    parts: tuple[tuple[str, str, tuple[Box, ...]], ...]  # title, hint, boxes
    errors: tuple[Params, ...]
    script: Markup
    today: str
    few_required: bool
    has_files: bool


def layout(form: Form, given: Mapping[str, Any], errors: Mapping[str, str]) -> Layout:
    """Return the boxes of a form with what was `given` (checked or as sent) and the errors."""
    required = [one for one in form.questions if one.required_if == ALWAYS]
    few = len(required) * 2 < len(form.questions)
    boxes = {one.id: _box(form, one, given.get(one.id), errors.get(one.id), few)
             for one in form.questions}  # fmt: skip
    parts = []
    for part in form.parts:
        revealed = {name for name in part.questions if _reveal(form, boxes, part.questions, name)}
        shown = tuple(boxes[name] for name in part.questions if name not in revealed)
        parts.append((part.title, part.hint, shown))
    listed = tuple(
        {"text": errors[one.id], "href": f"#{first_id(one)}"}
        for one in form.questions
        if one.id in errors
    ) + tuple({"text": text} for name, text in errors.items() if name not in form.by_id)
    data = json.dumps(exporting.rules(form), separators=(",", ":")).translate(_UNSAFE)
    files = any(one.kind is Kind.PHOTO for one in form.questions)
    return Layout(form, tuple(parts), listed, Markup(data), today().isoformat(), few, files)


def first_id(question: Question) -> str:
    """Return the id of the first control of a question, where an error link leads."""
    firsts = {Kind.DATE: "-day", Kind.PERSON: "-name", Kind.ADDRESS: "-line"}
    return f"id_{question.id}{firsts.get(question.kind, '')}"


def _box(form: Form, question: Question, given: Any, error: str | None, few: bool) -> Box:
    component, params, inner = BUILD[question.kind](question, given)
    words = question.text + _mark(question, few)
    if component in {"radios", "checkboxes", "date-input", "fieldset"}:
        legend = {"text": words, "classes": "govuk-fieldset__legend--s"}
        params["fieldset"] = {"legend": legend, "role": "group"}
    else:
        params["label"] = {"text": words, "classes": "govuk-label--s"}
    if question.hint:
        params["hint"] = {"text": question.hint}
    if error:
        params["errorMessage"] = {"text": error}
        if inner:  # a fieldset has no place for it: the first box of it says it
            inner[0][1]["errorMessage"] = {"text": error}
    when = f"Only if {telling.condition(form, question.show_if)}" if question.show_if else ""
    return Box(question, component, params, when, inner)


def _mark(question: Question, few: bool) -> str:
    """Mark the fewer: what must be answered in a long form, what may be left in a short one."""
    if few:
        return " (must be answered)" if question.required_if == ALWAYS else ""
    return "" if question.required_if is not None else " (optional)"


def _reveal(form: Form, boxes: Mapping[str, Box], part: tuple[str, ...], name: str) -> bool:
    """Put a box under the answer of an earlier question that alone makes it apply."""
    condition = form.by_id[name].show_if
    if condition is None or condition[0] not in {"=", "has"} or condition[1] not in part:
        return False
    parent = boxes[condition[1]]
    if parent.question.show_if is not None or parent.component not in {"radios", "checkboxes"}:
        return False
    boxes[name].when = ""
    parent.reveals.setdefault(condition[2], []).append(boxes[name])
    parent.params["classes"] = ""  # answers in a row cannot reveal anything
    return True


Built = tuple[str, Params, list[tuple[str, Params]]]


def _text(question: Question, given: Any) -> Built:
    params: Params = _named(question.id, given)
    if question.longest > BOX_OF_LINES:
        params |= {"rows": 4, "maxlength": question.longest, "threshold": 75}
        return "character-count", params, []
    return "input", params | {"autocomplete": "off"}, []


def _named(name: str, given: Any) -> Params:
    value = "" if given in EMPTY else str(given)
    return {"id": f"id_{name.replace('.', '-')}", "name": name, "value": value}


def _number(question: Question, given: Any) -> Built:
    params = _named(question.id, given) | {"classes": "govuk-input--width-5"}
    params["inputmode"] = "numeric" if question.decimals == 0 else "decimal"
    if question.unit:
        params["suffix"] = {"text": question.unit}
    return "input", params, []


def _date(question: Question, given: Any) -> Built:
    return "date-input", _days(question.id, given), []


def _days(name: str, given: Any) -> Params:
    parts = given if isinstance(given, Mapping) else {}
    if isinstance(given, str) and given.count("-") == 2:
        parts = dict(zip(("year", "month", "day"), given.split("-"), strict=True))
    prefix = f"id_{name.replace('.', '-')}"
    items = [
        {
            "id": f"{prefix}-{part}",
            "name": f"{name}.{part}",
            "label": part.capitalize(),
            "value": str(parts.get(part) or "").lstrip("0"),
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}",
        }
        for part in DAY_PARTS
    ]
    return {"id": prefix, "items": items}


def _chosen(question: Question, chosen: Iterable[str], component: str) -> Built:
    items = [
        {"value": key, "text": words, "checked": key in chosen}
        for key, words in question.options.items()
    ]
    name = question.id
    params: Params = {"idPrefix": f"id_{name}", "name": name, "items": items, "classes": ""}
    return component, params, []


def _radios(question: Question, given: Any) -> Built:
    component, params, inner = _chosen(
        question, [given] if isinstance(given, str) else [], "radios"
    )
    if question.kind is Kind.YES_NO:
        params["classes"] = "app-radios--row"
    return component, params, inner


def _checkboxes(question: Question, given: Any) -> Built:
    several = given.split(";") if isinstance(given, str) else given or []
    component, params, inner = _chosen(question, [one.strip() for one in several], "checkboxes")
    for item in params["items"]:
        if item["value"] in {"none", "not known"}:
            item["behaviour"] = "exclusive"
    return component, params, inner


def _plan(question: Question, given: Any) -> Built:
    notes = given if isinstance(given, Mapping) else dict.fromkeys(given or [], "")
    component, params, inner = _chosen(question, list(notes), "checkboxes")
    for item in params["items"]:
        place = item["value"]
        note = _named(f"{question.id}.note.{place}", notes.get(place))
        note["id"] = note["id"].replace(" ", "-")
        note["label"] = {"text": f"What is there: {item['text']} (optional)"}
        item["note"] = note
    return component, params, inner


def _parts(names: Iterable[str]) -> Callable[[Question, Any], Built]:
    def build(question: Question, given: Any) -> Built:
        parts = given if isinstance(given, Mapping) else {}
        if isinstance(given, str):
            parts = {next(iter(names)): given}
        return "fieldset", {}, [_part(question, part, parts.get(part)) for part in names]

    return build


def _part(question: Question, part: str, given: Any) -> tuple[str, Params]:
    name = f"{question.id}.{part}"
    if part == "born":
        legend = {"text": "Date of birth"}
        return "date-input", _days(name, given) | {"fieldset": {"legend": legend, "role": "group"}}
    params = _named(name, given) | {"label": {"text": LABELS[part]}, "autocomplete": "off"}
    params |= {"classes": f"govuk-input--width-{WIDTHS[part]}"} if part in WIDTHS else {}
    return "input", params | {"type": TYPES.get(part, "text"), "spellcheck": False}


def _signature(question: Question, given: Any) -> Built:
    parts = given if isinstance(given, Mapping) else {"name": given}
    params = _named(question.id, parts.get("name")) | {"autocomplete": "off", "spellcheck": False}
    return "input", params | {"drawing": parts.get("drawing") or ""}, []


def _photo(question: Question, given: Any) -> Built:
    params = _named(question.id, None) | {
        "kept": [given] if isinstance(given, str) else given or []
    }
    params["attributes"] = {"multiple": "multiple", "accept": "image/*"}
    return "file-upload", params, []


BUILD: dict[Kind, Callable[[Question, Any], Built]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _radios,
    Kind.YES_NO: _radios,
    Kind.MULTI: _checkboxes,
    Kind.PLAN: _plan,
    Kind.PERSON: _parts(tuple(PERSON_PARTS)),
    Kind.ADDRESS: _parts(tuple(ADDRESS_PARTS)),
    Kind.SIGNATURE: _signature,
    Kind.PHOTO: _photo,
}


def sent(form: Form, post: Sent) -> dict[str, Any]:
    """Return the answers that a page sent, as `forms.check` takes them; empty boxes are left out.

    Of photos only those kept before: the caller keeps new files and adds their keys.
    """
    found = {one.id: SENT.get(one.kind, _sent_text)(one, post) for one in form.questions}
    return {name: value for name, value in found.items() if value not in EMPTY}


def _sent_text(question: Question, post: Sent) -> Any:
    return post.get(question.id, "").strip()


def _sent_date(question: Question, post: Sent) -> Any:
    return _three(question.id, post)


def _three(name: str, post: Sent) -> dict[str, str]:
    parts = {part: post.get(f"{name}.{part}", "").strip() for part in DAY_PARTS}
    return parts if any(parts.values()) else {}


def _sent_parts(names: Iterable[str]) -> Callable[[Question, Sent], Any]:
    def read(question: Question, post: Sent) -> Any:
        found: dict[str, Any] = {}
        for part in names:
            name = f"{question.id}.{part}"
            found[part] = _three(name, post) if part == "born" else post.get(name, "").strip()
        return {part: value for part, value in found.items() if value not in EMPTY}

    return read


def _sent_signature(question: Question, post: Sent) -> dict[str, str]:
    found = {"name": post.get(question.id, ""), "drawing": post.get(f"{question.id}.drawing", "")}
    return {part: text.strip() for part, text in found.items() if text.strip()}


SENT: dict[Kind, Callable[[Question, Sent], Any]] = {
    Kind.DATE: _sent_date,
    Kind.MULTI: lambda question, post: post.getlist(question.id),
    Kind.PLAN: lambda question, post: {
        place: post.get(f"{question.id}.note.{place}", "") for place in post.getlist(question.id)
    },
    Kind.PERSON: _sent_parts(tuple(PERSON_PARTS)),
    Kind.ADDRESS: _sent_parts(tuple(ADDRESS_PARTS)),
    Kind.SIGNATURE: _sent_signature,
    Kind.PHOTO: lambda question, post: post.getlist(f"{question.id}.kept"),
}

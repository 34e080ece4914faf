"""Forms that a phone asks, made of a scheme's own; and what it sends, read back. Pure.

A visit's form is the scheme's, with a last part for what an officer brings back besides answers.
The ids of that part hold a space, so that no question of a scheme has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from triservice.casework.visits.rules import before_photos
from triservice.casework.words import Capacity
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError
from triservice.schemes import exporting, forms
from triservice.schemes.conditions import ALWAYS
from triservice.schemes.scheme import Form, Part, Question, Scheme
from triservice.schemes.words import Kind

Values = Mapping[str, Any]
VISIT, REFERRAL = "visit", "referral"
ADVICE, DANGER, NEXT = "advice given", "danger found", "next visit"
PHOTOS = "photos agreed"
LONG = 2_000  # characters


def _question(name: str, text: str, kind: Kind, **rest: Any) -> Question:
    return Question(name, text, kind, DataClass.RISK, text, **rest)


def _form(name: str, title: str, *questions: Question) -> Form:
    part = Part(title, tuple(each.id for each in questions))
    return Form(name, title, (part,), {each.id: each for each in questions}, {})


CLOSING = _form(
    "closing",
    "Before you go",
    _question(ADVICE, "Advice given", Kind.TEXT, longest=LONG),
    _question(
        DANGER, "Immediate danger found, and what was done", Kind.TEXT, longest=LONG,
        hint="Somebody is in danger now? Call 999 first.",
    ),
    _question(NEXT, "Day of the next visit, if there is one", Kind.DATE),
)  # fmt: skip
AGREED = _question(
    PHOTOS, "Do they agree to photos, and can they decide it?", Kind.YES_NO,
    options={"yes": "Yes", "no": "No, so none is taken"},
)  # fmt: skip
BESIDE = _form("beside", CLOSING.title, AGREED, *CLOSING.by_id.values())
NO_ACCESS = _form(
    "no access",
    "Nobody could be visited",
    _question("card", "Did you leave a card?", Kind.YES_NO, required_if=ALWAYS,
              options={"yes": "Yes", "no": "No"}),
)  # fmt: skip
NOTE = _form(
    "note",
    "Write a note",
    _question("text", "Note", Kind.TEXT, longest=10_000, required_if=ALWAYS),
    _question("contact", "Did you speak with the person?", Kind.YES_NO,
              options={"yes": "Yes", "no": "No"}),
)  # fmt: skip
RESULT = _form(
    "result",
    "Say what came of it",
    _question("done", "Is it done?", Kind.YES_NO, required_if=ALWAYS,
              options={"yes": "Yes, it is done", "no": "No, it is cancelled"}),
    _question("result", "What came of it, or why is it cancelled?", Kind.TEXT, longest=LONG,
              required_if=ALWAYS),
)  # fmt: skip

TO, AGREED_BY = "to", "agreed"
ONWARD = _form(
    "onward",
    "Refer on",
    _question(TO, "Who else should help?", Kind.TEXT, longest=60, required_if=ALWAYS),
    _question(
        AGREED_BY, "Who agrees to being referred on?", Kind.CHOICE,
        options={str(c): str(c).capitalize() for c in Capacity if c is not Capacity.NOT_ASSESSED},
        hint="Without it only what asks no consent is sent; the rest waits under From phones",
    ),
    _question("given_by", "If another agrees for them: who, and as what?", Kind.TEXT, longest=120),
    _question("why", "What should they know?", Kind.TEXT, longest=LONG),
)  # fmt: skip


def onward_form(places: Mapping[str, str]) -> Form | None:
    """Return the form to refer on, to places as whereto → words; None where there are none."""
    if not places:
        return None
    to = replace(ONWARD.by_id[TO], kind=Kind.CHOICE, options=places)
    return replace(ONWARD, by_id={**ONWARD.by_id, TO: to})


def fitted_form(scheme: Scheme) -> Form | None:
    """Return the form for one thing fitted or left; None where the scheme fits nothing."""
    if not scheme.equipment:
        return None
    kinds = {kind: one.name for kind, one in scheme.equipment.items()}
    return _form(
        "fitted",
        "Note what was fitted",
        _question("kind", "What was fitted or left?", Kind.CHOICE, options=kinds,
                  required_if=ALWAYS),
        _question("place", "Where?", Kind.TEXT, longest=80),
        _question("serial", "Serial number", Kind.TEXT, longest=60),
        _question("expires", "Battery or expiry date", Kind.DATE),
    )  # fmt: skip


def visit_form(scheme: Scheme) -> Form:
    """Return the scheme's visit form with the last part, and the consent it asks before a photo."""
    form, last = scheme.forms[VISIT], [CLOSING]
    if asked := before_photos(scheme):
        last.insert(0, _form("photos", "Photos", replace(AGREED, hint=f"“{asked.text}”")))
    parts = tuple(part for each in last for part in each.parts)
    by_id = {name: one for each in last for name, one in each.by_id.items()}
    return replace(form, parts=(*form.parts, *parts), by_id={**form.by_id, **by_id})


def as_json(form: Form, scheme: Scheme | None = None, of: str = "") -> dict[str, Any]:
    """Return a form as a phone takes it along; each under a key of its own, with `of` in it."""
    whose = f"{scheme.id}@{scheme.version}/" if scheme else ""
    return exporting.form(form) | {"key": f"{whose}{of}{form.id}"}


def version_of(key: str, scheme: str) -> int | None:
    """Return the version of a scheme whose form went along under a key; None: it says none."""
    name, _, rest = key.partition("@")
    version = rest.partition("/")[0]
    return int(version) if name == scheme and version.isdecimal() and len(version) < 9 else None


def checked(form: Form, values: Values) -> dict[str, Any]:
    """Return the answers to one of the forms of here, checked. Raises InputError."""
    found = forms.check(form, values)
    if found.errors:
        raise InputError(" ".join(found.errors.values()), kept="Nothing was done")
    return dict(found.values)


def parted(values: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers to a scheme's questions, and those of the last part, checked."""
    closing = {name: value for name, value in values.items() if name in BESIDE.by_id}
    given = {name: value for name, value in values.items() if name not in BESIDE.by_id}
    return given, checked(BESIDE, closing)

"""Reading filled forms: the answers and reasons that the reader may see, and what is withheld."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from triservice.access.queries import seen
from triservice.access.record import Record
from triservice.casework.answers.rules import together
from triservice.casework.models import AnswerPart, Submission
from triservice.kernel.errors import InputError
from triservice.schemes import answers as said
from triservice.schemes import catalogue
from triservice.schemes.scheme import Form, Scheme
from triservice.schemes.words import Kind
from triservice.subjects.queries.gather import agency_names, locked_of
from triservice.subjects.queries.shown import LockedPart


@dataclass(frozen=True, slots=True)
class Answers:
    """A filled form as far as the reader may know it: (question, answer) in the form's order.

    `drawn` are signatures that were drawn: whose, and the path of an SVG.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    values: dict[str, Any]
    locked: tuple[LockedPart, ...]
    drawn: tuple[tuple[str, str], ...] = ()


NOTHING = Answers("", (), (), {}, ())


def scheme_of(name: str, version: int | None = None) -> Scheme | None:
    """Return a scheme of the catalogue; None for one that is no longer there."""
    try:
        return catalogue.scheme(name, version)
    except InputError:
        return None


def scheme_name(name: str) -> str:
    """Return what a scheme is called; its id when it is no longer in the catalogue."""
    found = scheme_of(name)
    return found.name if found else name


def answers_of(record: Record, submission: int | None, scheme: Scheme | None, form: str) -> Answers:
    """Return a filled form. A reason is shown only with every class that it tells of."""
    if submission is None:
        return NOTHING
    everything = AnswerPart.objects.filter(submission=submission).order_by("pk")
    parts = seen(record, everything)
    values = together(part.get("answers") or {} for part in parts)
    classes = {part.data_class for part in parts}
    told = [each for part in parts for each in part.get("reasons") or ()]
    reasons = tuple(text for text, tells in told if set(tells) <= classes)
    asked = scheme.forms.get(form) if scheme else None
    title = asked.title if asked else form
    if asked:
        rows = [
            (question.name, said.said(question, values[question.id]))
            for question in asked.questions
            if question.id in values
        ]
    else:
        rows = [(name, str(value)) for name, value in values.items()]
    closed = locked_of(record, everything, agency_names())
    return Answers(title, tuple(rows), reasons, values, closed, _drawn(asked, values))


def _drawn(asked: Form | None, values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    signed = (one.id for one in asked.questions if one.kind is Kind.SIGNATURE) if asked else ()
    found = (values.get(name) or {} for name in signed)
    return tuple((one["name"], one["drawing"]) for one in found if one.get("drawing"))


def form_of(submission: int | None) -> str:
    """Return which form was filled; blank for none."""
    if submission is None:  # asked of the database, it would look for none among all
        return ""
    rows = Submission.objects.filter(pk=submission).values_list("form", flat=True)
    return rows.first() or ""


def reasons_of(record: Record, submissions: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the reasons of several filled forms that the reader may see, for lists."""
    parts = seen(record, AnswerPart.objects.filter(submission__in=list(submissions)))
    classes: dict[int, set[str]] = {}
    for part in parts:
        classes.setdefault(part.submission_id, set()).add(part.data_class)
    found: dict[int, tuple[str, ...]] = {}
    for part in parts:
        known = classes[part.submission_id]
        told = [text for text, tells in part.get("reasons") or () if set(tells) <= known]
        found[part.submission_id] = (*found.get(part.submission_id, ()), *told)
    return found

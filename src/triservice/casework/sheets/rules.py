"""The columns of a scheme's referral form as a sheet has them, and a row read as answers. Pure.

A question of several boxes (a person, an address) is a column for each box: `person.name`. Every
row has the sender's own reference, by which it is received once however often it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from triservice.files import FORMULA_STARTS
from triservice.kernel.errors import InputError
from triservice.schemes import answers
from triservice.schemes.answers import ADDRESS_PARTS, PERSON_PARTS
from triservice.schemes.asking import LABELS
from triservice.schemes.scheme import Form, Question
from triservice.schemes.words import Kind

REFERENCE = "your_reference"
WRONG = "what_is_wrong"  # a column of the sheet of bad rows; not read back
LONGEST_REFERENCE = 80
MOST_ROWS = 300  # in one sheet: some seconds of work
_OURS = UUID("0c3d6cf5-0a83-5a4e-9c43-6a6cf1a3a9f1")  # a name space for keys of rows
_BOXES: Mapping[Kind, tuple[str, ...]] = {
    Kind.PERSON: tuple(PERSON_PARTS), Kind.ADDRESS: tuple(ADDRESS_PARTS), Kind.SIGNATURE: ("name",),
}  # fmt: skip
_NEVER = frozenset({Kind.PHOTO})  # a sheet holds none


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the question that it answers, and which box of it ("" for the whole)."""

    name: str
    question: Question
    box: str = ""

    @property
    def asked(self) -> str:
        """What is asked, in words."""
        of = LABELS.get(self.box, "Date of birth" if self.box == "born" else "")
        return f"{self.question.text} {of}".strip()

    @property
    def answered(self) -> str:
        """How it is answered, in words."""
        if self.question.options:
            several = "; or several of: " if self.question.kind is Kind.MULTI else ""
            return several.lstrip("; ").capitalize() + "; ".join(self.question.options.values())
        if self.question.kind is Kind.DATE or self.box == "born":
            return "A date, like 27/3/1940"
        return self.question.hint


def columns_of(form: Form) -> tuple[Column, ...]:
    """Return the columns of a form, in its order; what a sheet cannot hold is left out."""
    found: list[Column] = []
    for question in form.questions:
        if question.kind in _NEVER:
            continue
        boxes = _BOXES.get(question.kind)
        if boxes is None:
            found.append(Column(question.id, question))
        else:
            found += [Column(f"{question.id}.{box}", question, box) for box in boxes]
    return tuple(found)


def given_of(columns: Iterable[Column], row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row as answers to the form, not yet checked."""
    given: dict[str, Any] = {}
    for column in columns:
        text = row.get(column.name, "")
        if text and column.box:
            given.setdefault(column.question.id, {})[column.box] = text
        elif text:
            given[column.question.id] = text
    return given


def column_of(form: Form, name: str, given: Mapping[str, Any]) -> str:
    """Return the column in which an answer is wrong: of several boxes, the one that is."""
    question = form.by_id.get(name)
    boxes = _BOXES.get(question.kind) if question else None
    if question is None or boxes is None:
        return name
    said = given.get(name) or {}
    for box in boxes[1:]:
        try:
            answers.read(question, {boxes[0]: "x", box: said.get(box, "")})
        except InputError:
            return f"{name}.{box}"
    return f"{name}.{boxes[0]}"


def key_of(sender: int, to: int, scheme: str, reference: str) -> UUID:
    """Return the key of a row: the same agency's reference for the same scheme is one referral."""
    return uuid5(_OURS, f"{sender}:{to}:{scheme}:{reference}")


def text_of(cell: object) -> str:
    """Return a cell as text: a day as 2026-03-27, a whole number without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text

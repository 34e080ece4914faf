"""Answers by data class, who and where they tell of, and which class guards a sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from triservice.kernel.access_words import DataClass as C
from triservice.schemes.scheme import Form, Question
from triservice.schemes.words import Kind

GUARDED = (
    C.SAFEGUARDING, C.HEALTH, C.AMBULANCE, C.SOCIAL_CARE, C.POLICE, C.FIRE, C.RISK, C.HOUSEHOLD,
    C.WORKFORCE, C.IDENTITY, C.CONTACT, C.LOCATION, C.OPERATIONAL,
)  # fmt: skip
"""The classes, the most closely guarded first."""
TELLS = {Kind.PERSON: C.IDENTITY, Kind.ADDRESS: C.LOCATION}
REACHED_BY = ("phone", "email")  # parts of a person that are contact, not identity


def guard(classes: Iterable[str]) -> str:
    """Return the class of something that tells of several: the most closely guarded of them.

    What tells of none is risk: it is about somebody all the same.
    """
    told = set(map(str, classes))
    return next((str(each) for each in GUARDED if str(each) in told), str(C.RISK))


def by_class(form: Form, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return checked answers by data class; the telephone of a person goes with contact."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        question = form.by_id[name]
        for data_class, part in _parts(question, value):
            found.setdefault(data_class, {})[name] = part
    return found


def _parts(question: Question, value: Any) -> Iterable[tuple[str, Any]]:
    own = str(question.data_class)
    if question.kind is not Kind.PERSON or question.data_class is not C.IDENTITY:
        return [(own, value)]
    reached = {part: text for part, text in value.items() if part in REACHED_BY}
    who = {part: text for part, text in value.items() if part not in REACHED_BY}
    return [each for each in ((own, who), (str(C.CONTACT), reached)) if each[1]]


def together(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answers of several parts as one: the pieces of a person come together again."""
    found: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            both = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
            found[name] = {**found[name], **value} if both else value
    return found


def subject_of(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return who and where the answers tell of, as columns of a record (subjects.layout).

    That is the form's first question about a person and the first about an address.
    """
    person = _first(form, values, Kind.PERSON)
    place = _first(form, values, Kind.ADDRESS)
    told = {
        **names_in(str(person.get("name", ""))),
        "date_of_birth": person.get("born"),
        "phone": person.get("phone"),
        "email": person.get("email"),
        "address": place.get("line"),
        "postcode": place.get("postcode"),
        "uprn": place.get("uprn"),
    }
    return {name: value for name, value in told.items() if value}


def names_in(text: str) -> dict[str, str]:
    """Return a name as it is written in one box, as columns of a record."""
    names = text.split()
    return {
        "given_name": " ".join(names[:1]) if len(names) > 1 else "",
        "middle_names": " ".join(names[1:-1]),
        "family_name": " ".join(names[-1:]),
    }


def question_of(form: Form, kind: Kind) -> Question | None:
    """Return the first question of a form about whom (a person) or where (an address) it is."""
    asked = (q for q in form.questions if q.kind is kind and q.data_class is TELLS[kind])
    return next(asked, None)


def _first(form: Form, values: Mapping[str, Any], kind: Kind) -> Mapping[str, Any]:
    for question in form.questions:
        if question.kind is kind and question.data_class is TELLS[kind]:
            value = values.get(question.id)
            if isinstance(value, Mapping):
                return value
    return {}

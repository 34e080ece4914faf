"""Schemes and forms as JSON: for the API, for a phone that works offline, and for other systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

from triservice.schemes.answers import (
    ADDRESS_PARTS,
    LONGEST_NOTE,
    MOST_PHOTOS,
    PERSON_PARTS,
    SIGNATURE_PARTS,
)
from triservice.schemes.conditions import ALWAYS
from triservice.schemes.scheme import Form, Question, Scheme
from triservice.schemes.words import NOT_KNOWN, Kind, said_duration

NOT_SENT = frozenset({"by_id"})  # says again what `questions` says


def scheme(one: Scheme) -> dict[str, Any]:
    """Return everything a scheme file says; conditions are nested lists."""
    return {**_object(one), "forms": {name: form(each) for name, each in one.forms.items()}}


def form(one: Form) -> dict[str, Any]:
    """Return a form with its questions in order, and the scores that it works out."""
    return {**_object(one), "questions": [_plain(each) for each in one.questions]}


def rules(one: Form) -> dict[str, Any]:
    """Return what a script needs to show and hide the questions of a form, and no more."""
    kept = ("id", "kind", "options", "low", "high", "show_if")
    questions = [{key: _plain(getattr(each, key)) for key in kept} for each in one.questions]
    scores = {each.id: _object(each) for each in one.scores.values()}
    return {"questions": questions, "scores": scores}


def _object(one: Any) -> dict[str, Any]:
    return {
        each.name.rstrip("_"): _plain(getattr(one, each.name))
        for each in fields(one)
        if each.name not in NOT_SENT
    }


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return _object(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    if isinstance(value, timedelta):
        return said_duration(value)
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def json_schema(one: Form) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the answers to a form.

    Each answer may be null. What is asked only sometimes is not required here; the check of the
    answers says when it is.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": one.title,
        "type": "object",
        "properties": {each.id: _property(each) for each in one.questions},
        "required": [
            each.id for each in one.questions if each.required_if == ALWAYS and not each.show_if
        ],
        "additionalProperties": False,
    }


def _property(question: Question) -> dict[str, Any]:
    said = {
        "title": question.name,
        "description": " ".join(filter(None, (question.text, question.hint))),
        "x-kind": str(question.kind),
        "x-data-class": str(question.data_class),
    }
    if question.unit:
        said["x-unit"] = question.unit
    return said | {"anyOf": [SHAPES[question.kind](question), {"type": "null"}]}


def _number(question: Question) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "integer" if question.decimals == 0 else "number"}
    found |= {"minimum": question.low} if question.low is not None else {}
    found |= {"maximum": question.high} if question.high is not None else {}
    return {"anyOf": [found, {"const": NOT_KNOWN}]}


def _options(question: Question) -> dict[str, Any]:
    return {"enum": list(question.options)}


def _parts(parts: Mapping[str, int]) -> Callable[[Question], dict[str, Any]]:
    texts = {name: {"type": "string", "maxLength": longest} for name, longest in parts.items()}
    shape = {"type": "object", "properties": texts, "additionalProperties": False}
    return lambda question: shape


SHAPES: dict[Kind, Callable[[Question], dict[str, Any]]] = {
    Kind.TEXT: lambda question: {"type": "string", "maxLength": question.longest},
    Kind.NUMBER: _number,
    Kind.DATE: lambda question: {
        "anyOf": [{"type": "string", "format": "date"}, {"const": NOT_KNOWN}]
    },
    Kind.CHOICE: _options,
    Kind.YES_NO: _options,
    Kind.MULTI: lambda question: {
        "type": "array",
        "items": _options(question),
        "uniqueItems": True,
    },
    Kind.PHOTO: lambda question: {
        "type": "array",
        "items": {"type": "string"},
        "maxItems": MOST_PHOTOS,
    },
    Kind.SIGNATURE: _parts(SIGNATURE_PARTS),
    Kind.ADDRESS: _parts(ADDRESS_PARTS),
    Kind.PERSON: _parts(PERSON_PARTS),
    Kind.PLAN: lambda question: {
        "type": "object",
        "propertyNames": _options(question),
        "additionalProperties": {"type": "string", "maxLength": LONGEST_NOTE},
    },
}

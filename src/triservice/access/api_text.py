"""Text of requests: what neither database keeps is refused before anything reads it."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from django.http import HttpRequest
from ninja import Field, Schema
from ninja.parser import Parser
from pydantic import field_validator

PLAIN = r"^[^\x00]*$"


def text_field(longest: int, said: str, *, shortest: int = 0, default: Any = ...) -> Any:
    """Return a field of text of so many characters; `said` describes it in the schema."""
    return Field(
        default,
        min_length=shortest,
        max_length=longest,
        description=said,
        json_schema_extra={"pattern": PLAIN},
    )


class Asked(Schema):
    """The query of an address; a NUL in it is refused, as the parser does in bodies."""

    @field_validator("*", mode="before")
    @classmethod
    def kept(cls, value: Any) -> Any:
        """Refuse text that cannot be kept."""
        return _kept(value) if isinstance(value, str) else value


def _kept(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds a character that cannot be kept")
    return text


class PlainParser(Parser):
    """Reads JSON; refuses (ninja answers 400) what is none, or holds text that cannot be kept."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body. Raises ValueError or RecursionError."""
        body = strict_json(request.body)
        if b"\\u" in request.body:
            json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair is nothing
            _no_nul(body)
        return body


def strict_json(text: bytes) -> Any:
    """Return what JSON says. Raises ValueError (also for NaN and infinity) or RecursionError."""
    return json.loads(text, parse_constant=_no_constant, parse_float=_finite)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    """Return a number; 1e999 would be kept as an infinity, which is no JSON."""
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is beyond all numbers")
    return number


def _no_nul(value: Any) -> None:
    if isinstance(value, str):
        _kept(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _kept(name)
            _no_nul(inner)
    elif isinstance(value, list):
        for inner in value:
            _no_nul(inner)

"""Answers: what a page, a phone, a system or a sheet gave, made into one value for each kind.

A value is plain JSON: text; a number; a date as 2026-03-27; the id of an option; a list of ids;
"yes", "no" or "not known"; for an address, a person and a plan an object. Nothing given is None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from triservice.kernel.errors import InputError
from triservice.kernel.words import long_date
from triservice.schemes.scheme import Question
from triservice.schemes.words import NONE, NOT_KNOWN, Kind

ADDRESS_PARTS = {"line": 200, "postcode": 10, "uprn": 12}
PERSON_PARTS = {"name": 200, "born": 10, "phone": 30, "email": 254, "relation": 100}
SIGNATURE_PARTS = {"name": 200, "drawing": 6_000}
# Lines in a box of 600 × 200, as the path of an SVG (web/front/src/lib/signature.js).
DRAWING = r"(?:M\d{1,3} \d{1,3}(?: \d{1,3} \d{1,3})+)+"
EMPTY: tuple[Any, ...] = (None, "", [], {})
MOST_PHOTOS = 20
LONGEST_NOTE = 500
_DAY_FIRST = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_YES_NO = {"yes": "yes", "y": "yes", "true": "yes", "no": "no", "n": "no", "false": "no"}
_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})")
_UNKEPT = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_FILE = re.compile(r"[A-Za-z0-9_-]{1,100}")  # the key under which a file was kept


def read(question: Question, given: Any) -> Any:
    """Return the value of an answer; None for nothing. Raises InputError with a sentence."""
    if given in EMPTY:
        return None
    if isinstance(given, str):
        given = _clean(question, given)
        if not given:
            return None
    value = READERS[question.kind](question, given)
    return None if value in EMPTY else value


def _clean(question: Question, text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(
        (ord(sign) < 32 and sign not in "\n\t") or 0xD800 <= ord(sign) < 0xE000 for sign in text
    ):
        raise InputError(f"{question.name} holds a sign that cannot be kept")
    return text


def _text_of(question: Question, given: Any, longest: int, what: str = "") -> str:
    if not isinstance(given, str):
        raise InputError(f"{what or question.name} must be text")
    text = _clean(question, given)
    if len(text) > longest:
        raise InputError(f"{what or question.name} must be {longest:,} characters or fewer")
    return text


def _text(question: Question, given: Any) -> str:
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        given = str(given)  # a sheet makes a number of what looks like one
    return _text_of(question, given, question.longest)


def _number(question: Question, given: Any) -> float | int | str:
    if given == NOT_KNOWN:
        return NOT_KNOWN
    asked = f"{question.name} must be a number{_range(question)}"
    if isinstance(given, str):
        text = given.replace(",", "").removesuffix(question.unit).strip()
        if not re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,10})?", text, re.ASCII):
            raise InputError(f"{asked}, like {_example(question)}")
        given = float(text)
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given):
        raise InputError(asked)
    low = -math.inf if question.low is None else question.low
    high = math.inf if question.high is None else question.high
    if not low <= given <= high:
        raise InputError(asked)
    if round(given, question.decimals) != given:
        places = "a whole number" if question.decimals == 0 else "a number of "
        places += f"{question.decimals} decimals at most" if question.decimals else ""
        raise InputError(f"{question.name} must be {places}{_range(question)}")
    return int(given) if given == int(given) else float(given)


def _range(question: Question) -> str:
    unit = f" {question.unit}" if question.unit else ""
    if question.low is not None and question.high is not None:
        return f" from {question.low:g} to {question.high:g}{unit}"
    if question.low is not None:
        return f" of {question.low:g}{unit} or more"
    return f" of {question.high:g}{unit} or less" if question.high is not None else ""


def _example(question: Question) -> str:
    return f"{question.low if question.low is not None else 12:g}"


def _date(question: Question, given: Any) -> str:
    if given == NOT_KNOWN:
        return NOT_KNOWN
    if isinstance(given, datetime):
        return given.date().isoformat()
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, Mapping):  # three boxes of a page
        parts = [str(given.get(part) or "").strip() for part in ("day", "month", "year")]
        if not any(parts):
            return ""
        given = "/".join(parts)
    found = _day(given) if isinstance(given, str) else None
    if found is None:
        raise InputError(f"{question.name} must be a real date, like 27/3/2026")
    return found.isoformat()


def _day(text: str) -> date | None:
    """Read 2026-03-27 or 27/3/2026; None for anything else."""
    try:
        if match := _DAY_FIRST.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _option(question: Question, given: Any) -> str:
    """Return the id of an option, said as such or in its words."""
    if isinstance(given, str):
        if given in question.options:
            return given
        folded = given.casefold()
        for key, words in question.options.items():
            if folded in {key.casefold(), words.casefold()}:
                return key
        if given == NOT_KNOWN:
            return NOT_KNOWN
    listed = ", ".join(question.options.values())
    raise InputError(f"{question.name}: {_quoted(given)} is none of: {listed}")


def _quoted(given: Any) -> str:
    text = str(given)
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”"


def _yes_no(question: Question, given: Any) -> str:
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, str) and (word := _YES_NO.get(given.casefold())):
        return word
    return _option(question, given)


def _multi(question: Question, given: Any) -> list[str]:
    """Read several options: a list, or in a sheet text parted by semicolons."""
    if isinstance(given, str):
        given = [part.strip() for part in given.split(";") if part.strip()]
    if not isinstance(given, (list, tuple)):
        raise InputError(f"{question.name} must be a list of answers")
    chosen = {_option(question, one) for one in given if one != ""}
    if len(chosen) > 1 and (alone := chosen & {NONE, NOT_KNOWN}):
        words = question.options.get(next(iter(alone)), NOT_KNOWN)
        raise InputError(f"{question.name}: choose “{words}” or the others, not both")
    return [key for key in (*question.options, NOT_KNOWN) if key in chosen]


def _photos(question: Question, given: Any) -> list[str]:
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, (list, tuple)) or len(given) > MOST_PHOTOS:
        raise InputError(f"{question.name} must be at most {MOST_PHOTOS} photos")
    if not all(isinstance(one, str) and _FILE.fullmatch(one) for one in given):
        raise InputError(f"{question.name}: a photo did not arrive. Take or choose it again")
    return list(dict.fromkeys(given))


def _parts(question: Question, given: Any, parts: Mapping[str, int], first: str) -> dict[str, str]:
    """Read an answer of several boxes; text alone is the first of them."""
    given = {first: given} if isinstance(given, str) else given
    if not isinstance(given, Mapping):
        raise InputError(f"{question.name} must be an object of {', '.join(parts)}")
    if unknown := sorted(set(map(str, given)) - set(parts)):
        raise InputError(f"{question.name} has no part {_quoted(', '.join(unknown))}")
    found = {}
    for part, longest in parts.items():
        if given.get(part) not in (None, ""):
            found[part] = _text_of(question, given[part], longest, f"{question.name}: the {part}")
    return {part: text for part, text in found.items() if text}


def _signature(question: Question, given: Any) -> dict[str, str]:
    found = _parts(question, given, SIGNATURE_PARTS, "name")
    if found and "name" not in found:
        raise InputError(f"{question.name}: enter the full name of who signs")
    if not re.fullmatch(DRAWING, found.get("drawing", "M0 0 0 0"), re.ASCII):
        raise InputError(f"{question.name}: what was drawn did not arrive whole. Draw it again")
    return found


def _address(question: Question, given: Any) -> dict[str, str]:
    found = _parts(question, given, ADDRESS_PARTS, "line")
    if uprn := found.get("uprn"):
        if not re.fullmatch(r"\d{1,12}", uprn, re.ASCII):
            raise InputError(f"{question.name}: a UPRN is up to 12 digits")
        found["uprn"] = uprn.lstrip("0") or "0"
    if postcode := found.get("postcode"):
        match = _POSTCODE.fullmatch(" ".join(postcode.upper().split()))
        if not match:
            raise InputError(f"{question.name}: enter a full UK postcode, like TR1 1AA")
        found["postcode"] = f"{match[1]} {match[2]}"
    return found


def _person(question: Question, given: Any) -> dict[str, str]:
    if isinstance(given, Mapping) and isinstance(given.get("born"), Mapping):
        given = {**given, "born": _date(question, given["born"])}
    found = _parts(question, given, PERSON_PARTS, "name")
    if born := found.get("born"):
        day = _day(born)
        if day is None:
            raise InputError(f"{question.name}: the date of birth must be real, like 27/3/1940")
        found["born"] = day.isoformat()
    if found and "name" not in found:
        raise InputError(f"{question.name}: enter the name")
    return found


def _plan(question: Question, given: Any) -> dict[str, str]:
    """Read places that are marked on a plan of rooms or of a body, each with a note."""
    if isinstance(given, (str, list, tuple)):
        given = dict.fromkeys(_multi(question, given), "")
    if not isinstance(given, Mapping):
        raise InputError(f"{question.name} must be an object of places and notes")
    found = {}
    for place, note in given.items():
        key = _option(question, place)
        found[key] = _text_of(question, note or "", LONGEST_NOTE, f"{question.name}: the note")
    return {key: found[key] for key in question.options if key in found}


READERS: dict[Kind, Callable[[Question, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _option,
    Kind.YES_NO: _yes_no,
    Kind.MULTI: _multi,
    Kind.PHOTO: _photos,
    Kind.SIGNATURE: _signature,
    Kind.ADDRESS: _address,
    Kind.PERSON: _person,
    Kind.PLAN: _plan,
}


def said(question: Question, value: Any) -> str:
    """Return a value in words, for pages, print and reasons; "" for nothing."""
    if value in EMPTY:
        return ""
    if value == NOT_KNOWN:
        return "Not known"
    return SAYERS[question.kind](question, value) if question.kind in SAYERS else str(value)


def _words(question: Question, key: str) -> str:
    return question.options.get(key, "Not known" if key == NOT_KNOWN else key)


def _said_date(question: Question, value: str) -> str:
    return long_date(date.fromisoformat(value))


def _said_number(question: Question, value: float) -> str:
    return f"{value:,} {question.unit}".strip()


def _said_person(question: Question, value: Mapping[str, str]) -> str:
    born = value.get("born")
    shown = {**value, "born": f"born {_said_date(question, born)}"} if born else value
    return ", ".join(shown[part] for part in PERSON_PARTS if part in shown)


def _said_plan(question: Question, value: Mapping[str, str]) -> str:
    return "; ".join(
        f"{_words(question, place)}: {note}" if note else _words(question, place)
        for place, note in value.items()
    )


def _said_address(question: Question, value: Mapping[str, str]) -> str:
    return ", ".join(value[part] for part in ("line", "postcode") if part in value) or (
        f"UPRN {value['uprn']}"
    )


SAYERS: dict[Kind, Callable[[Question, Any], str]] = {
    Kind.NUMBER: _said_number,
    Kind.DATE: _said_date,
    Kind.CHOICE: _words,
    Kind.YES_NO: _words,
    Kind.MULTI: lambda question, value: ", ".join(_words(question, key) for key in value),
    Kind.PHOTO: lambda question, value: f"{len(value)} photo{'' if len(value) == 1 else 's'}",
    Kind.SIGNATURE: lambda question, value: f"Signed by {value['name']}",
    Kind.ADDRESS: _said_address,
    Kind.PERSON: _said_person,
    Kind.PLAN: _said_plan,
}

"""What is kept for a search, and what a person who searches means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from triservice.subjects import numbers
from triservice.subjects.names import forms, plain, short_forms, sound
from triservice.subjects.words import COMES_FROM, Kept

LONGEST_WORD = 40
SOUNDS = "~"  # before a form that is a sound


def compact(text: str) -> str:
    """Return a number or code as one word: letters and digits only."""
    return plain(text).replace(" ", "")[:LONGEST_WORD]


def code_words(text: str) -> str:
    """Return a number or e-mail address as one word, and as the words it is made of."""
    return f"{compact(text)} {plain(text)}"


def keys_of(part: Mapping[str, Any]) -> Iterator[tuple[Kept, str]]:
    """Give what is kept of one part: the kind and its words."""
    if name := plain(f"{part.get('given_name', '')} {part.get('family_name', '')}"):
        yield Kept.NAME, name
    if plain(part.get("middle_names") or ""):
        yield Kept.NAMES, plain(" ".join(part.get(name) or "" for name in COMES_FROM[Kept.NAMES]))
    for alias in part.get("aliases") or ():
        if name := plain(alias):
            yield Kept.ALIAS, name
    if nhs := part.get("nhs_number"):
        yield Kept.NHS, nhs
    for number in (part.get("identifiers") or {}).values():
        if compact(number):
            yield Kept.NUMBER, code_words(number)
    if phones := [p for p in (part.get("phone"), part.get("other_phone")) if p]:
        yield Kept.PHONE, " ".join(p.lstrip("+") for p in phones)
    if email := part.get("email"):
        yield Kept.EMAIL, code_words(email)
    place = plain(part.get("address") or "")
    codes = [compact(part[c]) for c in ("postcode", "uprn") if part.get(c)]
    if place or codes:
        yield Kept.ADDRESS, " ".join([place, *codes]).strip()
    if body := plain(part.get("organisation") or ""):
        yield Kept.ORGANISATION, body


def vocabulary(kind: Kept, text: str) -> Iterator[str]:
    """Give the words of a key that a slip of the pen may hide: letters only."""
    if kind in (Kept.NAME, Kept.NAMES, Kept.ALIAS, Kept.ADDRESS, Kept.ORGANISATION):
        for word in text.split():
            if len(word) >= 3 and word.isalpha():
                yield word[:LONGEST_WORD]


def all_forms(word: str) -> set[str]:
    """Return the forms under which a word is found: letters left out, and its sound."""
    said = sound(word)
    return forms(word) | ({SOUNDS + said} if said else set())


def asked_forms(word: str) -> set[str]:
    """Return the forms by which to look for words like the one asked for."""
    return all_forms(word) | short_forms(word)


_POSTCODE = re.compile(r"\b([A-Za-z]{1,2}\d[A-Za-z\d]?)\s*(\d[A-Za-z]{2})\b")
_DATE = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{4}\b|\b\d{4}-\d{2}-\d{2}\b")
_PHONE = re.compile(r"(?<![\w/])\+?\d[\d ()-]{7,18}\d(?![\w/])")
_EMAIL = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone who searches means: plain words, exact codes, and a day of birth."""

    words: tuple[str, ...] = ()  # of names and addresses
    codes: tuple[str, ...] = ()  # postcodes, numbers, telephones, e-mail addresses: exact
    born: date | None = None

    @property
    def nothing(self) -> bool:
        """Whether there is too little to look for: an initial alone names nobody."""
        return not self.codes and not any(len(word) > 1 for word in self.words)

    @property
    def begins(self) -> frozenset[str]:
        """Return the words that only begin a word: initials, and the last, while it is typed."""
        last = [word for word in self.words[-1:] if word.isalpha()]
        return frozenset(last + [word for word in self.words if len(word) == 1 and word.isalpha()])


def understand(text: str, born: date | None = None) -> Asked:
    """Return what was typed into one box: a date is a birthday, codes are codes, the rest words.

    >>> understand("j smith TR13 1AB 12/03/1948")
    Asked(words=('j', 'smith'), codes=('tr131ab',), born=datetime.date(1948, 3, 12))
    """
    codes: list[str] = []

    def take(pattern: re.Pattern[str], read: Any) -> None:
        nonlocal text
        for found in list(pattern.finditer(text)):
            try:
                value = read(found.group(0))
            except ValueError:
                continue
            if isinstance(value, date):
                nonlocal born
                born = value
            else:
                codes.append(compact(value))
            text = text.replace(found.group(0), " ", 1)

    take(_DATE, numbers.day)
    take(_EMAIL, str)
    take(_POSTCODE, numbers.postcode)
    take(_PHONE, numbers.telephone)
    words: list[str] = []
    for word in plain(text).split():
        is_code = (word.isdigit() and len(word) >= 5) or any(c.isdigit() for c in word[1:-1])
        (codes if is_code and len(word) >= 5 else words).append(word[:LONGEST_WORD])
    return Asked(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(codes)), born)

"""Words of the kernel as choices of a field, and lists of words as a column."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from triservice.access.errors import UnknownWord


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Return the words of an enumeration as choices of a field."""
    return [(str(word), str(word)[:1].upper() + str(word)[1:]) for word in words]


def check_words(given: Iterable[str], words: type[StrEnum], field: str) -> None:
    """Raise UnknownWord (an InputError) when `given` names a word that `words` does not have."""
    known = {str(word) for word in words}
    unknown = sorted(set(given) - known)
    if unknown:
        raise UnknownWord(field, unknown, sorted(known))

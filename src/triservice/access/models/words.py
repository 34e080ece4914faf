"""Lists of words of the kernel as a column."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from triservice.access.errors import UnknownWord


def check_words(given: Iterable[str], words: type[StrEnum], field: str) -> None:
    """Raise UnknownWord (an InputError) when `given` names a word that `words` does not have."""
    known = {str(word) for word in words}
    unknown = sorted(set(given) - known)
    if unknown:
        raise UnknownWord(field, unknown, sorted(known))

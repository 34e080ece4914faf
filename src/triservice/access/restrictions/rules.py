"""Who keeps need-to-know lists, and who lowers a marking. Pure."""

from __future__ import annotations

from triservice.kernel.access_words import Marking, Role

# They make lists, name who is on them and lift them; they lower markings. For their agency only.
KEEPERS = frozenset({Role.DATA_OWNER, Role.DATA_PROTECTION_LEAD})
_HEIGHT = {str(marking): height for height, marking in enumerate(Marking)}


def highest(markings: frozenset[str]) -> str:
    """Return the highest of some markings; of none, and of what is not known, the highest there is.

    So nothing is ever opened by a marking that nobody knows.
    """
    top = str(list(Marking)[-1])
    return max(markings, key=lambda each: _HEIGHT.get(each, len(_HEIGHT)), default=top)


def lowers(before: str, after: str) -> bool:
    """Whether a marking closes less than the one before it."""
    return _HEIGHT.get(after, -1) < _HEIGHT.get(before, len(_HEIGHT))

"""Of the basis of a reading, what concerns one owner. Pure.

One reading may stand on the terms of several owners. What the others opened, and that they opened
anything, would tell each that the others hold something about the same person.
"""

from __future__ import annotations

import re
from collections.abc import Container

from triservice.kernel.access_words import Reason

# A basis is reasons, each with its term and version where it has them (record._basis).
_PART = re.compile(f"(?:{'|'.join(map(re.escape, map(str, Reason)))})(?: \\([^)]*\\))?")
_TERM = re.compile(r"\(term (\d+)")


def terms_in(basis: str) -> set[int]:
    """Return the terms that a basis names."""
    return {int(number) for number in _TERM.findall(basis)}


def of_owner(
    basis: str, terms: Container[int], *, broken: bool = False, inside: bool = False
) -> str:
    """Return what rests on `terms`, the owner's.

    `broken`: on an emergency with its data too; `inside`: on its own officers' reading its own.
    """

    def concerns(part: str) -> bool:
        if term := _TERM.search(part):
            return int(term[1]) in terms
        if inside and part.startswith(str(Reason.OWN_DATA)):
            return True
        return broken and part.startswith(str(Reason.BREAK_GLASS))

    return "; ".join(part for part in _PART.findall(basis) if concerns(part))

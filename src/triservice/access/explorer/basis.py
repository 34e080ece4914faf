"""Of the basis of a reading, what concerns one owner.

One reading may stand on the terms of several owners. What the others opened, and that they opened
anything, would tell each that the others hold something about the same person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from triservice.access.models import Disclosure, Opening, Term
from triservice.kernel.access_words import Reason

# A basis is reasons, each with its term and version where it has them (record._basis).
_PART = re.compile(f"(?:{'|'.join(map(re.escape, map(str, Reason)))})(?: \\([^)]*\\))?")
_TERM = re.compile(r"\(term (\d+)")


def of_owner(rows: Iterable[Disclosure], owner: int) -> dict[int, str]:
    """Return, by the number of each disclosure, its basis as far as it is this owner's."""
    rows = list(rows)
    named = {int(number) for row in rows for number in _TERM.findall(row.basis)}
    terms = set(Term.objects.filter(pk__in=named, from_agency=owner).values_list("pk", flat=True))
    broken = Opening.objects.filter(
        kind=Opening.Kind.BREAK_GLASS, owner=owner, officer__in={row.officer for row in rows}
    ).values_list("officer", "starts", "ends")
    emergencies = list(broken)

    def concerns(row: Disclosure, part: str) -> bool:
        if term := _TERM.search(part):
            return int(term[1]) in terms
        return part.startswith(str(Reason.BREAK_GLASS)) and any(
            officer == row.officer and starts <= row.at < ends
            for officer, starts, ends in emergencies
        )

    return {
        row.seq: "; ".join(part for part in _PART.findall(row.basis) if concerns(row, part))
        for row in rows
    }

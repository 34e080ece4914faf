"""The two sentences that most readers will read: the title, and the answer in one paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from triservice.analysis.overlap.model import Overlap
from triservice.analysis.picture import words
from triservice.analysis.picture.gather_overlap import split_findings
from triservice.analysis.picture.model import Layer

NOT_PER_HEAD = (
    "These are counts, not rates: much of the overlap is only that more happens where more people "
    "are."
)


def title(within: str | None, labels: Sequence[str]) -> str:
    """Return the title of a picture from its place and what its layers are called."""
    said = f"{labels[0]} is highest" if len(labels) == 1 else f"{words.listing(labels)} meet"
    return f"{within.replace(';', ', ')}: where {said}" if within else f"Where {said}"


def answer(overlap: Overlap | None, layers: Sequence[Layer], *, per_head: bool = True) -> str:
    """Return the answer: how far the layers agree, and how many areas are worst in all.

    Without heads to divide by, what is said must be that much less.
    """
    if overlap is None:
        layer = layers[0]
        return " ".join(finding.text for finding in layer.findings)
    headlines, _ = split_findings(overlap)
    modest = [] if per_head else [NOT_PER_HEAD]
    return " ".join([*headlines[:2], *modest])

"""The two sentences that most readers will read: the title, and the answer in one paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from triservice.analysis.overlap.model import Overlap
from triservice.analysis.picture import words
from triservice.analysis.picture.gather_overlap import split_findings
from triservice.analysis.picture.model import Layer


def title(within: str | None, labels: Sequence[str]) -> str:
    """Return the title of a picture from its place and what its layers are called."""
    place = within.replace(";", ", ") if within else "The whole area"
    if len(labels) == 1:
        return f"{place}: where {labels[0]} is highest"
    return f"{place}: where {words.listing(labels)} meet"


def answer(overlap: Overlap | None, layers: Sequence[Layer]) -> str:
    """Return the answer: how far the layers agree, and how many areas are worst in all."""
    if overlap is None:
        layer = layers[0]
        return " ".join(finding.text for finding in layer.findings)
    headlines, _ = split_findings(overlap)
    return " ".join(headlines[:2])

"""The two sentences that most readers will read: the title, and the answer in one paragraph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triservice.analysis.overlap.findings import findings
from triservice.analysis.overlap.model import Overlap
from triservice.analysis.picture import words
from triservice.analysis.picture.model import Layer


def title(within: str | None, titles: Mapping[str, str]) -> str:
    """Return the title of a picture from its place and its layers."""
    names = [
        name if i == 0 else name[:1].lower() + name[1:] for i, name in enumerate(titles.values())
    ]
    place = within.replace(";", ", ") if within else "The whole area"
    if len(names) == 1:
        return f"{place}: {names[0].lower()} demand"
    return f"{place}: where {words.listing(n.lower() for n in names)} demand meet"


def answer(overlap: Overlap | None, layers: Sequence[Layer]) -> str:
    """Return the answer: how far the layers agree, and how many areas are worst in all."""
    if overlap is None:
        layer = layers[0]
        return " ".join(finding.text for finding in layer.findings)
    said = findings(overlap)
    # The first sentence sums up the pairs (with three layers or more); then come the pairs, then
    # the sentence about the areas that are worst in all.
    pairs = len(overlap.pairs)
    summary = said[0]
    together = said[pairs + (1 if len(overlap.layers) > 2 else 0)]
    return f"{summary} {together}"

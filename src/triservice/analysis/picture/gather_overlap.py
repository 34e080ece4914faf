"""The overlap section: what was compared, and the same question on other units of place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from triservice.analysis.overlap.findings import findings
from triservice.analysis.overlap.layers import Request
from triservice.analysis.overlap.model import Captured as Share
from triservice.analysis.overlap.model import Layer
from triservice.analysis.overlap.model import Overlap as Compared
from triservice.analysis.overlap.units import Unit, compare_units, unit_findings
from triservice.analysis.overlap.units import UnitAnswer as Asked
from triservice.analysis.picture import words
from triservice.analysis.picture.model import Captured, Figure, Finding, Overlap, Pair, UnitAnswer
from triservice.analysis.picture.options import Options
from triservice.analysis.picture.provenance import Sources
from triservice.analysis.picture.scope import areas_within
from triservice.analysis.picture.suppress import hide_small

Ids = Mapping[str, tuple[str, ...]]
UNIT_TITLES = {
    "lsoa11": "lower layer areas (LSOA, 2011)",
    "lsoa21": "lower layer areas (LSOA, 2021)",
    "msoa11": "middle layer areas (MSOA, 2011)",
    "msoa21": "middle layer areas (MSOA, 2021)",
}


def unit_title(unit: str) -> str:
    """Return what a unit of place is called in a sentence, in the plural."""
    if unit.startswith("square-"):
        metres = float(unit.removeprefix("square-"))
        return f"squares of {metres / 1000:g} km"
    return UNIT_TITLES.get(unit, f"areas ({unit})")


def gather_overlap(
    compared: Compared,
    ids: Ids,
    titles: Mapping[str, str],
    answers: Sequence[UnitAnswer],
    said: Sequence[str],
) -> Overlap:
    """Turn a comparison into the section of the report; `ids` are sources by layer.

    `answers` and what is `said` of them are those of other units of place.
    """
    every = merge(ids.values())
    headlines, each = split_findings(compared)
    pairs = tuple(
        Pair(
            a=pair.a,
            b=pair.b,
            title=f"{titles[pair.a]} and {words.lower_first(titles[pair.b])}",
            r=pair.r,
            low=pair.low,
            high=pair.high,
            p=pair.p,
            p_ordinary=pair.p_ordinary,
            p_method=_method(compared),
            both=pair.both,
            expected=pair.expected,
            both_p=pair.both_p,
            sources=merge([ids[pair.a], ids[pair.b]]),
            lee=pair.lee,
            lee_p=pair.lee_p,
            jaccard=pair.jaccard,
        )
        for pair in compared.pairs.values()
    )
    return Overlap(
        share=compared.share,
        worst_areas=compared.worst_size,
        observed=compared.all.common,
        expected=compared.all.expected,
        p=compared.all.p,
        by_number=compared.by_number,
        pairs=pairs,
        captured=tuple(
            Captured(
                titles[row.demand],
                titles[row.inside],
                row.share,
                row.share_of_areas,
                row.share_of_people,
                merge([ids[row.demand], ids[row.inside]]),
            )
            for row in compared.captured
            if row.demand != row.inside
        ),
        units=tuple(answers),
        pair_findings=tuple(Finding(text, sources=every) for text in each),
        unit_findings=tuple(Finding(text, sources=every) for text in said),
        findings=tuple(Finding(text, sources=every) for text in headlines),
        sources=every,
    )


def few_left_out(
    captured: Iterable[Share], layers: Sequence[Layer], options: Options
) -> Iterator[Share]:
    """Yield the shares of demand that are of enough events to be said."""
    totals = {y.name: float(np.nansum(y.demand)) for y in layers if y.demand is not None}
    for row in captured:
        count = np.array([row.share * totals[row.demand]])
        if not hide_small(count, options.suppress_below, ()).any():
            yield row


def split_findings(compared: Compared) -> tuple[list[str], list[str]]:
    """Return the findings for beside the map, and those that go through the pairs one by one.

    With three layers or more the first sentence sums the pairs up; the pairs follow.
    """
    said = findings(compared)
    first = 1 if len(compared.layers) > 2 else 0
    after = first + len(compared.pairs)
    return [*said[:first], *said[after:]] if first else said, said[first:after] if first else []


def _method(compared: Compared) -> str:
    if compared.method == "none":
        return "No test that keeps each layer's clustering could be done here."
    return (
        "p and interval allow for neighbouring areas being alike: each layer keeps its own "
        f"clustering ({compared.method})."
    )


def merge(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return source ids once each, in the order of their numbers."""
    seen = {id for group in groups for id in group}
    return tuple(sorted(seen, key=lambda id: int(id[1:])))


def other_units(
    compared: Compared, request: Request, sources: Sources, ids: Ids, options: Options
) -> tuple[list[UnitAnswer], list[str]]:
    """Ask the same question on other sizes of area, and on squares; and what that says.

    Units on which fewer than two layers can be had are left out.
    """
    lake, pairs = sources.lake, list(compared.pairs)
    inside = areas_within(lake, options.within)
    wanted: list[Unit] = list(_one_of_each_size(inside, compared))
    if any(name.split(":")[0] in lake.services() for name in request.names):
        wanted.append(float(options.cell_m or 0.0))
    asked = compare_units(lake, request, wanted, share=options.worst, permutations=0)
    found = [answer for answer in asked if any(r is not None for r in answer.r.values())]
    answers = [
        UnitAnswer(
            answer.unit,
            unit_title(answer.unit),
            answer.areas,
            {f"{a}~{b}": answer.r[a, b] for a, b in pairs},
            answer.all,
            answer.expected,
            _sources_of(answer, sources, ids, inside),
            " ".join(words.sentence(note) for note in answer.notes) or None,
        )
        for answer in found
    ]
    if not answers:
        return [], []
    here = UnitAnswer(
        compared.cells.unit,
        unit_title(compared.cells.unit),
        compared.areas,
        {f"{a}~{b}": pair.r for (a, b), pair in compared.pairs.items()},
        compared.all.common,
        compared.all.expected,
        merge(ids.values()),
    )
    every = sorted([*answers, here], key=lambda answer: -answer.areas)
    return every, unit_findings(compared, found)


def _one_of_each_size(inside: Mapping[str, int], compared: Compared) -> list[str]:
    """Return the other units to ask on: of two years of one size, the one that layers are in."""
    stated = {layer.vintage for layer in compared.layers}
    chosen: dict[str, str] = {}
    for unit in sorted(inside, key=lambda unit: (unit not in stated, unit)):
        chosen.setdefault(unit.rstrip("0123456789"), unit)
    own = compared.cells.unit
    return [unit for size, unit in chosen.items() if size != own.rstrip("0123456789")]


def _sources_of(
    answer: Asked, sources: Sources, ids: Ids, inside: Mapping[str, int]
) -> tuple[str, ...]:
    """Return the sources of an answer: those of its layers, and the outlines of its unit."""
    named = {name for pair, r in answer.r.items() if r is not None for name in pair}
    own = [ids[name] for name in named]
    if answer.unit in inside:
        own.append((sources.add_boundaries(answer.unit, inside[answer.unit]),))
    return merge(own)


def overlap_figures(compared: Compared, ids: Ids, titles: Mapping[str, str]) -> list[Figure]:
    """Return the overlap's figures: areas in all, and every correlation."""
    every = merge(ids.values())
    worst = words.worst_share(compared.share)
    count = len(compared.layers)
    which = "both" if count == 2 else f"all {words.small_number(count)}"
    figures = [
        Figure(
            id="worst-in-all",
            label=f"Areas in the {worst} of {which}",
            value=float(compared.all.common),
            unit=f"of {compared.worst_size}; chance alone would give {compared.all.expected:.1f}",
            sources=every,
            method="worst",
            p=compared.all.p,
            card=True,
        )
    ]
    best = max(compared.pairs.values(), key=lambda pair: pair.r)
    figures += [
        Figure(
            id=f"spearman-{pair.a}-{pair.b}",
            label=f"Rank correlation: {titles[pair.a]} and {words.lower_first(titles[pair.b])}",
            value=pair.r,
            unit="1 would be perfect" if pair is best else "",
            sources=merge([ids[pair.a], ids[pair.b]]),
            method="spearman",
            low=pair.low,
            high=pair.high,
            p=pair.p,
            digits=2,
            card=pair is best,
        )
        for pair in compared.pairs.values()
    ]
    return figures

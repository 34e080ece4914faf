"""What a comparison supports, in plain words, and what to keep in mind.

The words follow from the figures by the tables below and nothing else:

* the strength of a rank correlation, in fifths (after Evans, Straightforward Statistics for the
  Behavioral Sciences, 1996); "partly" and "weakly" are his moderate and weak;
* a difference from chance is claimed only at p < 0.05 of a test that keeps each layer's own
  spatial autocorrelation;
* "almost perfectly" asks for nine in ten of the worst areas in common.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triservice.analysis.overlap.model import Captured, Layer, Overlap, PairOverlap

STRENGTH: tuple[tuple[float, str], ...] = (
    (0.8, "overlap very strongly"),
    (0.6, "overlap strongly"),
    (0.4, "overlap only partly"),
    (0.2, "overlap only weakly"),
    (-0.2, "hardly overlap"),
    (-1.0, "lie in different places"),
)
ALMOST_PERFECT = 0.9
SIGNIFICANT = 0.05
FEW_AREAS = 30
FEW_EVENTS = 10  # in a typical area: chance alone moves its rank

SHARES = {0.05: "twentieth", 0.1: "tenth", 0.2: "fifth", 0.25: "quarter", 0.5: "half"}
SERVICE_LABELS = {
    "police": "crime",
    "fire": "fires",
    "ambulance": "ambulance demand",
    "council": "council demand",
}


def label_for(name: str, kind: str) -> str:
    """Return how a layer is called in a sentence: "crime", "dwelling fires", "poor health"."""
    words = name.split(":")[-1].replace("-", " ").replace("_", " ")
    if kind == "score":
        return f"poor {words}"
    return SERVICE_LABELS.get(name, words)


def findings(overlap: Overlap) -> list[str]:
    """Return what the evidence supports, the most important sentence first."""
    return [
        *_correlations(overlap),
        _worst_together(overlap),
        *_worst_pairs(overlap),
        *_captured(overlap),
        *_hotspots(overlap),
    ]


def strength(r: float) -> str:
    """Return the words for a rank correlation."""
    return next(words for least, words in STRENGTH if r >= least)


def share_words(share: float) -> str:
    """Return "worst fifth", or "worst 15%" where there is no word."""
    return (
        f"worst {SHARES.get(round(share, 3), f'{share:.3g}')}"
        if share in SHARES
        else (f"worst {share * 100:.3g}%")
    )


def caveats(overlap: Overlap) -> list[str]:
    """Return what a reader must keep in mind, only what applies here."""
    layers = overlap.layers
    unit = overlap.cells.unit
    said = [
        f"Another unit of place can give another answer; this is for {overlap.areas:,} {unit} "
        "areas, and says nothing about streets or households inside them."
    ]
    if overlap.areas < FEW_AREAS:
        said.append(f"Only {overlap.areas} areas are compared: the figures are rough.")
    snapped = [layer.label for layer in layers if layer.snapped]
    if snapped:
        said.append(
            f"The points of {_list(snapped)} were moved to a nearby map point before publication, "
            "so small areas beside each other may exchange events."
        )
    said += [_few(layer, overlap) for layer in layers if _few(layer, overlap)]
    periods = {layer.period for layer in layers if layer.period}
    if len(periods) > 1:
        each = "; ".join(f"{layer.label} {layer.period}" for layer in layers if layer.period)
        said.append(f"The layers are of different periods: {each}.")
    undated = [layer.label for layer in layers if not layer.period]
    if undated:
        said.append(f"The source states no period for {_list(undated)}.")
    for layer in layers:
        if layer.moved_share > 0:
            said.append(
                f"{layer.moved_share:.1%} of {layer.label} was moved from other areas "
                f"({layer.vintage} to {unit})."
            )
        if layer.unplaced:
            said.append(f"{layer.unplaced:,} events of {layer.label} could not be placed.")
    tied = [overlap.layer(n).label for n, count in overlap.tied_out.items() if count]
    if tied:
        said.append(
            f"Equal values of {_list(tied)} lie on both sides of the cut; their codes decided "
            "which areas count as worst."
        )
    small = [
        overlap.layer(n).label for n, m in overlap.worst.items() if m.sum() < overlap.worst_size
    ]
    if small:
        said.append(
            f"Fewer than {overlap.worst_size} areas have any {_list(small)}; areas with none are "
            "not counted among the worst."
        )
    said += list(overlap.notes)
    return [*said, "Overlap shows where needs lie together, not that one causes the other."]


def _few(layer: Layer, overlap: Overlap) -> str:
    if layer.demand is None:
        return ""
    typical = float(np.nanmedian(layer.demand[overlap.used]))
    if typical >= FEW_EVENTS:
        return ""
    return (
        f"Numbers are small for {layer.label}: {typical:.3g} in a typical area, so chance alone "
        "moves many areas in its ranking."
    )


def _correlations(overlap: Overlap) -> list[str]:
    """One sentence for each pair, strongest first, opened by a summary of them all."""
    pairs = sorted(overlap.pairs.values(), key=lambda pair: -pair.r)
    labels = {layer.name: layer.label for layer in overlap.layers}
    sentences = []
    for pair in pairs:
        a, b = labels[pair.a], labels[pair.b]
        sentences.append(
            f"{_capital(a)} and {b} {strength(pair.r)}: rank correlation {pair.r:.2f} "
            f"({pair.low:.2f} to {pair.high:.2f}){_beyond_chance(pair)}."
        )
    summary = _summary(pairs, labels)
    return [summary, *sentences] if summary else sentences


def _summary(pairs: Sequence[PairOverlap], labels: dict[str, str]) -> str:
    """Say in one breath how three layers or more stand to each other."""
    if len(pairs) < 3:
        return ""
    best = pairs[0]
    words = strength(best.r)
    if all(strength(pair.r) == words for pair in pairs):
        return f"{_capital(_list(list(labels.values())))} {words} with each other."
    first = f"{_capital(labels[best.a])} and {labels[best.b]} {words}"
    others = []
    for name, label in labels.items():
        if name in (best.a, best.b):
            continue
        r = [pair.r for pair in pairs if name in (pair.a, pair.b)]
        others.append(f"{label} {_looser(max(r))}")
    return f"{first}; {', '.join(others)}."


def _looser(r: float) -> str:
    """Return how a further layer joins the strongest pair, by its best correlation with others."""
    words = strength(r)
    return (
        words.removeprefix("overlap ")
        if words.startswith("overlap")
        else ("hardly" if r >= -0.2 else "not at all")
    )


def _beyond_chance(pair: PairOverlap) -> str:
    if pair.p is None:
        return ", with no test that allows for neighbouring areas being alike"
    if pair.p < SIGNIFICANT:
        return (
            f", more than layers that cluster like these show by chance (p {_p(pair.p)})"
            if pair.r > 0
            else f", beyond what chance shows (p {_p(pair.p)})"
        )
    return f", which layers that cluster like these can show by chance (p {_p(pair.p)})"


def _worst_together(overlap: Overlap) -> str:
    found, size = overlap.all, overlap.worst_size
    count = len(overlap.layers)
    which = "both layers" if count == 2 else f"all {_number(count)} layers"
    p = found.p if found.p is not None else found.p_ordinary
    kind = "" if found.p is not None else ", neighbours taken as independent"
    sentence = (
        f"{_capital(_number(found.common))} of the {size} areas in the "
        f"{share_words(overlap.share)} {'is' if found.common == 1 else 'are'} the same in {which}; "
        f"chance alone would give {found.expected:.1f} (p {_p(p)}{kind})."
    )
    if found.common >= ALMOST_PERFECT * size:
        return f"{sentence} They overlap almost perfectly."
    if p < SIGNIFICANT and found.common > found.expected:
        return (
            f"{sentence} The overlap is real but far from perfect."
            if (found.common < 0.6 * size)
            else f"{sentence} The overlap is real, though not perfect."
        )
    return f"{sentence} That is not clearly more than chance."


def _worst_pairs(overlap: Overlap) -> list[str]:
    if len(overlap.pairs) < 2:
        return []
    labels = {layer.name: layer.label for layer in overlap.layers}
    each = ", ".join(
        f"{labels[pair.a]} and {labels[pair.b]} {pair.both}" for pair in overlap.pairs.values()
    )
    expected = next(iter(overlap.pairs.values())).expected
    return [
        f"Of the {overlap.worst_size} worst areas, two layers at a time share: {each} "
        f"(by chance {expected:.1f})."
    ]


def _captured(overlap: Overlap) -> list[str]:
    """Say what the worst areas of the first layers with demand hold of the others' demand."""
    labels = {layer.name: layer.label for layer in overlap.layers}
    sentences = []
    for layer in overlap.layers:
        rows: list[Captured] = [
            row for row in overlap.captured if row.inside == layer.name and row.demand != row.inside
        ]
        if not rows:
            continue
        held = " and ".join(f"{row.share:.0%} of {labels[row.demand]}" for row in rows)
        people = rows[0].share_of_people
        of = (
            f"{people:.0%} of the people"
            if people is not None
            else (f"{rows[0].share_of_areas:.0%} of the areas")
        )
        sentences.append(
            f"The {share_words(overlap.share)} for {labels[layer.name]}, with {of}, holds {held}."
        )
    return sentences


def _hotspots(overlap: Overlap) -> list[str]:
    sizes = {name: int(members.sum()) for name, members in overlap.hot.items() if members.any()}
    if len(sizes) < 2:
        return []
    labels = {layer.name: layer.label for layer in overlap.layers}
    counted = ", ".join(f"{labels[name]} {size}" for name, size in sizes.items())
    shared = [
        f"{labels[p.a]} and {labels[p.b]} share {p.hotspots.common}"
        for p in overlap.pairs.values()
        if p.hotspots
    ]
    return [
        f"Significant hotspots (areas high together with their neighbours): {counted}; "
        f"{', '.join(shared)}."
    ]


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _number(n: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[n] if n < len(words) else f"{n:,}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

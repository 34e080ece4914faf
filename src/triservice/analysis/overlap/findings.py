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

from triservice.analysis.overlap.model import Captured, Overlap, PairOverlap

STRENGTH: tuple[tuple[float, str], ...] = (
    (0.8, "overlap very strongly"),
    (0.6, "overlap strongly"),
    (0.4, "overlap only partly"),
    (0.2, "overlap only weakly"),
    (-0.2, "hardly overlap"),
    (-1.0, "lie in different places"),
)
ALMOST_PERFECT = 0.9
FAR_FROM_PERFECT = 0.6
SIGNIFICANT = 0.05
FEW_AREAS = 30
FEW_EVENTS = 10  # in a typical area: chance alone moves its rank

UNITS = {
    "lsoa11": "LSOAs (2011)",
    "lsoa21": "LSOAs (2021)",
    "msoa11": "MSOAs (2011)",
    "msoa21": "MSOAs (2021)",
}
SHARES = {0.05: "twentieth", 0.1: "tenth", 0.2: "fifth", 0.25: "quarter", 0.5: "half"}
GOODS = ("education", "employment", "health", "housing", "income", "mental health", "skills")
SERVICE_LABELS = {
    "police": "police demand",
    "fire": "fire and rescue demand",
    "ambulance": "ambulance demand",
    "council": "council demand",
}
GROUP_LABELS = {("police", "crime"): "crime", ("fire", "fire"): "fires"}


def label_for(name: str, kind: str, group: str = "") -> str:
    """Return how a layer is called in a sentence: "crime", "dwelling fires", "poor health".

    `group` of the common vocabulary is what most events are of: what the police are called to is
    crime only when it is (a dispatch feed has road accidents), and a fire crew's work not all fire.
    """
    if (name, group) in GROUP_LABELS:
        return GROUP_LABELS[name, group]
    words = name.split(":")[-1].replace("-", " ").replace("_", " ")
    if kind == "score" and words in GOODS:
        return f"poor {words}"
    return SERVICE_LABELS.get(name, words)


def unit_words(unit: str) -> str:
    """Return how units of place are called in the plural: "MSOAs (2011)", "squares of 1 km"."""
    kind, _, size = unit.partition("-")
    if kind in ("square", "hex") and size:
        metres = float(size)
        width = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
        return f"{'squares' if kind == 'square' else 'hexagons'} of {width}"
    return UNITS.get(unit, unit)


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
        f"Another unit of place can give another answer; this is for {overlap.areas:,} "
        f"{unit_words(unit)}, and says nothing about streets or households inside them."
    ]
    if overlap.areas < FEW_AREAS:
        said.append(f"Only {overlap.areas} areas are compared: the figures are rough.")
    snapped = [layer.label for layer in layers if layer.snapped]
    if snapped:
        said.append(
            f"The points of {_list(snapped)} were moved to a nearby map point before publication, "
            "so small areas beside each other may exchange events."
        )
    said += _few(overlap)
    periods = {layer.period for layer in layers if layer.period}
    if len(periods) > 1:
        each = "; ".join(f"{layer.label} {layer.period}" for layer in layers if layer.period)
        said.append(f"The layers are of different periods: {each}.")
    undated = [layer.label for layer in layers if not layer.period]
    if undated:
        said.append(f"The source states no period for {_list(undated)}.")
    for layer in layers:
        if layer.moved_share > 0:
            stated = "areas of another year" if layer.vintage == unit else unit_words(layer.vintage)
            said.append(
                f"{layer.moved_share:.1%} of {layer.label} is known by {stated} and was moved to "
                f"{unit_words(unit)}."
            )
        said += layer.cautions
    lost = max((layer.unplaced for layer in layers), default=0)
    if lost:
        said.append(
            f"Up to {lost:,} events of a layer have neither coordinates nor an area code that can "
            "be followed; they may lie here or anywhere that its source covers."
        )
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
            f"Fewer than {overlap.worst_size:,} areas have any {_list(small)}; areas with none "
            "are not counted among the worst."
        )
    said += list(overlap.notes)
    return [*said, "Overlap shows where needs lie together, not that one causes the other."]


def _few(overlap: Overlap) -> list[str]:
    """Say which layers have so few events in a typical area that chance moves its rank."""
    typical = {
        layer.label: float(np.nanmedian(layer.demand[overlap.used]))
        for layer in overlap.layers
        if layer.demand is not None
    }
    few = [f"{count:.3g} for {label}" for label, count in typical.items() if count < FEW_EVENTS]
    if not few:
        return []
    return [
        f"Numbers are small: a typical area counts {_list(few)}, so chance alone moves many areas "
        "in the ranking."
    ]


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
            f", more than layers that cluster like these show by chance (p {p_words(pair.p)})"
            if pair.r > 0
            else f", beyond what chance shows (p {p_words(pair.p)})"
        )
    return f", which layers that cluster like these can show by chance (p {p_words(pair.p)})"


def _worst_together(overlap: Overlap) -> str:
    """Say how many areas are among the worst of every layer, and what chance would give."""
    found, size = overlap.all, min(overlap.all.sizes)
    count = len(overlap.layers)
    which = "both layers" if count == 2 else f"all {_number(count)} layers"
    p = found.p if found.p is not None else found.p_ordinary
    kind = "" if found.p is not None else ", neighbours taken as independent"
    number, be = _capital(_number(found.common)), "is" if found.common == 1 else "are"
    if len(set(found.sizes)) == 1:
        opening = f"{number} of the {size:,} areas in the {share_words(overlap.share)} {be} the "
        opening += f"same in {which}"
    else:
        labels = [layer.label for layer in overlap.layers]
        each = ", ".join(f"{label} {n:,}" for label, n in zip(labels, found.sizes, strict=True))
        opening = f"{number} areas {be} among the worst in {which} ({each})"
    chance = "fewer than 0.1" if found.expected < 0.05 else f"{found.expected:.1f}"
    sentence = f"{opening}; chance alone would give {chance} (p {p_words(p)}{kind})."
    return f"{sentence} {_verdict(found.common, size, found.expected, p)}"


def _verdict(common: int, size: int, expected: float, p: float) -> str:
    if common >= ALMOST_PERFECT * size:
        return "They overlap almost perfectly."
    if p >= SIGNIFICANT or common <= expected:
        return "That is not clearly more than chance."
    if common < FAR_FROM_PERFECT * size:
        return "The overlap is real but far from perfect."
    return "The overlap is real, though not perfect."


def _worst_pairs(overlap: Overlap) -> list[str]:
    if len(overlap.pairs) < 2:
        return []
    labels = {layer.name: layer.label for layer in overlap.layers}
    each = ", ".join(
        f"{labels[pair.a]} and {labels[pair.b]} {pair.both}" for pair in overlap.pairs.values()
    )
    chances = [f"{pair.expected:.1f}" for pair in overlap.pairs.values()]
    by_chance = " or ".join(dict.fromkeys(chances))
    return [f"Of the worst areas, two layers at a time share: {each} (by chance {by_chance})."]


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
        whole = int(overlap.worst[layer.name].sum()) == overlap.worst_size
        what = f"The {share_words(overlap.share)} for" if whole else "The worst areas for"
        holds = "holds" if whole else "hold"
        sentences.append(f"{what} {labels[layer.name]}, with {of}, {holds} {held}.")
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


def p_words(p: float) -> str:
    """Return a p-value as it is said: "below 0.001", "0.015", "0.24"."""
    return "below 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _number(n: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[n] if n < len(words) else f"{n:,}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

"""What a picture says, in sentences: made from what is shown, so that none says more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triservice.kernel.month import parse_month
from triservice.picture.rules import WORST, change_p, discoveries
from triservice.picture.shown import Place, Shown, ShownLayer

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_STRENGTHS = ((0.8, "very strongly"), (0.6, "strongly"), (0.4, "moderately"), (0.2, "weakly"))
BEYOND = {True: "More than chance", False: "As chance gives"}
CAUSE = "That they go together does not say that one causes the other: both follow people."


@dataclass(frozen=True, slots=True)
class Change:
    """A place in two pictures; `notable` when chance alone would hardly give the difference."""

    place: Place
    before: int
    after: int
    notable: bool
    hot: str  # "became a hotspot", "is no hotspot any more" or blank


@dataclass(frozen=True, slots=True)
class LayerChange:
    """One source in two pictures: places of which both counts are shown, most changed first."""

    label: str
    before: int | None
    after: int | None
    changes: tuple[Change, ...]
    hidden: int  # places of which one count or both are hidden or withheld


def month_name(month: str) -> str:
    """Return "March 2025" of "2025-03"."""
    year, number = parse_month(month)
    return f"{_MONTHS[number - 1]} {year}"


def period(months: Sequence[str]) -> str:
    """Return "January to March 2025"."""
    first, last = month_name(months[0]), month_name(months[-1])
    if first == last:
        return first
    return f"{first.split()[0] if first.endswith(last[-5:]) else first} to {last}"


def difference(number: int) -> str:
    """Return "+12", "−3" or "0", with a true minus sign."""
    return f"{number:+,}".replace("-", "\u2212") if number else "0"


def listed(words: Iterable[str]) -> str:
    """Return "a, b and c"."""
    every = list(words)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"


def findings(shown: Shown) -> list[str]:
    """Return what the picture says, the most important first."""
    said = [_total(shown, layer) for layer in shown.layers]
    said += [text for layer in shown.layers if layer.tested for text in [_hot(layer)]]
    if len(shown.layers) > 1 and (text := _together(shown)):
        said.append(text)
    return said


def _total(shown: Shown, layer: ShownLayer) -> str:
    when = period(shown.months)
    if layer.total is None:
        return f"{layer.label}: fewer than {shown.least} in {when}."
    text = f"{layer.label}: {layer.total:,} in {when}"
    if not layer.whole:
        return f"{text}, in the {len(layer.counts):,} of {len(shown.places):,} places open to you."
    inside = sum(layer.counts[index] or 0 for index in layer.busiest)
    if layer.busiest and layer.total:
        many = f"{len(layer.busiest):,} of {len(shown.places):,} places"
        return f"{text}; {inside / layer.total:.0%} of them in the {many} with the most."
    return f"{text}."


def _hot(layer: ShownLayer) -> str:
    number = len(layer.hot)
    if not number:
        return f"{layer.label}: no place stands out from its surroundings beyond chance."
    places = "1 place is a hotspot" if number == 1 else f"{number:,} places are hotspots"
    return (
        f"{layer.label}: {places}, with more in and around it than chance explains "
        f"(Gi* over {layer.tested:,} places, false discoveries 5%)."
    )


def together(shown: Shown) -> list[Place]:
    """Return the places among the busiest fifth of every service that is shown."""
    if len(shown.layers) < 2:
        return []
    inside = frozenset.intersection(*(layer.busiest for layer in shown.layers))
    return [place for place in shown.ranked() if place.index in inside]


def _together(shown: Shown) -> str:
    common = together(shown)
    names = listed(layer.label for layer in shown.layers)
    fifth = f"busiest {round(100 * WORST)}%"
    if not common:
        return f"No place is among the {fifth} of all of {names}."
    one = len(common) == 1
    return (
        f"{len(common):,} {'place is' if one else 'places are'} among the {fifth} of each of "
        f"{names}."
    )


def pairs(shown: Shown) -> list[str]:
    """Return how far each two sources agree, in sentences."""
    said = []
    for pair in shown.pairs:
        both = f"{pair.a} and {pair.b}"
        if pair.r is None or pair.low is None or pair.high is None:
            said.append(f"{both} could not be compared: one of them is the same in every place.")
            continue
        how = next((word for limit, word in _STRENGTHS if abs(pair.r) >= limit), "hardly")
        turned = " in opposite directions" if pair.r <= -0.2 else ""
        chance = (
            "no test that allows for neighbouring places being alike could be done"
            if pair.p is None
            else f"p {'< 0.001' if pair.p < 0.001 else f'= {pair.p:.2g}'}, neighbouring places "
            "being alike allowed for"
        )
        said.append(
            f"{both} go together {how}{turned}: rank correlation {pair.r:.2f} "
            f"({pair.low:.2f} to {pair.high:.2f}; {chance}) over {pair.places:,} places with "
            f"events. {pair.both:,} places are in the busiest fifth of both, where chance alone "
            f"would give {pair.expected:.1f}."
        )
    return said


def compare(before: Shown, after: Shown) -> list[LayerChange]:
    """Return what changed between two pictures of the same places, by source.

    A difference is told where both counts are shown, and is notable when one steady rate would
    hardly give it (exact test, false discoveries 5%, periods of different lengths allowed for).
    """
    found = []
    earlier = {layer.source: layer for layer in before.layers}
    for layer in after.layers:
        old = earlier.get(layer.source)
        if old is None:
            continue
        kept = [
            (place, a, b)
            for place in after.places
            if (a := old.counts.get(place.index)) is not None
            and (b := layer.counts.get(place.index)) is not None
        ]
        p = [change_p(a, b, len(before.months), len(after.months)) for _, a, b in kept]
        notable = discoveries(p)
        order = sorted(range(len(kept)), key=lambda i: (not notable[i], p[i], kept[i][0].code))
        found.append(
            LayerChange(
                layer.label,
                old.total,
                layer.total,
                tuple(Change(*kept[i], notable[i], _turned(old, layer, kept[i][0])) for i in order),
                len(after.places) - len(kept),
            )
        )
    return found


def _turned(old: ShownLayer, new: ShownLayer, place: Place) -> str:
    was, now = place.index in old.hot, place.index in new.hot
    if was == now or not (old.tested and new.tested):
        return ""
    return "became a hotspot" if now else "is no hotspot any more"


def cautions(before: Shown, after: Shown) -> list[str]:
    """Return what to bear in mind when two pictures are compared."""
    said = []
    if len(before.months) != len(after.months):
        said.append(
            f"The first picture covers {len(before.months)} months and the second "
            f"{len(after.months)}: counts are not to be compared as they stand. The test allows "
            "for the lengths."
        )
    if set(before.months) & set(after.months):
        said.append("The two periods overlap: the same events are in both, so change looks less.")
    if before.least != after.least:
        said.append(
            f"Counts below {before.least} are hidden in the first and below {after.least} in the "
            "second."
        )
    return said

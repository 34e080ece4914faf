"""From what was counted to what one reader may see of it, at the moment of reading. Pure.

Every face of a picture (page, map, table, file, comparison) is made from `Shown`, so none can say
more than another. Numbers that are hidden or withheld are not in it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triservice.kernel.access_words import Decision, Marking
from triservice.picture.rules import WORST, hidden, shown_count

FORMAT = 1  # of the stored result


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader may do with the events of one source.

    `whole` decides for places without a code of their own (grid cells, events outside all areas);
    `by_code` for areas that have one. `rows`: single events may be read, not only counted.
    """

    source: int
    label: str
    service: str
    owner: int
    owner_name: str
    data_class: str
    marking: str
    whole: Decision
    rows: Decision
    by_code: Mapping[str, Decision] = field(default_factory=dict)
    contact: str = ""

    def on(self, code: str) -> Decision:
        """Return the decision on one place."""
        return self.by_code.get(code, self.whole)

    @property
    def best(self) -> Decision:
        """Return the decision of the place that is most open: what to say of the source."""
        return next((d for d in (self.whole, *self.by_code.values()) if d.allowed), self.whole)


@dataclass(frozen=True, slots=True)
class ShownLayer:
    """One source as its reader sees it. A count of None is below the threshold.

    `counts` has one entry for each place in `open`; other places are withheld. Months,
    categories, hotspots, zones and what became of events without a place are there only when
    nothing of the layer is withheld (`whole`), because they rest on all of it.
    """

    source: int
    label: str
    service: str
    owner_name: str
    data_class: str
    decision: Decision
    rows: bool
    whole: bool
    total: int | None
    counts: Mapping[int, int | None]
    months: Mapping[str, int | None]
    categories: Mapping[str, int | None]
    elsewhere: int | None
    unplaced: int | None
    hot: frozenset[int]
    tested: int
    busiest: frozenset[int]
    near: Mapping[str, Any] | None
    zones: Sequence[Mapping[str, Any]]
    zones_hidden: int
    imports: Sequence[Mapping[str, Any]]
    notes: Sequence[str]

    @property
    def hidden(self) -> int:
        """Return how many open places have a count too small to show."""
        return sum(count is None for count in self.counts.values())


@dataclass(frozen=True, slots=True)
class Withheld:
    """A source that the reader may not count, why, and whom to ask."""

    label: str
    service: str
    owner_name: str
    contact: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Pair:
    """How far two layers agree; `p` None where it could not be tested, `r` where they are flat."""

    a: str
    b: str
    r: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    both: int = 0
    expected: float = 0.0
    places: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """One place: its code and name, its centre in degrees, and for a map its GeoJSON outline."""

    index: int
    code: str
    name: str
    centre: tuple[float, float]
    shape: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as one reader sees it now. `least` is the threshold that holds for every count."""

    least: int
    marking: str
    unit_title: str
    places: tuple[Place, ...]
    layers: tuple[ShownLayer, ...]
    withheld: tuple[Withheld, ...]
    pairs: tuple[Pair, ...]
    months: tuple[str, ...]
    notes: tuple[str, ...]
    bounds: tuple[float, float, float, float]

    def ranked(self) -> list[Place]:
        """Return the places with any count shown, the most events first."""
        sums = {
            place.index: sum(layer.counts.get(place.index) or 0 for layer in self.layers)
            for place in self.places
        }
        told = [p for p in self.places if any(p.index in y.counts and
                y.counts[p.index] is not None for y in self.layers)]  # fmt: skip
        return sorted(told, key=lambda place: (-sums[place.index], place.code))


def show(
    result: Mapping[str, Any],
    answers: Mapping[int, Answer],
    least: int,
    marking: str,
    secret: bytes,
    shapes: Sequence[Mapping[str, Any]] = (),
) -> Shown:
    """Return what may be seen of a result: `answers` by source, `least` that the picture asks.

    `secret` orders what covers for small numbers: the same for every picture and reading.
    `shapes` are the outlines of the places, where a map is to be drawn.

    The strictest threshold of any source shown holds for all. A source of the result without an
    answer is not known (any more), and is left out.
    """
    places = _places(result, shapes)
    layers, closed, thresholds, markings = [], [], [least], [marking]
    for found in result["layers"]:
        answer = answers.get(found["source"])
        if answer is None:
            continue
        codes = [place.code for place in places] if result["coded"] else []
        opened = _open(answer, codes, len(places))
        if not opened:
            closed.append(
                Withheld(answer.label, answer.service, answer.owner_name, answer.contact,
                         answer.best)
            )  # fmt: skip
            continue
        thresholds += [d.small_number for d in opened.values()]
        markings.append(answer.marking)
        layers.append((found, answer, opened))
    strictest = max(thresholds)
    shown = tuple(_layer(*each, strictest, places, secret) for each in layers)
    return Shown(
        least=strictest,
        marking=str(Marking.OFFICIAL_SENSITIVE)
        if str(Marking.OFFICIAL_SENSITIVE) in markings
        else str(Marking.OFFICIAL),
        unit_title=result["unit_title"],
        places=places,
        layers=shown,
        withheld=tuple(closed),
        pairs=_pairs(result, {layer.source: layer for layer in shown}),
        months=tuple(result["months"]),
        notes=tuple(result["notes"]),
        bounds=tuple(result["bounds"]),
    )


def _places(result: Mapping[str, Any], shapes: Sequence[Mapping[str, Any]]) -> tuple[Place, ...]:
    cells = result["cells"]
    drawn: list[Mapping[str, Any] | None] = [*shapes]
    drawn = drawn or [None] * len(cells["codes"])
    return tuple(
        Place(index, code, name, (centre[0], centre[1]), shape)
        for index, (code, name, centre, shape) in enumerate(
            zip(cells["codes"], cells["names"], cells["centres"], drawn, strict=True)
        )
    )


def _open(answer: Answer, codes: Sequence[str], places: int) -> dict[int, Decision]:
    """Return the decision on each place that is open, by index."""
    if not codes:
        return dict.fromkeys(range(places), answer.whole) if answer.whole.allowed else {}
    return {i: d for i, code in enumerate(codes) if (d := answer.on(code)).allowed}


def _layer(
    found: Mapping[str, Any],
    answer: Answer,
    opened: Mapping[int, Decision],
    least: int,
    places: Sequence[Place],
    secret: bytes,
) -> ShownLayer:
    whole = len(opened) == len(places) and answer.whole.allowed

    def group(parts: Mapping[Any, int], names: Callable[[Any], str]) -> dict[Any, int | None]:
        """Return parts of a total, None for those to hide."""
        keys = list(parts)

        def rank(position: int) -> bytes:
            said = f"{answer.source} {names(keys[position])}"
            return hmac.digest(secret, said.encode(), "sha256")

        hide = hidden(list(parts.values()), least, rank)
        return {key: None if i in hide else parts[key] for i, key in enumerate(keys)}

    counts = group({i: found["counts"][i] for i in opened}, lambda i: places[i].code)
    total = sum(found["counts"][i] for i in opened)
    # Categories and months rest on all events; hotspots on a place and its neighbours.
    hot = {int(i) for i, around in found["hot"].items() if around >= max(least, 1)}
    near = found["near"] if whole and found["near"] and found["near"]["pairs"] >= least else None
    zones = found["zones"] if whole and answer.rows.allowed else []
    drawn = [zone for zone in zones if zone["events"] >= least]
    return ShownLayer(
        source=answer.source,
        label=answer.label,
        service=answer.service,
        owner_name=answer.owner_name,
        data_class=answer.data_class,
        decision=answer.best,
        rows=answer.rows.allowed,
        whole=whole,
        total=shown_count(total, least),
        counts=counts,
        months=group(found["months"], str) if whole else {},
        categories=group(found["categories"], str) if whole else {},
        elsewhere=shown_count(found["elsewhere"], least) if whole else None,
        unplaced=shown_count(found["unplaced"], least) if whole else None,
        hot=frozenset(hot) if whole else frozenset(),
        tested=found["tested"] if whole else 0,
        busiest=_busiest(counts, len(places)),
        near=near,
        zones=drawn,
        zones_hidden=len(zones) - len(drawn),
        imports=found["imports"],
        notes=found["notes"] if whole else (),
    )


def _busiest(counts: Mapping[int, int | None], places: int) -> frozenset[int]:
    """Return the places among the busiest fifth, of the counts shown: hidden ones are below.

    All that tie with the last one that would be too many are left out.
    """
    told = sorted((-count, index) for index, count in counts.items() if count)
    most = int(places * WORST)
    if len(told) > most:
        limit = told[most][0]
        told = [each for each in told[:most] if each[0] < limit]
    return frozenset(index for _, index in told)


def _pairs(result: Mapping[str, Any], layers: Mapping[int, ShownLayer]) -> tuple[Pair, ...]:
    """Return the pairs of which both layers are open as a whole, and large enough to be told."""
    return tuple(
        Pair(
            layers[pair["a"]].label,
            layers[pair["b"]].label,
            **{name: value for name, value in pair.items() if name not in ("a", "b")},
        )
        for pair in result["pairs"]
        if all(
            key in layers and layers[key].whole and layers[key].total is not None
            for key in (pair["a"], pair["b"])
        )
    )

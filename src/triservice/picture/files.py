"""A picture as files and as the features of its map: the same numbers as the page. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triservice.picture.shown import Place, Shown, ShownLayer

HIDDEN_CLASS = 0
# Five classes each, light to dark, as the report of the analysis: even steps of lightness, so that
# they are told apart in black and white and by those who see colours differently. A test compares.
RAMPS: Mapping[str, tuple[str, ...]] = {
    "police": ("#e4eef8", "#b3cfe8", "#6fa3d0", "#2f6fa8", "#0b3a6b"),
    "fire": ("#fdeadb", "#f9c49b", "#ea8f55", "#bb5514", "#6e2a00"),
    "ambulance": ("#e2f3ea", "#aedac3", "#67b191", "#2a7c5e", "#074733"),
    "health": ("#fbe8ee", "#f1bccd", "#d8809f", "#a94470", "#641541"),
    "council": ("#f0eaf7", "#d2c2e6", "#a58bc9", "#7450a3", "#3f1f6b"),
}
HIDDEN_COLOUR, WITHHELD_COLOUR = "#ffffff", "#d5d9da"
CLASSES = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the legend of a layer."""

    number: int
    colour: str
    label: str


def limits(layer: ShownLayer, least: int) -> tuple[int, ...]:
    """Return where the classes of a layer begin, ascending, at round numbers: 5, 10, 20, 50 …

    Counts in places are so uneven that classes of equal size would show towns and nothing else.
    """
    counts = [count for count in layer.counts.values() if count]
    if not counts:
        return ()
    start, top = max(least, 1), max(counts)
    rounds = [lead * 10**power for power in range(9) for lead in (1, 2, 5)]
    above = [number for number in rounds if start < number <= top]
    if len(above) > CLASSES - 1:
        steps = (len(above) - 1) / (CLASSES - 2)
        above = sorted({above[round(i * steps)] for i in range(CLASSES - 1)})
    return (start, *above)


def class_of(count: int, starts: Sequence[int]) -> int:
    """Return the class of a count from 1; 0 for none at all."""
    return sum(count >= start for start in starts)


def legend(layer: ShownLayer, least: int) -> list[Step]:
    """Return the steps of a layer's map, as it is drawn."""
    starts = limits(layer, least)
    ramp = RAMPS[layer.service]
    steps = []
    none = "None" if least <= 1 else f"Fewer than {least}, or hidden to protect such a number"
    steps.append(Step(HIDDEN_CLASS, HIDDEN_COLOUR, none))
    for number, start in enumerate(starts, start=1):
        last = number == len(starts)
        end = "or more" if last else f"to {starts[number] - 1:,}"
        same = not last and starts[number] - 1 == start
        label = f"{start:,}" if same else f"{start:,} {end}"
        steps.append(Step(number, ramp[_shade(number, len(starts))], label))
    return steps


def _shade(number: int, classes: int) -> int:
    return len(RAMPS["police"]) - 1 if classes == 1 else round((number - 1) * 4 / (classes - 1))


def features(shown: Shown) -> dict[str, Any]:
    """Return the map as a GeoJSON feature collection in longitude and latitude.

    Each place has for each layer `count_KEY` (null: hidden), `class_KEY` (of the legend; -1 where
    the place is withheld), `hot_KEY` and `said_KEY`, the words of the table. Zones, where single
    events are open, are features of their own.
    """
    starts = {layer.source: limits(layer, shown.least) for layer in shown.layers}
    found = [_feature(shown, place, starts) for place in shown.places]
    for layer in shown.layers:
        for zone in layer.zones:
            said = (
                f"Zone {zone['rank']}, {zone['where']}: {zone['level']}, {zone['events']} events, "
                f"busiest {zone['hours']}"
            )
            properties = {"kind": "zone", "layer": layer.source, "level": zone["level"]}
            found.append(
                {
                    "type": "Feature",
                    "properties": properties | {"said": said},
                    "geometry": zone["shape"],
                }
            )
    return {"type": "FeatureCollection", "marking": shown.marking, "features": found}


def _feature(shown: Shown, place: Place, starts: Mapping[int, Sequence[int]]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "kind": "place",
        "code": place.code,
        "name": place.name,
        "marking": shown.marking,
    }
    for layer in shown.layers:
        key = layer.source
        open_here = place.index in layer.counts
        count = layer.counts.get(place.index)
        known = (
            -1 if not open_here else HIDDEN_CLASS if count is None else class_of(count, starts[key])
        )
        properties |= {
            f"count_{key}": count,
            f"class_{key}": known,
            f"hot_{key}": place.index in layer.hot,
            f"said_{key}": said(shown, layer, place),
        }
    return {
        "type": "Feature",
        "id": place.index,
        "properties": properties,
        "geometry": place.shape,
    }


def said(shown: Shown, layer: ShownLayer, place: Place) -> str:
    """Return a count as words: "12", "fewer than 5", "hidden", "withheld"."""
    if place.index not in layer.counts:
        return "withheld"
    count = layer.counts[place.index]
    return "hidden" if count is None else f"{count:,}"


def geojson(shown: Shown, title: str, made: str) -> str:
    """Return the features as a file that says what it is and how it is marked."""
    collection = features(shown) | {"title": title, "made": made, "smallest": shown.least}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def table(shown: Shown) -> tuple[list[str], list[list[Any]]]:
    """Return the head and one row for each place: code, name, counts, hotspots, marking.

    A count that is hidden or withheld says so in its cell, so that nobody takes it for none.
    """
    head = ["code", "place"]
    for layer in shown.layers:
        head += [layer.label, f"{layer.label}: hotspot"]
    rows = []
    for place in shown.places:
        row: list[Any] = [place.code, place.name]
        for layer in shown.layers:
            count = layer.counts.get(place.index)
            row.append(said(shown, layer, place) if count is None else count)
            row.append("yes" if place.index in layer.hot else "no" if layer.whole else "withheld")
        rows.append([*row, shown.marking])
    return [*head, "marking"], rows


def csv_text(shown: Shown) -> str:
    """Return the table as CSV. Texts that a spreadsheet would run are quoted by an apostrophe."""
    from triservice.files import FORMULA_STARTS

    def safe(value: Any) -> Any:
        text = isinstance(value, str) and value.startswith(FORMULA_STARTS)
        return f"'{value}" if text else value

    head, rows = table(shown)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(safe, head))
    writer.writerows([safe(value) for value in row] for row in rows)
    return stream.getvalue()

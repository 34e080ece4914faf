"""What the page shows, worked out before the template: classes, legends, rows, positions.

The template then only lays things out. Positions are percentages, so that charts stretch with
the page while their text keeps its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from triservice.analysis.picture import maps, palette, trends, words
from triservice.analysis.picture.model import (
    HOT,
    AreaValue,
    CellMap,
    Figure,
    Layer,
    Pair,
    Picture,
)

TOP = 10  # areas in a service's table


@dataclass(frozen=True)
class Key:
    """One line of a legend: the style of its swatch, and words."""

    style: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class LayerView:
    """One service's part of the page."""

    slot: str
    layer: Layer
    classes: list[int]
    legend: list[Key]
    drawing: Markup
    hot: Markup
    top: list[tuple[Any, AreaValue]]
    trend: trends.TrendView | None
    cells: Markup | None
    cell_legend: list[Key]
    hot_count: int


@dataclass(frozen=True)
class PairView:
    """A correlation drawn as a dot with its interval, in per cent of the track."""

    pair: Pair
    dot: float
    left: float
    wide: float


@dataclass(frozen=True)
class FigureView:
    """A figure as text: on a card, and in the table of all figures."""

    id: str
    label: str
    text: str
    interval: str
    note: str
    period: str
    method: str
    method_title: str
    sources: tuple[str, ...]
    style: str


@dataclass(frozen=True)
class Page:
    """Everything that the template asks for."""

    layers: list[LayerView]
    outlines: Markup
    width: int
    height: int
    shared: Markup | None
    shared_legend: list[Key]
    pins: Markup
    pinned: list[tuple[int, Any, Markup]]
    names: Markup
    names_alone: Markup
    names_bases: Markup
    furniture: Markup
    pairs: list[PairView]
    base_marks: Markup
    data: dict[str, Any]
    worst: str
    contents: list[tuple[str, str]]
    cards: list[FigureView]
    figures: list[FigureView]
    value_text: dict[str, list[str]]
    top: int = TOP


def slots(picture: Picture) -> list[tuple[str, Layer]]:
    """Name the layers l0, l1, … for styles and ids."""
    return [(f"l{i}", layer) for i, layer in enumerate(picture.layers)]


def build_page(picture: Picture) -> Page:
    """Work out the whole page of `picture`, whose shapes must be there."""
    shapes = picture.shapes
    if shapes is None:
        raise ValueError("a page needs the outlines of the picture")
    layers = [_layer_view(picture, slot, layer) for slot, layer in slots(picture)]
    shared = [len(a.worst_in) if a.compared else -1 for a in picture.areas]
    pins = maps.overlap_pins(picture, shapes)
    bases = _base_pins(picture)
    pinned = [
        (n + 1, picture.areas[i], maps.close_up(picture, shapes, i))
        for n, i in enumerate(maps.all_worst(picture))
    ]
    return Page(
        layers=layers,
        outlines=maps.outline_defs(shapes),
        width=shapes.frame.width,
        height=shapes.frame.height,
        shared=maps.area_uses(shared, "shared") if picture.overlap else None,
        shared_legend=shared_legend(picture),
        pins=maps.pin_marks(pins),
        pinned=pinned if pins else [],
        names=maps.place_names(shapes, pins, maps.coloured(picture)),
        names_alone=maps.place_names(shapes),
        furniture=maps.furniture(shapes.frame),
        pairs=[_pair_view(pair) for pair in (picture.overlap.pairs if picture.overlap else ())],
        base_marks=_base_rings(picture) + maps.pin_marks(bases),
        names_bases=maps.place_names(shapes, bases, maps.coloured(picture)),
        data=_details(picture, layers, shared),
        worst=words.worst_share(picture.overlap.share if picture.overlap else 0.2),
        contents=_contents(picture, layers),
        cards=[_figure_view(picture, f) for f in picture.figures if f.card],
        figures=[_figure_view(picture, f) for f in picture.figures],
        value_text={
            view.slot: [value_text(picture, view.layer, value) for value in view.layer.values]
            for view in layers
        },
    )


def _contents(picture: Picture, layers: Sequence[LayerView]) -> list[tuple[str, str]]:
    found = [("overlap", "The overlap"), ("figures", "Key figures")]
    if picture.overlap:
        found.append(("agree", "How far the layers agree"))
    found += [(view.slot, view.layer.title) for view in layers]
    if picture.officer:
        found.append(("officer", "Where one officer would serve best"))
    return [
        *found,
        ("near-repeat", "Near repeats"),
        ("caveats", "What to bear in mind"),
        ("methods", "Methods"),
        ("sources", "Sources of every number"),
        ("again", "Make it again"),
    ]


def _figure_view(picture: Picture, figure: Figure) -> FigureView:
    titles = {method.id: method.title for method in picture.methods}
    slot = next((slot for slot, layer in slots(picture) if layer.key == figure.layer), None)
    not_shown = words.NOT_SHOWN.format(below=picture.suppress_below)
    text = words.percent(figure.value) if figure.unit == "%" else None
    span = words.interval(figure.low, figure.high, figure.digits)
    return FigureView(
        id=figure.id,
        label=figure.label,
        text=not_shown if figure.hidden else text or words.number(figure.value, figure.digits),
        interval=f"95% interval {span}" if span else "",
        note=" ".join(t for t in (figure.unit if figure.unit != "%" else "", figure.note) if t),
        period=figure.period or "",
        method=figure.method,
        method_title=titles[figure.method],
        sources=figure.sources,
        style=f"edge-{slot}" if slot else "",
    )


def _layer_view(picture: Picture, slot: str, layer: Layer) -> LayerView:
    shapes = picture.shapes
    assert shapes is not None
    classes = layer_classes(layer)
    ranked = [
        (area, value)
        for area, value in zip(picture.areas, layer.values, strict=True)
        if value.rank is not None
    ]
    ranked.sort(key=lambda row: (row[1].rank or 0, row[0].code))
    cells = layer.cells
    return LayerView(
        slot=slot,
        layer=layer,
        classes=classes,
        legend=_legend(picture, slot, layer, classes),
        drawing=maps.area_uses(classes, slot),
        hot=maps.cluster_outline(layer, shapes, shapes.frame),
        top=ranked[:TOP],
        trend=trends.trend_view(layer.trend, slot) if layer.trend else None,
        cells=maps.cell_paths(cells, slot, shapes.frame) if cells else None,
        cell_legend=_cell_legend(picture, slot, cells) if cells else [],
        hot_count=sum(value.cluster == HOT for value in layer.values),
    )


def layer_classes(layer: Layer) -> list[int]:
    """Return the map class of each area of a layer, -1 where there is no value to show."""
    values = np.array([np.nan if v.value is None else v.value for v in layer.values])
    return [int(k) for k in palette.classify(values, layer.breaks)]


def _legend(picture: Picture, slot: str, layer: Layer, classes: Sequence[int]) -> list[Key]:
    pairs = list(zip(layer.breaks[:-1], layer.breaks[1:], strict=True))
    keys = []
    for k, (low, high) in enumerate(pairs):
        # Classes must not seem to share a limit: all but the last end just below it.
        top = high if k == len(pairs) - 1 else high - 10.0**-layer.digits
        text = words.number(low, layer.digits)
        if top > low:
            text += f" to {words.number(top, layer.digits)}"
        keys.append(Key(f"f-{slot}-{k}", text, f"{list(classes).count(k)} areas"))
    if layer.worse == "high":
        keys.reverse()  # the worst first, as a reader looks for it
    if any(value.hidden for value in layer.values):
        keys.append(
            Key("f-none", f"not shown: {words.NOT_SHOWN.format(below=picture.suppress_below)}")
        )
    if any(value.value is None and not value.hidden for value in layer.values):
        keys.append(Key("f-none", "no figure"))
    if any(value.cluster == HOT for value in layer.values):
        keys.append(Key("k-hot", "significant hot spot"))
    return keys


def shared_legend(picture: Picture) -> list[Key]:
    """Return the legend of the overlap map, the most shared first."""
    if not picture.overlap:
        return []
    names = {1: "one of them", 2: "two of them", 3: "three of them"}
    most = len(picture.layers)
    keys = []
    for k in range(most, -1, -1):
        text = "none of them" if k == 0 else names.get(k, f"{k} of them")
        if k == most:
            text = {2: "both", 3: "all three"}.get(k, f"all {k}")
        keys.append(Key(f"f-shared-{k}", text, f"{picture.overlap.by_number[k]} areas"))
    if not all(area.compared for area in picture.areas):
        keys.append(Key("f-none", "not compared: a figure is missing"))
    return keys


def _cell_legend(picture: Picture, slot: str, cells: CellMap) -> list[Key]:
    keys = []
    last = len(cells.breaks) - 2
    for k in range(last, -1, -1):
        low, high = cells.breaks[k], cells.breaks[k + 1]
        text = words.number(low) if high - 1 <= low else f"{words.number(low)} to "
        if k == last:
            text = f"{words.number(low)} or more"
        elif high - 1 > low:
            text += words.number(high - 1)
        keys.append(Key(f"f-{slot}c-{k}", text))
    if any(cell[3] == 0 for cell in cells.cells):
        keys.append(Key("f-few", words.NOT_SHOWN.format(below=picture.suppress_below)))
    if cells.hot:
        keys.append(Key("k-hot", "significant hot spot"))
    return keys


def _pair_view(pair: Pair) -> PairView:
    """Place a correlation on a track that runs from −1 to 1 when any is negative, else 0 to 1."""
    low, high = max(pair.low, -0.2), min(pair.high, 1.0)

    def at(r: float) -> float:
        return 100 * (max(r, -0.2) + 0.2) / 1.2

    return PairView(pair, at(pair.r), at(low), at(high) - at(low))


def _base_spots(picture: Picture) -> np.ndarray:
    """Return where the bases stand, in map units, (b, 2)."""
    sites = [(b.easting, b.northing) for b in picture.officer.bases] if picture.officer else []
    assert picture.shapes is not None
    return picture.shapes.frame.place(np.array(sites, dtype=np.float64).reshape(-1, 2))


def _base_pins(picture: Picture) -> list[maps.Pin]:
    assert picture.shapes is not None
    numbers = [str(b.number) for b in picture.officer.bases] if picture.officer else []
    return maps.spread_pins(_base_spots(picture), numbers, picture.shapes.frame)


def _base_rings(picture: Picture) -> Markup:
    """Return the reach of each base as a ring."""
    assert picture.shapes is not None
    radius = picture.officer.reach_m * picture.shapes.frame.scale if picture.officer else 0.0
    return Markup("").join(
        Markup('<circle class="reach" cx="{:.0f}" cy="{:.0f}" r="{:.0f}"/>').format(x, y, radius)
        for x, y in _base_spots(picture)
    )


def value_text(picture: Picture, layer: Layer, value: AreaValue) -> str:
    """Return a layer's value in one area as a reader wants it, or why it is not shown."""
    if value.hidden:
        return f"not shown ({words.NOT_SHOWN.format(below=picture.suppress_below)})"
    if value.value is None:
        return "no figure"
    text = words.number(value.value, layer.digits)
    if span := words.interval(value.low, value.high, layer.digits):
        text += f" ({span})"
    return text


def _details(
    picture: Picture, layers: Sequence[LayerView], shared: Sequence[int]
) -> dict[str, Any]:
    """Return what the script needs: names, values as text, and the classes of each layer."""
    shapes = picture.shapes
    assert shapes is not None
    rows = []
    for i, area in enumerate(picture.areas):
        worst = words.listing(
            view.layer.title for view in layers if view.layer.key in area.worst_in
        )
        lines = [
            [
                words.capital(view.layer.measure),
                value_text(picture, view.layer, view.layer.values[i]),
            ]
            for view in layers
        ]
        rows.append({"name": area.label, "worst": worst, "lines": lines})
    return {
        "areas": rows,
        "layers": {
            **({"shared": list(shared)} if picture.overlap else {}),
            **{view.slot: view.classes for view in layers},
        },
        "at": [[round(float(x)), round(float(y))] for x, y in shapes.anchors],
        "size": [shapes.frame.width, shapes.frame.height],
    }

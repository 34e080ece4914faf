"""The maps as PNG, for a paper or a slide: same classes and colours as the page."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path

from triservice.analysis.picture import palette, views, words
from triservice.analysis.picture.model import EMPTY, HOT, Layer, Picture
from triservice.analysis.picture.near_model import ZoneMap
from triservice.analysis.picture.shapes import Geometries, Shapes

_DPI = 110
_INK, _SEA, _EDGE = "#0b0c0c", "#e9eff3", "#7e888f"
_LAND, _FEW = "#f7f6f2", "#dcdfe1"  # as in picture.css


def draw_images(picture: Picture) -> Iterator[tuple[str, bytes]]:
    """Yield (name, PNG) of every map, and of the small multiples. Needs picture.shapes."""
    from triservice.analysis.picture.files import file_name

    shapes = picture.shapes
    assert shapes is not None
    paths = [_path(shape) for shape in shapes.drawn]
    page = views.build_page(picture)
    colours = {view.slot: layer_colours(view.layer, view.classes) for view in page.layers}
    if picture.overlap:
        ramp = palette.shared_ramp(len(picture.layers))
        shared = [ramp[len(a.worst_in)] if a.compared else palette.NO_VALUE for a in picture.areas]
        legend = [
            (ramp[int(k.style.rsplit("-", 1)[1])], f"{k.text} ({k.note})")
            for k in page.shared_legend
        ]
        title = f"Areas in the {page.worst} of how many of the {len(picture.layers)} layers"
        yield "overlap", _one(picture, shapes, paths, shared, title, legend)
    for view in page.layers:
        legend = [
            (_key_colour(view.layer, key.style), key.text)
            for key in view.legend
            if key.style != "k-hot"
        ]
        hot = [i for i, v in enumerate(view.layer.values) if v.cluster == HOT]
        edge = shapely.union_all(shapes.drawn[hot]) if hot else None
        title = f"{view.layer.title}: {view.layer.measure}"
        name = file_name(view.layer.key)
        yield name, _one(picture, shapes, paths, colours[view.slot], title, legend, edge)
        if view.layer.cells:
            yield f"{name}-cells", _cells(picture, shapes, view.layer, view.cell_legend)
    for test in picture.near_repeat.tested:
        if test.zones:
            name = file_name(test.service.removesuffix(" event"))
            yield f"zones-{name}", _zones(picture, shapes, test.service, test.zones)
    if picture.layers:
        yield "small-multiples", _multiples(picture, shapes, paths, list(colours.values()))


def _cells(picture: Picture, shapes: Shapes, layer: Layer, keys: Sequence[views.Key]) -> bytes:
    """Return the map of one service's events by square."""
    cells = layer.cells
    assert cells is not None
    size, ramp = cells.size_m, palette.class_colours(
        palette.RAMPS[layer.hue], max(len(cells.breaks) - 1, 1)
    )  # fmt: skip
    drawn = [row for row in cells.cells if row[3] != EMPTY]
    boxes = [_path(shapely.box(e, n, e + size, n + size)) for e, n, *_ in drawn]
    colours = [ramp[row[3] - 1] if row[3] > 0 else _FEW for row in drawn]
    hot = [shapely.box(r[0], r[1], r[0] + size, r[1] + size) for r in cells.cells if r[4]]
    legend = [
        (_FEW if key.style == "f-few" else ramp[int(key.style.rsplit("-", 1)[1])], key.text)
        for key in keys
        if key.style != "k-hot"
    ]
    title = f"{words.capital(layer.noun)} by square of {size / 1000:g} km"
    edge = shapely.union_all(hot) if hot else None
    return _one(picture, shapes, boxes, colours, title, legend, edge, land=True)


def _zones(picture: Picture, shapes: Shapes, what: str, zones: ZoneMap) -> bytes:
    """Return the map of the risk zones of one service."""
    order = {level.name: i for i, level in enumerate(reversed(zones.levels))}
    drawn = sorted(zones.shapes, key=lambda shape: order[shape[0]])
    fill = {level.name: level.colour for level in zones.levels}
    legend = [
        (level.colour, f"{level.name}: {level.label}") for level in zones.levels if level.places
    ]
    title = f"Risk zones, {words.plural(what)}, as of {zones.as_of}"
    paths = [_path(shape) for _, shape in drawn]
    colours = [fill[name] for name, _ in drawn]
    return _one(picture, shapes, paths, colours, title, legend, land=True)


def layer_colours(layer: Layer, classes: Sequence[int]) -> list[str]:
    """Return the colour of each area."""
    ramp = _ramp(layer)
    return [ramp[k] if k >= 0 else palette.NO_VALUE for k in classes]


def _ramp(layer: Layer) -> tuple[str, ...]:
    colours = palette.class_colours(palette.RAMPS[layer.hue], max(len(layer.breaks) - 1, 1))
    return colours if layer.worse == "high" else colours[::-1]


def _key_colour(layer: Layer, style: str) -> str:
    return palette.NO_VALUE if style == "f-none" else _ramp(layer)[int(style.rsplit("-", 1)[1])]


def _one(
    picture: Picture,
    shapes: Shapes,
    paths: Sequence[Path],
    colours: Sequence[str],
    title: str,
    legend: Sequence[tuple[str, str]],
    edge: Any = None,
    *,
    land: bool = False,
) -> bytes:
    """Return one map with title and legend; `land` draws the county beneath, without areas."""
    frame = shapes.frame
    wide = 8.0
    high = wide * frame.height / frame.width
    figure = Figure(figsize=(wide, high + 1.5), dpi=_DPI, facecolor="white")
    top = high + 1.5
    axes = figure.add_axes((0, 0.78 / top, 1, high / top))
    if land:
        county = [_path(shapely.coverage_union_all(shapes.drawn))]
        axes.add_collection(
            PathCollection(county, facecolors=_LAND, edgecolors=_EDGE, linewidths=0.6)
        )
    _map(axes, shapes, paths, colours, line=0.0 if land else 0.4)
    if edge is not None:
        outline = PathCollection([_path(edge)], facecolors="none", edgecolors=_INK, linewidths=1.6)
        axes.add_collection(outline)
    _names(axes, shapes)
    _write(figure, 0.02, 1 - 0.30 / top, title, fontsize=13, weight="bold")
    line = ", ".join(part for part in (picture.within, picture.period) if part)
    _write(figure, 0.02, 1 - 0.56 / top, line, fontsize=9, color="#484f56")
    _write(figure, 0.98, 1 - 0.30 / top, picture.marking, fontsize=9, weight="bold", ha="right")
    patches = [
        Patch(facecolor=c, edgecolor="#5c666e", linewidth=0.6, label=t,
              hatch="/////" if c == palette.NO_VALUE else None)
        for c, t in legend
    ]  # fmt: skip
    if edge is not None:
        patches.append(
            Patch(facecolor="white", edgecolor=_INK, linewidth=1.6, label="significant hot spot")
        )
    columns = 4 if all(len(text) < 36 for _, text in legend) else 2
    figure.legend(
        handles=patches, loc="lower left", bbox_to_anchor=(0.01, 0.26 / top), ncols=columns,
        frameon=False, fontsize=8.5, handlelength=1.6, columnspacing=1.4,
    )  # fmt: skip
    _write(figure, 0.02, 0.14 / top, _credit(picture), fontsize=6.2, color="#484f56")
    return _png(figure)


def _multiples(
    picture: Picture, shapes: Shapes, paths: Sequence[Path], colours: Sequence[Sequence[str]]
) -> bytes:
    """Return the layers side by side, one small map each."""
    frame, n = shapes.frame, len(picture.layers)
    columns = min(n, 3)
    rows = -(-n // columns)
    wide = 12.0 / columns
    high = wide * frame.height / frame.width + 0.45
    tall = rows * high + 0.3
    figure = Figure(figsize=(12, tall), dpi=_DPI, facecolor="white")
    for i, layer in enumerate(picture.layers):
        left, top = (i % columns) / columns, 1 - (i // columns) * high / tall
        axes = figure.add_axes(
            (left + 0.004, top - high / tall, 1 / columns - 0.008, (high - 0.45) / tall)
        )
        _map(axes, shapes, paths, colours[i])
        _write(figure, left + 0.008, top - 0.2 / tall, layer.title, fontsize=12, weight="bold")
        _write(figure, left + 0.008, top - 0.38 / tall, layer.measure, fontsize=8, color="#484f56")
    _write(
        figure,
        0.008,
        0.12 / tall,
        f"{picture.marking}. {_credit(picture, 240)}",
        fontsize=6.2,
        color="#484f56",
    )
    return _png(figure)


def _map(
    axes: Any, shapes: Shapes, paths: Sequence[Path], colours: Sequence[str], line: float = 0.4
) -> None:
    frame = shapes.frame
    axes.set_facecolor(_SEA)
    axes.set_xlim(frame.west, frame.west + frame.width / frame.scale)
    axes.set_ylim(frame.north - frame.height / frame.scale, frame.north)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_edgecolor("#cfd6db")
    hatched = [i for i, c in enumerate(colours) if c == palette.NO_VALUE]
    axes.add_collection(
        PathCollection(paths, facecolors=list(colours), edgecolors=_EDGE, linewidths=line)
    )
    if hatched:
        axes.add_collection(
            PathCollection(
                [paths[i] for i in hatched],
                facecolors="none",
                edgecolors=_EDGE,
                linewidths=0.4,
                hatch="/////",
            )
        )
    units, label = frame.bar()
    length = units / frame.scale
    right = frame.west + (frame.width - 24) / frame.scale
    low = frame.north - (frame.height - 22) / frame.scale
    axes.plot([right - length, right], [low, low], color=_INK, linewidth=1.4)
    axes.annotate(
        label,
        (right - length / 2, low),
        (0, 3),
        textcoords="offset points",
        ha="center",
        fontsize=7,
    )


def _names(axes: Any, shapes: Shapes) -> None:
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2.4, foreground="white")]
    for name, easting, northing in shapes.places[:8]:
        axes.plot([easting], [northing], ".", color=_INK, markersize=3)
        axes.annotate(
            name, (easting, northing), (3, -2), textcoords="offset points", fontsize=7,
            path_effects=halo, annotation_clip=True, parse_math=False,
        )  # fmt: skip


def _path(shape: Any) -> Path:
    """Return a polygon with its holes as one matplotlib path, in metres."""
    rings: Geometries = shapely.get_rings(shapely.get_parts(shape))
    return Path.make_compound_path(*[Path(shapely.get_coordinates(r), closed=True) for r in rings])


def _credit(picture: Picture, wide: int = 165) -> str:
    """Return whose data it is, in lines of so many letters."""
    named = [f"Source: {s.what}." for s in picture.sources if s.kind == "events"]
    whose = picture.attribution or tuple(named)  # whose data it is stands on every picture
    text = " ".join([*whose, f"triservice {picture.version}, {picture.made}."])
    return textwrap.fill(text, wide)


def _write(figure: Figure, x: float, y: float, text: str, **look: Any) -> None:
    """Write on a figure; the text is from data, so no letter of it is mathematics."""
    figure.text(x, y, text, va="center", parse_math=False, **look)


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    FigureCanvasAgg(figure).print_png(stream, metadata={"Software": "triservice"})
    return stream.getvalue()

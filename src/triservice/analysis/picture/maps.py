"""Maps as SVG: outlines are written once in the page and used by every map on it.

All text that came from data passes through Markup.format, which escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from triservice.analysis.picture.model import EMPTY, HOT, Area, CellMap, Layer, Picture
from triservice.analysis.picture.near_model import ZoneMap
from triservice.analysis.picture.shapes import Frame, Shapes, cells_path, path_data

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Box = tuple[float, float, float, float]  # left, top, right, bottom, map units
_PIN_APART = 46.0  # map units between numbered pins: a phone shows them too
_LETTER = 13.0  # width of a letter of a place name, map units
_THIN = Markup('vector-effect="non-scaling-stroke"')  # lines keep their width at any zoom
_MOST_PINS = 12
_EDGE = 26.0  # a pin keeps off the edge of the map
_ROOM = 4_000.0  # square map units: an area that holds its pin and still shows
_MAJOR = 7  # place names that a phone shows as well


@dataclass(frozen=True)
class Pin:
    """A numbered mark: `text` at (x, y), with a line from (from_x, from_y) when it was moved."""

    text: str
    x: float
    y: float
    from_x: float
    from_y: float


def outline_defs(shapes: Shapes) -> Markup:
    """Return every outline once, ids s0, s1, … in the order of the areas, for <use>."""
    paths = Markup("").join(
        Markup('<path id="s{}" d="{}" {}/>').format(i, d, _THIN) for i, d in enumerate(shapes.paths)
    )
    return Markup(
        '<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
        '<pattern id="hatch" width="50" height="50" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="50" height="50" fill="#fff"/>'
        '<rect width="14" height="50" fill="#8a9299"/></pattern>'
        '{}<path id="county" d="{}" {}/></defs></svg>'
    ).format(paths, shapes.county_path, _THIN)


def area_uses(classes: Sequence[int], slot: str) -> Markup:
    """Return one <use> for each area, filled by class: `f-slot-class`, or hatched below 0."""
    marks = [
        Markup('<use href="#s{}" class="{}"/>').format(i, f"f-{slot}-{c}" if c >= 0 else "f-none")
        for i, c in enumerate(classes)
    ]
    return Markup("\n").join(marks)


def cluster_outline(layer: Layer, shapes: Shapes, frame: Frame) -> Markup:
    """Return the outer edge of the areas that are significant hot spots; empty when none."""
    hot = [i for i, value in enumerate(layer.values) if value.cluster == HOT]
    if not hot:
        return Markup("")
    data = path_data(shapely.union_all(shapes.drawn[hot]), frame)
    return Markup('<path class="hot-case" d="{}"/><path class="hot" d="{}"/>').format(data, data)


def cell_paths(cells: CellMap, slot: str, frame: Frame) -> Markup:
    """Return one path for each class of cells, and one for the hot cells' edges."""
    rows = cells.cells
    corners = np.array([(r[0], r[1]) for r in rows], dtype=np.int64).reshape(-1, 2)
    classes = np.array([r[3] for r in rows], dtype=np.int64)
    parts = []
    for k in np.unique(classes[classes != EMPTY]):
        data = cells_path(corners[classes == k], cells.size_m, frame)
        name = f"f-{slot}c-{k - 1}" if k > 0 else "f-few"
        parts.append(Markup('<path class="cell {}" d="{}"/>').format(name, data))
    hot = np.array([r[4] for r in rows], dtype=bool)
    if hot.any():
        west, south = corners[hot, 0], corners[hot, 1]
        boxes = shapely.box(west, south, west + cells.size_m, south + cells.size_m)
        data = path_data(shapely.union_all(boxes), frame)
        parts.append(Markup('<path class="hot-case" d="{}"/>').format(data))
        parts.append(Markup('<path class="hot" d="{}"/>').format(data))
    return Markup("\n").join(parts)


def zone_paths(zones: ZoneMap, frame: Frame) -> Markup:
    """Return the places of each level as one path, the lowest level first."""
    return Markup("\n").join(
        Markup('<path class="zone" fill="{}" d="{}" {}/>').format(
            level.colour,
            "".join(path_data(shape, frame) for name, shape in zones.shapes if name == level.name),
            _THIN,
        )
        for level in reversed(zones.levels)
        if level.places
    )


def place_names(shapes: Shapes, avoid: Sequence[Pin] = (), clear: Bools | None = None) -> Markup:
    """Return the names of places that fit without touching each other or a pin.

    Each stands on the side of its dot where it hides least of the areas that must stay `clear`.
    """
    taken = [(pin.x - 24, pin.y - 24, pin.x + 24, pin.y + 24) for pin in avoid]
    kept = shapes.drawn[clear] if clear is not None else shapes.drawn[:0]
    tree, frame, marks = shapely.STRtree(kept), shapes.frame, []
    for rank, (name, easting, northing) in enumerate(shapes.places):
        x, y = frame.place(np.array([[easting, northing]]))[0]
        if not (0 <= x <= frame.width and 0 <= y <= frame.height):
            continue
        boxes = _sides(x, y, len(name) * _LETTER)
        free = [
            (anchor, dx, dy, box)
            for anchor, dx, dy, box in boxes
            if box[0] >= 0 and box[2] <= frame.width and not any(_touch(box, t) for t in taken)
        ]
        if not free:
            continue
        hides = [_hidden(tree, frame, box) for *_, box in free]
        anchor, dx, dy, box = free[int(np.argmin(hides))]  # the first of equals
        taken.append(box)
        marks.append(
            Markup(
                '<g class="place{}" transform="translate({:.0f},{:.0f})"><g class="k">'
                '<circle r="3.5"/><text x="{}" y="{}" text-anchor="{}">{}</text></g></g>'
            ).format("" if rank < _MAJOR else " minor", x, y, dx, dy, anchor, name)
        )
    return Markup("\n").join(marks)


def _sides(x: float, y: float, wide: float) -> list[tuple[str, float, float, Box]]:
    """Return where a name of a width may stand beside its dot: anchor, offset and box."""
    return [
        ("start", 9, 7, (x + 5, y - 17, x + 13 + wide, y + 17)),
        ("end", -9, 7, (x - 13 - wide, y - 17, x - 5, y + 17)),
        ("middle", 0, 27, (x - wide / 2, y + 6, x + wide / 2, y + 36)),
        ("middle", 0, -13, (x - wide / 2, y - 36, x + wide / 2, y - 6)),
    ]


def _hidden(tree: shapely.STRtree, frame: Frame, box: Box) -> float:
    """Return how much of the areas in `tree` a box in map units would hide, in square metres."""
    west, east = (v / frame.scale + frame.west for v in (box[0], box[2]))
    south, north = (frame.north - v / frame.scale for v in (box[3], box[1]))
    area = shapely.box(west, south, east, north)
    found = tree.geometries[tree.query(area, predicate="intersects")]
    return float(shapely.area(shapely.intersection(found, area)).sum())


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def spread_pins(anchors: Floats, texts: Sequence[str], frame: Frame) -> list[Pin]:
    """Place a pin at each anchor (n, 2), pushed apart until all can be read. Deterministic."""
    spots = anchors.astype(np.float64).copy()
    for _ in range(200):
        gap = spots[:, None, :] - spots[None, :, :]
        far = np.hypot(gap[..., 0], gap[..., 1])
        np.fill_diagonal(far, np.inf)
        if (far >= _PIN_APART - 0.5).all():
            break
        close = far < _PIN_APART
        same = close & (far < 1e-9)  # one upon the other: part them sideways, by order
        order = np.sign(np.arange(len(spots))[:, None] - np.arange(len(spots))[None, :])
        gap[same] = np.column_stack([order[same], np.zeros(same.sum())])
        far[same] = 1.0
        push = np.where(close, (_PIN_APART - np.minimum(far, _PIN_APART)) / 2 / far, 0.0)
        spots += (gap * push[..., None]).sum(axis=1)
        spots = np.clip(spots, 24, (frame.width - 24, frame.height - 24))
    return [
        Pin(text, float(x), float(y), float(ax), float(ay))
        for text, (x, y), (ax, ay) in zip(texts, spots, anchors, strict=True)
    ]


def pin_marks(pins: Sequence[Pin]) -> Markup:
    """Return numbered circles, each with a line to its place when it was moved from it.

    What is in a group of class k keeps its size when the map is zoomed.
    """
    marks = []
    for pin in pins:
        line = Markup("")
        if np.hypot(pin.x - pin.from_x, pin.y - pin.from_y) > 6:
            line = Markup(
                '<line x1="{:.0f}" y1="{:.0f}" x2="{:.0f}" y2="{:.0f}" {}/>'
                '<g transform="translate({:.0f},{:.0f})"><circle class="spot k" r="2.5"/></g>'
            ).format(pin.from_x, pin.from_y, pin.x, pin.y, _THIN, pin.from_x, pin.from_y)
        marks.append(
            Markup(
                '<g class="pin">{}<g transform="translate({:.0f},{:.0f})"><g class="k">'
                '<circle class="disc" r="17"/><text y="7" text-anchor="middle">{}</text>'
                "</g></g></g>"
            ).format(line, pin.x, pin.y, pin.text)
        )
    return Markup("\n").join(marks)


def furniture(frame: Frame) -> Markup:
    """Return the scale bar and the north arrow."""
    length, label = frame.bar()
    x, y = frame.width - length - 26, frame.height - 22
    return Markup(
        '<g class="furniture"><path d="M{x:.0f},{t:.0f}v8h{l:.0f}v-8"/>'
        '<text x="{m:.0f}" y="{ty:.0f}" text-anchor="middle">{label}</text>'
        '<path class="north" d="M34,62V20m-9,14l9,-16l9,16"/>'
        '<text x="34" y="86" text-anchor="middle">N</text></g>'
    ).format(x=x, t=y - 8, l=length, m=x + length / 2, ty=y - 16, label=label)


def overlap_pins(picture: Picture, shapes: Shapes) -> list[Pin]:
    """Number the areas that are in the worst share of every layer, in order of joint burden.

    An area smaller than its pin would vanish beneath it, so the pin stands off, in the direction
    where it hides least, with a line to its area.
    """
    chosen = all_worst(picture)
    if not chosen or len(chosen) > _MOST_PINS:
        return []
    coloured = [i for i, area in enumerate(picture.areas) if area.worst_in]
    tree = shapely.STRtree(shapes.drawn[coloured])
    frame, anchors = shapes.frame, shapes.anchors
    pins: list[Pin] = []
    for number, i in enumerate(chosen, start=1):
        x, y = anchors[i]
        if shapes.drawn[i].area * frame.scale**2 < _ROOM:
            x, y = _aside(anchors[i], tree, pins, shapes)
        pins.append(Pin(str(number), float(x), float(y), *(float(v) for v in anchors[i])))
    return pins


def _aside(anchor: Floats, tree: shapely.STRtree, pins: Sequence[Pin], shapes: Shapes) -> Floats:
    """Return the spot near `anchor` whose pin covers the least of coloured areas and of pins."""
    frame = shapes.frame
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    spots = np.vstack(
        [anchor + far * np.column_stack([np.cos(turns), np.sin(turns)]) for far in (48.0, 72.0)]
    )
    metres = np.column_stack(
        [spots[:, 0] / frame.scale + frame.west, frame.north - spots[:, 1] / frame.scale]
    )
    discs = shapely.buffer(shapely.points(metres), _PIN_APART / 2 / frame.scale)
    cost = np.hypot(*(spots - anchor).T) / 1000  # the nearer the better, all else equal
    disc, area = tree.query(discs, predicate="intersects")
    hidden = shapely.area(shapely.intersection(discs[disc], tree.geometries[area]))
    cost += np.bincount(disc, hidden, len(spots)) / shapely.area(discs)
    for pin in pins:
        cost += 4.0 * (np.hypot(spots[:, 0] - pin.x, spots[:, 1] - pin.y) < _PIN_APART)
    limits = np.array([frame.width, frame.height]) - _EDGE
    outside = ((spots < _EDGE) | (spots > limits)).any(axis=1)
    best: Floats = spots[int(np.argmin(cost + 100.0 * outside))]
    return best


def close_up(picture: Picture, shapes: Shapes, i: int) -> Markup:
    """Return a small map of one area among its neighbours, coloured as the overlap map is."""
    frame = shapes.frame
    west, south, east, north = shapely.bounds(shapes.drawn[i])
    corners = frame.place(np.array([[west, north], [east, south]]))
    middle, (wide, high) = corners.mean(axis=0), np.diff(corners, axis=0)[0]
    width = max(wide, high * 4 / 3, 30.0) * 1.7
    left, top = middle - (width / 2, width * 3 / 8)
    window = shapely.box(
        left / frame.scale + frame.west,
        frame.north - (top + width * 3 / 4) / frame.scale,
        (left + width) / frame.scale + frame.west,
        frame.north - top / frame.scale,
    )
    seen = np.flatnonzero(shapely.intersects(shapes.drawn, window))
    uses = Markup("").join(
        Markup('<use href="#s{}" class="{}"/>').format(j, _shared_style(picture.areas[j]))
        for j in seen
    )
    return Markup(
        '<svg class="map close-up" viewBox="{:.1f} {:.1f} {:.1f} {:.1f}" aria-hidden="true" '
        'focusable="false"><g transform="scale(.1)" class="areas">{}<use href="#s{}" '
        'class="ring"/></g></svg>'
    ).format(left, top, width, width * 3 / 4, uses, i)


def _shared_style(area: Area) -> str:
    return f"f-shared-{len(area.worst_in)}" if area.compared else "f-none"


def coloured(picture: Picture, least: int = 2) -> Bools:
    """Return which areas are in the worst share of at least so many layers: names keep off them."""
    return np.array([len(area.worst_in) >= least for area in picture.areas])


def all_worst(picture: Picture) -> list[int]:
    """Return indices of areas in the worst share of every layer, highest joint burden first."""
    most = len(picture.layers)
    chosen = [i for i, area in enumerate(picture.areas) if len(area.worst_in) == most]
    order = {b.code: b.rank for b in picture.officer.ranking} if picture.officer else {}
    return sorted(chosen, key=lambda i: (order.get(picture.areas[i].code, 10**9), i))

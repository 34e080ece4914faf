"""From a lake to a Picture: choose unit and layers, ask every question, hide small numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from triservice import __version__
from triservice.analysis.counts import Counts, count_by_cell
from triservice.analysis.lake.areas import layers as statistic_names
from triservice.analysis.lake.areas import read_areas
from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.overlap.compare import compare_layers, hot_areas
from triservice.analysis.overlap.layers import Request, read_layers
from triservice.analysis.overlap.model import Layer as Compared
from triservice.analysis.overlap.model import Overlap
from triservice.analysis.overlap.period import read_period
from triservice.analysis.picture import palette, prose, words
from triservice.analysis.picture.commands import remake
from triservice.analysis.picture.gather_cells import gather_cells
from triservice.analysis.picture.gather_layers import (
    Shown,
    finish_layer,
    layer_figure,
    show_layer,
)
from triservice.analysis.picture.gather_near import gather_near
from triservice.analysis.picture.gather_officer import gather_officer
from triservice.analysis.picture.gather_overlap import (
    few_left_out,
    gather_overlap,
    other_units,
    overlap_figures,
    unit_title,
)
from triservice.analysis.picture.gather_place import Ground, find_ground
from triservice.analysis.picture.gather_trend import gather_trend
from triservice.analysis.picture.methods import caveats, methods
from triservice.analysis.picture.model import Area, Figure, Layer, Picture
from triservice.analysis.picture.options import Options
from triservice.analysis.picture.provenance import Sources, held_months
from triservice.analysis.picture.scope import (
    POPULATION,
    areas_within,
    choose_layers,
)
from triservice.analysis.picture.shapes import Shapes, nearest_place
from triservice.analysis.place.cells import Cells
from triservice.kernel.errors import InputError

Tell = Callable[[str], None]


@dataclass(frozen=True)
class _Work:
    """What the parts of one picture share."""

    lake: Lake
    options: Options
    ground: Ground
    request: Request
    layers: tuple[Compared, ...]
    overlap: Overlap | None
    sources: Sources
    ids: dict[str, tuple[str, ...]]
    own: dict[str, tuple[str, ...]]  # without the people that a rate is divided by
    shown: dict[str, Shown]
    tell: Tell

    @property
    def cells(self) -> Cells:
        """The areas."""
        return self.ground.cells

    @property
    def titles(self) -> dict[str, str]:
        """Headings by layer."""
        return {name: shown.naming.title for name, shown in self.shown.items()}


def gather(lake: Lake, options: Options, tell: Tell = lambda _: None) -> Picture:
    """Work out the whole picture. `tell` hears what is being done.

    Raises InputError when the place has no outlines or no figures, and for a layer that the lake
    does not know.
    """
    work = _prepare(lake, options, tell)
    options = work.options
    areas = _areas(work)
    layers = tuple(_layer(work, name, hue) for name, hue in _hues(work).items())
    hidden = {layer.key: np.array([v.hidden for v in layer.values]) for layer in layers}
    overlap = None
    if work.overlap:
        tell("Asking the same on other units of place")
        answers, said = other_units(work.overlap, work.request, work.sources, work.ids, options)
        overlap = gather_overlap(work.overlap, work.ids, work.titles, answers, said)
    tell("Ranking the areas and choosing bases")
    officer, bear = gather_officer(work.layers, work.cells, areas, work.ids, hidden, options)
    tell("Looking for near repeats")
    events = [n for n in work.shown if work.shown[n].statistic is None]
    near = gather_near(
        work.sources,
        work.cells,
        [(n, work.own[n]) for n in events],
        {n: _selection(n, work.request) for n in events},
        options.suppress_below,
    )
    invented = any(s.note == "Invented." for s in work.sources.found if s.kind == "events")
    return Picture(
        title=options.title or prose.title(options.within, [layer.label for layer in work.layers]),
        within=options.within,
        marking=options.marking,
        made=options.made or date.today().isoformat(),
        version=__version__,
        unit=work.cells.unit,
        unit_title=unit_title(work.cells.unit),
        period=_period(work),
        crs=lake.settings.crs,
        suppress_below=options.suppress_below,
        invented=invented,
        answer=prose.answer(work.overlap, layers, per_head=not work.ground.squares),
        areas=areas,
        layers=layers,
        overlap=overlap,
        figures=tuple(_figures(work)),
        officer=officer,
        near_repeat=near,
        caveats=caveats(work.overlap, bear, first=work.ground.caveats),
        methods=methods(options, work.overlap),
        sources=tuple(work.sources.found),
        commands=options.commands or _commands(work),
        attribution=work.sources.attributions(),
        related=options.related,
        shapes=Shapes.of(work.cells.outlines(), options.places),
    )


def _prepare(lake: Lake, options: Options, tell: Tell) -> _Work:
    """Choose, count, compare."""
    tell("Reading the areas and counting events")
    ground, options = find_ground(lake, tuple(lake.services()), options)
    cells, counts = ground.cells, ground.counts
    placed = set(counts.table["service"].to_pylist()) if counts else set()
    names = choose_layers(lake, options, placed, statistics=not ground.squares)
    if not names:
        raise InputError(
            f"there is nothing to show within {options.within or 'these areas'}: no event lies "
            "there and the lake has no area statistic of it",
            file=lake.root,
            do="See what it holds with `triservice lake`; add events with `triservice import`.",
        )
    since, until = read_period(options.since, options.until, lake.settings.time_zone)
    people = POPULATION in statistic_names(lake) and not ground.squares
    request = Request(names, people, since, until, options.within, ground.land)
    tell("Reading the layers")
    layers = tuple(read_layers(lake, cells, request, _counted(lake, ground, request)))
    overlap = None
    if len(layers) > 1:
        tell("Comparing the layers")
        overlap = compare_layers(
            layers, cells, share=options.worst, permutations=options.permutations
        )
        overlap = replace(overlap, captured=tuple(few_left_out(overlap.captured, layers, options)))
    sources = Sources(lake)
    shown = {layer.name: show_layer(layer, sources, options) for layer in layers}
    own = {name: _own_sources(sources, one, request) for name, one in shown.items()}
    ids = {name: (*own[name], *_people_source(sources, one)) for name, one in shown.items()}
    if not ground.squares:
        sources.add_boundaries(cells.unit, len(cells))
    return _Work(lake, options, ground, request, layers, overlap, sources, ids, own, shown, tell)


def _counted(lake: Lake, ground: Ground, request: Request) -> Counts | None:
    """Return the events of the period by square; None on areas, which are counted by layer."""
    if not ground.squares or ground.counts is None:
        return None
    if request.since is None and request.until is None:
        return ground.counts
    width = float(ground.cells.unit.removeprefix("square-"))
    services = tuple({name.split(":")[0] for name in request.names})
    selection = Selection(services=services, since=request.since, until=request.until)
    return count_by_cell(lake, width, selection, region=ground.land)


def _own_sources(sources: Sources, shown: Shown, request: Request) -> tuple[str, ...]:
    """Number the sources of a layer itself."""
    layer = shown.layer
    if shown.statistic is not None:
        rows = int(np.isfinite(layer.values).sum())
        return (sources.add_statistic(shown.statistic, rows, layer.moved_share),)
    rows = int(np.nansum(layer.demand)) if layer.demand is not None else 0
    names = [name.strip() for name in layer.source.split(",") if name.strip()]
    return sources.add_events(
        layer.name.split(":")[0],
        names,
        _selection(layer.name, request),
        set(shown.months),
        rows,
        layer.moved_share,
    )


def _selection(name: str, request: Request) -> Selection:
    """Return the events of a layer in the period."""
    service, _, category = name.partition(":")
    return Selection(
        services=(service,),
        categories=(category,) if category else (),
        since=request.since,
        until=request.until,
    )


def _people_source(sources: Sources, shown: Shown) -> tuple[str, ...]:
    """Number the population, where the layer is divided by it."""
    people = shown.layer.people
    if people is None or shown.counted is None:
        return ()
    known = int(np.isfinite(people).sum())
    return (sources.add_statistic(read_areas(sources.lake, POPULATION), known, 0.0),)


def _hues(work: _Work) -> Mapping[str, str]:
    return palette.choose_hues(list(work.shown))


def _layer(work: _Work, name: str, hue: str) -> Layer:
    shown, ids, n = work.shown[name], work.ids[name], len(work.cells)
    members = work.overlap.worst[name] if work.overlap else np.zeros(n, dtype=bool)
    hot = work.overlap.hot[name] if work.overlap else hot_areas(shown.layer, work.cells)
    trend = cells = None
    counts = work.ground.counts
    if shown.statistic is None and counts is not None:
        service = name.split(":")[0]
        below, own = work.options.suppress_below, work.own[name]
        held = held_months(work.lake, service)
        trend = gather_trend(counts, service, held, set(shown.months), below, own)
        work.tell(f"Counting {service} by square")
        cells = gather_cells(
            work.lake,
            work.ground.land,
            _selection(name, work.request),
            work.options.cell_m or 0.0,
            below,
            own,
        )
    return finish_layer(shown, members, hot, hue, ids, trend, cells, work.options)


def _areas(work: _Work) -> tuple[Area, ...]:
    cells, overlap = work.cells, work.overlap
    near = nearest_place(cells.centroids, work.options.places)
    people = next((layer.people for layer in work.layers if layer.people is not None), None)
    return tuple(
        Area(
            code=str(cells.ids[i]),
            name=str(cells.names[i]),
            near=near[i],
            easting=round(float(cells.centroids[i, 0]), 1),
            northing=round(float(cells.centroids[i, 1]), 1),
            population=float(people[i]) if people is not None and np.isfinite(people[i]) else None,
            worst_in=tuple(n for n, members in overlap.worst.items() if members[i])
            if overlap
            else (),
            compared=bool(overlap.used[i]) if overlap else True,
        )
        for i in range(len(cells))
    )


def _figures(work: _Work) -> list[Figure]:
    found = [layer_figure(shown, work.ids[n], work.options) for n, shown in work.shown.items()]
    figures = [figure for figure in found if figure]
    if work.overlap:
        figures += overlap_figures(work.overlap, work.ids, work.titles)
    return figures


def _commands(work: _Work) -> tuple[str, ...]:
    statistics = [one.statistic for one in work.shown.values() if one.statistic is not None]
    if any(one.layer.people is not None for one in work.shown.values()):
        statistics.append(read_areas(work.lake, POPULATION))
    units = list(areas_within(work.lake, work.options.within))
    return remake(work.sources, statistics, units, work.options)


def _period(work: _Work) -> str:
    months = sorted({m for shown in work.shown.values() for m in shown.months})
    return words.period(months) if months else "as the publishers state"

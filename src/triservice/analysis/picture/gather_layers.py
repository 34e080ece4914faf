"""Layers as compared → layers as shown: rates, intervals, small numbers hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.hotspots.rates import count_interval
from triservice.analysis.lake.areas import AreaLayer, read_areas
from triservice.analysis.lake.areas import layers as statistic_names
from triservice.analysis.overlap.model import Layer as Compared
from triservice.analysis.picture import palette, words
from triservice.analysis.picture.model import HOT, AreaValue, CellMap, Figure, Finding, Layer, Trend
from triservice.analysis.picture.options import Naming, Options, name_service, name_statistic
from triservice.analysis.picture.provenance import Sources
from triservice.analysis.picture.scope import months_inside, years_inside
from triservice.analysis.picture.suppress import hide_small, years_averaged

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_PERS = (1_000, 10_000, 100_000)


@dataclass(frozen=True)
class Shown:
    """What is worked out of a layer before it is suppressed. Arrays are (n,), NaN without value.

    `counted` is the number of events behind each value (whole, what decides whether it is small),
    `years` the time they were counted over; None for scores and rates as published.
    """

    layer: Compared
    naming: Naming
    statistic: AreaLayer | None
    months: tuple[str, ...]
    counted: Floats | None
    years: float
    value: Floats
    low: Floats
    high: Floats
    per: float
    digits: int
    measure: str
    period: str


def is_statistic(lake_names: list[str], name: str) -> bool:
    """Whether a layer's name is an area statistic of the lake rather than a service."""
    return name in lake_names and name != "population"


def show_layer(layer: Compared, sources: Sources, options: Options) -> Shown:
    """Work out rate, interval and wording of a compared layer."""
    lake = sources.lake
    statistic = (
        read_areas(lake, layer.name) if is_statistic(statistic_names(lake), layer.name) else None
    )
    naming = name_statistic(layer.name, statistic.column) if statistic else name_service(layer.name)
    if layer.demand is None or layer.kind != "count":
        return _as_published(layer, naming, statistic)
    months = () if statistic else months_inside(lake, layer.name.split(":")[0], options)
    averaged = years_averaged(statistic.column) if statistic else 1
    years = float(averaged) if statistic else years_inside(months, options)
    counted = layer.demand * averaged
    period = words.period(months) if not statistic else "as its publisher states"
    if statistic and averaged > 1:
        period = f"an average of {words.small_number(averaged)} years"
    return _as_rate(layer, naming, statistic, months, counted, years, period)


def _as_rate(
    layer: Compared,
    naming: Naming,
    statistic: AreaLayer | None,
    months: tuple[str, ...],
    counted: Floats,
    years: float,
    period: str,
) -> Shown:
    """Counts over people and years, with the exact interval of the count."""
    known = np.isfinite(counted)
    low, high = (np.full(counted.shape, np.nan) for _ in range(2))
    low[known], high[known] = count_interval(counted[known])
    # A plain count of a publisher is of its own period, which we do not know; a plain count of
    # events is shown as it was counted.
    yearly = years > 1 if statistic else layer.people is not None
    if not statistic and not yearly:
        years = 1.0
    base, per, measure = np.ones(counted.shape), 0.0, naming.noun
    if layer.people is not None:
        base = np.where(layer.people > 0, layer.people, np.nan)
        overall = float(np.nansum(counted) / np.nansum(base[known]) / years)
        per = float(next((p for p in _PERS if overall * p >= 1), _PERS[-1]))
        measure = f"{naming.noun} per {per:,.0f} people"
    scale = (per or 1.0) / base / years
    values = counted * scale
    return Shown(
        layer=layer,
        naming=naming,
        statistic=statistic,
        months=months,
        counted=counted,
        years=years,
        value=values,
        low=low * scale,
        high=high * scale,
        per=per,
        digits=0 if np.nanmedian(values) >= 100 or (values == np.rint(values)).all() else 1,
        measure=measure + (" a year" if yearly else "" if statistic else " in the period"),
        period=period,
    )


def _as_published(layer: Compared, naming: Naming, statistic: AreaLayer | None) -> Shown:
    """A score or a rate, shown as it came."""
    nothing = np.full(layer.values.shape, np.nan)
    size = float(np.nanmedian(np.abs(layer.values)))
    digits = 0 if size >= 100 else max(0, min(8, 2 - int(np.floor(np.log10(size))))) if size else 1
    measure = naming.noun
    if layer.worse == "low":
        measure += " (low is worse)"
    return Shown(
        layer, naming, statistic, (), None, 1.0, layer.values, nothing, nothing, 0.0, digits,
        measure, "as its publisher states",
    )  # fmt: skip


def finish_layer(
    shown: Shown,
    members: Bools,
    hot: Bools,
    hue: str,
    ids: tuple[str, ...],
    trend: Trend | None,
    cells: CellMap | None,
    options: Options,
) -> Layer:
    """Hide small numbers and make the layer as it is reported; `members` are its worst areas."""
    layer = shown.layer
    n = shown.value.size
    hidden = np.zeros(n, dtype=bool)
    if shown.counted is not None:
        hidden = hide_small(shown.counted, options.suppress_below)
    badness = shown.value if layer.worse == "high" else -shown.value
    ranks = _ranks(badness)
    values = tuple(
        AreaValue(None, worst=bool(members[i]), cluster=HOT if hot[i] else None, hidden=True)
        if hidden[i]
        else AreaValue(
            _number(shown.value[i]),
            _number(shown.low[i]),
            _number(shown.high[i]),
            _number(shown.counted[i] / _mean_years(shown)) if shown.counted is not None else None,
            ranks[i],
            bool(members[i]),
            HOT if hot[i] else None,
        )
        for i in range(n)
    )
    visible = np.where(hidden, np.nan, shown.value)
    return Layer(
        key=layer.name,
        title=shown.naming.title,
        noun=shown.naming.noun,
        measure=shown.measure,
        kind=layer.kind,
        worse=layer.worse,
        digits=shown.digits,
        per=shown.per,
        period=shown.period,
        sources=ids,
        method="rates" if shown.counted is not None else "published",
        breaks=palette.class_breaks(visible, shown.digits),
        values=values,
        hue=hue,
        caution=_caution(shown),
        trend=trend,
        cells=cells,
        findings=tuple(_findings(shown, hidden, members, hot, ids)),
    )


def _mean_years(shown: Shown) -> float:
    """A statistic that is an average is reported as it was published: a year's worth."""
    return shown.years if shown.statistic is not None else 1.0


def _ranks(badness: Floats) -> list[int | None]:
    """Return the rank of each area, 1 the worst, equal values sharing the better one."""
    known = np.isfinite(badness)
    descending = -np.sort(-badness[known])
    return [
        int(np.searchsorted(-descending, -b, side="left")) + 1 if ok else None
        for b, ok in zip(badness, known, strict=True)
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _caution(shown: Shown) -> str | None:
    if shown.counted is None:
        return None
    typical = float(np.nanmedian(shown.counted))
    if typical < 20:
        return (
            f"Numbers are small: {words.count(typical)} in the middle area over the whole period. "
            "Most neighbours in this ranking cannot be told apart; read the intervals."
        )
    if shown.per and shown.months and len(shown.months) < 12:
        return (
            f"The rate is what {len(shown.months)} months would come to in a year. They are not a "
            "whole year, so a season may stand out that a year would level."
        )
    return None


def _findings(
    shown: Shown, hidden: Bools, members: Bools, hot: Bools, ids: tuple[str, ...]
) -> list[Finding]:
    """Say what stands out: how uneven it is, and where it clusters.

    The worst areas are those of the overlap where there is one, so that both say the same of them.
    """
    found = []
    value = np.where(hidden, np.nan, shown.value)
    known = np.isfinite(value)
    if shown.counted is not None and shown.layer.people is not None and known.sum() >= 10:
        fifth = np.flatnonzero(members)
        if not fifth.size:
            order = np.argsort(-np.where(known, value, -np.inf))
            fifth = order[: max(1, round(known.sum() / 5))]
        share = np.nansum(shown.counted[fifth]) / np.nansum(shown.counted)
        people = np.nansum(shown.layer.people[fifth]) / np.nansum(shown.layer.people)
        found.append(
            Finding(
                f"The {fifth.size} areas with the highest rate hold {share:.0%} of all "
                f"{shown.naming.noun} and {people:.0%} of the people.",
                sources=ids,
            )
        )
    if hot.any():
        many = int(hot.sum())
        said = "area is a significant hot spot" if many == 1 else "areas are significant hot spots"
        found.append(
            Finding(
                f"{words.capital(words.small_number(many))} {said}: high together with their "
                "neighbours, beyond what chance explains.",
                sources=ids,
            )
        )
    else:
        found.append(
            Finding(
                "No area is a significant hot spot: high areas do not lie together more than "
                "chance explains.",
                sources=ids,
            )
        )
    return found


def layer_figure(shown: Shown, ids: tuple[str, ...], options: Options) -> Figure | None:
    """Return the key figure of a layer over the whole place: its rate with the interval."""
    if shown.counted is None:
        return None
    total = float(np.nansum(shown.counted))
    low, high = (float(v[0]) for v in count_interval(np.array([total])))
    people = shown.layer.people
    denominator = (
        float(np.nansum(people[np.isfinite(shown.counted)])) if people is not None else None
    )
    scale = (shown.per / denominator if denominator and shown.per else 1.0) / shown.years
    hidden = bool(hide_small(np.array([total]), options.suppress_below, ()).any())
    over = (
        f"in {words.count(years_inside(shown.months, options) * 12)} months"
        if shown.statistic is None
        else (f"in {words.count(shown.years)} years" if shown.years > 1 else "")
    )
    people_said = f" among {denominator:,.0f} people" if denominator else ""
    return Figure(
        id=f"rate-{shown.layer.name}",
        label=f"{shown.measure[:1].upper()}{shown.measure[1:]}",
        value=None if hidden else total * scale,
        unit="",
        sources=ids,
        method="rates",
        low=None if hidden else low * scale,
        high=None if hidden else high * scale,
        count=None if hidden else total,
        denominator=denominator,
        period=shown.period,
        hidden=hidden,
        note=None if hidden else f"{total:,.0f} {over}{people_said}".replace("  ", " "),
        digits=0 if total * scale >= 1000 else shown.digits,
        layer=shown.layer.name,
        card=True,
    )

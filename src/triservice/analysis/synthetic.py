"""An invented county whose truth is known: events of three services, and areas to lay them on.

Everything here is made up from a seed. The places do not exist and no number describes any real
county. Tests and benchmarks use it because it says what a method ought to find: which hotspots
are shared, which events are near repeats of which, at what hours demand comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.kernel.errors import InputError
from triservice.kernel.service import Service

SERVICES: tuple[str, ...] = (Service.POLICE.value, Service.FIRE.value, Service.AMBULANCE.value)
INVENTED = "Invented by triservice's generator: no real place, person or incident."
BACKGROUND, HOTSPOT, NEAR_REPEAT = 0, 1, 2  # values of SyntheticCounty.origin

_RURAL_SHARE = 0.1  # of background events, anywhere in the county
_DAY = 86_400

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]


@dataclass(frozen=True)
class Kind:
    """One category of event, and how it behaves in the invented county."""

    service: str
    category: str
    share: float  # of the service's events
    peak_hour: float  # of the day, UTC
    swing: float  # 0 = same all day; 1 = nothing at the opposite hour
    weekend: float = 1.0  # weight of Saturday and Sunday against a weekday
    near_repeats: bool = False
    spans: bool = False  # known only to have happened between two times


KINDS: tuple[Kind, ...] = (
    Kind("police", "burglary", 0.15, 20, 0.6, near_repeats=True, spans=True),
    Kind("police", "violence-sexual-offences", 0.45, 22, 0.7, weekend=1.6),
    Kind("police", "anti-social-behaviour", 0.40, 19, 0.7, weekend=1.2),
    Kind("fire", "secondary-fire", 0.35, 20, 0.8, weekend=1.2, near_repeats=True),
    Kind("fire", "primary-fire", 0.20, 18, 0.6),
    Kind("fire", "automatic-alarm", 0.45, 14, 0.5, weekend=0.8),
    Kind("ambulance", "fall", 0.40, 10, 0.5),
    Kind("ambulance", "breathing-difficulty", 0.35, 9, 0.3),
    Kind("ambulance", "overdose", 0.25, 23, 0.6, weekend=1.3),
)


@dataclass(frozen=True)
class Truth:
    """What is true of an invented county because it was made so."""

    towns: Floats  # (k, 2) centres, metres
    town_sd: Floats  # (k,) metres
    hotspots: Floats  # (h, 2) centres, metres
    hotspot_radius_m: float
    hotspot_services: NDArray[np.bool_]  # (h, 3), columns as SERVICES
    hotspot_share: float  # of each service's events that are not near repeats
    near_repeat_share: float  # of the events of each category that has near repeats
    near_repeat_radius_m: float
    near_repeat_days: int  # a child follows its parent by less than this


@dataclass(frozen=True)
class SyntheticCounty:
    """Point events of three services, in order of time; every array has shape (n,).

    `time_from` and `time_to` are what the record says (UTC, whole seconds; equal when exact) and
    `happened` is when the event truly was. `easting` and `northing` are metres. `service_code`
    and `kind_code` index SERVICES and KINDS. `origin` is BACKGROUND, HOTSPOT or NEAR_REPEAT;
    `hotspot` the index in truth.hotspots, `parent` the index of the event that it repeats, -1
    where there is none.
    """

    bounds: tuple[float, float, float, float]
    time_from: Times
    time_to: Times
    happened: Times
    easting: Floats
    northing: Floats
    service_code: NDArray[np.int8]
    kind_code: NDArray[np.int8]
    origin: NDArray[np.int8]
    hotspot: NDArray[np.int16]
    parent: NDArray[np.int32]
    truth: Truth
    label: str = field(default=INVENTED)

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.easting)

    @property
    def service(self) -> NDArray[np.str_]:
        """Service of each event, as text."""
        return np.array(SERVICES)[self.service_code]

    @property
    def category(self) -> NDArray[np.str_]:
        """Category of each event, as text."""
        return np.array([kind.category for kind in KINDS])[self.kind_code]

    def of(self, name: str) -> NDArray[np.intp]:
        """Return the indices of the events of one service or category.

        Raises InputError when there is no such service or category.
        """
        kinds = [i for i, kind in enumerate(KINDS) if name in (kind.service, kind.category)]
        if not kinds:
            raise InputError(f"the invented county has no events of {name!r}")
        return np.flatnonzero(np.isin(self.kind_code, kinds))


def synthetic_county(
    seed: int = 1,
    days: int = 365,
    size_km: float = 60.0,
    *,
    events: int = 60_000,
    start: str = "2025-01-01",
    west: float = 400_000.0,
    south: float = 300_000.0,
    towns: int = 12,
    hotspots: int = 24,
    shared_hotspots: int = 8,
    hotspot_radius_m: float = 200.0,
    hotspot_share: float = 0.3,
    near_repeat_share: float = 0.25,
    near_repeat_radius_m: float = 200.0,
    near_repeat_days: int = 10,
) -> SyntheticCounty:
    """Return `events` invented events of three services over `days` from `start` (UTC).

    The county is a square of `size_km` with its south-west corner at (`west`, `south`) metres.
    Half of the events are the police's, a fifth fire's, the rest the ambulance's. `hotspots` discs
    stand in towns: the first `shared_hotspots` serve all three services, the others one each in
    turn. Near repeats (children) make up `near_repeat_share` of the categories that have them;
    each lies within `near_repeat_radius_m` of its parent and follows it within
    `near_repeat_days`. The same arguments give the same events.

    Raises InputError when the arguments cannot be met.
    """
    _check(days, events, hotspots, shared_hotspots, near_repeat_share, near_repeat_days)
    rng = np.random.default_rng(seed)
    size, corner = size_km * 1000.0, np.array((west, south))
    centres = rng.uniform(0.1, 0.9, (towns, 2)) * size
    spread = rng.uniform(0.01, 0.035, towns) * size
    weight = 1 / np.arange(1, towns + 1)
    home = rng.choice(towns, hotspots, p=weight / weight.sum())
    spots = _fold(centres[home] + rng.normal(0, spread[home, None] / 2, (hotspots, 2)), size)
    serves = np.zeros((hotspots, len(SERVICES)), bool)
    serves[:shared_hotspots] = True
    own = np.arange(shared_hotspots, hotspots)
    serves[own, (own - shared_hotspots) % len(SERVICES)] = True

    kind = _kinds(rng, events)
    service = np.array([SERVICES.index(k.service) for k in KINDS], np.int8)[kind]
    day, second = _rhythm(rng, kind, days, np.datetime64(start, "D"))
    origin = np.zeros(events, np.int8)
    town = rng.choice(towns, events, p=weight / weight.sum())
    place = centres[town] + rng.normal(0, 1, (events, 2)) * spread[town, None]
    rural = rng.random(events) < _RURAL_SHARE
    place[rural] = rng.uniform(0, size, (int(rural.sum()), 2))

    spot = np.full(events, -1, np.int16)
    for index in range(len(SERVICES)):
        choices = np.flatnonzero(serves[:, index])
        inside = np.flatnonzero((service == index) & (rng.random(events) < hotspot_share))
        if len(choices):
            spot[inside] = rng.choice(choices, len(inside))
            place[inside] = spots[spot[inside]] + _disc(rng, len(inside), hotspot_radius_m)
    origin[spot >= 0] = HOTSPOT

    place = _fold(place, size)
    parent = np.full(events, -1, np.int32)
    for index, behaviour in enumerate(KINDS):
        if not behaviour.near_repeats:
            continue
        members = rng.permutation(np.flatnonzero(kind == index))
        children = members[: round(near_repeat_share * len(members))]
        others = members[len(children) :]
        parents = others[day[others] <= days - near_repeat_days]
        if not len(children) or not len(parents):
            continue
        chosen = rng.choice(parents, len(children))
        parent[children] = chosen
        origin[children], spot[children] = NEAR_REPEAT, -1
        place[children] = place[chosen] + _disc(rng, len(children), near_repeat_radius_m)
        day[children] = day[chosen] + rng.integers(1, near_repeat_days, len(children))
    # A child may fall just outside the square: keep it, so that its distance stays true.

    happened = np.datetime64(start, "s") + (day * _DAY + second).astype("timedelta64[s]")
    order = np.argsort(happened, kind="stable")
    rank = np.empty(events, np.int32)
    rank[order] = np.arange(events, dtype=np.int32)
    parent = np.where(parent >= 0, rank[parent], -1).astype(np.int32)
    early, late = _spans(rng, kind)
    return SyntheticCounty(
        bounds=(west, south, west + size, south + size),
        time_from=(happened - early)[order],
        time_to=(happened + late)[order],
        happened=happened[order],
        easting=west + place[order, 0],
        northing=south + place[order, 1],
        service_code=service[order],
        kind_code=kind[order],
        origin=origin[order],
        hotspot=spot[order],
        parent=parent[order],
        truth=Truth(
            towns=centres + corner,
            town_sd=spread,
            hotspots=spots + corner,
            hotspot_radius_m=hotspot_radius_m,
            hotspot_services=serves,
            hotspot_share=hotspot_share,
            near_repeat_share=near_repeat_share,
            near_repeat_radius_m=near_repeat_radius_m,
            near_repeat_days=near_repeat_days,
        ),
    )


def _check(days: int, events: int, spots: int, shared: int, share: float, chain: int) -> None:
    refusals = (
        (days < 1 or events < 0, "needs at least one day and no negative number of events"),
        (not 0 <= shared <= spots, "cannot share more hotspots than it has"),
        (not 0 <= share < 1, "needs a share of near repeats from 0 to below 1"),
        (not 2 <= chain <= days, "needs near repeats over 2 days or more, within its period"),
    )
    for refused, reason in refusals:
        if refused:
            raise InputError(f"the invented county {reason}")


def _kinds(rng: np.random.Generator, events: int) -> NDArray[np.int8]:
    of_service = {"police": 0.5, "fire": 0.2, "ambulance": 0.3}
    weights = np.array([of_service[kind.service] * kind.share for kind in KINDS])
    return rng.choice(len(KINDS), events, p=weights / weights.sum()).astype(np.int8)


def _rhythm(
    rng: np.random.Generator, kind: NDArray[np.int8], days: int, start: np.datetime64
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw day number and second of the day from each kind's week and day."""
    day, second = np.empty(len(kind), np.int64), np.empty(len(kind), np.int64)
    weekday = (start.astype(np.int64) + 3 + np.arange(days)) % 7  # 1970-01-01 was a Thursday
    hours = np.arange(24) + 0.5
    for index, behaviour in enumerate(KINDS):
        members = np.flatnonzero(kind == index)
        by_day = np.where(weekday >= 5, behaviour.weekend, 1.0)
        by_hour = 1 + behaviour.swing * np.cos((hours - behaviour.peak_hour) * np.pi / 12)
        day[members] = rng.choice(days, len(members), p=by_day / by_day.sum())
        hour = rng.choice(24, len(members), p=by_hour / by_hour.sum())
        second[members] = hour * 3600 + rng.integers(0, 3600, len(members))
    return day, second


def _spans(
    rng: np.random.Generator, kind: NDArray[np.int8]
) -> tuple[NDArray[np.timedelta64], NDArray[np.timedelta64]]:
    """Return how much earlier and later the record says it may have been, in seconds."""
    with_span = np.array([k.spans for k in KINDS])[kind] & (rng.random(len(kind)) < 0.6)
    hours = np.minimum(rng.exponential(8.0, len(kind)), 72.0)
    total = np.where(with_span, hours * 3600, 0).astype(np.int64)
    early = (total * rng.random(len(kind))).astype(np.int64)
    return early.astype("timedelta64[s]"), (total - early).astype("timedelta64[s]")


def _disc(rng: np.random.Generator, count: int, radius: float) -> Floats:
    """Return (count, 2) offsets spread evenly over a disc."""
    distance = radius * np.sqrt(rng.random(count))
    angle = rng.uniform(0, 2 * np.pi, count)
    return np.column_stack((distance * np.cos(angle), distance * np.sin(angle)))


def _fold(place: Floats, size: float) -> Floats:
    """Reflect places that fell outside the square back into it."""
    folded: Floats = np.abs((place + size) % (2 * size) - size)
    return np.minimum(folded, np.nextafter(size, 0))


# --- files ---------------------------------------------------------------------------------------

CSV_COLUMNS = ("reference", "service", "category", "from", "to", "easting", "northing")


CSV_MAPPING = f"""\
# The export of an invented county, for `triservice import`.
name = "invented"
title = "Invented county"

[service]
column = "service"
table = {{ {", ".join(f'{s} = "{s}"' for s in SERVICES)} }}

[columns]
id = "reference"

[time]
zone = "UTC"
from = {{ column = "from", format = "%Y-%m-%d %H:%M:%SZ" }}
to = {{ column = "to", format = "%Y-%m-%d %H:%M:%SZ" }}

[category]
column = "category"
table = {{ {", ".join(f'{k.category} = "{k.category}"' for k in KINDS)} }}

[location]
x = "easting"
y = "northing"
"""


def write_csv(county: SyntheticCounty, path: str | Path, rows: int | None = None) -> int:
    """Write the county as a CSV export in CSV_COLUMNS; return the number of rows written.

    CSV_MAPPING, written to a file, is the mapping that `triservice import` reads it with.

    `rows` beyond the county's own repeats its events under new references, a week later on each
    round, so that files of millions of rows cost little. Times are UTC: 2025-01-01 18:30:00Z.
    """
    import pyarrow as pa
    from pyarrow import csv

    wanted = len(county) if rows is None else rows
    if wanted and not len(county):
        raise InputError("the invented county has no events to write")
    types = [pa.string()] * 5 + [pa.float64()] * 2
    schema = pa.schema(list(zip(CSV_COLUMNS, types, strict=True)))
    plain = csv.WriteOptions(quoting_style="none")
    with csv.CSVWriter(str(path), schema, write_options=plain) as writer:
        for first, indices, later in _rounds(len(county), wanted):
            writer.write_table(_csv_table(county, schema, first, indices, later))
    return wanted


def _rounds(
    size: int, wanted: int, chunk: int = 200_000
) -> Iterator[tuple[int, slice, np.timedelta64]]:
    done = 0
    while done < wanted:
        turn, offset = divmod(done, size)
        count = min(chunk, size - offset, wanted - done)
        yield done, slice(offset, offset + count), np.timedelta64(7 * turn, "D")
        done += count


def _csv_table(
    county: SyntheticCounty, schema: Any, first: int, rows: slice, later: np.timedelta64
) -> Any:
    import pyarrow as pa
    from pyarrow import compute

    def text(values: NDArray[Any], names: list[str]) -> Any:
        return pa.DictionaryArray.from_arrays(values[rows], names).dictionary_decode()

    def utc(times: Times) -> Any:
        local = pa.array(times[rows] + later).cast(pa.string())  # much faster than with a zone
        return compute.binary_join_element_wise(local, "Z", "")

    count = len(county.easting[rows])
    numbers = pa.array(np.arange(first + 1, first + count + 1)).cast(pa.string())
    columns = [
        compute.binary_join_element_wise("INV", numbers, "-"),
        text(county.service_code, list(SERVICES)),
        text(county.kind_code, [kind.category for kind in KINDS]),
        utc(county.time_from),
        utc(county.time_to),
        pa.array(np.round(county.easting[rows], 1)),
        pa.array(np.round(county.northing[rows], 1)),
    ]
    return pa.table(columns, schema=schema)

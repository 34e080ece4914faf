"""Events of the lake made ready for near repeats: one row for each incident, place and time known.

Three things in real data would turn into false near repeats, and are dealt with here: months
instead of days (refused), several rows for one incident (made one), and points moved to a common
place to hide an address (told).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.store import Lake, Selection
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]

SAME_INCIDENT_HOURS = 2.0
_COLUMNS = (
    "time_from",
    "time_to",
    "time_precision",
    "easting",
    "northing",
    "location_precision",
    "source",
)
_AS_GOOD_AS_EXACT = np.timedelta64(1, "h")  # shorter spans are taken at their beginning
_MOVED = ("snapped", "grid")


@dataclass(frozen=True)
class Incidents:
    """Incidents in order of time, arrays of shape (n,).

    `start` and `end` are UTC in whole seconds, equal when the time is exact; `day_only` says which
    are known only to the (local) day, and then span it. `easting`, `northing` are metres in `crs`.
    `notes` say what was left out or should be borne in mind.
    """

    start: Times
    end: Times
    day_only: NDArray[np.bool_]
    easting: Floats
    northing: Floats
    crs: str
    time_zone: str
    read: int
    merged: int
    notes: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of incidents."""
        return len(self.start)

    @property
    def middle(self) -> Times:
        """Middle of each span."""
        return self.start + (self.end - self.start) // 2

    def take(self, chosen: NDArray[Any]) -> Incidents:
        """Return the incidents that a mask or an index chooses."""
        columns = ("start", "end", "day_only", "easting", "northing")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def for_pairs(self, smallest_days: float) -> tuple[Times, Times, list[str]]:
        """Return beginning and end of each time for counting pairs, and what to note.

        Where any event is known only to the day, all are taken to the local day: the gap between
        two days is then a whole number. Raises InputError when the smallest band of time is
        shorter than that.
        """
        if not self.day_only.any():
            return self.start, self.end, []
        known = f"{int(self.day_only.sum()):,} of {len(self):,} events are known only to the day"
        if smallest_days < 1:
            raise InputError(
                f"{known}, so gaps of less than a day cannot be seen",
                do="Ask for bands of one day or more, or leave those events out by --source.",
            )
        first = local_times(self.start, self.time_zone).astype("datetime64[D]")
        last = local_times(self.end, self.time_zone).astype("datetime64[D]")
        last = np.where(self.day_only, first, np.maximum(first, last))
        note = f"{known}: all gaps were counted in whole local days."
        return first.astype("datetime64[s]"), last.astype("datetime64[s]"), [note]


def read_incidents(
    lake: Lake, selection: Selection, same_incident_hours: float = SAME_INCIDENT_HOURS
) -> Incidents:
    """Read events and make them incidents.

    Rows at exactly one place, each within `same_incident_hours` of the one before, are one
    incident, at the time of the first (0 keeps every row). This holds only for rows whose place
    is exact and whose time is known to the hour or better.

    Raises InputError when nothing is selected, or when times are known only to the month.
    """
    if not (np.isfinite(same_incident_hours) and same_incident_hours >= 0):
        raise InputError("the hours within which rows are one incident must be 0 or more")
    table = lake.events(selection, _COLUMNS)
    if not table.num_rows:
        raise InputError(_nothing(lake, selection))
    precision = _text(table["time_precision"])
    _refuse_months(precision, _text(table["source"]))
    easting, northing = (np.asarray(table[name].to_numpy()) for name in ("easting", "northing"))
    place = _text(table["location_precision"])
    placed = np.isfinite(easting) & np.isfinite(northing) & ~np.isin(place, ("area", "none"))
    if not placed.any():
        raise InputError(
            f"none of the {table.num_rows:,} events has coordinates of its own",
            do="Near repeats need the place of each event; areas can be compared with `overlap`.",
        )
    start, end = (_seconds(table[name]) for name in ("time_from", "time_to"))
    end = np.where(end - start <= _AS_GOOD_AS_EXACT, start, end)
    incidents = Incidents(
        start=start[placed],
        end=end[placed],
        day_only=(precision == "day")[placed],
        easting=easting[placed],
        northing=northing[placed],
        crs=lake.settings.crs,
        time_zone=lake.settings.time_zone,
        read=table.num_rows,
        merged=0,
        notes=tuple(_notes(placed, place, easting, northing)),
    )
    surely = ~np.isin(place[placed], _MOVED) & (incidents.start == incidents.end)
    return _one_each(incidents, surely & ~incidents.day_only, same_incident_hours)


def local_times(times: Times, time_zone: str) -> Times:
    """Return (n,) UTC times as local wall-clock times, in whole seconds."""
    import pyarrow as pa
    from pyarrow import compute

    utc = pa.array(times.astype("datetime64[s]")).cast(pa.timestamp("s", tz="UTC"))
    local = compute.local_timestamp(utc.cast(pa.timestamp("s", tz=time_zone)))
    wall: Times = local.cast(pa.int64()).to_numpy().view("datetime64[s]")
    return wall


def _seconds(column: Any) -> Times:
    import pyarrow as pa

    plain = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    seconds: Times = plain.view("datetime64[us]").astype("datetime64[s]")
    return seconds


def _text(column: Any) -> NDArray[np.str_]:
    coded = column.combine_chunks().dictionary_encode()
    names = np.array(coded.dictionary.to_pylist(), dtype=str)
    words: NDArray[np.str_] = names[coded.indices.to_numpy()]
    return words


def _nothing(lake: Lake, selection: Selection) -> str:
    held = lake.services()
    asked = [
        f"{what} {', '.join(values)}"
        for what, values in (
            ("service", selection.services),
            ("source", selection.sources),
            ("category", selection.categories),
        )
        if values
    ]
    if selection.since or selection.until:
        asked.append("that time")
    wanted = f" of {' and '.join(asked)}" if asked else ""
    return f"the lake holds no events{wanted}; it holds {', '.join(held) or 'nothing yet'}"


def _refuse_months(precision: NDArray[np.str_], source: NDArray[np.str_]) -> None:
    by_month = precision == "month"
    if not by_month.any():
        return
    names = ", ".join(sorted(set(source[by_month])))
    part = "all" if by_month.all() else f"{int(by_month.sum()):,} of {len(precision):,}"
    raise InputError(
        f"{part} events (source {names}) are known only to the month: a near repeat follows within "
        "days, and a month cannot show whether it did",
        do="Use a source with the day or time of each event, chosen by --source or --category.",
    )


def _notes(
    placed: NDArray[np.bool_], place: NDArray[np.str_], easting: Floats, northing: Floats
) -> list[str]:
    notes = []
    if lost := int((~placed).sum()):
        notes.append(f"{lost:,} of {len(placed):,} events have no place of their own; left out.")
    moved = np.isin(place, _MOVED) & placed
    if moved.any():
        points = len(np.unique(np.column_stack((easting[moved], northing[moved])), axis=0))
        notes.append(
            f"Events moved to common points before publication: {int(moved.sum()):,}, on "
            f"{points:,} points. Their pairs at one place need not be repeats; short distances are "
            "not real."
        )
    return notes


def _one_each(incidents: Incidents, may: NDArray[np.bool_], hours: float) -> Incidents:
    """Keep the first row of every incident."""
    keep = np.ones(len(incidents), bool)
    members = np.flatnonzero(may)
    if hours > 0 and len(members):
        x, y, start = incidents.easting, incidents.northing, incidents.start
        order = members[np.lexsort((start[members], y[members], x[members]))]
        before, after = order[:-1], order[1:]
        same = (x[before] == x[after]) & (y[before] == y[after])
        soon = (start[after] - start[before]) / np.timedelta64(1, "s") <= hours * 3600
        keep[after[same & soon]] = False
    merged = int((~keep).sum())
    if not merged:
        return incidents
    note = (
        f"{merged:,} rows at the same place within {hours:g} hours of the row before were taken "
        "as part of the same incident (several units sent, or called twice)."
    )
    return replace(incidents.take(keep), merged=merged, notes=(*incidents.notes, note))

"""Which columns of a sample hold times, in which formats, and what they are the times of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake import clocks, moments
from triservice.analysis.lake.mapping import STAGES
from triservice.analysis.lake.rules import Moment
from triservice.analysis.lake.sampling import Sample
from triservice.analysis.lake.time_formats import compile_formats

_SLASHED = {
    "day first": [f"%d{m}%m{m}%{y}" for m in "/-." for y in "Yy"],
    "month first": [f"%m{m}%d{m}%{y}" for m in "/-" for y in "Yy"],
}
_PLAIN_DATES = [
    "iso", "%Y/%m/%d", "%Y.%m.%d", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%b/%Y", "%d %b %y",
    "%d%b%Y", "%b %d, %Y", "%b %d %Y", "%a %d %b %Y", "%a, %d %b %Y",
]  # fmt: skip
_CLOCKS = [
    "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M%p", "%I:%M:%S%p", "%H:%M:%S.%f",
    "%H.%M",
]  # fmt: skip
_JOINTS = (" ", "T", ", ", "  ")
_MONTHS = ["%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%b %Y", "%b-%Y", "%b-%y", "%b %y"]
_BARE = ["%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m", "excel", "unix", "unix-ms"]
_TIMELIKE = re.compile(r"\d{1,4}\s?[-/.:]|\d\s|[A-Za-z]{3,9}[ -]\d|\d[A-Za-z]{3}\d")

# What a column's name says it is the time of; the first that fits.
_ROLES = [
    ("", r"birth|\bdob\b|\bage\b|updat|modif|extract|load|expir|install|publish|valid|licen"
         r"|review|print|outcome|hours$|opening"),
    ("to", r"\bto\b|latest|until|\b(commit\w*|occurr?\w*|offen[cs]e|crime) (end|finish)"),
    ("arrived", r"arriv|on ?scene|at ?scene|attend"),
    ("closed", r"clos|clear|complet|resolv|\bstop\b|\bend\b|ended|finish|available"),
    ("en_route", r"en ?route|responding|mobile\b"),
    ("mobilised", r"mobilis|mobiliz|d[ei]spatch|assign|allocat|turnout|alerted"),
    ("occurred", r"\bfrom\b|start|earliest|begin|commit|occur|offen[cs]e"),
    ("called", r"\bcall|receiv|report|notif|record|logged|creat|open|entered|raised|\btoc\b"),
    ("occurred", r"incident|event|crime|date|time|month|stamp|when|period|\bday\b"),
]  # fmt: skip
_SPAN_START = re.compile(r"\bfrom\b|start|earliest|begin|commit|occur|offen[cs]e")
_SPAN_WORDS = {"date", "time", "of", "the", "at", "hour", "datetime", "timestamp", "day", "clock"}


@dataclass(frozen=True)
class TimeColumn:
    """A column of times. kind: moment, date, month or clock; notes: what to check."""

    name: str
    formats: tuple[str, ...]
    kind: str
    role: str
    filled: float
    midnight: bool = False
    notes: tuple[str, ...] = ()

    def moment(self) -> Moment:
        """Return it as a moment of its own."""
        return Moment(self.name, self.formats, precision="day" if self.midnight else "")


@dataclass(frozen=True)
class Spread:
    """A number of seconds or minutes after another moment."""

    column: str
    unit: str  # seconds or minutes
    after: str


@dataclass
class Times:
    """The proposal: when it happened, and what was not used."""

    start: Moment | None = None
    end: Moment | None = None
    precision: str = ""
    stages: dict[str, Moment | Spread] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    timelike: set[str] = field(default_factory=set)


def words_of(name: str) -> list[str]:
    """Return the words of a column's name, in small letters: "firstPump_Arrived" → first …."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return [part.lower() for part in parts]


def role_of(name: str) -> str:
    """Return what a column's name says it is the time of; "" for a time of something else."""
    spoken = " ".join(words_of(name))
    for role, pattern in _ROLES:
        if re.search(pattern, spoken):
            return role
    return "occurred"


def guess_times(sample: Sample, month_first: bool) -> Times:
    """Propose the times of a sample; `month_first` decides where the values do not."""
    found = [c for name in sample.values if (c := _column(sample, name, month_first))]
    times = Times(timelike={column.name for column in found})
    clocks = [c for c in found if c.kind == "clock"]
    paired = [_paired(column, clocks, found) for column in found if column.kind != "clock"]
    usable = [(moment, c) for moment, c in paired if c.role]
    if not usable:
        return times
    usable.sort(key=lambda entry: _rank(entry[1]))
    start, first = usable[0]
    if _rank(first) >= 10 and not any(c.filled > 0.9 for _, c in usable):
        times.notes.append("Many rows have no time: they will be quarantined as missing-time.")
    times.start, times.precision = start, first.kind
    times.notes += first.notes
    _add_span(times, first, usable, sample)
    origin = first.role
    for moment, column in [(start, first), *usable[1:]]:
        if column.role in STAGES and column.role not in times.stages and column.kind == "moment":
            times.stages[column.role] = moment
            times.notes += [] if column is first else column.notes
    _add_spread(times, sample, origin)
    for held in (times.start, times.end, *times.stages.values()):
        if isinstance(held, Moment):
            times.used |= set(held.columns)
        elif isinstance(held, Spread):
            times.used.add(held.column)
    times.notes = list(dict.fromkeys(times.notes))
    return times


def _rank(column: TimeColumn) -> int:
    """Return how badly a column serves as the time of the event: lowest is best."""
    spoken = " ".join(words_of(column.name))
    if column.kind == "month":
        rank = 5
    elif column.role == "occurred" and _SPAN_START.search(spoken):
        rank = 0
    elif column.role in ("occurred", "called"):
        rank = (1 if column.role == "occurred" else 2) + (2 if column.kind == "date" else 0)
    else:
        rank = 6 + (STAGES.index(column.role) if column.role in STAGES else 5)
    return rank + (10 if column.filled < 0.5 else 0)


def _paired(
    date: TimeColumn, clocks: list[TimeColumn], found: list[TimeColumn]
) -> tuple[Moment, TimeColumn]:
    """Return a date with the time of day that belongs to it, when there is one."""
    if date.kind != "date":
        return date.moment(), date

    def rest(name: str) -> frozenset[str]:
        return frozenset(words_of(name)) - _SPAN_WORDS

    same = [c for c in clocks if rest(c.name) == rest(date.name)]
    dates = [c for c in found if c.kind == "date" and c.role]
    if not same:
        same = [c for c in clocks if c.role == date.role and not (rest(c.name) and rest(date.name))]
    if not same and len(dates) == 1 == len(clocks) and clocks[0].role in ("occurred", "called"):
        same = clocks
    if not same:
        return date.moment(), date
    clock = same[0]
    pair = Moment(date.name, date.formats, clock.name, clock.formats)
    return pair, replace(date, kind="moment", notes=date.notes + clock.notes)


def _add_span(
    times: Times, first: TimeColumn, usable: list[tuple[Moment, TimeColumn]], sample: Sample
) -> None:
    for moment, column in usable:
        if column.role == "to" and column.kind in (first.kind, "moment", "date"):
            assert times.start is not None
            begins, ends = _micros(sample, times.start), _micros(sample, moment)
            both = (begins != 0) & (ends != 0)
            if both.any() and (begins[both] <= ends[both]).mean() > 0.98:
                times.end = moment
                times.notes += column.notes
                return


def _add_spread(times: Times, sample: Sample, origin: str) -> None:
    """Propose numbers named after an arrival as the seconds or minutes that it took."""
    if "arrived" in times.stages:
        return
    for name in sample.values:
        spoken = " ".join(words_of(name))
        filled = sample.filled(name)
        if name in times.timelike or not filled or not re.search("time|second|min|dur", spoken):
            continue
        if not re.search("arriv|attend|response|first", spoken) or "second pump" in spoken:
            continue
        try:
            numbers = np.array([float(value) for value in filled])
        except ValueError:
            continue
        if not (0 <= np.median(numbers) < 20_000 and (numbers >= 0).all()):
            continue
        named = "seconds" if re.search(r"\bsec", spoken) else "minutes" if "min" in spoken else ""
        unit = named or ("seconds" if np.median(numbers) > 60 else "minutes")
        times.stages["arrived"] = Spread(name, unit, origin if origin in STAGES else "from")
        times.notes.append(f"{name} is taken for {unit} (middle value {np.median(numbers):g}).")
        return


def _column(sample: Sample, name: str, month_first: bool) -> TimeColumn | None:
    filled = sample.filled(name)
    distinct = list(dict.fromkeys(filled))
    spoken = " ".join(words_of(name))
    named = bool(re.search("date|time|month|stamp|when|epoch|period|occur", spoken))
    if not distinct:
        return None
    looks = sum(bool(_TIMELIKE.search(value)) for value in distinct[:200]) / len(distinct[:200])
    bare = named and sum(_digits_of_a_time(value) for value in distinct[:200]) > 0.5 * len(
        distinct[:200]
    )
    if looks < 0.5 and not bare:
        return None
    share = len(filled) / sample.sampled
    clock = _best(distinct, ["%H%M"] if bare else _CLOCKS[:-1], clock=True)
    if clock and not bare:
        return TimeColumn(name, clock[0], "clock", role_of(name), share)
    formats, notes = _date_formats(distinct, bare, month_first, name)
    if not formats:
        return TimeColumn(name, clock[0], "clock", role_of(name), share) if clock else None
    read = _read(distinct, formats)
    ok = read.status == moments.OK
    kind = {clocks.DAY_CODE: "date", clocks.MONTH_CODE: "month"}.get(
        int(read.precision[ok].max()), "moment"
    )
    midnight = kind == "moment" and bool((read.micros[ok] % clocks.DAY == 0).all())
    if midnight and int(ok.sum()) > 1:
        kind = "date"
    else:
        midnight = False
    bad = [value for value, good in zip(distinct, ok, strict=True) if not good]
    if bad:
        notes += (
            f"{name}: not read as a time, for example: {', '.join(bad[:3])}. What says nothing "
            "(such as Unknown) can be named in missing, under [file].",
        )
    return TimeColumn(name, formats, kind, role_of(name), share, midnight, notes)


def _digits_of_a_time(text: str) -> bool:
    """Say whether digits alone can be a time: a serial day or an instant of our lives, or HHMM."""
    if not text.replace(".", "", 1).isdigit():
        return False
    whole = text.split(".", 1)[0]
    if len(whole) == 5:
        return 20_000 <= int(whole) <= 60_000  # serial days of 1954 to 2064
    if "." not in text and len(whole) in (4, 6, 8, 12, 14):
        return True
    return len(whole) in (9, 10, 12, 13)  # seconds, thousandths


def _date_formats(
    values: list[str], bare: bool, month_first: bool, name: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (formats, notes); nothing when the values are no dates."""
    if bare:
        best = _best(values, _BARE)
        return (best[0], ()) if best else ((), ())
    plain = _best(values, [*_with_clocks(_PLAIN_DATES), *_MONTHS])
    slashed = {order: _best(values, _with_clocks(dates)) for order, dates in _SLASHED.items()}
    day, month = slashed["day first"], slashed["month first"]
    if plain and plain[1] >= max(day[1] if day else 0, month[1] if month else 0):
        return plain[0], ()
    if day and month and day[1] == month[1]:
        chosen, other = (month, "day") if month_first else (day, "month")
        order = "month" if month_first else "day"
        return chosen[0], (
            f"{name}: is {values[0]!r} written {order} first or {other} first? The values fit "
            f"both; {order} first was chosen because of the place. CHECK this.",
        )
    best = max((b for b in (day, month) if b), key=lambda b: b[1], default=None)
    return (best[0], ()) if best else ((), ())


def _with_clocks(dates: list[str]) -> list[str]:
    plain = [date for date in dates if date != "iso"]
    joined = [f"{d}{j}{c}" for d in plain for j in _JOINTS for c in _CLOCKS]
    iso = [f"%Y-%m-%d {clock}" for clock in _CLOCKS[2:4]]
    return [*dates, *joined, *[f for f in iso if "iso" in dates]]


def _best(
    values: list[str], formats: list[str], clock: bool = False
) -> tuple[tuple[str, ...], int] | None:
    """Return the format that fits most, with up to three that fit what is left, and how many."""
    few = values[:: max(1, len(values) // 60)][:60]
    likely = [f for f in formats if _fits(few, f, clock).any()]
    chosen: list[str] = []
    left, total = values, 0
    while left and likely and len(chosen) < 4:
        fits = [_fits(left, f, clock) for f in likely]
        most = max(range(len(likely)), key=lambda i: int(fits[i].sum()))
        count = int(fits[most].sum())
        if not count:
            break
        chosen.append(likely[most])
        total += count
        left = [value for value, good in zip(left, fits[most], strict=True) if not good]
    return (tuple(chosen), total) if chosen and total >= 0.8 * len(values) else None


def _fits(values: list[str], text: str, clock: bool) -> NDArray[np.bool_]:
    fits: NDArray[np.bool_] = _read(values, (text,), clock).status == moments.OK
    return fits


def _read(values: list[str], formats: tuple[str, ...], clock: bool = False) -> moments.Times:
    """Parse values (n,) with the parser that the import itself uses."""
    raw = [value.encode() for value in values]
    # Room behind the last value, and strided offsets: as in the block of a file.
    data = np.frombuffer(b"".join(raw) + bytes(32), np.uint8).copy()
    bounds = np.zeros((len(raw) + 1, 2), np.int32)
    bounds[1:, 0] = np.cumsum([len(value) for value in raw])
    none = np.frombuffer(b"", np.uint8)
    return moments.read_times(
        data, bounds[:-1, 0], bounds[1:, 0], compile_formats(formats, clock),
        none, np.zeros(1, np.int32),
    )  # fmt: skip


def _micros(sample: Sample, moment: Moment) -> NDArray[np.int64]:
    """Return the local times (n,) of a moment in the sampled rows, 0 where there is none."""
    times = _read(sample.values[moment.column], moment.formats)
    micros = np.where(times.status == moments.OK, times.micros, 0)
    if moment.time_column:
        clock = _read(sample.values[moment.time_column], moment.time_formats, clock=True)
        micros = micros + np.where(clock.status == moments.OK, clock.micros, 0)
    return micros

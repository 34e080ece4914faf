"""Rules of risk zones, read from TOML: radius, age bands, levels and how overlaps raise them."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.kernel.errors import InputError

DEFAULT = "standard"
_FEWEST_CELLS = 2  # cells in a radius, below which a disc is hardly round
_MOST_BANDS = 16


@dataclass(frozen=True)
class AgeBand:
    """Events at most `days` old, and older than the band before it, give their surroundings
    `level`; `weight` counts in the ranking of patrol areas."""

    days: float
    level: str
    weight: float


@dataclass(frozen=True)
class Level:
    """One level of risk and how it is shown."""

    name: str
    colour: str
    label: str


@dataclass(frozen=True)
class Overlap:
    """A cell within reach of all the events in `when` (levels of their bands) becomes `becomes`."""

    when: tuple[str, ...]
    becomes: str


@dataclass(frozen=True)
class ZoneRule:
    """A whole rule; `levels` stand lowest first, `bands` newest first."""

    name: str
    title: str
    radius_m: float
    cell_m: float
    bands: tuple[AgeBand, ...]
    levels: tuple[Level, ...]
    overlaps: tuple[Overlap, ...]
    source: str
    note: str

    def __post_init__(self) -> None:
        """Refuse a rule that cannot be drawn."""
        names = [level.name for level in self.levels]
        used = [band.level for band in self.bands]
        used += [name for rule in self.overlaps for name in (*rule.when, rule.becomes)]
        days = [band.days for band in self.bands]
        refusals = (
            (not 0 < self.cell_m * _FEWEST_CELLS <= self.radius_m < 1e6,
             f"a radius of {self.radius_m:g} m needs cells above 0 and at most half as wide"),
            (not days or len(days) > _MOST_BANDS, f"give from 1 to {_MOST_BANDS} bands of days"),
            (days != sorted(set(days)) or (bool(days) and not 0 < days[0] <= days[-1] < 1e5),
             "days of the bands must be above 0 and rise"),
            (len(set(names)) < len(names), "a level is named twice"),
            (bool(set(used) - set(names)), f"no level is called {sorted(set(used) - set(names))}"),
            (any(band.weight < 0 for band in self.bands), "a weight is below 0"),
        )  # fmt: skip
        for refused, reason in refusals:
            if refused:
                raise InputError(f"the rule of zones '{self.name}' cannot be used: {reason}")

    @property
    def window_days(self) -> float:
        """Age in days beyond which an event gives no zone."""
        return self.bands[-1].days

    def needs(self) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """Return (rules, bands) how many events of each band a rule needs, and (rules,) its level.

        The first rules are those of the bands alone: one event of band b gives its level.
        """
        names = [level.name for level in self.levels]
        bands = [band.level for band in self.bands]
        alone = np.eye(len(bands), dtype=np.int32)
        crossed = []
        for rule in self.overlaps:
            wanted = Counter(rule.when)
            if set(wanted) <= set(bands):
                crossed.append([wanted[level] for level in bands])
        levels = [names.index(level) for level in bands]
        levels += [names.index(r.becomes) for r in self.overlaps if set(r.when) <= set(bands)]
        table = np.array(crossed, np.int32).reshape(-1, len(bands))
        return np.vstack((alone, table)), np.array(levels, np.int8)


def load_rule(
    name: str = DEFAULT, *, radius_m: float | None = None, days: Sequence[float] | None = None
) -> ZoneRule:
    """Return a rule by name, or from a file as `FILE.toml#name`, with radius and days replaced.

    `days` must give as many bands as the rule has, or fewer (the oldest are left out).
    Raises InputError when there is no such rule or it cannot be used.
    """
    path, _, within = name.rpartition("#")
    rules = _read(Path(path)) if path else _included()
    if within not in rules:
        known = ", ".join(sorted(rules))
        raise InputError(f"no rule of zones is called '{within}'", do=f"Known: {known}.")
    rule = _parse(within, rules[within], path)
    if radius_m is not None:
        rule = replace(rule, radius_m=float(radius_m), cell_m=min(rule.cell_m, radius_m / 4))
    if days is not None:
        if len(days) > len(rule.bands):
            raise InputError(
                f"{len(days)} bands of days, but the rule '{within}' has {len(rule.bands)} levels",
                do="Use a preset with more (trafford has three) or write a rule of your own.",
            )
        bands = (replace(b, days=float(d)) for b, d in zip(rule.bands, days, strict=False))
        rule = replace(rule, bands=tuple(bands), levels=_without_days(rule.levels))
    return rule


def _without_days(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(replace(level, label=level.name.capitalize()) for level in levels)


def _included() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"the rules of zones cannot be read: {error}", file=path) from None


def _parse(name: str, table: Any, file: str) -> ZoneRule:
    try:
        return ZoneRule(
            name=name,
            title=str(table.get("title", name)),
            radius_m=float(table["radius_m"]),
            cell_m=float(table.get("cell_m", 25)),
            bands=tuple(
                AgeBand(float(b["days"]), str(b["level"]), float(b.get("weight", 1)))
                for b in table["bands"]
            ),
            levels=tuple(
                Level(
                    str(level["name"]),
                    str(level["colour"]),
                    str(level.get("label", level["name"])),
                )
                for level in table["levels"]
            ),
            overlaps=tuple(
                Overlap(tuple(map(str, o["when"])), str(o["becomes"]))
                for o in table.get("overlaps", [])
            ),
            source=str(table.get("source", "")),
            note=str(table.get("note", "")).strip(),
        )
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"the rule of zones '{name}' lacks or misstates {error}",
            file=file or None,
            do="Compare it with the example in docs/how-to/run-operation-insight.md.",
        ) from None

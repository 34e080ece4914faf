"""Harm instead of counts: weights per category from a table that anyone may edit.

A weight is never guessed. What has none is counted and said; what is broad carries a range.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.lake.categories import load_categories
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
_NUMBERS = ("value", "low", "high")


@dataclass(frozen=True)
class HarmWeight:
    """The weight of one category: central value, least and greatest, and where they come from."""

    category: str
    value: float
    low: float
    high: float
    basis: str
    source: str
    offences: dict[str, float]


@dataclass(frozen=True)
class HarmTable:
    """Weights by category, in `unit`s, and why some categories have none."""

    title: str
    unit: str
    source: str
    weights: dict[str, HarmWeight]
    without_weight: dict[str, str]
    notes: tuple[str, ...]


def harm_weights(path: str | Path | None = None) -> HarmTable:
    """Return the harm table in `path` (TOML), or the one that comes with the package.

    Raises InputError that names file, category and field when a weight is missing, is no number,
    is negative, or does not lie between its low and high.
    """
    name = str(path) if path is not None else "harm.toml"
    try:
        if path is None:
            text = resources.files(__package__).joinpath("harm.toml").read_text(encoding="utf-8")
        else:
            text = Path(path).read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the harm table cannot be read: {error}", file=name) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the harm table is not TOML: {error}", file=name) from None
    categories = table.get("categories")
    if not isinstance(categories, dict) or not categories:
        raise InputError(
            "the harm table has no [categories.NAME] with a value, low and high", file=name
        )
    source = str(table.get("source", name))
    weights = {key: _weight(key, entry, source, name) for key, entry in categories.items()}
    without = table.get("without_weight", {})
    if not isinstance(without, dict) or set(without) & set(weights):
        raise InputError(
            "without_weight must name categories, each with a reason, that have no weight",
            file=name,
        )
    return HarmTable(
        str(table.get("title", name)),
        str(table.get("unit", "days")),
        source,
        weights,
        {str(k): str(v) for k, v in without.items()},
        tuple(str(note) for note in table.get("notes", ())),
    )


def _weight(category: str, entry: Any, source: str, file: str) -> HarmWeight:
    if not isinstance(entry, dict):
        raise InputError(f"{category} is not a table of value, low and high", file=file)
    numbers: dict[str, float] = {}
    for key in _NUMBERS:
        given: Any = entry.get(key)
        number = isinstance(given, (int, float)) and not isinstance(given, bool)
        if not (number and math.isfinite(given) and given >= 0):
            said = "is missing" if given is None else f"({given!r}) is not a number from 0 up"
            raise InputError(
                said, file=file, field=f"categories.{category}.{key}", do="Correct the table."
            )
        numbers[key] = float(given)
    if not numbers["low"] <= numbers["value"] <= numbers["high"]:
        raise InputError(
            f"value {numbers['value']:g} does not lie between low {numbers['low']:g} and high "
            f"{numbers['high']:g}",
            file=file,
            field=f"categories.{category}",
            do="Correct the table.",
        )
    offences = {str(k): float(v) for k, v in dict(entry.get("offences", {})).items()}
    return HarmWeight(
        category,
        numbers["value"],
        numbers["low"],
        numbers["high"],
        str(entry.get("basis", "")),
        str(entry.get("source", source)),
        offences,
    )


@dataclass(frozen=True)
class WeightedCounts:
    """Harm per cell (n,) by central, least and greatest weight, and what carries none.

    `unweighted` maps each category without a weight to its number of events; `shares` maps each
    weighted category to its share of all (central) harm.
    """

    central: Floats
    low: Floats
    high: Floats
    unit: str
    unweighted: dict[str, int]
    shares: dict[str, float]
    notes: tuple[str, ...]


def weighted_counts(
    counts: Mapping[str, ArrayLike], table: HarmTable | None = None
) -> WeightedCounts:
    """Return the harm of events in `counts`: category → events per cell (n,).

    Raises InputError when the arrays differ in length or no category has a weight.
    """
    table = table or harm_weights()
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in counts.items()}
    if len({array.shape for array in arrays.values()}) > 1:
        raise InputError("the categories have counts for different numbers of cells")
    known = {name: array for name, array in arrays.items() if name in table.weights}
    if not known:
        raise InputError(
            "none of the categories has a harm weight: " + (", ".join(sorted(arrays)) or "none"),
            do=f"Weights exist for: {', '.join(sorted(table.weights))}.",
        )
    sums = {
        key: sum((getattr(table.weights[n], key) * a for n, a in known.items()), np.zeros(1))
        for key in _NUMBERS
    }
    central = sums["value"]
    harm = {name: float(table.weights[name].value * array.sum()) for name, array in known.items()}
    whole = sum(harm.values())
    unweighted = {name: int(a.sum()) for name, a in arrays.items() if name not in known}
    unweighted = {name: events for name, events in unweighted.items() if events}
    shares = {name: value / whole for name, value in harm.items() if whole > 0}
    notes = _notes(table, unweighted, shares, [float(sums[key].sum()) for key in _NUMBERS])
    return WeightedCounts(
        central, sums["low"], sums["high"], table.unit, unweighted, shares, tuple(notes)
    )


def _notes(
    table: HarmTable,
    unweighted: Mapping[str, int],
    shares: Mapping[str, float],
    totals: Sequence[float],
) -> list[str]:
    """Return what must be said beside harm: range, broad categories, what carries no weight."""
    central, low, high = totals
    notes = [
        f"Harm by {table.title}: {central:,.0f} {table.unit}, between {low:,.0f} and {high:,.0f} "
        "by the range of offences that each category mixes."
    ]
    for name in sorted(shares, key=lambda n: -shares[n]):
        weight = table.weights[name]
        if weight.low < weight.high:
            notes.append(
                f"{_label(name)} ({shares[name]:.0%} of the harm) mixes offences from "
                f"{weight.low:g} to {weight.high:,g} {table.unit}: {_listed(weight.offences)}."
            )
    for name, events in sorted(unweighted.items(), key=lambda item: -item[1]):
        why = table.without_weight.get(name, "The table has no weight for it.")
        notes.append(f"{_label(name)}: {events:,} events carry no weight. {why}")
    return notes


def _label(category: str) -> str:
    """Return the category in words, when it is one of the common vocabulary."""
    known = load_categories().get(category)
    return known.label if known else category


def _listed(offences: Mapping[str, float]) -> str:
    if not offences:
        return "not listed in the table"
    return ", ".join(f"{name} {days:,g}" for name, days in offences.items())

"""Weights of areas: how people, or ground, are divided when areas split or are averaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.areas import layers, read_areas
from triservice.analysis.lake.boundaries import read_boundaries, units
from triservice.analysis.lake.bridges import Bridge, Weights, build_bridge, find_route
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]


class AreaWeights:
    """Weights of areas: population, moved from its own vintage if need be, else area, else even."""

    def __init__(self, lake: Lake, name: str | None) -> None:
        """Use the layer `name` of the lake as population when it is there."""
        self.lake = lake
        self.layer = read_areas(lake, name) if name and name in layers(lake) else None
        self.drawn = set(units(lake))

    def bridge(self, start: str, end: str) -> Bridge:
        """Return the bridge on which areas that split are divided by population, else by area."""
        weights: Weights = {}
        for _, unit, how in find_route(self.lake, start, end):
            if how in ("lookup", "upwards names"):
                weights |= self._areas(unit)
                if self.layer is not None and self.layer.vintage == unit:
                    weights[f"population:{unit}"] = _as_dict(self.layer.codes, self.layer.values)
        return build_bridge(self.lake, start, end, weights)

    def _areas(self, unit: str) -> Weights:
        if unit not in self.drawn:
            return {}
        cells = read_boundaries(self.lake, unit)
        return {f"area:{unit}": _as_dict(cells.ids, cells.area_m2)}

    def mass(self, unit: str, codes: list[str]) -> tuple[Floats, str]:
        """Return the weight of each code, and the word for it; unlisted codes weigh the mean."""
        by, table = "", {}
        if self.layer is not None:
            by, table = self.layer.name, self._population(unit)
        if not table:
            by, table = "area", self._areas(unit).get(f"area:{unit}", {})
        if not table:
            return np.ones(len(codes)), "every area alike"
        mean = float(np.mean(list(table.values())))
        return np.array([table.get(code, mean) for code in codes]), by

    def _population(self, unit: str) -> dict[str, float]:
        """Return the population of a unit's areas; {} when only overlays lead there."""
        assert self.layer is not None
        if self.layer.vintage == unit:
            return _as_dict(self.layer.codes, self.layer.values)
        try:
            steps = find_route(self.lake, self.layer.vintage, unit)
        except InputError:
            return {}
        if any(how == "overlay" for _, _, how in steps):
            return {}
        bridge = self.bridge(self.layer.vintage, unit)
        known = _as_dict(self.layer.codes, self.layer.values)
        people = np.array([known.get(code, 0.0) for code in bridge.start_codes])
        moved = np.asarray(bridge.shares.T @ people).ravel()[:-2]
        return {c: float(v) for c, v in zip(bridge.end_codes, moved, strict=True) if v > 0}


def _as_dict(codes: NDArray[np.str_], values: Floats) -> dict[str, float]:
    return dict(zip(codes.tolist(), values.tolist(), strict=True))

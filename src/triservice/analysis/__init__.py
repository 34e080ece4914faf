"""Numbers for one shared picture: events, places, hotspots, overlap, near repeats.

`import triservice.analysis as ta` gives every public function as `ta.name`; the module that
holds it is loaded when it is first used, so that the import itself is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# module -> what it offers; `docs/how-to/use-the-library.md` walks through them
_OFFERED = {
    "lake.store": "Lake Selection Settings",
    "lake.importing": "import_files",
    "lake.mapping": "load_mapping",
    "lake.describe": "describe_file",
    "lake.breaks": "find_breaks",
    "lake.boundaries": "add_boundaries read_boundaries",
    "lake.areas": "add_areas read_areas",
    "lake.relations": "add_relations",
    "lake.vintages": "move_values codes_to_unit",
    "place.cells": "Cells polygon_cells",
    "place.grids": "square_grid hex_grid robust_bounds",
    "place.polygons": "PolygonIndex",
    "place.contiguity": "Neighbours queen rook distance_band grid_neighbours",
    "place.interpolation": "overlay interpolate",
    "counts": "Counts tally count_by_cell count_by_area",
    "hotspots.density": "kernel_density choose_bandwidth",
    "hotspots.local": "getis_ord local_moran",
    "hotspots.hotspots": "find_hotspots",
    "hotspots.discovery": "q_values",
    "hotspots.rates": "rates count_interval smooth_rates funnel",
    "hotspots.severity": "harm_weights weighted_counts",
    "hotspots.suppression": "suppressed",
    "hotspots.trend": "emerging_hotspots mann_kendall",
    "overlap.correlation": "spearman spearman_pairs concordance",
    "overlap.worst": "worst_set set_overlap pair_overlaps",
    "overlap.shares": "share_inside concentration lorenz",
    "overlap.bivariate": "lee local_lee bivariate_moran",
    "overlap.shifts": "shift_correlation shift_hotspots shift_joint_hotspots",
    "overlap.spectral": "moran_basis randomise correlation_p",
    "overlap.compare": "compare_layers",
    "overlap.bases": "choose_bases joint_burden agency_gains",
    "near_repeat.incidents": "read_incidents",
    "near_repeat.knox": "knox",
    "near_repeat.zones": "risk_zones",
    "near_repeat.presets": "load_rule",
    "near_repeat.patrols": "patrol_areas",
    "near_repeat.backtest": "backtest",
    "synthetic": "synthetic_county write_csv",
}
_MODULE_OF = {name: module for module, names in _OFFERED.items() for name in names.split()}
__all__ = tuple(_MODULE_OF)


def __getattr__(name: str) -> Any:
    """Load the module that holds `name` and return it."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

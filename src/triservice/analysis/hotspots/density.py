"""Kernel density of events on a square grid, in events per km².

Events are spread over the four nearest cell centres (linear binning) and convolved with the
kernel by FFT. Linear binning is linear interpolation of the kernel, so at any cell centre the
surface differs from the exact sum over events by at most `binning_error` times the kernel's peak
per event; Σ over events is far better still.

**Edges.** Near an edge the kernel reaches outside the study region, where nothing could be
recorded. "jones-diggle" (default) divides each event by the kernel mass that lies inside the
region, so that the surface inside still adds up to the number of events; "uniform" divides the
surface instead, so that even demand stays even up to the coast; "none" corrects nothing.

Sources: Silverman, Density Estimation (1986), 4.3; Scott, Multivariate Density Estimation (1992),
6.3; Fan and Marron, J. Computational and Graphical Statistics 3 (1994) for linear binning;
Jones, Statistics and Computing 3 (1993) and Diggle, Applied Statistics 34 (1985) for edges.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from triservice.analysis.place.grids import MOST_CELLS, SquareGrid, robust_bounds, square_grid
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Kernel = Literal["gaussian", "quartic"]
Edge = Literal["jones-diggle", "uniform", "none"]
BandwidthRule = Literal["likelihood", "normal"]
Convolve = Callable[[Floats], Floats]

# The quartic's radius that smooths as much as a Gaussian of standard deviation 1: the ratio of
# canonical bandwidths in two dimensions, (64 · 9/(5π) ÷ 1/(4π))^(1/6).
QUARTIC_PER_GAUSSIAN = (64 * 9 / 5 * 4) ** (1 / 6)
_REACH = {"gaussian": 6.0, "quartic": 1.0}  # bandwidths to where the kernel is cut (e⁻¹⁸ of peak)
# Bound on (h²/8)(|K_xx| + |K_yy|) / K(0) per (cell/bandwidth)²: the error of interpolation.
_CURVATURE = {"gaussian": 0.25, "quartic": 2.0}


@dataclass(frozen=True)
class Density:
    """A surface of events per km², and how it was made.

    `per_km2` is (rows, columns), row 0 in the south, NaN outside the study region. `bandwidth_m`
    is the standard deviation of the Gaussian or the radius of the quartic; `rule` says where it
    comes from. `events` is the (weighted) number inside; `left_out` counts events outside the
    region, strays and events without coordinates.
    """

    grid: SquareGrid
    per_km2: Floats
    bandwidth_m: float
    rule: str
    kernel: Kernel
    edge: Edge
    events: float
    left_out: int
    binning_error: float
    notes: tuple[str, ...]


def kernel_density(
    easting: ArrayLike,
    northing: ArrayLike,
    grid: SquareGrid | float,
    *,
    region: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    bandwidth: float | BandwidthRule = "likelihood",
    kernel: Kernel = "gaussian",
    edge: Edge = "jones-diggle",
) -> Density:
    """Return the kernel density of events at `easting`, `northing` (n,), metres.

    `grid` is a grid, or a cell size in metres for a grid over the events without far strays.
    `region` (rows, columns) marks the cells of the study region (all when not given). `weights`
    (n,) ≥ 0 make it a density of harm. `bandwidth` is metres or a rule, see `choose_bandwidth`.
    A bandwidth far below the cell leaves the binned events: never zero where events are.
    Raises InputError for unusable input, or when no event lies in the region.
    """
    east, north, weight = _events(easting, northing, weights)
    if not isinstance(grid, SquareGrid):
        kept = robust_bounds(east, north).inside
        grid = square_grid(robust_bounds(east, north).bounds, float(grid))
        east, north, weight = east[kept], north[kept], weight[kept] if len(weight) else weight
    inside = _region(region, grid)
    binned = np.zeros((grid.rows, grid.columns))
    used = _bin(east, north, weight, _ring(inside), grid, binned)
    left_out = np.size(easting) - used
    if not binned.sum() > 0:
        raise InputError("no event lies in the study region", do="Choose other events or bounds.")
    notes, rule = [], bandwidth if isinstance(bandwidth, str) else "given"
    if isinstance(bandwidth, str):
        bandwidth_m, note = choose_bandwidth(east, north, grid, bandwidth, kernel, region)
        notes += [note] if note else []
    else:
        bandwidth_m = float(bandwidth)
    _check_bandwidth(bandwidth_m)
    convolve = _convolution(kernel, bandwidth_m, grid)
    surface = _smooth(binned, inside, convolve, edge) / (grid.size_m / 1000) ** 2
    surface[~inside] = np.nan
    if left_out:
        notes.append(f"Left out, without coordinates or outside the area: {left_out:,} events.")
    if bandwidth_m < grid.size_m:
        notes.append(
            f"The bandwidth ({bandwidth_m:,.0f} m) is below the cell ({grid.size_m:g} m): the "
            "surface shows little more than the events of each cell."
        )
    error = _CURVATURE[kernel] * (grid.size_m / bandwidth_m) ** 2
    return Density(
        grid,
        surface,
        bandwidth_m,
        rule,
        kernel,
        edge,
        float(binned.sum()),
        int(left_out),
        min(error, 1.0),
        tuple(notes),
    )


def choose_bandwidth(
    easting: ArrayLike,
    northing: ArrayLike,
    grid: SquareGrid,
    rule: BandwidthRule = "likelihood",
    kernel: Kernel = "gaussian",
    region: ArrayLike | None = None,
) -> tuple[float, str | None]:
    """Return a bandwidth in metres by rule, and a sentence when the rule met its limit.

    "normal": σ n^(−1/6), σ² the mean variance of the two axes (Scott's and Silverman's rule are
    the same in two dimensions): right for one round cluster, far too smooth for a county.
    "likelihood": the bandwidth under which the events of each cell are best foreseen from those
    of all *other* cells (likelihood cross-validation that leaves out a place, not an event:
    recorded positions are snapped to few points, and leaving out single events would choose the
    smallest bandwidth). Candidates run from one cell to a quarter of the grid.
    """
    east, north, _ = _events(easting, northing, None)
    inside = _region(region, grid)
    binned = np.zeros((grid.rows, grid.columns))
    _bin_nearest(east, north, _ring(inside), grid, binned)
    if not binned.any():
        raise InputError("no event lies in the study region", do="Choose other events or bounds.")
    if rule == "normal":
        return _normal_reference(binned, grid, kernel), None
    if rule != "likelihood":
        raise InputError(
            f"{rule!r} is not a bandwidth rule", do="Choose likelihood, normal or metres."
        )
    if np.count_nonzero(binned) < 3:
        return _normal_reference(binned, grid, kernel), (
            "Events lie in fewer than three cells, so the bandwidth follows the normal rule."
        )
    widest = max(grid.rows, grid.columns) * grid.size_m / 4
    scale = QUARTIC_PER_GAUSSIAN if kernel == "quartic" else 1.0

    def best(candidates: Floats) -> float:
        scores = [_foreseen(binned, kernel, float(c) * scale, grid) for c in candidates]
        return float(candidates[int(np.argmax(scores))])

    steps = max(2, math.ceil(math.log(max(widest / grid.size_m, 1.5)) / math.log(1.5)) + 1)
    coarse = best(np.geomspace(grid.size_m, max(widest, 1.5 * grid.size_m), steps))
    fine = best(np.clip(coarse * 1.1 ** np.arange(-4, 5), grid.size_m, None))
    note = None
    if fine <= grid.size_m * 1.001:
        note = "Cross-validation chose its smallest bandwidth, one cell: try smaller cells."
    elif fine >= widest:
        note = "Cross-validation chose its largest bandwidth: the events show little pattern."
    return fine * scale, note


def _normal_reference(binned: Floats, grid: SquareGrid, kernel: Kernel) -> float:
    """Return Scott's bandwidth from binned events (at least a tenth of a cell)."""
    events = binned.sum()
    variance = 0.0
    for axis in (0, 1):
        share = binned.sum(axis=1 - axis) / events
        place = np.arange(len(share)) * grid.size_m
        variance += float(share @ (place - share @ place) ** 2) / 2
    scale = QUARTIC_PER_GAUSSIAN if kernel == "quartic" else 1.0
    reference = math.sqrt(variance) * float(events) ** (-1 / 6)
    return float(max(reference, grid.size_m / 10) * scale)


def _foreseen(binned: Floats, kernel: Kernel, bandwidth_m: float, grid: SquareGrid) -> float:
    """Return the log-likelihood of each cell's events given those of all other cells."""
    smooth = _convolution(kernel, bandwidth_m, grid, hollow=True)(binned)
    filled = binned > 0
    # Below 10⁻¹² of an event per cell the FFT holds no digits: a floor for lonely places.
    return float(binned[filled] @ np.log(np.maximum(smooth[filled], 1e-12)))


def _smooth(binned: Floats, inside: Mask, convolve: Convolve, edge: Edge) -> Floats:
    """Return events per cell, smoothed, with the wanted correction at the edges."""
    if edge == "none":
        return convolve(binned)
    if edge not in ("jones-diggle", "uniform"):
        raise InputError(f"{edge!r} is not an edge correction: jones-diggle, uniform or none")
    mass = convolve(inside.astype(np.float64))  # kernel mass inside the region, at each cell
    mass[~inside] = 1.0
    return convolve(binned / mass) if edge == "jones-diggle" else convolve(binned) / mass


def _convolution(
    kernel: Kernel, bandwidth_m: float, grid: SquareGrid, hollow: bool = False
) -> Convolve:
    """Return a function that convolves cells with the kernel, whose mass over all cells is 1.

    `hollow` takes out the kernel's centre, the part that stays in its own cell.
    """
    import scipy.fft  # 0.1 s: only when used

    if kernel not in _REACH:
        raise InputError(f"{kernel!r} is not a kernel", do="Choose gaussian or quartic.")
    width = bandwidth_m / grid.size_m  # in cells
    limits = grid.rows - 1, grid.columns - 1
    half = [min(math.ceil(_REACH[kernel] * width), limit) for limit in limits]
    shape = [
        scipy.fft.next_fast_len(size + reach, real=True)
        for size, reach in zip((grid.rows, grid.columns), half, strict=True)
    ]
    values = _kernel_values(kernel, width, half[0], half[1])
    if hollow:
        values[half[0], half[1]] = 0.0
    wrapped = np.zeros(shape)
    wrapped[: values.shape[0], : values.shape[1]] = values
    wrapped = np.roll(wrapped, (-half[0], -half[1]), axis=(0, 1))
    transform = scipy.fft.rfft2(wrapped).real  # symmetric: no imaginary part

    def convolve(cells: Floats) -> Floats:
        spectrum = scipy.fft.rfft2(cells, s=shape)
        spectrum *= transform
        smooth = scipy.fft.irfft2(spectrum, s=shape, overwrite_x=True)
        inner: Floats = np.maximum(smooth[: grid.rows, : grid.columns], 0.0)  # rounding below zero
        return inner

    return convolve


def _kernel_values(kernel: Kernel, width: float, rows: int, columns: int) -> Floats:
    """Return the kernel at offsets −rows…rows, −columns…columns; `width` is the bandwidth in cells.

    The mass over *all* offsets is 1, also where the grid is too small to need them all.
    """
    if kernel == "gaussian":
        return np.outer(_gaussian(width, rows), _gaussian(width, columns))
    squared = np.add.outer(np.arange(-rows, rows + 1) ** 2.0, np.arange(-columns, columns + 1) ** 2)
    values = np.maximum(1.0 - squared / width**2, 0.0) ** 2
    if width < 50:
        near = np.arange(-math.ceil(width), math.ceil(width) + 1) ** 2.0
        mass = (np.maximum(1.0 - np.add.outer(near, near) / width**2, 0.0) ** 2).sum()
    else:
        mass = math.pi * width**2 / 3  # the sum has become the integral
    normalised: Floats = values / mass
    return normalised


def _gaussian(width: float, half: int) -> Floats:
    """Return the Gaussian at −half…half cells; its sum over all whole offsets is 1."""
    every = np.arange(-math.ceil(_REACH["gaussian"] * width), math.ceil(6 * width) + 1)
    values: Floats = np.exp(-0.5 * (np.arange(-half, half + 1) / width) ** 2)
    values /= np.exp(-0.5 * (every / width) ** 2).sum()
    return values


def _ring(inside: Mask) -> NDArray[np.uint8]:
    """Return the region with a ring of cells outside it around the grid."""
    return np.pad(inside.astype(np.uint8), 1)


def _bin(
    east: Floats,
    north: Floats,
    weight: Floats,
    region: NDArray[np.uint8],
    grid: SquareGrid,
    binned: Floats,
) -> int:
    used: int = _bin_linear(
        east, north, weight, region, grid.west, grid.south, 1.0 / grid.size_m, binned
    )
    return used


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _bin_linear(
    east: Floats,
    north: Floats,
    weight: Floats,
    region: NDArray[np.uint8],
    west: float,
    south: float,
    per_metre: float,
    binned: Floats,
) -> int:
    """Spread each event over the nearest four cell centres of the region; return events used.

    Centres outside the region take nothing: the others share the event between them. `region`
    carries a ring of outside cells, so that no index needs a check.
    """
    rows, columns = binned.shape
    used = 0
    for e in range(len(east)):
        x, y = (east[e] - west) * per_metre, (north[e] - south) * per_metre
        if not (x >= 0.0 and y >= 0.0 and x < columns and y < rows):  # also not a number
            continue
        if region[int(y) + 1, int(x) + 1] == 0:
            continue
        used += 1
        column, row = int(x + 0.5) - 1, int(y + 0.5) - 1  # of the centre to the south-west
        right, up = x - column - 0.5, y - row - 0.5
        a = (1.0 - up) * (1.0 - right) * region[row + 1, column + 1]
        b = (1.0 - up) * right * region[row + 1, column + 2]
        c = up * (1.0 - right) * region[row + 2, column + 1]
        d = up * right * region[row + 2, column + 2]
        share = 1.0 / (a + b + c + d)
        if len(weight):
            share *= weight[e]
        if a > 0.0:
            binned[row, column] += a * share
        if b > 0.0:
            binned[row, column + 1] += b * share
        if c > 0.0:
            binned[row + 1, column] += c * share
        if d > 0.0:
            binned[row + 1, column + 1] += d * share
    return used


def _bin_nearest(
    east: Floats, north: Floats, region: NDArray[np.uint8], grid: SquareGrid, binned: Floats
) -> None:
    """Count the events of each cell of the region."""
    number = grid.cell_of(east, north)
    counts = np.bincount(number[number >= 0], minlength=binned.size).reshape(binned.shape)
    binned += counts * region[1:-1, 1:-1]


def _events(
    easting: ArrayLike, northing: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Return coordinates and weights as arrays; no weights are an empty array."""
    east = np.ascontiguousarray(easting, dtype=np.float64)
    north = np.ascontiguousarray(northing, dtype=np.float64)
    weight = np.ascontiguousarray([] if weights is None else weights, dtype=np.float64)
    if east.ndim != 1 or east.shape != north.shape:
        raise InputError("easting and northing must be one-dimensional and of the same length")
    if weights is not None and weight.shape != east.shape:
        raise InputError(f"{weight.size:,} weights do not match {east.size:,} events")
    if len(weight) and not (np.isfinite(weight).all() and weight.min() >= 0):
        raise InputError("weights must be finite numbers, not below zero")
    return east, north, weight


def _region(region: ArrayLike | None, grid: SquareGrid) -> Mask:
    """Return the study region as a mask (rows, columns). Raises InputError for another shape."""
    if grid.rows * grid.columns > MOST_CELLS:
        raise InputError(
            f"the grid has {grid.rows * grid.columns:,} cells, more than {MOST_CELLS:,}",
            do="Use larger cells, or limit the area.",
        )
    if region is None:
        return np.ones((grid.rows, grid.columns), dtype=bool)
    mask = np.asarray(region, dtype=bool)
    if mask.size != grid.rows * grid.columns:
        raise InputError(
            f"a region of {mask.size:,} cells does not match a grid of {grid.rows} rows and "
            f"{grid.columns} columns"
        )
    return mask.reshape(grid.rows, grid.columns)


def _check_bandwidth(bandwidth_m: float) -> None:
    if not (math.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise InputError(f"a bandwidth of {bandwidth_m} m smooths nothing", do="Give metres.")

"""Torus-shift significance on grids: every shift of one layer over the other, by FFT.

Sliding a whole layer over the other breaks what ties them together and keeps how each of them
clusters, so the shifted pairs show what chance gives to layers that cluster like these. One FFT
cross-correlation yields the sums of *all* shifts at once, where a loop of `numpy.roll` does a few
hundred.

The county's outline is masked: a shifted county meets itself only in part, so every shift is
judged on the cells that both hold, and shifts that leave less than `min_overlap` of the county
are not used. A smaller meeting makes the statistic noisier; it is therefore compared as r·√n
(the variance correction of Mrkvička, Dvořák, González and Mateu, "Revisiting the random shift
approach for testing in spatial statistics", Spatial Statistics 42 (2021)).

The p-value is (1 + shifts at least as extreme) / (1 + shifts), no shift left to sampling.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from triservice.analysis.overlap.correlation import ranks, standardise
from triservice.kernel.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Grid = NDArray[Any]  # (rows, columns), of floats in the precision at hand
Tally = tuple[int, int, float, float]  # shifts, as extreme as unshifted, Σr, Σr²

MIN_OVERLAP = 0.5
_TIE = 1e-9  # two statistics closer than this are equal: FFT sums are exact to about 1e-12
_SURE = 0.2  # a count further than this from a whole number asks for double precision
_BAND = 64  # rows of shifts judged at a time; fixed, so that sums are the same on every machine


@dataclass(frozen=True)
class ShiftTest:
    """What all usable torus shifts say about one pair of layers."""

    observed: float  # r as the layers lie: Pearson of ranks, of values, or of hotspot flags (phi)
    p: float  # one-sided for hotspots (more shared than chance), two-sided for correlations
    shifts: int  # usable shifts, the unshifted pair not among them
    effective_cells: float  # independent cells that would make r vary as much as the shifts did
    shared: int | None  # hotspot cells in both, as the layers lie
    expected: float | None  # mean shared over the shifts, as a share of what met, times the county
    torus: tuple[int, int]  # rows, columns of the torus: the outline's box, padded for the FFT
    statistic: Floats = field(repr=False)  # r·√(cells met/cells) by shift; NaN where not usable


def shift_hotspots(
    a: ArrayLike,
    b: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    min_overlap: float = MIN_OVERLAP,
) -> ShiftTest:
    """Test whether hotspots `a` and `b` share more cells than shifted hotspots do.

    a, b, mask: bool (rows, columns); mask is true inside the county. The counts behind every
    shift are whole numbers and exact. Raises InputError when a set is empty or fills the county.
    """
    county, (first, second), full = _on_torus(mask, [a, b], bool)
    for flags in (first, second):
        if not flags.any() or (flags == county).all():
            raise InputError(
                "a layer has no hotspot cell, or nothing but hotspot cells, in the county",
                do="Choose another threshold for its hotspots.",
            )
    cells = int(county.sum())
    for precision in (np.float32, np.float64):
        sums = _indicator_sums(county, first, second, full, precision)
        statistic, tally, (rounding, ratio) = _judge(
            _phi, _indicator_pass, sums, cells, min_overlap * cells
        )
        if rounding < _SURE:
            break
    used, more = tally[:2]
    return ShiftTest(
        observed=float(statistic[0, 0]),
        p=(1 + more) / (1 + used),
        shifts=used,
        effective_cells=_effective(tally, cells),
        shared=int(np.count_nonzero(first & second)),
        expected=float(ratio / used * cells) if used else None,
        torus=county.shape,
        statistic=statistic,
    )


def shift_correlation(
    x: ArrayLike,
    y: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    by_rank: bool = True,
    min_overlap: float = MIN_OVERLAP,
) -> ShiftTest:
    """Test the correlation of two layers, (rows, columns), against all their torus shifts.

    Cells outside `mask`, or with NaN in either layer, take no part. `by_rank` correlates ranks
    taken once over the county (Spearman as the layers lie); otherwise the values (Pearson).
    Raises InputError when fewer than four cells are left or a layer is constant.
    """
    given = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    known = np.isfinite(given[0]) & np.isfinite(given[1])
    if mask is not None:
        _same_shape(outline := np.asarray(mask, dtype=np.bool_), known)
        known &= outline
    county, layers, full = _on_torus(known, given, np.float64)
    cells = int(county.sum())
    if cells < 4:
        raise InputError(f"only {cells} cells have both layers, and a correlation needs 4")
    stack = np.zeros((3 if full else 5, *county.shape))
    for at, layer in enumerate(layers):
        inside = layer[county]
        stack[at][county] = standardise(ranks(inside) if by_rank else inside)
    if not full:
        stack[2], stack[3], stack[4] = county, stack[0] ** 2, stack[1] ** 2
    sums = _value_sums(stack, full)
    statistic, tally, _ = _judge(_r, _value_pass, sums, cells, max(min_overlap * cells, 4.0))
    used, more = tally[:2]
    return ShiftTest(
        observed=float(statistic[0, 0]),
        p=(1 + more) / (1 + used),
        shifts=used,
        effective_cells=_effective(tally, cells),
        shared=None,
        expected=None,
        torus=county.shape,
        statistic=statistic,
    )


def shift_joint_hotspots(
    layers: Sequence[ArrayLike],
    mask: ArrayLike | None = None,
    *,
    permutations: int = 999,
    min_overlap: float = MIN_OVERLAP,
    seed: int = 20181,
) -> tuple[int, float, float]:
    """Test the cells hot in all of three or more layers; every layer but the first is shifted.

    There are too many combinations of shifts to try all, so `permutations` are drawn: each layer
    by a shift that leaves `min_overlap` of the county, all k of them together at least
    `min_overlap` to the power k - 1. The statistic is shared cells over those expected blindly
    from the layers' own counts in the cells met. Returns (shared now, mean of the statistic over
    the shifts, p one-sided).
    """
    county, tables, _ = _on_torus(mask, layers, bool)
    shared, now = _ratio(tables, county)
    cells, rng = int(county.sum()), np.random.default_rng(seed)
    (met,) = _correlate([county], [(0, 0)], np.float64)
    usable = np.argwhere(met >= min_overlap * cells - 0.5)
    least = min_overlap ** (len(tables) - 1) * cells
    drawn: list[float] = []
    for _ in range(20 * permutations):  # a county of odd shape refuses some combinations
        if len(drawn) == permutations:
            break
        steps = [tuple(step) for step in usable[rng.integers(len(usable), size=len(tables) - 1)]]
        outline = np.logical_and.reduce([county, *(np.roll(county, s, (0, 1)) for s in steps)])
        if np.count_nonzero(outline) >= least:
            moved = [np.roll(t, s, (0, 1)) for t, s in zip(tables[1:], steps, strict=True)]
            drawn.append(_ratio([tables[0], *moved], outline)[1])
    more = sum(ratio >= now - _TIE for ratio in drawn)
    return shared, float(np.mean(drawn)) if drawn else float("nan"), (1 + more) / (1 + len(drawn))


def _ratio(tables: list[Bools], met: Bools) -> tuple[int, float]:
    """Return cells hot in all tables within `met`, and that count over blind expectation."""
    cells = int(met.sum())
    together, blind = met.copy(), float(cells)
    for table in tables:
        together &= table
        blind *= int((table & met).sum()) / cells
    shared = int(together.sum())
    return shared, shared / blind if blind > 0 else 0.0


def _same_shape(a: Grid, b: Grid) -> None:
    if a.shape != b.shape or a.ndim != 2:
        raise InputError(f"layers and outline must be grids of one shape, not {a.shape}, {b.shape}")


def _on_torus(
    mask: ArrayLike | None, layers: Sequence[ArrayLike], kind: type
) -> tuple[Bools, list[Grid], bool]:
    """Crop to the outline's box and, unless the outline fills it, pad to a fast FFT length.

    Cells outside the outline belong to no one, so a few more of them change nothing but which
    wrapped shifts exist. Layers come back as zero (False) outside the outline.
    """
    given: list[Grid] = [np.asarray(layer, dtype=kind) for layer in layers]
    shape = given[0].shape
    county = np.ones(shape, dtype=np.bool_) if mask is None else np.asarray(mask, np.bool_)
    for layer in given:
        _same_shape(layer, county)
    if not county.any():
        raise InputError("no cell lies inside the outline")
    rows, columns = np.flatnonzero(county.any(axis=1)), np.flatnonzero(county.any(axis=0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    county = county[box]
    full = bool(county.all())
    if full:
        return county, [layer[box] for layer in given], True
    size = tuple(fft.next_fast_len(n, real=True) for n in county.shape)
    outline = np.zeros(size, dtype=np.bool_)
    outline[: county.shape[0], : county.shape[1]] = county
    placed = []
    for layer in given:
        table: Grid = np.zeros(size, dtype=kind)
        np.copyto(table[: county.shape[0], : county.shape[1]], layer[box], where=county)
        placed.append(table)
    return outline, placed, False


def _correlate(
    tables: Sequence[Grid] | Grid, pairs: Sequence[tuple[int, int]], precision: type
) -> list[Grid]:
    """Return Σ a(cell)·b(cell - shift) for every shift, for each pair of `tables` by position.

    One transform at a time and thread: all of them in one call do not fit in the caches, which
    takes a third longer.
    """
    shape = tables[0].shape

    def forward(table: Grid) -> Grid:
        spectrum: Grid = fft.rfft2(table.astype(precision, copy=False))
        return spectrum

    def backward(pair: tuple[int, int]) -> Grid:
        product = np.conj(spectra[pair[1]])
        product *= spectra[pair[0]]
        sums: Grid = fft.irfft2(product, s=shape, overwrite_x=True)
        return sums

    with _threads() as pool:
        spectra = list(pool.map(forward, tables))
        return list(pool.map(backward, pairs))


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1)


def _indicator_sums(
    county: Bools, a: Bools, b: Bools, full: bool, precision: type
) -> tuple[Grid, ...]:
    """Return by shift: cells met, cells of a, of b, and of both among them (still as floats)."""
    if full:  # every shift meets the whole county, with the same margins
        (both,) = _correlate([a, b], [(0, 1)], precision)
        return *(_everywhere(t.sum(), both, precision) for t in (county, a, b)), both
    return tuple(_correlate([county, a, b], [(0, 0), (1, 0), (0, 2), (1, 2)], precision))


def _everywhere(value: float, like: Grid, precision: type) -> Grid:
    """Return one value as a grid, at no cost in memory."""
    return np.broadcast_to(np.full((1, 1), value, dtype=precision), like.shape)


def _value_sums(stack: Floats, full: bool) -> tuple[Grid, ...]:
    """Return by shift: cells met, Σx, Σy, Σx², Σy², Σxy."""
    if full:
        (xy,) = _correlate(stack[:2], [(0, 1)], np.float64)
        cells = float(xy.size)
        # layers are standardised over the county
        return *(_everywhere(c, xy, np.float64) for c in (cells, 0.0, 0.0, cells, cells)), xy
    pairs = [(2, 2), (0, 2), (2, 1), (3, 2), (2, 4), (0, 1)]
    return tuple(_correlate(stack, pairs, np.float64))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _phi(met: float, in_a: float, in_b: float, in_both: float, cells: int, least: float) -> float:
    """Return phi·√(met/cells) of one shift; NaN where too little is met or a set is flat."""
    n, na, nb = np.float64(np.rint(met)), np.float64(np.rint(in_a)), np.float64(np.rint(in_b))
    spread = na * (n - na) * nb * (n - nb)
    if n < least or spread <= 0.0:
        return np.nan
    value: float = (n * np.rint(in_both) - na * nb) * np.sqrt(n / (spread * cells))
    return value


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _r(
    met: float,
    x: float,
    y: float,
    xx: float,
    yy: float,
    xy: float,
    cells: int,
    least: float,
) -> float:
    """Return r·√(met/cells) of one shift; NaN where too little is met or a layer is flat."""
    n = np.rint(met)
    across, down = n * xx - x * x, n * yy - y * y
    flat = 1e-9 * n * n  # layers are standardised, so their sums of squares are of the order n
    if n < least or across <= flat or down <= flat:
        return np.nan
    value: float = (n * xy - x * y) * np.sqrt(n / (across * down * cells))
    return value


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _indicator_pass(
    met: Grid, in_a: Grid, in_b: Grid, in_both: Grid,
    statistic: Grid, now: float, cells: int, least: float,
) -> tuple[int, int, float, float, float, float]:  # fmt: skip
    """Fill the statistic of some shifts; return their tally, largest rounding, Σ shared/met."""
    rows, columns = in_both.shape
    used, more, total, squares, rounding, shared = 0, 0, 0.0, 0.0, 0.0, 0.0
    for i in range(rows):
        for j in range(columns):
            n, both = met[i, j], in_both[i, j]
            rounding = max(rounding, abs(n - np.rint(n)), abs(both - np.rint(both)))
            value = _phi(n, in_a[i, j], in_b[i, j], both, cells, least)
            statistic[i, j] = value
            if value == value:
                used += 1
                more += value >= now - _TIE
                total += value
                squares += value * value
                shared += np.rint(both) / np.rint(n)
    return used, more, total, squares, rounding, shared


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _value_pass(
    met: Grid, x: Grid, y: Grid, xx: Grid, yy: Grid, xy: Grid,
    statistic: Grid, now: float, cells: int, least: float,
) -> tuple[int, int, float, float, float, float]:  # fmt: skip
    """Fill the statistic of some shifts; return their tally, extremes counted on both sides."""
    rows, columns = xy.shape
    used, more, total, squares = 0, 0, 0.0, 0.0
    for i in range(rows):
        for j in range(columns):
            value = _r(met[i, j], x[i, j], y[i, j], xx[i, j], yy[i, j], xy[i, j], cells, least)
            statistic[i, j] = value
            if value == value:
                used += 1
                more += abs(value) >= abs(now) - _TIE
                total += value
                squares += value * value
    return used, more, total, squares, 0.0, 0.0


def _judge(
    of_one: Callable[..., float],
    of_band: Callable[..., tuple[int, int, float, float, float, float]],
    sums: tuple[Grid, ...],
    cells: int,
    least: float,
) -> tuple[Floats, Tally, tuple[float, float]]:
    """Return the statistic by shift, the tally of the others than the unshifted, and the rest.

    The rest: the largest rounding of a count, and the sum of shared/met over the others.
    """
    shape = sums[-1].shape
    statistic = np.empty(shape)
    now = of_one(*(table[0, 0] for table in sums), cells, least)
    bands = [slice(first, first + _BAND) for first in range(0, shape[0], _BAND)]

    def judged(band: slice) -> tuple[int, int, float, float, float, float]:
        return of_band(*(table[band] for table in sums), statistic[band], now, cells, least)

    with _threads() as pool:
        used, more, total, squares, rounding, shared = zip(*pool.map(judged, bands), strict=True)
    tally = sum(used) - 1, sum(more) - 1, sum(total) - now, sum(squares) - now * now
    unshifted = float(np.rint(sums[-1][0, 0]) / np.rint(sums[0][0, 0]))
    return statistic, tally, (max(rounding), sum(shared) - unshifted)


def _effective(tally: Tally, cells: int) -> float:
    """Return 1 + 1/var(r) over the shifts: as many independent cells vary as much. At most n."""
    used, _, total, squares = tally
    variance = squares / used - (total / used) ** 2 if used > 1 else 0.0
    return min(float(cells), 1 + 1 / variance) if variance > 0 else float(cells)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.ndimage import gaussian_filter

from triservice.analysis.overlap import shifts
from triservice.analysis.overlap.shifts import (
    shift_correlation,
    shift_hotspots,
    shift_joint_hotspots,
)
from triservice.kernel.errors import InputError


def _placed(table, torus):
    """Put a table in the corner of a torus of zeros."""
    out = np.zeros(torus, dtype=table.dtype)
    out[: table.shape[0], : table.shape[1]] = table
    return out


def _roll_every_shift(x, y, mask, torus, min_overlap):
    """Return r·√(met/cells) of every shift, by numpy.roll and numpy.corrcoef."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y, mask = (_placed(t[box], torus) for t in (x, y, mask))
    statistic = np.full(torus, np.nan)
    for i in range(torus[0]):
        for j in range(torus[1]):
            moved, there = (np.roll(t, (i, j), (0, 1)) for t in (y, mask))
            met = mask & there
            if met.sum() < max(min_overlap * mask.sum(), 4):
                continue
            a, b = x[met].astype(float), moved[met].astype(float)
            if np.ptp(a) > 0 and np.ptp(b) > 0:
                r = np.corrcoef(a, b)[0, 1]
                statistic[i, j] = r * np.sqrt(met.sum() / mask.sum())
    return statistic


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 11), st.integers(4, 11), st.booleans())
def test_hotspots_agree_with_rolling(seed, rows, columns, whole):
    rng = np.random.default_rng(seed)
    mask = np.ones((rows, columns), bool) if whole else rng.random((rows, columns)) < 0.7
    a, b = (rng.random((2, rows, columns)) < 0.3) & mask
    if not (a.any() and b.any() and (a < mask).any() and (b < mask).any()):
        return
    found = shift_hotspots(a, b, mask, min_overlap=0.4)
    direct = _roll_every_shift(a, b, mask, found.torus, 0.4)
    np.testing.assert_allclose(found.statistic, direct, atol=1e-9)
    others = direct.ravel()[1:]
    usable = np.isfinite(others)
    assert found.shifts == usable.sum()
    assert found.shared == (a & b).sum()
    more = (others[usable] >= direct[0, 0] - 1e-9).sum()
    assert found.p == pytest.approx((1 + more) / (1 + usable.sum()))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 11), st.integers(4, 11), st.booleans())
def test_correlations_agree_with_rolling(seed, rows, columns, whole):
    rng = np.random.default_rng(seed)
    mask = np.ones((rows, columns), bool) if whole else rng.random((rows, columns)) < 0.8
    x, y = rng.normal(size=(2, rows, columns)).round(1)
    if mask.sum() < 4:
        return
    found = shift_correlation(x, y, mask, by_rank=False, min_overlap=0.4)
    direct = _roll_every_shift(x, y, mask, found.torus, 0.4)
    np.testing.assert_allclose(found.statistic, direct, atol=1e-9)
    others = np.abs(direct.ravel()[1:])
    usable = np.isfinite(others)
    more = (others[usable] >= abs(direct[0, 0]) - 1e-9).sum()
    assert found.p == pytest.approx((1 + more) / (1 + usable.sum()))


def test_unshifted_rank_correlation_is_spearman_and_missing_cells_take_no_part():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 20, 17))
    y += x
    mask = rng.random((20, 17)) < 0.8
    x[3, 4] = y[10, 2] = np.nan
    used = mask & np.isfinite(x) & np.isfinite(y)
    found = shift_correlation(x, y, mask)
    assert found.observed == pytest.approx(stats.spearmanr(x[used], y[used]).statistic)
    assert found.p == pytest.approx(1 / (1 + found.shifts))


def test_counts_that_single_precision_cannot_hold_are_done_again_in_double(monkeypatch):
    rng = np.random.default_rng(5)
    mask = rng.random((30, 30)) < 0.9
    a, b = (rng.random((2, 30, 30)) < 0.2) & mask
    sure = shift_hotspots(a, b, mask)
    monkeypatch.setattr(shifts, "_SURE", -1.0)  # as if no rounding could be trusted
    assert np.array_equal(shift_hotspots(a, b, mask).statistic, sure.statistic, equal_nan=True)


def test_padding_does_not_change_which_cells_are_the_county():
    rng = np.random.default_rng(8)
    mask = np.zeros((23, 31), bool)
    mask[4:19, 6:29] = rng.random((15, 23)) < 0.8
    x, y = rng.normal(size=(2, 23, 31))
    found = shift_correlation(x, y, mask, by_rank=False)
    assert found.observed == pytest.approx(np.corrcoef(x[mask], y[mask])[0, 1])
    assert found.torus[0] >= 15
    assert found.torus[1] >= 23


def _fields(rng, size, smooth):
    """Return two independent clustered layers, cut from larger ones so that no edge wraps."""
    pad = 6 * int(smooth)
    drawn = rng.normal(size=(2, size + 2 * pad, size + 2 * pad))
    return [gaussian_filter(field, smooth)[pad:-pad, pad:-pad] for field in drawn]


def test_clustered_but_unrelated_layers_are_rarely_called_related():
    """Nominal 5%: the shifts come near it where the ordinary p is wrong most of the time."""
    rng = np.random.default_rng(11)
    across, up = np.meshgrid(np.arange(48), np.arange(48))
    mask = np.abs(across - up) < 16  # a long county lying across its box
    naive = shifted = hot = 0
    runs = 120
    for _ in range(runs):
        x, y = _fields(rng, 48, 3)
        naive += stats.spearmanr(x[mask], y[mask]).pvalue < 0.05
        shifted += shift_correlation(x, y, mask).p <= 0.05
        tops = [(f > np.quantile(f[mask], 0.9)) & mask for f in (x, y)]
        hot += shift_hotspots(*tops, mask).p <= 0.05
    assert naive / runs > 0.5
    assert shifted / runs < 0.12
    assert hot / runs < 0.12


def test_truly_shared_hotspots_are_found():
    rng = np.random.default_rng(12)
    x, y = _fields(rng, 48, 2)
    tops = [f > np.quantile(f, 0.9) for f in (x, x + 0.5 * y)]
    found = shift_hotspots(*tops)
    assert found.p < 0.01
    assert found.shared > 3 * found.expected
    assert found.effective_cells < 48 * 48 / 4


def test_three_layers_together():
    rng = np.random.default_rng(13)
    x, y = _fields(rng, 40, 2)
    mask = np.ones((40, 40), bool)
    top = [f > np.quantile(f, 0.9) for f in (x, x + 0.3 * y, x - 0.3 * y, y)]
    shared, relative, p = shift_joint_hotspots(top[:3], mask, permutations=199)
    assert shared == (top[0] & top[1] & top[2]).sum()
    assert p == pytest.approx(1 / 200)
    assert relative == pytest.approx(1.0, abs=0.5)  # shifted apart, they meet as chance has it
    same = shift_joint_hotspots(top[:3], mask, permutations=199)
    assert same == (shared, relative, p)


@pytest.mark.parametrize(
    ("a", "b", "mask", "words"),
    [
        (np.zeros((4, 4)), np.eye(4), None, "no hotspot cell"),
        (np.ones((4, 4)), np.eye(4), None, "no hotspot cell"),
        (np.eye(4), np.eye(5), None, "one shape"),
        (np.eye(4), np.eye(4), np.zeros((4, 4)), "no cell lies inside"),
    ],
)
def test_impossible_hotspots_are_refused(a, b, mask, words):
    with pytest.raises(InputError, match=words):
        shift_hotspots(a, b, mask)


def test_impossible_layers_are_refused():
    with pytest.raises(InputError, match="only 3 cells"):
        shift_correlation(np.eye(3), np.eye(3), np.eye(3, dtype=bool))
    with pytest.raises(InputError, match="same value"):
        shift_correlation(np.ones((3, 3)), np.eye(3))

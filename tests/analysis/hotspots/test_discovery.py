"""False discovery rates against hand-worked examples."""

from __future__ import annotations

import numpy as np
import pytest

from triservice.analysis.hotspots.discovery import cells_needed, q_values
from triservice.kernel.errors import InputError

# Benjamini and Hochberg (1995), section 4: fifteen tests of a thrombolysis trial. At 5% their
# procedure rejects the first four hypotheses, Bonferroni the first three.
PUBLISHED = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_the_published_example_rejects_four():
    assert (q_values(PUBLISHED) <= 0.05).tolist() == [True] * 4 + [False] * 11


def test_by_hand():
    # m p / rank = .04, .04, .0533…, .04 → running minimum from the largest
    np.testing.assert_allclose(q_values([0.01, 0.02, 0.04, 0.04]), [0.04, 0.04, 0.04, 0.04])
    np.testing.assert_allclose(q_values([0.005, 0.9, 0.03]), [0.015, 0.9, 0.045])
    harmonic = 1 + 1 / 2 + 1 / 3
    np.testing.assert_allclose(
        q_values([0.005, 0.9, 0.03], "benjamini-yekutieli"),
        [0.015 * harmonic, 1.0, 0.045 * harmonic],
    )


def test_cells_without_a_test_do_not_count():
    with_gap = q_values([0.01, np.nan, 0.03])
    assert np.isnan(with_gap[1])
    np.testing.assert_allclose(with_gap[[0, 2]], q_values([0.01, 0.03]))
    assert np.isnan(q_values([np.nan, np.nan])).all()


def test_floor_of_permutations():
    assert cells_needed(0.002, 10_000, 0.05) == 400
    p = np.r_[np.full(400, 0.002), np.ones(9_600)]
    assert q_values(p)[0] <= 0.05 + 1e-12
    assert q_values(np.r_[np.full(399, 0.002), np.ones(9_601)])[0] > 0.05


def test_refusals():
    with pytest.raises(InputError, match="outside 0–1"):
        q_values([0.1, 1.1])
    with pytest.raises(InputError, match="not a correction"):
        q_values([0.1], "bonferroni")  # type: ignore[arg-type]

from __future__ import annotations

import numpy as np
import pytest

from triservice.analysis.overlap.bivariate import (
    bivariate_moran,
    lee,
    local_lee,
    row_standardised,
)
from triservice.analysis.overlap.spectral import moran_basis
from triservice.analysis.place.contiguity import Neighbours, from_pairs, grid_neighbours
from triservice.kernel.errors import InputError


def _lee_by_definition(x, y, neighbours):
    n = len(x)
    weights = np.zeros((n, n))
    for i in range(n):
        own = [i, *neighbours.of(i)]
        weights[i, own] = 1 / len(own)
    a, b = x - x.mean(), y - y.mean()
    top = sum((weights[i] @ a) * (weights[i] @ b) for i in range(n))
    below = np.sqrt((a @ a) * (b @ b))
    return n / np.sum(weights.sum(axis=1) ** 2) * top / below


def test_lee_follows_its_definition(cornwall):
    layers = cornwall.badness
    for a, b in (("police", "health"), ("fires", "health")):
        value = lee(layers[a], layers[b], cornwall.neighbours, permutations=9).value
        expected = _lee_by_definition(layers[a], layers[b], cornwall.neighbours)
        assert value == pytest.approx(expected)


def test_lee_and_moran_agree_with_esda(cornwall):
    esda = pytest.importorskip("esda")
    libpysal = pytest.importorskip("libpysal")
    x, y = cornwall.badness["police"], cornwall.badness["health"]
    smooth = row_standardised(cornwall.neighbours, with_self=True)
    peer = esda.Spatial_Pearson(connectivity=smooth.tocsr(), permutations=None)
    peer.fit(x[:, None], y[:, None])
    ours = lee(x, y, cornwall.neighbours, permutations=9).value
    assert ours == pytest.approx(peer.association_[0, 1])
    links = {i: cornwall.neighbours.of(i).tolist() for i in range(73)}
    weights = libpysal.weights.W(links, silence_warnings=True)
    theirs = esda.Moran_BV(x, y, weights, permutations=0)
    moran = bivariate_moran(x, y, cornwall.neighbours, permutations=9).value
    assert moran == pytest.approx(theirs.I)


def test_local_lee_averages_to_the_whole_and_names_the_corners():
    neighbours = grid_neighbours(10, 10)
    across = np.tile(np.arange(10.0), 10)
    x, y = across, -across
    basis = moran_basis(neighbours)
    found = local_lee(x, y, neighbours, basis, permutations=99)
    assert found.values.mean() == pytest.approx(lee(x, y, neighbours, permutations=9).value)
    assert set(found.quadrant[across == 0]) == {"low-high"}
    assert set(found.quadrant[across == 9]) == {"high-low"}
    assert found.p_spatial.shape == (100,)
    assert ((found.p_spatial > 0) & (found.p_spatial <= 1)).all()


def test_p_values_repeat_and_answer_different_questions(cornwall):
    basis = moran_basis(cornwall.neighbours)
    x, y = cornwall.badness["police"], cornwall.badness["health"]
    for statistic in (lee, bivariate_moran):
        found = statistic(x, y, cornwall.neighbours, basis=basis, permutations=499)
        assert found == statistic(x, y, cornwall.neighbours, basis=basis, permutations=499)
        assert found.p_spatial is not None
    assert lee(x, y, cornwall.neighbours, basis=basis, permutations=499).p_spatial <= 0.05
    # Next door is another matter: a town's rate says little about the area beside it.
    assert bivariate_moran(x, y, cornwall.neighbours, basis=basis).p_spatial > 0.05
    assert lee(x, y, cornwall.neighbours, permutations=9).p_spatial is None
    # Lee's shuffle keeps the two values of an area together: the map adds little to their tie.
    assert lee(x, y, cornwall.neighbours, permutations=499).p_ordinary > 0.1


def test_layers_that_move_together_next_door_are_seen_by_moran():
    neighbours = grid_neighbours(8, 8)
    board = np.array([(i + i // 8) % 2 for i in range(64)], dtype=float)
    rook = from_pairs(*_rook(8), 64)
    assert bivariate_moran(board, board, rook, permutations=99).value == pytest.approx(-1)
    assert lee(board, board, neighbours, permutations=9).value < 0.1  # smoothing empties the board


def _rook(side):
    numbers = np.arange(side * side).reshape(side, side)
    first = np.concatenate([numbers[:, :-1].ravel(), numbers[:-1].ravel()])
    return first, np.concatenate([numbers[:, 1:].ravel(), numbers[1:].ravel()])


def test_impossible_layers_are_refused(cornwall):
    with pytest.raises(InputError, match="each of the 73 areas"):
        lee(cornwall.crimes[:-1], cornwall.fires, cornwall.neighbours)
    islands = Neighbours(np.zeros(6, np.int64), np.zeros(0, np.int32))
    with pytest.raises(InputError, match="no area has a neighbour"):
        bivariate_moran([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], islands)

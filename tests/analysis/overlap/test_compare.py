from __future__ import annotations

import numpy as np
import pytest

from triservice.analysis.overlap.compare import compare_layers
from triservice.analysis.overlap.findings import (
    caveats,
    findings,
    label_for,
    share_words,
    strength,
    unit_words,
)
from triservice.analysis.overlap.model import Layer
from triservice.analysis.place.cells import Cells
from triservice.analysis.place.grids import square_grid
from triservice.kernel.errors import InputError


def _cells(cornwall):
    return Cells(
        "msoa11", cornwall.codes, cornwall.names, cornwall.centroids, np.full(73, 5e7),
        draw=None, link=lambda: cornwall.neighbours, find=None,
    )  # fmt: skip


def _layers(cornwall):
    people = cornwall.population
    return [
        Layer("police", "crime", cornwall.crimes / people * 1000, "high", "count", "per 1,000",
              cornwall.crimes, people, period="October 2018 to February 2019", snapped=True),
        Layer("fires", "dwelling fires", cornwall.fires / people * 1000, "high", "count",
              "per 1,000", cornwall.fires, people, period="2016 to 2018"),
        Layer("health", "poor health", cornwall.health_rank, "low", "score", "score",
              people=people, period="2019"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def answer(cornwall):
    return compare_layers(_layers(cornwall), _cells(cornwall))


def test_cornwall_golden_answer(answer):
    assert answer.areas == 73
    assert answer.worst_size == 15
    r = {key: round(pair.r, 2) for key, pair in answer.pairs.items()}
    assert r == {
        ("police", "fires"): 0.41,
        ("police", "health"): 0.73,
        ("fires", "health"): 0.30,
    }
    assert {key: pair.both for key, pair in answer.pairs.items()} == {
        ("police", "fires"): 7,
        ("police", "health"): 9,
        ("fires", "health"): 7,
    }
    assert answer.all.common == 5
    assert round(answer.all.expected, 2) == 0.63
    assert answer.by_number == (46, 14, 8, 5)
    for pair in answer.pairs.values():
        assert pair.low < pair.r < pair.high
        assert 0 < pair.p < 0.05
        assert pair.p > pair.p_ordinary / 2
        assert 0 < pair.both_p < 0.05
    assert answer.all.p < 0.01
    assert answer.concordance.mean_spearman == pytest.approx(
        np.mean([pair.r for pair in answer.pairs.values()])
    )


def test_cornwall_in_plain_words(answer):
    said = findings(answer)
    assert said[0] == "Crime and poor health overlap strongly; dwelling fires only partly."
    assert "0.73 (0.58 to 0.83)" in said[1]
    joint = next(text for text in said if text.startswith("Five of the 15 areas"))
    assert "chance alone would give 0.6" in joint
    assert joint.endswith("real but far from perfect.")
    warned = " ".join(caveats(answer))
    for words in ("73 MSOAs (2011)", "points of crime were moved", "Numbers are small",
                  "different periods", "not that one causes"):  # fmt: skip
        assert words in warned


def test_what_worst_areas_hold(answer, cornwall):
    row = next(c for c in answer.captured if (c.demand, c.inside) == ("fires", "police"))
    members = answer.worst["police"]
    assert row.share == pytest.approx(cornwall.fires[members].sum() / cornwall.fires.sum())
    people = cornwall.population
    assert row.share_of_people == pytest.approx(people[members].sum() / people.sum())
    assert {c.demand for c in answer.captured} == {"police", "fires"}  # a score has no demand


def test_the_same_seed_gives_the_same_numbers(answer, cornwall):
    again = compare_layers(_layers(cornwall), _cells(cornwall))
    assert again.pairs == answer.pairs
    other = compare_layers(_layers(cornwall), _cells(cornwall), seed=1)
    assert other.pairs["police", "fires"].both == answer.pairs["police", "fires"].both


def test_areas_without_a_value_take_no_part_and_are_counted(cornwall):
    layers = _layers(cornwall)
    values = layers[1].values.copy()
    values[[3, 30]] = np.nan
    layers[1] = Layer("fires", "fires", values, "high", "count", "per 1,000")
    found = compare_layers(layers, _cells(cornwall), permutations=99)
    assert found.areas == 71
    assert not found.used[[3, 30]].any()
    assert not found.worst["police"][[3, 30]].any()
    assert found.worst_size == 14
    assert any("2 of 73 areas take no part, for want of fires in 2" in note for note in found.notes)


def test_empty_areas_are_never_the_worst(cornwall):
    demand = np.where(np.arange(73) < 6, 5.0 + np.arange(73), 0.0)
    layers = [_layers(cornwall)[0], Layer("rare", "rare", demand, "high", "count", "", demand)]
    found = compare_layers(layers, _cells(cornwall), permutations=99)
    assert found.worst["rare"].sum() == 6
    assert found.all.sizes == (15, 6)
    assert "(crime 15, rare 6)" in " ".join(findings(found))
    assert "Fewer than 15 areas have any rare" in " ".join(caveats(found))


def test_squares_are_tested_by_shifts_and_hotspots_are_compared():
    rng = np.random.default_rng(4)
    cells = square_grid((0, 0, 14_999, 14_999), 500).cells()
    assert len(cells) == 900
    x, y = ((cells.centroids / 500).astype(int)).T
    bump = 30 * np.exp(-((x - 8.0) ** 2 + (y - 20.0) ** 2) / 20)
    first = rng.poisson(1 + bump).astype(float)
    second = rng.poisson(1 + bump).astype(float)
    third = rng.poisson(1 + bump).astype(float)
    layers = [
        Layer(name, name, v, "high", "count", "events", v)
        for name, v in (("a", first), ("b", second), ("c", third))
    ]
    found = compare_layers(layers, cells, permutations=99)
    assert "torus shift" in found.method
    pair = found.pairs["a", "b"]
    assert pair.p < 0.05
    assert pair.n_effective < 900
    assert pair.lee is None
    assert found.hot["a"].sum() > 5
    assert pair.hotspots.common > 5 * pair.hotspots.expected
    assert pair.hotspots.p < 0.02
    assert found.all.p <= 0.05
    assert found.all_hotspots.common > 0
    assert "Significant hotspots" in findings(found)[-1]


def test_too_many_areas_give_no_spatial_p_and_say_so(cornwall, monkeypatch):
    from triservice.analysis.overlap import nulls

    monkeypatch.setattr(nulls, "LARGEST", 50)
    found = compare_layers(_layers(cornwall), _cells(cornwall), permutations=99)
    assert {pair.p for pair in found.pairs.values()} == {None}
    assert found.all.p is None
    assert any("no p-value that keeps spatial autocorrelation" in note for note in found.notes)
    assert "no test that allows for neighbouring areas being alike" in " ".join(findings(found))
    assert "neighbours taken as independent" in " ".join(findings(found))


def test_impossible_comparisons_are_refused(cornwall):
    cells, layers = _cells(cornwall), _layers(cornwall)
    with pytest.raises(InputError, match="two layers or more"):
        compare_layers(layers[:1], cells)
    with pytest.raises(InputError, match="named twice"):
        compare_layers([layers[0], layers[0]], cells)
    with pytest.raises(InputError, match="2 values for 73"):
        compare_layers([layers[0], Layer("x", "x", np.ones(2), "high", "score", "")], cells)
    with pytest.raises(InputError, match="x has the same value in every area"):
        compare_layers([layers[0], Layer("x", "x", np.ones(73), "high", "score", "")], cells)
    few = np.where(np.arange(73) < 3, np.arange(73.0), np.nan)
    with pytest.raises(InputError, match="only 3 of 73 areas"):
        compare_layers([layers[0], Layer("x", "x", few, "high", "score", "")], cells)


@pytest.mark.parametrize(
    ("r", "words"),
    [(0.95, "overlap very strongly"), (0.73, "overlap strongly"), (0.41, "overlap only partly"),
     (0.3, "overlap only weakly"), (0.0, "hardly overlap"), (-0.7, "lie in different places")],
)  # fmt: skip
def test_words_for_strength(r, words):
    assert strength(r) == words


def test_words_for_units_shares_and_layers():
    assert unit_words("square-500") == "squares of 500 m"
    assert unit_words("hex-2500") == "hexagons of 2.5 km"
    assert unit_words("wards") == "wards"
    assert share_words(0.2) == "worst fifth"
    assert share_words(0.15) == "worst 15%"
    assert label_for("police", "count", "crime") == "crime"
    assert label_for("police", "count", "road") == "police demand"
    assert label_for("fire", "count", "alarm") == "fire and rescue demand"
    assert label_for("fire", "count", "fire") == "fires"
    assert label_for("police:criminal-damage", "count") == "criminal damage"
    assert label_for("health", "score") == "poor health"
    assert label_for("deprivation", "score") == "deprivation"

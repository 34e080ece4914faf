from __future__ import annotations

import numpy as np
import pytest

from triservice.analysis.overlap.burden import amounts, rank_areas
from triservice.analysis.overlap.candidates import area_candidates, read_candidates, read_times
from triservice.analysis.overlap.layers import Request, area_layers
from triservice.analysis.overlap.model import Layer
from triservice.analysis.overlap.serve import place_bases, service_caveats, service_findings
from triservice.kernel.errors import InputError
from triservice.kernel.grid import BRITISH_NATIONAL_GRID, grid_to_lonlat


def test_a_score_is_people_times_how_badly_they_rank():
    layer = Layer("health", "poor health", np.array([30.0, 10.0, 20.0, np.nan]), "low", "score",
                  "score", people=np.array([100.0, 200.0, 300.0, 400.0]))  # fmt: skip
    np.testing.assert_allclose(amounts(layer), [0, 200, 150, 0])
    alone = Layer("x", "x", np.array([1.0, np.nan]), "low", "score", "score")
    with pytest.raises(InputError, match="fewer than two"):
        amounts(alone)


def test_ranking_by_hand():
    ranked = rank_areas({"a": np.array([1.0, 3.0]), "b": np.array([9.0, 1.0])})
    assert [(one.rank, one.index) for one in ranked] == [(1, 0), (2, 1)]
    assert ranked[0].joint == pytest.approx((0.25 + 0.9) / 2)
    assert ranked[0].shares == {"a": 0.25, "b": 0.9}


def _service(testshire, k=2, **more):
    layers, cells = area_layers(testshire, "msoa11", Request(("police", "fires", "health")))
    places = area_candidates(cells)
    reach = np.hypot(*(cells.centroids[:, None] - cells.centroids[None]).transpose(2, 0, 1)) <= 2500
    return place_bases(layers, cells, places, reach, k, reach_words="2.5 km", **more)


def test_bases_and_what_they_bring(testshire):
    found = _service(testshire, weights={"police": 3})
    assert found.weights == {"police": 3.0, "fires": 1.0, "health": 1.0}
    assert sum(found.joint) == pytest.approx(1)
    covered = sum(base.adds for base in found.bases)
    assert covered == pytest.approx(found.choice.covered)
    for gain in found.gains:
        brought = sum(base.adds_by_layer[gain.agency] for base in found.bases)
        assert brought == pytest.approx(gain.covered)
        assert gain.covered <= gain.best_alone + 1e-12
    said = service_findings(found)
    assert said[-1] == "No other choice of as many bases reaches more."
    assert found.cells.names[found.ranking[0].index] in said[0]
    assert "Poor health is a score" in " ".join(service_caveats(found))


def test_a_base_that_is_there_is_kept(testshire):
    found = _service(testshire, keep=["Testshire 001"])
    assert found.bases[0].name == "Testshire 001"
    assert found.bases[0].kept
    assert not found.bases[1].kept
    with pytest.raises(InputError, match="no candidates are called 'Nowhere'"):
        _service(testshire, keep=["Nowhere"])
    with pytest.raises(InputError, match="9 candidates are called 'Testshire 00'"):
        _service(testshire, keep=["Testshire 00"])


def test_candidates_from_a_table(testshire, tmp_path):
    _, cells = area_layers(testshire, "msoa11", Request(("police", "fires")))
    table = tmp_path / "stations.csv"
    table.write_text(
        "STATION_NAME,STATION_EASTING,STATION_NORTHING\n"
        "Alpha Fire Station,203000,53000\n"
        "Digit lost,20300,53000\n"
        "Sentence,Not held by us,53000\n"
        ",204000,54000\n"
        "Beta,206000,56000\n"
    )
    found = read_candidates(table, cells, 3000, BRITISH_NATIONAL_GRID)
    assert found.names.tolist() == ["Alpha Fire Station", "Beta"]
    assert found.find(["alpha", "Beta"]) == [0, 1]
    assert [note.split(" ")[0] for note in found.notes] == ["2", "1"]
    lon, lat = grid_to_lonlat([203_000.0], [53_000.0])
    table.write_text(f"name,longitude,latitude\nAlpha,{lon[0]},{lat[0]}\n")
    degrees = read_candidates(table, cells, 3000, BRITISH_NATIONAL_GRID)
    np.testing.assert_allclose(degrees.places, [[203_000, 53_000]], atol=0.01)
    other = read_candidates(table, cells, 10_000_000, "EPSG:32630")
    assert abs(other.places[0, 0] - 203_000) > 1000


@pytest.mark.parametrize(
    ("text", "words"),
    [("place,x\nA,1\n", "needs a column name, and easting"),
     ("name,x,y\nA,1,1\n", "none of its 1 places has an area in reach")],
)  # fmt: skip
def test_candidates_of_no_use_are_refused(testshire, tmp_path, text, words):
    _, cells = area_layers(testshire, "msoa11", Request(("police", "fires")))
    table = tmp_path / "bad.csv"
    table.write_text(text)
    with pytest.raises(InputError, match=words):
        read_candidates(table, cells, 3000, BRITISH_NATIONAL_GRID)


def test_travel_times(testshire, tmp_path):
    _, cells = area_layers(testshire, "msoa11", Request(("police", "fires")))
    table = tmp_path / "minutes.csv"
    table.write_text(
        "base,area,minutes\nTruro,E02000000,10\nTruro,Testshire 002,20\nBodmin,E02000002,21\n"
        "Bodmin,E02000000,no road\nBodmin,Elsewhere 001,5\n"
    )
    found, reach = read_times(table, cells, 20)
    assert found.names.tolist() == ["Truro", "Bodmin"]
    assert np.flatnonzero(reach[0]).tolist() == [0, 1]
    assert not reach[1].any()
    assert found.notes[0].startswith("1 rows")
    table.write_text("base,area,minutes\nTruro,Elsewhere,10\n")
    with pytest.raises(InputError, match="no row names one of the 36"):
        read_times(table, cells, 20)

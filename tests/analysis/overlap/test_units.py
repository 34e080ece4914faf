from __future__ import annotations

import pytest

from triservice.analysis.overlap.compare import compare_layers
from triservice.analysis.overlap.layers import Request
from triservice.analysis.overlap.units import (
    compare_units,
    layers_on,
    read_unit,
    unit_findings,
)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("msoa11", "msoa11"), ("1000", 1000.0), ("500m", 500.0), (" 1km", 1000.0), ("LSOA21", "lsoa21")],  # noqa: E501
)  # fmt: skip
def test_units_by_name_and_by_width(text, unit):
    assert read_unit(text) == unit


def test_the_answer_on_other_units(testshire):
    request = Request(("police", "fires", "health"), rate=True)
    small, squares, none = compare_units(
        testshire, request, ["lsoa11", 1000.0, "wards"], permutations=99
    )
    assert small.unit == "lsoa11"
    assert small.areas == 144
    layers, cells = layers_on(testshire, "lsoa11", Request(("police", "health"), rate=True))
    found = compare_layers(layers, cells, permutations=99)
    assert small.r["police", "health"] == found.pairs["police", "health"].r
    assert small.p["police", "health"] == found.pairs["police", "health"].p
    assert small.r["police", "fires"] is None  # fires are published for larger areas
    assert small.all is None
    assert any("fires is published for MSOAs (2011), which are larger" in n for n in small.notes)
    assert squares.unit == "square-1000"
    assert squares.r["police", "health"] is not None
    assert any("all squares of one have its value" in n for n in squares.notes)
    assert any("evenly over the ground" in n for n in squares.notes)
    assert set(none.r.values()) == {None}
    assert "no wards outlines" in none.notes[0]
    whole, cells = layers_on(testshire, "msoa11", request)
    answer = compare_layers(whole, cells, permutations=99)
    said = unit_findings(answer, [small, squares, none])
    assert len(said) == 2
    assert said[0].startswith("On 144 LSOAs (2011) crime and poor health overlap")
    assert f"here {answer.pairs['police', 'health'].r:.2f}" in said[0]


def test_fewer_than_two_layers_reach_down(testshire):
    (answer,) = compare_units(testshire, Request(("fires", "health")), ["lsoa11"])
    assert set(answer.r.values()) == {None}
    assert answer.worst_areas is None


def test_without_permutations_the_figures_are_the_same_and_nothing_is_tested(testshire):
    request = Request(("police", "fires", "health"))
    tested = compare_units(testshire, request, ["msoa11", "lsoa11", 1000.0], permutations=9)
    plain = compare_units(testshire, request, ["msoa11", "lsoa11", 1000.0], permutations=0)
    for a, b in zip(tested, plain, strict=True):
        assert (a.unit, a.areas, a.worst_areas, a.all, a.expected, a.notes) == (
            b.unit,
            b.areas,
            b.worst_areas,
            b.all,
            b.expected,
            b.notes,
        )
        assert b.r == pytest.approx(a.r)
        assert set(b.p.values()) <= {None}

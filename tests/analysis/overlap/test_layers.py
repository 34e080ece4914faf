from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from triservice.analysis.overlap.layers import (
    Request,
    area_layers,
    grid_layers,
    parse_names,
    read_layers,
)
from triservice.kernel.errors import InputError


def test_names():
    assert parse_names(" police, Fires ,health,") == ("police", "fires", "health")
    with pytest.raises(InputError, match="names 1 layer; two are needed"):
        parse_names("police")


def test_counts_and_rates_on_areas(testshire):
    request = Request(("police", "fires", "health"), rate=True, within="testshire")
    layers, cells = area_layers(testshire, "msoa11", request)
    police, fires, health = layers
    people = np.full(36, 4 * 1000 + 10 * (1 + 2 + 3))
    np.testing.assert_allclose(police.people, people)
    np.testing.assert_allclose(police.values, police.demand / people * 1000)
    assert (
        police.demand.sum() == sum(row["events"] for row in _all(testshire, "police")) - 1
    )  # one event has neither code nor coordinates
    assert police.unplaced == 1
    assert police.snapped
    assert police.period == "January 2025"
    assert (police.source, police.measure) == ("police-uk", "per 1,000 people")
    np.testing.assert_allclose(fires.values, fires.demand / people * 1000)
    assert (fires.kind, fires.vintage, fires.source) == ("count", "msoa11", "fires.csv")
    assert (health.worse, health.kind, health.demand) == ("low", "score", None)
    np.testing.assert_array_equal(health.badness, -health.values)
    assert len(cells) == 36
    plain, _ = area_layers(testshire, "msoa11", Request(("police", "fires")))
    np.testing.assert_array_equal(plain[0].values, police.demand)
    assert plain[0].measure == "events"


def _all(lake, service):
    from triservice.analysis.counts import tally
    from triservice.analysis.lake.store import Selection

    return tally(lake, ["service"], Selection(services=(service,))).to_pylist()


def test_a_score_moves_upwards_by_people(testshire):
    (_, health), _ = area_layers(testshire, "msoa11", Request(("police", "health")))
    (_, small), parts = area_layers(testshire, "lsoa11", Request(("police", "health")))
    people = np.array([1000 + 10 * (at % 4) for at in range(len(parts))])
    by_hand = np.array(
        [np.average(small.values[i : i + 4], weights=people[i : i + 4]) for i in range(0, 144, 4)]
    )
    np.testing.assert_allclose(health.values, by_hand)
    assert any("averaged with population" in note for note in health.notes)


def test_categories_and_periods(testshire):
    layers, _ = area_layers(testshire, "msoa11", Request(("police:drugs", "police:burglary")))
    whole, _ = area_layers(testshire, "msoa11", Request(("police", "fire")))
    np.testing.assert_array_equal(layers[0].values + layers[1].values, whole[0].values)
    assert layers[0].label == "drugs"
    late = Request(("police", "fire"), since=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(InputError, match="no events of police in that place and period"):
        area_layers(testshire, "msoa11", late)
    with pytest.raises(InputError, match=r"no category 'arson'.*burglary, drugs"):
        area_layers(testshire, "msoa11", Request(("police:arson", "fire")))


def test_a_gap_in_the_months_is_said(lake_of, testshire):
    moments = [datetime(2025, 1, 5, tzinfo=UTC), datetime(2025, 6, 5, tzinfo=UTC)]
    lake_of(
        [{"service": "ambulance", "time_from": m, "month": f"{m:%Y-%m}", "easting": 201_000.0,
          "northing": 51_000.0} for m in moments], "cad")  # fmt: skip
    (layer, _), _ = area_layers(testshire, "msoa11", Request(("ambulance", "police")))
    assert layer.period == "January 2025 to June 2025"
    assert any(
        "no event of ambulance in 4 of the months from January 2025" in note
        for note in layer.cautions
    )


def test_a_part_of_the_areas_in_another_order(testshire):
    layers, cells = area_layers(testshire, "msoa11", Request(("police", "health")))
    part = cells.take(np.array([7, 2, 30]))
    some = read_layers(testshire, part, Request(("police", "health"), rate=True))
    np.testing.assert_allclose(some[1].values, layers[1].values[[7, 2, 30]])
    np.testing.assert_array_equal(some[0].demand, layers[0].demand[[7, 2, 30]])


def test_squares_hold_the_same_events(testshire):
    request = Request(("police", "fire", "health"), within="Testshire")
    layers, cells = grid_layers(testshire, 1000, request)
    police, fire, health = layers
    assert cells.unit == "square-1000"
    assert fire.values.sum() == 13
    areas, _ = area_layers(testshire, "lsoa11", Request(("police", "health")))
    assert police.values.sum() <= areas[0].values.sum()  # a stated code alone gives no square
    found = cells.locate(np.array([200_500.0]), np.array([50_500.0]))[0]
    assert health.values[found] == pytest.approx(areas[1].values[0])
    with pytest.raises(InputError, match="no layer is of events"):
        grid_layers(testshire, 1000, Request(("fires", "health")))


def test_unknown_layers_and_missing_people_are_refused(testshire):
    with pytest.raises(InputError, match=r"'floods' is no layer.*fire, police.*fires, health"):
        area_layers(testshire, "msoa11", Request(("police", "floods")))
    (testshire.root / "areas" / "population.parquet").unlink()
    with pytest.raises(InputError, match="rates need people"):
        area_layers(testshire, "msoa11", Request(("police", "fires"), rate=True))
    layers, _ = area_layers(testshire, "msoa11", Request(("police", "fires")))
    assert layers[0].people is None


def test_a_name_that_is_both_is_the_statistic_and_said(testshire, lake_of):
    lake_of([{"service": "health", "easting": 201_000.0, "northing": 51_000.0}], "clinic")
    (health, _), _ = area_layers(testshire, "msoa11", Request(("health", "police")))
    assert health.kind == "score"
    assert any("also has events of health" in note for note in health.cautions)

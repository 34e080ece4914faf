"""Values and events on the way to other areas: nothing is lost that is not said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented_places import (
    LOOKUP,
    LSOA11,
    LSOA21,
    MSOA11,
    square,
    write_lookup,
    write_outlines,
    write_values,
)

from triservice.analysis.lake.areas import AreaLayer, add_areas, read_areas
from triservice.analysis.lake.boundaries import add_boundaries, read_boundaries
from triservice.analysis.lake.bridges import build_bridge, find_route
from triservice.analysis.lake.relations import add_relations
from triservice.analysis.lake.store import Lake
from triservice.analysis.lake.vintages import (
    AMBIGUOUS,
    NOWHERE,
    codes_to_unit,
    move_to_cells,
    move_values,
)
from triservice.analysis.place.grids import square_grid
from triservice.kernel.errors import InputError

PEOPLE = {code: 100.0 * (i + 1) for i, (code, _, _) in enumerate(LSOA11)}
CODES11 = [code for code, _, _ in LSOA11]
CODES21 = sorted(code for code, _, _ in LSOA21)


def layer(values, vintage, kind="count", name="layer"):
    codes = np.array(sorted(values))
    numbers = np.array([values[c] for c in codes.tolist()], dtype=float)
    return AreaLayer(name, vintage, codes, numbers, "high", kind, "test")


def make_lake(tmp_path, outlines=("lsoa11", "lsoa21", "msoa11"), lookup=True, people=True):
    lake = Lake.create(tmp_path / "lake")
    for unit in outlines:
        add_boundaries(lake, [write_outlines(tmp_path, unit)], unit)
    if lookup:
        path = write_lookup(tmp_path)
        add_relations(lake, path, "lsoa11", "lsoa21", "F_LSOA11CD", "LSOA21CD", "CHGIND")
    if people:
        add_areas(lake, write_values(tmp_path, PEOPLE), "population", "code", "lsoa11", "people")
    return lake


@pytest.fixture
def lake(tmp_path):
    return make_lake(tmp_path)


def value_of(moved, code):
    return moved.values[moved.codes.tolist().index(code)]


# --- larger areas ---------------------------------------------------------------------------------


def test_counts_add_up_in_the_area_that_the_name_gives(lake):
    moved = move_values(lake, layer(PEOPLE, "lsoa11"), "msoa11", within="Norland")
    assert moved.codes.tolist() == [code for code, _, _ in MSOA11[:4]]
    assert moved.values.tolist() == [1000, 2600, 4200, 5800]
    assert moved.route == ("lsoa11", "msoa11")
    assert moved.fates["nested"].rows == 16
    assert moved.fates["elsewhere"].rows == 4
    assert (moved.moved_share, moved.unplaced_share, moved.unknown_share) == (0, 0, 0)
    assert (moved.covered == 1).all()


def test_a_rank_is_the_mean_weighted_by_people(lake):
    ranks = {code: float(i) for i, code in enumerate(CODES11)}
    moved = move_values(lake, layer(ranks, "lsoa11", "score"), "msoa11")
    people = np.array([PEOPLE[c] for c in CODES11]).reshape(5, 4)
    wanted = (people * np.arange(20).reshape(5, 4)).sum(axis=1) / people.sum(axis=1)
    assert moved.values == pytest.approx(wanted)
    assert any("averaged with population" in note for note in moved.notes)


def test_without_people_the_weight_is_area(tmp_path):
    lake = make_lake(tmp_path, people=False)
    ranks = {code: float(i) for i, code in enumerate(CODES11)}
    moved = move_values(lake, layer(ranks, "lsoa11", "score"), "msoa11")
    assert moved.values == pytest.approx(np.arange(20).reshape(5, 4).mean(axis=1), abs=1e-3)
    assert any("averaged with area" in note for note in moved.notes)


def test_areas_known_in_part_are_said(lake):
    part = {c: 1.0 for c in CODES11 if c not in ("E01000002", "E01000017", "E01000018")}
    part = {c: v for c, v in part.items() if c not in ("E01000019", "E01000020")}
    moved = move_values(lake, layer(part, "lsoa11", "rate", "r"), "msoa11")
    assert moved.covered[0] == pytest.approx(0.8)  # 200 of 1,000 people are missing
    assert np.isnan(moved.values[4])
    assert "r: 1 of 5 msoa11 areas have no value." in moved.notes
    assert any("known only in part (the least 80%)" in note for note in moved.notes)


# --- the other vintage ----------------------------------------------------------------------------


def test_a_split_divides_counts_by_people_where_known_else_by_area(tmp_path):
    lake = make_lake(tmp_path)
    moved = move_values(lake, layer(PEOPLE, "lsoa11"), "lsoa21")
    assert value_of(moved, "E01000091") == pytest.approx(25, rel=1e-4)
    assert value_of(moved, "E01000092") == pytest.approx(75, rel=1e-4)
    assert value_of(moved, "E01000093") == 200 + 500
    assert value_of(moved, "E01000094") == 300
    assert any("1 area that split divided by area" in note for note in moved.notes)
    people21 = dict.fromkeys(CODES21, 10.0) | {"E01000091": 90.0}
    path = write_values(tmp_path, people21, "n")
    add_areas(lake, path, "population", "code", "lsoa21", "n", replace=True)
    moved = move_values(lake, layer(PEOPLE, "lsoa11"), "lsoa21")
    assert value_of(moved, "E01000091") == pytest.approx(90)
    assert any("divided by population" in note for note in moved.notes)


def test_a_split_copies_a_rate_and_a_merge_averages_it(lake):
    rates = {code: float(i) for i, code in enumerate(CODES11)}
    moved = move_values(lake, layer(rates, "lsoa11", "rate"), "lsoa21")
    assert value_of(moved, "E01000091") == value_of(moved, "E01000092") == 0
    assert value_of(moved, "E01000093") == pytest.approx((1 * 200 + 4 * 500) / 700)
    assert value_of(moved, "E01000094") == 2


def test_a_lookup_is_read_backwards_and_on_to_larger_areas(lake):
    """93 lies over two middle areas: its count is divided by the people of 2011 (200 and 500)."""
    counts = dict.fromkeys(CODES21, 0.0) | {"E01000093": 70.0, "E01000091": 3, "E01000094": 5}
    moved = move_values(lake, layer(counts, "lsoa21"), "msoa11")
    assert moved.route == ("lsoa21", "lsoa11", "msoa11")
    assert moved.values.tolist() == pytest.approx([20 + 3 + 5, 50, 0, 0, 0])
    assert moved.moved_share == pytest.approx(1.0)
    assert {name: fate.rows for name, fate in moved.fates.items()} == {
        "nested": 16,
        "recoded": 1,
        "merged": 2,
        "split": 1,
    }
    assert any("100.0% moved from lsoa21 to msoa11" in note for note in moved.notes)


def test_without_a_lookup_the_ground_in_common_decides_and_is_said(tmp_path):
    lake = make_lake(tmp_path, lookup=False)
    moved = move_values(lake, layer(dict.fromkeys(CODES21, 1.0), "lsoa21"), "lsoa11")
    assert value_of(moved, "E01000001") == pytest.approx(2, rel=1e-3)
    assert value_of(moved, "E01000002") == pytest.approx(0.5, rel=1e-3)
    assert moved.values.sum() == pytest.approx(20)
    assert set(moved.fates) == {"overlaid"}
    assert any("ground that the outlines have in common" in note for note in moved.notes)


def test_without_lookup_or_outlines_there_is_no_way(tmp_path):
    lake = make_lake(tmp_path, outlines=("lsoa11",), lookup=False, people=False)
    with pytest.raises(InputError, match=r"no way from lad19 areas to lsoa11.*relations add"):
        move_values(lake, layer({"E06000052": 1}, "lad19"), "lsoa11")


def test_smaller_areas_gain_no_detail_and_that_is_said(lake):
    fires = {code: 10.0 for code, _, _ in MSOA11}
    moved = move_values(lake, layer(fires, "msoa11"), "lsoa11")
    assert value_of(moved, "E01000004") == pytest.approx(4)  # 400 of 1,000 people
    assert any("no detail is gained" in note for note in moved.notes)


def test_your_own_areas_are_reached_by_ground(tmp_path):
    lake = make_lake(tmp_path)
    beats = [("B1", "North beat", square(0, 2, 4, 2)), ("B2", "South beat", square(0, 0, 4, 2))]
    add_boundaries(lake, [write_outlines(tmp_path, "beats", beats)], "beats", "BEATSCD", "BEATSNM")
    moved = move_values(lake, layer(PEOPLE, "lsoa11"), "beats")
    assert moved.values == pytest.approx([10_000, 3_600], rel=1e-3)
    assert moved.fates["elsewhere"].value == pytest.approx(1700 + 1800 + 1900 + 2000, rel=1e-3)


# --- what is lost is said -------------------------------------------------------------------------


def test_the_wrong_vintage_is_refused_even_when_it_is_in_the_lake(lake):
    with pytest.raises(InputError, match=r"not lsoa11: 80.0% of 20 codes are lsoa11"):
        move_values(lake, layer(dict.fromkeys(CODES21, 1.0), "lsoa11"), "msoa11")


def test_unknown_codes_are_counted_with_their_value(lake):
    moved = move_values(lake, layer(PEOPLE | {"E01999999": 77.0}, "lsoa11", name="p"), "msoa11")
    assert moved.fates["unknown"].rows == 1
    assert moved.fates["unknown"].value == 77
    assert moved.unknown_share == pytest.approx(77 / (sum(PEOPLE.values()) + 77))
    assert any("1 row with codes in no lsoa11 list" in note for note in moved.notes)


def test_an_area_of_the_place_that_leads_nowhere_is_lost_and_said(tmp_path):
    """The middle areas lack Norland 004: its lower areas belong to Norland and are not dropped."""
    lake = Lake.create(tmp_path / "lake")
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    gap = [area for area in MSOA11 if area[1] != "Norland 004"]
    add_boundaries(lake, [write_outlines(tmp_path, "msoa11", gap)], "msoa11")
    moved = move_values(lake, layer(PEOPLE, "lsoa11", name="p"), "msoa11", within="Norland")
    lost = sum(PEOPLE[c] for c in CODES11[12:16])
    assert moved.fates["lost"].rows == 4
    assert moved.fates["lost"].value == lost
    assert moved.unplaced_share == pytest.approx(lost / sum(PEOPLE[c] for c in CODES11[:16]))
    assert any("belongs to these places but no msoa11 area was found" in n for n in moved.notes)
    southam = move_values(lake, layer(PEOPLE, "lsoa11"), "msoa11", within="Southam")
    assert southam.unplaced_share == 0


def test_nothing_at_all_is_refused(lake):
    with pytest.raises(InputError, match="none of the 1 lsoa11 codes of x leads to one of the 5"):
        move_values(lake, layer({"E01999999": 1.0}, "lsoa11", name="x"), "msoa11")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_every_row_and_all_value_is_accounted_for(tmp_path_factory, data):
    """Placed, elsewhere, lost and unknown add up to the layer, by lookup, name and ground."""
    lookup = data.draw(st.booleans(), "lookup")
    lake = _LAKES.get(lookup) or make_lake(tmp_path_factory.mktemp("l"), lookup=lookup)
    _LAKES[lookup] = lake
    vintage = data.draw(st.sampled_from(["lsoa11", "lsoa21"]), "vintage")
    to_unit = data.draw(st.sampled_from(["lsoa11", "lsoa21", "msoa11"]), "unit")
    known = CODES11 if vintage == "lsoa11" else CODES21
    codes = data.draw(st.lists(st.sampled_from(known), min_size=1, unique=True), "codes")
    values = {c: float(data.draw(st.integers(0, 50))) for c in codes} | {"E01999999": 4.0}
    within = data.draw(st.sampled_from([None, "Norland", "Southam"]), "within")
    counts = layer(values, vintage)
    try:
        moved = move_values(lake, counts, to_unit, within=within)
    except InputError as refusal:
        assert "none of the" in str(refusal) or "codes are" in str(refusal)  # noqa: PT017
        return
    placed = sum(f.value for name, f in moved.fates.items() if name not in _NOT_PLACED)
    assert np.nansum(moved.values) == pytest.approx(placed, rel=1e-9, abs=1e-9)
    assert sum(f.value for f in moved.fates.values()) == pytest.approx(sum(values.values()))
    assert sum(f.rows for f in moved.fates.values()) == len(values)


_LAKES: dict[bool, Lake] = {}
_NOT_PLACED = ("elsewhere", "lost", "unknown", "no code")


@pytest.mark.parametrize("weights", [{}, {"population:lsoa21": dict.fromkeys(CODES21, 3.0)}])
def test_shares_sum_to_one_on_every_way(lake, weights):
    for start, end in (("lsoa11", "lsoa21"), ("lsoa21", "msoa11"), ("msoa11", "lsoa21")):
        bridge = build_bridge(lake, start, end, weights)
        assert np.asarray(bridge.shares.sum(axis=1)).ravel() == pytest.approx(1.0)


def test_a_way_by_outlines_is_the_last_resort(lake, tmp_path):
    assert find_route(lake, "lsoa21", "msoa11") == [
        ("lsoa21", "lsoa11", "lookup"),
        ("lsoa11", "msoa11", "names"),
    ]
    assert find_route(lake, "lsoa11", "lsoa11") == []
    (tmp_path / "bare").mkdir()
    bare = make_lake(tmp_path / "bare", lookup=False)
    assert find_route(bare, "lsoa21", "msoa11") == [("lsoa21", "msoa11", "overlay")]


# --- events ---------------------------------------------------------------------------------------


def test_stated_codes_find_their_area_and_splits_are_left_to_coordinates(lake):
    codes = ["E01000001", "E01000002", "E01000003", "E01000004", "E01000017", "", "X"]
    found = codes_to_unit(lake, codes, "lsoa11", "lsoa21", "Norland", [5, 4, 3, 2, 1, 6, 7])
    cells = read_boundaries(lake, "lsoa21", "Norland")
    named = [cells.ids[i] if i >= 0 else i for i in found.index.tolist()]
    assert named == [AMBIGUOUS, "E01000093", "E01000094", "E01000004", NOWHERE, NOWHERE, NOWHERE]
    assert found.status.tolist() == [
        "split",
        "merged",
        "recoded",
        "unchanged",
        "elsewhere",
        "no code",
        "unknown",
    ]
    candidates = cells.ids[found.weights[[0]].indices].tolist()
    assert candidates == ["E01000091", "E01000092"]
    assert found.weights[[0]].data == pytest.approx([0.25, 0.75], rel=1e-4)
    assert {name: fate.rows for name, fate in found.fates.items()} == {
        "split": 5,
        "merged": 4,
        "recoded": 3,
        "unchanged": 2,
        "elsewhere": 1,
        "unknown": 7,
        "no code": 6,
    }
    assert found.moved_share == pytest.approx(12 / 14)
    assert found.unplaced_share == 0


def test_codes_of_the_same_vintage_stay(lake):
    found = codes_to_unit(lake, CODES11, "lsoa11", "lsoa11")
    assert found.index.tolist() == list(range(20))
    assert (found.moved_share, found.notes) == (0, ())


def test_no_codes_at_all_is_no_error(lake):
    found = codes_to_unit(lake, [], "lsoa21", "msoa11")
    assert found.index.tolist() == []
    assert found.fates == {}


# --- grids ----------------------------------------------------------------------------------------


def test_a_statistic_is_spread_over_grid_cells_by_ground(lake):
    grid = square_grid((200_000, 60_000, 203_999, 63_999), 2000)
    moved = move_to_cells(lake, layer(PEOPLE, "lsoa11"), grid.cells())
    assert moved.values == pytest.approx([1000, 2600, 4200, 5800], rel=1e-3)
    rates = move_to_cells(lake, layer(dict.fromkeys(CODES11, 7.0), "lsoa11", "rate"), grid.cells())
    assert rates.values == pytest.approx([7] * 4)
    total = sum(f.value for f in moved.fates.values())
    assert total == pytest.approx(sum(PEOPLE.values()), rel=1e-6)


def test_cells_beside_every_area_are_refused(lake):
    grid = square_grid((0, 0, 999, 999), 500)
    with pytest.raises(InputError, match="no lsoa11 area"):
        move_to_cells(lake, layer(PEOPLE, "lsoa11"), grid.cells())


# --- real -----------------------------------------------------------------------------------------


@pytest.mark.real_data
def test_the_cornwall_answer_fires_and_poor_health(open_data, tmp_path):
    """Spearman 0.30 over 73 middle areas: dwelling fires per person and the IoD health rank."""
    from scipy.stats import spearmanr

    lake = Lake.create(tmp_path / "lake")
    add_boundaries(lake, [open_data / "lsoa/boundaries_2011/E06000052.geojson.gz"], "lsoa11")
    add_boundaries(lake, [open_data / "lsoa/msoa_boundaries_2011/E06000052.geojson.gz"], "msoa11")
    for path, name, code, vintage, value in (
        ("population/population20_lsoa11.csv.gz", "population", "lsoa11_code", "lsoa11",
         "total_population"),
        ("iod/imd2019_england_lsoa11.csv.gz", "health", "lsoa11_code", "lsoa11", "Health_rank"),
        ("fire_msoa/dwelling_fires_msoa_3yr_avg.csv", "fires", "MSOA11CD", "msoa11",
         "Number of fires (three-year average)"),
    ):  # fmt: skip
        add_areas(lake, open_data / path, name, code, vintage, value, worse="low")
    health, fires, people = (
        move_values(lake, read_areas(lake, name), "msoa11", within="Cornwall").values
        for name in ("health", "fires", "population")
    )
    assert len(health) == 73
    assert people.sum() == 573_299
    assert round(float(spearmanr(fires / people, -health).statistic), 2) == 0.30


@pytest.mark.real_data
def test_real_events_of_2025_reach_the_areas_of_2011(open_data, tmp_path):
    """A plain join of 2021 codes to 2011 areas loses 7 to 8% of the rows; here they arrive."""
    import csv
    import gzip
    from collections import Counter

    lake = Lake.create(tmp_path / "lake")
    for unit, folder in (("lsoa11", "boundaries_2011"), ("lsoa21", "boundaries_2021")):
        add_boundaries(lake, [open_data / "lsoa" / folder], unit)
    lookup = open_data / "lsoa" / "lsoa11_lsoa21_lad22_lookup_v1.csv.gz"
    add_relations(lake, lookup, "lsoa11", "lsoa21", "F_LSOA11CD", "LSOA21CD", "CHGIND")
    file = next((open_data / "police_street" / "2025-01").glob("*devon-and-cornwall*"))
    with gzip.open(file, "rt") as stream:
        stated = Counter(row["LSOA code"] for row in csv.DictReader(stream))
    codes = list(stated)
    found = codes_to_unit(lake, codes, "lsoa21", "lsoa11", counts=[stated[c] for c in codes])
    assert 0.06 < found.moved_share < 0.09
    assert found.unplaced_share == 0
    assert sum(fate.rows for fate in found.fates.values()) == sum(stated.values())


def test_the_invented_lookup_is_whole():
    assert {a for a, _, _ in LOOKUP} == set(CODES11)
    assert {b for _, b, _ in LOOKUP} == set(CODES21)

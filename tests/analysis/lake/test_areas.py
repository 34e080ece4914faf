"""A statistic goes in with the vintage of its codes, or a sentence says why not."""

from __future__ import annotations

import datetime
import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from invented_places import LSOA11, LSOA21, MSOA11, write_lookup, write_outlines, write_values

from triservice.analysis.lake.area_values import infer_kind, read_number
from triservice.analysis.lake.areas import add_areas, layers, read_areas
from triservice.analysis.lake.boundaries import add_boundaries
from triservice.analysis.lake.relations import add_relations
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError

PEOPLE = {code: 1000 + 10 * i for i, (code, _, _) in enumerate(LSOA11)}


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake")


def add(lake, path, name="population", value="people", vintage="lsoa11", **options):
    return add_areas(lake, path, name, "code", vintage, value, **options)


def test_values_come_back_by_code(lake, tmp_path):
    summary = add(lake, write_values(tmp_path, PEOPLE))
    assert (summary.rows_read, summary.areas, summary.kind) == (20, 20, "count")
    assert summary.total == sum(PEOPLE.values())
    layer = read_areas(lake, "Population")
    assert dict(zip(layer.codes.tolist(), layer.values.tolist(), strict=True)) == PEOPLE
    assert (layer.vintage, layer.worse, layer.source) == ("lsoa11", "high", "people.csv")


def test_adding_again_changes_nothing_and_other_values_are_refused(lake, tmp_path):
    path = write_values(tmp_path, PEOPLE)
    add(lake, path)
    before = (lake.root / "areas" / "population.parquet").read_bytes()
    add(lake, path)
    assert (lake.root / "areas" / "population.parquet").read_bytes() == before
    other = write_values(tmp_path, {**PEOPLE, "E01000001": 5})
    for options in ({}, {"worse": "low"}):
        with pytest.raises(InputError, match=r"holds another layer population.*--replace"):
            add(lake, other, **options)
    assert (lake.root / "areas" / "population.parquet").read_bytes() == before
    add(lake, other, replace=True)
    assert read_areas(lake, "population").values[0] == 5


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("Health_rank", "score"),
        ("IMD_decile", "score"),
        ("Health score", "score"),
        ("Proportion of fire incidents per person", "rate"),
        ("crime rate", "rate"),
        ("Number of fires (three-year average)", "count"),
        ("total_population", "count"),
        ("Fire and Rescue response time", "rate"),
        ("crimes", "count"),
        ("Persons", "count"),
    ],
)
def test_the_kind_follows_from_the_words_of_the_column(column, kind):
    assert infer_kind(column) == kind


def test_a_guessed_kind_is_said_and_a_given_one_is_not(lake, tmp_path):
    path = write_values(tmp_path, PEOPLE, "Health_rank")
    guessed = add(lake, path, "health", "Health_rank")
    assert guessed.kind == "score"
    assert any("--kind" in n for n in guessed.notes)
    assert any("--worse low" in n for n in guessed.notes)
    given = add(lake, path, "h2", "Health_rank", kind="score", worse="low")
    assert given.notes == [
        "The lake holds no lsoa11 outlines yet, so the codes could not be checked."
    ]


def test_blanks_and_marks_are_left_out_and_said_and_words_are_rejected(lake, tmp_path):
    values = {
        "A1": 5,
        "A2": "",
        "A3": "[c]",
        "A4": "..",
        "A5": "lots",
        "A6": "inf",
        "A7": '"1,234"',
    }
    path = write_values(tmp_path, values)
    with path.open("a") as stream:
        stream.write("NA,36.5\n,\n")
    summary = add(lake, path, vintage="beats")
    assert summary.areas == 2
    assert summary.total == 1239
    assert summary.blank == 4
    assert summary.rejected == {"not a number": 1, "not a finite number": 1}
    said = " ".join(summary.notes)
    assert "1 row without a code left out, of a value of 36.5 in all" in said
    assert "row 5 holds 'lots'" in said
    assert "row 6 holds 'inf'" in said


@pytest.mark.parametrize(
    ("cell", "number", "clock"),
    [
        ("12", 12, False),
        (" 1,234.5 ", 1234.5, False),
        ("1e3", 1000, False),
        ("45%", 45, False),
        ("£12", 12, False),
        ("1,2", None, False),
        ("1_000", None, False),
        ("twelve", None, False),
        (True, None, False),
        (7, 7, False),
        ("1899-12-31T00:08:04Z", 8 + 4 / 60, True),
        ("0:07:30", 7.5, True),
        (datetime.time(0, 8, 30), 8.5, True),
        (datetime.timedelta(minutes=90), 90, True),
        (datetime.datetime(1899, 12, 31, 0, 9), 9, True),
        ("2024-01-01", None, False),
    ],
)
def test_a_cell_is_a_number_a_clock_time_or_neither(cell, number, clock):
    found, was_clock = read_number(cell)
    assert was_clock == clock
    assert found == (pytest.approx(number) if number is not None else None)


def test_clock_times_are_minutes_and_a_rate(lake, tmp_path):
    path = write_values(tmp_path, {"E06000022": "1899-12-31T00:08:04Z"}, "response")
    summary = add(lake, path, "response", "response", "lad19")
    assert summary.kind == "rate"
    assert read_areas(lake, "response").values[0] == pytest.approx(8 + 4 / 60)
    assert any("read as minutes" in note for note in summary.notes)


def test_codes_that_come_twice_are_refused_or_summed(lake, tmp_path):
    path = tmp_path / "months.csv"
    path.write_text("code,crimes,rate\nA,1,5\nB,2,5\nA,3,5\nA,4,5\n")
    with pytest.raises(
        InputError, match=r"row 3: code A comes again \(1 code with 2 rows too many"
    ):
        add(lake, path, "crime", "crimes", "beats")
    assert layers(lake) == []
    summary = add(lake, path, "crime", "crimes", "beats", duplicates="sum")
    assert read_areas(lake, "crime").values.tolist() == [8, 2]
    assert any("the 3 rows are summed" in note for note in summary.notes)
    with pytest.raises(InputError, match="A rate cannot be summed"):
        add(lake, path, "r", "rate", "beats", duplicates="sum")


def test_excel_gzip_parquet_tabs_and_windows_text_are_read(lake, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Notes about this table"])
    sheet = book.create_sheet("Data")
    for row in (["Table 1"], [None], ["Code", "People "], ["A", 3], ["B", None], ["C", 4.5]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"code,people\nA,3\nC,4.5\n"))
    pq.write_table(pa.table({"code": ["A", "C"], "people": [3, 4.5]}), tmp_path / "c.parquet")
    (tmp_path / "d.txt").write_text("code\tpeople\nA\t3\n\nC\t4.5\n\n")
    (tmp_path / "e.csv").write_bytes("code,people,name\nA,3,Môn\nC,4.5,x\n".encode("cp1252"))
    (tmp_path / "f.csv").write_bytes("\ufeffcode;people\r\nA;3\r\nC;4.5\r\n".encode())
    for name in ("a.xlsx", "b.csv.gz", "c.parquet", "d.txt", "e.csv", "f.csv"):
        add(lake, tmp_path / name, name[0] + "1", vintage="beats")
        layer = read_areas(lake, name[0] + "1")
        assert (layer.codes.tolist(), layer.values.tolist()) == (["A", "C"], [3, 4.5])


BROKEN = {
    "empty.csv": (b"", "holds no rows"),
    "header.csv": (b"code,people\n", "holds no rows"),
    "ragged.csv": (b"code,people\nA,1\nB,2,3\n", "row 2: has 3 fields where the header has 2"),
    "quote.csv": (b'code,people\nA,"1\nB,2\n', "not a well-formed CSV|row 1: has"),
    "binary.csv": (b"\x00\x01" * 50, "not a text file"),
    "cut.csv.gz": (gzip.compress(b"code,people\nA,1\n" * 99)[:30], "cannot be read"),
    "fake.csv.gz": (b"code,people\nA,1\n", "cannot be read"),
    "fake.xlsx": (b"code,people\nA,1\n", "not a workbook"),
    "fake.parquet": (b"code,people\nA,1\n", "not a Parquet file"),
    "missing.csv": (b"area,persons\nA,1\n", "no column 'code'.*The columns are: area, persons"),
    "near.csv": (b"Code,peoples\nA,1\n", "Did you mean 'peoples'"),
    "words.csv": (b"code,people\nA,many\n", "none of its 1 row has a code and a number"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_gets_a_sentence_that_names_it(lake, tmp_path, name):
    content, words = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as refusal:
        add(lake, tmp_path / name, vintage="beats")
    assert name in str(refusal.value)
    assert layers(lake) == []


def test_paths_and_names_that_are_none_get_a_sentence(lake, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        add(lake, tmp_path / "no.csv")
    with pytest.raises(InputError, match="is a folder"):
        add(lake, tmp_path)
    path = write_values(tmp_path, PEOPLE)
    with pytest.raises(InputError, match="cannot name a layer"):
        add(lake, path, "../x")
    with pytest.raises(InputError, match="unit of place"):
        add(lake, path, vintage="L S O A")
    with pytest.raises(InputError, match=r"no area statistic 'x' .none at all"):
        read_areas(lake, "x")
    add(lake, path)
    with pytest.raises(InputError, match="only population"):
        read_areas(lake, "../lake")


def test_outlines_without_a_value_are_said(lake, tmp_path):
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    assert add(lake, write_values(tmp_path, PEOPLE), "all").outlines_with_value == 20
    part = {code: n for code, n in PEOPLE.items() if code < "E01000018"}
    summary = add(lake, write_values(tmp_path, part), "part")
    assert (summary.outlines, summary.outlines_with_value) == (20, 17)
    assert any("3 of 20 lsoa11 outlines in the lake without a value" in n for n in summary.notes)
    elsewhere = add(lake, write_values(tmp_path, {"E01099999": 1}), "away")
    assert any("None of the codes" in note for note in elsewhere.notes)


def test_codes_of_another_kind_of_area_are_refused(lake, tmp_path):
    path = write_values(tmp_path, PEOPLE)
    with pytest.raises(InputError, match=r"20 of 20 codes are lsoa codes \(E01…\), not msoa11"):
        add(lake, path, vintage="msoa11")
    with pytest.raises(InputError, match="are msoa codes"):
        add(lake, write_values(tmp_path, {code: 1 for code, _, _ in MSOA11}), vintage="lsoa21")


@pytest.mark.parametrize("known_by", ["lookup", "outlines"])
def test_the_wrong_vintage_is_refused_with_the_share_of_each(lake, tmp_path, known_by):
    if known_by == "lookup":
        path = write_lookup(tmp_path)
        add_relations(lake, path, "lsoa11", "lsoa21", "F_LSOA11CD", "LSOA21CD", "CHGIND")
    else:
        for unit in ("lsoa11", "lsoa21"):
            add_boundaries(lake, [write_outlines(tmp_path, unit)], unit)
    people = write_values(tmp_path, PEOPLE)
    with pytest.raises(
        InputError, match=r"not lsoa21: 80.0% of 20 codes are lsoa21, 100.0% are lsoa11.*lsoa11"
    ):
        add(lake, people, vintage="lsoa21")
    assert add(lake, people).vintages == {"lsoa11": 1.0, "lsoa21": 0.8}
    later = write_values(tmp_path, {code: 1 for code, _, _ in LSOA21}, "n")
    assert add(lake, later, "later", "n", "lsoa21").vintages == {"lsoa21": 1.0, "lsoa11": 0.8}
    with pytest.raises(InputError, match="not lsoa11"):
        add(lake, later, "later2", "n", "lsoa11")


def test_outlines_of_more_places_in_one_vintage_do_not_mislead(lake, tmp_path):
    """Lsoa11 outlines of two places and lsoa21 of one: lsoa21 codes of both are still lsoa21."""
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa11")], "lsoa11")
    norland = [area for area in LSOA21 if area[1].startswith("Norland")]
    add_boundaries(lake, [write_outlines(tmp_path, "lsoa21", norland)], "lsoa21")
    path = write_values(tmp_path, {code: 1 for code, _, _ in LSOA21}, "n")
    assert add(lake, path, "later", "n", "lsoa21").vintages["lsoa21"] == 1.0


@pytest.mark.real_data
def test_real_health_ranks_are_told_from_lsoa21(lake, open_data):
    lookup = open_data / "lsoa" / "lsoa11_lsoa21_lad22_lookup_v1.csv.gz"
    summary = add_relations(lake, lookup, "lsoa11", "lsoa21", "F_LSOA11CD", "LSOA21CD", "CHGIND")
    assert summary.pairs == 35_795
    assert summary.notes == []  # every letter of the publisher agrees with the pairs
    ranks = open_data / "iod" / "imd2019_england_lsoa11.csv.gz"
    with pytest.raises(InputError, match=r"96.9% of 32,844 codes are lsoa21, 100.0% are lsoa11"):
        add_areas(lake, ranks, "health", "lsoa11_code", "lsoa21", "Health_rank")
    added = add_areas(lake, ranks, "health", "lsoa11_code", "lsoa11", "Health_rank", worse="low")
    assert added.areas == 32_844
    counts = open_data / "police_lsoa_counts" / "dc_crime_counts_lsoa_month_2022-05_2025-04.csv.gz"
    with pytest.raises(InputError, match="--duplicates sum"):
        add_areas(lake, counts, "crime", "LSOA code", "lsoa21", "Crime Count")
    summed = add_areas(
        lake, counts, "crime", "LSOA code", "lsoa21", "Crime Count", duplicates="sum"
    )
    assert (summed.areas, summed.total) == (1_065, 359_968)
    times = open_data / "fire_msoa" / "fire_response_times_lad.csv"
    column = "Fire and Rescue response time (three-year average)"
    response = add_areas(lake, times, "response", "LAD19CD", "lad19", column)
    assert 5 < response.low < response.high < 12
    assert np.isfinite(read_areas(lake, "response").values).all()


def test_nobody_lives_below_zero_and_other_counts_below_it_are_said(lake, tmp_path):
    path = write_values(tmp_path, {**PEOPLE, "E01000002": -7})
    with pytest.raises(InputError, match=r"1 area with a count below zero.*E01000002.*Nothing was"):
        add(lake, path)
    assert "population" not in layers(lake)
    assert any("below zero" in note for note in add(lake, path, name="change").notes)
    assert not any("zero" in note for note in add(lake, path, name="score", kind="score").notes)

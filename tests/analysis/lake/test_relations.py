"""Change lookups: what happened to an area follows from the pairs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_places import LOOKUP, write_lookup, write_outlines

from triservice.analysis.lake.boundaries import add_boundaries
from triservice.analysis.lake.relations import (
    add_relations,
    known_codes,
    pair_changes,
    read_relation,
)
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake")


def add(lake, path, **options):
    return add_relations(lake, path, "lsoa11", "lsoa21", "F_LSOA11CD", "LSOA21CD", **options)


def test_pairs_changes_and_names_come_back_both_ways(lake, tmp_path):
    summary = add(lake, write_lookup(tmp_path), change="CHGIND")
    assert summary.changes == {"split": 2, "merged": 2, "unchanged": 17}
    assert (summary.pairs, summary.from_areas, summary.to_areas, summary.notes) == (21, 20, 20, [])
    forth, back = read_relation(lake, "lsoa11", "lsoa21"), read_relation(lake, "lsoa21", "lsoa11")
    assert set(forth.pairs) == {(a, b) for a, b, _ in LOOKUP}
    assert {(b, a) for a, b in forth.pairs} == set(back.pairs)
    changes = dict(zip(back.pairs, back.changes, strict=True))
    assert changes["E01000091", "E01000001"] == "merged"
    assert changes["E01000093", "E01000002"] == "split"
    assert forth.start_names["E01000001"] == back.end_names["E01000001"] == "Norland 001A"
    assert read_relation(lake, "lsoa11", "msoa11") is None


def test_adding_again_changes_nothing_and_another_is_refused(lake, tmp_path):
    path = write_lookup(tmp_path)
    add(lake, path)
    add(lake, path)
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    with pytest.raises(InputError, match=r"holds another lookup.*--replace"):
        add(lake, path)
    assert add(lake, path, replace=True).pairs == 20


def test_letters_that_disagree_with_the_pairs_are_said(lake, tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("F_LSOA11CD,LSOA21CD,c\nA,B,S\nC,D,Q\nE,F,X\n,G,U\nA,B,S\n")
    summary = add(lake, path, change="c")
    assert summary.changes == {"unchanged": 2, "complex": 1}
    assert summary.skipped == {"no code on one side": 1}
    assert summary.notes == [
        "1 row repeats another one.",
        "Changes Q are not U, S, M or X and say nothing.",
        "1 pair is marked otherwise than the pairs show.",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("F_LSOA11CD,LSOA21CD\nA,\n", "no row has both codes"),
        ("F_LSOA11CD,other\nA,B\n", "no column 'LSOA21CD'"),
        ("F_LSOA11CD,LSOA21CD,LSOA11NM\nA,B,x\nA,B,y\n", "comes twice"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(lake, tmp_path, text, words):
    (tmp_path / "l.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        add(lake, tmp_path / "l.csv")
    assert read_relation(lake, "lsoa11", "lsoa21") is None


def test_a_lookup_to_itself_relates_nothing(lake, tmp_path):
    with pytest.raises(InputError, match="relates nothing"):
        add_relations(lake, write_lookup(tmp_path), "lsoa11", "LSOA11", "LSOA11CD", "LSOA21CD")


def test_codes_are_known_from_outlines_and_lookups_as_they_are_added(lake, tmp_path):
    assert known_codes(lake, "lsoa11") == {}
    add(lake, write_lookup(tmp_path))
    assert len(known_codes(lake, "lsoa21")) == 20
    assert known_codes(lake, "lsoa21")["E01000091"] == "Norland 001E"
    add_boundaries(lake, [write_outlines(tmp_path, "msoa11")], "msoa11")
    assert len(known_codes(lake, "msoa11")) == 5


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), max_size=12))
def test_changes_agree_with_their_meaning(pairs):
    pairs = sorted(set(pairs))
    olds = {b: {a for a, other in pairs if other == b} for _, b in pairs}
    news = {a: {b for other, b in pairs if other == a} for a, _ in pairs}
    for (a, b), change in zip(pairs, pair_changes(pairs), strict=True):
        if change == "unchanged":
            assert news[a] == {b}
            assert olds[b] == {a}
        elif change == "split":
            assert len(news[a]) > 1
            assert all(olds[new] == {a} for new in news[a])
        elif change == "merged":
            assert len(olds[b]) > 1
            assert all(news[old] == {b} for old in olds[b])
        else:
            assert change == "complex"
            assert max(len(news[old]) for old in olds[b]) > 1
            assert max(len(olds[new]) for new in news[a]) > 1

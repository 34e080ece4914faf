"""Sentences claim what the numbers show and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from triservice.analysis.near_repeat.knox import knox
from triservice.analysis.near_repeat.scores import score
from triservice.analysis.near_repeat.words import _beside, holm, knox_findings
from triservice.analysis.synthetic import synthetic_county


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]
    assert holm([0.2]) == [False]
    assert holm([]) == []


def test_no_near_repeats_no_claim() -> None:
    rng = np.random.default_rng(1)
    found = knox(*rng.uniform(0, 3000, (2, 300)), rng.uniform(0, 100, 300), permutations=99)
    said = knox_findings(found, "fires")
    assert said[0].startswith("No near repeats were found among 300 fires")
    assert "ask for 120 or more" in said[-1]
    lonely = knox([0.0, 9e5], [0.0, 9e5], [1.0, 2.0], permutations=9)
    assert "lie close enough" in knox_findings(lonely, "fires")[0]


def test_one_small_p_among_many_is_not_a_finding() -> None:
    county = synthetic_county(1, events=2_000)
    found = knox(county.easting, county.northing, county.happened, permutations=99)
    none = tuple(replace(b, p_permutation=0.5) for b in found.bands)
    one = (replace(none[0], p_permutation=0.04), *none[1:])
    said = knox_findings(replace(found, bands=one, same_place=(), elsewhere=()), "events")
    assert said[0].startswith("No near repeats")
    assert "fall below 5% alone" in said[1]


def test_a_rival_that_does_better_is_named() -> None:
    events, land = np.full(8, 100.0), np.full(8, 5.0)
    hits = np.array([20.0, 22, 19, 21, 20, 18, 22, 21])
    zones = score("zones", hits, events, land, 100, ideal=events, beside=hits)
    better = score("kde", hits + 10, events, land, 100, ideal=events, beside=hits)
    worse = score("kde", hits - 10, events, land, 100, ideal=events, beside=hits)
    same = score("kde", hits[::-1].copy(), events, land, 100, ideal=events, beside=hits)
    assert "kernel density of the year before did better" in _beside(better, "all zones", zones)
    assert "the zones did better" in _beside(worse, "all zones", zones)
    assert "within what weeks vary" in _beside(same, "all zones", zones)

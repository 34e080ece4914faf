"""Harm weights: a table with ranges and sources, nothing guessed."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest

from triservice.analysis.hotspots.severity import harm_weights, weighted_counts
from triservice.analysis.lake.categories import load_categories
from triservice.kernel.errors import InputError


def test_every_weight_follows_from_the_offences_it_names():
    table = harm_weights()
    assert table.unit == "days"
    assert len(table.weights) == 12
    for weight in table.weights.values():
        days = list(weight.offences.values())
        assert (weight.low, weight.high) == (min(days), max(days)), weight.category
        assert weight.value == median(days), weight.category
        assert weight.basis
        assert weight.source == table.source


def test_categories_are_those_of_the_lake():
    table = harm_weights()
    assert set(table.weights) | set(table.without_weight) == {
        slug for slug, category in load_categories().items() if category.group == "crime"
    }


def test_values_are_the_published_ones():
    weights = harm_weights().weights
    violence = weights["violence-sexual-offences"]
    assert (violence.low, violence.high) == (10, 2555)
    assert weights["burglary"].offences["residential burglary"] == 273.5
    assert weights["robbery"].value == 365
    assert weights["possession-of-weapons"].value == 273.75


def test_anti_social_behaviour_has_no_score_and_is_said():
    harm = weighted_counts({"anti-social-behaviour": [5, 7], "robbery": [0, 2], "flood": [1, 0]})
    assert harm.central.tolist() == [0, 730]
    assert harm.unweighted == {"anti-social-behaviour": 12, "flood": 1}
    said = " ".join(harm.notes)
    assert "Anti-social behaviour: 12 events carry no weight. Anti-social behaviour is not" in said
    assert "flood: 1 events carry no weight. The table has no weight for it." in said


def test_low_central_and_high_add_up():
    harm = weighted_counts(
        {"violence-sexual-offences": np.array([1, 10]), "shoplifting": np.array([3, 0])}
    )
    assert harm.central.tolist() == [185.25, 1822.5]
    assert harm.low.tolist() == [13, 100]
    assert harm.high.tolist() == [2558, 25550]
    assert harm.shares["shoplifting"] == pytest.approx(3 / 2007.75)
    assert "mixes offences from 10 to 2,555 days" in " ".join(harm.notes)


def test_own_table(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('unit = "points"\n[categories.fall]\nvalue = 2\nlow = 1\nhigh = 9\n')
    table = harm_weights(path)
    assert table.weights["fall"].high == 9
    assert weighted_counts({"fall": [1, 2]}, table).unit == "points"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[categories.fall]\nvalue = 2\nlow = 1\n", r"categories\.fall\.high: is missing"),
        ('[categories.fall]\nvalue = "x"\nlow = 1\nhigh = 2', r"\('x'\) is not a number"),
        ("[categories.fall]\nvalue = -1\nlow = -1\nhigh = 2", "is not a number from 0 up"),
        ("[categories.fall]\nvalue = nan\nlow = 1\nhigh = 2", "is not a number from 0 up"),
        ("[categories.fall]\nvalue = 5\nlow = 1\nhigh = 2", "does not lie between low 1 and high"),
        ("[categories]\nfall = 3", "fall is not a table"),
        ("title = 'empty'", "has no .categories.NAME"),
        ("not toml", "is not TOML"),
        (
            "[without_weight]\nfall='x'\n[categories.fall]\nvalue=1\nlow=1\nhigh=1",
            "that have no weight",
        ),
    ],
)
def test_a_wrong_table_is_refused_in_a_sentence(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as refusal:
        harm_weights(path)
    assert str(path) in str(refusal.value)


def test_other_refusals(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        harm_weights(tmp_path / "none.toml")
    with pytest.raises(InputError, match="none of the categories has a harm weight: flood"):
        weighted_counts({"flood": [1, 2]})
    with pytest.raises(InputError, match="different numbers of cells"):
        weighted_counts({"robbery": [1, 2], "burglary": [1]})

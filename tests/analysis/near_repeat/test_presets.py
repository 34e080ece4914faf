"""Rules of zones are data: read, changed, and refused in a sentence when they cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triservice.analysis.near_repeat.presets import load_rule
from triservice.kernel.errors import InputError


def test_defaults_are_those_of_the_brief() -> None:
    rule = load_rule()
    assert rule.radius_m == 400
    assert [(b.days, b.level) for b in rule.bands] == [(7, "red"), (14, "amber")]
    assert [level.name for level in rule.levels] == ["amber", "red", "hyper"]


def test_the_contradiction_of_the_source_is_told() -> None:
    assert "contradicts itself" in load_rule("standard").note
    essex = load_rule("essex")
    assert "One colour cannot mean both" in essex.note
    assert [o.becomes for o in essex.overlaps] == ["orange"]


def test_trafford_fades_over_three_weeks() -> None:
    rule = load_rule("trafford")
    assert [b.days for b in rule.bands] == [7, 14, 21]
    weights = [b.weight for b in rule.bands]
    assert weights == sorted(weights, reverse=True)
    assert rule.window_days == 21


def test_table_of_needs() -> None:
    needs, gives = load_rule("standard").needs()
    np.testing.assert_array_equal(needs, [[1, 0], [0, 1], [2, 0], [1, 1], [0, 2]])
    np.testing.assert_array_equal(gives, [1, 0, 2, 2, 1])


def test_radius_and_days_replace_those_of_the_rule() -> None:
    rule = load_rule("trafford", radius_m=60, days=[3, 10])
    assert rule.radius_m == 60
    assert rule.cell_m == 15
    assert [b.days for b in rule.bands] == [3, 10]
    assert rule.needs()[0].shape[1] == 2
    assert "7 days" not in " ".join(level.label for level in rule.levels)


def test_a_rule_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        """[quiet]
        radius_m = 200
        bands = [{ days = 30, level = "watch" }]
        levels = [{ name = "watch", colour = "#888888" }]
        """
    )
    rule = load_rule(f"{file}#quiet")
    assert (rule.radius_m, rule.window_days, rule.overlaps) == (200, 30, ())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("radius_m = 10", "half as wide"),
        ('bands = [{ days = 9, level = "a" }, { days = 7, level = "a" }]', "rise"),
        ("bands = []", "from 1 to 16"),
        ('bands = [{ days = 9, level = "b" }]', "no level is called"),
        ('bands = [{ days = 9, level = "a", weight = -1 }]', "below 0"),
        ('bands = [{ level = "a" }]', "lacks or misstates 'days'"),
        ('levels = [{ name = "a", colour = "" }, { name = "a", colour = "" }]', "named twice"),
    ],
)
def test_rules_that_cannot_be_used(tmp_path: Path, change: str, sentence: str) -> None:
    lines = {
        "radius_m": "radius_m = 200",
        "bands": 'bands = [{ days = 7, level = "a" }]',
        "levels": 'levels = [{ name = "a", colour = "#000000" }]',
    }
    lines[change.split()[0]] = change
    file = tmp_path / "own.toml"
    file.write_text("[own]\n" + "\n".join(lines.values()))
    with pytest.raises(InputError, match=sentence):
        load_rule(f"{file}#own")


def test_unknown_rule_missing_file_and_too_many_bands(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="essex, standard, trafford"):
        load_rule("kent")
    with pytest.raises(InputError, match="cannot be read"):
        load_rule(f"{tmp_path}/none.toml#own")
    with pytest.raises(InputError, match="has 2 levels"):
        load_rule(days=[7, 14, 21])

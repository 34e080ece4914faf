"""Colours that read in grey, classes that hold every value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from triservice.analysis.picture import palette

RAMPS = [*palette.RAMPS.items(), *((f"shared {k}", r) for k, r in palette.SHARED.items())]


@pytest.mark.parametrize(("name", "ramp"), RAMPS)
def test_every_ramp_gets_darker_by_a_step_that_can_be_seen_in_grey(
    name: str, ramp: tuple[str, ...]
) -> None:
    steps = -np.diff([palette.lightness(c) for c in ramp])
    assert steps.min() >= 9, (name, steps)


@pytest.mark.parametrize(("name", "ramp"), RAMPS)
def test_ramps_stay_apart_for_people_who_do_not_see_red_or_green(
    name: str, ramp: tuple[str, ...]
) -> None:
    # Viénot, Brettel and Mollon (1999): what a protanope and a deuteranope see, linear RGB.
    for kind in (
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
        [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    ):
        seen = [np.clip(np.array(kind) @ _linear(c), 0, 1) @ [0.2126, 0.7152, 0.0722] for c in ramp]
        assert (-np.diff(np.cbrt(seen))).min() > 0.05, name


def _linear(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) ** 2.2


def test_lightness_and_contrast_agree_with_published_values() -> None:
    assert palette.lightness("#ffffff") == pytest.approx(100)
    assert palette.lightness("#777777") == pytest.approx(50.03, abs=0.05)
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@given(
    arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6)),
    st.integers(0, 3),
)
def test_classes_hold_every_value_and_limits_ascend(values: np.ndarray, digits: int) -> None:
    breaks = palette.class_breaks(values, digits)
    assert list(breaks) == sorted(set(breaks))
    assert breaks[0] <= values.min() + 1e-6
    assert breaks[-1] >= values.max() - 1e-6
    classes = palette.classify(values, breaks)
    assert classes.min() >= 0
    assert classes.max() <= len(breaks) - 2
    for k in range(len(breaks) - 1):
        inside = values[classes == k]
        assert (inside >= breaks[k] - 1e-6).all()
        assert (inside <= breaks[k + 1] + 1e-6).all()


def test_no_value_has_no_class_and_equal_numbers_fall_in_each() -> None:
    values = np.arange(100.0)
    breaks = palette.class_breaks(values)
    assert np.bincount(palette.classify(values, breaks)).tolist() == [20] * 5
    assert palette.classify(np.array([np.nan, 3.0]), breaks).tolist() == [-1, 0]
    assert palette.class_breaks(np.array([np.nan])) == ()


def test_services_keep_their_hue_and_no_two_layers_share_one() -> None:
    hues = palette.choose_hues(["police", "fires", "health", "ambulance"])
    assert hues["police"] == "blue"
    assert hues["fires"] == "orange"
    assert len(set(hues.values())) == 4

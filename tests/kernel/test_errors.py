"""A refusal is whole sentences, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from triservice.kernel.errors import InputError


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "It is wrong."),
        ({"file": Path("a.csv")}, "a.csv: It is wrong."),
        ({"file": "a.csv", "row": 12345}, "a.csv, row 12,345: It is wrong."),
        ({"row": 0}, "row 0: It is wrong."),
        ({"field": "easting"}, "field easting: It is wrong."),
        (
            {"file": "a.csv", "row": 3, "field": "x", "kept": "Nothing was kept", "do": "Why?"},
            "a.csv, row 3, field x: It is wrong. Nothing was kept. Why?",
        ),
    ],
)
def test_the_sentence(given, said):
    assert str(InputError("It is wrong", **given)) == said


def test_a_full_stop_is_not_doubled():
    assert str(InputError("Stop.", do="Go!")) == "Stop. Go!"


def test_the_parts_can_be_asked_for():
    error = InputError("bad", file="f", row=1, field="c", kept="k", do="d")
    assert (error.what, error.file, error.row, error.field, error.kept, error.do) == (
        "bad", "f", 1, "c", "k", "d",
    )  # fmt: skip
    assert isinstance(error, ValueError)

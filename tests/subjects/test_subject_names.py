"""Names: plain words, sounds, slips."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triservice.subjects.names import forms, likeness, one_slip, plain, short_forms, sound

WORDS = st.text(alphabet="abcdet", min_size=0, max_size=7)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("  Seán O’Neill-Trevanion ", "sean oneill trevanion"),
        ("D'Arcy", "darcy"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Flat 2, 14 Fore St.", "flat 2 14 fore st"),
        ("", ""),
    ],
)
def test_plain_words(written: str, words: str) -> None:
    assert plain(written) == words


@pytest.mark.parametrize(
    "alike",
    [
        "smith smyth",
        "catherine katherine kathryn",
        "stephen steven",
        "mcdonald macdonald",
        "knight night",
        "philips phillips",
        "clarke clark",
        "reed reid read",
        "wright right",
        "trelawny trelawney",
    ],
)
def test_sounds_alike(alike: str) -> None:
    assert len({sound(word) for word in alike.split()}) == 1


@pytest.mark.parametrize("unlike", ["smith jones", "taylor tyler", "brown green", "mary mark"])
def test_sounds_unlike(unlike: str) -> None:
    one, other = unlike.split()
    assert (sound(one) == sound(other)) == (unlike == "taylor tyler")


def test_numbers_have_no_sound() -> None:
    assert sound("tr131ab") == ""
    assert forms("1234567") == {"1234567"}


def brute_slips(one: str, other: str) -> int:
    """Optimal string alignment by its definition, without a table."""
    if not one or not other:
        return len(one) + len(other)
    ways = [
        brute_slips(one[:-1], other) + 1,
        brute_slips(one, other[:-1]) + 1,
        brute_slips(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 and len(other) > 1 and one[-2:] == other[-1] + other[-2]:
        ways.append(brute_slips(one[:-2], other[:-2]) + 1)
    return min(ways)


@given(st.text("ab", max_size=5), st.text("ab", max_size=5))
def test_one_slip_by_definition(one: str, other: str) -> None:
    assert one_slip(one, other) is (brute_slips(one, other) == 1)


@given(st.text("abc", min_size=1, max_size=7), st.integers(0, 7), st.sampled_from("abcd"))
def test_a_word_and_the_same_with_one_slip(word: str, at: int, letter: str) -> None:
    at = min(at, len(word))
    for other in (
        word[:at] + letter + word[at:],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ):
        assert one_slip(word, other) is (word != other)


@given(WORDS.filter(lambda w: len(w) >= 4), WORDS.filter(lambda w: len(w) >= 4))
def test_within_one_slip_shares_a_form(one: str, other: str) -> None:
    if one == other or one_slip(one, other):
        assert forms(one) & forms(other)


@given(WORDS, WORDS)
def test_likeness_reads_the_same_both_ways(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == 1


def test_short_forms_are_read_both_ways() -> None:
    assert "robert" in short_forms("bob")
    assert "bob" in short_forms("robert")
    assert "robert" not in short_forms("robert")

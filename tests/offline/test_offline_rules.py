"""Merging, reading what phones send, and what a phone is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnership import NOON
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.rules import Order, merge
from triservice.offline.words import said

leaf = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "b"])
value = leaf | st.lists(leaf, max_size=2)
values = st.dictionaries(st.sampled_from("abcd"), value, max_size=4)
GOOD: dict[str, Any] = {
    "number": "01980000-0000-7000-8000-000000000001", "kind": "note.added", "about": "",
    "payload": {"text": "Invented"}, "base": None, "made_at": "2026-06-01T12:00:00+01:00",
}  # fmt: skip


@given(base=values, mine=values, theirs=values)
def test_each_field_is_taken_from_who_changed_it(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    merged = merge(base, mine, theirs)
    same = rules._same
    for name in {*base, *mine, *theirs}:
        was, here = (each.get(name, rules.ABSENT) for each in (base, theirs))
        wanted = mine.get(name, was)
        touched, moved = not same(wanted, was), not same(here, was)
        assert (name in merged.conflicts) == (touched and moved and not same(wanted, here))
        expected = wanted if touched and not moved else here
        assert same(merged.values.get(name, rules.ABSENT), expected)


@given(base=values, mine=values, theirs=values)
def test_nobody_loses_against_nobody(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert merge(base, {}, theirs).values == theirs
    assert merge(base, mine, base).conflicts == ()
    assert not merge(base, theirs, theirs).conflicts
    again = merge(base, mine, merge(base, mine, theirs).values)
    assert set(again.conflicts) == set(merge(base, mine, theirs).conflicts)


def test_one_and_true_are_different_values() -> None:
    assert merge({"a": 1}, {"a": True}, {"a": 1}).values == {"a": True}
    assert merge({"a": 0}, {"a": 1}, {"a": True}).conflicts == ("a",)


def test_an_operation_is_read_with_its_time_in_utc() -> None:
    sent = rules.read_operation(GOOD)
    assert sent.made_at == NOON - timedelta(hours=1)
    assert sent.sha256 == rules.read_operation(dict(reversed(GOOD.items()))).sha256
    assert sent.sha256 != rules.read_operation(GOOD | {"about": "x"}).sha256


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "01980000-0000-4000-8000-000000000001"}, "version 7"),
        ({"number": "no"}, "version 7"),
        ({"number": 7}, "missing"),
        ({"kind": ""}, "empty"),
        ({"payload": []}, "missing"),
        ({"payload": {"text": "x" * 70_000}}, "larger"),
        ({"payload": {"text": "\x00"}}, "no database"),
        ({"base": {"version": 1}}, "version and values"),
        ({"made_at": "yesterday"}, "no moment"),
        ({"made_at": "2026-06-01T12:00:00"}, "no moment"),
        ({"more": 1}, "not known"),
    ],
)
def test_what_is_not_right_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        rules.read_operation(GOOD | change)


@given(st.recursive(leaf | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_whatever_comes_is_read_or_refused_in_words(said: Any) -> None:
    with pytest.raises(InputError):
        rules.read_operation(said)
    with pytest.raises(InputError):
        rules.number_of(said)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, Order.KEEP),
        ({"known": False}, Order.UNKNOWN),
        ({"ended": True}, Order.WIPE),
        ({"same": False}, Order.KEEP),  # it holds nothing
        ({"pack_until": NOON + timedelta(seconds=1)}, Order.KEEP),
        ({"pack_until": NOON}, Order.DROP),
        ({"pack_until": NOON + timedelta(hours=1), "same": False}, Order.DROP),
        ({"pack_until": NOON, "ended": True}, Order.WIPE),
    ],
)
def test_what_a_phone_is_told(asked: dict[str, Any], told: Order) -> None:
    usual = {"known": True, "ended": False, "pack_until": None, "same": True, "at": NOON}
    assert rules.order(**(usual | asked)) == told  # type: ignore[arg-type]


def test_a_pack_ends_with_the_first_that_opened_any_of_it() -> None:
    hour = timedelta(hours=1)
    assert rules.pack_until(NOON, 14, []) == NOON + 14 * hour
    assert rules.pack_until(NOON, 14, [NOON + 20 * hour, NOON + 2 * hour]) == NOON + 2 * hour


def test_photographs_are_known_by_their_first_bytes() -> None:
    assert rules.photo_kind(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert rules.photo_kind(b"\x89PNG\r\n\x1a\n") == "image/png"
    assert rules.photo_kind(b"RIFF\x00\x00\x00\x00WEBPVP8 ") == "image/webp"
    assert rules.photo_kind(b"<svg onload=alert(1)>") == ""


def test_of_a_drawing_it_is_only_said_that_there_is_one() -> None:
    assert said({"name": "Ann Example", "drawing": "M1 2 3 4"}) == "Name: Ann Example; Drawn"
    assert said({"name": "Ann Example", "born": None}) == "Name: Ann Example; Born: nothing"

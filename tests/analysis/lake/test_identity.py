"""XXH64 against published values; known events against a set."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.analysis.lake.identity import KnownEvents, hash_text, xxh64

PRIME32, PRIME64 = 2654435761, 11400714785074694797


def sanity_bytes(size: int) -> np.ndarray:
    """The test bytes of xxHash's own sanity check (xsum_sanity_check.c)."""
    out, generator = np.zeros(size, np.uint8), PRIME32
    for index in range(size):
        out[index] = generator >> 56
        generator = generator * PRIME64 & (1 << 64) - 1
    return out


@pytest.mark.parametrize(
    ("size", "seed", "wanted"),
    [  # XSUM_XXH64_testdata, github.com/Cyan4973/xxHash
        (0, 0, 0xEF46DB3751D8E999),
        (0, PRIME32, 0xAC75FDA2929B17EF),
        (1, 0, 0xE934A84ADB052768),
        (1, PRIME32, 0x5014607643A9B4C3),
        (4, 0, 0x9136A0DCA57457EE),
        (14, 0, 0x8282DCC4994E35C8),
        (14, PRIME32, 0xC3BD6BF63DEB6DF0),
        (222, 0, 0xB641AE8CB691C174),
        (222, PRIME32, 0x20CB8AB7AE10C14A),
    ],
)
def test_xxh64_of_the_published_test_bytes(size, seed, wanted):
    assert xxh64(sanity_bytes(size), 0, size, np.uint64(seed)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a", 0xD24EC4F1A98C6E5B),
        ("abc", 0x44BC2CF5AD770999),
        ("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),
    ],
)
def test_xxh64_of_texts_as_python_xxhash_documents_them(text, wanted):
    assert hash_text(text) == wanted


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.booleans()), max_size=30),
        max_size=5,
    )
)
def test_what_is_new_against_sets_and_counters(files):
    """Identified events once ever; identical rows as often as the fullest file has them."""
    known = KnownEvents()
    seen: set[int] = set()
    most: Counter[int] = Counter()
    every: list[int] = []
    for blocks in files:
        known.start_file()
        here: Counter[int] = Counter()
        for key, by_row, usable in blocks:
            number = key + 1_000 if by_row else key
            ids = np.array([number], np.uint64)
            (fresh,) = known.admit(ids, np.array([by_row]), np.array([usable]))
            if not usable:
                assert not fresh
                continue
            if by_row:
                here[number] += 1
                assert fresh == (here[number] > most[number])
            else:
                assert fresh == (number not in seen)
                seen.add(number)
            every += [int(ids[0])] if fresh else []
        most |= here
    assert len(every) == len(set(every))


def test_known_events_grow():
    known = KnownEvents()
    ids = np.random.default_rng(1).integers(1, 1 << 63, 300_000, dtype=np.uint64)
    half = len(ids) // 2
    known.add(ids[:half])
    no, yes = np.zeros(len(ids), np.bool_), np.ones(len(ids), np.bool_)
    fresh = known.admit(ids.copy(), no, yes)
    assert fresh.tolist() == [False] * half + [True] * half

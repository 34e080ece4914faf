"""Who an event is: a 64-bit hash that is the same on every machine and in every version.

The hash is XXH64 (Yann Collet's published algorithm, little-endian by definition). Two different
events of 50 million share a hash with a probability of about 1 in 15,000.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.compiled import compiled
from triservice.analysis.lake.records import Bytes, Offsets, trim

Hashes = NDArray[np.uint64]

_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_P4 = np.uint64(0x85EBCA77C2B2AE63)
_P5 = np.uint64(0x27D4EB2F165667C5)
_TOUCHED = 512  # slots fetched ahead


@compiled
def _rotate(value: np.uint64, bits: int) -> np.uint64:
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))


@compiled
def _word(data: Bytes, at: int) -> np.uint64:
    value = np.uint64(0)
    for index in range(8):
        value |= np.uint64(data[at + index]) << np.uint64(8 * index)
    return value


@compiled
def _round(lane: np.uint64, word: np.uint64) -> np.uint64:
    return _rotate(lane + word * _P2, 31) * _P1


@compiled
def xxh64(data: Bytes, start: int, end: int, seed: np.uint64) -> np.uint64:
    """Return XXH64 of `data[start:end]` with `seed`."""
    at, size = start, end - start
    if size >= 32:
        a, b, c, d = seed + _P1 + _P2, seed + _P2, seed, seed - _P1
        while at + 32 <= end:
            a, b = _round(a, _word(data, at)), _round(b, _word(data, at + 8))
            c, d = _round(c, _word(data, at + 16)), _round(d, _word(data, at + 24))
            at += 32
        value = _rotate(a, 1) + _rotate(b, 7) + _rotate(c, 12) + _rotate(d, 18)
        zero = np.uint64(0)
        value = (value ^ _round(zero, a)) * _P1 + _P4
        value = (value ^ _round(zero, b)) * _P1 + _P4
        value = (value ^ _round(zero, c)) * _P1 + _P4
        value = (value ^ _round(zero, d)) * _P1 + _P4
    else:
        value = seed + _P5
    value += np.uint64(size)
    while at + 8 <= end:
        value = _rotate(value ^ _round(np.uint64(0), _word(data, at)), 27) * _P1 + _P4
        at += 8
    if at + 4 <= end:
        half = np.uint64(0)
        for index in range(4):
            half |= np.uint64(data[at + index]) << np.uint64(8 * index)
        value = _rotate(value ^ (half * _P1), 23) * _P2 + _P3
        at += 4
    while at < end:
        value = _rotate(value ^ (np.uint64(data[at]) * _P5), 11) * _P1
        at += 1
    value = (value ^ (value >> np.uint64(33))) * _P2
    value = (value ^ (value >> np.uint64(29))) * _P3
    return value ^ (value >> np.uint64(32))


def hash_text(text: str, seed: int = 0) -> np.uint64:
    """Return XXH64 of `text` in UTF-8."""
    data = np.frombuffer(text.encode(), np.uint8)
    return np.uint64(xxh64(data, 0, len(data), np.uint64(seed)))


@compiled
def hash_values(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    columns: NDArray[np.int64],
    seed: np.uint64,
    wanted: NDArray[np.bool_],
    hashes: Hashes,
) -> None:
    """Hash the trimmed values of `columns`, each seeding the next, into `hashes` (n,) if wanted."""
    for row in range(len(starts)):
        if wanted[row]:
            value = seed
            for column in columns:
                start, end = trim(data, starts[row, column], ends[row, column])
                value = xxh64(data, start, end, value)
            hashes[row] = value


@compiled
def _home(key: np.uint64, mask: np.uint64) -> np.uint64:
    """Return the slot where the search for a key begins."""
    return (key * _P1) >> np.uint64(32) & mask


@compiled
def _slot(keys: Hashes, key: np.uint64) -> int:
    """Return where `key` is, or the free slot where it belongs. 0 marks a free slot."""
    mask = np.uint64(len(keys) - 1)
    slot = _home(key, mask)
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return int(slot)


@compiled
def _insert_all(keys: Hashes, wanted: Hashes) -> int:
    added = 0
    for key in wanted:
        if key == 0:
            key = _P5
        slot = _slot(keys, key)
        if keys[slot] == 0:
            keys[slot] = key
            added += 1
    return added


@compiled
def _rehash(
    keys: Hashes, counts: NDArray[np.uint32], new: Hashes, new_counts: NDArray[np.uint32]
) -> None:
    for index in range(len(keys)):
        if keys[index] != 0:
            slot = _slot(new, keys[index])
            new[slot] = keys[index]
            if len(counts) > 1:
                new_counts[slot] = counts[index]


@compiled
def _admit(
    keys: Hashes,
    counts: NDArray[np.uint32],
    ids: Hashes,
    by_row: NDArray[np.bool_],
    usable: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
) -> tuple[int, np.uint64]:
    """Insert ids; see KnownEvents.admit. Returns (ids inserted, nothing of meaning)."""
    added, touched = 0, np.uint64(0)
    mask = np.uint64(len(keys) - 1)
    for row in range(len(ids)):
        if row % _TOUCHED == 0:
            # Fetch many slots at once: one after another, each would wait for the memory.
            for ahead in range(row, min(row + _TOUCHED, len(ids))):
                touched |= keys[_home(ids[ahead], mask)]
        fresh[row] = False
        if not usable[row]:
            continue
        key = ids[row]
        if key == 0:
            key = _P5
        slot = _slot(keys, key)
        if by_row[row]:
            if keys[slot] == 0:
                fresh[row] = True
                keys[slot] = key
                added += 1
            occurrence = counts[slot]
            counts[slot] += np.uint32(1)
            if occurrence > 0:
                value = key + np.uint64(occurrence) * _P3
                value = (value ^ (value >> np.uint64(33))) * _P2
                value = (value ^ (value >> np.uint64(29))) * _P1
                key = value ^ (value >> np.uint64(32))
                if key == 0:
                    key = _P5
                slot = _slot(keys, key)
                if keys[slot] == 0:
                    fresh[row] = True
                    keys[slot] = key
                    added += 1
        elif keys[slot] == 0:
            fresh[row] = True
            keys[slot] = key
            added += 1
        ids[row] = key
    return added, touched  # returned so that the compiler does not leave the fetching out


class KnownEvents:
    """The identities that a source already has in the lake, and those met in this import.

    Takes 16 to 24 bytes per event (8 more where rows carry no identifier of their own).
    """

    def __init__(self) -> None:
        """Start with none."""
        self._keys = np.zeros(1 << 16, np.uint64)
        self._counts = np.zeros(1, np.uint32)
        self._used = 0

    def add(self, ids: Hashes) -> None:
        """Remember events that are in the lake."""
        self._reserve(len(ids))
        self._used += _insert_all(self._keys, ids)

    def expect(self, events: int) -> None:
        """Make room for the events of a first file at once, instead of by doubling and copying."""
        if not self._used:
            self._reserve(events)

    def start_file(self) -> None:
        """Count occurrences of identical rows from the beginning again."""
        self._counts[:] = 0

    def admit(
        self, ids: Hashes, by_row: NDArray[np.bool_], usable: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return which `usable` rows (n,) are new events; `ids` (n,) become the events' own.

        Where `by_row`, the identity is the row itself: its k-th occurrence in this file gets its
        k-th identity, so that identical rows stay apart and a file published again does not
        count twice.
        """
        self._reserve(len(ids))
        if by_row.any() and len(self._counts) != len(self._keys):
            self._counts = np.zeros(len(self._keys), np.uint32)
        fresh = np.empty(len(ids), np.bool_)
        added, _ = _admit(self._keys, self._counts, ids, by_row, usable, fresh)
        self._used += added
        return fresh

    def _reserve(self, more: int) -> None:
        size = len(self._keys)
        while (self._used + more) * 10 > size * 7:
            size *= 2
        if size != len(self._keys):
            keys = np.zeros(size, np.uint64)
            counts = np.zeros(size if len(self._counts) > 1 else 1, np.uint32)
            _rehash(self._keys, self._counts, keys, counts)
            self._keys, self._counts = keys, counts


@compiled
def encode_words(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    keys: Hashes,
    key_codes: NDArray[np.int32],
    used: int,
    codes: NDArray[np.int32],
    first_rows: NDArray[np.int64],
) -> int:
    """Give each different trimmed value of a column a small number, `codes` (n,).

    `keys`, `key_codes` is the table so far, of `used` words; returns the words after this block.
    The rows at which new words appear first are written to `first_rows`, in order of their code.
    Stops early, returning -1, when the table is more than half full.
    """
    before = used
    for row in range(len(codes)):
        start, end = trim(data, starts[row], ends[row])
        key = xxh64(data, start, end, np.uint64(0))
        if key == 0:
            key = _P5
        slot = _slot(keys, key)
        if keys[slot] == 0:
            if used * 2 >= len(keys):
                return -1
            keys[slot] = key
            key_codes[slot] = used
            first_rows[used - before] = row
            used += 1
        codes[row] = key_codes[slot]
    return used


@compiled
def move_words(
    keys: Hashes, codes: NDArray[np.int32], new_keys: Hashes, new_codes: NDArray[np.int32]
) -> None:
    """Copy a table of words to a larger one."""
    for index in range(len(keys)):
        if keys[index] != 0:
            slot = _slot(new_keys, keys[index])
            new_keys[slot] = keys[index]
            new_codes[slot] = codes[index]

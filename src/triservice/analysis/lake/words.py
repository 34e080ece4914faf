"""Columns of few different words: each word once, rows as small numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.identity import encode_words, move_words
from triservice.analysis.lake.reading import Block
from triservice.kernel.errors import InputError

Codes = NDArray[np.int32]
NOTHING = -1


class Words:
    """The different words met so far, in the order in which they came; the same for all blocks."""

    def __init__(self) -> None:
        """Start with none."""
        self.list: list[str] = []
        self._codes: dict[str, int] = {}

    def code(self, word: str) -> int:
        """Return the number of a word, giving it one when it is new."""
        code = self._codes.get(word)
        if code is None:
            code = self._codes[word] = len(self.list)
            self.list.append(word)
        return code


class WordColumn:
    """One column of a file, read as words.

    `read` turns a value of the column into its word, or None when it says nothing.
    """

    def __init__(
        self, column: int, name: str, words: Words, read: Callable[[str], str | None], most: int
    ) -> None:
        """Refuse a column with more than `most` different values."""
        self.column, self.name, self.words, self.read, self.most = column, name, words, read, most
        self._keys = np.zeros(1 << 12, np.uint64)
        self._key_codes = np.zeros(1 << 12, np.int32)
        self._used = 0
        self._word_of = np.zeros(0, np.int32)

    def codes(self, block: Block) -> Codes:
        """Return the word of each row (n,), NOTHING where it says nothing."""
        n = len(block)
        codes = np.empty(n, np.int32)
        first_rows = np.empty(n, np.int64)
        starts, ends = block.starts[:, self.column], block.ends[:, self.column]
        while True:
            keys, key_codes = self._keys.copy(), self._key_codes.copy()
            used = encode_words(
                block.data, starts, ends, keys, key_codes, self._used, codes, first_rows
            )
            if used >= 0:
                break
            self._grow()
        self._keys, self._key_codes = keys, key_codes
        if used > self.most:
            raise InputError(
                f"has more than {self.most:,} different values",
                field=self.name,
                do="Map a column of categories, not of names, notes or identifiers.",
            )
        if used > self._used:
            new = [block.value(row, self.column) for row in first_rows[: used - self._used]]
            read = (self.read(value) for value in new)
            found = [NOTHING if word is None else self.words.code(word) for word in read]
            self._word_of = np.concatenate([self._word_of, np.array(found, np.int32)])
            self._used = used
        return self._word_of[codes]

    def _grow(self) -> None:
        """Double the table: the words are met again from their stored keys."""
        size = len(self._keys) * 4
        keys, key_codes = np.zeros(size, np.uint64), np.zeros(size, np.int32)
        move_words(self._keys, self._key_codes, keys, key_codes)
        self._keys, self._key_codes = keys, key_codes

"""What is counted of one file while it is imported."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from triservice.analysis.lake.conversion import SERVICES, Converted
from triservice.analysis.lake.mapping import UNMAPPED
from triservice.analysis.lake.parts import count_values, month_name
from triservice.analysis.lake.quarantine import CODES, REASONS
from triservice.analysis.lake.words import NOTHING


def moment_text(micros: int | None) -> str | None:
    """Return microseconds since 1970 in UTC as an ISO time."""
    if micros is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat()


class Tally:
    """What is counted of one file."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.rows = self.accepted = self.duplicates = 0
        self.without_coordinates = self.outside = 0
        self.first: int | None = None
        self.last: int | None = None
        self._reasons = np.zeros(len(REASONS), np.int64)
        self._months: Counter[tuple[int, int]] = Counter()
        self._categories: Counter[tuple[int, int]] = Counter()

    def count(self, made: Converted, accepted: Any) -> None:
        """Count a block whose events at `accepted` were taken."""
        n = len(made.ids)
        self.rows += n
        self.accepted += len(accepted)
        self._reasons += np.bincount(made.faults.codes, minlength=len(REASONS))
        self.duplicates = sum(
            int(self._reasons[c]) for c, r in enumerate(REASONS) if r.kind == "duplicate"
        )
        if not len(accepted):
            return
        self.outside += int(np.count_nonzero(made.outside[accepted]))
        impossible = int(np.count_nonzero(made.impossible[accepted]))
        self._reasons[CODES["impossible-location"]] += impossible
        easting = made.columns.get("easting")
        self.without_coordinates += (
            len(accepted) if easting is None else int(np.count_nonzero(np.isnan(easting[accepted])))
        )
        self._count_months(made, accepted)
        self._count_categories(made, accepted)

    def _count_months(self, made: Converted, accepted: Any) -> None:
        keys = made.month[accepted] * len(SERVICES) + made.service[accepted]
        for key, count in zip(*count_values(keys), strict=True):
            month, service = divmod(int(key), len(SERVICES))
            self._months[service, month] += int(count)
        begins = made.columns["time_from"][accepted]
        low, high = int(begins.min()), int(begins.max())
        self.first = low if self.first is None else min(low, self.first)
        self.last = high if self.last is None else max(high, self.last)

    def _count_categories(self, made: Converted, accepted: Any) -> None:
        words = made.columns.get("source_category")
        if words is None:
            return
        # Each word has one category: of the first row that holds the word.
        words, categories = words[accepted], made.columns["category"][accepted]
        found, counts = count_values(words)
        category_of = np.zeros(int(found[-1]) + 2, np.int64)
        category_of[words] = categories
        for word, count in zip(found, counts, strict=True):
            self._categories[int(word), int(category_of[word])] += int(count)

    def by_kind(self, kind: str) -> dict[str, int]:
        """Return reason → rows of one kind."""
        return {
            r.slug: int(self._reasons[c])
            for c, r in enumerate(REASONS)
            if c and r.kind == kind and self._reasons[c]
        }

    def months(self) -> dict[str, dict[str, int]]:
        """Return service → month → events."""
        found: dict[str, dict[str, int]] = {}
        for (service, month), count in sorted(self._months.items()):
            found.setdefault(str(SERVICES[service]), {})[month_name(month)] = count
        return found

    def unmapped(self, words: list[str], categories: list[str]) -> dict[str, int]:
        """Return source category → events whose category is unmapped, most first."""
        found: Counter[str] = Counter()
        for (word, category), count in self._categories.items():
            if categories[category] == UNMAPPED:
                found["" if word == NOTHING else words[word]] += count
        return dict(found.most_common())

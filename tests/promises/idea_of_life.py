"""What should be open in the life of a partnership, worked out beside the database.

Small on purpose, so that it can be read against docs/explanation/trust.md; `test_life.py` compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from triservice.kernel.access_words import DataClass, Mode


@dataclass
class Opened:
    """What is known of an opening: to whom, of which rows, until when, and how."""

    reader: str
    rows: frozenset[int]
    ends: datetime
    glass: bool
    key: int
    live: bool = True


@dataclass
class Idea:
    """What should be open, from the terms, the openings and the restrictions there are."""

    parts: dict[int, tuple[str, DataClass]]  # whose each part is, and of which class
    terms: dict[int, tuple[str, str, DataClass, Mode]] = field(default_factory=dict)
    state: str = "in force"
    openings: list[Opened] = field(default_factory=list)
    restricted: dict[int, set[str]] = field(default_factory=dict)  # part → who is on its list

    def open_to(self, kind: str, at: datetime) -> frozenset[int]:
        """Return the parts with a live basis for the officer of an agency."""
        return frozenset(part for part in self.parts if self._should(kind, part, at))

    def _should(self, kind: str, part: int, at: datetime) -> bool:
        owner, data_class = self.parts[part]
        if part in self.restricted and kind not in self.restricted[part]:
            return False
        if owner == kind:
            return True
        if self.state != "in force":
            return False
        modes = {
            mode
            for giver, taker, its_class, mode in self.terms.values()
            if (giver, taker, its_class) == (owner, kind, data_class)
        }
        mine = [
            each
            for each in self.openings
            if each.reader == kind and each.live and part in each.rows and at < each.ends
        ]
        if Mode.NEVER in modes:
            return False
        return (
            Mode.OPEN in modes
            or (Mode.ON_APPROVAL in modes and any(not each.glass for each in mine))
            or any(each.glass for each in mine)
        )

"""Numbers in sentences."""

from __future__ import annotations


def many(count: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: many(1, "row") is '1 row', many(2000, "row") '2,000 rows'."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"

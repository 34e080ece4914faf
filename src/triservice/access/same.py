"""Who is one with whom, as the rooms above know it: a conflict or an opening is about them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

Same = Callable[[UUID], Iterable[UUID]]
_SAME: list[Same] = []


def same_subject(find: Same) -> Same:
    """Register how the keys of those are found who are one with a subject, as they are now."""
    _SAME.append(find)
    return find


def keys_of(subject: UUID) -> set[UUID]:
    """Return the keys of all who are one with a subject now, itself among them."""
    return {subject, *(key for find in _SAME for key in find(subject))}

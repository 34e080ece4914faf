"""Whom or where a subject's key stands for, in words, as far as a reader may see it.

Rooms above know people and places, and register how they are told; while none has, nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from triservice.access.record import Record

NOT_TOLD = "somebody or some place that nothing open to you names"


@dataclass(frozen=True, slots=True)
class About:
    """Somebody or some place: the name ("" when it is withheld) and the address of the page."""

    name: str
    page: str


Tell = Callable[[Record, Collection[UUID], int | None], Mapping[UUID, About]]
_TELL: list[Tell] = []


def tells_about(tell: Tell) -> Tell:
    """Register a function (record, keys, owner) → those of them that the reader may know of.

    With an owner, out of what that agency holds; what it reads is noted in the record.
    """
    _TELL.append(tell)
    return tell


def told_about(
    record: Record, keys: Iterable[UUID | None], owner: int | None = None
) -> dict[UUID, About]:
    """Return whom or where keys stand for; of whom nothing is open to the reader, nothing."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    return {key: one for tell in _TELL for key, one in tell(record, wanted, owner).items()}


def named(about: About | None) -> str:
    """Return the name for a sentence, or in words that it is not told."""
    return about.name if about and about.name else NOT_TOLD

"""The one clock: every room asks it for the time, so that a test can set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_FROZEN: ContextVar[datetime | None] = ContextVar("frozen", default=None)
_ahead = timedelta()  # of the whole process: a context does not reach the threads of a server


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return _FROZEN.get() or datetime.now(UTC) + _ahead


def ahead() -> timedelta:
    """Return by how much a test set this clock ahead: what asks another one adds it."""
    at = _FROZEN.get()
    return at - datetime.now(UTC) if at else _ahead


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) inside the block. For tests and replays.

    Raises ValueError when `at` names no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("the clock needs an aware datetime")
    token = _FROZEN.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _FROZEN.reset(token)


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Let every thread's clock run `by` ahead inside the block; blocks add up. For tests."""
    global _ahead
    _ahead += by
    try:
        yield
    finally:
        _ahead -= by

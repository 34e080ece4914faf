"""Keys that a client makes before anything is sent, so that sending twice does a thing once."""

from __future__ import annotations

import secrets
from uuid import UUID

from triservice.kernel import clock


def new_key() -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then 74 that nobody can guess.

    Keys made later sort later, so that an index on them grows at one end.
    """
    milliseconds = int(clock.now().timestamp() * 1000) & (2**48 - 1)
    value = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64
    return UUID(int=value | 0b10 << 62 | secrets.randbits(62))

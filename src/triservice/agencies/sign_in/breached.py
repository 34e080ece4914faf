"""Passwords that were breached elsewhere, looked up in a file of their SHA-1 hashes.

The file is what the Pwned Passwords downloader writes: a line `HASH:COUNT` for each password,
sorted by the hash. Nothing is asked of the network, and no password leaves this machine.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

LINE = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\r?\n?")
DIGITS = 40  # of a SHA-1 in hexadecimal
SAMPLES = 200


def is_breached(password: str, file: Path) -> bool:
    """Whether the file holds a password: some 35 reads, however long the file. Raises OSError."""
    # The format asks for SHA-1; how passwords are kept here is another matter (Argon2id).
    sought = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as lines:
        low, high = 0, os.fstat(lines.fileno()).st_size
        while low < high:
            middle = (low + high) // 2
            found = _after(lines, middle)
            if not found or found >= sought:
                high = middle
            else:
                low = middle + 1
        return _after(lines, low) == sought


def _after(lines: BinaryIO, at: int) -> bytes:
    """Return the hash of the first line that begins after a byte; of the first line for 0."""
    lines.seek(at)
    if at:
        lines.readline()
    return lines.readline()[:DIGITS].upper()


def fault(file: Path) -> str | None:
    """Return what is wrong with a file of hashes by lines all through it; None: nothing."""
    try:
        with file.open("rb") as lines:
            size, last = os.fstat(lines.fileno()).st_size, b""
            if not size:
                return "is empty"
            for part in range(SAMPLES):
                at = size * part // SAMPLES
                lines.seek(at)
                if at:
                    lines.readline()
                line = lines.readline()
                if line and not LINE.fullmatch(line):
                    return f"has a line near byte {at:,} that is no SHA-1 hash with a count"
                if line and line[:DIGITS].upper() < last:
                    return "is not sorted by the hash"
                last = line[:DIGITS].upper() or last
    except OSError as error:
        return f"cannot be read ({type(error).__name__})"
    return None

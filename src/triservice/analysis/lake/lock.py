"""One import at a time on a lake. The lock goes with its process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from triservice.analysis.lake.store import writing
from triservice.kernel.errors import InputError


@contextmanager
def import_lock(root: Path) -> Iterator[None]:
    """Hold the lake in `root` for writing.

    Raises InputError when another import holds it, and when its folder cannot be written.
    """
    path = root / ".lock"
    with writing(root):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _take(handle)
        except OSError:
            holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            raise InputError(
                f"another import is writing to this lake (process {holder})",
                file=root,
                kept="Nothing was changed.",
                do="Wait until it is done and run the same command again.",
            ) from None
        with writing(root):
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

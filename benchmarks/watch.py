"""A watch on a call: by the clock, and in processor time, so that what others do adds nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


class Watch:
    """Times a call by the clock and in processor time, that of a local PostgreSQL included."""

    def __init__(self) -> None:
        """Find the process that serves this connection."""
        from django.db import connection

        self.server = ""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.server = f"/proc/{cursor.fetchone()[0]}/stat"

    def worked(self) -> float:
        """Return seconds of processor time so far."""
        with suppress(OSError):
            told = Path(self.server).read_text(encoding="ascii").rsplit(")", 1)[1].split()
            ticks = int(told[11]) + int(told[12])
            return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")
        return time.process_time()

    def __call__(self, do: Callable[[], Any]) -> tuple[Any, float, float]:
        """Return the answer, and milliseconds by the clock and of processor time."""
        worked, start = self.worked(), time.perf_counter()
        answer = do()
        return answer, 1000 * (time.perf_counter() - start), 1000 * (self.worked() - worked)

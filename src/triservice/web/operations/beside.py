"""The processes beside the server: background jobs, and what goes by the clock.

However long a job takes, a lone officer is looked for. Each finishes what it is at when told to
stop; one that ends untold is started again, after a pause that grows.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from mmap import mmap
from time import monotonic
from types import TracebackType

from triservice.terminal import say

BESIDE = {
    "background jobs": ("triservice.web.manage", "db_worker"),
    "what goes by the clock": ("triservice", "due", "--every", "60"),
}
PAUSES = (1, 5, 15, 60, 300)  # seconds before the first, second, … start again; the last goes on
SOUND = 600  # seconds that one must live before what it did earlier is forgotten
FINISHES = 30  # seconds that one is waited for in the end
log = logging.getLogger(__name__)
# How often each ended of late. The processes that answer are forks of this one, and share it.
_ends = mmap(-1, len(BESIDE))


def is_sound() -> bool:
    """Whether no process beside this server ended untold of late. For the health of the server."""
    return not any(_ends[:])


@dataclass
class _Kept:
    """One of them: it runs since a moment, or is to be started at a moment."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    at: float = 0.0


class Beside:
    """Start what runs beside the server, keep it running while `look` is called, stop it."""

    def __init__(self, wanted: bool = True) -> None:
        """Start nothing yet; without `wanted`, nothing later either."""
        self.kept = [_Kept(name) for name in BESIDE] if wanted else []
        self.owner = os.getpid()

    def look(self) -> None:
        """Start what is to be started, and see what ended. Costs nothing; call it each second."""
        for place, one in enumerate(self.kept):
            at = monotonic()
            if one.process is None:
                if at >= one.at:
                    self._start(one)
            elif one.process.poll() is not None:
                pause = PAUSES[min(_ends[place], len(PAUSES) - 1)]
                _ends[place] = min(_ends[place] + 1, 255)
                one.process, one.at = None, at + pause
                log.error("%s ended, and is started again in %d seconds", one.name, pause)
            elif _ends[place] and at - one.at > SOUND:
                _ends[place] = 0

    @staticmethod
    def _start(one: _Kept) -> None:
        """Start it; where there is no room for another process now, the server goes on without."""
        try:
            one.process = subprocess.Popen([sys.executable, "-m", *BESIDE[one.name]])
        except OSError as error:
            log.error("%s did not start: %s", one.name, type(error).__name__)
            one.at = monotonic() + PAUSES[-1]
        else:
            one.at = monotonic()

    def __enter__(self) -> Beside:
        self.look()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Tell all of them to stop, and wait. A fork that answers pages leaves here too: not it."""
        if os.getpid() != self.owner:
            return
        running = [(one.name, one.process) for one in self.kept if one.process]
        for _, process in running:
            process.terminate()
        for name, process in running:
            try:
                process.wait(timeout=FINISHES)
            except subprocess.TimeoutExpired:
                say(f"triservice: {name}: it finishes what it is at, and ends by itself.")

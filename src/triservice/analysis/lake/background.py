"""One thread that works through calls in order, some waiting."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

WAITING = 8  # writing comes in bursts: with two waiting, reading stood still a quarter of the time


class Background:
    """Runs calls one after another beside the thread that asks for them.

    An error of a call is raised in the asking thread, at its next `call` or at `finish`; the
    calls behind it are not made.
    """

    def __init__(self, name: str) -> None:
        """Start the thread."""
        self._waiting: queue.Queue[tuple[Callable[..., Any], tuple[Any, ...]] | None] = queue.Queue(
            maxsize=WAITING
        )
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Have a call made; waits while WAITING others wait."""
        self._raise()
        self._waiting.put((function, arguments))

    def finish(self) -> None:
        """Wait until all calls are made."""
        self.stop()
        self._raise()

    def stop(self) -> None:
        """Wait for the thread to end, whatever happened."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            if self._error is None:
                function, arguments = item
                try:
                    function(*arguments)
                except BaseException as error:  # raised again where the call was asked for
                    self._error = error

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, RuntimeError("stopped after an error")
            raise error

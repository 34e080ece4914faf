"""Every moment at which an import touches the disk, numbered, and something that happens at one."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq

TOUCHES: tuple[tuple[Any, str], ...] = (
    (os, "replace"),
    (os, "fsync"),
    (Path, "replace"),
    (Path, "mkdir"),
    (pq.ParquetWriter, "write_table"),
    (pq.ParquetWriter, "close"),
)
REMOVALS: tuple[tuple[Any, str], ...] = ((shutil, "rmtree"), (Path, "unlink"))


class Moments:
    """Counts the calls; does `happens(name)` before the call whose number is `at`."""

    def __init__(
        self,
        at: int,
        happens: Callable[[str], None],
        touches: tuple[tuple[Any, str], ...] = TOUCHES,
    ) -> None:
        self.at, self.happens, self.touches = at, happens, touches
        self.names: list[str] = []

    def __enter__(self) -> Moments:
        self._patches = [
            mock.patch.object(owner, name, self._wrap(f"{owner.__name__}.{name}", owner, name))
            for owner, name in self.touches
        ]
        for patch in self._patches:
            patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        for patch in self._patches:
            patch.stop()

    def _wrap(self, label: str, owner: Any, name: str) -> Callable[..., Any]:
        real = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            self.names.append(label)
            if len(self.names) == self.at:
                self.happens(label)
            return real(*arguments, **options)

        return call


def no_room(_: str) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _die(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at_every_moment(folder: Path, mapping: str, files: list[str], options: list[str]) -> int:
    """Import in one process after another, each killed one moment later; return how many died.

    Each works on a lake of its own, `folder/<moment>`, made by copying `folder/before`.
    """
    from triservice.analysis.lake.importing import import_files

    shutil.copytree(folder / "before", folder / "warm")  # what is compiled is loaded once
    import_files(folder / "warm", mapping, files, replace="--replace" in options)
    moment = 1
    while True:
        lake = folder / str(moment)
        shutil.copytree(folder / "before", lake)
        child = os.fork()
        if not child:
            try:
                with Moments(moment, _die, (*TOUCHES, *REMOVALS)):
                    import_files(lake, mapping, files, replace="--replace" in options)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return moment - 1
        moment += 1


if __name__ == "__main__":
    where, mapping_path, *rest = sys.argv[1:]
    paths = [one for one in rest if not one.startswith("--")]
    print(kill_at_every_moment(Path(where), mapping_path, paths, rest))

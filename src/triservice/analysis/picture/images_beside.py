"""The maps drawn by a process of their own, while this one writes the page and the layers.

Drawing takes about as long as all other files together, and a computer has a second core.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from triservice.analysis.picture.model import Picture

Images = list[tuple[str, bytes]]


@contextmanager
def drawing(picture: Picture) -> Iterator[Callable[[], Images]]:
    """Start to draw; the function given returns what `draw_images` does, once it is done.

    Where no second Python can be started (inside another program, say) it draws here instead.
    """
    command = [sys.executable or "python3", "-m", __name__]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    try:
        other = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere)
    except OSError:
        yield lambda: _draw(picture)
        return

    def finish() -> Images:
        drawn, _ = other.communicate()
        return _draw(picture) if other.returncode else list(pickle.loads(drawn))

    with other:
        try:
            _give(other, picture)
            yield finish
        finally:
            other.kill()  # nobody waits for the maps of a report that failed


def _give(other: subprocess.Popen[bytes], picture: Picture) -> None:
    assert other.stdin is not None
    try:
        with other.stdin as stream:
            pickle.dump(picture, stream)
    except OSError:
        pass  # it ended before it had read all, and its return code says so
    other.stdin = None  # closed: `communicate` leaves it alone


def _draw(picture: Picture) -> Images:
    from triservice.analysis.picture.images import draw_images  # matplotlib: a second

    return list(draw_images(picture))


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(_draw(pickle.load(sys.stdin.buffer))))

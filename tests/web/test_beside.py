"""What runs beside the server is started again when it ended, after growing pauses, and said."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from triservice.web import health
from triservice.web.operations import beside
from triservice.web.operations.beside import BESIDE, PAUSES, SOUND, Beside


class Process:
    """One that lives until a test ends it, and finishes when told to stop, or not."""

    def __init__(self, words: list[str]) -> None:
        self.words, self.ended, self.told = words, False, False
        self.stops = True

    def poll(self) -> int | None:
        return 0 if self.ended else None

    def terminate(self) -> None:
        self.told = True

    def wait(self, timeout: float) -> int:
        if not self.stops:
            raise subprocess.TimeoutExpired(self.words, timeout)
        return 0


class Bench:
    """A clock to be set, and the processes that were started."""

    now = 0.0

    def __init__(self) -> None:
        self.started: list[Process] = []

    def start(self, words: list[str]) -> Process:
        self.started.append(Process(words))
        return self.started[-1]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench()
    monkeypatch.setattr(beside.subprocess, "Popen", made.start)
    monkeypatch.setattr(beside, "monotonic", lambda: made.now)
    yield made
    beside._ends[:] = bytes(len(BESIDE))


def test_one_that_ends_is_started_again_after_pauses_that_grow(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with Beside() as kept:
        assert [process.words[2:] for process in bench.started] == [*map(list, BESIDE.values())]
        for pause in (*PAUSES, PAUSES[-1]):
            bench.started[-1].ended = True
            kept.look()
            assert f"what goes by the clock ended, and is started again in {pause}" in caplog.text
            assert not health.TOLD["beside"]()
            before = len(bench.started)
            bench.now += pause - 0.5
            kept.look()
            assert len(bench.started) == before
            bench.now += 0.5
            kept.look()
            assert bench.started[-1].words[2:] == list(BESIDE["what goes by the clock"])
            assert len(bench.started) == before + 1
        bench.now += SOUND + 1
        kept.look()
        assert health.TOLD["beside"]()
        bench.started[-1].ended = True
        kept.look()
        assert caplog.messages[-1].endswith(f"in {PAUSES[0]} seconds")
    assert bench.started[0].told
    assert not bench.started[-1].told  # it had ended


def test_where_there_is_no_room_for_another_process_the_server_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: list[str]) -> Process:
        raise BlockingIOError

    with Beside() as kept:
        begun = len(bench.started)
        bench.started[-1].ended = True
        kept.look()
        bench.now += PAUSES[0]
        monkeypatch.setattr(beside.subprocess, "Popen", full)
        kept.look()
        assert "did not start: BlockingIOError" in caplog.text
        monkeypatch.setattr(beside.subprocess, "Popen", bench.start)
        bench.now += PAUSES[-1]
        kept.look()
        assert len(bench.started) == begun + 1


def test_one_that_is_not_done_yet_ends_by_itself_and_a_fork_stops_none(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Beside():
        bench.started[0].stops = False
    assert "background jobs: it finishes what it is at" in capsys.readouterr().err
    with Beside(wanted=False):
        assert len(bench.started) == 2
    with Beside() as kept:
        kept.owner = -1  # as in a process that answers pages
    assert not any(process.told for process in bench.started[2:])

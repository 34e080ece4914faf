"""`triservice due` before and after there are tables, and when a part of it fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event, Semaphore, Thread
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from django.db import connection

from triservice.access import jobs, lease
from triservice.access.jobs import JOBS
from triservice.access.models import ClockJob, Clockwork
from triservice.kernel import clock
from triservice.kernel.errors import InputError


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("TRISERVICE_")}
    env |= {"TRISERVICE_DATA": str(data)}
    command = [sys.executable, "-c", "from triservice.cli import main; main()", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.long
def test_due_says_what_is_missing_then_does_it(tmp_path: Path) -> None:
    first = run(tmp_path, "due")
    assert first.returncode != 0
    assert "The database has no tables yet. Run triservice migrate first." in first.stderr
    assert run(tmp_path, "migrate").returncode == 0
    done = run(tmp_path, "due", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == dict.fromkeys(JOBS, 0)


@pytest.mark.django_db
def test_one_that_fails_holds_up_no_other_and_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fails() -> int:
        raise LookupError("Morwenna Trevanion")

    def does(name: str) -> jobs.Job:
        return lambda: done.append(name) or 1  # type: ignore[func-returns-value]

    monkeypatch.setattr(jobs, "JOBS", {})
    monkeypatch.setattr(jobs, "TURNS", {})
    jobs.by_the_clock("sending", jobs.LAST)(does("sending"))
    jobs.by_the_clock("one that fails")(fails)
    jobs.by_the_clock("looks through much", jobs.SELDOM)(does("looks through much"))
    jobs.by_the_clock("usual")(does("usual"))
    jobs.by_the_clock("safety", jobs.FIRST)(does("safety"))
    with pytest.raises(InputError, match="one that fails \\(LookupError\\)"):
        jobs.run_due()
    assert done == ["safety", "usual", "looks through much", "sending"]
    assert "LookupError in" in caplog.text
    ran = jobs.last_run()
    assert ran is not None
    assert (ran.busy_until, jobs.is_late(ran)) == (None, False)
    assert jobs.troubles() == ["one that fails failed (LookupError)"]
    assert "Morwenna" not in caplog.text + str([*ClockJob.objects.values()])

    del jobs.JOBS["one that fails"], done[:]
    assert jobs.run_due(everything=False) == {"safety": 1, "usual": 1, "sending": 1}
    assert jobs.troubles() == []
    with clock.moved(jobs.OFTEN):
        assert "looks through much" in (jobs.run_due(everything=False) or {})
    assert jobs.run_due(stopped=lambda: True) == {}


@pytest.mark.django_db
def test_what_failed_is_said_until_it_is_done_also_while_it_is_not_its_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "JOBS", {"patterns": lambda: 1 // 0, "usual": lambda: 1})
    monkeypatch.setattr(jobs, "TURNS", {"patterns": jobs.SELDOM})
    with pytest.raises(InputError):
        jobs.run_due(everything=False)
    for _ in range(2):
        assert jobs.run_due(everything=False) == {"usual": 1}
        assert jobs.troubles() == ["patterns failed (ZeroDivisionError)"]
    monkeypatch.setitem(jobs.JOBS, "patterns", lambda: 1)
    with clock.moved(jobs.OFTEN):
        jobs.run_due(everything=False)
        assert jobs.troubles() == []


@pytest.mark.django_db
def test_a_job_longer_than_the_turn_is_done_by_one_server_and_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock goes on during the job; what renews the turn is called as its thread calls it."""
    beside: list[object] = []
    ahead = ExitStack()

    def long() -> int:
        for _ in range(5):
            ahead.enter_context(clock.moved(lease.HELD * 0.9))
            assert beside_job()
            held[0].renew()
            beside.append(jobs.run_due())  # the other server leaves it to this one
        return 1

    held: list[lease.Lease] = []
    take = lease.Lease.take
    monkeypatch.setattr(lease.Lease, "take", lambda self: held.append(self) or take(self))
    monkeypatch.setattr(jobs, "JOBS", {"long": long, "after": lambda: 1})
    with ahead:
        assert jobs.run_due() == {"long": 1, "after": 1}
        assert beside == [None] * 5
        ran = jobs.last_run()
        assert ran is not None
        assert (ran.busy_until, jobs.is_late(ran)) == (None, False)


def test_the_turn_is_renewed_beside_a_job_until_the_job_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renewed = Semaphore(0)

    def renew(self: lease.Lease) -> bool:
        renewed.release()
        raise OSError  # a database that is away is asked again

    monkeypatch.setattr(lease.Lease, "renew", renew)
    monkeypatch.setattr(lease, "RENEWED", timedelta(milliseconds=1))
    with lease.Lease().renewed():
        assert renewed.acquire(timeout=10)
        assert renewed.acquire(timeout=10)
    monkeypatch.setattr(lease, "LONGEST", timedelta())
    with lease.Lease().renewed():
        for beside in beside_job():
            beside.join(timeout=10)
        assert not beside_job()


def test_what_renews_the_turn_and_gets_no_answer_holds_up_nobody_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answered = Event(), Event()

    def renew(self: lease.Lease) -> bool:
        asked.set()
        return answered.wait(timeout=10)

    monkeypatch.setattr(lease.Lease, "renew", renew)
    monkeypatch.setattr(lease, "RENEWED", timedelta(milliseconds=1))
    monkeypatch.setattr(lease, "STOPPING", 0.01)
    with lease.Lease().renewed():
        assert asked.wait(timeout=10)
    (beside,) = beside_job()  # waits still, and is not waited for
    answered.set()
    beside.join(timeout=10)


@pytest.mark.django_db
def test_servers_whose_clocks_differ_take_turns_by_the_clock_of_the_database() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is a file on one machine (run: python tests/postgres.py pytest …)")
    first = lease.Lease()
    assert first.take()
    at = datetime.now(UTC) + lease.HELD * 2
    with pytest.MonkeyPatch.context() as fast:
        fast.setattr(clock, "now", lambda: at)
        assert not lease.Lease().take()
        assert first.renew()
    assert not lease.Lease().take()


def beside_job() -> list[Thread]:
    return [thread for thread in enumerate_threads() if thread.name == lease.BESIDE]


@pytest.mark.django_db
def test_a_turn_that_another_took_is_not_given_back_nor_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A job that hung: another server went on, and is at it when the first one wakes."""
    other = lease.Lease()

    def hangs() -> int:
        ahead.enter_context(clock.moved(lease.HELD + timedelta(seconds=1)))
        assert other.take()
        return 1

    monkeypatch.setattr(jobs, "JOBS", {"hangs": hangs, "after": lambda: 1})
    with ExitStack() as ahead:
        assert jobs.run_due() == {"hangs": 1}
        assert other.renew()
        assert not ClockJob.objects.get(pk="hangs").ended_at  # the other may have begun it anew
    assert jobs.last_run() is None


class Killed(BaseException):
    """As a power cut: nothing after it is written."""


@pytest.mark.django_db
def test_killed_between_any_two_statements_it_goes_on_and_holds_up_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    names = ("safety", "usual", "patterns")
    monkeypatch.setattr(jobs, "JOBS", {name: partial(_does, done, name) for name in names})
    monkeypatch.setattr(jobs, "TURNS", {"safety": jobs.FIRST, "patterns": jobs.SELDOM})
    jobs.run_due()
    for at in count(1):
        with ExitStack() as ahead:
            ahead.enter_context(clock.moved(jobs.OFTEN * at * 2))
            del done[:]
            was_killed = _killed_at(at)
            before = [*done]
            if was_killed and Clockwork.objects.get().busy_until:
                assert jobs.run_due(everything=False) is None
            ahead.enter_context(clock.moved(lease.HELD))
            assert {"safety", "usual"} <= {*(jobs.run_due(everything=False) or {})}
            assert {*done} == {*names} or jobs.troubles() == ["patterns was begun and not ended"]
            assert done.count("patterns") <= 1  # begun is begun: not again within the hour
            assert not jobs.is_late(jobs.last_run())
            if before and len(before) < len(names) and jobs.troubles():
                assert done[len(before) :] == ["safety", "usual"]
        if not was_killed:
            break
    assert at > 10


@pytest.mark.django_db
def test_what_took_the_process_down_comes_last_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    def kills() -> int:
        raise Killed

    jobs_now: dict[str, jobs.Job] = {"kills": kills, "usual": partial(_does, done, "usual")}
    monkeypatch.setattr(jobs, "JOBS", jobs_now)
    for _ in range(2):
        with pytest.raises(Killed):
            jobs.run_due()
    assert done == ["usual"]
    assert jobs.troubles() == ["kills was begun and not ended"]
    monkeypatch.setattr(jobs, "TURNS", {"kills": jobs.FIRST})  # lives may hang on it
    with pytest.raises(Killed):
        jobs.run_due()
    assert done == ["usual"]


def _does(done: list[str], name: str) -> int:
    done.append(name)
    return 1


def _killed_at(at: int) -> bool:
    """Run what is due, and end before the `at`-th statement; return whether it came to that."""
    left = at

    def around(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        left -= 1
        if left <= 0:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(around):
        try:
            jobs.run_due(everything=False)
        except Killed:
            return True
    return False


@pytest.mark.django_db
def test_one_server_at_a_time_and_one_that_was_killed_does_not_hold_it_up_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside: list[object] = []
    monkeypatch.setattr(jobs, "JOBS", {"one": lambda: beside.append(jobs.run_due()) or 1})
    assert jobs.run_due() == {"one": 1}
    assert beside == [None]  # the other server left it to this one
    assert lease.Lease().take()  # killed in the middle
    assert jobs.run_due() is None
    with clock.moved(lease.HELD + timedelta(seconds=1)):
        monkeypatch.setattr(jobs, "JOBS", {"one": lambda: 1})
        assert jobs.run_due() == {"one": 1}


def test_whose_safety_it_is_comes_first_and_the_network_last() -> None:
    assert jobs.TURNS["officers not heard of after a visit"] == jobs.FIRST
    assert jobs.TURNS["onward referrals sent to services"] == jobs.LAST

"""`triservice due` before and after there are tables, and when a part of it fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from triservice.access import jobs
from triservice.access.jobs import JOBS
from triservice.access.models import Clockwork
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
    assert ran.failed == "one that fails (LookupError)"
    assert "Morwenna" not in caplog.text + ran.failed

    del jobs.JOBS["one that fails"], done[:]
    assert jobs.run_due(everything=False) == {"safety": 1, "usual": 1, "sending": 1}
    with clock.moved(jobs.OFTEN):
        assert "looks through much" in (jobs.run_due(everything=False) or {})
    assert jobs.run_due(stopped=lambda: True) == {}


@pytest.mark.django_db
def test_one_server_at_a_time_and_one_that_was_killed_does_not_hold_it_up_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside: list[object] = []
    monkeypatch.setattr(jobs, "JOBS", {"one": lambda: beside.append(jobs.run_due()) or 1})
    assert jobs.run_due() == {"one": 1}
    assert beside == [None]  # the other server left it to this one
    Clockwork.objects.update(busy_until=clock.now() + jobs.HELD)  # killed in the middle
    assert jobs.run_due() is None
    with clock.moved(jobs.HELD + timedelta(seconds=1)):
        monkeypatch.setattr(jobs, "JOBS", {"one": lambda: 1})
        assert jobs.run_due() == {"one": 1}


def test_whose_safety_it_is_comes_first_and_the_network_last() -> None:
    assert jobs.TURNS["officers not heard of after a visit"] == jobs.FIRST
    assert jobs.TURNS["onward referrals sent to services"] == jobs.LAST

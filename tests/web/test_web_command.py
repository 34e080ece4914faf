"""The other commands of an operator: migrate, createadmin, doctor, serve, and their help."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from operating import BIN, System, empty_database, started

COMMANDS = ("serve", "migrate", "createadmin", "backup", "restore", "doctor")
WHO = ("--email", "s@council.example", "--name", "Sam Invented", "--agency", "Penrose Council")
ROLES = """
from triservice.agencies.models import Holding, Officer
for o in Officer.objects.all():
    posts = Holding.objects.filter(officer=o).values_list("post__role", flat=True)
    print(o.email, *posts, o.check_password("correct horse battery"), sep="|")
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    with empty_database(folder) as database, started(System(folder / "data", database)) as waiting:
        yield waiting


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples(command: str) -> None:
    done = subprocess.run([str(BIN / "triservice"), command, "--help"], capture_output=True)
    assert done.returncode == 0
    assert f"$ triservice {command}" in done.stdout.decode()


@pytest.mark.postgres
def test_from_nothing_to_a_first_administrator(system: System) -> None:
    """One story: each step refuses until the one before it is done."""
    for step in (("createadmin", *WHO, "--no-password"), ("serve",)):
        done = system.run(*step)
        assert done.returncode == 2
        assert "Run: triservice migrate" in done.stderr
        assert "Traceback" not in done.stderr
    waiting = system.run("migrate", "--check", "--json")
    assert waiting.returncode == 1
    assert "agencies.0001_initial" in json.loads(waiting.stdout)["waiting"]
    assert system.run("migrate").returncode == 0
    assert system.data.stat().st_mode & 0o777 == 0o700
    assert system.run("migrate", "--check").returncode == 0

    unknown = system.run("createadmin", *WHO, "--no-password")
    assert unknown.returncode == 2
    assert "No agency is called Penrose Council" in unknown.stderr
    weak = system.run(
        "createadmin", *WHO, "--kind", "council", "--password-from-stdin", given="password\n"
    )
    assert weak.returncode == 2
    assert system.ask(ROLES) == ""  # and no agency is left behind
    nobody = system.run("createadmin", *WHO, "--kind", "council")
    assert nobody.returncode == 2
    assert "nobody to ask" in nobody.stderr
    made = system.run(
        *("createadmin", *WHO, "--kind", "council", "--password-from-stdin", "--json"),
        given="correct horse battery\n",
    )
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["agency"] == "Penrose Council"
    assert system.ask(ROLES) == "s@council.example|system administrator|True"
    again = system.run("createadmin", *WHO, "--no-password")
    assert again.returncode == 2
    assert "belongs to an officer already" in again.stderr

    well = system.run("doctor", "--json")
    assert well.returncode == 0, well.stdout
    assert {finding["state"] for finding in json.loads(well.stdout)} <= {"good", "note"}


def test_doctor_says_what_is_wrong(system: System, tmp_path: Path) -> None:
    other = System(tmp_path / "data", str(tmp_path / "nowhere" / "x.sqlite3"))
    done = other.run("doctor", "--json")
    assert done.returncode == 2
    wrong = {f["about"] for f in json.loads(done.stdout) if f["state"] == "wrong"}
    assert {"database", "migrations"} <= wrong
    assert "Traceback" not in done.stderr


def test_a_wrong_address_is_a_sentence_without_the_password(tmp_path: Path) -> None:
    address = "postgres://app:hunter2@127.0.0.1:1/none"
    done = System(tmp_path, address).run("migrate")
    assert done.returncode == 2
    assert "The database does not answer" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.postgres
def test_serve_answers_and_stops(system: System) -> None:
    system.run("migrate")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [str(BIN / "triservice"), "serve", "--port", str(port), "--workers", "1"],
        env=system.environment,
        stderr=subprocess.PIPE,
    )
    try:
        ready = f"http://127.0.0.1:{port}/health/ready"
        assert json.loads(_wait_for(ready, server))["ready"] is True
        _wait_for(ready, server, b'"clock": true')  # what goes by the clock was done beside it
        clock = _child(server, "due --every")
        os.kill(clock, signal.SIGKILL)
        _wait_for(ready, server, b'"beside": false')
        assert _child(server, "due --every") != clock
        home = urllib.request.urlopen(f"http://127.0.0.1:{port}/")
        with home:
            assert b"triservice" in home.read()
            assert home.headers["Server"] == "triservice"
    finally:
        server.terminate()
        _, said = server.communicate(timeout=60)
    assert server.returncode in (0, -15, 143)
    assert b"Traceback" not in said
    assert b"what goes by the clock ended, and is started again in 1 seconds" in said
    children = subprocess.run(
        ["ps", "-o", "args=", "--ppid", str(server.pid)], capture_output=True, text=True
    )
    assert children.stdout == ""


def _child(server: subprocess.Popen[bytes], words: str) -> int:
    """Return the process beside a server that these words started, as soon as it is there."""
    asked = ["ps", "-o", "pid=,args=", "--ppid", str(server.pid)]
    for _ in range(100):
        lines = subprocess.run(asked, capture_output=True, text=True).stdout.splitlines()
        if found := [int(line.split()[0]) for line in lines if words in line]:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"nothing runs {words}")


def _wait_for(address: str, server: subprocess.Popen[bytes], holds: bytes = b"") -> bytes:
    """Return the answer, as soon as there is one that holds this."""
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address) as answer:
                if holds in (said := bytes(answer.read())):
                    return said
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no answer from {address} ({os.getpid()})")

"""Run the commands of an operator as one would: other processes, a database of their own.

Starting Python and Django takes longer than most commands do. Where a test runs many,
`started(system)` starts them once, and each command is a fork of that process, which has done
nothing else and holds no connection. Otherwise every command is a process from nothing.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import CompletedProcess

import psycopg

BIN = Path(sys.executable).parent
PROGRAM = """
import django, sys
django.setup()
"""
# Reads a command a line, answers with its exit code. A child leaves the loop and runs it; what it
# prints goes to files: a pipe that fills would hold it up.
STARTED = """
import gc, json, os, sys
from triservice.cli import main
from triservice.terminal import start_django
start_django()
from django.db.migrations.loader import MigrationLoader
MigrationLoader(None)  # reads the files of migrations, as most commands do first
gc.freeze()
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
for number, name in enumerate(("given", "out", "err")):
    os.dup2(os.open(os.path.join(asked["files"], name), os.O_RDWR | os.O_CREAT), number)
sys.stdin = open(0, closefd=False)
os.environ.update(asked["environment"])
if asked["code"]:
    exec(asked["code"])
else:
    sys.argv[1:] = asked["arguments"]
    main()
"""


@dataclass(frozen=True)
class System:
    """One installation: its data folder, its database, and the process that waits for commands."""

    data: Path
    database: str
    waiting: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of its processes."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("TRISERVICE_")}
        return clean | {
            "TRISERVICE_DATA": str(self.data),
            "TRISERVICE_DATABASE": self.database,
            "DJANGO_SETTINGS_MODULE": "triservice.web.settings",
        }

    def run(
        self, *arguments: str, given: str | None = None, **environment: str
    ) -> CompletedProcess[str]:
        """Run `triservice …` here."""
        if self.waiting:
            return self._forked(arguments, given or "", environment)
        return subprocess.run(
            [str(BIN / "triservice"), *arguments],
            env=self.environment | environment,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
        )

    def start(self, code: str) -> subprocess.Popen[str]:
        """Start Python code with Django set up."""
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM + code],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, code: str) -> str:
        """Run Python code with Django set up, and return what it printed."""
        if self.waiting:
            done = self._forked(code=code)
            said, failed = done.stdout, done.returncode
        else:
            process = self.start(code)
            said, failed = process.communicate()[0], process.returncode
        assert failed == 0
        return said.strip()

    def _forked(
        self,
        arguments: tuple[str, ...] = (),
        given: str = "",
        environment: dict[str, str] | None = None,
        code: str = "",
    ) -> CompletedProcess[str]:
        """Let the process that waits do it."""
        assert self.waiting is not None
        assert self.waiting.stdin is not None
        assert self.waiting.stdout is not None
        with tempfile.TemporaryDirectory() as files:
            folder = Path(files)
            (folder / "given").write_text(given, encoding="utf-8")
            asked = {"arguments": arguments, "environment": environment or {}, "code": code}
            self.waiting.stdin.write(json.dumps(asked | {"files": files}) + "\n")
            self.waiting.stdin.flush()
            failed = int(self.waiting.stdout.readline())
            out, err = ((folder / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return CompletedProcess(arguments, failed, out, err)


@contextmanager
def started(system: System) -> Iterator[System]:
    """Give the system with a process that waits for its commands; see above."""
    command = [sys.executable, "-c", STARTED]
    with subprocess.Popen(
        command, env=system.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as waiting:
        yield replace(system, waiting=waiting)


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Give a database without tables, of the kind that this test run is about."""
    address = os.environ.get("TRISERVICE_DATABASE", "")
    if not address.startswith("postgres"):
        yield str(folder / "records.sqlite3")
        return
    name = f"records_{secrets.token_hex(6)}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield address.rsplit("/", 1)[0] + f"/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def as_it_was(system: System, origin: System) -> None:
    """Make a system a copy of one that nobody is using: quicker than migrating another."""
    if system.data.exists():
        shutil.rmtree(system.data)
    system.data.mkdir()
    if not system.database.startswith("postgres"):
        shutil.copy(origin.database, system.database)
        return
    server_address, name = system.database.rsplit("/", 1)
    template = origin.database.rsplit("/", 1)[1]
    with psycopg.connect(f"{server_address}/postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

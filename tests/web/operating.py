"""Run the commands of an operator as one would: other processes, a database of their own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

BIN = Path(sys.executable).parent
PROGRAM = """
import django, sys
django.setup()
"""


@dataclass
class System:
    """One installation: its data folder and its database."""

    data: Path
    database: str

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
    ) -> subprocess.CompletedProcess[str]:
        """Run `triservice …` here."""
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
        process = self.start(code)
        said, _ = process.communicate()
        assert process.returncode == 0
        return said.strip()


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


@contextmanager
def copy_of(system: System, folder: Path) -> Iterator[System]:
    """Give a copy of a system that nobody is using: quicker than migrating another."""
    folder.mkdir()
    if not system.database.startswith("postgres"):
        database = folder / "records.sqlite3"
        shutil.copy(system.database, database)
        yield System(folder, str(database))
        return
    server_address, template = system.database.rsplit("/", 1)
    name = f"records_{secrets.token_hex(6)}"
    with psycopg.connect(f"{server_address}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield System(folder, f"{server_address}/{name}")
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")

"""A real server that is killed while it takes what a phone sends, and started again: each once."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from invented_referrals import GIVEN, SCHEME

from partnership import make_partnership
from signing_in import sign_in
from triservice.access.audit import verify
from triservice.casework.models import Note, Visit
from triservice.casework.referrals.actions import refer
from triservice.casework.triage.actions import accept
from triservice.casework.visits.actions.doing import plan
from triservice.kernel import clock
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up
from triservice.offline.models import Operation

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 60
PATIENCE = 60  # seconds that one server may take to answer, on the busiest machine


@dataclass
class Queue:
    """A phone's queue, sent until the service has answered for each; `cut` counts what broke."""

    address: str
    phone: str
    session: str
    waits: list[dict[str, Any]]
    answered: list[dict[str, Any]] = field(default_factory=list)
    cut: int = 0

    def send(self) -> None:
        """Send all that waits, again and again."""
        until = time.monotonic() + PATIENCE * 3
        while self.waits and time.monotonic() < until:
            try:
                said = self._post("sync", {"operations": self.waits}, self._ask("contact")["csrf"])
            except HTTPError:
                raise  # an answer, and not the one to wait for
            except (OSError, HTTPException) as error:
                starting = isinstance(getattr(error, "reason", None), ConnectionRefusedError)
                self.cut += not starting
                time.sleep(0.05)
            else:
                self.answered += said["outcomes"]
                done = {each["number"] for each in said["outcomes"]}
                self.waits = [each for each in self.waits if each["number"] not in done]

    def _post(self, name: str, said: Any, csrf: str) -> Any:
        return self._ask(name, json.dumps(said).encode(), csrf)

    def _ask(self, name: str, body: bytes | None = None, csrf: str = "") -> Any:
        cookies = {settings.SESSION_COOKIE_NAME: self.session, settings.CSRF_COOKIE_NAME: csrf}
        asked = urllib.request.Request(f"{self.address}/offline/{name}", body, {
            "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items() if value),
            "X-CSRFToken": csrf, "Triservice-Phone": self.phone, "Content-Type": "application/json",
        })  # fmt: skip
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return json.load(answer)


def database() -> str:
    """Return the address of the tests' database, as the service is told it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return name
    return urlsplit(os.environ["TRISERVICE_DATABASE"])._replace(path=f"/{name}").geturl()


@contextmanager
def serving(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start `triservice serve` on the database of the tests; kill all of it in the end."""
    command = [
        str(Path(sys.executable).parent / "triservice"),
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
        "--no-jobs",
    ]
    known = {key: value for key, value in os.environ.items() if not key.startswith("TRISERVICE_")}
    known |= {
        "TRISERVICE_DATABASE": database(),
        "TRISERVICE_SCHEMES": os.environ["TRISERVICE_SCHEMES"], "TRISERVICE_DATA": str(folder),
        "TRISERVICE_SECRET_KEY": settings.SECRET_KEY,
    }  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=known, start_new_session=True, **quiet)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def queue_of(port: int) -> Queue:
    """Make a visit, a phone of its officer, and a note for each number up to MANY."""
    made = make_partnership(terms=False, roles=())
    officer = made.reader("fire", at=clock.now())
    case = accept(officer, refer(officer, new_key(), SCHEME, GIVEN, to=officer.agency).referral,
                  officer=officer.officer)  # fmt: skip
    soon = clock.now() + timedelta(hours=1)
    visit = Visit.objects.get(pk=plan(officer, case, soon, key=new_key(), officer=officer.officer))
    phone, _ = set_up(officer, "Phone")
    client = sign_in(Client(), made.officer("fire"))
    at = clock.now()
    waits = [
        {"number": str(UUID(int=(int(at.timestamp() * 1000) + n) << 80 | 7 << 76 | 2 << 62)),
         "kind": "note.written", "about": f"visit {visit.key}", "payload": {"text": f"Note {n}"},
         "base": None, "made_at": at.isoformat()}
        for n in range(MANY)
    ]  # fmt: skip
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Queue(f"http://127.0.0.1:{port}", str(phone.key), session, waits)


def wait_for(taken: int) -> None:
    """Wait until so many were taken: before, amid or after the transaction of the next."""
    until = time.monotonic() + PATIENCE
    while Operation.objects.count() < taken and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(random.random() / 50)


def worker_of(server: subprocess.Popen[bytes]) -> int:
    """Return the process that answers requests."""
    command = ["ps", "-o", "pid=", "--ppid", str(server.pid)]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@pytest.mark.long
def test_a_server_that_is_killed_amid_a_sync_does_each_thing_once(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    queue = queue_of(port)
    sent = [each["number"] for each in queue.waits]
    sending = Thread(target=queue.send, daemon=True)
    first, more = random.randint(1, MANY // 3), random.randint(1, MANY // 6)
    sending.start()
    with serving(port, tmp_path) as server:
        wait_for(first)
        os.kill(worker_of(server), signal.SIGKILL)  # the server starts another
        second = Operation.objects.count() + more  # more were taken while the process was named
        wait_for(second)  # then all of it is killed
    with serving(port, tmp_path):
        sending.join(PATIENCE)
    assert queue.waits == [], (first, second)
    assert queue.cut == 2, (first, second)
    assert [each["number"] for each in queue.answered] == sent
    assert any(each["already"] for each in queue.answered)
    rows = Operation.objects.order_by("number").values_list("number", "state")
    assert [(str(number), state) for number, state in rows] == [(n, "applied") for n in sent]
    texts = Note.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == [f"Note {n}" for n in range(MANY)], (first, second)
    assert verify().whole

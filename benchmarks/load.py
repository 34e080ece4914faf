"""Officers who work at once on `triservice serve`: what the server says each page took.

The server is `triservice serve` itself. Each officer opens one page after the other, looks at it
for a while (an exponential pause, five seconds on average), and opens the next; then they look
for a second, and then for no time at all. Server time is what the application's own log says of
each answer: from the first line of ours to the whole page, the disclosure committed, and any wait
for other pages in between.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

Times = tuple[float, float]
WARM = 60  # seconds without a pause before what is measured
PAUSES = ((5.0, "five seconds of looking"), (1.0, "a second"), (0.0, "no pause at all"))


@contextmanager
def server(log: Path, workers: int, threads: int) -> Iterator[int]:
    """Run `triservice serve` with so many processes and threads of each; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(Path(sys.executable).with_name("triservice"))
    command = [program, "serve", "--no-jobs", "--workers", str(workers), "--threads", str(threads)]
    with log.open("wb") as out:
        running = subprocess.Popen([*command, "--port", str(port)], stdout=out, stderr=out)
        try:
            _wait(running, port, log)
            yield port
        finally:
            running.terminate()
            running.wait(timeout=30)


def _wait(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(120):
        if running.poll() is not None:
            raise RuntimeError(f"the server stopped: {log.read_text()[-500:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("the server does not answer")


Addresses = Sequence[str] | Callable[[Any], Sequence[str]]  # of everybody, or of an officer


def officers(users: int) -> list[Any]:
    """Return that many officers of the services and the council."""
    from triservice.agencies.models import Officer

    found = Officer.objects.filter(
        name__startswith="Invented officer",
        employer__short_name__in=("police", "fire", "ambulance", "council"),
    )
    return list(found.order_by("pk")[:users])


def cookie(officer: Any) -> str:
    """Sign an officer in, with a purpose; return the session's cookie."""
    from django.conf import settings
    from django.test import Client

    from signing_in import sign_in

    return str(sign_in(Client(), officer).cookies[settings.SESSION_COOKIE_NAME].value)


class Round:
    """Officers who open pages, one after the other, until the time is over."""

    def __init__(self, port: int, seconds: float, pause: float) -> None:
        """Keep the port, how long it goes on, and the mean pause in seconds."""
        self.port, self.pause = port, pause
        self.until = time.monotonic() + seconds
        self.waited: list[float] = []
        self.statuses: dict[int, int] = {}
        self.size = 0

    def run(self, sessions: Mapping[str, Sequence[Sequence[str]]]) -> None:
        """Let one officer for each session open its addresses by chance, and wait for them all.

        Each session has several lists of addresses, and each list gets as many pages.
        """
        threads = [
            threading.Thread(target=self._officer, args=(each, lists, Random(number)))
            for number, (each, lists) in enumerate(sessions.items())
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _officer(self, session: str, lists: Sequence[Sequence[str]], dice: Random) -> None:
        time.sleep(dice.random() * self.pause)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"triservice-session={session}"}
        while time.monotonic() < self.until:
            begun = time.perf_counter()
            answer = _get(line, dice.choice(dice.choice(lists)), headers)
            self.size = len(answer.read())
            self.waited.append((time.perf_counter() - begun) * 1e3)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            line.close()  # lines that stay would all be the first process's, and the others idle
            if self.pause:
                time.sleep(dice.expovariate(1 / self.pause))


def _get(line: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> Any:
    """Ask for a page; once more on a new line when the server had closed the idle one."""
    try:
        line.request("GET", path, headers=headers)
        return line.getresponse()
    except (http.client.RemoteDisconnected, ConnectionError):
        line.close()
        line.request("GET", path, headers=headers)
        return line.getresponse()


def under_load(
    folder: Path,
    users: int,
    seconds: float,
    routes: Mapping[str, Addresses],
    goal: float,
    how: tuple[int, int] = (2, 4),
) -> None:
    """Let the officers open the addresses of all routes, and say what each route's pages took.

    `goal` is milliseconds of server time at the 95th percentile, with a second of looking; `how` is
    the server's processes and the threads of each.
    """
    sessions = {
        cookie(each): [some(each) if callable(some) else some for some in routes.values()]
        for each in officers(users)
    }
    for pause, name in PAUSES:
        log = folder / "server.log"
        with server(log, *how) as port:
            Round(port, WARM, 0).run(sessions)  # a server that ran for weeks has met every page
            before = log.stat().st_size
            turn = Round(port, seconds, pause)
            turn.run(sessions)
        bad = {status: n for status, n in turn.statuses.items() if status != 200}
        assert not bad, f"answers that were no page: {bad}"
        print(f"  {name}: at the browser p95 {quantiles(turn.waited, n=20)[-1]:.0f} ms")
        for route, taken in _server_times(log, before, routes).items():
            p95, waited = (quantiles(each, n=20)[-1] for each in zip(*taken, strict=True))
            met = f"; goal of {goal:.0f} ms {'met' if p95 <= goal else 'NOT met'}"
            print(
                f"    {route or '/':24} {len(taken) / seconds:5.0f} pages a second; server time "
                f"p50 {median(ms for ms, _ in taken):.0f} ms, p95 {p95:.0f} ms, waiting for other "
                f"pages included (p95 {waited:.0f} ms){met if pause else ''}"
            )


def _server_times(log: Path, after: int, routes: Mapping[str, Any]) -> dict[str, list[Times]]:
    """Return what the log says of each page, in milliseconds, by route: in all, and waited."""
    lines = log.read_bytes()[after:].decode(errors="replace").splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    taken: dict[str, list[Times]] = {route: [] for route in routes}
    for each in said:
        if each.get("route") in taken:
            taken[each["route"]].append((each["ms"], each["waited"]))
    return taken

"""The person page under load: fifty officers at once, two processes, each page with its record.

    python benchmarks/bench_person_page.py                    20,000 invented people
    BENCH_PEOPLE=1000000 BENCH_FOLDER=/somewhere python benchmarks/bench_person_page.py
    python tests/postgres.py python benchmarks/bench_person_page.py

The server is `triservice serve` itself. Fifty officers open a person each, look at it for a moment
(an exponential pause, a second on average), and open the next; then they look for no time at all.
Server time is what the application's own log says of each answer: from the first line of ours to
the whole page, the disclosure committed. Beside it, in one process: what the page costs with
enforcement and record, and the same rows read with plain Django without either.

With BENCH_FOLDER the database is kept, so that a second run starts at once.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

PARSER = argparse.ArgumentParser(description="The person page under load")
PARSER.add_argument("--seconds", type=float, default=20, help="of each round")
PARSER.add_argument("--users", type=int, default=50)
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "20000"))
FOLDER = Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="triservice-bench-"))
GOAL = 100  # milliseconds of server time at the 95th percentile
ROUTE = "people/<uuid:key>"
os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
os.environ["TRISERVICE_DATA"] = str(FOLDER)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


def load() -> None:
    """Fill an empty database: five agencies, 500 officers, 2,000 terms, the people's records."""
    from django.core.management import call_command
    from django.db import connection

    from invented_access import make_officers, make_terms
    from partnership import make_partnership
    from triservice.access.models import AgreementVersion
    from triservice.kernel import clock
    from triservice.kernel.access_words import Role
    from triservice.subjects.actions.linkage import link_exact
    from triservice.subjects.actions.records import receive_records
    from triservice.subjects.invented import invent

    call_command("migrate", verbosity=0)
    begun, step = time.perf_counter(), min(PEOPLE, 50_000)
    made, dice = make_partnership(), Random(1)
    agencies = list(made.agencies.values())
    make_officers(dice, agencies, 500)
    make_terms(dice, agencies, 2_000, nevers=False)
    in_force = AgreementVersion.objects.all()
    in_force.update(until=clock.now() + timedelta(days=365))
    for seed in range(PEOPLE // step):
        for kind, rows in invent(step, seed).rows.items():
            sender = made.reader(kind, Role.DATA_OWNER)
            got = receive_records(sender, made.agencies[kind], f"system {seed}", rows)
            link_exact(sender, got.people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"loaded {PEOPLE:,} people in {time.perf_counter() - begun:.0f} s")


# ---- Under load --------------------------------------------------------------------------------


@contextmanager
def server(log: Path) -> Iterator[int]:
    """Run `triservice serve` with two processes; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(Path(sys.executable).with_name("triservice"))
    command = [program, "serve", "--no-jobs", "--workers", "2"]
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


def cookies(users: int) -> list[str]:
    """Sign that many officers in, with a purpose; return their session cookies."""
    from django.conf import settings
    from django.test import Client

    from signing_in import sign_in
    from triservice.agencies.models import Officer

    officers = Officer.objects.filter(
        name__startswith="Invented officer",
        employer__short_name__in=("police", "fire", "ambulance", "council"),
    ).order_by("pk")[:users]
    made = []
    for officer in officers:
        client = sign_in(Client(), officer)
        made.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return made


class Round:
    """Officers who open people, one after the other, until the time is over."""

    def __init__(self, port: int, keys: list[str], seconds: float, pause: float) -> None:
        """Keep the port, the people to open, and the mean pause in seconds."""
        self.port, self.keys, self.pause = port, keys, pause
        self.until = time.monotonic() + seconds
        self.waited: list[float] = []
        self.statuses: dict[int, int] = {}
        self.size = 0

    def run(self, sessions: list[str]) -> None:
        """Let one officer for each session work, and wait for all of them."""
        threads = [
            threading.Thread(target=self._officer, args=(each, Random(number)))
            for number, each in enumerate(sessions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _officer(self, session: str, dice: Random) -> None:
        time.sleep(dice.random() * self.pause)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"triservice-session={session}"}
        while time.monotonic() < self.until:
            begun = time.perf_counter()
            answer = _get(line, f"/people/{dice.choice(self.keys)}", headers)
            self.size = len(answer.read())
            self.waited.append((time.perf_counter() - begun) * 1e3)
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
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


def under_load(asked: argparse.Namespace, keys: list[str]) -> None:
    sessions = cookies(asked.users)
    for pause, name in ((1.0, "a second of looking"), (0.0, "no pause at all")):
        log = FOLDER / "server.log"
        with server(log) as port:
            Round(port, keys, 3, pause / 4).run(sessions)  # warm: every process has met every one
            before = log.stat().st_size
            turn = Round(port, keys, asked.seconds, pause)
            turn.run(sessions)
        taken = _server_times(log, before)
        bad = {status: n for status, n in turn.statuses.items() if status != 200}
        assert not bad, f"answers that were no page: {bad}"
        p95 = quantiles(taken, n=20)[-1]
        print(
            f"  {name:20} {len(taken) / asked.seconds:5.0f} pages a second; server time p50 "
            f"{median(taken):.0f} ms, p95 {p95:.0f} ms; at the browser p95 "
            f"{quantiles(turn.waited, n=20)[-1]:.0f} ms; last page {turn.size / 1e3:.0f} kB"
        )
        if pause:
            print(f"  goal of {GOAL} ms {'met' if p95 <= GOAL else 'NOT met'}")


def _server_times(log: Path, after: int) -> list[float]:
    """Return what the log says of each person page, in milliseconds."""
    lines = log.read_bytes()[after:].decode(errors="replace").splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return [each["ms"] for each in said if each.get("route") == ROUTE]


# ---- Beside plain Django -----------------------------------------------------------------------


def plain(key: str) -> int:
    """Read what the person page reads with plain Django: nobody asks who reads, nothing is kept."""
    from django.db.models import Q

    from triservice.agencies.models import Agency
    from triservice.subjects import models as m

    person = m.Person.objects.select_related("root").get(key=key)
    root = person.root or person
    group = [one.pk for one in m.Person.objects.filter(Q(pk=root.pk) | Q(root=root))]
    live = m.Link.objects.filter(ended_at__isnull=True)
    links = list(live.filter(person__in=group, record__current=True))
    records = {link.record_id for link in links}
    found: list[Any] = [
        *Agency.objects.all(),
        *m.RecordPart.objects.filter(record__in=records, current=True),
        *m.SourceRecord.objects.filter(pk__in=records),
        *m.AccessibleNeed.objects.filter(person__in=group, ended_at__isnull=True),
        *m.WarningMarker.objects.filter(person__in=group, ended_at__isnull=True),
        *m.Relation.objects.filter(Q(person__in=group) | Q(other__in=group), ended_at__isnull=True),
    ]
    homes = live.filter(record__in=records, household__isnull=False).values("household")
    beside = list(live.filter(household__in=homes, record__current=True).values_list("record"))
    others = list(live.filter(record__in=[pk for (pk,) in beside], person__isnull=False))
    named = {link.record_id for link in live.filter(person__in={o.person_id for o in others})}
    parts = m.RecordPart.objects.filter(record__in=named, current=True, data_class="identity")
    return len([*found, *others, *parts])


def beside_plain(keys: list[str]) -> None:
    """Time both by turns in this process, in processor time: what others do adds nothing to it."""
    from triservice.access.readers import reader_for
    from triservice.agencies.models import Officer
    from triservice.kernel.access_words import Purpose
    from triservice.subjects.queries.people import person_view

    officer = Officer.objects.filter(name__startswith="Invented officer").earliest("pk")
    reader = reader_for(officer, Purpose.PREVENTION_VISIT)
    assert reader is not None
    ours, theirs = [], []
    for key in [*keys[:10], *keys[:150]]:
        ours.append(_took(lambda key=key: person_view(reader, key)))
        theirs.append(_took(lambda key=key: plain(key)))
    mine, its = median(ours[10:]), median(theirs[10:])
    print(
        f"  read of one person, processor time in this process: with enforcement and record "
        f"{mine:.1f} ms, plain Django {its:.1f} ms ({mine / its:.2f}×)"
    )


def _took(call: Callable[[], Any]) -> float:
    begun = time.process_time()
    call()
    return (time.process_time() - begun) * 1e3


def main() -> None:
    asked = PARSER.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.db import connection

    if "access_disclosure" not in connection.introspection.table_names():
        load()
    from triservice.subjects.models import Person

    dice, last = Random(2), Person.objects.latest("pk").pk
    wanted = {dice.randrange(last) + 1 for _ in range(4_000)}
    people = Person.objects.filter(
        pk__in=wanted,
        links__ended_at__isnull=True,
        links__record__current=True,
        links__owner__short_name__in=("police", "fire", "ambulance"),  # open to each other
    )
    keys = sorted({str(key) for key in people.values_list("key", flat=True)})
    dice.shuffle(keys)
    print(
        f"{connection.vendor}: {last:,} numbers of people, {asked.users} officers at once; "
        f"load of the machine {os.getloadavg()[0]:.1f}"
    )
    beside_plain(keys)
    connection.close()
    under_load(asked, keys)


if __name__ == "__main__":
    sys.exit(main())

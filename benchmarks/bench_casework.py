"""The pages of casework as cases grow, and with fifty officers at once.

    python benchmarks/bench_casework.py                                   10,000 and 100,000 cases
    BENCH_CASES=10000,100000,1000000 BENCH_FOLDER=/somewhere python benchmarks/bench_casework.py
    python tests/postgres.py python benchmarks/bench_casework.py
    … --reads      only what each page reads, no server       … --plans   how the database reads it

The start page, the triage queue, my day, the cases of an agency, one case, finding cases, and the
pages that count a year of cases. First in one process and in processor time (that of a local
PostgreSQL included), so that what others do adds nothing: what each costs at each size, how that
grows, and beside it plain Django doing the same reads without enforcement or record, with the
answers compared. Then fifty officers at once on `triservice serve`, as `load.py` says, and server
time at the 95th percentile.

Each size has a database of its own, on PostgreSQL as on SQLite, and is filled once: with
BENCH_FOLDER, and on a server of your own (TRISERVICE_DATABASE), a second run starts at once.
`invented_casework.py` says what is in them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import plain_casework as plain
from invented_casework import load_casework, reader_of
from load import officers, under_load
from watch import Watch

PARSER = argparse.ArgumentParser(description="The pages of casework as cases grow, and under load")
PARSER.add_argument("--seconds", type=float, default=20, help="of each round")
PARSER.add_argument("--users", type=int, default=50)
PARSER.add_argument("--reads", action="store_true", help="only what each page reads, no server")
PARSER.add_argument("--plans", action="store_true", help="print how the database reads each page")
PARSER.add_argument("--one", type=int, help="measure one size on the database that is named")
SIZES = [int(each) for each in os.environ.get("BENCH_CASES", "10000,100000").split(",")]
FOLDER = Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="triservice-bench-"))
GOAL = 150  # milliseconds of server time at the 95th percentile
FLAT = 1.5  # times what the smallest size costs
PASSES = 3  # over those officers whose reads are timed; the quickest counts
TIMED = 10
COUNT = ("numbers of a year", "outcomes of last year")  # the more, the more cases a year has
os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


class Read(NamedTuple):
    """What a page reads: of an officer who reads, ours and plainly; and ours as rows."""

    ours: Callable[[Any], Any]
    plainly: Callable[[Any], plain.Rows] | None = None  # of an officer
    rows: Callable[[Any], list[str]] | None = None


@cache
def own_cases(officer: int) -> list[int]:
    """Return the keys of open cases of an officer."""
    from triservice.casework.models import Case

    rows = Case.objects.filter(officer=officer, next_due_at__isnull=False)
    return list(rows.order_by("next_due_at", "pk").values_list("pk", flat=True)[:10])


@cache
def reference(officer: int) -> str:
    """Return the reference of a case of an officer."""
    from triservice.casework.models import Case

    return Case.objects.get(pk=own_cases(officer)[0]).reference


def reads() -> Mapping[str, Read]:
    """Return what is measured, by name."""
    from triservice.casework.cases.queries.lists import Filter, case_list, my_day
    from triservice.casework.cases.queries.view import case_view
    from triservice.casework.dashboards.queries import dashboard
    from triservice.casework.dashboards.rules import By
    from triservice.casework.finding.queries import find_cases
    from triservice.casework.home.queries import home
    from triservice.casework.outcomes.queries.year import work_out
    from triservice.casework.outcomes.rules import year_of
    from triservice.casework.triage.queries import queue
    from triservice.kernel import clock

    def listed(found: Any) -> list[str]:
        return [f"case {row.pk}" for row in found.rows]

    def day(found: Any) -> list[str]:
        several = {"visit": found.visits, "action": found.actions, "case": found.cases}
        shown = [f"{kind} {row.pk}" for kind, rows in several.items() for row in rows]
        return [*shown, *(f"case {row.pk}" for row in found.offered)]

    def one(found: Any) -> list[str]:
        parts = {"case": [found.row], "action": found.actions, "visit": found.visits}
        shown = [f"{kind} {row.pk}" for kind, rows in parts.items() for row in rows]
        own = [line.text for line in found.chronology.lines if line.what == "note"]
        return [*shown, *own]

    return {
        "triage queue": Read(queue, plain.queue, lambda q: [f"referral {r.pk}" for r in q.rows]),
        "my day": Read(my_day, plain.my_day, day),
        "cases": Read(lambda r: case_list(r, Filter()), plain.cases, listed),
        "late cases": Read(
            lambda r: case_list(r, Filter(late=True)),
            lambda o: plain.cases(o, next_due_at__lte=clock.now()), listed,
        ),
        "cases of one risk": Read(
            lambda r: case_list(r, Filter(tier="very high")),
            lambda o: plain.cases(o, tier="very high"), listed,
        ),
        "cases without officer": Read(
            lambda r: case_list(r, Filter(nobody=True)),
            lambda o: plain.cases(o, officer__isnull=True), listed,
        ),
        "closed cases": Read(lambda r: case_list(r, Filter(closed=True)), plain.closed, listed),
        "closed cases of an officer": Read(
            lambda r: case_list(r, Filter(closed=True, officer=r.officer))
        ),
        "one case": Read(
            lambda r: case_view(r, own_cases(r.officer)[0]),
            lambda o: plain.case(own_cases(o.pk)[0]), one,
        ),
        "find by reference": Read(lambda r: find_cases(r, reference(r.officer))),
        "find by name": Read(lambda r: find_cases(r, "Trevanion")),
        "home": Read(home),
        "numbers of a year": Read(lambda r: dashboard(r, By.SCHEME, 12)),
        "outcomes of last year": Read(lambda r: work_out(r, By.SCHEME, year_of(clock.now()) - 1)),
    }  # fmt: skip


def costs() -> dict[str, tuple[float, float]]:
    """Return the processor time of each read in milliseconds, ours and plain, a mean over officers.

    What an agreement opens to an officer is compiled at their first page, which is not counted.
    """
    watch, found = Watch(), {}
    everybody = [(each, reader_of(each)) for each in officers(TIMED)]
    for name, read in reads().items():
        several, passes = (everybody[:1], 1) if name in COUNT else (everybody, PASSES)
        agree(read, several)
        mine, its = [], []
        for _ in range(passes):
            mine.append(watch(partial(_each, read.ours, [reader for _, reader in several]))[2])
            if read.plainly is not None:
                its.append(watch(partial(_each, read.plainly, [who for who, _ in several]))[2])
        found[name] = (min(mine) / len(several), min(its, default=0.0) / len(several))
    return found


def _each(do: Callable[[Any], Any], several: list[Any]) -> None:
    for one in several:
        do(one)


def agree(read: Read, several: list[tuple[Any, Any]]) -> None:
    """Read once, and compare: all rows of one's own agency, and of others only what plain has."""
    for officer, reader in several:
        found = read.ours(reader)
        if read.plainly is None or read.rows is None:
            continue
        shown, there = read.rows(found), read.plainly(officer)
        allowed = [name for name, owner in there if owner == officer.employer_id or name in shown]
        assert shown == allowed, f"{officer}: {shown[:5]} is not {allowed[:5]}"


def plans() -> None:
    """Print each statement that has a table of casework, and how the database reads it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN ANALYZE"
    [officer] = officers(1)
    for name, read in reads().items():
        read.ours(reader_of(officer))  # what an agreement opens is compiled
        with CaptureQueriesContext(connection) as asked:
            read.ours(reader_of(officer))
        print(f"== {name}: {len(asked)} statements")
        for sql in (each["sql"] for each in asked):
            if '"casework_' in sql and "SELECT" in sql:
                with connection.cursor() as cursor:
                    cursor.execute(f"{explain} {sql}")
                    told = [str(row[-1]) for row in cursor.fetchall()]
                print(f"-- …{sql[-150:]}", *told, sep="\n   ")


def on_one(size: int, asked: argparse.Namespace) -> None:
    """Fill the database when it is empty, and measure."""
    Path(os.environ["TRISERVICE_DATA"]).mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)  # a database that was kept may be an older one
    from triservice.casework.models import Case

    if not Case.objects.exists():
        load_casework(size)
    if asked.plans:
        plans()
        return
    print(f"{connection.vendor}: {size:,} cases; load of the machine {os.getloadavg()[0]:.1f}")
    found = costs()
    (FOLDER / f"{size}.json").write_text(json.dumps(found))
    connection.close()
    if not asked.reads:
        routes: dict[str, Any] = {
            "": ["/"],
            "casework/triage": ["/casework/triage"],
            "casework/": ["/casework/"],
            "casework/cases": ["/casework/cases"],
            "casework/cases/<int:pk>": lambda officer: [
                f"/casework/cases/{pk}" for pk in own_cases(officer.pk)
            ],
        }
        under_load(FOLDER / str(size), asked.users, asked.seconds, routes, GOAL)


def database(size: int) -> dict[str, str]:
    """Return the settings that name the database of a size; on PostgreSQL it is made."""
    settings = {"TRISERVICE_DATA": str(FOLDER / str(size)), "BENCH_FOLDER": str(FOLDER)}
    address = os.environ.get("TRISERVICE_DATABASE", "")
    if address.startswith("postgres"):
        import psycopg

        with psycopg.connect(address, autocommit=True) as line:
            name = f"cases_{int(size)}"
            if not line.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                line.execute(f"CREATE DATABASE {name}")
        settings["TRISERVICE_DATABASE"] = urlsplit(address)._replace(path=f"/cases_{size}").geturl()
    return settings


def tell(found: Mapping[int, Mapping[str, list[float]]]) -> None:
    """Print what each read costs at each size, how that grows, and beside plain Django."""
    sizes = list(found)
    print("processor time of a read in ms, ours (plain Django); growth; ours beside plain at last")
    for name in found[sizes[0]]:
        taken = [found[size][name] for size in sizes]
        each = "  ".join(f"{ours:6.1f} ({its:5.1f})" for ours, its in taken)
        growth = taken[-1][0] / taken[0][0]
        said = "by the year" if name in COUNT else "flat" if growth <= FLAT else "NOT flat"
        flat = f"{growth:5.2f}× {said:11}"
        beside = f"{taken[-1][0] / taken[-1][1]:.2f}×" if taken[-1][1] else ""
        print(f"  {name:27} {each}  {flat if len(sizes) > 1 else ''}  {beside}")


def main() -> None:
    """Measure each size in a process of its own, and put them beside each other."""
    asked = PARSER.parse_args()
    if asked.one:
        on_one(asked.one, asked)
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        command = [sys.executable, __file__, *sys.argv[1:], "--one", str(size)]
        subprocess.run(command, env=os.environ | database(size), check=True)
    if not asked.plans:
        tell({size: json.loads((FOLDER / f"{size}.json").read_text()) for size in SIZES})


if __name__ == "__main__":
    sys.exit(main())

"""The lists of casework under load and as cases grow: triage, my day, the cases of an agency.

    python benchmarks/bench_casework.py                       5,000 and 50,000 cases
    BENCH_CASES=1000000 BENCH_FOLDER=/somewhere python benchmarks/bench_casework.py
    python tests/postgres.py python benchmarks/bench_casework.py

First, in one process and in processor time, so that what others do adds nothing: what each list
costs with a tenth of the cases and with all of them, and the ratio. Then fifty officers at once, as
`load.py` says, and server time at the 95th percentile. Each case has five entries of chronology.

With BENCH_FOLDER the databases of SQLite are kept, so that a second run starts at once. On
PostgreSQL one size is measured in a run: give BENCH_CASES for each.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from invented_casework import load_casework
from load import under_load

PARSER = argparse.ArgumentParser(description="The lists of casework under load")
PARSER.add_argument("--seconds", type=float, default=20, help="of each round")
PARSER.add_argument("--users", type=int, default=50)
PARSER.add_argument("--reads", action="store_true", help="only what each list costs")
CASES = int(os.environ.get("BENCH_CASES", "50000"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "5000"))
FOLDER = Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="triservice-bench-"))
GOAL = 150  # milliseconds of server time at the 95th percentile
TIMES = 60
ROUTES = {"casework/triage": ["/casework/triage"], "casework/": ["/casework/"]}
os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
os.environ.setdefault("TRISERVICE_DATA", str(FOLDER / str(CASES)))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


def lists() -> Mapping[str, Callable[[Any], Any]]:
    """Return the lists by name: each is a function of who reads."""
    from triservice.casework.cases.queries.lists import Filter, case_list, my_day
    from triservice.casework.triage.queries import queue

    return {
        "triage queue": queue,
        "my day": my_day,
        "cases": lambda reader: case_list(reader, Filter()),
        "late cases": lambda reader: case_list(reader, Filter(late=True)),
        "cases of one risk": lambda reader: case_list(reader, Filter(tier="very high")),
        "cases without officer": lambda reader: case_list(reader, Filter(nobody=True)),
    }


def costs() -> dict[str, float]:
    """Return the median processor time of each list in milliseconds, over several officers.

    What an agreement opens to an officer is compiled at their first page, which is not counted.
    """
    from triservice.access.readers import reader_for
    from triservice.agencies.models import Officer
    from triservice.kernel.access_words import Purpose

    officers = Officer.objects.filter(name__startswith="Invented officer").order_by("pk")[:TIMES]
    readers = [reader_for(officer, Purpose.PREVENTION_VISIT) for officer in officers]
    found = {}
    for name, call in lists().items():
        taken = []
        for reader in readers:
            call(reader)
            begun = time.process_time()
            call(reader)
            taken.append((time.process_time() - begun) * 1e3)
        found[name] = median(taken)
    return found


def main() -> None:
    asked = PARSER.parse_args()
    Path(os.environ["TRISERVICE_DATA"]).mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.db import connection

    tables = connection.introspection.table_names()
    if "casework_case" not in tables:
        load_casework(CASES, PEOPLE)
    if connection.vendor == "sqlite" and not asked.reads:
        _smaller()
    print(f"{connection.vendor}: {CASES:,} cases; load of the machine {os.getloadavg()[0]:.1f}")
    for name, cost in costs().items():
        print(f"  {name:24} {cost:6.1f} ms of processor time")
    connection.close()
    if not asked.reads:
        under_load(Path(os.environ["TRISERVICE_DATA"]), asked.users, asked.seconds, ROUTES, GOAL)


def _smaller() -> None:
    """Measure a tenth of the cases in a process of its own, for comparison."""
    few = str(CASES // 10)
    changed = {"BENCH_CASES": few, "TRISERVICE_DATA": str(FOLDER / few)}
    subprocess.run([sys.executable, __file__, "--reads"], env=os.environ | changed, check=True)


if __name__ == "__main__":
    sys.exit(main())

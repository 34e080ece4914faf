"""The person page under load: fifty officers at once, two processes, each page with its record.

    python benchmarks/bench_person_page.py                    20,000 invented people
    BENCH_PEOPLE=1000000 BENCH_FOLDER=/somewhere python benchmarks/bench_person_page.py
    BENCH_FOLDER=/somewhere python benchmarks/bench_person_page.py --workers 4 --threads 2
    python tests/postgres.py python benchmarks/bench_person_page.py

Fifty officers open people as `load.py` says. Beside it, in one process: what the page costs with
enforcement and record, and the same rows read with plain Django without either.

With BENCH_FOLDER the database is kept, so that a second run starts at once.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from invented_access import load_people
from load import under_load

PARSER = argparse.ArgumentParser(description="The person page under load")
PARSER.add_argument("--seconds", type=float, default=20, help="of each round")
PARSER.add_argument("--users", type=int, default=50)
PARSER.add_argument("--workers", type=int, default=2, help="processes of the server")
PARSER.add_argument("--threads", type=int, default=4, help="threads of each")
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "20000"))
FOLDER = Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="triservice-bench-"))
GOAL = 100  # milliseconds of server time at the 95th percentile
ROUTE = "people/<uuid:key>"
os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
os.environ["TRISERVICE_DATA"] = str(FOLDER)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


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
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)  # a database that was kept may be an older one
    from triservice.subjects.models import Person

    if not Person.objects.exists():
        load_people(PEOPLE)
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
    addresses = [f"/people/{key}" for key in keys]
    how = (asked.workers, asked.threads)
    under_load(FOLDER, asked.users, asked.seconds, {ROUTE: addresses}, GOAL, how)


if __name__ == "__main__":
    sys.exit(main())

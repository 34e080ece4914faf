"""Searching for people among what one reader may see, with the record of the search written.

`BENCH_PEOPLE=1000000` for the full size (about three records a person; loading takes a while).
The database is kept in `BENCH_FOLDER` when that is set, so that a second run starts at once.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median, quantiles

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
FOLDER = os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="triservice-bench-")
ROUNDS = 40
os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
os.environ["TRISERVICE_DATA"] = FOLDER
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


def load() -> None:
    """Fill the database, a tenth at a time so that little is held at once."""
    from django.core.management import call_command

    from partnership import make_partnership
    from triservice.kernel.access_words import Role
    from triservice.subjects.actions.records import receive_records
    from triservice.subjects.invented import invent

    call_command("migrate", verbosity=0)
    made = make_partnership()
    start, records = time.perf_counter(), 0
    step = min(PEOPLE, 50_000)
    for seed in range(PEOPLE // step):
        for kind, rows in invent(step, seed).rows.items():
            reader = made.reader(kind, Role.DATA_OWNER)
            receive_records(reader, made.agencies[kind], f"system {seed}", rows)
            records += len(rows)
    took = time.perf_counter() - start
    print(f"Loaded {PEOPLE:,} people, {records:,} records in {took:.0f} s ({records / took:.0f}/s)")


def questions(random: Random) -> dict[str, list[str]]:
    """Return questions of each kind about people who are there."""
    from triservice.subjects.models import RecordPart
    from triservice.subjects.names import plain

    last = RecordPart.objects.latest("pk").pk
    asked: dict[str, list[str]] = {}
    while min(map(len, asked.values()), default=0) < ROUNDS:
        part = RecordPart.objects.filter(
            pk__gte=random.randrange(last), data_class="identity"
        ).first()
        if part is None:
            continue
        where = part.record.parts.filter(data_class="location").first()
        phone = part.record.parts.filter(data_class="contact").first()
        family = plain(part.family_name)
        typo = family[:2] + family[3:]
        told = {
            "whole name": f"{part.given_name} {part.family_name}",
            "name with a slip": f"{part.given_name} {typo}",
            "family name": part.family_name,
            "given name alone": part.given_name,
            "beginning": family[:4],
            "name and birthday": f"{part.given_name} {part.family_name} {part.date_of_birth}",
            "name and postcode": f"{part.family_name} {where.postcode if where else ''}",
            "address": where.address.split(",")[0] if where else "",
            "UPRN": where.uprn if where else "",
            "telephone": phone.phone if phone else "",
            "nobody": f"zz{random.randrange(10**6)} qqqq",
        }
        for kind, text in told.items():
            if text.strip() and len(asked.setdefault(kind, [])) < ROUNDS:
                asked[kind].append(text)
    return asked


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    if not Path(settings.DATABASES["default"]["NAME"]).is_file():
        load()
    from triservice.access.readers import reader_for
    from triservice.agencies.models import Officer
    from triservice.kernel.access_words import Purpose
    from triservice.subjects.models import Person
    from triservice.subjects.queries.search import search_people

    officer = Officer.objects.get(name="officer of fire")
    print(f"{Person.objects.count():,} numbers of people")
    print(f"  {'question':20} {'median':>9} {'p95':>9}")
    every: list[float] = []
    for kind, texts in questions(Random(1)).items():
        took = []
        for text in texts:
            reader = reader_for(officer, Purpose.PREVENTION_VISIT)
            assert reader is not None
            start = time.perf_counter()
            search_people(reader, text)
            took.append(1000 * (time.perf_counter() - start))
        every += took
        print(f"  {kind:20} {median(took):6.1f} ms {quantiles(took, n=20)[-1]:6.1f} ms")
    print(f"  {'all':20} {median(every):6.1f} ms {quantiles(every, n=20)[-1]:6.1f} ms (goal ≤150)")


if __name__ == "__main__":
    main()

"""Searching for people among what one reader may see, with the record of the search written.

    python benchmarks/bench_search.py                          100,000 people, on both databases
    BENCH_PEOPLE=1000000 BENCH_FOLDER=… python benchmarks/bench_search.py       the full size
    TRISERVICE_DATABASE=postgres://… python benchmarks/bench_search.py          this database only

About three records a person. A database in BENCH_FOLDER, or named, is filled once and then kept.
Ours by kind of question beside the same search of the same index without enforcement or record
(plain), by the clock and in processor time (the database's included where it runs here); and how
often the person meant, or one of the very name that was meant, is among the first ten.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from watch import Watch

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "40"))
TESTS = str(Path(__file__).resolve().parents[1] / "tests")
sys.path.insert(0, TESTS)
SEEN = ("fire", "police", "ambulance")  # whose people an officer of fire sees


@dataclass(frozen=True)
class Question:
    """What is typed, and whom it means: the key of a person; or what is told of them.

    Half of the copies of a town have the same names, birthdays and streets, so many a name means
    more than ten people: then one of them will do.
    """

    kind: str
    text: str
    meant: str = ""
    told: str = ""

    def answered(self, people: Any) -> bool:
        """Whether the first ten of those found have the one who was meant."""
        return any(
            one.key == self.meant or any(self.told in said for said in one.names + one.addresses)
            if self.told
            else one.key == self.meant
            for one in people[:10]
        )


def questions(random: Random) -> Iterator[Question]:
    """Give questions of each kind about people who are there."""
    from triservice.agencies.models import Agency
    from triservice.subjects.models import RecordPart, SearchKey

    seen = set(Agency.objects.filter(short_name__in=SEEN).values_list("pk", flat=True))
    last = RecordPart.objects.latest("pk").pk
    asked: dict[str, int] = defaultdict(int)
    for _ in range(40 * ROUNDS):
        some = random.randrange(last - 40)
        parts = RecordPart.objects.filter(pk__range=(some, some + 40)).select_related("record")
        part = next((p for p in parts if p.data_class == "identity" and p.owner_id in seen), None)
        for question in about(part, random) if part else ():
            if question.text.strip() and asked[question.kind] < ROUNDS:
                asked[question.kind] += 1
                yield question
        if part and min(asked.values()) >= ROUNDS:
            break
    aliases = SearchKey.objects.filter(pk__lt=200_000, kind="alias").select_related("part")
    for key in [key for key in aliases if key.owner_id in seen][:ROUNDS]:
        yield Question("alias", key.text, told=f"{key.part.given_name} {key.part.family_name}")


def about(part: Any, random: Random) -> Iterator[Question]:
    """Give one question of each kind about the person of a part."""
    from triservice.subjects.invented import slip
    from triservice.subjects.models import Link
    from triservice.subjects.names import plain, short_forms

    given, family, born = part.given_name, plain(part.family_name), part.date_of_birth
    place = part.record.parts.filter(data_class="location").first()
    contact = part.record.parts.filter(data_class="contact").first()
    link = Link.objects.filter(record=part.record, person__isnull=False).select_related(
        "person", "person__root"
    )[0]
    key = str((link.person.root or link.person).key)
    name = f"{given} {part.family_name}"
    street = place.address.split(",")[-2].strip() if place and "," in place.address else ""
    postcode = place.postcode if place else ""
    short = min(short_forms(given.lower()), default="")
    vowels = family[:2] + family[2:].translate(str.maketrans("aeiou", "eaoua"))
    yield Question("whole name", name, told=name)
    yield Question("family name", family, told=name)
    yield Question("rare family name", family if len(family) > 13 else "", told=name)
    yield Question("very common family name", random.choice(("trevanion", "polgarth", "trewick")))
    yield Question("given name alone", given)
    yield Question("beginning of a name", f"{given} {family[:4]}")
    yield Question("initial and family name", f"{given[:1]} {family}", told=name)
    yield Question("slip in the family name", f"{given} {slip(family, random)}", told=name)
    yield Question("slip in the given name", f"{slip(given.lower(), random)} {family}", told=name)
    yield Question("sounds alike", f"{given} {vowels}", told=name)
    yield Question("short form", f"{short} {family}" if short else "", told=name)
    yield Question("name and birthday", f"{name} {born}" if born else "", told=name)
    yield Question("slip, and birthday", f"{given} {slip(family, random)} {born}", told=name)
    yield Question("given name and birthday", f"{given} {born}" if born else "", told=given)
    yield Question("name and postcode", f"{family} {postcode}" if postcode else "", key)
    yield Question("slip, and postcode", f"{slip(family, random)} {postcode}", key)
    yield Question("name and street", f"{name} {street}" if street else "", told=name)
    home = place.address.split(" (")[0] if place else ""
    yield Question("address", home, told=home)
    yield Question("postcode", postcode)
    yield Question("UPRN", place.uprn if place else "", key)
    yield Question("telephone", contact.phone if contact else "", key)
    yield Question("NHS number", part.nhs_number, key)
    yield Question("nobody", f"zz{random.randrange(10**6)} qqqq")
    yield Question("nobody of two names", f"{given} zzquxquux")


def plainly(text: str) -> list[Any]:
    """Answer from the same index as if everyone might see everything, and write no record."""
    from django.db.models import Q

    from triservice.agencies.models import Agency
    from triservice.subjects.models import Link, Person, RecordPart, SearchKey
    from triservice.subjects.queries import search
    from triservice.subjects.queries.finding import Findable
    from triservice.subjects.search_words import understand

    asked = understand(text)
    everything = Findable.__new__(Findable)
    everything.opened, everything.owners = [], list(Agency.objects.values_list("pk", flat=True))
    everything.keys = SearchKey.objects.filter(person__isnull=False)
    everything.with_birthday = everything.keys
    hits, _ = search.best(everything, asked)
    people = [hit.person for hit in hits[: search.SHOWN]]
    group = Person.objects.filter(Q(pk__in=people) | Q(root__in=people))
    links = Link.objects.filter(
        person__in=list(group.values_list("pk", flat=True)),
        ended_at__isnull=True,
        record__current=True,
    )
    records = list(links.values_list("record", flat=True))
    classes = ("identity", "contact", "location")
    return list(RecordPart.objects.filter(record__in=records, current=True, data_class__in=classes))


def measure(officer: Any, asked: list[Question], peer: bool) -> None:
    """Print what each kind of question takes."""
    from triservice.access.readers import reader_for
    from triservice.kernel.access_words import Purpose
    from triservice.subjects.queries.search import search_people, suggest

    watch = Watch()
    times: dict[str, list[tuple[float, float, float, bool]]] = defaultdict(list)
    for question in asked:
        text, reader = question.text, reader_for(officer, Purpose.PREVENTION_VISIT)
        assert reader is not None
        plain = watch(lambda t=text: plainly(t)) if peer else (None, 0.0, 0.0)
        if question.kind == "beginning of a name":
            found, ours, work = watch(lambda r=reader, t=text: suggest(r, t))
            good = any(name.startswith(text.split()[0]) for name in found)
        else:
            found, ours, work = watch(lambda r=reader, t=text: search_people(r, t))
            good = question.answered(found.people)
        times[question.kind].append((ours, work, plain[2], good))
    print(f"  {'':25} {'median':>8} {'p95':>8}  {'processor, mean':>17}  beside plain  in first 10")
    meant = {question.kind for question in asked if question.meant or question.told}
    for kind, rows in times.items():
        told(kind, rows, f"{sum(row[3] for row in rows) / len(rows):.0%}" if kind in meant else "")
    told("all", [row for rows in times.values() for row in rows], "goal: p95 of 150 ms")


def told(kind: str, rows: list[Any], found: str) -> None:
    """Print one line."""
    ours, work, plain, _ = zip(*rows, strict=True)
    late, busy = (quantiles(each, n=20)[-1] for each in (ours, work))
    ratio = f"{sum(work) / sum(plain):.2f}" if sum(plain) else ""
    print(
        f"  {kind:25} {median(ours):5.1f} ms {late:5.1f} ms  "
        f"{sum(work) / len(work):5.1f}, p95 {busy:5.1f}  {ratio:>12}  {found}",
        flush=True,
    )


def on_this_database() -> None:
    """Fill the database when it is empty, and measure."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from invented_access import load_people
    from triservice.agencies.models import Officer
    from triservice.subjects.models import Person

    if not Person.objects.exists():
        load_people(PEOPLE)
    people = Person.objects.count()
    print(f"{connection.vendor}: {people:,} numbers of people; load {os.getloadavg()[0]:.0f}")
    asked = list(questions(Random(1)))
    for agency, sees in (("fire", "three agencies of five"), ("health", "its own rows only")):
        officer = Officer.objects.get(name=f"officer of {agency}")
        print(f" an officer of {agency}, who sees {sees}")
        measure(officer, asked, peer=agency == "fire")


def main() -> None:
    """Measure on the database that is named, else on both."""
    if "TRISERVICE_DATABASE" in os.environ:
        os.environ.setdefault("TRISERVICE_DATA", tempfile.mkdtemp(prefix="triservice-bench-"))
        on_this_database()
        return
    folder = os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="triservice-bench-")
    os.environ["TRISERVICE_DATA"] = folder
    here = [sys.executable, __file__]
    lite = os.environ | {"TRISERVICE_DATABASE": f"{folder}/triservice.sqlite3"}
    subprocess.run(here, env=lite, check=True)
    sys.exit(subprocess.run([sys.executable, f"{TESTS}/postgres.py", *here]).returncode)


if __name__ == "__main__":
    main()

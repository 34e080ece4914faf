"""What enforcement costs: decisions beside Cedar, lists beside plain Django without enforcement.

    python benchmarks/bench_access.py                     1,000,000 rows, 2,000 terms, 500 officers
    python benchmarks/bench_access.py --rows 20000 --terms 200 --officers 50
    TRISERVICE_DATABASE=postgres://… python benchmarks/bench_access.py    a database to fill

Everybody in it is invented. Decisions: the same terms as Cedar policies (cedarpy, parsed once),
asked about the same rows; every answer must be the same. Lists: the same 25 rows' worth of query
with `visible_to` (and with `seen`, its record included) and without.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

from invented_access import AREAS, make_agencies, make_officers, make_terms, make_version

PARSER = argparse.ArgumentParser(description="What enforcement costs")
PARSER.add_argument("--rows", type=int, default=1_000_000)
PARSER.add_argument("--terms", type=int, default=2_000)
PARSER.add_argument("--officers", type=int, default=500)
PARSER.add_argument("--agencies", type=int, default=20)
PARSER.add_argument("--repeat", type=int, default=200)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CHUNK = 20_000
# What others on the machine do adds nothing to processor time; PostgreSQL's own is not in it.
EMBEDDED = "://" not in os.environ.get("TRISERVICE_DATABASE", "")
CLOCK = time.process_time if EMBEDDED else time.perf_counter


def set_up(folder: str) -> type[Any]:
    """Start Django on an empty database and return the protected model of this benchmark."""
    os.environ["TRISERVICE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triservice.web.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, models

    settings.LOGGING_CONFIG = None
    django.setup()
    call_command("migrate", verbosity=0)
    from triservice.access.models import Protected

    class Paper(Protected):
        FIELDS: ClassVar[tuple[str, ...]] = ("name", "details")
        name = models.CharField(max_length=60)
        details = models.CharField(max_length=60)

        class Meta(Protected.Meta):
            app_label = "access"

    with connection.schema_editor() as editor:
        editor.create_model(Paper)
    return Paper


def fill(paper: type[Any], sizes: argparse.Namespace) -> tuple[list[Any], float]:
    """Fill the database and return readers, and the seconds that it took."""
    from django.db import connection

    from triservice.access.readers import reader_for
    from triservice.kernel import clock
    from triservice.kernel.access_words import Purpose

    dice = random.Random(1)
    start = time.perf_counter()
    with clock.frozen(NOW):
        agencies = make_agencies(sizes.agencies + 1)
        officers = make_officers(dice, agencies[:-1], sizes.officers - 1)
        make_terms(dice, agencies[:-1], sizes.terms)
        officers += one_of_little(agencies)
        for chunk in chunks(sizes.rows):
            paper.objects.bulk_create(paper_rows(paper, dice, sizes, chunk), batch_size=2_000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        purpose = Purpose.PREVENTION_VISIT
        readers = [reader_for(officer, purpose, at=NOW) for officer in officers]
    return readers, time.perf_counter() - start


def one_of_little(agencies: list[Any]) -> list[Any]:
    """Give the last agency, which owns nothing, an officer and a term that opens little to it."""
    from triservice.access.models import Term
    from triservice.agencies.models import Holding, Officer, Post
    from triservice.kernel.access_words import Purpose

    Term.objects.create(
        version=make_version("Invented agreement of little", agencies),
        number=1,
        from_agency=agencies[0],
        to_agency=agencies[-1],
        mode="open",
        data_classes=["health"],
        every_field=True,
        purposes=[str(Purpose.PREVENTION_VISIT)],
        areas=AREAS[:1],
    )
    officer = Officer.objects.create(
        email="little@example.invalid", name="Invented officer of little", employer=agencies[-1]
    )
    post = Post.objects.create(title="Invented post", agency=agencies[-1], role="officer")
    Holding.objects.create(officer=officer, post=post, since=date(2020, 1, 1))
    return [officer]


def chunks(rows: int) -> Iterator[range]:
    for first in range(0, rows, CHUNK):
        yield range(first, min(first + CHUNK, rows))


def paper_rows(
    paper: type[Any], dice: random.Random, sizes: argparse.Namespace, numbers: range
) -> list[Any]:
    from triservice.agencies.models import Agency
    from triservice.kernel.access_words import DataClass, Marking

    owners = list(Agency.objects.order_by("pk").values_list("pk", flat=True))[:-1]
    words, markings = [str(w) for w in DataClass], [str(m) for m in Marking]
    return [
        paper(
            owner_id=dice.choice(owners),
            data_class=dice.choice(words),
            area=dice.choice(AREAS),
            marking=dice.choices(markings, [9, 1])[0],
            subject_key=UUID(int=number // 3 + 1),
            name=f"Invented person {number}",
            details="Invented",
        )
        for number in numbers
    ]


# ---- Decisions ---------------------------------------------------------------------------------


def cedar_policies() -> str:
    """The terms as Cedar policies: one permit for each open term, one forbid for each never."""
    from triservice.access.models import Term
    from triservice.access.rules import READS
    from triservice.kernel.access_words import Role

    classes = json.dumps(sorted(map(str, READS[Role.OFFICER])))  # everybody here is an officer
    policies = [_policy(term) for term in Term.objects.exclude(mode="on approval")]
    return "\n".join([*policies, OWN]).replace("READS", classes)


OWN = """
permit (principal, action, resource) when {
  principal.agency == resource.owner && context.purpose != "" && READS.contains(resource.data_class)
};"""


def _policy(term: Any) -> str:
    never = term.mode == "never"
    asked = [
        f"principal.agency == {term.to_agency_id}",
        f"resource.owner == {term.from_agency_id}",
        f"{json.dumps(term.data_classes)}.contains(resource.data_class)",
        f"{json.dumps(term.purposes)}.contains(context.purpose)",
    ]
    if not term.everywhere:
        asked.append(f"{json.dumps(term.areas)}.contains(resource.area)")
    if not never:
        asked.append("READS.contains(resource.data_class)")
        asked.append(f"principal.vetting >= {term.min_vetting}")
        if term.min_vetting == 0:
            asked.append('resource.marking == "OFFICIAL"')
    elif not term.every_field:
        asked.append("false")  # closes fields, not the row
    effect = "forbid" if never else "permit"
    return f"{effect} (principal, action, resource) when {{ {' && '.join(asked)} }};"


def cedar_decisions(pairs: list[tuple[Any, Any]]) -> tuple[list[bool], float]:
    """Ask Cedar, with policies and entities parsed beforehand: its best case."""
    import cedarpy

    policies = cedarpy.PolicySet.from_str(cedar_policies())
    prepared = []
    for reader, item in pairs:
        principal = {
            "uid": {"type": "Officer", "id": str(reader.officer)},
            "attrs": {"agency": reader.agency, "vetting": int(reader.vetting)},
            "parents": [],
        }
        resource = {
            "uid": {"type": "Paper", "id": str(item.pk)},
            "attrs": {
                "owner": item.owner,
                "data_class": item.data_class,
                "area": item.area,
                "marking": item.marking,
            },
            "parents": [],
        }
        request = {
            "principal": principal["uid"],
            "action": {"type": "Action", "id": "read"},
            "resource": resource["uid"],
            "context": {"purpose": str(reader.purpose or "")},
        }
        entities = cedarpy.Entities.from_json_str(json.dumps([principal, resource]))
        prepared.append((request, entities))
    answers, start = [], time.perf_counter()
    for request, entities in prepared:  # policies and entities are parsed before: its best case
        answers.append(cedarpy.is_authorized(request, policies, entities).allowed)
    seconds = time.perf_counter() - start
    return answers, seconds


def our_decisions(pairs: list[tuple[Any, Any]]) -> tuple[list[bool], list[float]]:
    """Decide with grants at hand, as inside an open record; the best of five rounds counts."""
    from triservice.access import grants, rules

    held = {reader.officer: grants.current(reader) for reader, _ in pairs}
    ready = [(held[reader.officer], item) for reader, item in pairs]
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        answers = [rules.decide(mine, item).allowed for mine, item in ready]
        rounds.append(time.perf_counter() - start)
    return answers, rounds


def compare_decisions(paper: type[Any], readers: list[Any], sizes: argparse.Namespace) -> None:
    from triservice.access import grants
    from triservice.access.queries import item_of

    dice = random.Random(2)
    rows = list(paper.objects.filter(pk__lte=5_000))
    pairs = [(dice.choice(readers), item_of(dice.choice(rows))) for _ in range(1_000)]
    start = time.perf_counter()
    grants.current(readers[0])
    first = time.perf_counter() - start
    start = time.perf_counter()
    for reader in readers:
        grants.current(reader)
    rest = (time.perf_counter() - start) / len(readers)
    start = time.perf_counter()
    for reader in readers:
        grants.current(reader)
    warm = (time.perf_counter() - start) / len(readers)
    answers, rounds = our_decisions(pairs)
    cedar, seconds = cedar_decisions(pairs)
    different = sum(a != b for a, b in zip(answers, cedar, strict=True))
    assert different == 0, f"{different} of {len(pairs)} answers differ from Cedar's"
    ours = min(rounds) / len(pairs) * 1e6
    theirs = seconds / len(pairs) * 1e6
    print(f"grants of a reader, {sizes.terms:,} terms: first after a change {first * 1e3:.1f} ms,")
    print(f"  each further reader {rest * 1e3:.2f} ms, again {warm * 1e6:.0f} µs (one query)")
    print(f"decide, warm, {len(pairs):,} pairs of reader and row, {sum(answers):,} allowed:")
    print(
        f"  triservice {ours:.2f} µs   cedarpy {theirs:.1f} µs   {theirs / ours:.0f}×   all equal"
    )


# ---- Lists -------------------------------------------------------------------------------------


def queries_of(paper: type[Any], rows: int) -> dict[str, Any]:
    """The lists that are compared, without their limit of 25."""
    middle = UUID(int=rows // 6)
    return {
        "first page, by key": paper.objects.order_by("pk"),
        "newest first": paper.objects.order_by("-pk"),
        "one person": paper.objects.filter(subject_key=middle).order_by("pk"),
        "ten people": paper.objects.filter(
            subject_key__in=[UUID(int=n + 1) for n in range(rows // 10, rows // 10 + 10)]
        ).order_by("pk"),
    }


COLUMNS = (
    *("id", "owner_id", "data_class", "area", "marking", "restriction_id", "subject_key"),
    *("name", "details"),
)


def compare_lists(paper: type[Any], readers: list[Any], sizes: argparse.Namespace) -> None:
    """Time the plain list and the enforced one by turns, so that both meet the same machine."""
    from triservice.access.models import Kind
    from triservice.access.queries import seen, visible_to
    from triservice.access.record import recording

    kind = "processor time" if CLOCK is time.process_time else "time"
    print(
        f"list of 25 of {paper.objects.count():,} rows, medians of {sizes.repeat} by turns, {kind}:"
    )
    widest = readers[:: max(1, len(readers) // 10)][:10]
    narrow = readers[-1:]  # of an agency that owns nothing, to which one term opens little
    cases = [(name, rows, widest) for name, rows in queries_of(paper, sizes.rows).items()]
    cases.append(("little is open", paper.objects.order_by("pk"), narrow))
    for name, rows, chosen in cases:
        plain, ours, whole = [], [], []
        for reader in chosen:
            for _ in range(max(1, sizes.repeat // len(chosen))):
                with recording(reader, Kind.CONSULTATION, "benchmark") as record:
                    visible_to(record.reader, rows)
                    plain.append(timed(lambda rows=rows: list(rows.values_list(*COLUMNS)[:25])))
                    mine = record.reader
                    ours.append(
                        timed(
                            lambda rows=rows, mine=mine: list(
                                visible_to(mine, rows).values_list(*COLUMNS)[:25]
                            )
                        )
                    )
                whole.append(timed(lambda rows=rows, reader=reader: read(reader, rows, seen)))
        usual, enforced, recorded = (statistics.median(times) for times in (plain, ours, whole))
        print(
            f"  {name:18} plain {usual:.3f} ms   visible_to {enforced:.3f} ms "
            f"({enforced / usual:.2f}×)   seen, with its record {recorded:.3f} ms"
        )


def read(reader: Any, rows: Any, seen: Callable[..., list[Any]]) -> int:
    from triservice.access.record import Kind, recording

    with recording(reader, Kind.CONSULTATION, "benchmark") as record:
        return len(seen(record, rows, 25))


def timed(call: Callable[[], Any]) -> float:
    """Return the milliseconds of one call."""
    start = CLOCK()
    call()
    return (CLOCK() - start) * 1e3


def main() -> None:
    sizes = PARSER.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paper = set_up(folder)
        from django.db import connection

        readers, seconds = fill(paper, sizes)
        print(
            f"{connection.vendor}: {sizes.rows:,} rows, {sizes.terms:,} terms, "
            f"{len(readers):,} officers of {sizes.agencies} agencies, made in {seconds:.0f} s"
        )
        from triservice.kernel import clock

        with clock.frozen(NOW):
            compare_decisions(paper, readers, sizes)
            compare_lists(paper, readers, sizes)
        connection.close()


if __name__ == "__main__":
    sys.exit(main())

"""The probabilistic pass finds what the exact one cannot, is saved, and never joins by itself."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult
from typer.testing import CliRunner

from partnership import Partnership
from triservice.cli import app
from triservice.kernel import clock
from triservice.kernel.access_words import Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.model import link_by_model, people_frame, train_model
from triservice.subjects.actions.populate import populate
from triservice.subjects.invented import KINDS, invent
from triservice.subjects.jobs import compare_new
from triservice.subjects.model_pass import likely_pairs
from triservice.subjects.models import (
    AgencyNumber,
    Candidate,
    LinkageModel,
    Merge,
    Person,
    SourceRecord,
)
from triservice.subjects.tasks import compare_people

pytestmark = pytest.mark.django_db
BENCH = Path(__file__).parents[2] / "benchmarks" / "bench_linkage.py"


@pytest.fixture(scope="module")
def bench() -> Any:
    """Give what the benchmark counts with."""
    return SimpleNamespace(**run_path(str(BENCH)))


def truths(made: Any) -> dict[int, int]:
    """Return person number → who they truly are."""
    rows = AgencyNumber.objects.filter(of="person").values_list("agency__kind", "number", "person")
    return {person: made.truth[kind, number] for kind, number, person in rows}


def fill(invented: Partnership, people: int, seed: int = 1) -> Any:
    made = invent(people, seed)
    readers = {kind: invented.reader(kind, Role.DATA_OWNER) for kind in KINDS}
    populate(made, invented.agencies, readers)
    return made


def link(*words: str) -> Any:
    """Return what `triservice link …` answers."""
    done = CliRunner().invoke(app, ["link", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_invented_are_the_same_each_time_and_say_so() -> None:
    one, two = invent(200, 7), invent(200, 7)
    assert one.rows == two.rows
    assert one.rows != invent(200, 8).rows
    for kind, rows in one.rows.items():
        for row in rows:
            assert row["postcode"].startswith("ZZ")
            assert "(invented)" in row["address"]
            assert any("Invented: " in str(value) for value in row.values()), kind


def test_every_invented_row_is_read_and_joins_are_right(invented: Partnership) -> None:
    made = fill(invented, 400)
    sent = sum(len(rows) for rows in made.rows.values())
    assert SourceRecord.objects.count() == sent
    truth = truths(made)
    merges = Merge.objects.values_list("left", "right")
    assert len(merges) > 5
    assert all(truth[left] == truth[right] for left, right in merges)
    pairs = list(Candidate.objects.values_list("left", "right"))
    right = sum(truth[left] == truth[right] for left, right in pairs)
    assert right / len(pairs) > 0.8
    rooted = {pk: root or pk for pk, root in Person.objects.values_list("pk", "root")}
    assert len(set(rooted.values())) < len(rooted)


def test_a_model_before_training_or_with_too_few(invented: Partnership) -> None:
    reader = invented.reader("fire", Role.DATA_OWNER)
    with pytest.raises(InputError, match="No model"):
        link_by_model(reader)
    pytest.importorskip("splink")
    with pytest.raises(InputError, match="too few"):
        train_model(reader)


@pytest.mark.filterwarnings("ignore")  # of Splink's own dependencies
def test_the_saved_model_proposes_and_a_second_run_is_of_the_new(
    invented: Partnership, bench: Any
) -> None:
    pytest.importorskip("splink")
    made = fill(invented, 600)
    assert compare_new() == 0  # no model is trained yet
    trained = link("train")
    model = LinkageModel.objects.get()
    assert trained == {"model": model.pk, "people": len(people_frame())}
    assert (compare_new(), compare_new()) == (1, 0)  # by the clock, once a day
    assert DBTaskResult.objects.get().task_path == compare_people.module_path
    merges = Merge.objects.count()
    proposed = compare_people.call()
    assert Merge.objects.count() == merges
    found = list(Candidate.objects.filter(method="model").values_list("left", "right"))
    assert proposed == len(found) > 0
    truth = truths(made)
    assert any(truth[left] == truth[right] for left, right in found)
    with clock.moved(timedelta(days=1)):
        assert compare_new() == 0  # nobody new
    assert link("run") == {"compared": 0, "joined": 0, "proposed": 0}
    model.refresh_from_db()
    assert model.seen_to == people_frame()["person"].max()

    pairs = likely_pairs(people_frame(), model.settings, 0.5).itertuples(index=False)
    held = defaultdict(list)
    for person in people_frame()["person"]:
        held[truth[person]].append(person)
    wanted = {pair for group in held.values() for pair in combinations(group, 2)}
    _, _, f1 = bench.score({(min(a, b), max(a, b)) for a, b, _ in pairs}, wanted)
    assert len(wanted) > 300
    assert f1 > 0.9

"""The probabilistic pass finds what the exact one cannot, is saved, and never joins by itself."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pandas as pd
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
from triservice.subjects.invented import (
    KINDS,
    invent,
    invented_places,
    population,
    slip,
)
from triservice.subjects.invented_words import NAME_BEGINS, NAME_ENDS
from triservice.subjects.jobs import compare_new
from triservice.subjects.model_pass import likely_pairs, train
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


def told_twice(people: int) -> pd.DataFrame:
    """Invented people, each told twice; the second time with slips in three things of four."""
    random, rows = Random(1), []

    def family(random: Random) -> str:
        return random.choice(NAME_BEGINS) + random.choice(NAME_ENDS)

    for one in population(people, random, invented_places(random), family):
        told = {
            "given_name": one.given.lower(),
            "family_name": one.family.lower(),
            "date_of_birth": str(one.born),
            "postcode": one.home.postcode,
        }
        other = {
            name: str(one.born.replace(day=random.randint(1, 28)))
            if name == "date_of_birth"
            else slip(told[name], random)
            for name in random.sample(sorted(told), 3)
        }
        rows += [told | {"truth": one.number}, told | other | {"truth": one.number}]
    return pd.DataFrame(rows).rename_axis("person").reset_index()


def test_who_is_told_with_three_slips_is_compared_and_not_with_all(bench: Any) -> None:
    frame = told_twice(1_000)
    truth = bench.true_pairs(frame)
    rules = bench.rules(frame, truth)
    assert rules[-1][-1] / len(truth) > 0.7  # 0.08 by whole columns alone
    everyone = len(frame) * (len(frame) - 1) // 2
    assert sum(compared for _, compared, *_ in rules) < everyone / 200


@pytest.mark.filterwarnings("ignore")  # of Splink's own dependencies
def test_a_rule_by_parts_of_columns_brings_pairs_to_the_model(bench: Any) -> None:
    pytest.importorskip("splink")
    frame = told_twice(400)
    truth = bench.true_pairs(frame)
    found = likely_pairs(bench.columns(frame), train(bench.columns(frame)))
    precision, recall, _ = bench.score(bench.as_pairs(found), truth)
    assert precision > 0.97
    assert recall > 0.6  # of pairs that agree on one whole thing of four; 0.06 by these alone


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

"""`--engine spark` reaches every count of a command, and the answer is the same to the letter."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from triservice.analysis import counts
from triservice.analysis.example.demo import invented_lake
from triservice.analysis.lake.engine import Engine
from triservice.cli import app
from triservice.subjects import model_pass
from triservice.subjects.invented import invent

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench_linkage.py"
COMMANDS = {
    "hotspots": ("hotspots", "--service", "fire", "--cell", "2000", "--permutations", "99"),
    "hexagons": ("hotspots", "--service", "police", "--hex", "3000", "--trend"),
    "overlap": ("overlap", "--within", "Examplia", "--cell", "2000", "--layers", "police,fire",
                "--permutations", "99"),
    "bases": ("bases", "--within", "Examplia", "--layers", "police,fire", "--k", "2",
              "--unit", "districts"),
    "picture": ("picture", "--within", "Examplia", "--date", "2026-01-01"),
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invented_lake(tmp_path_factory.mktemp("engines"), events=600).root


def answer(lake: Path, command: str, out: Path, engine: str) -> Any:
    """Return what a command answers; of a picture, its figures."""
    words = [*COMMANDS[command], "--lake", str(lake), "--engine", engine, "--json"]
    words += ["--out", str(out)] if command == "picture" else []
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    if command == "picture":
        return json.loads((out / "picture.json").read_text(encoding="utf-8"))
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_count_of_a_command_goes_to_the_engine_that_was_named(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    asked: list[str] = []

    def reader(engine: str) -> Any:
        def read(files: tuple[str, ...]) -> Any:
            asked.append(engine)
            return counts._read_duckdb(files)  # both read alike here: who is asked is the question

        return read

    monkeypatch.setattr(counts, "_READERS", {name: reader(name) for name in counts.ENGINES})
    answer(lake, command, tmp_path, "spark")
    assert set(asked) == {"spark"}


def must_have_spark() -> None:
    pytest.importorskip("pyspark", reason="the spark extra is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on this machine")


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")  # PySpark's own
@pytest.mark.parametrize("command", ["hotspots", "bases", "picture"])
def test_spark_answers_what_duckdb_answers(lake: Path, tmp_path: Path, command: str) -> None:
    must_have_spark()
    assert answer(lake, command, tmp_path / "a", "spark") == answer(
        lake, command, tmp_path / "b", "duckdb"
    )


@pytest.fixture(scope="module")
def linking() -> Any:
    """Give people with their `truth`, a model trained on them, and what the benchmark counts with.

    They are those of FEBRL 1 (invented Australians) where the open data are there, else ours.
    """
    pytest.importorskip("splink", reason="the linkage extra is not installed")
    bench = SimpleNamespace(**run_path(str(BENCH)))
    known = (bench.DATA / "record_linkage" / "febrl1.csv").is_file()
    people = bench.febrl(1) if known else invented_people(300)
    with warnings.catch_warnings(action="ignore"):  # of Splink and what it stands on
        model = model_pass.train(bench.columns(people))
    return SimpleNamespace(bench=bench, people=people, model=model)


def invented_people(number: int) -> Any:
    """Return invented people, each as every agency that knows them has them."""
    import pandas as pd

    made = invent(number, seed=1)
    rows = [
        row | {"truth": str(made.truth[kind, row["person_number"]])}
        for kind, some in made.rows.items()
        for row in some
    ]
    columns = ["given_name", "family_name", "date_of_birth", "postcode", "uprn", "phone", "truth"]
    frame = pd.DataFrame(rows).reindex(columns=columns).astype("string").astype(object)
    frame = frame.where(frame.notna() & (frame != ""), None)
    return frame.assign(person=range(len(frame)))


def pairs_found(linking: Any, engine: Engine, most: int | None = None) -> dict[Any, float]:
    """Return the likely pairs among the first people, by who they truly are, and how likely."""
    people = linking.bench.columns(linking.people.sort_values("truth")[:most])
    rows = model_pass.likely_pairs(people, linking.model, 0.9, engine=engine)
    return {(min(a, b), max(a, b)): p for a, b, p in rows.itertuples(index=False)}


@pytest.mark.filterwarnings("ignore")  # of Splink
def test_nearly_all_pairs_of_one_person_are_found_and_nearly_no_others(linking: Any) -> None:
    """At the probability from which pairs are proposed: docs/reference/benchmarks.md."""
    truth = linking.bench.true_pairs(linking.people)
    assert len(truth) >= 400
    _, _, f1 = linking.bench.score(set(pairs_found(linking, "duckdb")), truth)
    assert f1 > 0.97
    on_spark = model_pass.worded(linking.model, "spark")
    assert '"' not in on_spark["comparisons"][0]["comparison_levels"][1]["sql_condition"]
    assert model_pass.worded(on_spark, "duckdb") == linking.model


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")  # of PySpark and of Splink
def test_spark_finds_the_pairs_of_people_that_duckdb_finds(linking: Any) -> None:
    must_have_spark()
    found = pairs_found(linking, "duckdb", 200)
    assert len(found) >= 50
    assert pairs_found(linking, "spark", 200) == pytest.approx(found)


def test_an_engine_that_does_not_exist_is_refused(lake: Path) -> None:
    done = CliRunner().invoke(app, ["hotspots", "--lake", str(lake), "--engine", "abacus"])
    assert done.exit_code == 2
    assert "abacus" in done.output

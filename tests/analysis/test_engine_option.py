"""`--engine spark` reaches every count of a command, and the answer is the same to the letter."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from triservice.analysis import counts
from triservice.analysis.example.demo import invented_lake
from triservice.cli import app

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


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")  # PySpark's own
@pytest.mark.parametrize("command", ["hotspots", "bases", "picture"])
def test_spark_answers_what_duckdb_answers(lake: Path, tmp_path: Path, command: str) -> None:
    pytest.importorskip("pyspark", reason="the spark extra is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on this machine")
    assert answer(lake, command, tmp_path / "a", "spark") == answer(
        lake, command, tmp_path / "b", "duckdb"
    )


def test_an_engine_that_does_not_exist_is_refused(lake: Path) -> None:
    done = CliRunner().invoke(app, ["hotspots", "--lake", str(lake), "--engine", "abacus"])
    assert done.exit_code == 2
    assert "abacus" in done.output

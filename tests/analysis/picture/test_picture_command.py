"""`triservice picture` and `demo` as they are typed: exit codes, sentences, JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from triservice.analysis.example.demo import invented_lake
from triservice.cli import main


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invented_lake(tmp_path_factory.mktemp("typed"), events=1_500).root


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["triservice", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_it_writes_the_page_and_says_where(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    code = run(monkeypatch, "picture", "--lake", lake, "--within", "Examplia", "--out", out)
    assert code == 0
    said = capsys.readouterr().out
    assert (out / "index.html").as_uri() in said
    assert (out / "picture.json").exists()


def test_json_is_one_object_and_nothing_else(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("picture", "--lake", lake, "--within", "examplia", "--out", tmp_path / "out",
             "--layers", "police,fire", "--worst", "10", "--json")  # fmt: skip
    assert run(monkeypatch, *words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["layers"] == ["police", "fire"]
    assert set(answer["spearman"]) == {"police~fire"}
    assert all((tmp_path / "out" / name).exists() for name in answer["files"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--within", "Exemplar"), "Examplia"),
        (("--within", "Examplia", "--worst", "0"), "percentage"),
        (("--within", "Examplia", "--within-km", "0"), "reaches nothing"),
        (("--within", "Examplia", "--date", "yesterday"), "not a date"),
        (("--within", "Examplia", "--places", "none.csv"), "none.csv"),
        (("--within", "Examplia", "--layers", "police,floods"), "floods"),
    ],
)
def test_what_cannot_be_done_exits_with_two_and_a_sentence(
    lake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    says: str,
) -> None:
    assert run(monkeypatch, "picture", "--lake", lake, "--out", tmp_path / "out", *words) == 2
    caught = capsys.readouterr()
    assert says in caught.err
    assert "Traceback" not in caught.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_lake_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "picture", "--lake", tmp_path, "--out", tmp_path / "out") == 2
    assert "is not a lake" in capsys.readouterr().err


def test_the_demo_writes_both_counties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "demo"
    assert run(monkeypatch, "demo", "--out", out, "--pictures-only") == 0
    said = capsys.readouterr().out
    assert "Five of the 15 areas in the worst fifth are the same in all three layers" in said
    for page in (out / "index.html", out / "invented" / "index.html"):
        assert page.as_uri() in said
        assert page.exists()
    invented = json.loads((out / "invented" / "picture.json").read_text(encoding="utf-8"))
    assert invented["invented"] is True
    assert "Invented data." in (out / "invented" / "index.html").read_text(encoding="utf-8")
    assert "Invented data." not in (out / "index.html").read_text(encoding="utf-8")

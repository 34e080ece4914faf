"""What every command shares: JSON that is JSON, refusals that are sentences."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from triservice import __version__, cli
from triservice.terminal import Exit, print_json, print_table, progress, say


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from triservice.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def test_version_and_help_exit_0() -> None:
    assert run("--version").stdout.strip() == f"triservice {__version__}"
    assert run("--help").returncode == 0


def test_unknown_commands_exit_2() -> None:
    assert run("levitate").returncode == 2


def test_a_refusal_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    finished = run("lake", "--lake", str(tmp_path / "none"))
    assert finished.returncode == 2
    assert "is not a lake" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""


@pytest.mark.parametrize(
    ("fault", "said"),
    [(KeyError("secret"), "a fault in triservice"), (OSError("no space left"), "no space left")],
)
def test_what_nobody_foresaw_is_a_sentence_too(
    fault: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise fault

    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == Exit.FAULT
    shown = capsys.readouterr().err
    assert said in shown
    assert "secret" not in shown  # what a row held never reaches a terminal or a log by accident
    monkeypatch.setenv("TRISERVICE_TRACEBACK", "1")
    with pytest.raises(type(fault)):
        cli.main()


def test_heavy_libraries_are_not_loaded_for_help() -> None:
    heavy = "{'numba', 'pandas', 'scipy', 'ibis', 'matplotlib', 'pyogrio', 'duckdb', 'shapely'}"
    code = f"import sys, triservice.cli; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_json_holds_numbers_nulls_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(
        {
            "n": np.int64(3),
            "r": np.float64(0.25),
            "missing": float("nan"),
            "endless": np.inf,
            "list": np.arange(2),
            "day": date(2025, 1, 31),
            "path": Path("a") / "b",
            "é": None,
        }
    )
    assert json.loads(capsys.readouterr().out) == {
        "n": 3,
        "r": 0.25,
        "missing": None,
        "endless": None,
        "list": [0, 1],
        "day": "2025-01-31",
        "path": "a/b",
        "é": None,
    }


def test_tables_show_missing_values_as_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(
        "Events", ["service", "events", "rate"], [["police", 12345, None], ["fire", 2, 0.5]]
    )
    out = capsys.readouterr().out
    assert "12,345" in out
    assert "–" in out


def test_words_of_a_file_are_not_markup_and_do_not_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table("Lake [/x]", ["file [/red]", "value"], [["[bold]a[/y].csv", "\x1b[2Jgone :smile:"]])
    say("field \x1b]0;title\x07 is\nnot known")
    told = capsys.readouterr()
    for words in ("Lake [/x]", "file [/red]", "[bold]a[/y].csv", "[2Jgone :smile:"):
        assert words in told.out
    assert "is\nnot known" in told.err
    assert "\x1b" not in told.out + told.err


def test_progress_over_a_file_named_like_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("TERM", "xterm")
    with progress() as bar:
        bar.update(bar.add_task("Reading", total=2), description="[/x].csv", completed=1)
        bar.refresh()

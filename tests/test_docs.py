"""The documentation is true: examples run, commands and options exist, links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from triservice.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)?( notest)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [m[3] for m in BLOCK.finditer(text) if m[1] == language and not m[2]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [m[1] for m in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [link for link in broken if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name
)
def test_python_examples_run_in_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in blocks(page, "python"):
        exec(compile(example, str(page), "exec"), names)


def commands() -> list[tuple[str, str]]:
    """Return every `triservice …` line of a code block, with the page that it is on."""
    found = []
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
            lines = block[3].replace("\\\n", " ").splitlines()
            typed = [line.strip().removeprefix("$ ") for line in lines]
            found += [(page.name, line) for line in typed if line.startswith("triservice ")]
    return found


@pytest.mark.parametrize(("page", "line"), commands())
def test_commands_and_their_options_exist(page: str, line: str) -> None:
    words = shlex.split(line.split(" > ")[0].split(" | ")[0], comments=True)[1:]
    command = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
    options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
    options |= {"--help", "-h"}
    used = {word.split("=")[0] for word in words if word.startswith("-") and len(word) > 1}
    assert not getattr(command, "commands", {}) or not words or words[0].startswith("-"), line
    assert used <= options, f"{page}: {line}"

"""What every sub-command shares: options, JSON, tables, progress bars and refusals as sentences.

Standard output carries the answer (a table, or JSON with `--json`); standard error carries
everything said on the way, so that an answer can always be piped.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triservice.kernel.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress


class Exit(IntEnum):
    """What the exit code means."""

    DONE = 0
    QUARANTINED = 1  # finished, something was quarantined, and --strict was given
    UNUSABLE = 2  # the input or the arguments cannot be used
    FAULT = 70  # the machine failed, or triservice did


LakeOption = Annotated[
    Path, typer.Option("--lake", help="Folder of the event lake.", envvar="TRISERVICE_LAKE")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, for machines.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write the result here as well; see the examples.")
]


def examples(*lines: str) -> str:
    """Return an epilog that shows `lines` as commands, one each."""
    return "\n\n".join(["[bold]Examples[/bold]", *(f"  $ {line}" for line in lines)])


def say(message: str) -> None:
    """Tell the person something on standard error."""
    print(printable(message), file=sys.stderr)


def printable(text: str) -> str:
    """Return text without control characters: words of a file may not steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def print_json(answer: Any) -> None:
    """Print `answer` as JSON; NumPy numbers become numbers, NaN becomes null, paths text."""
    print(json.dumps(_plain(answer), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        return _plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)  # paths, dates, enumerations


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; numbers align right, floats keep three significant figures of fraction."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    # Text, because Rich reads a plain str as markup, and "[/x]" in someone's file is not ours.
    table = Table(title=Text(printable(title)), title_justify="left", header_style="bold")
    for index, name in enumerate(columns):
        numeric = any(isinstance(row[index], (int, float)) for row in rows)
        table.add_column(Text(printable(name)), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(Text(printable(_cell(value))) for value in row))
    Console().print(table)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value)


def progress(quiet: bool = False) -> Progress:
    """Return a progress bar on standard error; silent when `quiet` or not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


@contextmanager
def telling(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done on standard error, on one line that moves."""
    with progress(quiet=quiet) as bar:
        task = bar.add_task("Starting", total=None)

        def tell(what: str) -> None:
            bar.update(task, description=what)

        yield tell


def start_django() -> None:
    """Set Django up. Raises InputError without the web extra, or with settings that are unsafe."""
    if find_spec("django") is None:
        raise InputError(
            "The web application is not installed", do="Run: pip install 'triservice[web]'"
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "triservice.web.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as refusal:
        raise InputError(str(refusal)) from None

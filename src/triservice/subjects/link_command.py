"""`triservice link`: train the model that compares people, and propose by it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from triservice.analysis.lake.engine import Engine
from triservice.kernel.words import many
from triservice.terminal import JsonOption, examples, print_json, start_django, telling

if TYPE_CHECKING:
    from triservice.kernel.access_words import Reader

_EngineOption = Annotated[
    Engine,
    typer.Option(
        "--engine",
        help="What compares: spark (an extra, needs Java) when there are more people than one "
        "machine can hold. Either uses what the other trained.",
    ),
]


def train(engine: _EngineOption = "duckdb", as_json: JsonOption = False) -> None:
    """Train the model on everybody known, and keep it: at first, and when sources have changed.

    Needs the extra `linkage`. Nothing about anybody is printed.
    """
    start_django()
    from triservice.subjects.actions.model import train_model

    with telling(as_json) as tell:
        made = train_model(_operator(), engine, tell)
    if as_json:
        print_json({"model": made.pk, "people": made.people})
    else:
        print(f"Trained on {many(made.people, 'person', 'people')}. Now: triservice link run")


def run(
    least: Annotated[
        float, typer.Option("--least", min=0.5, max=1, help="Propose pairs at least as likely.")
    ] = 0.9,
    engine: _EngineOption = "duckdb",
    as_json: JsonOption = False,
) -> None:
    """Propose pairs with somebody who came since the last run; people judge them under Matches.

    Nobody is joined by it; a pair is proposed once, ever. `triservice serve` does so once a day.
    """
    start_django()
    from triservice.subjects.actions.model import link_by_model

    with telling(as_json) as tell:
        done = link_by_model(_operator(), least, engine, tell)
    if as_json:
        print_json(asdict(done))
    else:
        pairs = many(done.compared, "likely pair")
        print(f"{pairs} found, {done.proposed:,} of them new: proposed for people to judge.")


def _operator() -> Reader:
    """Return the reader under whose name the record says it: nobody, to whom nothing opens."""
    from triservice.access.notices.actions import clock_reader

    return replace(clock_reader(), name="triservice link, by an operator", source="command line")


def register(app: typer.Typer) -> None:
    """Add `link` with its commands."""
    link = typer.Typer(
        help="Find records of one person that no number joins.", no_args_is_help=True
    )
    shown = ("triservice link train", "triservice link train --engine spark")
    link.command("train", epilog=examples(*shown))(train)
    shown = ("triservice link run", "triservice link run --least 0.95 --json")
    link.command("run", epilog=examples(*shown))(run)
    app.add_typer(link, name="link")

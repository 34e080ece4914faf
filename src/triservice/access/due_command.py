"""`triservice due`: what goes by the clock, once, or again and again beside a server."""

from __future__ import annotations

import logging
import signal
from threading import Event
from typing import Annotated

import typer

from triservice.kernel.errors import InputError
from triservice.terminal import JsonOption, examples, print_json, say, start_django


def due(
    every: Annotated[
        int | None,
        typer.Option("--every", min=1, help="Go on until stopped: again after so many seconds."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write down what ended, remind, and look for unusual patterns. Safe to run at any time.

    `triservice serve` does so every minute. Nothing waits for it to close: agreements, approvals
    and emergency access end by themselves.
    """
    start_django()
    from django.db import connection

    from triservice.access.jobs import run_due

    if "access_clockwork" not in connection.introspection.table_names():
        raise InputError("The database has no tables yet", do="Run triservice migrate first")
    if every is not None:
        go_on(every)
        return
    done = run_due()
    if done is None:
        say("triservice: another process is doing what is due just now.")
    if as_json:
        print_json(done or {})
        return
    for name, count in (done or {}).items():
        print(f"{count:>6,} {name}")


def go_on(seconds: int) -> None:
    """Do what is due, again and again, until told to stop: the job at hand is finished first.

    What fails is in the log, and is tried again the next time.
    """
    from django.db import close_old_connections

    from triservice.access.jobs import run_due, where

    stopped = Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    while not stopped.is_set():
        close_old_connections()  # a database that was away is asked anew
        try:
            run_due(everything=False, stopped=stopped.is_set)
        except InputError:
            pass  # each job that failed is in the log
        except Exception as error:
            logging.getLogger(__name__).error("by the clock: %s", where(error))
        stopped.wait(seconds)


def register(app: typer.Typer) -> None:
    """Add the command."""
    shown = ("triservice due", "triservice due --json", "triservice due --every 60")
    app.command("due", epilog=examples(*shown))(due)

"""`triservice due`: what the clock does for access; for a scheduler, every few minutes."""

from __future__ import annotations

import typer

from triservice.kernel.errors import InputError
from triservice.terminal import JsonOption, examples, print_json, start_django


def due(as_json: JsonOption = False) -> None:
    """Write down what ended, remind, and look for unusual patterns. Safe to run at any time.

    Nothing waits for it to close: agreements, approvals and emergency access end by themselves.
    """
    start_django()
    from django.db import connection

    from triservice.access.jobs import run_due

    if "access_notice" not in connection.introspection.table_names():
        raise InputError("The database has no tables yet", do="Run triservice migrate first")
    done = run_due()
    if as_json:
        print_json(done)
        return
    for name, count in done.items():
        print(f"{count:>6,} {name}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("due", epilog=examples("triservice due", "triservice due --json"))(due)

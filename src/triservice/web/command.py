"""`triservice serve`, `migrate`, `createadmin`, `backup`, `restore` and `doctor`.

Django is imported inside the commands only, so that `triservice` starts as quickly as without it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from triservice.kernel.errors import InputError
from triservice.terminal import Exit, JsonOption, examples, print_json, print_table, say

_YesOption = Annotated[
    bool, typer.Option("--yes", help="Replace the records that are there; they are lost.")
]


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes; about one a core.")
    ] = min(4, os.cpu_count() or 1),
    threads: Annotated[int, typer.Option("--threads", min=1, max=64, help="Threads in each.")] = 4,
    jobs: Annotated[
        bool, typer.Option("--jobs/--no-jobs", help="Also do jobs, and what goes by the clock.")
    ] = True,
) -> None:
    """Serve the web application until stopped; refuses to start when it is not safe or ready."""
    from triservice.web.operations.start import start

    start()
    from triservice.web.operations.serve import serve as run

    say(f"triservice: serving at http://{host}:{port}/ (Ctrl-C stops)")
    run(host, port, workers, threads, jobs)


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only say what waits; exit with 1 when something does.")
    ] = False,
    grant_to: Annotated[
        str | None,
        typer.Option(
            "--grant-to",
            help="PostgreSQL role of the application: may add to the record, never change it.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the database up to date: makes every table at first, and keeps every row later."""
    from triservice.web.operations.start import make_room, start, waiting_migrations

    start()
    from django.core.management import call_command

    make_room()
    waiting = waiting_migrations()
    if waiting and not check:
        call_command("migrate", verbosity=0, interactive=False)
    if grant_to and not check:
        from triservice.web.operations.database_role import grant

        grant(grant_to)
    if as_json:
        print_json({"waiting" if check else "done": waiting})
    elif not waiting:
        say("triservice: the database is up to date.")
    else:
        count = f"{len(waiting)} change{'' if len(waiting) == 1 else 's'}"
        say(f"triservice: {count} of the database {'wait' if check else 'made'}.")
    if check and waiting:
        raise typer.Exit(Exit.QUARANTINED)


def createadmin(
    email: Annotated[str, typer.Option("--email", help="Sign-in name.")],
    name: Annotated[str, typer.Option("--name", help="The person's name.")],
    agency: Annotated[str, typer.Option("--agency", help="Name or short name of their agency.")],
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            help="Make the agency: police, fire, ambulance, health, council or charity.",
        ),
    ] = None,
    password_from_stdin: Annotated[
        bool, typer.Option("--password-from-stdin", help="Read the password from standard input.")
    ] = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="None: they use the link for a forgotten one.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a system administrator, who enters everybody else and reads nobody's data."""
    from triservice.web.operations.start import start, waiting_migrations

    start()
    from triservice.web.operations.people import create_admin

    if waiting_migrations():
        raise InputError("The database is not up to date", do="Run: triservice migrate")
    password = None if no_password else _password(password_from_stdin)
    made = create_admin(email, name, agency, kind, password)
    if as_json:
        print_json(made)
    else:
        say(f"triservice: {made['name']} ({made['email']}) is {made['post']} of {made['agency']}.")
        say("At the first sign-in they set up a second factor.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise InputError(
            "There is nobody to ask for a password here",
            do="Give --password-from-stdin or --no-password",
        )
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    as_json: JsonOption = False,
) -> None:
    """Write all records of the running system, as of one moment, into one file.

    The file holds everything that the system holds about people: keep it encrypted.
    """
    from triservice.web.operations.start import start

    start()
    from triservice.web.operations.backup import backup as run

    made = run(file)
    if as_json:
        print_json(made)
    else:
        size = made["bytes"] / 1e6
        say(f"triservice: {file} holds the {made['database']} records ({size:,.1f} MB).")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `triservice backup` wrote.")],
    yes: _YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup in the place of what is there: all of it, or nothing is changed."""
    from triservice.web.operations.start import make_room, start

    start()
    from triservice.web.operations.backup import restore as run

    make_room()
    put = run(file, yes)
    if as_json:
        print_json(put)
    else:
        say(f"triservice: the records of {put['made']} are back.")


def doctor(as_json: JsonOption = False) -> None:
    """Look at settings, database, pages, disk and mail; exit with 2 when something is wrong."""
    from triservice.web.operations.start import start

    start()
    from triservice.web.operations.doctor import State, examine

    findings = examine()
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    else:
        rows = [[finding.about, finding.state.value, finding.said] for finding in findings]
        print_table("triservice doctor", ["about", "", "found"], rows)
    if any(finding.state is State.WRONG for finding in findings):
        raise typer.Exit(Exit.UNUSABLE)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        epilog=examples(
            "triservice serve", "triservice serve --host 0.0.0.0 --port 8080 --workers 4"
        )
    )(serve)
    app.command(
        epilog=examples(
            "triservice migrate",
            "triservice migrate --check --json",
            "triservice migrate --grant-to triservice_app",
        )
    )(migrate)
    app.command(
        epilog=examples(
            "triservice createadmin --email sam@council.example --name 'Sam Invented' "
            "--agency 'Invented Council' --kind council",
            "pass show admin | triservice createadmin … --password-from-stdin",
        )
    )(createadmin)
    app.command(
        epilog=examples("triservice backup /secure/triservice-2026-11-22.backup"),
    )(backup)
    app.command(
        epilog=examples(
            "triservice restore /secure/triservice-2026-11-22.backup",
            "triservice restore /secure/triservice-2026-11-22.backup --yes --json",
        )
    )(restore)
    app.command(epilog=examples("triservice doctor", "triservice doctor --json"))(doctor)

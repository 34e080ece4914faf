"""`triservice demo`: the example county's picture, and an invented partnership at work.

Django is imported inside the command only; without the web extra the pictures are all there is.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from triservice.analysis.picture import command as picture_command
from triservice.kernel.errors import InputError
from triservice.terminal import JsonOption, examples, say, start_django, telling

FILLED = b"filled\n"  # what the other process says when the lakes are there


def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the demonstration: pictures, lake, data.")
    ] = Path("demo"),
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port.")] = 8000,
    people: Annotated[
        int, typer.Option("--people", min=10, max=1_000_000, help="How many people to invent.")
    ] = 10_000,
    serve: Annotated[
        bool,
        typer.Option("--serve/--pictures-only", help="Serve the application, or stop before it."),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Write the pictures of the example county, then serve an invented partnership on its map.

    Nobody in it is real. The first run builds it, later ones start at once; Ctrl-C stops it, and
    removing the folder forgets it. `--json` writes the pictures only.
    """
    if not serve or as_json:
        picture_command.write_demo_pictures(out, as_json)
        return
    if find_spec("django") is None:
        picture_command.write_demo_pictures(out)
        say("triservice: the web application is not installed; pip install 'triservice[web]'")
        return
    with _pictures(out) as lakes_filled:
        _make_ready(out)
        _apart(lambda: _build(people, lakes_filled))
        _serve(host, port)


@contextmanager
def _pictures(out: Path) -> Iterator[Callable[[], None]]:
    """Write lakes and pictures, where they are not there, by a process of their own.

    They take longer than the application, and a computer has a second core. Gives what waits for
    the lakes. Where they are is said when they are; the other process ends with this one.
    """
    page = out / "index.html"
    if page.is_file():
        print(f"The picture: {picture_command.address(page)}")
        yield lambda: None
        return
    command = [sys.executable, "-m", __name__, str(out)]
    quiet, pipe = subprocess.DEVNULL, subprocess.PIPE
    other = subprocess.Popen(command, stdin=quiet, stdout=pipe, stderr=quiet)
    owner = os.getpid()

    def lakes_filled() -> None:
        from triservice.analysis.example.demo import fill_lakes

        if other.stdout and other.stdout.readline() != FILLED:
            fill_lakes(out)  # so that its reason is told

    Thread(target=_say_when_written, args=(out, other), daemon=True).start()
    try:
        yield lakes_filled
    finally:
        if os.getpid() == owner:  # a fork that answers pages leaves here too: not it
            other.kill()
            other.communicate()


def _say_when_written(out: Path, other: subprocess.Popen[bytes]) -> None:
    if other.wait() == 0:
        print(f"\nThe picture: {picture_command.address(out / 'index.html')}", flush=True)
        picture_command.say_where(out)
    elif other.returncode > 0:  # and was not stopped
        print("\nThe picture was not written: see why by `triservice demo --pictures-only`.")


def _write(out: Path) -> None:
    """Fill the lakes, say so, and write the pictures: the other process."""
    from triservice.analysis.example.demo import fill_lakes

    fill_lakes(out)
    sys.stdout.buffer.write(FILLED)
    sys.stdout.flush()
    sys.stdout = sys.stderr  # what else is said is for nobody
    picture_command.write_demo_pictures(out)


def _make_ready(out: Path) -> None:
    from triservice.web.demo import build

    build.environment(out)
    start_django()
    from django.conf import settings

    if not settings.DEMO:
        raise InputError(
            "A demonstration does not run on production settings", do="Unset TRISERVICE_ENV"
        )


def _apart(work: Callable[[], object]) -> None:
    """Do it in a fork of this process; where that fails, it has said why, and this ends as it did.

    Building starts threads in the libraries that compare and draw. What answers pages is a fork of
    the server, where they would be missing: at its end it waited for them for ever, or crashed.
    """
    sys.stdout.flush()
    child = os.fork()
    if not child:
        work()
        raise typer.Exit
    try:
        status = os.waitpid(child, 0)[1]
    except KeyboardInterrupt:  # it was told as well, and says so
        status = os.waitpid(child, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        raise ChildProcessError(f"building was ended by signal {-code}")
    if code:
        raise typer.Exit(code)


def _build(people: int, lakes_filled: Callable[[], None]) -> None:
    from django.core.management import call_command

    from triservice.web.demo import build
    from triservice.web.operations.start import make_room, waiting_migrations

    make_room()
    waiting_migrations()  # refuses a database that an earlier version left half way
    with telling(False) as tell, _quickly():
        tell("Making the tables")
        call_command("migrate", verbosity=0, interactive=False)
        build.build(people, lakes_filled, tell)


@contextmanager
def _quickly() -> Iterator[None]:
    """Build without waiting for the disk at each step, nor looking for garbage; then as always."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-200000")  # kilobytes
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        connection.close()


def _serve(host: str, port: int) -> None:
    from triservice.web.operations import serve as server

    address = f"http://{host}:{port}/"
    print("\nThe application, with invented people on the real map:")
    print(f"  sign in by one click   {address}demo/")
    print(f"  the start page         {address}")
    print("Ctrl-C stops it; the same command starts it again where it was.", flush=True)
    server.serve(host, port, workers=1, threads=8, jobs=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "demo",
        epilog=examples(
            "triservice demo",
            "triservice demo --out /tmp/demo --port 8080 --people 2000",
            "triservice demo --pictures-only",
        ),
    )(demo)


if __name__ == "__main__":
    _write(Path(sys.argv[1]))

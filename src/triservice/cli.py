"""The `triservice` command. Each sub-command is a module beside the room that it serves."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Annotated

import typer

from triservice import __version__
from triservice.access import audit_command, due_command
from triservice.analysis.hotspots import command as hotspots_command
from triservice.analysis.lake import command as lake_command
from triservice.analysis.lake import places_command
from triservice.analysis.near_repeat import command as near_repeat_command
from triservice.analysis.overlap import command as overlap_command
from triservice.analysis.picture import command as picture_command
from triservice.kernel.errors import InputError
from triservice.schemes import command as scheme_command
from triservice.subjects import link_command
from triservice.terminal import Exit, say
from triservice.web import command as web_command
from triservice.web.demo import command as demo_command

app = typer.Typer(
    name="triservice",
    help="Police, fire, health and council working as one prevention service.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(show: bool) -> None:
    if show:
        print(f"triservice {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Police, fire, health and council working as one prevention service."""


audit_command.register(app)
due_command.register(app)
demo_command.register(app)
hotspots_command.register(app)
lake_command.register(app)
link_command.register(app)
near_repeat_command.register(app)
overlap_command.register(app)
picture_command.register(app)
places_command.register(app)
scheme_command.register(app)
web_command.register(app)


def main() -> None:
    """Run the command line: a refusal is a sentence and an exit code, never a traceback."""
    if not sys.warnoptions:  # a library's warning is not a sentence; `python -W` brings it back
        warnings.simplefilter("ignore")
    try:
        app()
    except InputError as refusal:
        say(f"triservice: {refusal}")
        sys.exit(Exit.UNUSABLE)
    except BrokenPipeError:  # the reader of our output went away, for example `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.DONE)
    except KeyboardInterrupt:
        say("triservice: stopped; what was finished is kept, and the same command goes on from it.")
        sys.exit(130)
    except Exception as fault:
        if os.environ.get("TRISERVICE_TRACEBACK"):
            raise
        say(_said(fault))
        sys.exit(Exit.FAULT)


def _said(fault: Exception) -> str:
    """Return a sentence for what nobody foresaw: the machine's fault, or ours."""
    if isinstance(fault, (OSError, MemoryError)):
        why = str(fault) or "out of memory"
        return f"triservice: the machine refused: {why}. Nothing that was half done counts."
    return (
        f"triservice: this is a fault in triservice, not in your input ({type(fault).__name__}). "
        "Run the command again with TRISERVICE_TRACEBACK=1 set and report what it prints."
    )

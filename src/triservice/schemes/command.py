"""`triservice scheme`: list the schemes, show one in plain words, check and publish a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triservice.kernel.words import many
from triservice.terminal import JsonOption, examples, print_json, print_table, printable

if TYPE_CHECKING:
    from triservice.schemes.scheme import Scheme

FilesArgument = Annotated[list[Path], typer.Argument(help="Scheme files.", show_default=False)]


def list_schemes(as_json: JsonOption = False) -> None:
    """List the schemes of the catalogue."""
    from triservice.schemes import catalogue

    schemes = [catalogue.scheme(name) for name in catalogue.names()]
    if as_json:
        print_json([summary(scheme) for scheme in schemes])
        return
    rows = [[one.id, one.version, one.name, one.lead, len(one.questions)] for one in schemes]
    print_table("Schemes", ["scheme", "version", "name", "led by", "questions"], rows)


def show(
    name: Annotated[str, typer.Argument(help="The id of a scheme, or a scheme file.")],
    version: Annotated[int | None, typer.Option(help="An older version.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a scheme in plain words: who may refer, targets, rules, questions, figures."""
    from triservice.schemes import catalogue, exporting, telling

    file = Path(name)
    scheme = catalogue.read(file) if file.suffix == ".toml" else catalogue.scheme(name, version)
    if as_json:
        print_json(exporting.scheme(scheme))
    else:
        print(printable(telling.text(scheme)))


def check(files: FilesArgument, as_json: JsonOption = False) -> None:
    """Check scheme files: the first mistake is named with its file, line and key (exit 2)."""
    from triservice.schemes.publishing import check_file

    schemes = [check_file(file) for file in files]
    if as_json:
        print_json([summary(scheme) for scheme in schemes])
        return
    for scheme in schemes:
        print(f"{printable(scheme.name)} ({scheme.id}, version {scheme.version}) is right: "
              f"{_counted(scheme)}.")  # fmt: skip


def publish(files: FilesArgument) -> None:
    """Check scheme files and write down that they are published: from then on they never change."""
    from triservice.schemes import publishing

    for file in files:
        scheme = publishing.publish(file)
        print(f"{scheme.id}, version {scheme.version}, is published.")


def _counted(scheme: Scheme) -> str:
    parts = [f"{many(len(form.questions), 'question')} in {name}"
             for name, form in scheme.forms.items()]  # fmt: skip
    parts += [
        many(len(found), word)
        for found, word in (
            (scheme.scores, "score"),
            (scheme.needs, "need"),
            (scheme.routes, "route"),
            (scheme.facts, "published figure"),
        )
    ]
    return ", ".join(parts)


def summary(scheme: Scheme) -> dict[str, object]:
    """Return what a list says of a scheme, as JSON."""
    return {
        "scheme": scheme.id,
        "version": scheme.version,
        "digest": scheme.digest,
        "name": scheme.name,
        "lead": scheme.lead,
        "purpose": str(scheme.purpose),
        "referrers": list(scheme.referrers),
        "questions": {name: len(form.questions) for name, form in scheme.forms.items()},
    }


def register(app: typer.Typer) -> None:
    """Add the `scheme` commands."""
    scheme = typer.Typer(help="Schemes: ways of working, as files.", no_args_is_help=True)
    scheme.command("list", epilog=examples("triservice scheme list --json"))(list_schemes)
    scheme.command("show", epilog=examples("triservice scheme show home-fire-safety"))(show)
    scheme.command("check", epilog=examples("triservice scheme check our-scheme.toml"))(check)
    scheme.command("publish", epilog=examples("triservice scheme publish our-scheme.toml"))(publish)
    app.add_typer(scheme, name="scheme")

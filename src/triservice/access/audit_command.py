"""`triservice audit verify`, `checkpoint` and `key`: whether the record of reads is whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from triservice.kernel.words import many
from triservice.terminal import Exit, JsonOption, examples, print_json, say, start_django

CHANGED = Exit.QUARANTINED  # finished, and the record is not whole

_KeptOption = Annotated[
    Path | None,
    typer.Option("--checkpoints", help="Checkpoints kept elsewhere, to compare with as well."),
]
_KeyOption = Annotated[
    Path | None,
    typer.Option("--public-key", help="The public key to trust; else this machine's own."),
]


def verify(
    checkpoints: _KeptOption = None, public_key: _KeyOption = None, as_json: JsonOption = False
) -> None:
    """Find any change, gap, reorder or cut in the record of disclosures. Exit 1 when there is."""
    start_django()
    from triservice.access import audit

    found = audit.verify(checkpoints, public_key)
    if as_json:
        print_json(asdict(found) | {"whole": found.whole})
    else:
        print(
            f"{many(found.rows, 'disclosure')} verified to number {found.last_seq:,}, "
            f"{many(found.checkpoints, 'signed checkpoint')} held."
        )
        for fault in found.faults:
            print(f"  disclosure {fault.seq:,}: {fault.what}")
        print("The record is whole." if found.whole else "The record is NOT whole.")
    if not found.whole:
        raise typer.Exit(CHANGED)


def checkpoint(
    out: Annotated[
        Path | None, typer.Option("--out", help="Append it to this file too: keep it elsewhere.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the record as it is now; run it every hour, and keep the file on another machine."""
    start_django()
    from triservice.access import audit

    signed = audit.checkpoint_to(out)
    if as_json:
        print_json(asdict(signed))
    else:
        print(f"Disclosure {signed.seq:,} signed with key {signed.key} at {signed.at}.")


def key() -> None:
    """Print the public key of the checkpoints, for whoever verifies elsewhere."""
    start_django()
    from triservice.access import signing

    print(signing.public_pem(), end="")
    say(f"The private half is in {signing.key_file()}.")


def register(app: typer.Typer) -> None:
    """Add the `audit` commands."""
    audit = typer.Typer(help="The record of every read: verify it, sign it.", no_args_is_help=True)
    audit.command(
        "verify",
        epilog=examples(
            "triservice audit verify",
            "triservice audit verify --checkpoints kept.jsonl --public-key audit.pub --json",
        ),
    )(verify)
    audit.command("checkpoint", epilog=examples("triservice audit checkpoint --out kept.jsonl"))(
        checkpoint
    )
    audit.command("key", epilog=examples("triservice audit key > audit.pub"))(key)
    app.add_typer(audit, name="audit")

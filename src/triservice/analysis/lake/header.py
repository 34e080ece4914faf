"""The names in a header, and which columns of a mapping they are."""

from __future__ import annotations

from pathlib import Path

from triservice.kernel.errors import InputError


def normal(name: str) -> str:
    """Return a column name in the form in which names are compared."""
    return "".join(c for c in name.casefold() if c.isalnum())


def find_columns(header: list[str], wanted: list[str]) -> tuple[dict[str, int], list[str]]:
    """Return (column → index, wanted columns that are not there).

    A name matches exactly, or else when only case, blanks and punctuation differ and just one
    column matches so.
    """
    found, missing = {}, []
    for name in wanted:
        exact = [i for i, held in enumerate(header) if held == name]
        loose = [i for i, held in enumerate(header) if normal(held) == normal(name) != ""]
        matches = exact or loose
        if len(matches) == 1:
            found[name] = matches[0]
        else:
            missing.append(name)
    return found, missing


def require_columns(
    path: Path, delimiter: str, header: list[str], wanted: list[str], mapping_name: str
) -> dict[str, int]:
    """Return column → index. Raises InputError that names what is missing and what is there."""
    found, missing = find_columns(header, wanted)
    if not missing:
        return found
    twice = [name for name in missing if header.count(name) > 1]
    if twice:
        raise InputError(
            f"the header names {', '.join(map(repr, twice))} more than once",
            file=path,
            do="Give each column a name of its own.",
        )
    hint = f"Is this the right mapping? {mapping_name} was asked for"
    for other in ",;\t|":
        if len(header) == 1 and other in header[0] and other != delimiter:
            shown = "tab" if other == "\t" else other
            hint = f'The values seem to be separated by "{shown}": set delimiter in the mapping'
    raise InputError(
        f"the header lacks {', '.join(missing)}; it names {_listed(header)}",
        file=path,
        do=f"{hint}.",
    )


def _listed(names: list[str], most: int = 40) -> str:
    shown = ", ".join(name or "(no name)" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown

"""Published versions: a case keeps the version it began with, so a published file never changes.

`published.sha256`, beside the schemes, holds a line for each published version: its digest and its
name. The digest is over the file and the instruments that it includes. `triservice scheme publish`
writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from triservice.files import refusing_the_disk, write_atomically
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue
from triservice.schemes.carrying import check_change
from triservice.schemes.scheme import Scheme
from triservice.toml_reader import Table

FILE = "published.sha256"


def published(folder: Path) -> Mapping[str, str]:
    """Return the digests of the published versions of a folder, by name: "safe-and-well@1"."""
    file = folder / FILE
    if not file.is_file():
        return {}
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in lines}


def check_file(file: Path) -> Scheme:
    """Read a scheme file and check it against its published self and its version before.

    Raises InputError that names the file and, where there is one, the line and key.
    """
    scheme = catalogue.read(file)
    folder, root = file.resolve().parent, Table.read(file)
    known = published(folder).get(f"{scheme.id}@{scheme.version}")
    if known not in (None, scheme.digest):
        raise root.refuse(
            "version",
            f"{scheme.version} is published, and the file or one of its instruments has changed",
            do=f"Keep the published file as {scheme.id}@{scheme.version}.toml, "
            f"and give this one version = {scheme.version + 1}.",
        )
    if scheme.change is not None:
        before = folder / f"{scheme.id}@{scheme.version - 1}.toml"
        if not before.is_file():
            raise root.refuse("change", f"{before.name} is not beside the file", do="Keep it.")
        try:
            check_change(catalogue.read(before), scheme)
        except InputError as wrong:
            if wrong.file is not None:
                raise
            raise root.refuse("change", wrong.what, wrong.do) from None
    return scheme


def publish(file: Path) -> Scheme:
    """Check a scheme file and write down its digest. Publishing again changes nothing."""
    scheme = check_file(file)
    folder = file.resolve().parent
    digests = {**published(folder), f"{scheme.id}@{scheme.version}": scheme.digest}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digests.items())]
    with refusing_the_disk(folder / FILE):
        write_atomically(folder / FILE, "".join(lines))
    return scheme

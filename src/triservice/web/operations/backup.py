"""Back up a running system into one file, and put it back.

The file is an uncompressed tar: `manifest.json` (what, when, which migrations, a SHA-256 of every
member), the database, and the uploaded files. It holds everything that the system holds: keep it
encrypted and closed. Events of the lake are not in it; they are imported again from their files.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from triservice.kernel import clock
from triservice.kernel.errors import InputError
from triservice.web.operations import postgres, sqlite
from triservice.web.operations.start import is_sqlite, waiting_migrations

FORMAT = "triservice backup 1"
MANIFEST = "manifest.json"


def backup(to: Path) -> dict[str, Any]:
    """Write a backup of the running system; return its manifest.

    Everything in it is of one moment. The file appears whole or not at all, readable by its owner
    only. Raises InputError when it exists, or when the database is not migrated.
    """
    if to.exists():
        raise InputError("exists already", file=to, kept="It was not touched", do="Choose another")
    if not to.parent.is_dir():
        raise InputError("lies in a folder that does not exist", file=to, do="Make the folder")
    if waiting := waiting_migrations():
        raise InputError(
            f"The database is not up to date ({waiting[0]} waits)", do="Run: triservice migrate"
        )
    engine: Any = sqlite if is_sqlite() else postgres
    with _room(to.parent) as room:
        members = engine.dump(room) | _files()
        whole = room / "whole.tar"
        try:
            manifest = _write_whole(whole, members, engine.NAME)
        except FileNotFoundError:  # swept, or a photograph that a phone sent was taken over
            raise InputError(
                "A file was removed while it was copied", file=to, kept="Nothing was written",
                do="Run it again",
            ) from None  # fmt: skip
        whole.chmod(0o600)
        os.link(whole, to)  # fails, and overwrites nothing, if somebody made it meanwhile
    return manifest | {"file": str(to), "bytes": to.stat().st_size}


def _write_whole(whole: Path, members: dict[str, Path], database: str) -> dict[str, Any]:
    manifest = {
        "format": FORMAT,
        "made": clock.now().isoformat(),
        "database": database,
        "migrations": _migrations(),
        "members": {name: _digest(path) for name, path in members.items()},
    }
    with open(whole, "xb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
        _add_text(tar, MANIFEST, json.dumps(manifest, indent=2))
        for name, path in members.items():
            tar.add(path, arcname=name, recursive=False)
        tar.close()
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def read_manifest(file: Path) -> dict[str, Any]:
    """Return the manifest of a backup. Raises InputError when the file is none."""
    if not file.is_file():
        raise InputError("does not exist", file=file, do="Check the name")
    try:
        with tarfile.open(file) as tar:
            member = tar.extractfile(MANIFEST)
            manifest = json.loads(member.read()) if member else {}
    except (tarfile.TarError, KeyError, ValueError, RecursionError, OSError, EOFError):
        manifest = {}
    if not _is_ours(manifest):
        raise InputError("is no backup of triservice", file=file, do="Give a file of our own")
    return dict(manifest)


def _is_ours(manifest: Any) -> bool:
    """Whether a manifest says what ours say, and names nothing that leads out of its folder."""
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return False
    migrations, members = manifest.get("migrations"), manifest.get("members")
    return (
        isinstance(manifest.get("database"), str)
        and isinstance(manifest.get("made"), str)
        and isinstance(migrations, list)
        and all(isinstance(name, str) for name in migrations)
        and isinstance(members, dict)
        and all(isinstance(digest, str) for digest in members.values())
        and all(map(_is_within, members))
    )


def _is_within(name: str) -> bool:
    """Whether a name is of a file below the folder that it is unpacked to, told in one way only."""
    parts = name.split("/")
    return not {"", ".", ".."} & {*parts} and "\\" not in name and "\0" not in name


def restore(file: Path, yes: bool) -> dict[str, Any]:
    """Put a backup in the place of what is there; return its manifest.

    Everything is unpacked and checked before anything is changed, and the database changes in one
    transaction. Raises InputError when the file is damaged, of another kind of database or another
    version, or when there are records to lose and `yes` is not given.
    """
    manifest = read_manifest(file)
    engine: Any = sqlite if is_sqlite() else postgres
    if manifest["database"] != engine.NAME:
        raise InputError(
            f"holds a {manifest['database']} database, and this system uses {engine.NAME}",
            file=file,
            do="Restore it where TRISERVICE_DATABASE is of the same kind",
        )
    if unknown := sorted(set(manifest["migrations"]) - _known_migrations()):
        raise InputError(
            f"comes from a newer version of triservice (it has had {unknown[0]})",
            file=file,
            do="Install that version first",
        )
    if not yes and (rows := engine.rows_to_lose()):
        raise InputError(
            f"would replace a database that holds {rows:,} agencies and officers",
            file=file,
            kept="Nothing was changed",
            do="Back that up first, then give --yes",
        )
    from django.conf import settings
    from django.core.management import call_command

    room_in = Path(settings.DATA)
    room_in.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _room(room_in) as room:
        _unpack(file, manifest, room)
        engine.load(room, manifest)
        _put_files(room, manifest)
    call_command("migrate", verbosity=0, interactive=False)  # a backup of an older version
    return manifest


@contextmanager
def _room(beside: Path) -> Iterator[Path]:
    """Give a private folder on the same disk, removed afterwards whatever happens."""
    with tempfile.TemporaryDirectory(prefix=".triservice-backup-", dir=beside) as name:
        yield Path(name)


def _files() -> dict[str, Path]:
    """Return the uploaded files, by their names in the backup."""
    from django.conf import settings

    root = Path(settings.MEDIA_ROOT)
    found = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {f"files/{path.relative_to(root).as_posix()}": path for path in found}


def _put_files(room: Path, manifest: dict[str, Any]) -> None:
    """Put the uploaded files back; those that came after the backup stay where they are."""
    from django.conf import settings

    root = Path(settings.MEDIA_ROOT)
    for name in manifest["members"]:
        if name.startswith("files/"):
            target = root / name.removeprefix("files/")
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.replace(room / name, target)


def _unpack(file: Path, manifest: dict[str, Any], room: Path) -> None:
    """Unpack what the manifest names and compare it. Raises InputError for any difference."""
    damaged = InputError(
        "is damaged", file=file, kept="Nothing was changed", do="Use another backup"
    )
    members: dict[str, str] = manifest["members"]
    try:
        with tarfile.open(file) as tar:
            held = [one for one in tar.getmembers() if one.name != MANIFEST]
            if sorted(one.name for one in held) != sorted(members):
                raise damaged
            if not all(one.isreg() for one in held):  # a link would be followed where it is put
                raise damaged
            for one in held:
                tar.extract(one, room, filter="data")
    except (tarfile.TarError, OSError, EOFError, ValueError) as fault:
        raise damaged from fault
    if any(_digest(room / name) != digest for name, digest in members.items()):
        raise damaged


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(text.encode())
    tar.addfile(info, io.BytesIO(text.encode()))


def _migrations() -> list[str]:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def _known_migrations() -> set[str]:
    """Return the migrations that this version has, and those that it has drawn together."""
    from django.db.migrations.loader import MigrationLoader

    on_disk = MigrationLoader(None).disk_migrations or {}
    known = set(on_disk)
    for migration in on_disk.values():
        known.update(migration.replaces)
    return {f"{app}.{name}" for app, name in known}

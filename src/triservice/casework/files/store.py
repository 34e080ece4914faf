"""Where the content of files lies: sealed, by random names, outside what any web server serves.

Each is sealed with a key of its own (AES-256-GCM), bound to the file's row, so that contents that
were exchanged do not open. The key lies in the row, sealed with the secret of the installation: a
copy of the folder, or of the folder and the database, opens nothing without that secret.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from triservice.casework.files.rules import NOTHING
from triservice.kernel.errors import InputError
from triservice.offline import sealing

NONCE = 12  # bytes


def folder() -> Path:
    """Return the folder; beside it are the photographs that phones are still sending."""
    return Path(settings.MEDIA_ROOT) / "cases"


def _path(name: str) -> Path:
    return folder() / name[:2] / name


def keep(content: bytes, key: UUID) -> tuple[str, str]:
    """Seal content and put it on the disk for good; return its name and its sealed key.

    Raises InputError when the disk refuses. What is begun and has no row is swept later.
    """
    name, seal, nonce = secrets.token_hex(16), sealing.new_key(), secrets.token_bytes(NONCE)
    sealed = nonce + AESGCM(sealing.open_key(seal)).encrypt(nonce, content, key.bytes)
    try:
        _write(_path(name), sealed)
    except OSError as fault:
        drop(name)
        raise InputError(
            "There is no room for the file just now", kept=NOTHING,
            do="Tell your administrator, and try again later",
        ) from fault  # fmt: skip
    return name, seal


def _write(path: Path, sealed: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    for directory in (path.parent, folder()):  # so that its name is on the disk as well
        held = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(held)
        finally:
            os.close(held)


def read(name: str, seal: str, key: UUID) -> bytes:
    """Return content. Raises InputError when it is not there, not what was kept, or sealed."""
    opens = AESGCM(sealing.open_key(seal))
    try:
        sealed = _path(name).read_bytes()
        return opens.decrypt(sealed[:NONCE], sealed[NONCE:], key.bytes)
    except (OSError, InvalidTag, ValueError) as fault:
        raise InputError(
            "The content of this file is missing or damaged", do="Tell your administrator"
        ) from fault


def drop(name: str) -> None:
    """Remove content, if it is there."""
    with suppress(OSError):
        _path(name).unlink()


def names_before(moment: datetime) -> Iterator[str]:
    """Return the names of all content that was written before a moment."""
    for path in folder().glob("??/*"):
        with suppress(FileNotFoundError):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
                yield path.name

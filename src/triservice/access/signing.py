"""The key that signs checkpoints of the record (Ed25519), and the text that it signs.

The key lies in the file that TRISERVICE_AUDIT_KEY names, else `audit-key.pem` in the data folder;
it is made at the first checkpoint and readable by its owner alone. Keep its public half, and the
checkpoints that `triservice audit checkpoint --out` writes, on another machine: who holds both the
database and the key can forge both, and only such copies show it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from triservice.kernel.errors import InputError

PEM, RAW = serialization.Encoding.PEM, serialization.Encoding.Raw


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as text: what its line in a file holds."""

    seq: int
    hash: str
    at: str  # ISO 8601, UTC, microseconds
    key: str
    signature: str = ""

    def message(self) -> bytes:
        """Return the bytes that are signed."""
        return f"triservice checkpoint\n{self.seq}\n{self.hash}\n{self.at}\n{self.key}".encode()

    def line(self) -> str:
        """Return the checkpoint as one line of JSON."""
        return json.dumps(asdict(self))


def moment(at: datetime) -> str:
    """Return an aware datetime as the text that is signed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def key_file() -> Path:
    """Return where the private key lies."""
    return Path(os.environ.get("TRISERVICE_AUDIT_KEY") or Path(settings.DATA) / "audit-key.pem")


def private_key() -> Ed25519PrivateKey:
    """Return the signing key, made when there is none. Raises InputError when it is not one."""
    path = key_file()
    if not path.exists():
        _make(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("is not an Ed25519 private key in PEM", file=path)
    return key


def _make(path: Path) -> None:
    """Write a new key; of two processes that make one at once, the first keeps its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    half = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    try:
        os.link(half, path)
    except FileExistsError:
        pass
    finally:
        half.unlink()


def public_pem() -> str:
    """Return the public half of the signing key, to keep elsewhere."""
    public = private_key().public_key()
    return public.public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def read_public(path: Path | None) -> Ed25519PublicKey:
    """Return a public key from a PEM file, or the signing key's. Raises InputError."""
    if path is None:
        return private_key().public_key()
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("is not an Ed25519 public key in PEM", file=path)
    return key


def key_name(public: Ed25519PublicKey) -> str:
    """Return the short name of a key."""
    return sha256(public.public_bytes(RAW, serialization.PublicFormat.Raw)).hexdigest()[:16]


def sign(seq: int, row_hash: str, at: datetime) -> Signed:
    """Return the signed word that disclosure `seq` has `row_hash`."""
    key = private_key()
    unsigned = Signed(seq, row_hash, moment(at), key_name(key.public_key()))
    return Signed(**asdict(unsigned) | {"signature": key.sign(unsigned.message()).hex()})


def holds(signed: Signed, public: Ed25519PublicKey) -> bool:
    """Whether the signature is that key's, over exactly this."""
    try:
        public.verify(bytes.fromhex(signed.signature), signed.message())
    except (InvalidSignature, ValueError):
        return False
    return True


def read_file(path: Path) -> list[Signed]:
    """Return the checkpoints of a file, a line of JSON each. Raises InputError naming the line."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"cannot be read ({fault})", file=path) from None
    for number, line in enumerate(lines, start=1):
        try:
            found.append(Signed(**json.loads(line)))
        except (ValueError, TypeError):
            raise InputError("is not a checkpoint", file=path, row=number) from None
    return found

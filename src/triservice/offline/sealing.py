"""The key of a phone's store: made here, kept sealed, and used to open what a phone hands in.

The browser derives from it, by HKDF-SHA-256, the key that seals each record (AES-GCM). The same is
done here (web/front/src/lib/offline/sealing.js); a test opens what the other sealed.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from triservice.access.api_text import strict_json
from triservice.kernel.errors import InputError

ROOT = b"triservice offline store key"
SEAL = b"triservice offline seal"


class KeyUnknown(InputError):
    """No secret of the installation opens a key, until the administrator adds the earlier one."""


def new_key() -> str:
    """Return a new store key of 256 bits, sealed with the secret of the installation."""
    return _wrapping().encrypt(secrets.token_bytes(32)).decode()


def open_key(sealed: str) -> bytes:
    """Return the store key. Raises KeyUnknown when no secret of the installation opens it."""
    try:
        return _wrapping().decrypt(sealed.encode())
    except InvalidToken:
        raise KeyUnknown(
            "This was sealed with a secret that is no longer known",
            do="Add it to TRISERVICE_OLD_SECRET_KEYS; a phone can be set up again",
        ) from None


def sealed_again(sealed: str) -> str:
    """Return a key sealed with the secret that is used now. Raises InputError as `open_key`."""
    open_key(sealed)
    return _wrapping().rotate(sealed.encode()).decode()


def secret_name() -> str:
    """Return a short name of the secret that seals now, which does not tell it."""
    return _derived(settings.SECRET_KEY.encode(), b"triservice name of a secret").hex()[:16]


def open_record(key: bytes, said: Any) -> Any:
    """Return what a phone sealed: JSON bound to its name and version. Raises InputError."""
    try:
        bound = f"{said['store']}|{said['name']}|{said['version']}".encode()
        sealed, nonce = (base64.b64decode(said[part], validate=True) for part in ("data", "iv"))
        return strict_json(AESGCM(_derived(key, SEAL)).decrypt(nonce, sealed, bound))
    except (InvalidTag, ValueError, TypeError, KeyError, RecursionError):
        raise InputError("A sealed record is not of this phone, or was changed") from None


def _derived(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"", info=info).derive(key)


def _wrapping() -> MultiFernet:
    """Return what seals store keys: by the secret key, and opens also those of earlier ones."""
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(_derived(secret.encode(), ROOT))) for secret in known]
    )

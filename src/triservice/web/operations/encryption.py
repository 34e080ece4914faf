"""How the address that people use is encrypted: TLS ends at a proxy that a deployment chooses.

It is asked as a browser asks, then in versions that are given up (RFC 8996), then with weak ciphers
alone. Taken should be what Mozilla's intermediate profile takes (Server Side TLS 5.7): TLS 1.2 and
1.3; of the ciphers of 1.2 those with forward secrecy that encrypt and authenticate at once. Nothing
is sent or read but the handshake.
"""

from __future__ import annotations

import socket
import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SECONDS = 5.0  # for each handshake
FORWARD = frozenset({"kx-ecdhe", "kx-dhe"})


@dataclass(frozen=True, slots=True)
class Line:
    """What was found: a sentence for each fault; until when the certificate holds, if trusted."""

    faults: tuple[str, ...]
    until: datetime | None = None


def ask(host: str, port: int, trusted: Path | None = None) -> Line:
    """Make the handshakes. `trusted`: certificates besides the machine's.

    Raises OSError where nobody answers.
    """
    socket.create_connection((host, port), SECONDS).close()
    faults, until = [], None
    context = ssl.create_default_context()
    if trusted is not None:
        context.load_verify_locations(trusted)
    try:
        until = _shake(host, port, context)
    except ssl.SSLCertVerificationError as wrong:
        faults.append(f"browsers do not trust the certificate: {wrong.verify_message}")
    except OSError:
        faults.append("a browser comes to no terms with it: let the proxy take TLS 1.2 and 1.3")
    if _takes(host, port, _old()):
        faults.append("TLS 1.0 or 1.1 is taken: let the proxy take TLS 1.2 and 1.3 only")
    if _takes(host, port, _weak()):
        faults.append(
            "weak ciphers are taken: let the proxy take ECDHE or DHE with AES-GCM or ChaCha20 only"
        )
    return Line(tuple(faults), until)


def _shake(host: str, port: int, context: ssl.SSLContext) -> datetime | None:
    """Shake hands; return until when a certificate holds that was checked."""
    with (
        socket.create_connection((host, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        ends = (line.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None


def _takes(host: str, port: int, context: ssl.SSLContext) -> bool:
    try:
        _shake(host, port, context)
    except OSError:
        return False
    return True


def _trying() -> ssl.SSLContext:
    """Return a context that would take anybody: to be refused is what it is for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return context


def _old() -> ssl.SSLContext:
    context = _trying()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are given up is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _weak() -> ssl.SSLContext:
    context = _trying()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    weak = [
        each["name"]
        for each in context.get_ciphers()
        if not (each["aead"] and each["kea"] in FORWARD and each["auth"] != "auth-null")
    ]
    context.set_ciphers(f"{':'.join(weak)}:@SECLEVEL=0")
    return context

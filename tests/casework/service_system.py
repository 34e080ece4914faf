"""The system of a service, as a server with a certificate of its own on this machine."""

from __future__ import annotations

import json
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TAKEN = (201, {})
DRIBBLES = 203


@dataclass
class There:
    """The service's system: what it answers, in turn (the last for ever), and what it was sent."""

    port: int
    answers: list[Any] = field(default_factory=lambda: [TAKEN])
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}/referrals"

    def next(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def certificate(folder: Path) -> Path:
    """Write a key and a certificate of this machine, made now, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "there.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    return file


class Server(ThreadingHTTPServer):
    """Says nothing when whoever asked gave up: another test may be reading what is printed."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[There, Path]]:
    """Run it; give what it answers and was sent, and the file of its certificate."""
    file = certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.got.append(json.loads(body))
            there.headers.append(self.headers)
            there.known.add(self.headers["Idempotency-Key"])
            status, said = there.next()
            if status == "slow":
                time.sleep(said)
                status, said = TAKEN
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "https://elsewhere.invalid/")
            self.end_headers()
            if status == DRIBBLES:
                self.dribble()
            self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

        def dribble(self) -> None:
            for _ in range(60):
                self.wfile.write(b" ")
                time.sleep(0.1)

        def log_message(self, *args: Any) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    there = There(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield there, file
    server.shutdown()
    server.server_close()

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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from certificates import certificate

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

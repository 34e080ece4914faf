"""A phone as the browser's script behaves, in Python: it numbers, queues, seals and sends."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from partnership import NOON
from triservice.kernel.access_words import Reader
from triservice.offline.actions.syncing import Outcome, take
from triservice.offline.models import Phone
from triservice.offline.sealing import SEAL, _derived


@dataclass
class ModelPhone:
    """One phone. `at` is its own clock; numbers only grow, also when the clock goes back."""

    reader: Reader
    phone: Phone
    secret: bytes
    at: datetime = NOON
    queue: list[dict[str, Any]] = field(default_factory=list)
    last: int = 0

    def number(self) -> str:
        """Return the next UUIDv7."""
        now = int(self.at.timestamp() * 1000)
        self.last = max(now, self.last + 1)
        value = self.last << 80 | 7 << 76 | secrets.randbits(12) << 64
        return str(UUID(int=value | 0b10 << 62 | secrets.randbits(62)))

    def do(
        self, kind: str, payload: dict[str, Any], about: str = "", base: Any = None
    ) -> dict[str, Any]:
        """Put an operation into the queue."""
        made = {
            "number": self.number(), "kind": kind, "about": about, "payload": payload,
            "base": base, "made_at": self.at.isoformat(),
        }  # fmt: skip
        self.queue.append(made)
        return made

    def send(self, operations: list[dict[str, Any]] | None = None) -> list[Outcome]:
        """Send the queue (or some of it) as the wire carries it; the queue stays."""
        said = json.loads(json.dumps(self.queue if operations is None else operations))
        return take(self.reader, self.phone.key, said)

    def sync(self) -> list[Outcome]:
        """Send, and forget what was answered."""
        if not self.queue:
            return []
        outcomes = self.send()
        taken = {str(each.number) for each in outcomes}
        self.queue = [each for each in self.queue if each["number"] not in taken]
        return outcomes

    def sealed(self) -> list[dict[str, Any]]:
        """Return the queue as it lies in the browser's store."""
        return [self._seal("queue", f"{n:064x}", each) for n, each in enumerate(self.queue)]

    def proof(self, store: str = "plain") -> dict[str, Any]:
        """Return what the phone seals for the day on which it is wiped."""
        return self._seal(store, "wiped", "wiped")

    def _seal(self, store: str, name: str, said: Any) -> dict[str, Any]:
        nonce, key = secrets.token_bytes(12), AESGCM(_derived(self.secret, SEAL))
        data = key.encrypt(nonce, json.dumps(said).encode(), f"{store}|{name}|1".encode())
        return {"store": store, "name": name, "version": 1,
                "iv": base64.b64encode(nonce).decode(),
                "data": base64.b64encode(data).decode()}  # fmt: skip

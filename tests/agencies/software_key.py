"""A security key in software, as a browser and a key would answer together (WebAuthn, ES256)."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


class SoftwareKey:
    """One credential for one person at one site."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential = b"invented credential"
        self.user = b""
        self.count = 0

    def register(self, options: dict[str, Any], origin: str = "http://testserver") -> str:
        """Return the answer to creation options, as the page posts it."""
        wanted = options["publicKey"]
        self.user = websafe_decode(wanted["user"]["id"])
        public = ES256.from_cryptography_key(self.private.public_key())
        made = AttestedCredentialData.create(b"\0" * 16, self.credential, public)
        flags = PRESENT | VERIFIED | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(_hash(wanted["rp"]["id"].encode()), flags, self.count, made)
        attestation = AttestationObject.create("none", data, {})
        client = _client("webauthn.create", wanted["challenge"], origin)
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(bytes(attestation)),
            },
            clientExtensionResults={"credProps": {"rk": True}},
        )

    def sign(self, options: dict[str, Any], origin: str = "http://testserver") -> str:
        """Return the answer to request options, as the page posts it."""
        wanted = options["publicKey"]
        self.count += 1
        flags = int(PRESENT | VERIFIED)
        data = _hash(wanted["rpId"].encode()) + struct.pack(">BI", flags, self.count)
        client = _client("webauthn.get", wanted["challenge"], origin)
        signature = self.private.sign(data + _hash(client), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.user),
            },
            clientExtensionResults={},
        )

    def _answer(self, response: dict[str, str], **more: Any) -> str:
        key = websafe_encode(self.credential)
        return json.dumps(
            {"type": "public-key", "id": key, "rawId": key, "response": response, **more}
        )


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _client(kind: str, challenge: str, origin: str) -> bytes:
    told = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(told).encode()

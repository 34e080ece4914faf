"""An ID token is believed only when the connected issuer signed it, for us, now, and once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any, ClassVar

import jwt
import pytest
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import RequestFactory
from requests import TooManyRedirects

from triservice.agencies.sign_in import verifying
from triservice.agencies.sign_in.verifying import VerifyingAdapter, nonce_of

ISSUER = "https://login.fire.example"
STATE = "invented-state-1"
KEY, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
APP: Any = SimpleNamespace(client_id="triservice", settings={"server_url": ISSUER})


def public(key: rsa.RSAPrivateKey, kid: str = "a") -> dict[str, Any]:
    found = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**found, "kid": kid, "alg": "RS256"}


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Iterator[VerifyingAdapter]:
    """Return an adapter whose directory publishes one key."""
    answer = SimpleNamespace(raise_for_status=lambda: None, json=lambda: {"keys": [public(KEY)]})
    session = SimpleNamespace(get=lambda url: answer)
    own = SimpleNamespace(get_requests_session=lambda: nullcontext(session))
    monkeypatch.setattr(verifying, "get_adapter", lambda: own)
    made = VerifyingAdapter(RequestFactory().get("/", {"state": STATE}), "fire")
    made._openid_config = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
    cache.clear()
    yield made
    cache.clear()


def token(
    key: Any = KEY, algorithm: str = "RS256", headers: dict[str, Any] | None = None, **changed: Any
) -> str:
    now = int(time.time())
    said = {"iss": ISSUER, "aud": "triservice", "sub": "1", "iat": now, "exp": now + 300}
    said["nonce"] = nonce_of(STATE)
    claims = {name: value for name, value in (said | changed).items() if value is not None}
    return jwt.encode(claims, key, algorithm, headers={"kid": "a"} | (headers or {}))


class SendsElsewhere(BaseHTTPRequestHandler):
    """A directory that sends whoever asks to another address."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_a_directory_that_sends_elsewhere_is_not_followed() -> None:
    with HTTPServer(("127.0.0.1", 0), SendsElsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/keys"
        with get_adapter().get_requests_session() as session, pytest.raises(TooManyRedirects):
            session.get(address)
        server.shutdown()
    assert SendsElsewhere.asked == ["/keys"]


@pytest.mark.django_db
def test_a_signed_token_is_believed_once(adapter: VerifyingAdapter) -> None:
    sent = token(jti="one")
    assert adapter._decode_id_token(APP, sent)["sub"] == "1"
    with pytest.raises(OAuth2Error, match="already used"):
        adapter._decode_id_token(APP, sent)


SHARED = "a secret that both sides could know, long enough"
BAD = {
    "signed by another key": lambda: token(OTHER),
    "not signed": lambda: token(None, "none"),
    "signed by a shared secret": lambda: token(SHARED, "HS256"),
    "a key that nobody published": lambda: token(OTHER, headers={"kid": "b"}),
    "a key of its own": lambda: token(OTHER, headers={"jwk": public(OTHER)}),
    "a key from elsewhere": lambda: token(OTHER, headers={"jku": "https://evil.example"}),
    "another issuer": lambda: token(iss="https://login.police.example"),
    "meant for another": lambda: token(aud="payroll"),
    "expired": lambda: token(exp=int(time.time()) - 120),
    "not yet valid": lambda: token(nbf=int(time.time()) + 600),
    "without an end": lambda: token(exp=None),
    "without a subject": lambda: token(sub=None),
    "an answer to another request": lambda: token(nonce=nonce_of("invented-state-2")),
    "an answer to no request": lambda: token(nonce=None),
    "an access token": lambda: token(headers={"typ": "at+jwt"}),
    "a logout token": lambda: token(headers={"typ": "logout+jwt"}),
    "changed on the way": lambda: token()[:-8] + "AAAAAAAA",
    "no token": lambda: "nothing",
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", BAD)
def test_any_other_token_is_not(adapter: VerifyingAdapter, name: str) -> None:
    with pytest.raises(OAuth2Error):
        adapter._decode_id_token(APP, BAD[name]())


@pytest.mark.django_db
def test_metadata_of_another_issuer_are_refused(adapter: VerifyingAdapter) -> None:
    adapter._openid_config["issuer"] = "https://login.police.example"
    with pytest.raises(OAuth2Error, match="another issuer"):
        adapter._decode_id_token(APP, token(iss="https://login.police.example"))

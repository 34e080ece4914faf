"""The doctor asks the address that people use: versions of TLS, ciphers, and the certificate."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from certificates import certificate
from triservice.web.operations import encryption
from triservice.web.operations.doctor import LOOKS, State

GOOD = "ECDHE+AESGCM"


@contextmanager
def proxy(pem: Path, ciphers: str = GOOD, least: str = "TLSv1_2") -> Iterator[int]:
    """Let a server shake hands; give its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion[least]
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as beside:
        beside.submit(_answers, server, context)
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)  # wakes who waits for the next


def _answers(server: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            plain, _ = server.accept()
            with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as line:
                line.recv(1)


def asked(pem: Path, trusted: Path | None = None, **how: Any) -> list[str]:
    with proxy(pem, **how) as port:
        return list(encryption.ask("localhost", port, trusted).faults)


def test_what_is_current_and_trusted_has_no_fault(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    assert asked(pem, pem) == []
    assert asked(pem, pem, least="TLSv1_3") == []


def test_versions_that_are_given_up_are_found(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    old, *_ = asked(pem, pem, ciphers=f"{GOOD}:ECDHE-ECDSA-AES256-SHA", least="TLSv1_1")
    assert old.startswith("TLS 1.0 or 1.1 is taken")


@pytest.mark.parametrize(
    "weak",
    [
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-ECDSA-NULL-SHA",
        "AECDH-AES128-SHA",
    ],
)
def test_weak_ciphers_are_found(weak: str, tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    (said,) = asked(pem, pem, ciphers=f"{GOOD}:{weak}")
    assert said.startswith("weak ciphers are taken")


def test_a_cipher_that_proves_nobody_is_weak_however_it_encrypts() -> None:
    tried = {each["name"] for each in encryption._weak().get_ciphers()}
    assert "ADH-AES256-GCM-SHA384" in tried
    assert "ECDHE-RSA-AES256-GCM-SHA384" not in tried


def test_a_certificate_that_browsers_do_not_trust_is_found(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    assert asked(pem) == ["browsers do not trust the certificate: self-signed certificate"]
    (said,) = asked(over := certificate(tmp_path, days=-1), over)
    assert said.endswith("certificate has expired")
    (said,) = asked(other := certificate(tmp_path, "other.example"), other)
    assert "localhost" in said


def test_the_doctor_says_it_of_each_address(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(pem: Path) -> list[tuple[State, str]]:
        with proxy(pem) as port:
            settings.CSRF_TRUSTED_ORIGINS = [f"https://localhost:{port}", "http://localhost:1"]
            return [(state, said.partition(": ")[2]) for state, said in LOOKS["encryption"]()]

    ((state, said),) = found(certificate(tmp_path))
    assert state is State.WRONG
    assert said.startswith("browsers do not trust")
    for days, wanted in ((90, State.GOOD), (10, State.NOTE)):
        pem = certificate(tmp_path, days=days)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        ((state, said),) = found(pem)
        assert (state, "renew" in said) == (wanted, wanted is State.NOTE)
    settings.CSRF_TRUSTED_ORIGINS = ["https://localhost:1"]
    ((state, said),) = LOOKS["encryption"]()
    assert state is State.NOTE
    assert "no answer from here" in said

"""Where an onward referral may be sent, in how long, and with which token; without a server."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.conf import settings as django_settings

from triservice.casework.onward import posting

ADDRESSES = [
    ("https://localhost/x", "leads to an address inside"),
    ("http://falls.invalid/x", "not a plain https address"),
    ("https://user:word@falls.invalid/", "not a plain https address"),
    ("https://falls.invalid/caf\u00e9", "not a plain https address"),
    ("https://fall\u017f.invalid/", "not a plain https address"),
    ("https://falls.invalid/a b", "not a plain https address"),
    ("https://-falls.invalid/", "not a plain https address"),
    ("https://other.invalid/", "not on the list"),
    ("https://falls.invalid:8443/", "not on the list"),
    ("https://169.254.169.254/", "not on the list"),
    ("https://[::ffff:10.0.0.1]/", "not on the list"),
]


@pytest.mark.parametrize(("address", "said"), ADDRESSES)
def test_addresses_inside_and_off_the_list_are_refused(address: str, said: str) -> None:
    listed = ("falls.invalid", "localhost", "169.254.169.254", "::ffff:10.0.0.1", "10.9.0.0/16")
    with pytest.raises(posting.NotAllowed, match=said):
        posting.target(address, posting.allowed_of(listed))
    assert django_settings.SEND_TO == ()  # by default nothing is sent anywhere


def test_no_two_hosts_share_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = ("a-b.example", "a.b.example", "a--b.example", "a.b.example:8443", "a-b.example:8443")
    names = ("A__B_EXAMPLE", "A_B_EXAMPLE", "A____B_EXAMPLE", "A_B_EXAMPLE___8443",
             "A__B_EXAMPLE___8443")  # fmt: skip
    for host, name in zip(hosts, names, strict=True):
        monkeypatch.setenv(f"TRISERVICE_SEND_{name}_TOKEN", host)
    assert [posting.secret_of(host) for host in hosts] == list(hosts)


@pytest.mark.parametrize(
    ("address", "may"),
    [("192.0.2.1", False), ("10.0.0.1", False), ("::ffff:10.0.0.1", False), ("127.0.0.1", False),
     ("fd00::1", False), ("169.254.169.254", False), ("0.0.0.0", False), ("224.0.0.1", False),
     ("93.184.216.34", True), ("10.9.3.4", True), ("::ffff:10.9.3.4", True)],
)  # fmt: skip
def test_a_name_is_not_turned_to_a_machine_inside(
    address: str, may: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = (2, 1, 6, "", ("93.184.216.34", 443))
    found = [public, (2, 1, 6, "", (address, 443))]
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_, **__: found)
    allowed = posting.allowed_of(("falls.invalid", "10.9.0.0/16"))
    if may:
        assert address in posting.target("https://falls.invalid/x?y=1", allowed).addresses
    else:
        with pytest.raises(posting.NotAllowed, match="leads to an address inside"):
            posting.target("https://falls.invalid/", allowed)


def test_one_that_never_says_who_it_is_has_no_more_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes the connection, and then a byte of the handshake now and then."""
    monkeypatch.setattr(posting, "SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as at_once:
        at_once.submit(_hangs, server)
        port = server.getsockname()[1]
        to = posting.Target("localhost", port, "/", ("127.0.0.1", "127.0.0.2"))
        began = time.monotonic()
        with pytest.raises(posting.NotReached, match="did not answer in time"):
            posting.post(to, b"{}", {})
        assert 0.9 < time.monotonic() - began < 3


def _hangs(server: socket.socket) -> None:
    taken, _ = server.accept()
    with taken, suppress(OSError):
        taken.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KB begins
        for _ in range(40):
            time.sleep(0.1)
            taken.sendall(b"\x02")


def test_addresses_of_one_name_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def slow(to: tuple[str, int], seconds: float) -> socket.socket:
        waited.append(seconds)
        time.sleep(0.2)
        raise TimeoutError

    monkeypatch.setattr(posting, "SECONDS", 0.3)
    monkeypatch.setattr(posting.socket, "create_connection", slow)
    with pytest.raises(posting.NotReached):
        posting.post(posting.Target("falls.invalid", 443, "/", ("a", "b", "c", "d")), b"", {})
    assert len(waited) == 2
    assert waited[1] < 0.15

"""Sending to the system of a service: only where the list allows, by HTTPS, followed nowhere.

The host must be on the list (TRISERVICE_SEND_TO), and each address that its name leads to must be a
public one, or in a network on the list: a name cannot be turned to a machine inside. The address
that was checked is the one that is called.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from threading import Timer
from time import monotonic
from urllib.parse import urlsplit

SECONDS = 10.0  # for all of it, but looking up the name
HOST = re.compile(r"[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*")
SIGNS = {".": "_", "-": "__", ":": "___"}  # of a host in the name of its token
MOST = 64 * 1024  # bytes of an answer that are read
Network = IPv4Network | IPv6Network


class NotAllowed(Exception):
    """The list does not allow this address; the text is a sentence."""


class NotReached(Exception):
    """The service could not be reached, or did not answer in time; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The hosts (host, or host:port for another than 443) and the networks inside, if any."""

    hosts: frozenset[str]
    networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: what the name leads to, checked."""

    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def allowed_of(listed: Iterable[str]) -> Allowed:
    """Return the list as it is checked: what is a network is one, the rest are hosts."""
    hosts, networks = set[str](), list[Network]()
    for text in listed:
        try:
            networks.append(ip_network(text))
        except ValueError:
            hosts.add(text.lower())
    return Allowed(frozenset(hosts), tuple(networks))


def host_of(address: str) -> str:
    """Return what the list must name for an address: its host, with a port that is not 443.

    Raises NotAllowed for what is no plain https address.
    """
    try:
        parts = urlsplit(address)
        port = parts.port or 443
    except ValueError:
        raise NotAllowed("The address of the service cannot be read") from None
    host = parts.hostname or ""
    typed = address.isascii() and address.isprintable() and " " not in address
    plain = parts.scheme == "https" and _named(host) and "@" not in parts.netloc
    if not (typed and plain) or parts.fragment:
        raise NotAllowed("The address of the service is not a plain https address")
    return host if port == 443 else f"{host}:{port}"


def _named(host: str) -> bool:
    """Whether it is the name of a host or an address."""
    with suppress(ValueError):
        return bool(ip_address(host))
    return HOST.fullmatch(host) is not None


def target(address: str, allowed: Allowed) -> Target:
    """Return where an address leads. Raises NotAllowed and NotReached."""
    named = host_of(address)
    if named not in allowed.hosts:
        raise NotAllowed(f"{named} is not on the list of hosts (TRISERVICE_SEND_TO)")
    parts = urlsplit(address)
    host, port = str(parts.hostname), parts.port or 443
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # a name that is too long is a UnicodeError
        raise NotReached(f"{host} is not found") from None
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    if not addresses or not all(_open(each, allowed.networks) for each in addresses):
        raise NotAllowed(f"{host} leads to an address inside that is not on the list")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, addresses)


def _open(text: str, networks: tuple[Network, ...]) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    listed = any(address.version == each.version and address in each for each in networks)
    return listed or (address.is_global and not address.is_multicast)


class _Pinned(HTTPSConnection):
    """A connection to the addresses that were checked, with the certificate of the host.

    `cuts` is its socket: `sock` is put away when an answer begins that ends with the connection.
    """

    cuts: socket.socket | None = None

    def __init__(self, to: Target, context: ssl.SSLContext) -> None:
        super().__init__(to.host, to.port, timeout=SECONDS, context=context)
        self.addresses, self.tls, self.until = to.addresses, context, monotonic() + SECONDS

    def connect(self) -> None:
        """Connect to the first of the addresses that answers, in what is left of the time."""
        for number, address in enumerate(self.addresses, 1):
            try:
                plain = socket.create_connection((address, self.port), self._left())
                break
            except OSError:
                if number == len(self.addresses):
                    raise
        try:
            plain.settimeout(self._left())  # of the whole handshake
            self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)
        except Exception:
            plain.close()
            raise
        self.cuts = self.sock
        self.sock.settimeout(self._left())  # looked at once the timer has something to cut

    def _left(self) -> float:
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def post(
    to: Target, body: bytes, headers: dict[str, str], trusted: Path | None = None
) -> tuple[int, bytes]:
    """Send once; return the status and the beginning of the answer. Raises NotReached.

    `trusted`: a file of certificates that are trusted besides those of the machine.
    """
    context = ssl.create_default_context()
    if trusted is not None:
        try:
            context.load_verify_locations(trusted)
        except OSError:
            raise NotReached("The certificates of TRISERVICE_SEND_CA cannot be read") from None
    connection = _Pinned(to, context)
    end = Timer(SECONDS, _cut, [connection])
    end.daemon = True
    end.start()
    try:
        connection.request("POST", to.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(MOST)
    except (OSError, HTTPException):  # nothing of it is kept: it could hold what was sent
        raise NotReached(f"{to.host} could not be reached, or did not answer in time") from None
    finally:
        end.cancel()
        connection.close()


def _cut(connection: _Pinned) -> None:
    """End a connection whose time is over, whatever it is waiting for."""
    if (sock := connection.cuts) is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def secret_of(host: str) -> str | None:
    """Return the token for a host from the environment: TRISERVICE_SEND_<HOST>_TOKEN, or None.

    No two hosts share one: in a name, “.”, “-” and “:” never stand side by side.
    """
    name = "".join(SIGNS.get(c, c) for c in host.upper())
    return os.environ.get(f"TRISERVICE_SEND_{name}_TOKEN") or None

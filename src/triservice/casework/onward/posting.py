"""Sending to the system of a service: only where the list allows, by HTTPS, followed nowhere.

The host must be on the list (TRISERVICE_SEND_TO), and each address that its name leads to must be a
public one, or in a network on the list: a name cannot be turned to a machine inside. The address
that was checked is the one that is called.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from threading import Timer
from urllib.parse import urlsplit

SECONDS = 10.0  # for all of it
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
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise NotAllowed("The address of the service is not a plain https address")
    return parts.hostname if port == 443 else f"{parts.hostname}:{port}"


def target(address: str, allowed: Allowed) -> Target:
    """Return where an address leads. Raises NotAllowed and NotReached."""
    named = host_of(address)
    if named not in allowed.hosts:
        raise NotAllowed(f"{named} is not on the list of hosts (TRISERVICE_SEND_TO)")
    parts = urlsplit(address)
    host, port = str(parts.hostname), parts.port or 443
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
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
    """A connection to the addresses that were checked, with the certificate of the host."""

    def __init__(self, to: Target, context: ssl.SSLContext) -> None:
        super().__init__(to.host, to.port, timeout=SECONDS, context=context)
        self.addresses, self.tls = to.addresses, context

    def connect(self) -> None:
        """Connect to the first of the addresses that answers."""
        for number, address in enumerate(self.addresses, 1):
            try:
                plain = socket.create_connection((address, self.port), SECONDS)
                break
            except OSError:
                if number == len(self.addresses):
                    raise
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)


def post(
    to: Target, body: bytes, headers: dict[str, str], trusted: Path | None = None
) -> tuple[int, bytes]:
    """Send once; return the status and the beginning of the answer. Raises NotReached.

    `trusted`: a file of certificates that are trusted besides those of the machine.
    """
    context = ssl.create_default_context()
    if trusted is not None:
        context.load_verify_locations(trusted)
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


def _cut(connection: HTTPSConnection) -> None:
    """End a connection whose time is over, whatever it is waiting for."""
    if (sock := connection.sock) is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def secret_of(host: str) -> str | None:
    """Return the token for a host from the environment: TRISERVICE_SEND_<HOST>_TOKEN, or None."""
    name = "".join(c if c.isalnum() else "_" for c in host.upper())
    return os.environ.get(f"TRISERVICE_SEND_{name}_TOKEN") or None

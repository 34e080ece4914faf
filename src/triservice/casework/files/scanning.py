"""Asking ClamAV whether a file holds a virus: clamd's INSTREAM command, on a socket or a port.

Protocol: clamd(8), "INSTREAM". The content goes in pieces, each with its length before it as four
bytes, the most significant first; a length of 0 ends it.
"""

from __future__ import annotations

import socket

from django.conf import settings

from triservice.casework.files.rules import NOTHING
from triservice.kernel.errors import InputError

PIECE = 64 * 1024
PATIENCE = 30  # seconds
LONGEST_ANSWER = 4096  # bytes


class Silent(InputError):
    """A scanner is set, and does not answer."""


def found_in(content: bytes) -> str | None:
    """Return the name of the virus that was found, "" for none, None where no scanner is set.

    Raises Silent when one is set and gives no answer: then nobody knows.
    """
    if not settings.CLAMD:
        return None
    try:
        answer = _ask(settings.CLAMD, content)
    except OSError as fault:
        raise _silent() from fault
    said = answer.removeprefix("stream: ")
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")[:80] or "a virus"
    if said != "OK":
        raise _silent()
    return ""


def _silent() -> Silent:
    return Silent("The virus scanner does not answer", kept=NOTHING, do="Try again later")


def _ask(address: str, content: bytes) -> str:
    with _line(address) as line:
        line.sendall(b"zINSTREAM\0")
        for at in range(0, len(content), PIECE):
            piece = content[at : at + PIECE]
            line.sendall(len(piece).to_bytes(4, "big") + piece)
        line.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            if not (more := line.recv(LONGEST_ANSWER)):
                break
            answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()


def _line(address: str) -> socket.socket:
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), PATIENCE)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(PATIENCE)
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line

"""Pictures without what they tell besides what is seen: where, when and by what they were taken.

A JPEG, PNG or WebP is taken apart into the pieces of its format; only those that an image is drawn
from are kept, byte for byte, so no picture is compressed anew and no pixel changes; a small picture
of it beside it goes. Which way up it is stands among what goes (Exif); that one number is written
back. Pure.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from triservice.casework.words import FileKind
from triservice.kernel.errors import InputError

NOTHING = "The file was not kept"
EXIF = b"Exif\0\0"
UPRIGHT = 1
ORIENTATION, SHORT = 0x0112, 3  # a tag of Exif (TIFF 6.0), and the type of its value

# Markers of JPEG (ITU-T T.81, table B.1). Frames, tables and scans are drawn; of the application
# segments those of JFIF, of a colour profile and of Adobe's colours say how; all others, and
# comments, only tell of it. Every other marker is reserved, or has no place between segments.
END, SCAN = 0xD9, 0xDA
APPLICATION, COMMENT = range(0xE0, 0xF0), 0xFE
TABLES = frozenset({*range(0xC0, 0xC8), *range(0xC9, 0xD0), *range(SCAN, 0xE0)})
IN_SCAN = frozenset({0x00, 0x01, *range(0xD0, 0xD8)})  # within a scan: a byte FF, and restarts
JFIF = 0xE0
DRAWN = {JFIF: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
NO_THUMBNAIL = 12  # bytes of a JFIF segment before the size of its small picture; then two zeros
MOST_PIECES = 100_000  # of one picture; a large photo has some thousands
# Pieces of PNG and WebP that an image is drawn from.
PNG_DRAWN = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)
WEBP_DRAWN = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ALPH", b"ANIM", b"ANMF"))
WEBP_TELLS = 0x0C  # bits of VP8X: there is Exif, there is XMP


def without_traces(content: bytes, kind: FileKind) -> bytes:
    """Return a picture without what it tells of its taking; a file of another kind as it is.

    Raises InputError for a picture whose pieces cannot be told apart: what it holds is not known.
    """
    strip = STRIP.get(kind)
    if strip is None:
        return content
    try:
        return strip(content)
    except (ValueError, IndexError, struct.error):
        raise InputError(
            "The picture is damaged, so what it tells of its place cannot be taken out",
            kept=NOTHING, do="Take it again, or save it anew and send that",
        ) from None  # fmt: skip


def _jpeg(content: bytes) -> bytes:
    kept, way_up = [content[:2]], UPRIGHT
    for marker, piece, told in _segments(content):
        if marker == 0xE1 and told.startswith(EXIF):
            way_up = way_up if way_up != UPRIGHT else _way_up(told[len(EXIF) :])
        if marker == COMMENT or (
            marker in APPLICATION and not told.startswith(DRAWN.get(marker, b"?\0?"))
        ):
            continue
        kept.append(piece if marker != JFIF else _jfif(told))
    if way_up != UPRIGHT:
        kept.insert(1, _exif(way_up))
    return b"".join(kept)


def _jfif(told: bytes) -> bytes:
    """Return a JFIF segment without its small picture."""
    if len(told) < NO_THUMBNAIL + 2:
        raise ValueError("cut off")
    return b"\xff\xe0\0\x10" + told[:NO_THUMBNAIL] + b"\0\0"


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Give each segment of a JPEG until its end: marker, the whole of it, and what it holds.

    What comes after the end is left out: cameras put a second picture there, with its own traces.
    One that was cut off while its image was sent ends where it was cut.
    """
    at = 2
    for _ in range(MOST_PIECES):
        if content[at] != 0xFF:
            raise ValueError("no marker")
        while content[at + 1] == 0xFF:  # filled up
            at += 1
        marker = content[at + 1]
        if marker == END:
            yield marker, content[at : at + 2], b""
            return
        if marker not in TABLES and marker not in APPLICATION and marker != COMMENT:
            raise ValueError("out of place")
        (length,) = struct.unpack_from(">H", content, at + 2)
        until = at + 2 + length
        if length < 2 or until > len(content):
            raise ValueError("cut off")
        told = content[at + 4 : until]
        if marker == SCAN:
            until = _end_of_scan(content, until)
        yield marker, content[at:until], told
        at = until
        if marker == SCAN and at >= len(content):
            return
    raise ValueError("too many pieces")


def _end_of_scan(content: bytes, at: int) -> int:
    """Return where the next marker is after the drawn bytes of a scan, or the end of the file."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        if content[at + 1] not in IN_SCAN:
            return at
        at += 2
    return len(content)


def _way_up(tiff: bytes) -> int:
    """Return which way up a picture is, 1 to 8, as Exif says it; 1 (upright) where it does not."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return UPRIGHT
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for row in range(count):
            tag, type_, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * row)
            if (tag, type_) == (ORIENTATION, SHORT):
                return value if 1 <= value <= 8 else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT


def _exif(way_up: int) -> bytes:
    """Return a segment of Exif that says which way up a picture is, and no more."""
    row = struct.pack(">HHIHH", ORIENTATION, SHORT, 1, way_up, 0)
    tiff = b"MM\0\x2a" + struct.pack(">IH", 8, 1) + row + struct.pack(">I", 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(EXIF) + len(tiff)) + EXIF + tiff


def _png(content: bytes) -> bytes:
    kept, at = [content[:8]], 8
    for _ in range(MOST_PIECES):
        length, name = struct.unpack_from(">I4s", content, at)
        until = at + 12 + length
        if until > len(content):
            raise ValueError("cut off")
        if name in PNG_DRAWN:
            kept.append(content[at:until])
        at = until
        if name == b"IEND":
            return b"".join(kept)
    raise ValueError("too many pieces")


def _webp(content: bytes) -> bytes:
    kept, at = list[bytes](), 12
    while at < len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        until = at + 8 + length + length % 2
        if at + 8 + length > len(content):
            raise ValueError("cut off")
        if name in WEBP_DRAWN:
            piece = bytearray(content[at:until].ljust(until - at, b"\0"))
            if name == b"VP8X":
                piece[8] &= ~WEBP_TELLS & 0xFF
            kept.append(bytes(piece))
            if len(kept) > MOST_PIECES:
                raise ValueError("too many pieces")
        at = until
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


STRIP: dict[FileKind, Callable[[bytes], bytes]] = {
    FileKind.JPEG: _jpeg,
    FileKind.PNG: _png,
    FileKind.WEBP: _webp,
}

"""Pictures: what they tell of their place goes, what is seen on them stays to the pixel."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invented_photos import GPS, WAY_UP, XMP, picture, pixels, told_by
from triservice.casework.files import pictures
from triservice.casework.files.pictures import without_traces
from triservice.casework.words import FileKind
from triservice.kernel.errors import InputError

TELLS = (b"Invented", b"GPS", b"xmpmeta", b"Photoshop", b"spoken")


def segment(marker: int, told: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(told)) + told


@pytest.mark.parametrize("way_up", [1, 3, 6, 8])
@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"quality": 10, "comment": b"spoken"}])
def test_a_photo_keeps_its_pixels_and_its_way_up_and_tells_nothing_else(
    way_up: int, how: dict[str, Any]
) -> None:
    taken = picture("JPEG", way_up, icc_profile=b"a colour profile", **how)
    assert GPS in told_by(taken)
    more = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    more += segment(0xED, b"Photoshop 3.0\x008BIM Invented Lane")
    more += segment(0xE2, b"MPF\0Invented") + segment(0xE0, b"JFXX\0\x10Invented")
    second = picture("JPEG")  # behind the first, with its own traces
    kept = without_traces(taken[:2] + more + taken[2:] + second, FileKind.JPEG)
    assert pixels(kept) == pixels(taken)
    assert told_by(kept) == ({} if way_up == 1 else {WAY_UP: way_up})
    assert b"a colour profile" in kept
    assert [words for words in TELLS if words in kept] == []
    assert without_traces(kept, FileKind.JPEG) == kept


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("lossless", [True, False])
def test_other_pictures_too(kind: str, lossless: bool) -> None:
    options = {"lossless": lossless, "xmp": XMP} if kind == "WEBP" else {}
    came = taken = picture(kind, 6, **options)
    assert GPS in told_by(taken)
    if kind == "PNG":
        text = b"tEXtLocation\0Invented Lane"
        piece = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
        came = taken[:33] + piece + taken[33:] + b"Invented behind the end"
    kept = without_traces(came, FileKind(kind.lower()))
    assert pixels(kept) == pixels(taken)
    assert told_by(kept) == {}
    assert [words for words in TELLS if words in kept] == []


def test_a_photo_cut_off_while_it_was_sent_tells_nothing_either() -> None:
    came = picture()
    kept = without_traces(came[:-40], FileKind.JPEG)
    assert came.endswith(kept[-20:] + came[-40:])
    assert [words for words in TELLS if words in kept] == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (FileKind.JPEG, b"\xff\xd8\xff\xe0" + bytes(range(256))),
        (FileKind.JPEG, picture()[:60]),
        (FileKind.PNG, picture("PNG")[:-20]),
        (FileKind.WEBP, picture("WEBP")[:-20]),
    ],
)
def test_what_cannot_be_taken_apart_is_not_kept(kind: FileKind, content: bytes) -> None:
    with pytest.raises(InputError, match="damaged"):
        without_traces(content, kind)


SMALL = b"\x05\x05" + bytes(75)  # a small picture of five by five


@pytest.mark.parametrize("how", [{}, {"progressive": True}])
def test_restarts_within_a_scan_are_drawn_and_the_small_picture_beside_it_goes(
    how: dict[str, Any],
) -> None:
    taken = picture("JPEG", restart_marker_blocks=1, **how)
    assert b"\xff\xd0" in taken[taken.index(b"\xff\xda") :]
    jfif = taken.index(b"\xff\xe0")
    told = taken[jfif + 4 : jfif + 16] + SMALL
    came = taken[:jfif] + segment(0xE0, told) + taken[jfif + 18 :]
    kept = without_traces(came, FileKind.JPEG)
    assert pixels(kept) == pixels(came) == pixels(taken)
    assert kept == without_traces(taken, FileKind.JPEG)
    assert SMALL not in kept


@pytest.mark.parametrize("marker", [0x01, 0x02, 0xBF, 0xC8, 0xD0, 0xD7, 0xD8, 0xF0, 0xFD])
def test_a_marker_out_of_place_ends_it_before_anything_is_kept_of_it(marker: int) -> None:
    hostile = b"\xff\xd8" + bytes([0xFF, marker]) * 50_000
    pieces = pictures._segments(hostile)
    with pytest.raises(ValueError, match="out of place"):
        next(pieces)
    assert list(pieces) == []
    with pytest.raises(InputError, match="damaged"):
        without_traces(hostile, FileKind.JPEG)


@pytest.mark.parametrize(
    ("kind", "begins", "piece"),
    [
        (FileKind.JPEG, b"\xff\xd8", b"\xff\xdb\0\x02"),
        (FileKind.PNG, bytes(8), struct.pack(">I4sI", 0, b"IDAT", 0)),
        (FileKind.WEBP, bytes(12), struct.pack("<4sI", b"ANMF", 0)),
    ],
)
def test_a_picture_of_countless_pieces_is_not_kept(
    kind: FileKind, begins: bytes, piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIECES", 1_000)
    with pytest.raises(ValueError, match="too many pieces"):
        pictures.STRIP[kind](begins + piece * 1_001)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_bytes_break_it_and_none_of_its_segments_but_those_drawn_stay(data: Any) -> None:
    kind = data.draw(st.sampled_from([FileKind.JPEG, FileKind.PNG, FileKind.WEBP]))
    content = bytearray(picture(kind.upper()))
    for at in data.draw(st.lists(st.integers(2, len(content) - 1), max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    try:
        kept = without_traces(bytes(content), kind)
    except InputError:
        return
    assert without_traces(kept, kind) == kept
    if kind is FileKind.JPEG:
        markers = {marker for marker, _, _ in pictures._segments(kept)}
        assert markers.isdisjoint({pictures.COMMENT, 0xE3, 0xED})


def test_a_file_that_is_no_picture_stays_as_it_is() -> None:
    assert without_traces(b"Invented Lane", FileKind.TEXT) == b"Invented Lane"

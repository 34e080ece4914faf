"""Pictures of nothing, with what cameras write beside what is seen. Where they say is invented."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

GPS, NORTH, LATITUDE, MAKER, WAY_UP = 0x8825, 1, 2, 0x010F, 0x0112
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Invented Lane</x:xmpmeta>'


def exif(way_up: int = 1) -> Image.Exif:
    """Return what a camera tells: an invented place, its maker, and which way up it was held."""
    told = Image.Exif()
    told[MAKER] = "Invented Cameras"
    told[WAY_UP] = way_up
    told.get_ifd(GPS).update({NORTH: "N", LATITUDE: (50.0, 12.0, 34.5)})
    return told


def picture(kind: str = "JPEG", way_up: int = 1, **options: Any) -> bytes:
    """Return a picture of a kind with all of that in it."""
    image = Image.radial_gradient("L").resize((48, 32)).convert("RGB")
    content = io.BytesIO()
    image.save(content, kind, exif=exif(way_up), **options)
    return content.getvalue()


def pixels(content: bytes) -> tuple[str, tuple[int, int], bytes]:
    """Return what is seen on a picture: its kind of colours, size and pixels."""
    with Image.open(io.BytesIO(content)) as image:
        return image.mode, image.size, image.tobytes()


def told_by(content: bytes) -> dict[int, Any]:
    """Return all that its Exif tells."""
    with Image.open(io.BytesIO(content)) as image:
        return dict(image.getexif())

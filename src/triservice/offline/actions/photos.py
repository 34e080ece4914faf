"""Photographs come in pieces, go on where they were cut off, and are checked when whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.record import Record
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.actions.phones import own_phone
from triservice.offline.models import Photo


@dataclass(frozen=True, slots=True)
class Progress:
    """How many bytes of a photograph are here; `wrong` says why it begins again.

    `never`: it is not taken however often it comes, so the phone sets it aside.
    """

    received: int
    size: int
    wrong: str = ""
    never: bool = False


NO_PHOTO = "This is no photograph that can be kept. Use JPEG, PNG or WebP."
BROKEN = "The photograph came broken, and is sent again."


def path_of(photo: Photo) -> Path:
    """Return where a photograph is kept: outside what any web server serves."""
    return Path(settings.MEDIA_ROOT) / "phones" / str(photo.phone_id) / photo.number.hex


@transaction.atomic
def begin(reader: Reader, key: UUID, number: UUID, sha256: str, size: int) -> Progress:
    """Announce a photograph, or find how far it came: `received` says where to go on."""
    phone = own_phone(reader, key, lock=True)
    if not 0 < size <= rules.PHOTO_BYTES:
        wrong = f"It has {size:,} bytes: a photograph has between 1 and {rules.PHOTO_BYTES:,}."
        return Progress(0, size, wrong, never=True)
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise InputError("is no SHA-256 in small hex digits", field="sha256")
    photo = Photo.objects.filter(phone=phone, number=number).first()
    if photo is None:
        waiting = phone.photos.filter(taken_at__isnull=True).aggregate(bytes=Sum("size"))["bytes"]
        if (waiting or 0) + size > rules.PHOTOS_BYTES:
            raise InputError(
                f"More than {rules.PHOTOS_BYTES:,} bytes of photographs of this phone wait",
                do="Settle what waits under “From phones” first",
            )
        photo = Photo.objects.create(
            phone=phone, number=number, sha256=sha256, size=size, begun_at=clock.now()
        )
    if (photo.sha256, photo.size) != (sha256, size):
        return Progress(0, size, "Another photograph came under its number.", never=True)
    return Progress(photo.received, photo.size)


@transaction.atomic
def add(reader: Reader, key: UUID, number: UUID, at: int, piece: bytes) -> Progress:
    """Add the piece that begins at byte `at`; one that is here already adds nothing.

    What is no photograph is forgotten; what is in the end not what was announced begins again.
    Raises InputError for a gap and for a piece that is too large.
    """
    phone = own_phone(reader, key, lock=True)
    photo = Photo.objects.filter(phone=phone, number=number).first()
    if photo is None:
        raise InputError("This photograph was not announced", do="Announce it first")
    if at + len(piece) <= photo.received:
        return Progress(photo.received, photo.size)
    longest = min(rules.PIECE_BYTES, photo.size - photo.received)
    if at != photo.received or not 0 < len(piece) <= longest:
        raise InputError(f"does not go on at byte {photo.received:,}", field="at")
    if at == 0:
        photo.kind = rules.photo_kind(piece)
        if not photo.kind:
            photo.delete()
            return Progress(0, photo.size, NO_PHOTO, never=True)
    _write(path_of(photo), at, piece)
    photo.received += len(piece)
    wrong = _wrong(photo)
    if wrong:
        photo.received = 0
    elif photo.received == photo.size:
        photo.done_at = clock.now()
    photo.save(update_fields=["received", "kind", "done_at"])
    return Progress(photo.received, photo.size, wrong)


def _write(path: Path, at: int, piece: bytes) -> None:
    """Write a piece at its place and onto the disk; a piece written twice is the same file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        file.truncate(at)
        file.seek(at)
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _wrong(photo: Photo) -> str:
    if photo.received < photo.size:
        return ""
    with path_of(photo).open("rb") as file:
        whole = file_digest(file, "sha256").hexdigest()
    return "" if whole == photo.sha256 else BROKEN


def take_photo(record: Record, phone: int, number: UUID) -> tuple[Path, str]:
    """Return file and kind of a whole photograph to the room that keeps it from now on.

    Inside the transaction of the operation that names it. Raises InputError until it is whole, and
    once another operation took it.
    """
    photo = Photo.objects.select_for_update().filter(phone=phone, number=number).first()
    if photo is None or photo.done_at is None:
        raise InputError("The photograph has not come yet", do="Send it first, then this")
    if photo.taken_at is not None:
        raise InputError("The photograph is kept already")
    photo.taken_at = clock.now()
    photo.save(update_fields=["taken_at"])
    record.did("offline.photo", photo.pk)
    return path_of(photo), photo.kind


@by_the_clock("photographs of phones that are kept elsewhere, or that nothing took in time", SELDOM)
def sweep() -> int:
    """Remove the files of photographs that another room has taken: it has copies of its own.

    And of those that nothing took within PHOTO_KEPT: an operation that still names one is told that
    it has not come.
    """
    there = {path.name: path for path in (Path(settings.MEDIA_ROOT) / "phones").glob("*/*")}
    late = Q(taken_at__isnull=True, begun_at__lt=clock.now() - rules.PHOTO_KEPT)
    found = Photo.objects.filter(Q(taken_at__isnull=False) | late, number__in=list(there))
    gone = list(found)
    Photo.objects.filter(late, pk__in=[photo.pk for photo in gone]).update(received=0, done_at=None)
    for photo in gone:
        path_of(photo).unlink(missing_ok=True)
    return len(gone)

"""Photographs come in pieces, go on where they were cut off, and are checked when whole."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from invented_shift import Shift
from model_phone import ModelPhone

from partnership import NOON
from triservice.kernel import clock
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.actions.photos import add, begin, path_of, sweep
from triservice.offline.models import Operation, Photo
from triservice.offline.rules import State

pytestmark = pytest.mark.django_db
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 5
HALF = len(PICTURE) // 2


def announced(phone: ModelPhone, picture: bytes = PICTURE, digest: str = "") -> UUID:
    number = UUID(phone.number())
    digest = digest or sha256(picture).hexdigest()
    begin(phone.reader, phone.phone.key, number, digest, len(picture))
    return number


def test_a_photo_goes_on_where_it_was_cut_off_and_is_kept_once(shift: Shift) -> None:
    phone = shift.phone()
    number = announced(phone)
    key, digest = phone.phone.key, sha256(PICTURE).hexdigest()
    phone.do("photo.added", {"photo": str(number)})
    assert "has not come yet" in phone.send()[0].said
    add(shift.reader, key, number, 0, PICTURE[:HALF])
    assert begin(shift.reader, key, number, digest, len(PICTURE)).received == HALF
    add(shift.reader, key, number, 0, PICTURE[:HALF])  # sent twice
    with pytest.raises(InputError, match=f"byte {HALF}"):
        add(shift.reader, key, number, HALF + 1, PICTURE[HALF + 1 :])
    assert add(shift.reader, key, number, HALF, PICTURE[HALF:]).received == len(PICTURE)
    phone.queue.clear()
    phone.do("photo.added", {"photo": str(number)})
    phone.do("photo.added", {"photo": str(number)})
    done, twice = phone.sync()
    assert done.answer == {"bytes": len(PICTURE), "kind": "image/jpeg"}
    assert "kept already" in twice.said
    assert Operation.objects.filter(state=State.APPLIED).count() == 1


def test_what_is_no_photo_or_came_broken_begins_again(shift: Shift) -> None:
    phone = shift.phone()
    page = announced(phone, b"<svg onload=alert(1)>")
    told = add(shift.reader, phone.phone.key, page, 0, b"<svg onload=alert(1)>")
    assert (told.never, "no photograph" in told.wrong) == (True, True)
    assert not Photo.objects.exists()  # nor does it count among what waits
    broken = announced(phone, PICTURE, "0" * 64)
    told = add(shift.reader, phone.phone.key, broken, 0, PICTURE)
    assert (told.received, told.never, "came broken" in told.wrong) == (0, False, True)
    assert not Photo.objects.filter(done_at__isnull=False).exists()


def test_sizes_and_owners(shift: Shift) -> None:
    phone = shift.phone()
    number, key = announced(phone), phone.phone.key
    for size in (0, rules.PHOTO_BYTES + 1):
        assert begin(shift.reader, key, UUID(phone.number()), "0" * 64, size).never
    with pytest.raises(InputError, match="SHA-256"):
        begin(shift.reader, key, UUID(phone.number()), "no", 5)
    assert "Another photograph" in begin(shift.reader, key, number, "0" * 64, 5).wrong
    with pytest.raises(InputError, match="not set up for you"):
        add(shift.made.reader("police"), key, number, 0, PICTURE)
    with pytest.raises(InputError, match="not announced"):
        add(shift.reader, key, UUID(phone.number()), 0, PICTURE)
    with pytest.raises(InputError, match="go on"):
        add(shift.reader, key, number, 0, PICTURE + b"more")


def test_one_phone_holds_so_much_and_what_nothing_takes_is_removed_in_time(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = shift.phone()
    number = announced(phone)
    add(shift.reader, phone.phone.key, number, 0, PICTURE)
    monkeypatch.setattr(rules, "PHOTOS_BYTES", len(PICTURE) + 1)
    with pytest.raises(InputError, match="From phones"):
        announced(phone)
    assert begin(
        shift.reader, phone.phone.key, number, sha256(PICTURE).hexdigest(), len(PICTURE)
    ).received == len(PICTURE)  # what was announced goes on
    path = path_of(Photo.objects.get())
    with clock.frozen(NOON + rules.PHOTO_KEPT):
        assert (sweep(), path.exists()) == (0, True)
    with clock.frozen(NOON + rules.PHOTO_KEPT + timedelta(seconds=1)):
        assert (sweep(), path.exists()) == (1, False)
    phone.do("photo.added", {"photo": str(number)})
    assert "has not come yet" in phone.send()[0].said

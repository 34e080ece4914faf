"""What a phone still held when it was taken away: kept for a person to look at, never done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from triservice.access.record import Kind, recording
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.offline import rules, sealing
from triservice.offline.actions.syncing import keep_refused, read
from triservice.offline.models import Phone

LATE = (
    "This came from a phone after it had been {}, so nothing was done. It is kept as it was sent."
)


def hand_in(key: UUID, sealed: Iterable[Any], *, wiped: bool) -> int:
    """Keep what a phone that was taken away had not yet sent; return how many it handed in.

    Nobody is signed in: that a record opens with the phone's own key is what proves it. One that
    does not is noted and left, where another does. `wiped`: these were the last, and the key is
    forgotten. Raises InputError when the phone was not taken away or nothing opens; KeyUnknown, for
    the phone to come again.
    """
    phone = Phone.objects.select_related("officer").filter(key=key).first()
    if phone is None or phone.ended_at is None:
        raise InputError("This phone was not taken away", do="Sign in and send as usual")
    said = list(sealed)
    if len(said) > rules.BATCH:
        raise InputError(f"These are more than {rules.BATCH} operations", do="Send fewer at once")
    if said and not phone.sealed_key:
        raise InputError("The key of this phone is forgotten, so nothing of it can be read")
    opened = _opened(phone, said) if said else []
    with recording(_who(phone), Kind.COLLECTION, "kept what a phone handed in") as record:
        Phone.objects.select_for_update(of=("self",)).get(pk=phone.pk)
        for one in opened:
            sent, wrong = read(one)
            keep_refused(record, phone, sent, wrong or LATE.format(phone.ended_how))
        if spoilt := len(said) - len(opened):
            record.note("could not be opened", spoilt)
        if wiped:
            gone = Phone.objects.filter(pk=phone.pk, wiped_at__isnull=True)
            gone.update(wiped_at=clock.now(), sealed_key="")
            record.note("wiped", str(phone.key))
    return len(opened)


def _opened(phone: Phone, sealed: list[Any]) -> list[Any]:
    """Return the records that open: one that does not is no reason to lose the others."""
    store, opened, wrong = sealing.open_key(phone.sealed_key), [], None
    for each in sealed:
        try:
            opened.append(sealing.open_record(store, each))
        except InputError as error:
            wrong = error
    if wrong is not None and not opened:
        raise wrong
    return opened


def _who(phone: Phone) -> Reader:
    """Return the officer of the phone as one who reads nothing, for the record."""
    return Reader(
        phone.officer_id,
        phone.agency_id,
        frozenset(),
        None,
        clock.now(),
        name=phone.officer.name,
        source="a phone that was taken away",
    )

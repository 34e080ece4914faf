"""What a phone still held when it was taken away: set aside for a person to look at, never done."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.urls import reverse

from triservice.access.models import Notice
from triservice.access.notices.actions import To, tell
from triservice.access.record import Kind, recording
from triservice.access.restrictions.actions import share_lists
from triservice.kernel import clock
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.offline import rules, sealing
from triservice.offline.actions.syncing import keep_refused, read
from triservice.offline.models import Phone
from triservice.offline.rules import Sent
from triservice.offline.words import handed_in

LATE = (
    "This came from a phone after it had been {}, so nothing was done. It is kept as it was sent."
)
WIPED = "wiped"  # what a phone seals while it is open, for the day on which it is wiped
UNREAD = "what could not be read"  # the kind of a record that does not open, or has no number
TOLD = "A phone that was {} handed in what it had not sent: look at it under From phones"


def hand_in(key: UUID, sealed: Iterable[Any], *, wiped: bool, proof: Any = None) -> list[str]:
    """Set aside what a phone that was taken away had not sent; return the names of what is held.

    The phone forgets a record when its name comes back, and says `wiped` when none is left: then
    the key is forgotten. Nobody is signed in: that a record opens with the phone's own key is what
    proves it, and that it is wiped the record `proof`, which it sealed while it was open. Without
    that the key stays, and with it all that somebody may yet hand in. One that does not open is set
    aside sealed, where another does. A team leader is told once. Raises InputError when the phone
    was not taken away or nothing opens; KeyUnknown, for the phone to come again.
    """
    phone = Phone.objects.select_related("officer").filter(key=key).first()
    if phone is None or phone.ended_at is None:
        raise InputError("This phone was not taken away", do="Sign in and send as usual")
    said = list(sealed)
    if len(said) > rules.BATCH:
        raise InputError(f"These are more than {rules.BATCH} operations", do="Send fewer at once")
    if said and not phone.sealed_key:
        raise InputError("The key of this phone is forgotten, so nothing of it can be read")
    opened = _opened(phone, said)
    ends = wiped and _proves(phone, proof)
    with recording(_who(phone), Kind.COLLECTION, "kept what a phone handed in") as record:
        Phone.objects.select_for_update(of=("self",)).get(pk=phone.pk)
        share_lists([phone.agency_id])
        for sent, wrong in opened:
            keep_refused(record, phone, sent, wrong or LATE.format(phone.ended_how))
        if opened:
            leaders = To(phone.agency_id, role=Role.TEAM_LEADER)
            text, path = TOLD.format(phone.ended_how), reverse("offline:waiting")
            tell([leaders], Notice.Kind.CASEWORK, text, path, handed_in(phone.pk))
        if ends:
            gone = Phone.objects.filter(pk=phone.pk, wiped_at__isnull=True)
            gone.update(wiped_at=clock.now(), sealed_key="")
            record.note("wiped", str(phone.key))
    return [str(each.get("name", "")) for each in said if isinstance(each, dict)]


def _opened(phone: Phone, sealed: list[Any]) -> list[tuple[Sent, str]]:
    """Return what each record says, and why it cannot be read where it cannot.

    One that does not open is no reason to lose the others, nor to be lost.
    """
    if not sealed:
        return []
    store, found, proved, wrong = sealing.open_key(phone.sealed_key), [], False, None
    for each in sealed:
        said = each
        try:
            said = sealing.open_record(store, each)
            proved = True
            found.append(read(said))
        except InputError as error:
            wrong = error
            found.append((_unread(phone, said), str(error)))
    if wrong is not None and not proved:
        raise wrong
    return found


def _proves(phone: Phone, proof: Any) -> bool:
    """Whether the phone itself says that it is wiped; once its key is forgotten nobody can."""
    if not phone.sealed_key or proof is None:
        return False
    said = sealing.open_record(sealing.open_key(phone.sealed_key), proof)
    return bool(said == WIPED and proof["store"] == "plain")


def _unread(phone: Phone, said: Any) -> Sent:
    """Return what came as an operation that nobody can read: the same for the same."""
    at = phone.ended_at or clock.now()
    number = UUID(bytes=sha256(json.dumps(said, sort_keys=True).encode()).digest()[:16])
    return Sent(number, UNREAD, "", rules.whole(said), None, at)


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

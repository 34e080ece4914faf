"""Making and revoking the address of a calendar."""

from __future__ import annotations

import secrets

from triservice.access.record import Kind, recording
from triservice.access.tokens.rules import digest
from triservice.casework.models import CalendarAddress
from triservice.kernel import clock
from triservice.kernel.access_words import Reader


def make(reader: Reader) -> str:
    """Make the address of the reader's calendar and return its secret, which is shown once.

    The address before it ends. The calendar reads for the reader's purpose of now.
    """
    secret = secrets.token_urlsafe(32)
    with recording(reader, Kind.ALTERATION, "made an address of a calendar") as record:
        _revoke(reader)
        row = CalendarAddress.objects.create(
            officer_id=reader.officer, sha256=digest(secret), purpose=str(reader.purpose),
            made_at=clock.now(),
        )  # fmt: skip
        record.did("casework.calendaraddress", row.pk)
    return secret


def revoke(reader: Reader) -> None:
    """End the reader's calendar at once."""
    with recording(reader, Kind.ALTERATION, "revoked an address of a calendar") as record:
        record.note("revoked", _revoke(reader))


def _revoke(reader: Reader) -> int:
    own = CalendarAddress.objects.filter(CalendarAddress.LIVE, officer=reader.officer)
    return own.update(revoked_at=clock.now())

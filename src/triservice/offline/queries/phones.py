"""Phones in a list, what a phone is told at contact, and the pack that it takes along."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from triservice.access import grants
from triservice.access.readers import reader_for
from triservice.access.record import Kind, Record, reading
from triservice.access.rules import Use
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.offline import rules
from triservice.offline.kinds import PARTS, PackItem
from triservice.offline.models import Phone
from triservice.offline.rules import REVOKERS, Order


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """A phone in a list."""

    pk: int
    officer: str
    name: str
    made_at: datetime
    seen_at: datetime
    pack_until: datetime | None
    ended_how: str
    ended_at: datetime | None
    wiped_at: datetime | None
    may_revoke: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """What a phone is told when it comes by: what to do, and why."""

    order: Order
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """What goes along, as JSON, and until when; `mark` of what decided it."""

    content: dict[str, Any]
    until: datetime
    mark: str
    size: int  # bytes


WHY = {
    Order.WIPE: "This phone was {}. What it holds is wiped.",
    Order.DROP: "What was taken along has run out, or what may be taken has changed.",
    Order.UNKNOWN: "This service does not know this phone. Tell your administrator.",
}


def phones(reader: Reader) -> list[PhoneRow]:
    """Return the reader's own phones; to who may take any away, all of the agency, or of all."""
    with reading(reader, Kind.CONSULTATION, "listed phones") as record:
        rows = Phone.objects.select_related("officer")
        if not REVOKERS & reader.roles:
            rows = rows.filter(officer=reader.officer)
        elif Role.ADMINISTRATOR not in reader.roles:
            rows = rows.filter(agency=reader.agency)
        found = list(rows)
        record.note("phones", [phone.pk for phone in found])
        return [_row(reader, phone) for phone in found]


def _row(reader: Reader, phone: Phone) -> PhoneRow:
    return PhoneRow(
        phone.pk,
        phone.officer.name,
        phone.name,
        phone.made_at,
        phone.seen_at,
        phone.pack_until,
        phone.ended_how,
        phone.ended_at,
        phone.wiped_at,
        phone.ended_at is None and rules.may_revoke(reader, phone.officer_id, phone.agency_id),
    )


def own_name(reader: Reader, key: UUID) -> str | None:
    """Return the name of a phone of the reader that is in use, or None."""
    mine = Phone.objects.filter(key=key, officer=reader.officer, ended_at__isnull=True)
    return mine.values_list("name", flat=True).first()


def contact(key: UUID) -> Contact:
    """Say what a phone has to do. Tells nothing about anybody, so nobody need be signed in.

    The pack goes as soon as anything that decided it is otherwise: an agreement, an approval, a
    post, the cases that the officer works on.
    """
    phone = Phone.objects.select_related("officer").filter(key=key).first()
    at = clock.now()
    same = phone is not None and phone.pack_mark != "" and phone.pack_mark == _mark(phone, at)
    order = rules.order(
        known=phone is not None,
        ended=phone is not None and phone.ended_at is not None,
        pack_until=phone.pack_until if phone else None,
        same=same,
        at=at,
    )
    return Contact(order, WHY.get(order, "").format(phone.ended_how if phone else ""))


def _mark(phone: Phone, at: datetime) -> str:
    purpose = Purpose(phone.pack_purpose) if phone.pack_purpose else None
    reader = reader_for(phone.officer, purpose, at)
    return grants.mark(reader) if reader is not None else ""


def pack(record: Record) -> Pack:
    """Gather what the reader may take along now, part by part, until it is as large as may be.

    All that is read is for use on a phone, and in the record. It runs out
    after TRISERVICE_OFFLINE_HOURS, or with the first term or approval that opened any of it.
    """
    if record.use is not Use.OFFLINE:
        raise ValueError("a pack is read for use on a phone")
    at = clock.now()
    parts, forms, size, left = list[dict[str, Any]](), dict[str, Any](), 0, 0
    for name, (title, part) in PARTS.items():
        items = []
        for item in part(record):
            said = _item(item, forms)
            length = len(json.dumps(said))
            if size + length > rules.PACK_BYTES:
                left += 1
                continue
            size += length
            items.append(said)
        parts.append({"name": name, "title": title, "items": items})
    ends = [each.until for each in record.decisions if each.until is not None]
    until = rules.pack_until(at, settings.OFFLINE_HOURS, ends)
    content = {
        "made_at": at.isoformat(),
        "until": until.isoformat(),
        "purpose": str(record.reader.purpose or ""),
        "officer": record.reader.name,
        "parts": parts,
        "forms": forms,
        "left_out": left,
    }
    return Pack(content, until, grants.mark(record.reader), size)


def _item(item: PackItem, forms: dict[str, Any]) -> dict[str, Any]:
    """Return an item as JSON; each form goes once, by its key."""
    said = asdict(item)
    for deed in said["deeds"]:
        forms[deed["form"]["key"]] = deed["form"]
        deed["form"] = deed["form"]["key"]
    return said

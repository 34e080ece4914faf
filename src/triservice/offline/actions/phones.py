"""Set up a phone, release its key, take it away; and take over what it still held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_out
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from triservice.access.errors import Refused
from triservice.access.record import Kind, recording
from triservice.access.rules import UNKNOWN, Use
from triservice.agencies.models import Officer
from triservice.agencies.signals import officer_left
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.offline import rules, sealing
from triservice.offline.models import Phone
from triservice.offline.queries.phones import pack
from triservice.offline.rules import Ended

SESSION_KEY = "phone"  # the phone that this session works on


def own_phone(reader: Reader, key: UUID, *, lock: bool = False) -> Phone:
    """Return a phone that the reader works with now. Raises InputError for any other."""
    rows = Phone.objects.select_for_update(of=("self",)) if lock else Phone.objects.all()
    phone = rows.filter(key=key, officer=reader.officer).first()
    if phone is None:
        raise InputError("This phone is not set up for you", do="Set it up on the offline page")
    if phone.ended_at is not None:
        raise InputError(f"This phone was {phone.ended_how}", do="Set it up again")
    return phone


def set_up(reader: Reader, name: str) -> tuple[Phone, bytes]:
    """Make this browser one of the officer's phones; return it with the key of its store."""
    name = " ".join(name.split())
    if not 0 < len(name) <= 60:
        raise InputError("is empty or longer than 60 letters", field="name")
    at = clock.now()
    with recording(reader, Kind.ALTERATION, "set up a phone for work without signal") as record:
        officer = Officer.objects.select_for_update().get(pk=reader.officer)
        mine = Phone.objects.filter(officer=officer, ended_at__isnull=True)
        if mine.count() >= rules.PHONES:
            raise InputError(
                f"You have {rules.PHONES} phones already", do="Take one away on the page of phones"
            )
        if mine.filter(name=name).exists():
            raise InputError(
                "You have a phone of this name already", field="name", do="Use another"
            )
        phone = Phone.objects.create(
            officer=officer,
            agency_id=reader.agency,
            name=name,
            sealed_key=sealing.new_key(),
            made_at=at,
            seen_at=at,
        )
        record.did("offline.phone", phone.pk)
    return phone, sealing.open_key(phone.sealed_key)


def release_key(reader: Reader, key: UUID) -> bytes:
    """Return the key of the store to the officer whose phone it is, while it is."""
    with recording(reader, Kind.CONSULTATION, "opened the store of a phone") as record:
        phone = own_phone(reader, key, lock=True)
        Phone.objects.filter(pk=phone.pk).update(seen_at=clock.now())
        record.note("phone", str(phone.key))
    return sealing.open_key(phone.sealed_key)


def revoke(reader: Reader, pk: int) -> None:
    """Take a phone away: its key is released no more, and it is wiped at its next contact.

    The officer takes their own away; their team leader, data protection lead or an administrator
    any of the agency. Raises Refused for anyone else.
    """
    with recording(reader, Kind.ALTERATION, "took a phone away") as record:
        phone = Phone.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if phone is None or not rules.may_revoke(reader, phone.officer_id, phone.agency_id):
            raise Refused(UNKNOWN, f"offline.phone {pk}", hidden=True)
        if phone.ended_at is not None:
            raise InputError(f"This phone was {phone.ended_how} already")
        end(Phone.objects.filter(pk=pk), Ended.REVOKED, reader.officer)
        record.did("offline.phone", pk)


def end(phones: QuerySet[Phone], how: Ended, by: int | None) -> None:
    """End phones that are still in use."""
    phones.filter(ended_at__isnull=True).update(
        ended_at=clock.now(), ended_how=how, ended_by=by, pack_until=None, pack_mark=""
    )


def _end_with_account(sender: Any, officer: Officer, by: Officer | None, **_: Any) -> None:
    end(Phone.objects.filter(officer=officer), Ended.LEFT, by.pk if by else None)


def _end_with_session(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """End the phone of a session that somebody signs out; one that runs out keeps its phone."""
    match = request.resolver_match
    if match is not None and match.view_name == "account_logout" and user is not None:
        key = request.session.get(SESSION_KEY)
        mine = Q(key=key, officer=user.pk) if key else Q(pk__in=())
        end(Phone.objects.filter(mine), Ended.SIGNED_OUT, user.pk)


officer_left.connect(_end_with_account, dispatch_uid="offline.left")
user_logged_out.connect(_end_with_session, dispatch_uid="offline.signed out")


def take_along(reader: Reader, key: UUID) -> dict[str, Any]:
    """Give a phone its pack: a disclosure, with everything in it on the record."""
    with recording(reader, Kind.DISCLOSURE, "took along on a phone", Use.OFFLINE) as record:
        phone = own_phone(reader, key, lock=True)
        made = pack(record)
        record.note("pack", {"phone": phone.name, "bytes": made.size, "until": made.until})
        Phone.objects.filter(pk=phone.pk).update(
            seen_at=clock.now(),
            pack_made_at=clock.now(),
            pack_until=made.until,
            pack_mark=made.mark,
            pack_purpose=str(reader.purpose or ""),
        )
    return made.content

"""Keeping need-to-know lists: make one, put rows on it, name its members, lift it.

Putting rows on a list only ever closes them: a row that is on another list in force stays on that
one, for its members are others. What opens (a member more, a list lifted) is kept with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse

from triservice.access.errors import Refused
from triservice.access.models import (
    Epoch,
    Notice,
    Protected,
    Restriction,
    RestrictionMember,
    RestrictionSubject,
)
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.openings.queries import protected_models
from triservice.access.openings.rules import insubstantial
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.rules import KEEPERS
from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import Decision, Outcome, Reader, Reason
from triservice.kernel.errors import Already, InputError

NOT_YOURS = Decision(Outcome.DENY, Reason.ROLE)
LABEL = "access.restriction"
KEPT = "Nothing was changed"
LISTS = 20_261_128  # names the lock of an agency's lists among the locks of a PostgreSQL database


class Lifted(InputError):
    """The list is in force no more."""


def make_list(reader: Reader, name: str, why: str) -> int:
    """Make a list of the reader's agency, with nobody on it; return its key."""
    with recording(reader, Kind.ALTERATION, "make a need-to-know list") as record:
        return _make(record, name, why)


def list_named(reader: Reader, name: str, why: str) -> tuple[int, bool]:
    """Return the key of the agency's list in force of this name, and whether it was there before.

    It is made when it is not there, so that a program which asks twice makes one.
    """
    with recording(reader, Kind.ALTERATION, "make a need-to-know list once") as record:
        _must_keep(reader, "make a need-to-know list", hidden=False)
        hold_lists(reader.agency)  # one of two at once makes it
        known = Restriction.objects.filter(
            owner=reader.agency, name=name.strip(), lifted_at__isnull=True
        )
        found = known.order_by("pk").values_list("pk", flat=True).first()
        if found is None:
            return _make(record, name, why), False
        record.did(LABEL, found)
        return found, True


def _make(record: Record, name: str, why: str) -> int:
    reader = record.reader
    _must_keep(reader, "make a need-to-know list", hidden=False)
    _substance(why)
    if not name.strip():
        raise InputError("Give the list a name", field="name", kept=KEPT)
    made = Restriction.objects.create(
        owner_id=reader.agency,
        name=name.strip(),
        why=why.strip(),
        made_by_id=reader.officer,
        made_at=reader.at,
    )
    record.did(LABEL, made.pk)
    return made.pk


def add_member(
    reader: Reader, pk: int, officer: Officer, why: str, until: datetime | None = None
) -> None:
    """Put an officer of any agency on a list, until a moment. What terms close stays closed."""
    with _list(reader, pk, "put someone on a need-to-know list") as (record, listed):
        _substance(why)
        at = record.reader.at
        if not officer.is_active:
            raise InputError(f"{officer.name} has left", field="officer", kept=KEPT)
        if until is not None and until <= at:
            raise InputError("That day is over already", field="until", kept=KEPT)
        there = listed.members.filter(members_at(at), officer=officer).first()
        if there is not None:
            same = Already if there.until == until else InputError
            raise same(f"{officer.name} is on this list already", field="officer", kept=KEPT)
        RestrictionMember.objects.create(restriction=listed, officer=officer, since=at, until=until)
        record.note("member", {"added": officer.pk, "why": why.strip()})


def remove_member(reader: Reader, pk: int, member: int, why: str) -> None:
    """Take an officer off a list, as of the next read."""
    with _list(reader, pk, "take someone off a need-to-know list") as (record, listed):
        _substance(why)
        at = record.reader.at
        on_it = listed.members.filter(members_at(at), pk=member)
        officer = on_it.values_list("officer", flat=True).first()
        if not on_it.update(until=at):
            raise Already("They are not on this list", kept=KEPT)
        record.note("member", {"removed": officer, "why": why.strip()})


def remove_officer(reader: Reader, pk: int, officer: Officer, why: str) -> None:
    """Take an officer off a list, whichever entry of it names them. Raises Already if none does."""
    on_it = RestrictionMember.objects.filter(
        members_at(reader.at), restriction=pk, restriction__owner=reader.agency, officer=officer
    )
    remove_member(reader, pk, on_it.values_list("pk", flat=True).first() or 0, why)


def lift(reader: Reader, pk: int, why: str) -> None:
    """End a list: what was on it is open again as the agreements say, to its owner's people too."""
    with _list(reader, pk, "lift a need-to-know list") as (record, listed):
        _substance(why)
        Restriction.objects.filter(pk=listed.pk).update(
            lifted_at=record.reader.at, lifted_by=reader.officer, lifted_why=why.strip()
        )
        record.note("why", why.strip())


def put_rows(record: Record, pk: int, rows: Iterable[QuerySet[Any]]) -> int:
    """Put rows on a list of the reader's agency; return how many now are on it that were not.

    Only rows of that agency, and only those that are on no other list in force. Inside the caller's
    recording, which has made sure that the reader may see what the rows are about.
    """
    return follow(record, _locked(record.reader, pk), rows)


def follow(record: Record, listed: Restriction, rows: Iterable[QuerySet[Any]]) -> int:
    """Put rows on a list because whom they now are about is on it, whoever brings them there.

    The same as put_rows, which asks besides whether the reader keeps the list.
    """
    put = 0
    for some in rows:
        own = some.filter(free(record.reader.at), owner=listed.owner_id)
        chosen = dict(own.order_by("pk").values_list("pk", "data_class"))
        some.model._default_manager.filter(pk__in=chosen).update(restriction=listed)
        for key, data_class in chosen.items():
            record.did(some.model._meta.label_lower, key, data_class)
        put += len(chosen)
    if put:
        Epoch.objects.update_or_create(name=Epoch.ROWS, defaults={"token": uuid4().hex})
    record.did(LABEL, listed.pk)
    return put


def put_subject(record: Record, pk: int, keys: Iterable[UUID]) -> int:
    """Put all that the reader's agency holds about a subject on a list, and what it receives later.

    `keys` are of all who are one with the subject. Returns how many rows that are now on it.
    """
    keys = list(keys)
    hold_lists(record.reader.agency)
    _lists_stand(record.reader.agency, "pg_advisory_xact_lock")
    listed = _locked(record.reader, pk)
    RestrictionSubject.objects.bulk_create(
        [RestrictionSubject(restriction=listed, subject_key=key) for key in keys],
        ignore_conflicts=True,
    )
    put = follow(record, listed, rows_about(keys))
    deal_with(record.reader, f"list:{pk}")
    return put


def hold_lists(agency: int) -> None:
    """Let nobody else receive for an agency, or put a subject on its lists, till this is done.

    Inside the caller's transaction. Else what arrives while somebody is put on a list could stay
    off it: neither of the two would see the other.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=agency)


def share_lists(agencies: Iterable[int]) -> None:
    """Let nobody be put on a list of these agencies till this is done; many do this at once.

    Inside the transaction of who writes what is kept as closely as another row, and before that row
    is read. Else a row that is written in the instant of `put_subject` could stay off the list:
    neither of the two would see the other.
    """
    if connection.vendor == "postgresql":  # SQLite lets one write at a time
        for agency in sorted(set(agencies)):
            _lists_stand(agency, "pg_advisory_xact_lock_shared")


def share_lists_of(row: type[Protected], pk: int) -> None:
    """Let nobody be put on a list of the agency that owns a row, as `share_lists` says."""
    share_lists(row._default_manager.filter(pk=pk).values_list("owner_id", flat=True))


def _lists_stand(agency: int, how: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {how}(%s, %s)", [LISTS, agency])


def tell_keepers(listed: Restriction, text: str, key: str) -> None:
    """Tell who keeps a list of what came later and is not on it; the page puts it there."""
    to = [To(listed.owner_id, role=role) for role in sorted(KEEPERS)]
    path = reverse("subjects:list_later", args=[listed.pk])
    tell(to, Notice.Kind.CASEWORK, text, path, f"list:{listed.pk}:{key}")


def members_at(at: datetime) -> Q:
    """Return the condition of the members who are on a list at a moment."""
    return Q(since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))


def free(at: datetime) -> Q:
    """Return the condition of the rows that are on no list in force at a moment."""
    return Q(restriction__isnull=True) | Q(restriction__lifted_at__lte=at)


def rows_about(keys: Iterable[UUID]) -> list[QuerySet[Any]]:
    """Return the rows of every table about subjects, and those that hang on such rows.

    A place in a case about somebody has the place's key, and is closed with the case.
    """
    keys = list(keys)
    return [
        model._default_manager.filter(**{f"{path}subject_key__in": keys})
        for _, model in sorted(protected_models().items())
        for path in ("", *(f"{name}__" for name in _hangs_on(model)))
    ]


def _hangs_on(model: type[Protected]) -> list[str]:
    """Return the columns by which rows of a table hang on protected rows."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field.related_model, type) and issubclass(field.related_model, Protected)
    ]


def _substance(why: str) -> None:
    if fault := insubstantial(why):
        raise InputError(f"Why? {fault}", field="why", kept=KEPT)


def _must_keep(reader: Reader, what: str, *, hidden: bool = True) -> None:
    if not KEEPERS & reader.roles:
        raise Refused(NOT_YOURS, what, hidden=hidden)


def _locked(reader: Reader, pk: int) -> Restriction:
    """Lock a list of the reader's agency that is in force. Raises Refused, or InputError."""
    _must_keep(reader, f"{LABEL} {pk}")
    listed = Restriction.objects.select_for_update().filter(pk=pk, owner=reader.agency).first()
    if listed is None:
        raise Refused(NOT_YOURS, f"{LABEL} {pk}", hidden=True)
    if listed.lifted_at is not None:
        raise Lifted("This list was lifted", kept=KEPT, do="Make a new one")
    return listed


@contextmanager
def _list(reader: Reader, pk: int, doing: str) -> Iterator[tuple[Record, Restriction]]:
    with recording(reader, Kind.ALTERATION, doing) as record:
        listed = _locked(reader, pk)
        record.did(LABEL, pk)
        yield record, listed

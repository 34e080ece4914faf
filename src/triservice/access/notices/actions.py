"""Writing notices. They name no person that data is about: who may see that follows the link."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from triservice.access.models import NoMail, Notice
from triservice.access.prepared import Given
from triservice.access.record import Kind, recording
from triservice.agencies.models import Holding, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role

_LOG = logging.getLogger(__name__)
CLOCK_NAME = "triservice, by the clock"


@dataclass(frozen=True, slots=True)
class To:
    """Whom a notice is for: an officer, or whoever has a role at an agency."""

    agency: int
    role: Role | None = None
    officer: int | None = None

    @classmethod
    def officer_or_leaders(cls, agency: int, officer: int | None) -> To:
        """Return the officer of an agency, or where there is none its team leaders."""
        return cls(agency, officer=officer) if officer else cls(agency, role=Role.TEAM_LEADER)


def clock_reader() -> Reader:
    """Return the reader under whose name jobs act: nobody, with no role, to whom nothing opens."""
    return Reader(0, 0, frozenset(), Purpose.ADMINISTRATION, clock.now(), name=CLOCK_NAME)


def tell(to: Iterable[To], kind: Notice.Kind, text: str, path: str, key: str) -> int:
    """Give a notice to each, once for its `key`; return how many were new. E-mails follow.

    Call it inside the recording of what it tells of: rolled back together, nobody is told.
    """
    made = 0
    for each in to:
        row, new = Notice.objects.get_or_create(
            key=key,
            agency_id=each.agency,
            role=str(each.role or ""),
            officer_id=each.officer,  # type: ignore[misc]  # null: to a role
            defaults={"kind": kind, "text": text, "path": path, "made_at": clock.now()},
        )
        if new:
            made += 1
            transaction.on_commit(lambda row=row: _send(row), robust=True)  # type: ignore[misc]
    return made


def given(keys: Iterable[str]) -> Iterable[tuple[str, int, str, int | None]]:
    """Return key, agency, role and officer of each notice that was given for these keys."""
    rows = Notice.objects.filter(key__in=keys)
    return rows.values_list("key", "agency_id", "role", "officer_id")


def deal_with(reader: Reader, key: str) -> None:
    """Mark the notices of a key, and of keys below it (key:…), as dealt with, for everyone."""
    about = Q(key=key) | Q(key__startswith=f"{key}:")
    Notice.objects.filter(about, dealt_at__isnull=True).update(
        dealt_at=clock.now(), dealt_by=reader.officer or None
    )


def dismiss(reader: Reader, pk: int) -> bool:
    """Mark a notice to the reader as dealt with; False when there is no such notice open."""
    with recording(reader, Kind.ALTERATION, "deal with a notice") as record:
        rows = Notice.objects.filter(of_reader(reader), pk=pk, dealt_at__isnull=True)
        done = rows.update(dealt_at=clock.now(), dealt_by=reader.officer)
        record.did("access.notice", pk)
    return bool(done)


def of_reader(reader: Reader) -> Q:
    """Return the condition of the notices that are for a reader."""
    return mine(reader.officer, reader.agency, reader.roles)


def mine(officer: int | Given, agency: int | Given, roles: Iterable[Role]) -> Q:
    """Return the condition of the notices for an officer, who acts for an agency in roles."""
    to_role = Q(agency=agency, role__in=[str(role) for role in roles])
    return Q(officer=officer) | (to_role & Q(officer__isnull=True))


def recipients(notice: Notice) -> list[str]:
    """Return the e-mail addresses of those whom a notice is for, who work here and want it."""
    if notice.officer_id is not None:
        found = Officer.objects.filter(pk=notice.officer_id, is_active=True)
    else:
        day = timezone.localtime(clock.now()).date()
        holders = Holding.objects.filter(
            Q(until__isnull=True) | Q(until__gt=day),
            post__agency=notice.agency_id,
            post__role=notice.role,
            since__lte=day,
        )
        found = Officer.objects.filter(pk__in=holders.values("officer"), is_active=True)
    refused = NoMail.objects.filter(kind=notice.kind).values("officer")
    return sorted(found.exclude(pk__in=refused).values_list("email", flat=True))


def choose_mail(reader: Reader, kinds: Iterable[str]) -> None:
    """Let notices of these kinds come to the reader by e-mail, and of the others not.

    What cannot wait is mailed whatever is chosen.
    """
    refused = set(Notice.Kind) - Notice.ALWAYS - {Notice.Kind(kind) for kind in kinds}
    with recording(reader, Kind.ALTERATION, "chose which notices are mailed") as record:
        own = NoMail.objects.filter(officer=reader.officer)
        own.exclude(kind__in=refused).delete()
        NoMail.objects.bulk_create(
            [NoMail(officer_id=reader.officer, kind=kind) for kind in sorted(refused)],
            ignore_conflicts=True,
        )
        record.note("no mail", sorted(refused))


def _send(notice: Notice) -> None:
    """Send the e-mails of a notice. A mail server that fails stops nothing: the notice is there."""
    body = (
        f"{notice.text}.\n\nSign in to triservice and open {address(notice.path)}\n\n"
        "This message says nothing of anybody whom we serve. Please do not answer it.\n"
    )
    try:
        messages = [
            EmailMessage(f"triservice: {notice.get_kind_display().lower()}", body, to=[to])
            for to in recipients(notice)
        ]
        if messages:
            get_connection().send_messages(messages)
    except (OSError, SMTPException):
        _LOG.exception("a notice could not be sent by e-mail")


def address(path: str) -> str:
    """Return the whole address of a path where the installation knows its own, else the path."""
    origins = getattr(settings, "CSRF_TRUSTED_ORIGINS", ())
    return f"{origins[0].rstrip('/')}{path}" if origins else path

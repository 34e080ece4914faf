"""Keeping the directory: a service is entered, changed and ended, never deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from triservice.access.errors import Refused
from triservice.access.record import Kind, Record, recording
from triservice.access.rules import NO_ROLE, UNKNOWN
from triservice.agencies.models import Area
from triservice.casework.directory.rules import KEEPS, may_change
from triservice.casework.entries.actions import plain
from triservice.casework.models import DirectoryService
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError

KEPT = "Nothing was changed"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a service; `areas` are codes. Of an agency, or else of an organisation."""

    name: str
    agency: int | None
    organisation: str
    domains: tuple[str, ...]
    takes: str
    since: date
    eligible: str = ""
    age_from: int | None = None
    age_to: int | None = None
    areas: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    address: str = ""
    post_to: str = ""
    phone: str = ""
    email: str = ""


def add_service(reader: Reader, said: Said) -> int:
    """Enter a service; return its key. Raises InputError and Refused."""
    with recording(reader, Kind.ALTERATION, "enter a service of the directory") as record:
        _may(reader, said.agency)
        return _save(record, DirectoryService(), said).pk


def change_service(reader: Reader, pk: int, said: Said) -> None:
    """Change a service. What was sent to it before keeps its name. Raises InputError, Refused."""
    with recording(reader, Kind.ALTERATION, "change a service of the directory") as record:
        row = _theirs(reader, pk)
        _may(reader, said.agency)
        _save(record, row, said)


def end_service(reader: Reader, pk: int, until: date) -> None:
    """Say the first day on which a service takes nobody. Raises InputError and Refused."""
    with recording(reader, Kind.ALTERATION, "end a service of the directory") as record:
        row = _theirs(reader, pk)
        if until < row.since:
            raise InputError("It ends after it began", field="until", kept=KEPT)
        row.until = until
        row.save(update_fields=["until"])
        record.note("ended", {"service": pk, "until": until.isoformat()})
        record.did("casework.directoryservice", pk)


def _may(reader: Reader, of: int | None) -> None:
    """Raise Refused where the reader may not say what is a service of an agency; None: of none."""
    if not may_change(reader.roles, reader.agency, of):
        raise Refused(NO_ROLE, "casework.directoryservice")


def _theirs(reader: Reader, pk: int) -> DirectoryService:
    """Return a service that the reader may change, locked. Raises Refused."""
    if not KEEPS & reader.roles:
        raise Refused(NO_ROLE, "casework.directoryservice")
    row = DirectoryService.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise Refused(UNKNOWN, f"casework.directoryservice {pk}", hidden=True)
    if not may_change(reader.roles, reader.agency, row.agency_id):
        raise Refused(NO_ROLE, f"casework.directoryservice {pk}")
    return row


def _save(record: Record, row: DirectoryService, said: Said) -> DirectoryService:
    columns: dict[str, Any] = {
        "name": said.name.strip(), "agency_id": said.agency,
        "organisation": said.organisation.strip(), "domains": list(said.domains),
        "takes": said.takes, "since": said.since, "eligible": said.eligible.strip(),
        "age_from": said.age_from, "age_to": said.age_to, "shares": list(said.shares),
        "address": said.address.strip(), "post_to": said.post_to.strip(),
        "phone": said.phone.strip(), "email": said.email.strip(),
    }  # fmt: skip
    if bool(columns["agency_id"]) == bool(columns["organisation"]):
        raise InputError(
            "Choose the agency, or else name the organisation", field="organisation", kept=KEPT
        )
    areas = _areas(said.areas)
    before = {name: getattr(row, name) for name in columns} if row.pk else {}
    for name, value in columns.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise _why_not(row) from None
    row.areas.set(areas)
    changed = {name: value for name, value in columns.items() if before.get(name) != value}
    record.note("said", plain(changed) | {"areas": sorted(said.areas)})
    record.did("casework.directoryservice", row.pk)
    return row


def _why_not(row: DirectoryService) -> InputError:
    """Return what the database refused: two of one name, or days and ages that do not fit."""
    same = DirectoryService.objects.filter(
        name=row.name, agency=row.agency_id, organisation=row.organisation, until__isnull=True
    ).exclude(pk=row.pk)
    if same.exists():
        return InputError("This service is in the directory already", field="name", kept=KEPT)
    do = "Check its days, its ages and the address of its system."
    return InputError("What is said of this service does not fit together", kept=KEPT, do=do)


def _areas(codes: Iterable[str]) -> list[Area]:
    wanted = set(codes)
    found = list(Area.objects.filter(code__in=wanted))
    unknown = sorted(wanted - {area.code for area in found})
    if unknown:
        raise InputError(
            f"No area has the code {unknown[0]}", field="areas", kept=KEPT,
            do="Enter the area first, or correct the code.",
        )  # fmt: skip
    return found

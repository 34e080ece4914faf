"""Agencies, areas, which agency covers which area, and whom to ask about data."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from triservice.agencies.models import Agency, AgencyArea, Area, Contact, Officer
from triservice.agencies.rules import Period
from triservice.kernel.errors import InputError

from .history import note, refuse_unless, today


@transaction.atomic
def add_agency(by: Officer | None, *, name: str, short_name: str, kind: str) -> Agency:
    """Make an agency. Raises InputError for a name that another has."""
    agency = Agency(name=name.strip(), short_name=short_name.strip(), kind=Agency.Kind(kind))
    refuse_unless("people", by, agency=agency)
    try:
        with transaction.atomic():
            agency.save()
    except IntegrityError as error:
        what = f"Another agency is called {name} or {short_name}"
        raise InputError(what, do="Choose another name") from error
    after = {"name": agency.name, "short_name": agency.short_name, "kind": agency.kind}
    note("add_agency", by, agency, agency=agency, after=after)
    return agency


@transaction.atomic
def add_area(
    by: Officer | None, *, kind: str, code: str, name: str, parent: Area | None = None
) -> Area:
    """Make an area of the map; `code` is unique over all kinds."""
    _refuse_to_others(by)
    try:
        with transaction.atomic():
            area = Area.objects.create(
                kind=Area.Kind(kind), code=code.strip(), name=name.strip(), parent=parent
            )
    except IntegrityError as error:
        what = f"{code!r} is empty or belongs to another area"
        raise InputError(what, field="code", do="Choose another code") from error
    after = {"kind": area.kind, "code": area.code, "name": area.name, "parent": parent}
    note("add_area", by, area, after=after)
    return area


@transaction.atomic
def cover_area(
    by: Officer | None,
    agency: Agency,
    area: Area,
    *,
    since: date | None = None,
    until: date | None = None,
) -> AgencyArea:
    """Say that an agency covers an area for a period; two periods of one pair do not overlap."""
    Agency.objects.select_for_update().get(pk=agency.pk)
    refuse_unless("people", by, agency=agency)
    wanted = Period(since or today(), until)
    if wanted.empty:
        raise InputError("is not after the first day", field="until", do="Give a later day")
    for other in AgencyArea.objects.filter(agency=agency, area=area):
        if Period(other.since, other.until).overlaps(wanted):
            what = f"{agency.name} covers {area.name} in that time already"
            raise InputError(what, do="End the first period, or choose other days")
    cover = AgencyArea.objects.create(
        agency=agency, area=area, since=wanted.since, until=wanted.until
    )
    after = {"area": area, "since": wanted.since, "until": wanted.until}
    note("cover_area", by, cover, agency=agency, after=after)
    return cover


@transaction.atomic
def uncover_area(by: Officer | None, cover: AgencyArea, *, until: date | None = None) -> AgencyArea:
    """End the covering of an area: `until` (today) is the first day without it."""
    cover = AgencyArea.objects.select_for_update().select_related("agency").get(pk=cover.pk)
    refuse_unless("people", by, agency=cover.agency)
    before = {"until": cover.until}
    cover.until = Period(cover.since, cover.until).ended(until or today()).until
    cover.save(update_fields=["until"])
    after = {"until": cover.until}
    note("uncover_area", by, cover, agency=cover.agency, before=before, after=after)
    return cover


@transaction.atomic
def set_contact(
    by: Officer | None,
    agency: Agency,
    kind: str,
    *,
    name: str,
    email: str = "",
    phone: str = "",
    hours: str = "",
) -> Contact:
    """Say whom to ask at an agency about data; one contact of each kind."""
    refuse_unless("people", by, agency=agency)
    if not (email.strip() or phone.strip()):
        raise InputError("A contact needs an e-mail address or a telephone number")
    Agency.objects.select_for_update().get(pk=agency.pk)
    old = Contact.objects.filter(agency=agency, kind=Contact.Kind(kind)).first()
    fields = {"name": name.strip(), "email": email.strip(), "phone": phone.strip()}
    fields |= {"hours": hours.strip()}
    before = {field: getattr(old, field) for field in fields} if old else {}
    contact = old or Contact(agency=agency, kind=Contact.Kind(kind))
    for field, value in fields.items():
        setattr(contact, field, value)
    contact.save()
    note("set_contact", by, contact, agency=agency, before=before, after=fields)
    return contact


def _refuse_to_others(by: Officer | None) -> None:
    """Areas belong to the whole partnership: only who changes every agency adds one."""
    if by is not None:
        refuse_unless("people", by, agency=Agency())

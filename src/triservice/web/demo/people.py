"""Make the demonstration's agencies, areas, posts and officers. Everyone is invented."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from django.db import transaction

from triservice.access.readers import reader_for
from triservice.agencies import actions
from triservice.agencies.models import Agency, Area, Contact, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role, Vetting

COUNTY_CODE, COUNTY = "E06000052", "Cornwall"
CONTACTS = (
    Contact.Kind.PROTECTION_OFFICER,
    Contact.Kind.PROTECTION_LEAD,
    Contact.Kind.SHARING_DESK,
)


@cache
def script() -> dict[str, Any]:
    """Return the demonstration's file of agencies and people."""
    file = resources.files("triservice.web.demo") / "partnership.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def email_of(name: str, agency: str) -> str:
    """Return the address of an invented officer: a domain that can never exist."""
    return f"{re.sub('[^a-z]+', '.', name.lower())}@{agency}.invalid"


@cache
def emails() -> dict[str, str]:
    """Return the addresses of the invented officers by name."""
    return {
        person[0]: email_of(person[0], group["agency"])
        for group in script()["officers"]
        for person in group["people"]
    }


@transaction.atomic
def make_agencies(areas: Iterable[tuple[str, str]]) -> dict[str, Agency]:
    """Make the agencies and the areas (code, name) that they cover; return them by kind."""
    county = actions.add_area(None, kind=Area.Kind.COUNTY, code=COUNTY_CODE, name=COUNTY)
    for code, name in areas:
        actions.add_area(None, kind=Area.Kind.MSOA, code=code, name=name, parent=county)
    made = {}
    for row in script()["agencies"]:
        agency = actions.add_agency(
            None, name=row["name"], short_name=row["short_name"], kind=row["kind"]
        )
        actions.cover_area(None, agency, county)
        for kind in CONTACTS:
            actions.set_contact(
                None,
                agency,
                kind,
                name=row["desk"],
                phone=row["phone"],
                email=f"information@{row['kind']}.invalid",
                hours="8am to 6pm, Monday to Friday",
            )
        made[row["kind"]] = agency
    return made


@transaction.atomic
def make_officers(agencies: dict[str, Agency]) -> dict[str, Officer]:
    """Make the officers in their posts; nobody has a password. Returns them by name."""
    today = clock.now().date()
    found = {}
    for group in script()["officers"]:
        for person in group["people"]:
            officer = _make_officer(agencies[group["agency"]], group["agency"], person, today)
            found[officer.name] = officer
    return found


def _make_officer(agency: Agency, kind: str, person: list[Any], today: date) -> Officer:
    name, title, role, vetting, trained, on_duty = person
    officer = actions.engage(None, email=email_of(name, kind), name=name, employer=agency)
    post = actions.create_post(None, title=title, agency=agency, role=Role(role))
    actions.appoint(None, officer, post, since=today - timedelta(days=400))
    if vetting:
        until = today + timedelta(days=700)
        actions.record_vetting(None, officer, Vetting(vetting), until=until)
    if trained:
        actions.record_training(None, officer, until=today + timedelta(days=300))
    if on_duty:
        actions.start_duty(None, officer)
    officer.refresh_from_db()  # vetting and training were written by row
    return officer


def reader(officer: Officer, purpose: Purpose = Purpose.ADMINISTRATION) -> Reader:
    """Return an officer of the demonstration as a reader."""
    found = reader_for(officer, purpose, source="demonstration")
    if found is None:
        raise LookupError(f"{officer.name} holds no post")
    return found

"""Powers are given to officers, per force, for a time, and taken back."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from triservice.agencies.models import Agency, Officer, PowerGrant
from triservice.agencies.powers import powers
from triservice.agencies.rules import Period
from triservice.kernel.errors import InputError

from .history import note, refuse_unless, today


@transaction.atomic
def grant_power(
    by: Officer | None,
    officer: Officer,
    power: str,
    *,
    agency: Agency,
    until: date,
    since: date | None = None,
    conditions: str = "",
    reference: str = "",
) -> PowerGrant:
    """Record that `agency` gives `power` (a code of powers.toml) to an officer for a period.

    An accreditation states how long it lasts, so `until` has no default.
    """
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("clearance", by, agency=agency, about=officer)
    known = powers().get(power)
    if known is None:
        raise InputError(f"{power!r} is not in the table of powers", do="Choose one of the table")
    if agency.kind != known.giver:
        what = f"{agency.name} cannot give this power: a {known.giver} agency gives it"
        raise InputError(what, do="Choose the agency whose power it is")
    if not officer.is_active:
        raise InputError(f"{officer.name} has left", kept="Nothing was changed")
    wanted = Period(since or today(), until)
    if wanted.empty:
        raise InputError("is not after the first day", field="until", do="Give a later day")
    if not known.period.overlaps(wanted):
        what = "The law does not give this power in any of that time"
        raise InputError(what, do=known.check or "Look up the law")
    for other in PowerGrant.objects.filter(officer=officer, agency=agency, power=power):
        if Period(other.since, other.until).overlaps(wanted):
            what = f"{officer.name} has this power from {agency.name} in that time already"
            raise InputError(what, do="End the first grant, or choose other days")
    grant = PowerGrant.objects.create(
        officer=officer,
        agency=agency,
        power=power,
        since=wanted.since,
        until=wanted.until,
        conditions=conditions.strip(),
        reference=reference.strip(),
    )
    after = {"power": power, "agency": agency, "since": grant.since, "until": grant.until}
    after |= {"conditions": grant.conditions, "reference": grant.reference}
    note("grant_power", by, grant, about=officer, agency=agency, after=after)
    return grant


@transaction.atomic
def end_power(
    by: Officer | None, grant: PowerGrant, *, until: date | None = None, why: str = ""
) -> PowerGrant:
    """Take a power back: `until` (today) is the first day without it. Never lengthens one."""
    grant = (
        PowerGrant.objects.select_for_update().select_related("officer", "agency").get(pk=grant.pk)
    )
    refuse_unless("clearance", by, agency=grant.agency, about=grant.officer)
    before = {"until": grant.until}
    grant.until = Period(grant.since, grant.until).ended(until or today()).until
    grant.save(update_fields=["until"])
    after = {"until": grant.until}
    note(
        "end_power",
        by,
        grant,
        about=grant.officer,
        agency=grant.agency,
        before=before,
        after=after,
        why=why,
    )
    return grant

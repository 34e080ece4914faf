"""What every action shares: who may, the day, and the row of history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from triservice.agencies import rules
from triservice.agencies.models import Agency, Holding, Officer, WorkforceChange
from triservice.kernel.access_words import Role
from triservice.kernel.clock import now
from triservice.kernel.errors import InputError

CONSOLE = "the console of the server"


def today() -> date:
    """Return the day here (Europe/London), by the one clock."""
    return timezone.localdate(now())


def roles_of(officer: Officer, day: date) -> dict[int, set[Role]]:
    """Return the roles of the posts that an active officer holds on `day`, by host agency."""
    roles: dict[int, set[Role]] = {}
    if officer.is_active:
        for holding in Holding.objects.filter(officer=officer).select_related("post"):
            if rules.Period(holding.since, holding.until).covers(day):
                roles.setdefault(holding.post.agency_id, set()).add(Role(holding.post.role))
    return roles


def refuse_unless(
    kind: str, by: Officer | None, *, agency: Agency, about: Officer | None = None
) -> None:
    """Raise InputError unless `by` may make a change of this kind (see rules.CHANGES)."""
    if by is None:
        return
    by = Officer.objects.get(pk=by.pk)  # as they are now, not as a session remembers them
    roles = roles_of(by, today())
    refused = rules.may_change(
        kind,
        set().union(*roles.values()),
        roles_there=roles.get(agency.pk, set()),
        oneself=about is not None and about.pk == by.pk,
    )
    if refused:
        raise InputError(refused, kept="Nothing was changed", do="Ask a system administrator")


def note(
    verb: str,
    by: Officer | None,
    row: Model,
    *,
    about: Officer | None = None,
    agency: Agency | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> WorkforceChange:
    """Write the row of history; the caller is inside the transaction of the change."""
    return WorkforceChange.objects.create(
        at=now(),
        by=by,
        by_name=by.name if by else CONSOLE,
        verb=verb,
        about=about,
        agency=agency or (about.employer if about else None),
        label=str(row._meta.model_name),
        row=row.pk,
        before=_plain(before or {}),
        after=_plain(after or {}),
        why=why.strip(),
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as JSON can hold them; dates as ISO, rows as their key."""
    return {name: _value(value) for name, value in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value.pk if isinstance(value, Model) else value

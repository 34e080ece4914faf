"""Who reads: an officer with a live post, acting for an agency, now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, DateField, DateTimeField, Exists, Q, QuerySet
from django.utils import timezone

from triservice.access.prepared import Given, Prepared
from triservice.agencies.models import Agency, Duty, Holding, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role, Vetting

CasesOf = Callable[[int, datetime], Iterable[str]]
_CASES: list[CasesOf] = []


def cases_from(source: CasesOf) -> CasesOf:
    """Register a function (officer id, time) → subject keys of the cases that they work on.

    Rooms above know the cases; while none has registered, no condition on a case is met.
    """
    _CASES.append(source)
    return source


def reader_for(
    officer: Officer, purpose: Purpose | None, at: datetime | None = None, source: str = ""
) -> Reader | None:
    """Return the officer as a reader at `at` (aware; now if None), or None without a live post.

    The reader acts for the employer when a post there is held, else for the host of the post held
    longest; roles held at other agencies do not count.
    """
    at = at or clock.now()
    day = timezone.localtime(at).date()
    if not officer.is_active or officer.pk is None:
        return None
    held = _held(officer=officer.pk, at=at, day=day)
    if not held:
        return None
    agencies = {agency: name for agency, _, _, name in held}
    agency = officer.employer_id if officer.employer_id in agencies else held[0][0]
    known = set(Role)
    return Reader(
        officer=officer.pk,
        agency=agency,
        roles=frozenset(
            Role(role) for where, role, *_ in held if where == agency and role in known
        ),
        purpose=purpose,
        at=at,
        vetting=_vetting(officer, day),
        training_current=officer.training_until is not None and day < officer.training_until,
        on_duty=held[0][2],
        cases=frozenset(key for cases in _CASES for key in cases(officer.pk, at)),
        name=officer.name,
        source=source,
        agency_name=agencies[agency],
    )


@Prepared
def _held() -> QuerySet[Any, Any]:
    """Return agency and role of the posts of an officer, whether on duty, and the agency's name."""
    officer, at = Given("officer", BigIntegerField()), Given("at", DateTimeField())
    day = Given("day", DateField())
    duty = Duty.objects.filter(
        Q(ends__isnull=True) | Q(ends__gt=at), officer=officer, starts__lte=at
    )
    held = Holding.objects.filter(
        Q(until__isnull=True) | Q(until__gt=day), officer=officer, since__lte=day
    )
    return held.order_by("since", "pk").values_list(
        "post__agency", "post__role", Exists(duty), "post__agency__name"
    )


def _vetting(officer: Officer, day: date) -> Vetting:
    """Return the level that holds on `day`; without an end date it is not known to hold."""
    current = officer.vetting_until is not None and day < officer.vetting_until
    return Vetting(officer.vetting) if current else Vetting.NONE


def agency_name(agency: int) -> str:
    """Return the name of an agency, for the record; blank when there is none."""
    return next((name for (name,) in _agency_name(agency=agency)), "")


@Prepared
def _agency_name() -> QuerySet[Any, Any]:
    return Agency.objects.filter(pk=Given("agency", BigIntegerField())).values_list("name")

"""What the pages of casework read, read with plain Django: nobody asks who reads, nothing is kept.

Each function does the reads of one of our queries and returns the keys of its rows in order, with
the agency that owns each, for comparison.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

PAGE = 50
Rows = list[tuple[str, int]]  # kind and key of a row, and who owns it


def keys(kind: str, rows: Iterable[Any]) -> Rows:
    """Return the keys of rows."""
    return [(f"{kind} {row.pk}", row.owner_id) for row in rows]


def queue(officer: Any) -> Rows:
    """Read the triage queue."""
    from triservice.casework.models import Referral

    rows = Referral.objects.filter(owner=officer.employer, waits_until__isnull=False)
    found = list(rows.order_by("waits_until", "pk")[: PAGE + 1])[:PAGE]
    _named({row.person_id for row in found}, {row.premises_id for row in found})
    return keys("referral", found)


def my_day(officer: Any) -> Rows:
    """Read what an officer has before them."""
    from django.db.models import Q
    from django.utils import timezone

    from triservice.casework import models as m

    tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow += timedelta(days=1)
    planned = m.Visit.objects.filter(officer=officer, state="planned", planned_at__lt=tomorrow)
    visits = list(planned.order_by("planned_at", "pk")[:PAGE])
    _named(set(), {row.premises_id for row in visits})
    due = m.Action.objects.filter(officer=officer, ended_at__isnull=True)
    actions = list(due.order_by("due_at", "pk")[:PAGE])
    for rows in (visits, actions):
        list(m.Case.objects.filter(pk__in={row.case_id for row in rows}))
    joint = m.CaseAgency.objects.filter(officer=officer, until__isnull=True).values("case")
    cases = [
        _first(m.Case.objects.filter(rows, next_due_at__isnull=False))
        for rows in (Q(officer=officer), Q(pk__in=joint))
    ]
    offered = _first(m.Case.objects.filter(offered_to=officer.employer))
    _about([*cases[0], *cases[1]])
    _about(offered)
    until = date.today() + timedelta(days=60)
    fitted = m.Equipment.objects.filter(Q(expires_on__lte=until) | Q(check_by__lte=until))
    fitted.filter(owner=officer.employer, removed_on__isnull=True).count()
    return [
        *keys("visit", visits), *keys("action", actions), *keys("case", cases[0]),
        *keys("case", cases[1]), *keys("case", offered),
    ]  # fmt: skip


def cases(officer: Any, **asked: Any) -> Rows:
    """Read the cases of an agency, with conditions as Django writes them."""
    from triservice.casework.models import Case

    rows = Case.objects.filter(owner=officer.employer, next_due_at__isnull=False, **asked)
    found = list(rows.order_by("next_due_at", "pk")[: PAGE + 1])[:PAGE]
    _about(found)
    return keys("case", found)


def closed(officer: Any) -> Rows:
    """Read the cases of an agency that were closed first."""
    from triservice.casework.models import Case

    rows = Case.objects.filter(owner=officer.employer, closed_at__isnull=False)
    found = list(rows.order_by("closed_at", "pk")[: PAGE + 1])[:PAGE]
    _about(found)
    return keys("case", found)


def case(pk: int) -> Rows:
    """Read one case with all that hangs on it."""
    from triservice.casework import models as m
    from triservice.subjects.models import Person, RecordPart, SourceRecord

    found = [m.Case.objects.get(pk=pk)]
    list(m.Case.objects.filter(merged_into=pk))
    parts = list(m.CaseSubject.objects.filter(case=pk, until__isnull=True))
    hang = {
        model: list(model.objects.filter(case=pk))
        for model in (m.Action, m.Visit, m.Need, m.Consent, m.Concern, m.OnwardReferral, m.Outcome,
                      m.File, m.CaseAgency)
    }  # fmt: skip
    list(m.Equipment.objects.filter(visit__case=pk, removed_on__isnull=True))
    entries = list(m.Entry.objects.filter(case=pk).order_by("-at", "-pk")[:26])
    list(m.CaseLink.objects.filter(left=pk))
    list(m.CaseLink.objects.filter(right=pk))
    people = {part.person_id for part in parts} - {None}
    _named(people, {part.premises_id for part in parts} - {None})
    group = list(Person.objects.filter(pk__in=people) | Person.objects.filter(root__in=people))
    records = _records([one.pk for one in group])
    list(RecordPart.objects.filter(record__in=records, current=True))
    list(SourceRecord.objects.filter(pk__in=records).order_by("-received_at", "-pk")[:26])
    _officers({row.officer_id for model in (m.Action, m.Visit) for row in hang[model]})
    return [*keys("case", found), *keys("action", hang[m.Action]), *keys("visit", hang[m.Visit]),
            *[(entry.text, entry.owner_id) for entry in entries]]  # fmt: skip


def _first(rows: Any) -> list[Any]:
    return list(rows.order_by("next_due_at", "pk")[:PAGE])


def _about(found: list[Any]) -> None:
    """Read whom and where cases are about, and who works on them."""
    from triservice.casework.models import CaseSubject

    parts = list(CaseSubject.objects.filter(case__in=[row.pk for row in found], until=None))
    places = {row.premises_id for row in (*found, *parts)} - {None}
    _named({part.person_id for part in parts} - {None}, places)
    _officers({row.officer_id for row in found})


def _officers(officers: set[Any]) -> None:
    from triservice.agencies.models import Officer

    list(Officer.objects.filter(pk__in=officers - {None}))


def _records(people: Iterable[int]) -> list[int]:
    from triservice.subjects.models import Link

    links = Link.objects.filter(person__in=people, ended_at__isnull=True, record__current=True)
    return list(links.values_list("record", flat=True))


def _named(people: set[Any], places: set[Any]) -> None:
    """Read the names of people, of places and of all agencies."""
    from triservice.agencies.models import Agency
    from triservice.subjects.models import Person, Premises, RecordPart

    if people:
        list(Person.objects.filter(pk__in=people))
        parts = RecordPart.objects.filter(record__in=_records(people), current=True)
        list(parts.filter(data_class="identity"))
    list(Premises.objects.filter(pk__in=places))
    list(Agency.objects.all())

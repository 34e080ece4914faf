"""The only readers of visits: one with its form, the order of a day, what falls due, who is in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from triservice.access.models import Kind
from triservice.access.queries import Seen, opened, seen
from triservice.access.record import Record, reading
from triservice.agencies.queries import holders
from triservice.casework import timing
from triservice.casework.answers.queries import Answers, answers_of, scheme_of
from triservice.casework.cases.queries import due, parts
from triservice.casework.cases.queries.consents import by_person, consents_on
from triservice.casework.cases.queries.joint import planned_visits, who_comes
from triservice.casework.cases.queries.naming import Names, group_of, merged_with, officer_names
from triservice.casework.cases.queries.shown import Comes
from triservice.casework.cases.queries.standing import stands_seen
from triservice.casework.cases.rules import WORKS
from triservice.casework.models import Case, CaseAgency, CaseSubject, Equipment, Visit, VisitOfficer
from triservice.casework.visits import routing, rules
from triservice.casework.visits.shown import (
    Compared,
    Day,
    Fallen,
    Inside,
    LastVisit,
    Placed,
    VisitPage,
)
from triservice.casework.words import LOOKED_AFTER
from triservice.kernel.access_words import Reader
from triservice.schemes import forms
from triservice.schemes.scheme import Consent as Asked
from triservice.schemes.scheme import Scheme
from triservice.subjects.models import Premises
from triservice.subjects.queries.gather import agency_names

FORM = "visit"
MOST = 200  # rows of a list
TO_DO = {"expires_on": "replace", "check_by": "look at"}


def visit_page(reader: Reader, case: int, pk: int) -> VisitPage:
    """Return one visit of a case with its form, or the draft of it. Raises Refused, hidden.

    What is of a case that was merged into this one is opened here too.
    """
    with reading(reader, Kind.CONSULTATION, "open a visit") as record:
        row = opened(record, Visit.objects.filter(case__in=merged_with(case)), pk)
        there = Visit.objects.select_related("case").get(pk=pk)
        scheme = scheme_of(there.case.scheme, there.case.version)
        drafted = row.submission_id is None and row.draft_id is not None
        filled = answers_of(record, row.submission_id or row.draft_id, scheme, FORM)
        inside = row.safe_by if row.safe_at is None else None
        return VisitPage(
            seen=_seen(record, [row])[0],
            scheme=scheme,
            answers=filled,
            assessed=_assessed(scheme, filled, stands_seen(record, there.case, there)),
            drafted=drafted,
            began_at=row.began_at,
            safe_by=inside,
            overdue=inside is not None and inside <= record.reader.at,
            last=_last(record, there, row, scheme, filled),
            photos=_photos(record, case, scheme),
        )


def could_come(reader: Reader, case: int, visit: int | None = None) -> list[Comes]:
    """Return who could come along to a visit that is to be planned, or to `visit`.

    Those of the agencies that work on the case, the reader's own first; but whose visit it is.
    """
    with reading(reader, Kind.CONSULTATION, "look for who comes along to a visit") as record:
        found = seen(record, Case.objects.filter(pk=case))
        if not found:
            return []
        of = Visit.objects.filter(case__in=merged_with(case))
        whose = found if visit is None else seen(record, of.filter(pk=visit))
        taken = {row.get("officer_id") for row in whose}
        joined = CaseAgency.objects.filter(case=case, until__isnull=True)
        agencies = (found[0].owner_id, *joined.values_list("agency", flat=True))
        held = holders(agencies, WORKS, record.reader.at)
        names = agency_names()
        return [
            Comes(officer, name, names[agency])
            for officer, name, agency in sorted(held, key=lambda one: one[2] != reader.agency)
            if officer not in taken
        ]


def _photos(record: Record, case: int, scheme: Scheme | None) -> Asked | None:
    """Return the consent that must be there before a photo and is not; else None."""
    if scheme is None or rules.before_photos(scheme) is None:
        return None
    rows = seen(record, consents_on(case))
    said = ((row.person_id, row.get("scope") or "", parts.consent_facts(row)) for row in rows)
    return rules.photos_first(scheme, by_person(said), timezone.localdate(record.reader.at))


def _seen(record: Record, rows: list[Seen]) -> list[Any]:
    called, officers = (
        Names(record, rows), officer_names(row.get("officer_id") for row in rows)
    )  # fmt: skip
    cases = Case.objects.filter(pk__in={row.case_id for row in rows})
    references = {case.pk: case.reference for case in seen(record, cases)}
    joint = who_comes(rows)
    return [
        parts.visit(row, officers, joint, called.place(row.get("premises_id")),
                    references.get(row.case_id, ""))
        for row in rows
    ]  # fmt: skip


def _assessed(
    scheme: Scheme | None, filled: Answers, known: forms.Stands | None = None
) -> forms.Assessment | None:
    if scheme is None or not filled.values:
        return None
    return forms.assess(scheme, scheme.forms[FORM], filled.values, known)


def _last(
    record: Record, there: Visit, row: Seen, scheme: Scheme | None, now: Answers
) -> LastVisit | None:
    """Return the latest visit before this one to the people of the case, or else to the place."""
    people = group_of(
        CaseSubject.objects.filter(
            case=there.case_id, person__isnull=False, until__isnull=True, part__in=LOOKED_AFTER
        ).values_list("person", flat=True)
    )  # fmt: skip
    theirs = CaseSubject.objects.filter(person__in=people, part__in=LOOKED_AFTER).values("case")
    same = Q(case__in=theirs)
    if there.premises_id is not None:
        same |= Q(premises=there.premises_id)
    before = Visit.objects.filter(same, submission__isnull=False).exclude(pk=there.pk)
    if there.ended_at is not None:
        before = before.filter(ended_at__lt=there.ended_at)
    found = seen(record, before.order_by("-ended_at", "-pk"), 1)
    if not found:
        return None
    (last,) = found
    past = Case.objects.filter(pk=last.case_id).values_list("scheme", "version").first()
    then = scheme_of(*past) if past else None
    was = answers_of(record, last.submission_id, then, FORM)
    return LastVisit(
        last.ended_at, last.case_id, last.pk,
        _beside(_scores(then, was), _scores(scheme, now)), _beside(dict(was.rows), dict(now.rows)),
    )  # fmt: skip


def _scores(scheme: Scheme | None, filled: Answers) -> dict[str, str]:
    """Return the scores of which something was answered that the reader may see."""
    worked = _assessed(scheme, filled)
    if worked is None or scheme is None:
        return {}
    told = {
        score.name: f"{worked.scores[name]} {score.unit}".strip()
        for name, score in scheme.forms[FORM].scores.items()
        if any(question in filled.values for question in score.questions)
    }
    return told | {"Risk by these answers alone": str(worked.tier)}


def _beside(was: dict[str, str], now: dict[str, str]) -> tuple[Compared, ...]:
    names = [*now, *(name for name in was if name not in now)]
    return tuple(Compared(name, was.get(name, ""), now.get(name, "")) for name in names)


def my_visits(reader: Reader, day: date, fixed: Collection[int] = ()) -> Day:
    """Return the reader's planned visits of a day, and a shorter order that keeps `fixed` times.

    A joint visit keeps its time too: it is in the day of others.
    """
    with reading(reader, Kind.CONSULTATION, "order a day's visits") as record:
        rows = _of_day(record, day)
        points = _points(rows)
        shown = {one.pk: one for one in _seen(record, rows)}
        stops = [
            routing.Stop(row.pk, *points.get(row.get("premises_id") or 0, (None, None)),
                         row.pk in fixed or bool(shown[row.pk].joint))
            for row in rows
        ]  # fmt: skip
        best = routing.shorter(stops)
        times = [row.planned_at for row in rows]
        return Day(
            day, _placed(stops, shown, times), _placed(best, shown, times),
            routing.length(stops), routing.length(best),
        )  # fmt: skip


def _of_day(record: Record, day: date) -> list[Seen]:
    begin, end = (
        timezone.make_aware(datetime.combine(day + timedelta(days=n), time())) for n in (0, 1)
    )
    return planned_visits(record, MOST, end, begin)


def _points(rows: list[Seen]) -> dict[int, tuple[float | None, float | None]]:
    places = Premises.objects.filter(pk__in={row.get("premises_id") for row in rows} - {None})
    return {pk: (e, n) for pk, e, n in places.values_list("pk", "easting", "northing")}


def _placed(stops: Any, shown: dict[int, Any], times: list[datetime]) -> tuple[Placed, ...]:
    found: list[Placed] = []
    before: routing.Stop | None = None
    for stop, at in zip(stops, times, strict=True):
        has = stop.east is not None and stop.north is not None
        way = routing.metres(before, stop) if has and before is not None else None
        found.append(Placed(shown[stop.key], way, has, at))
        before = stop if has else before
    return tuple(found)


def falling_due(reader: Reader) -> tuple[Fallen, ...]:
    """Return what the reader's agency fitted that falls due within sixty days, or fell due."""
    with reading(reader, Kind.CONSULTATION, "list equipment that falls due") as record:
        today = timezone.localdate(record.reader.at)
        found = due.falling_due(record)
        at = dict(
            Equipment.objects.filter(pk__in=[row.pk for row in found]).values_list(
                "pk", "visit__case")
        )  # fmt: skip
        cases = {c.pk: c for c in seen(record, Case.objects.filter(pk__in=set(at.values())))}
        called = Names(record, found)
        told = [
            _fallen(row, cases[at[row.pk]], called.place(row.premises_id), today)
            for row in found
            if at[row.pk] in cases
        ]
        return tuple(sorted(told, key=lambda one: (one.by, one.pk)))


def _fallen(row: Seen, case: Seen, where: Any, today: date) -> Fallen:
    scheme = scheme_of(case.get("scheme") or "", case.version)
    kind = row.get("kind") or "Equipment withheld"
    known = scheme.equipment.get(kind) if scheme else None
    by, day = due.soonest(row)
    return Fallen(
        row.pk, case.pk, case.reference, known.name if known else kind, row.get("place") or "",
        row.get("serial") or "", where, TO_DO[day], by, by < today,
    )  # fmt: skip


def inside_now(reader: Reader) -> tuple[Inside, ...]:
    """Return the visits at which officers of the reader's agency are now, the latest due last.

    Those of its own cases, and those to which one of its officers came along.
    """
    with reading(reader, Kind.CONSULTATION, "list who is at a visit") as record:
        theirs = VisitOfficer.objects.filter(
            visit=OuterRef("pk"), agency=reader.agency, until__isnull=True
        )
        rows = Visit.objects.filter(
            Q(owner=reader.agency) | Exists(theirs), safe_by__isnull=False, safe_at__isnull=True
        )
        found = seen(record, rows.order_by("safe_by", "pk"), MOST)
        at = record.reader.at
        return tuple(
            Inside(
                row.pk, row.case_id, one.reference, one.who or "An officer", one.where,
                row.began_at, row.safe_by,
                timing.left(row.safe_by, at) if row.safe_by <= at else "",
            )
            for row, one in zip(found, _seen(record, found), strict=True)
        )  # fmt: skip

"""Looking for unusual patterns in the record, and telling the data-protection leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Model, Q
from django.urls import reverse
from django.utils import timezone

from triservice.access import patterns
from triservice.access.compiling import FOREVER
from triservice.access.explorer import indexing
from triservice.access.models import (
    ConflictOfInterest,
    Disclosure,
    Notice,
    Touched,
)
from triservice.access.notices.actions import To, clock_reader, tell
from triservice.access.openings.queries import protected_models
from triservice.access.patterns import About, Alert, Doing, Touch
from triservice.access.record import Kind, recording
from triservice.access.same import keys_of
from triservice.agencies.models import AgencyArea, Area, Duty, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import Outcome, Role
from triservice.kernel.words import long_date

LOOK_BACK = timedelta(days=8)
DUTY_KEPT = timedelta(days=30)  # an officer with no duty in this time keeps none here
LONGEST_PATH = 200
FACTS = ("subject_key", "area", "family_name", "uprn", "postcode", "owner", "data_class")
Row = tuple[str, str]


def look_for_patterns() -> int:
    """Find patterns in the last days and tell the leads of the officers' agencies, once each."""
    indexing.catch_up(None)
    with recording(clock_reader(), Kind.CONSULTATION, "look for unusual patterns") as record:
        alerts = find_patterns()
        told = sum(map(_tell, alerts))
        record.note("patterns", [f"{each.pattern}: {len(each.seqs)}" for each in alerts])
    return told


def find_patterns() -> list[Alert]:
    """Return the patterns of the last days; inside a recording."""
    since = clock.now() - LOOK_BACK
    found = list(
        Disclosure.objects.filter(at__gte=since, officer__gt=0).values_list(
            "seq", "at", "officer", "outcome", "reason", "doing", "agency"
        )
    )
    touched: dict[int, list[Row]] = defaultdict(list)
    first = min((row[0] for row in found), default=0)
    rows = Touched.objects.filter(seq__gte=first, label__in=list(protected_models()))
    for seq, label, pk in rows.values_list("seq", "label", "pk_text"):
        touched[seq].append((label, pk))
    facts = _facts({row for rows in touched.values() for row in rows})
    doings = [
        Doing(
            seq,
            at,
            officer,
            outcome == Outcome.ALLOW,
            reason,
            doing == "break the glass" and outcome == Outcome.ALLOW,
            (seen := tuple(facts[row] for row in touched.get(seq, ()) if row in facts)),
            agency,
            _put(seen) if doing == patterns.PUT_INTO_CASE else frozenset(),
        )
        for seq, at, officer, outcome, reason, doing, agency in found
    ]
    return patterns.find(doings, _about({row[2] for row in found}))


def _put(seen: Iterable[Touch]) -> frozenset[str]:
    """Return the keys of all who are one with whom was put into a case."""
    whom = {UUID(touch.subject) for touch in seen if touch.subject}
    return frozenset(str(key) for subject in whom for key in keys_of(subject))


def _facts(rows: Iterable[Row]) -> dict[Row, Touch]:
    """Return what the patterns need of rows: subject, area, surname and address key."""
    by_label: dict[str, list[str]] = defaultdict(list)
    for label, pk in rows:
        by_label[label].append(pk)
    facts: dict[Row, Touch] = {}
    for label, keys in by_label.items():
        model = protected_models()[label]
        names = _columns(model, FACTS)
        for i in range(0, len(keys), 500):
            valid = list(indexing.valid_keys(model, keys[i : i + 500]))
            for values in model._default_manager.filter(pk__in=valid).values("pk", *names):
                facts[label, str(values.pop("pk"))] = _touch(values)
    return facts


def _columns(model: type[Model], names: Iterable[str]) -> list[str]:
    known = {each.name for each in model._meta.concrete_fields}
    return [name for name in names if name in known]


def _touch(values: dict[str, Any]) -> Touch:
    subject = values.get("subject_key")
    return Touch(
        str(subject) if subject else None,
        values.get("area") or "",
        (values.get("family_name") or "").casefold(),
        values.get("uprn") or values.get("postcode") or "",
        values.get("owner") or 0,
        values.get("data_class") or "",
    )


def _about(officers: Iterable[int]) -> dict[int, About]:
    """Return what is known of officers."""
    found: dict[int, About] = {}
    at = clock.now()
    ties: dict[int, set[str]] = defaultdict(set)
    declared = ConflictOfInterest.objects.filter(officer__in=officers)
    for who, subject in declared.values_list("officer", "subject_key"):
        ties[who].add(str(subject))
    names = _tie_names({subject for each in ties.values() for subject in each})
    areas = _areas()
    for officer in Officer.objects.filter(pk__in=officers):
        mine = ties[officer.pk]
        recent = Q(ends__isnull=True) | Q(ends__gt=at - DUTY_KEPT)
        duty = Duty.objects.filter(recent, officer=officer).values_list("starts", "ends")
        found[officer.pk] = About(
            surname=officer.name.split()[-1].casefold() if officer.name.split() else "",
            ties=frozenset(mine),
            tie_names=frozenset(pair for subject in mine for pair in names.get(subject, ())),
            areas=areas.get(officer.employer_id),
            duty=tuple((starts, ends or FOREVER) for starts, ends in duty) or None,
        )
    return found


def _tie_names(subjects: set[str]) -> dict[str, set[tuple[str, str]]]:
    """Return (surname, address key) of the subjects of declared conflicts, over all records."""
    names: dict[str, set[str]] = defaultdict(set)
    addresses: dict[str, set[str]] = defaultdict(set)
    for model in protected_models().values():
        columns = _columns(model, ("family_name", "uprn", "postcode"))
        for values in model._default_manager.filter(subject_key__in=subjects).values(
            "subject_key", *columns
        ):
            touch, key = _touch(values), str(values["subject_key"])
            names[key] |= {touch.surname} - {""}
            addresses[key] |= {touch.address} - {""}
    return {
        key: {(name, address) for name in names[key] or {""} for address in found}
        for key, found in addresses.items()
    }


def _areas() -> dict[int, frozenset[str]]:
    """Return the codes of the areas that each agency covers today, with all that lie in them."""
    day = timezone.localtime(clock.now()).date()
    children: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for pk, code, parent in Area.objects.values_list("pk", "code", "parent"):
        children[parent].append((pk, code))
    found: dict[int, set[str]] = defaultdict(set)
    covers = AgencyArea.objects.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)
    for agency, area, code in covers.values_list("agency", "area", "area__code"):
        waiting = [(area, code)]
        while waiting:
            pk, name = waiting.pop()
            found[agency].add(name)
            waiting += [each for each in children[pk] if each[1] not in found[agency]]
    return {agency: frozenset(codes) for agency, codes in found.items()}


def _tell(alert: Alert) -> int:
    officer = Officer.objects.get(pk=alert.officer)
    day = timezone.localtime(alert.at).date()
    days = {
        f"{name}_{part}": getattr(day, part)
        for name in ("since", "until")
        for part in ("day", "month", "year")
    }
    record = reverse("access:disclosures")
    path = f"{record}?{urlencode({'view': 'officers', 'officer': officer.name, **days})}"
    if len(path) > LONGEST_PATH:  # a very long name: all officers of that day
        path = f"{record}?{urlencode({'view': 'officers', **days})}"
    return tell(
        [To(officer.employer_id, role=Role.DATA_PROTECTION_LEAD)],
        Notice.Kind.PATTERN,
        f"{alert.pattern}, by an officer of your agency: {alert.count}, {long_date(day)}",
        path,
        f"pattern:{alert.pattern.name}:{alert.officer}:{day}",
    )

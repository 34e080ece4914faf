"""Invented referrals, cases and their chronology in any number, for benchmarks.

An officer has the same number of open cases however many there were in all: one case in ten is
open, and there is an officer for every twenty of those. One referral in a hundred waits. Written
row by row where rows differ, and by one INSERT … SELECT where they follow from each other.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from invented_access import AREAS, load_people

OPEN_SHARE, CASELOAD, WAITING_SHARE, ENTRIES = 10, 20, 100, 5
STEP = 20_000
LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
TIERS = ("very high", "high", "medium", "low")
SCHEME = "home-fire-safety"


def load_casework(cases: int, people: int) -> None:
    """Fill an empty database: the partnership, its people, cases and all that hangs on them."""
    from django.db import connection

    load_people(people, max(cases // OPEN_SHARE // CASELOAD, 500))
    begun = time.perf_counter()
    _cases(cases)
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)
        cursor.execute("ANALYZE")
    print(f"loaded {cases:,} cases in {time.perf_counter() - begun:.0f} s")


def _cases(number: int) -> None:
    from triservice.casework.models import Case

    rows = _rows(number)
    for _ in range(0, number, STEP):
        Case.objects.bulk_create([row for _, row in zip(range(STEP), rows, strict=False)], 2_000)


def _rows(number: int) -> Iterator[Any]:
    """Give the cases: begun over five years; the open ones fall due around now."""
    from triservice.agencies.models import Officer
    from triservice.casework.models import Case
    from triservice.kernel import clock
    from triservice.kernel.keys import new_key
    from triservice.schemes import catalogue
    from triservice.subjects.models import Premises

    dice, now, scheme = random.Random(3), clock.now(), catalogue.scheme(SCHEME)
    officers = list(
        Officer.objects.filter(name__startswith="Invented officer").values_list("pk", "employer")
    )
    places = list(Premises.objects.values_list("pk", flat=True))
    for n in range(number):
        is_open = n % OPEN_SHARE == 0
        officer, agency = officers[n // OPEN_SHARE % len(officers)]
        opened = now - timedelta(days=dice.random() * (60 if is_open else 1_800))
        due = now + timedelta(hours=dice.uniform(-240, 600))
        yield Case(
            key=new_key(), reference=reference(n), scheme=SCHEME, version=scheme.version,
            opened_at=opened, state="open" if is_open else "closed", tier=dice.choice(TIERS),
            contact_due_at=opened + timedelta(days=2), visit_due_at=opened + timedelta(days=14),
            next_step="Plan the visit" if is_open else "", next_due_at=due if is_open else None,
            premises_id=dice.choice(places), officer_id=officer, owner_id=agency,
            data_class="risk", area=dice.choice(AREAS),
            outcome="" if is_open else "needs met", closed_why="" if is_open else "Invented",
            closed_at=None if is_open else opened + timedelta(days=30),
        )  # fmt: skip


def reference(number: int) -> str:
    """Return the reference of a case by its number."""
    letters = ""
    for _ in range(8):
        number, digit = divmod(number, len(LETTERS))
        letters = LETTERS[digit] + letters
    return f"C-{letters[:4]}-{letters[4:]}"


def statements(vendor: str) -> Iterator[str]:
    """Give the statements that make everything else out of the cases, in order."""
    json, true = ("CAST('%s' AS jsonb)", "TRUE") if vendor == "postgresql" else ("'%s'", "1")
    empty, none = json % "{}", json % "[]"
    at = "opened_at"
    due = f"CASE WHEN id % {WAITING_SHARE} = 0 THEN {{}} END"
    soon = {
        "sqlite": "datetime(contact_due_at, '+60 days')",
        "postgresql": "contact_due_at + interval '60 days'",
    }[vendor]
    person = "(SELECT min(id) + casework_case.id % count(*) FROM subjects_person)"
    about = "owner_id, data_class, area, 'OFFICIAL'"
    row = "owner_id, data_class, area, marking"
    yield f"""INSERT INTO casework_submission (id, key, scheme, version, form, door, at)
        SELECT id, key, scheme, version, 'referral', 'page', {at} FROM casework_case"""
    waits = f"id % {WAITING_SHARE} = 0"
    yield f"""INSERT INTO casework_referral ({row}, key, reference, scheme, version, about,
        person_id, premises_id, submission_id, received_at, tier, unknown, contact_due_at,
        visit_due_at, waits_until, state, state_at, why, signposted_to, case_id)
        SELECT {about}, key, 'R' || substr(reference, 2), scheme, version, 'person', {person},
        premises_id, id, {at}, tier, {none}, contact_due_at, visit_due_at, {due.format(soon)},
        CASE WHEN {waits} THEN 'received' ELSE 'accepted' END, {at}, '', '',
        CASE WHEN {waits} THEN NULL ELSE id END FROM casework_case"""
    for column, value, part in (("person_id", person, "subject"),
                                ("premises_id", "premises_id", "place")):  # fmt: skip
        yield f"""INSERT INTO casework_casesubject ({row}, case_id, {column}, part, since)
            SELECT {about}, id, {value}, '{part}', {at} FROM casework_case"""
    numbers = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(ENTRIES))
    yield f"""INSERT INTO casework_entry ({row}, case_id, at, by_name, verb, label, "row", text,
        "before", "after", why)
        SELECT {about}, id, {at}, 'Invented officer', 'note', 'casework.case', id,
        'An invented entry of the chronology', {empty}, {empty}, ''
        FROM casework_case CROSS JOIN ({numbers}) AS several"""
    yield f"""INSERT INTO casework_visit ({row}, key, case_id, premises_id, state, planned_at,
        officer_id, card_left, danger, advice, made_at)
        SELECT {about}, key, id, premises_id, 'planned', next_due_at, officer_id, NOT {true}, '',
        '', {at} FROM casework_case WHERE state = 'open' AND id % 4 = 1"""
    yield f"""INSERT INTO casework_action ({row}, case_id, what, agency_id, officer_id, due_at,
        made_at, state, result)
        SELECT {about}, id, 'Fit the alarm', owner_id, officer_id, next_due_at, {at}, 'open', ''
        FROM casework_case WHERE state = 'open'"""

"""Invented referrals, cases and their chronology in any number, for benchmarks.

However many cases there are, the work at hand is the same: 250 officers of five agencies with
twenty open cases each, and a hundred referrals that wait at each agency. All other cases were
closed over five years, four for each person of an invented town. A case has a referral, whom and
where it is about, five entries of chronology, a visit, a need and an action; each second has an
alarm fitted and a falls score before and after, one in ten was sent on to a service, one in a
hundred was merged into another. One case in 20 that is open has nobody, one in 20 another agency
works on too, one in 50 is offered to another.

Each table is one INSERT … SELECT. What a row says of itself is checked as it is written; indexes
are made, and keys to other tables checked, when all is there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from invented_access import load_people

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

OFFICERS, CASELOAD, WAITING, ENTRIES, PER_PERSON = 250, 20, 500, 5, 4
BASE = 10_000  # people of the small town, of which the rest are copies
LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
TIERS = ("very high", "high", "medium", "low")
SCHEME = "home-fire-safety"
DAY = 86_400


def load_casework(cases: int) -> None:
    """Fill an empty, migrated database: a partnership, its people, cases and all of them."""
    from django.db import connection

    import town
    from triservice.casework import models as m

    begun = time.perf_counter()
    people = cases // PER_PERSON
    load_people(people // BASE * BASE or people, OFFICERS, BASE)
    tables = (m.Submission, m.Case, m.CaseAgency, m.Referral, m.CaseSubject, m.Entry, m.Visit,
              m.Need, m.Action, m.Equipment, m.Outcome, m.OnwardReferral)  # fmt: skip
    with connection.cursor() as cursor:
        with town.in_bulk(cursor, tables):
            for statement in Writer(cases, connection.vendor).statements():
                cursor.execute(statement)
        town.check_keys(cursor, tables)
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    print(f"loaded {cases:,} cases in {time.perf_counter() - begun:.0f} s", flush=True)


class Writer:
    """Writes the statements for so many cases, in the SQL of one database."""

    def __init__(self, cases: int, vendor: str) -> None:
        """Keep how many, and how this database writes moments and JSON."""
        from triservice.kernel import clock

        self.cases, self.now = cases, int(clock.now().timestamp())
        self.lite = vendor == "sqlite"
        self.first_open = cases - min(OFFICERS * CASELOAD, cases // 2)

    def statements(self) -> Iterator[str]:
        """Give the statements that make everything, in order."""
        yield from self._helpers()
        yield self._cases()
        yield from self._around()
        yield from self._done()

    def moment(self, seconds: str) -> str:
        """Return a moment by its seconds since 1970."""
        return f"datetime({seconds}, 'unixepoch')" if self.lite else f"to_timestamp({seconds})"

    def later(self, column: str, days: str) -> str:
        """Return a moment so many days after a column."""
        if self.lite:
            return f"datetime({column}, '+' || ({days}) || ' days')"
        return f"({column} + ({days}) * interval '1 day')"

    def day(self, moment: str) -> str:
        """Return the day of a moment."""
        return f"date({moment})" if self.lite else f"CAST({moment} AS date)"

    def json(self, text: str) -> str:
        """Return JSON."""
        return f"'{text}'" if self.lite else f"CAST('{text}' AS jsonb)"

    def key(self, number: str) -> str:
        """Return a UUID of version 7 by a number."""
        text = f"'01930000000070008000' || substr(CAST(1000000000000 + {number} AS text), 2)"
        return f"({text})" if self.lite else f"CAST({text} AS uuid)"

    def _helpers(self) -> Iterator[str]:
        """Number officers, places and people from nought."""
        for name, chosen in {
            "officer": "id, employer_id FROM agencies_officer WHERE name LIKE 'Invented officer%'",
            "place": "id FROM subjects_premises",
            "person": "id FROM subjects_person WHERE root_id IS NULL",
        }.items():
            yield f"DROP TABLE IF EXISTS some_{name}"
            numbered = f"SELECT row_number() OVER (ORDER BY id) - 1 AS n, {chosen}"
            yield f"CREATE TEMPORARY TABLE some_{name} AS {numbered}"
            yield f"CREATE UNIQUE INDEX some_{name}_n ON some_{name} (n)"

    def _cases(self) -> str:
        is_open, chance = f"n >= {self.first_open}", "(n * 7919 + 13) % 10007"
        nobody = f"{is_open} AND n / {OFFICERS} % 20 = 0"
        offered, merged = f"{is_open} AND n % 51 = 0", f"NOT ({is_open}) AND n % 100 = 7"
        closed = f"{self.now} - {60 * DAY} - ({self.cases} - n) * ({1740 * DAY} / {self.cases})"
        opened = f"CASE WHEN {is_open} THEN {self.now} - {chance} * 500 ELSE {closed} END"
        due = self.moment(f"{self.now} + ({chance} - 3000) * 300")
        tier = " ".join(f"WHEN {n} THEN '{tier}'" for n, tier in enumerate(TIERS))
        base = len(LETTERS)
        places = [f"CAST(n / {base**k} % {base} + 1 AS integer)" for k in range(7, -1, -1)]
        digits = [f"substr('{LETTERS}', {place}, 1)" for place in places]
        reference = " || ".join(["'C-'", *digits[:4], "'-'", *digits[4:]])
        return f"""INSERT INTO casework_case (owner_id, data_class, area, marking, key, reference,
            scheme, version, opened_at, contact_due_at, visit_due_at, state, tier, next_step,
            visited_at, next_due_at, premises_id, officer_id, offered_to_id, offered_why,
            merged_into_id, outcome, closed_why, closed_at)
        WITH RECURSIVE numbers (n) AS (
            SELECT CAST(0 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {self.cases}
        ), begun AS (SELECT n, {opened} AS opened FROM numbers)
        SELECT employer_id, 'risk', 'E' || substr(CAST(100 + {chance} % 40 AS text), 2), 'OFFICIAL',
            {self.key("n")}, {reference}, '{SCHEME}', {_version()}, {self.moment("opened")},
            {self.moment(f"opened + {2 * DAY}")}, {self.moment(f"opened + {14 * DAY}")},
            CASE WHEN {offered} THEN 'offered' WHEN {is_open} THEN 'open'
                WHEN {merged} THEN 'merged' ELSE 'closed' END,
            CASE {chance} % 4 {tier} END, CASE WHEN {is_open} THEN 'Plan the visit' ELSE '' END,
            CASE WHEN NOT ({is_open}) THEN {self.moment(f"opened + {10 * DAY}")} END,
            CASE WHEN {is_open} THEN {due} END, place,
            CASE WHEN NOT ({nobody}) THEN officer END,
            CASE WHEN {offered} THEN another END, CASE WHEN {offered} THEN 'Invented' ELSE '' END,
            CASE WHEN {merged} THEN n + 6 END,
            CASE WHEN {is_open} OR {merged} THEN '' ELSE 'needs met' END,
            CASE WHEN {is_open} OR {merged} THEN '' ELSE 'Invented' END,
            CASE WHEN NOT ({is_open} OR {merged}) THEN {self.moment(f"opened + {30 * DAY}")} END
        FROM (SELECT begun.n, opened, one.id AS officer, one.employer_id,
                other.employer_id AS another, some_place.id AS place
            FROM begun JOIN some_officer AS one ON one.n = begun.n % {OFFICERS}
            JOIN some_officer AS other ON other.n = (begun.n + 1) % {OFFICERS}
            JOIN some_place ON some_place.n = begun.n * 7919 % (SELECT count(*) FROM some_place)
        ) AS told ORDER BY n"""

    def _around(self) -> Iterator[str]:
        """Give referrals, whom and where, who works on cases too, and the chronology."""
        waits = f"c.id > {self.cases - WAITING}"
        about, row = "owner_id, data_class, area, marking", "owner_id, data_class, area, marking"
        person = "(SELECT id FROM some_person WHERE n = c.id % (SELECT count(*) FROM some_person))"
        yield """INSERT INTO casework_submission (key, scheme, version, form, door, at)
            SELECT key, scheme, version, 'referral', 'page', opened_at FROM casework_case
            ORDER BY id"""
        yield f"""INSERT INTO casework_referral ({row}, key, reference, scheme, version, about,
            person_id, premises_id, submission_id, received_at, tier, unknown, contact_due_at,
            visit_due_at, waits_until, state, state_at, why, signposted_to, case_id)
            SELECT {about}, c.key, 'R' || substr(reference, 2), c.scheme, c.version, 'person',
            {person}, premises_id, s.id, opened_at, tier, {self.json("[]")}, contact_due_at,
            visit_due_at, CASE WHEN {waits} THEN {self.later("contact_due_at", "60")} END,
            CASE WHEN {waits} THEN 'received' ELSE 'accepted' END, opened_at, '', '',
            CASE WHEN {waits} THEN NULL ELSE c.id END
            FROM casework_case AS c JOIN casework_submission AS s ON s.key = c.key ORDER BY c.id"""
        yield f"""INSERT INTO casework_casesubject ({row}, case_id, person_id, premises_id, part,
            since) SELECT {about}, c.id, CASE part WHEN 'subject' THEN {person} END,
            CASE part WHEN 'place' THEN premises_id END, part, opened_at FROM casework_case AS c
            CROSS JOIN (SELECT 'subject' AS part UNION ALL SELECT 'place') AS parts
            ORDER BY c.id"""
        yield f"""INSERT INTO casework_caseagency (case_id, agency_id, officer_id, since)
            SELECT c.id, employer_id, o.id, opened_at FROM casework_case AS c
            JOIN some_officer AS o ON o.n = c.id % {OFFICERS}
            WHERE c.state = 'open' AND c.id / {OFFICERS} % 20 = 2 AND employer_id <> owner_id"""
        several = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(ENTRIES))
        yield f"""INSERT INTO casework_entry ({row}, case_id, at, by_name, verb, label, "row", text,
            "before", "after", why)
            SELECT {about}, c.id, {self.later("opened_at", "n")}, 'Invented officer', 'note',
            'casework.case', c.id, 'An invented entry of the chronology', {self.json("{}")},
            {self.json("{}")}, '' FROM casework_case AS c CROSS JOIN ({several}) AS several
            ORDER BY c.id"""

    def _done(self) -> Iterator[str]:
        """Give visits, needs, actions and what was fitted."""
        row, true = "owner_id, data_class, area, marking", "1" if self.lite else "TRUE"
        ended = self.later("opened_at", "10")
        yield f"""INSERT INTO casework_visit ({row}, key, case_id, premises_id, state, planned_at,
            ended_at, officer_id, card_left, danger, advice, made_at)
            SELECT {row}, key, id, premises_id,
            CASE WHEN visited_at IS NULL THEN 'planned' ELSE 'done' END,
            COALESCE(next_due_at, {ended}), CASE WHEN visited_at IS NOT NULL THEN {ended} END,
            officer_id, NOT {true}, '', '', opened_at FROM casework_case
            WHERE visited_at IS NOT NULL OR id % 4 = 1 ORDER BY id"""
        yield f"""INSERT INTO casework_need ({row}, case_id, kind, label, reasons, state, found_at)
            SELECT {row}, id, 'alarm', 'A smoke alarm is missing', {self.json("[]")},
            CASE WHEN visited_at IS NULL THEN 'open' ELSE 'met' END, opened_at
            FROM casework_case ORDER BY id"""
        yield f"""INSERT INTO casework_action ({row}, case_id, what, agency_id, officer_id, due_at,
            made_at, state, result, ended_at)
            SELECT {row}, id, 'Fit the alarm', owner_id, officer_id, COALESCE(next_due_at, {ended}),
            opened_at, CASE WHEN visited_at IS NULL THEN 'open' ELSE 'done' END, '',
            CASE WHEN visited_at IS NOT NULL THEN {ended} END FROM casework_case ORDER BY id"""
        soon = self.day(self.moment(f"{self.now} + (v.id % 90 - 30) * {DAY}"))
        yield f"""INSERT INTO casework_equipment ({row}, visit_id, premises_id, kind, place, serial,
            fitted_on, expires_on, check_by)
            SELECT {row}, v.id, premises_id, 'smoke-alarm', 'Hall', '', {self.day("ended_at")},
            {self.day(self.later("ended_at", "3650"))},
            CASE WHEN v.id % 1000 = 0 THEN {soon} END
            FROM casework_visit AS v WHERE state = 'done' AND v.id % 2 = 0"""
        yield f"""INSERT INTO casework_outcome ({row}, case_id, measure, before, after,
            own_view, at) SELECT {row}, id, 'falls', id % 5, id % 4,
            CASE WHEN id % 20 = 0 THEN 'Invented' ELSE '' END, {ended}
            FROM casework_case WHERE visited_at IS NOT NULL AND id % 2 = 0 ORDER BY id"""
        yield f"""INSERT INTO casework_onwardreferral ({row}, key, case_id, route, to_name, how,
            why, sent_at, state, answered_at, completed_at, chased, result)
            SELECT {row}, key, id, 'invented', 'An invented service', 'letter', '', {ended},
            'completed', {ended}, {ended}, 0, ''
            FROM casework_case WHERE visited_at IS NOT NULL AND id % 10 = 0 ORDER BY id"""


def _version() -> int:
    from triservice.schemes import catalogue

    return catalogue.scheme(SCHEME).version


def reader_of(officer: Any) -> Any:
    """Return an officer reading for a prevention visit."""
    from triservice.access.readers import reader_for
    from triservice.kernel.access_words import Purpose

    return reader_for(officer, Purpose.PREVENTION_VISIT)

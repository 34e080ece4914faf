"""What came of a year's referrals, beside a plain model of it and a year reckoned by hand."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented_referrals import RISK, Send
from scipy.stats import binom

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Disclosure
from triservice.casework.cases.actions.joining import merge
from triservice.casework.cases.actions.life import close
from triservice.casework.dashboards.rules import By, Table
from triservice.casework.models import Case, CaseSubject, Referral
from triservice.casework.needs import actions as needs
from triservice.casework.onward import actions as onward
from triservice.casework.outcomes import measuring
from triservice.casework.outcomes.queries.year import outcomes
from triservice.casework.outcomes.rules import span, year_of
from triservice.casework.outcomes.shown import Year
from triservice.casework.triage import actions as triage
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role
from triservice.kernel.keys import new_key
from triservice.subjects.actions.joins import regroup
from triservice.subjects.joining import roots
from triservice.subjects.models import Merge, Person, SourceRecord
from undoing import undone

ALL = "All, each once"
PEOPLE = "Different people, households and places"
REPEATS = "Calls and reports before and after"


def titled(found: Year, title: str) -> Table:
    return next(one for one in found.tables if one.title == title)


def told(found: Year, title: str) -> dict[str, tuple[int, ...]]:
    return {line.name: line.counts for line in titled(found, title).lines}


@pytest.fixture
def worked(send: Send, officer: Reader) -> list[int]:
    """Seven referrals: five accepted, of which two became one case; one declined, one waits.

    Of the four cases that count, two were visited (one through the case merged into it, so that it
    is of two people), and one of these is closed.
    """
    names = (
        "Morwenna Trevanion",
        "Jory Bosquite",
        "Tamsin Penhale",
        "Piran Curnow",
        "Elowen Hosking",
    )
    sent = [send(person={"name": name}) for name in names]
    cases = [triage.accept(officer, each.referral, officer=officer.officer) for each in sent]
    triage.decline(officer, send(person={"name": "Cador Nancarrow"}).referral, "Lives elsewhere")
    send(person={"name": "Kerensa Roskilly"})
    merge(officer, cases[4], Case.objects.get(pk=cases[3]).reference, "One and the same matter")
    Case.objects.filter(pk__in=[cases[0], cases[4]]).update(visited_at=NOON - timedelta(days=40))
    for case, state in ((cases[0], "met"), (cases[1], "not met"), (cases[1], "")):
        need = needs.add_need(officer, case, "falls" if state == "not met" else "alarm")
        if state:
            needs.settle_need(officer, case, need, state, "As told")
    needs.add_outcome(officer, cases[0], "alarms", before=0, after=None)
    needs.add_outcome(officer, cases[0], "alarms", before=1, after=1, own_view="I sleep again")
    needs.add_outcome(officer, cases[1], "alarms", before=0, after=None)
    passed = onward.send(officer, cases[1], "falls-service", key=new_key(), why="Please see him")
    onward.answered(officer, cases[1], passed, "accept", "They come")
    close(officer, cases[0], "needs met", "An alarm works now")
    return cases


@pytest.mark.parametrize("by", [By.SCHEME, By.AGENCY, By.AREA])
def test_a_year_reckoned_by_hand(worked: list[int], officer: Reader, by: By) -> None:
    found = outcomes(officer, by, 2026)
    assert [(step.name, step.number) for step in found.steps] == [
        ("Referrals received", 7), ("Referrals accepted", 5), ("Cases that they became", 4),
        ("Cases visited", 2), ("Cases closed", 1),
    ]  # fmt: skip
    assert found.steps[1].share == "71% of 7 (36% to 92%)"
    for title, sums in (
        ("Referrals", (5, 1, 0, 1, 0)), ("Cases", (1, 1, 0, 2)), ("Needs found", (1, 0, 1, 0, 1)),
        ("Onward referrals", (0, 1, 0, 0, 0)), ("What came of closed cases", (1, 0)),
        ("The person's own view", (1, 3)),
    ):  # fmt: skip
        assert titled(found, title).totals == sums, title
    (measure,) = titled(found, "Before and after").lines
    assert measure.counts == (1, 0, 0, 1)
    assert measure.more == "1 higher (too few for an interval), of 1"
    people = told(found, PEOPLE)
    assert people[ALL] == (5, 3, 0, 0, 1, 1)
    first, *_, fifth = Person.objects.order_by("pk")[:5]
    Person.objects.filter(pk=fifth.pk).update(root=first)
    assert told(outcomes(officer, by, 2026), PEOPLE)[ALL] == (4, 2, 0, 0, 1, 1)
    assert outcomes(officer, by, 2025).steps[0].number == 0


def test_somebody_in_two_schemes_is_in_both_and_once_in_all(
    worked: list[int], officer: Reader
) -> None:
    same = CaseSubject.objects.get(case=worked[0], person__isnull=False).person_id
    CaseSubject.objects.filter(case=worked[1], person__isnull=False).update(person=same)
    Case.objects.filter(pk=worked[1]).update(scheme="another-scheme")
    people = told(outcomes(officer, By.SCHEME, 2026), PEOPLE)
    assert people["another-scheme"][0] == 1
    assert sum(counts[0] for name, counts in people.items() if name != ALL) == 5
    assert people[ALL][0] == 4


def test_records_before_and_after_in_equal_lengths(worked: list[int], officer: Reader) -> None:
    """Three people were visited 40 days ago: 30 days are over, 90 are not."""
    person = CaseSubject.objects.get(case=worked[0], person__isnull=False).person_id
    record = SourceRecord.objects.get(links__person=person)
    SourceRecord.objects.filter(pk=record.pk).update(happened_at=NOON - timedelta(days=50))
    month, quarter, year = titled(outcomes(officer, By.SCHEME, 2026), REPEATS).lines
    assert (month.name, month.counts, month.more) == ("30 days", (1, 2, 0, 0), "1 before, 0 after")
    assert quarter.counts == year.counts == (0, 0, 0, 3)
    assert month.share is not None
    assert month.share.said == "33% of 3 (6% to 79%)"
    with clock.frozen(NOON + timedelta(days=60)):
        later = outcomes(officer, By.SCHEME, 2026)
    assert titled(later, REPEATS).lines[1].counts == (1, 2, 0, 0)


def test_nothing_small_is_told_to_who_does_not_work_on_cases(
    worked: list[int], town: Partnership
) -> None:
    town.term("fire", "council", [*RISK, DataClass.FIRE], purposes=[Purpose.EVALUATION],
              counts_only=True)  # fmt: skip
    analyst = town.reader("council", Role.ANALYST, Purpose.EVALUATION)
    found = outcomes(analyst, By.SCHEME, 2026)
    assert [step.number for step in found.steps] == [5, 5, 5, 0, 0]
    assert {n % 5 for table in found.tables for line in table.lines for n in line.counts} == {0}
    assert list(told(found, PEOPLE)) == [ALL]
    assert "rounded to a multiple of 5" in found.about
    nobodys = outcomes(town.reader("health", Role.ANALYST), By.SCHEME, 2026)
    assert {step.number for step in nobodys.steps} == {0}
    assert outcomes(town.reader("fire", purpose=None), By.SCHEME, 2026).steps == ()


def test_a_leader_sees_their_own_exactly_and_others_rounded(
    worked: list[int], town: Partnership
) -> None:
    moved = Case.objects.filter(pk__in=worked[1:3])
    moved.update(owner=town.agencies["police"])
    Referral.objects.filter(case__in=moved).update(owner=town.agencies["police"])
    town.term("police", "fire", RISK, counts_only=True, small_number=5)
    found = outcomes(town.reader("fire", Role.TEAM_LEADER), By.AGENCY, 2026)
    assert told(found, "Cases") == {"fire": (1, 1, 0, 0)}
    assert told(found, "Referrals") == {"fire": (3, 1, 0, 1, 0)}
    assert found.about.count("Numbers of what other agencies hold are rounded") == 1


def test_the_page_and_its_files_say_the_same(worked: list[int], town: Partnership) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire", Role.TEAM_LEADER))
    page = client.get("/casework/outcomes?by=agency&year=2026").content.decode()
    assert "What came, until now, of the referrals received from April 2026 to March 2027" in page
    assert "regression to the mean" in page
    assert "(optional)" not in page
    assert "Trevanion" not in page
    answer = client.get("/casework/export/outcomes.csv?by=agency&year=2026")
    assert 'filename="outcomes OFFICIAL.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["Cases visited", "2", "50% of 4 (15% to 85%)", "OFFICIAL"] in rows
    assert all(row[-1] in ("OFFICIAL", "Marking") for row in rows if len(row) > 1)
    read = Disclosure.objects.get(doing="export outcomes of casework")
    assert read.kind == "disclosure"
    assert client.get("/casework/export/outcomes.xlsx").status_code == 200
    assert client.get("/casework/outcomes?by=month&year=1066").status_code == 200


CASES, WHOLE = 5, 6
worlds = st.fixed_dictionaries(
    {
        "cases": st.lists(
            st.fixed_dictionaries(
                {
                    "scheme": st.sampled_from(["one", "two"]),
                    "people": st.sets(st.integers(0, WHOLE - 1), max_size=3),
                    "visited": st.booleans(),
                    "this_year": st.booleans(),
                    "into": st.none() | st.integers(0, CASES - 1),  # an earlier case only
                }
            ),
            min_size=1,
            max_size=CASES,
        ),
        "joins": st.sets(
            st.tuples(st.integers(0, WHOLE - 1), st.integers(0, WHOLE - 1)).filter(
                lambda pair: pair[0] < pair[1]
            ),
            max_size=4,
        ),
        "undone": st.integers(0, 4),
    }
)


def reckoned(world: dict[str, Any], joins: list[tuple[int, int]]) -> dict[str, Any]:
    """Return what must be counted, in plain Python."""
    cases = world["cases"]

    def whole(n: int) -> int:
        into = cases[n]["into"]
        return n if into is None or into >= n else whole(into)

    counted = {whole(n) for n, case in enumerate(cases) if case["this_year"]}
    parts = [n for n in range(len(cases)) if whole(n) in counted]
    visited = {whole(n) for n in parts if cases[n]["visited"]}
    one = roots(range(WHOLE), joins)

    def people(some: list[int]) -> int:
        return len({one[person] for n in some for person in cases[n]["people"]})

    return {
        "referrals": sum(case["this_year"] for case in cases),
        "cases": len(counted),
        "visited": len(visited),
        "people": people(parts),
        "people visited": people([n for n in parts if whole(n) in visited]),
        "by scheme": {
            scheme: each
            for scheme in ("one", "two")
            if (each := people([n for n in parts if cases[n]["scheme"] == scheme]))
        },
    }


def told_of(reader: Reader) -> dict[str, Any]:
    found = outcomes(reader, By.SCHEME, 2026)
    people = told(found, PEOPLE)
    number = {step.name: step.number for step in found.steps}
    return {
        "referrals": number["Referrals received"],
        "cases": number["Cases that they became"],
        "visited": number["Cases visited"],
        "people": people[ALL][0],
        "people visited": people[ALL][1],
        "by scheme": {n: c[0] for n, c in people.items() if n != ALL and c[0]},
    }


def copied(row: Any, **columns: Any) -> Any:
    """Return a new row as another is, but for these columns."""
    made = type(row).objects.get(pk=row.pk)
    made.pk = None
    for name, value in columns.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(worlds)
def test_unique_numbers_are_those_of_a_plain_model(
    case: int, officer: Reader, world: dict[str, Any]
) -> None:
    """Over cases and people that are joined, and joined people of whom some are parted again."""
    with undone():
        build(case, world)
        people = list(Person.objects.order_by("pk").values_list("pk", flat=True)[1 : WHOLE + 1])
        joins = sorted(world["joins"])
        for left, right in joins:
            Merge.objects.create(
                left_id=people[left], right_id=people[right], evidence={}, made_at=NOON
            )
        regroup(people)
        assert told_of(officer) == reckoned(world, joins)
        parted = [(people[left], people[right]) for left, right in joins[: world["undone"]]]
        for left, right in parted:
            Merge.objects.filter(left=left, right=right).update(undone_at=NOON)
        regroup(people)
        assert told_of(officer) == reckoned(world, joins[world["undone"] :])


def build(template: int, world: dict[str, Any]) -> None:
    """Make the cases of a world, each from a referral, in place of the one that was there."""
    first = Case.objects.get(pk=template)
    referral = Referral.objects.get(case=first)
    subject = CaseSubject.objects.get(case=first, person__isnull=False)
    people = [Person.objects.create(made_at=NOON) for _ in range(WHOLE)]
    made: list[Case] = []
    for number, each in enumerate(world["cases"]):
        into = each["into"] if each["into"] is not None and each["into"] < number else None
        merged: dict[str, Any] = {}
        if into is not None:
            merged = {"state": "merged", "merged_into": made[into], "next_due_at": None}
        one = copied(
            first, key=new_key(), reference=f"C-{number}", scheme=each["scheme"],
            visited_at=NOON if each["visited"] else None, **merged,
        )  # fmt: skip
        made.append(one)
        submission = copied(referral.submission, key=new_key())
        received = NOON if each["this_year"] else NOON - timedelta(days=400)
        copied(
            referral, key=new_key(), reference=f"R-{number}", submission=submission, case=one,
            scheme=each["scheme"], received_at=received,
        )  # fmt: skip
        for person in each["people"]:
            copied(subject, case=one, person=people[person])
    Referral.objects.filter(pk=referral.pk).update(received_at=NOON - timedelta(days=800))


changes = st.lists(st.integers(-5, 5), max_size=40)


@given(changes)
def test_the_interval_of_a_median_is_as_wide_as_a_sign_test_asks(values: list[int]) -> None:
    found = measuring.median_interval(values)
    place = int(binom.ppf(0.025, len(values), 0.5)) if values else 0
    assert (found is None) is (place == 0) is (len(values) < 6)
    if found:
        assert found == (sorted(values)[place - 1], sorted(values)[-place])
    counted = measuring.compared([*values, None], "lower")
    assert sum(counted) == len(values) + 1
    assert counted == [*reversed(measuring.compared(values, "higher")[:3]), 1]


def test_a_change_is_said_with_its_number_and_interval() -> None:
    assert measuring.said([-2, -1, -1, -1, 0, 0, 1], 7) == "1 lower (2 lower to 1 higher), of 7"
    assert measuring.said([-2], 1) == "2 lower (too few for an interval), of 1"
    assert measuring.said([], 0) == "not known"
    place = int(binom.ppf(0.025, 2_001, 0.5))
    assert measuring.median_interval(range(2_001)) == (place - 1, 2_001 - place)


def test_first_before_and_last_after_that_are_known() -> None:
    pair = measuring.Pair()
    for before, after in ((None, None), (3.0, None), (2.0, 2.0), (None, 1.0), (0.0, None)):
        pair.add(before, after)
    assert pair.change == -2


def test_years_begin_on_the_first_of_april_and_have_no_day_in_common() -> None:
    london = ZoneInfo("Europe/London")
    for before, after in pairwise(range(2020, 2030)):
        assert span(before, london)[1] == span(after, london)[0]
    begin, _ = span(2026, london)
    assert begin == datetime(2026, 3, 31, 23, tzinfo=UTC)
    assert year_of(begin.astimezone(london)) == 2026
    assert year_of((begin - timedelta(seconds=1)).astimezone(london)) == 2025

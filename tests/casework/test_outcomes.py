"""What came of a case: repeat demand before and after; whoever is one is counted once."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_referrals import Send

from partnership import NOON, Partnership
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import Case
from triservice.casework.outcomes.rules import Repeat, repeats
from triservice.casework.visits import actions as visits
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.keys import new_key
from triservice.subjects.models import Link, SourceRecord

HOURS = st.lists(st.integers(-24 * 400, 24 * 400), max_size=30)


@given(HOURS, st.integers(0, 400))
@settings(max_examples=80, deadline=None)
def test_longer_spans_hold_the_shorter_and_none_counts_before_it_is_over(
    hours: list[int], passed: int
) -> None:
    moments = [NOON + timedelta(hours=each) for each in hours]
    found = repeats(moments, NOON, NOON + timedelta(days=passed))
    for shorter, longer in pairwise(found):
        assert shorter.before <= longer.before
        assert longer.after is None or (shorter.after is not None and shorter.after <= longer.after)
    for one in found:
        assert (one.after is None) is (passed < one.days + 0.5)
        near = [each for each in hours if 12 < each <= one.days * 24 + 12]
        assert one.after in (None, len(near))
        assert one.before == len([each for each in hours if -one.days * 24 - 12 <= each < -12])


def test_the_day_of_the_visit_is_in_neither() -> None:
    assert repeats([NOON, NOON + timedelta(hours=11)], NOON, NOON + timedelta(days=31), [30]) == (
        Repeat(30, 0, 0),
    )


@pytest.mark.django_db
def test_a_case_shows_the_records_before_and_after_its_visit(
    town: Partnership, officer: Reader, case: int, send: Send
) -> None:
    planned = visits.plan(officer, case, NOON, key=new_key())
    assert case_view(officer, case).repeats == ()
    done = visits.Done(new_key(), {"alarms": "no"}, NOON, NOON)
    visits.record_visit(officer, case, planned, done)
    person = Case.objects.get(pk=case).subjects.get(person__isnull=False).person_id
    (record,) = SourceRecord.objects.filter(
        pk__in=Link.objects.filter(person=person).values("record")
    )
    for days, before, after in ((-10, 1, 0), (20, 0, 1), (60, 0, 0)):
        SourceRecord.objects.filter(pk=record.pk).update(happened_at=NOON + timedelta(days=days))
        with clock.frozen(NOON + timedelta(days=40)):
            found = case_view(town.reader("fire", at=clock.now()), case).repeats
        assert found[0] == Repeat(30, before, after), days
        assert found[2].after is None

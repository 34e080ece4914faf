"""Clocks: to the second, through the hour that comes twice, over the leap day, by local days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from partnership import Partnership, make_opening, make_partnership
from triservice.access.models import AgreementVersion, Opening, Term
from triservice.access.queries import decide
from triservice.access.readers import reader_for
from triservice.access.rules import Item
from triservice.access.tokens import queries as tokens
from triservice.access.tokens.actions import issue
from triservice.access.tokens.rules import Scope
from triservice.agencies.models import Holding, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Purpose, Role, Vetting
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import RecordPart

SECOND = timedelta(seconds=1)
ALWAYS = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC))
# The ends that are asked about: an ordinary second; the hour that is left out and the hour that
# comes twice (01:30 is said twice on that night: the end is the second); the leap day; New Year.
ENDS = [
    datetime(2026, 6, 1, 12, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
]


@pytest.fixture
def made(db: None) -> Partnership:
    with clock.frozen(ALWAYS[0]):
        found = make_partnership(roles=())
    AgreementVersion.objects.update(starts=ALWAYS[0], until=ALWAYS[1])
    Officer.objects.update(training_until=None)
    return found


def opens(made: Partnership, at: datetime, data_class: DataClass, pk: str | None = None) -> bool:
    """Whether an officer of the fire service may read police (or health) data at a moment."""
    owner = "police" if data_class is DataClass.POLICE else "health"
    with clock.frozen(at):
        reader = reader_for(made.officer("fire"), Purpose.PREVENTION_VISIT)
        assert reader is not None
        item = Item("subjects.recordpart", pk, made.agencies[owner].pk, data_class)
        return decide(reader, item).allowed


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_an_agreement_and_a_term_end_to_the_second(made: Partnership, end: datetime) -> None:
    terms = Term.objects.exclude(mode="never")  # which has no dates
    for rows, column in ((AgreementVersion.objects, "until"), (terms, "valid_until")):
        rows.update(**{column: end})
        assert opens(made, end - SECOND, DataClass.POLICE)
        assert not opens(made, end, DataClass.POLICE)
        assert not opens(made, end + timedelta(hours=1), DataClass.POLICE)
        rows.update(**{column: ALWAYS[1]})
    begins = end
    AgreementVersion.objects.update(starts=begins)
    assert not opens(made, begins - SECOND, DataClass.POLICE)
    assert opens(made, begins, DataClass.POLICE)


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_an_approval_and_broken_glass_end_to_the_second(made: Partnership, end: datetime) -> None:
    starts = end - timedelta(hours=1)
    with clock.frozen(starts):
        owner = made.reader("health", Role.DATA_OWNER, at=starts)
        row = {"source_key": "1", "health.summary": "Invented"}
        receive_records(owner, made.agencies["health"], "invented", [row])
    part = RecordPart.objects.get(data_class="health")
    for kind in Opening.Kind.values:
        opening = make_opening(
            made.officer("fire"),
            [part],
            decided_by=made.officer("health", Role.CALDICOTT_GUARDIAN),
            kind=kind,
            starts=starts,
            ends=end,
        )
        moments = (starts - SECOND, starts, end - SECOND, end, end + timedelta(hours=1))
        found = [opens(made, at, DataClass.HEALTH, str(part.pk)) for at in moments]
        assert found == [False, True, True, False, False], kind
        Opening.objects.filter(pk=opening.pk).update(revoked_at=starts + SECOND)
        assert opens(made, starts, DataClass.HEALTH, str(part.pk))
        assert not opens(made, starts + SECOND, DataClass.HEALTH, str(part.pk))
        Opening.objects.filter(pk=opening.pk).update(revoked_at=starts)
    assert opens(made, end, DataClass.HEALTH, str(part.pk)) is False


@pytest.mark.parametrize(
    ("day", "midnight"),
    [
        (date(2026, 7, 1), datetime(2026, 6, 30, 23, tzinfo=UTC)),  # summer time: an hour before
        (date(2026, 12, 1), datetime(2026, 12, 1, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, tzinfo=UTC)),  # it begins an hour later
        (date(2026, 3, 30), datetime(2026, 3, 29, 23, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 23, tzinfo=UTC)),  # it ends an hour later
        (date(2026, 10, 26), datetime(2026, 10, 26, tzinfo=UTC)),
        (date(2028, 2, 29), datetime(2028, 2, 29, tzinfo=UTC)),
        (date(2028, 3, 1), datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_here(made: Partnership, day: date, midnight: datetime) -> None:
    officer = made.officer("fire")
    Officer.objects.filter(pk=officer.pk).update(vetting_until=day, training_until=day)
    officer.refresh_from_db()
    for at, holds in ((midnight - SECOND, True), (midnight, False)):
        reader = reader_for(officer, None, at=at)
        assert reader is not None
        assert reader.training_current is holds
        assert (reader.vetting is Vetting.NPPV2) is holds
    Holding.objects.filter(officer=officer).update(until=day)
    assert reader_for(officer, None, at=midnight - SECOND)
    assert reader_for(officer, None, at=midnight) is None
    Holding.objects.filter(officer=officer).update(since=day, until=None)
    assert reader_for(officer, None, at=midnight - SECOND) is None
    assert reader_for(officer, None, at=midnight)


@pytest.mark.parametrize("made_at", [end - timedelta(days=30) for end in ENDS], ids=str)
def test_a_token_lasts_days_of_24_hours(made: Partnership, made_at: datetime) -> None:
    with clock.frozen(made_at):
        admin = made.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION, made_at)
        secret = issue(
            admin,
            made.agencies["fire"],
            f"System {made_at}",
            roles=[Role.OFFICER],
            scopes=[Scope.PEOPLE],
            purposes=[Purpose.RESPONSE],
            days=30,
        ).secret
    end = made_at + timedelta(days=30)
    for at, live in ((end - SECOND, True), (end, False)):
        with clock.frozen(at):
            assert (tokens.bearer(secret) is not None) is live

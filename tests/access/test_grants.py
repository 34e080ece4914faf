"""Grants follow every change on the next read, and cost one query when nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from protected_things import Thing, make_thing, subject

from partnership import NOON, Partnership, make_list, make_officer, make_opening
from triservice.access import grants as grants_of
from triservice.access.models import (
    AgreementVersion,
    ConflictOfInterest,
    Epoch,
    Kind,
    Opening,
    Restriction,
    RestrictionMember,
    Term,
)
from triservice.access.queries import decide, seen
from triservice.access.readers import reader_for
from triservice.access.record import recording
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Purpose, Reason, Role, Vetting

SECOND = timedelta(seconds=1)
POLICE = DataClass.POLICE


@pytest.fixture
def row(bare: Partnership) -> Thing:
    bare.term("police", "fire", [POLICE])
    return make_thing(bare.agencies["police"], POLICE, subject_key=subject(1))


def reason(made: Partnership, row: Thing) -> Reason:
    return decide(made.reader("fire"), row).reason


def bulk_suspend(_: Partnership, __: Thing) -> None:
    AgreementVersion.objects.update(state="suspended")


def raw_sql(_: Partnership, __: Thing) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE access_term SET purposes = '[\"tasking\"]'")


def add_never(made: Partnership, _: Thing) -> None:
    made.term("police", "fire", [POLICE], mode=Mode.NEVER)


def bulk_never(made: Partnership, _: Thing) -> None:
    term = Term.objects.get()
    term.pk, term.number, term.mode = None, 999, "never"
    Term.objects.bulk_create([term])


def delete_term(_: Partnership, __: Thing) -> None:
    Term.objects.all().delete()


def lose_party(made: Partnership, _: Thing) -> None:
    made.version.parties.filter(agency=made.agencies["fire"]).delete()


def conflict(made: Partnership, _: Thing) -> None:
    ConflictOfInterest.objects.create(
        officer=made.officer("fire"), subject_key=subject(1), why="Invented"
    )


CHANGES: dict[Callable[[Partnership, Thing], None], Reason] = {
    bulk_suspend: Reason.NOT_IN_FORCE,
    raw_sql: Reason.PURPOSE,
    add_never: Reason.NEVER,
    bulk_never: Reason.NEVER,
    delete_term: Reason.NO_TERM,
    lose_party: Reason.NO_TERM,
    conflict: Reason.CONFLICT,
}


@pytest.mark.parametrize(
    ("change", "after"), CHANGES.items(), ids=lambda c: getattr(c, "__name__", "")
)
def test_a_change_acts_on_the_next_read(
    bare: Partnership, row: Thing, change: Callable[[Partnership, Thing], None], after: Reason
) -> None:
    assert reason(bare, row) is Reason.TERM_OPEN
    change(bare, row)
    assert reason(bare, row) is after


def test_a_change_that_was_rolled_back_leaves_nothing_in_the_cache(
    bare: Partnership, row: Thing
) -> None:
    assert reason(bare, row) is Reason.TERM_OPEN
    for change, after in ((bulk_suspend, Reason.NOT_IN_FORCE), (delete_term, Reason.NO_TERM)):
        before = transaction.savepoint()
        change(bare, row)
        assert reason(bare, row) is after
        transaction.savepoint_rollback(before)
        assert reason(bare, row) is Reason.TERM_OPEN


def test_one_query_when_nothing_changed(bare: Partnership, row: Thing) -> None:
    reader = bare.reader("fire")
    grants_of.current(reader)
    with CaptureQueriesContext(connection) as queries:
        grants_of.current(reader)
    assert len(queries) == 1


def test_inside_a_record_decisions_cost_no_query(bare: Partnership, row: Thing) -> None:
    reader = bare.reader("fire")
    with recording(reader, Kind.CONSULTATION, "look"), CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            assert decide(reader, row).allowed
    assert len([q for q in queries if "SELECT" in q["sql"] and "epoch" in q["sql"]]) == 0


def test_without_a_token_nothing_is_kept(bare: Partnership, row: Thing) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER access_term_epoch_delete") if (
            connection.vendor == "sqlite"
        ) else cursor.execute("DROP TRIGGER access_term_epoch ON access_term")
    Epoch.objects.all().delete()
    assert reason(bare, row) is Reason.TERM_OPEN
    Term.objects.all().delete()
    assert reason(bare, row) is Reason.NO_TERM


@pytest.mark.parametrize("what", ["made", "revoked", "ended", "item removed", "deleted"])
def test_openings_act_on_the_next_read(bare: Partnership, what: str) -> None:
    row = make_thing(bare.agencies["health"], DataClass.HEALTH)
    bare.term("health", "fire", [DataClass.HEALTH], mode=Mode.ON_APPROVAL)
    assert reason(bare, row) is Reason.NEEDS_APPROVAL
    approver = bare.officer("health", Role.CALDICOTT_GUARDIAN)
    opening = make_opening(bare.officer("fire"), [row], decided_by=approver)
    assert reason(bare, row) is Reason.APPROVED
    changes = {
        "made": lambda: None,
        "revoked": lambda: Opening.objects.update(revoked_at=NOON),
        "ended": lambda: Opening.objects.update(ends=NOON),
        "item removed": lambda: opening.items.all().delete(),
        "deleted": lambda: opening.delete(),
    }
    changes[what]()
    expected = Reason.APPROVED if what == "made" else Reason.NEEDS_APPROVAL
    assert reason(bare, row) is expected


def test_lists_act_on_the_next_read(bare: Partnership, row: Thing) -> None:
    officer = bare.officer("fire")
    row.restriction = make_list(officer, "R")
    row.save()
    assert reason(bare, row) is Reason.RESTRICTED
    RestrictionMember.objects.create(restriction=row.restriction, officer=officer, since=NOON)
    assert reason(bare, row) is Reason.TERM_OPEN
    RestrictionMember.objects.update(until=NOON)
    assert reason(bare, row) is Reason.RESTRICTED
    Restriction.objects.update(lifted_at=NOON)
    assert reason(bare, row) is Reason.TERM_OPEN


def test_access_ends_at_the_second_without_any_write(bare: Partnership, row: Thing) -> None:
    ends = NOON + timedelta(hours=1)
    AgreementVersion.objects.update(until=ends)
    decision = decide(bare.reader("fire"), row)
    assert (decision.allowed, decision.until) == (True, ends)
    for at, count in ((ends - SECOND, 1), (ends, 0), (ends + SECOND, 0)):
        with clock.frozen(at):
            reader = reader_for(bare.officer("fire"), Purpose.PREVENTION_VISIT)
            with recording(reader, Kind.CONSULTATION, "look") as record:
                assert len(seen(record, Thing.objects.all())) == count
            assert decide(reader, row).allowed is bool(count)


@pytest.mark.parametrize(
    ("day", "hour_utc", "live"),
    [
        ("2026-03-28", 23, True),  # the night the clocks go forward: still 28 March
        ("2026-03-29", 0, False),
        ("2026-10-24", 22, True),  # 23:00 in London, summer time
        ("2026-10-24", 23, False),  # midnight in London is 23:00 UTC in summer
        ("2028-02-29", 23, True),  # leap day
        ("2028-03-01", 0, False),
    ],
)
def test_posts_and_clearances_end_at_midnight_where_people_work(
    bare: Partnership, day: str, hour_utc: int, live: bool
) -> None:
    from datetime import UTC, date, datetime

    last = {"2026-03": "2026-03-29", "2026-10": "2026-10-25", "2028-02": "2028-03-01"}
    until = date.fromisoformat(last.get(day[:7], "2028-03-01"))
    officer = bare.officer("fire")
    officer.vetting_until = officer.training_until = until
    at = datetime.fromisoformat(day).replace(hour=hour_utc, tzinfo=UTC)
    reader = reader_for(officer, Purpose.RESPONSE, at=at)
    assert reader is not None
    assert reader.training_current is live
    assert (reader.vetting is Vetting.NPPV2) is live
    officer.holdings.update(until=until)
    assert (reader_for(officer, Purpose.RESPONSE, at=at) is not None) is live


def test_who_does_not_work_here_is_no_reader(bare: Partnership) -> None:
    officer = bare.officer("fire")
    assert reader_for(officer, None) is not None
    officer.is_active = False
    assert reader_for(officer, None) is None
    officer.is_active = True
    officer.holdings.update(since=NOON.date() + timedelta(days=1))
    assert reader_for(officer, None) is None


def test_roles_at_another_agency_do_not_count(bare: Partnership) -> None:
    officer = bare.officer("fire", Role.REFERRER)
    guest = make_officer(bare.agencies["police"], Role.DATA_PROTECTION_LEAD, "Guest")
    guest.holdings.update(officer=officer)
    reader = reader_for(officer, None)
    assert (reader.agency, reader.roles) == (bare.agencies["fire"].pk, {Role.REFERRER})
    officer.holdings.filter(post__role="referrer").delete()
    reader = reader_for(officer, None)
    assert (reader.agency, reader.roles) == (
        bare.agencies["police"].pk,
        {Role.DATA_PROTECTION_LEAD},
    )

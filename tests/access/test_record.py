"""No record, no data; refusals are kept; the chain shows what was changed."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from protected_things import Thing, make_thing

from partnership import NOON, Partnership, make_partnership
from triservice.access import record as record_module
from triservice.access.errors import RecordBroken, Refused
from triservice.access.models import ChainHead, Disclosure, Kind
from triservice.access.queries import require, seen
from triservice.access.record import (
    CHAINED,
    GENESIS,
    SEPARATOR,
    chain_hash,
    chain_sql,
    chain_text,
    reading,
    recording,
)
from triservice.kernel.access_words import DataClass, Decision, Outcome, Reason

NO = Decision(Outcome.DENY, Reason.NO_TERM)


def do(reader, doing="look", kind=Kind.CONSULTATION):
    with recording(reader, kind, doing):
        pass


@pytest.mark.parametrize("opened", [recording, reading])
def test_no_record_no_data(
    partnership: Partnership, monkeypatch: pytest.MonkeyPatch, opened: Any
) -> None:
    make_thing(partnership.agencies["fire"], DataClass.FIRE)
    reader, got = partnership.reader("fire"), []

    def query():
        with opened(reader, Kind.CONSULTATION, "look") as record:
            return seen(record, Thing.objects.all())

    def broken(*_: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Disclosure.objects, "bulk_create", broken)
    with pytest.raises(DatabaseError, match="disk full"):
        got = query()
    assert got == []


def test_nothing_is_written_when_the_record_cannot_be(
    partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = make_thing(partnership.agencies["fire"], DataClass.FIRE, name="Before")
    monkeypatch.setattr(record_module, "_append", lambda _: 1 / 0)
    with (
        pytest.raises(ZeroDivisionError),
        recording(partnership.reader("fire"), Kind.ALTERATION, "rename"),
    ):
        Thing.objects.update(name="After")
    thing.refresh_from_db()
    assert thing.name == "Before"


def test_a_refusal_outlives_the_roll_back(partnership: Partnership) -> None:
    thing = make_thing(partnership.agencies["council"], DataClass.POLICE, name="Before")

    def rename() -> None:
        with recording(partnership.reader("fire"), Kind.ALTERATION, "rename") as record:
            Thing.objects.update(name="After")
            require(record, thing)

    with pytest.raises(Refused):
        rename()
    thing.refresh_from_db()
    assert thing.name == "Before"
    kept = Disclosure.objects.get()
    assert (kept.outcome, kept.reason) == ("deny", str(Reason.NO_TERM))
    assert kept.what == f'{{"refused":"access.thing {thing.pk}"}}'


def test_a_refusal_while_reading_is_kept(partnership: Partnership) -> None:
    thing = make_thing(partnership.agencies["council"], DataClass.POLICE)
    with (
        pytest.raises(Refused),
        reading(partnership.reader("fire"), Kind.CONSULTATION, "look") as record,
    ):
        require(record, thing)
    assert [(d.doing, d.outcome) for d in Disclosure.objects.all()] == [("look", "deny")]


def test_readings_inside_one_are_written_with_it(partnership: Partnership) -> None:
    reader = partnership.reader("fire")
    with reading(reader, Kind.CONSULTATION, "outer"):
        with reading(reader, Kind.CONSULTATION, "inner"):
            pass
        with pytest.raises(Refused), reading(reader, Kind.CONSULTATION, "refused"):
            raise Refused(NO)
        with pytest.raises(KeyError), reading(reader, Kind.CONSULTATION, "failed"):
            raise KeyError
    kept = [(d.doing, d.outcome) for d in Disclosure.objects.all()]
    assert kept == [("inner", "allow"), ("refused", "deny"), ("outer", "allow")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has many writers at a time")
@pytest.mark.django_db(transaction=True)
def test_on_sqlite_who_reads_takes_the_write_lock_for_the_record_only() -> None:
    reader = make_partnership(roles=()).reader("fire", at=NOON)
    with CaptureQueriesContext(connection) as sent, reading(reader, Kind.CONSULTATION, "look"):
        list(Thing.objects.all())
    said = [each["sql"].split(" ")[:3] for each in sent.captured_queries]
    begins = [number for number, words in enumerate(said) if words[0] == "BEGIN"]
    assert [said[number] for number in begins] == [["BEGIN", "DEFERRED"], ["BEGIN", "IMMEDIATE"]]
    written = said[begins[1] :]
    assert not [words for words in said[: begins[1]] if words[0] in {"INSERT", "UPDATE"}]
    assert [words[0] for words in written] == ["BEGIN", "SELECT", "INSERT", "UPDATE", "COMMIT"]
    with pytest.raises(DatabaseError), reading(reader, Kind.CONSULTATION, "write"):
        Thing.objects.update(name="After")
    do(reader)  # and afterwards one writes again


def test_another_error_leaves_neither_data_nor_record(partnership: Partnership) -> None:
    with (
        pytest.raises(KeyError),
        recording(partnership.reader("fire"), Kind.ALTERATION, "fail"),
    ):
        raise KeyError
    assert not Disclosure.objects.exists()


def test_a_doing_inside_another_is_recorded_in_its_transaction(partnership: Partnership) -> None:
    reader = partnership.reader("fire")
    with recording(reader, Kind.ALTERATION, "outer"):
        do(reader, "inner")
    assert [d.doing for d in Disclosure.objects.all()] == ["inner", "outer"]

    def fail() -> None:
        with recording(reader, Kind.ALTERATION, "outer again"):
            do(reader, "inner again")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert Disclosure.objects.count() == 2


@pytest.mark.parametrize("swallowed", [True, False])
def test_a_refusal_inside_another_doing_is_kept(partnership: Partnership, swallowed: bool) -> None:
    reader = partnership.reader("fire")

    def both() -> None:
        with recording(reader, Kind.ALTERATION, "outer"):
            try:
                with recording(reader, Kind.CONSULTATION, "inner"):
                    raise Refused(NO, "a thing")
            except Refused:
                if not swallowed:
                    raise

    if swallowed:
        both()
    else:
        with pytest.raises(Refused):
            both()
    kept = [(d.doing, d.outcome) for d in Disclosure.objects.all()]
    assert kept == [("inner", "deny"), ("outer", "allow")][: 2 if swallowed else 1]


def test_a_refusal_then_an_error_is_kept(partnership: Partnership) -> None:
    reader = partnership.reader("fire")

    def fail() -> None:
        with recording(reader, Kind.ALTERATION, "outer"):
            with pytest.raises(Refused), recording(reader, Kind.CONSULTATION, "inner"):
                raise Refused(NO)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [d.doing for d in Disclosure.objects.all()] == ["inner"]


@pytest.mark.django_db(transaction=True)
def test_a_record_inside_a_transaction_that_could_undo_it_is_refused() -> None:
    reader = make_partnership(roles=()).reader("fire", at=NOON)
    do(reader)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        do(reader)


def test_the_chain_is_the_hash_of_every_column_and_the_one_before(partnership: Partnership) -> None:
    reader = partnership.reader("fire")
    for doing in ("first", "second", "third — “quoted”, ünïcode"):
        do(reader, doing)
    rows = list(Disclosure.objects.all())
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.previous for row in rows] == [GENESIS, rows[0].hash, rows[1].hash]
    for row in rows:
        assert row.hash == sha256(chain_text(row).encode()).hexdigest()
    assert (ChainHead.objects.get().seq, ChainHead.objects.get().hash) == (3, rows[2].hash)


def test_the_chain_text_is_the_same_from_sql(partnership: Partnership) -> None:
    reader = partnership.reader("fire")
    make_thing(partnership.agencies["police"], DataClass.POLICE)
    with recording(reader, Kind.CONSULTATION, "look") as record:
        seen(record, Thing.objects.all())
        record.searched({"name": "Ann\x1fExample\x00"}, None)
    do(reader, "separator \x1f, nul \x00, half a surrogate \ud800")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {chain_sql(connection.vendor)}, hash FROM access_disclosure ORDER BY seq"
        )
        for (text, kept), row in zip(cursor.fetchall(), Disclosure.objects.all(), strict=True):
            assert text == chain_text(row)
            assert chain_hash(text) == kept


def test_every_column_is_in_the_chain() -> None:
    assert {field.name for field in Disclosure._meta.fields} - {"hash"} == set(CHAINED)


@pytest.mark.parametrize("name", [name for name in CHAINED if name != "previous"])
def test_changing_any_column_changes_the_hash(partnership: Partnership, name: str) -> None:
    do(partnership.reader("fire"))
    row = Disclosure.objects.get()
    before = row.hash
    old = getattr(row, name)
    changed = NOON.replace(microsecond=1) if name == "at" else 7 if old is None else old * 2 or "x"
    setattr(row, name, changed)
    assert chain_hash(chain_text(row)) != before


def test_text_cannot_move_between_columns_unseen(partnership: Partnership) -> None:
    do(partnership.reader("fire"))
    row = Disclosure.objects.get()
    row.officer_name, row.officer_roles = f"{row.officer_name}{SEPARATOR}{row.officer_roles}", ""
    with pytest.raises(RecordBroken):
        chain_hash(chain_text(row))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE access_disclosure SET reason = 'none'",
        "DELETE FROM access_disclosure",
        "DELETE FROM access_disclosure WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_the_record(partnership: Partnership, sql: str) -> None:
    do(partnership.reader("fire"))
    with (
        pytest.raises(DatabaseError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert Disclosure.objects.count() == 1


def test_a_lost_head_stops_reading(partnership: Partnership) -> None:
    do(partnership.reader("fire"))
    ChainHead.objects.all().delete()
    with pytest.raises(RecordBroken):
        do(partnership.reader("fire"))


def test_a_head_that_was_set_back_stops_reading(partnership: Partnership) -> None:
    do(partnership.reader("fire"))
    ChainHead.objects.update(seq=0, hash=GENESIS)
    with pytest.raises(DatabaseError):
        do(partnership.reader("fire"))


def test_the_record_says_who_it_was_then(partnership: Partnership) -> None:
    reader = partnership.reader("fire")
    do(reader, "look", Kind.COMBINATION)
    officer = partnership.officer("fire")
    officer.name = "Another Name"
    officer.save()
    row = Disclosure.objects.get()
    assert (row.officer_name, row.officer_roles) == ("officer of fire", "officer")
    assert (row.agency_name, row.source) == ("Penmarric Fire and Rescue Service", "test")
    assert (row.kind, row.at) == ("combination", NOON)


def test_long_words_are_cut_to_their_columns(partnership: Partnership) -> None:
    do(partnership.reader("fire"), "look " * 100)
    row = Disclosure.objects.get()
    assert len(row.doing) == 200
    assert row.hash == chain_hash(chain_text(row))


def test_reading_with_an_old_reader_reads_as_of_now(partnership: Partnership) -> None:
    old = partnership.reader("fire", at=NOON.replace(year=2020))
    with recording(old, Kind.CONSULTATION, "look") as record:
        assert record.reader.at == NOON
        assert record.grants.at == NOON

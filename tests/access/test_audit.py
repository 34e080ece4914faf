"""The record of disclosures is tampered with in every way, and verifying finds each."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from partnership import Partnership, make_partnership
from triservice.access import audit, signing, triggers
from triservice.access import record as record_module
from triservice.access.models import ChainHead, Checkpoint, Disclosure, Kind
from triservice.access.record import GENESIS, chain_hash, chain_text, recording
from triservice.kernel.errors import InputError

ROWS = 6
TABLE = "access_disclosure"


@pytest.fixture
def kept(partnership: Partnership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of six disclosures, signed after the fourth in a file kept elsewhere."""
    monkeypatch.setenv("TRISERVICE_AUDIT_KEY", str(tmp_path / "keys" / "audit.pem"))
    reader = partnership.reader("fire")
    for number in range(1, ROWS + 1):
        with recording(reader, Kind.CONSULTATION, f"look {number}"):
            pass
        if number == 4:
            audit.checkpoint_to(tmp_path / "kept.jsonl")
    return tmp_path / "kept.jsonl"


def sql(*statements: str) -> None:
    """Act as someone who holds the database: the triggers are gone first."""
    with connection.cursor() as cursor:
        for statement in (*triggers.removals(connection.vendor), *statements):
            cursor.execute(statement)


def rechain(first: int) -> None:
    """Forge: compute every hash anew from `first` on, and the head."""
    previous = Disclosure.objects.get(seq=first - 1).hash if first > 1 else GENESIS
    sql()
    for row in Disclosure.objects.filter(seq__gte=first).order_by("seq"):
        row.previous = previous
        row.hash = previous = chain_hash(chain_text(row))
        Disclosure.objects.filter(seq=row.seq).update(previous=row.previous, hash=row.hash)
    last = Disclosure.objects.order_by("seq").last()
    assert last is not None
    ChainHead.objects.update(seq=last.seq, hash=last.hash)


def faults(kept: Path | None = None) -> list[tuple[int, str]]:
    """Verify in one walk, and on SQLite in two halves, which meet in the middle: they agree."""
    whole = audit.verify(kept)
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            file = Path(folder) / "copy.sqlite3"
            _copy_record(file)
            patch.setattr(audit, "IN_HALVES", 1)
            patch.setattr(audit, "_file", lambda: file)
            assert audit.verify(kept) == whole
    return [(each.seq, each.what) for each in whole.faults]


def _copy_record(file: Path) -> None:
    """Copy the disclosures to a file, for what the test wrote is not committed."""
    with connection.cursor() as cursor, closing(sqlite3.connect(file)) as copy:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [TABLE])
        copy.execute(cursor.fetchone()[0])
        cursor.execute(f"SELECT * FROM {TABLE}")
        marks = ", ".join("?" * len(cursor.description))
        copy.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", cursor.fetchall())
        copy.commit()


def test_a_whole_record_verifies(kept: Path) -> None:
    found = audit.verify(kept)
    assert (found.whole, found.rows, found.checkpoints, found.last_seq) == (True, ROWS, 1, ROWS)
    assert found.last_hash == ChainHead.objects.get().hash


@pytest.mark.parametrize(
    "change",
    [
        "doing = 'nothing'",
        "officer = officer + 1",
        "officer_name = ''",
        "agency = agency + 1",
        "purpose = 'response'",
        "what = '{}'",
        "outcome = 'deny'",
        "reason = 'x'",
        "term = COALESCE(term, 0) + 7",
        "source = 'elsewhere'",
        "kind = 'erasure'",
        "basis = ''",
    ],
)
def test_a_changed_column_is_found(kept: Path, change: str) -> None:
    column, value = change.split(" = ", 1)
    if column in {"what", "basis"}:  # make sure that the change is one
        value = "'forged'"
    sql(f"UPDATE {TABLE} SET {column} = {value} WHERE seq = 3")
    assert faults() == [(3, "was changed after it was written")]


def test_a_time_moved_by_a_microsecond_is_found(kept: Path) -> None:
    row = Disclosure.objects.get(seq=2)
    sql()
    Disclosure.objects.filter(seq=2).update(at=row.at.replace(microsecond=1))
    assert faults() == [(2, "was changed after it was written")]


def test_a_gap_is_found_and_named(kept: Path) -> None:
    sql(f"DELETE FROM {TABLE} WHERE seq IN (2, 3)")
    assert faults() == [(2, "missing: 2 to 3")]


def test_the_first_rows_cut_off_are_found(kept: Path) -> None:
    sql(f"DELETE FROM {TABLE} WHERE seq = 1")
    assert faults() == [(1, "missing: 1")]


@pytest.mark.parametrize("first", [2, 3])  # within a half, and across the edge of both
def test_swapped_rows_are_found(kept: Path, first: int) -> None:
    sql(
        f"UPDATE {TABLE} SET seq = -1 WHERE seq = {first}",
        f"UPDATE {TABLE} SET seq = {first} WHERE seq = {first + 1}",
        f"UPDATE {TABLE} SET seq = {first + 1} WHERE seq = -1",
    )
    assert {seq for seq, _ in faults()} == {first, first + 1, first + 2}


@pytest.mark.parametrize("number", range(2, ROWS))
def test_a_row_taken_out_or_forged_with_its_hash_is_found_anywhere(kept: Path, number: int) -> None:
    forged = Disclosure.objects.get(seq=number)
    forged.reason = "forged"
    forged.hash = chain_hash(chain_text(forged))
    sql(f"UPDATE {TABLE} SET reason = 'forged', hash = '{forged.hash}' WHERE seq = {number}")
    assert (number + 1, "does not follow the one before it") in faults()
    sql(f"DELETE FROM {TABLE} WHERE seq = {number}")
    assert (number, f"missing: {number}") in faults()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL is verified in one walk")
def test_when_the_second_process_fails_nothing_is_said_to_be_whole(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "IN_HALVES", 1)
    monkeypatch.setattr(audit, "_file", lambda: tmp_path / "nothing there")
    with pytest.raises(RuntimeError, match="second process failed"):
        audit.verify()


def test_an_end_cut_off_is_found_by_the_head(kept: Path) -> None:
    sql(f"DELETE FROM {TABLE} WHERE seq = {ROWS}")
    assert faults() == [(ROWS - 1, f"the record ends here, but its head says {ROWS}")]


def test_an_end_cut_off_with_its_head_is_found_by_a_checkpoint(kept: Path) -> None:
    sql(f"DELETE FROM {TABLE} WHERE seq >= 4")
    rechain(3)
    Checkpoint.objects.all().delete()
    assert faults() == []  # the database alone cannot tell …
    assert faults(kept) == [(4, "was signed by a checkpoint and is no longer there")]


def test_a_record_forged_anew_is_found_by_a_checkpoint(kept: Path) -> None:
    sql(f"UPDATE {TABLE} SET officer_name = 'somebody else' WHERE seq = 2")
    rechain(2)
    assert faults() == [(4, "is not what its checkpoint signed")]


def test_a_record_forged_without_its_key_is_found_though_the_checkpoints_are_gone(
    kept: Path, partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept elsewhere: each thousand of rows (here two) must be signed."""
    monkeypatch.setattr(record_module, "CHECKPOINT_EVERY", 2)
    for _ in range(3):  # the sixth row was there before; the eighth is signed
        with recording(partnership.reader("fire"), Kind.CONSULTATION, "look"):
            pass
    missing = "no checkpoint was signed here: the key could not be used, or it was removed"
    assert faults() == [(2, missing), (6, missing)]
    sql(f"UPDATE {TABLE} SET officer_name = 'somebody else' WHERE seq = 8")
    rechain(8)
    assert (8, "is not what its checkpoint signed") in faults()
    Checkpoint.objects.filter(seq=8).delete()
    assert (8, missing) in faults()
    for _ in range(2):  # what is signed later does not bless it
        with recording(partnership.reader("fire"), Kind.CONSULTATION, "look"):
            pass
    assert (8, missing) in faults()


def test_a_forged_checkpoint_is_found(kept: Path) -> None:
    sql(f"UPDATE {TABLE} SET officer_name = 'somebody else' WHERE seq = 2")
    rechain(2)
    Checkpoint.objects.update(hash=Disclosure.objects.get(seq=4).hash)
    assert (4, "its checkpoint's signature does not hold") in faults()


def test_a_checkpoint_of_another_key_is_found(kept: Path, tmp_path: Path) -> None:
    public = tmp_path / "mine.pem"
    public.write_text(signing.public_pem())
    (tmp_path / "keys" / "audit.pem").unlink()  # the machine makes a new key
    assert audit.verify(kept, public).whole
    assert [what for _, what in faults()] == [
        f"its checkpoint is signed by another key ({Checkpoint.objects.get().key})"
    ]


def test_a_lost_head_is_found(kept: Path) -> None:
    sql("DELETE FROM access_chainhead")
    assert faults() == [(ROWS, "the head of the record is missing")]


def test_a_separator_smuggled_into_a_column_is_found(kept: Path) -> None:
    sql(f"UPDATE {TABLE} SET doing = 'a' || {_separator()} || 'b' WHERE seq = 3")
    assert faults() == [(3, "holds a separator inside a column")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps no zero byte")
def test_what_is_hidden_behind_a_zero_byte_is_found(kept: Path) -> None:
    sql(f"UPDATE {TABLE} SET doing = doing || char(0) || 'more' WHERE seq = 3")
    assert faults() == [(3, "holds a zero byte inside a column")]


def _separator() -> str:
    return {"sqlite": "char(31)", "postgresql": "chr(31)"}[connection.vendor]


def test_the_database_refuses_to_change_or_delete(kept: Path) -> None:
    for spoil in (
        lambda: Disclosure.objects.filter(seq=1).update(doing="x"),
        lambda: Disclosure.objects.filter(seq=1).delete(),
    ):
        _refused(spoil)
    if connection.vendor == "sqlite":  # where REPLACE deletes what is in its way, unasked
        columns = ", ".join(f'"{field.column}"' for field in Disclosure._meta.concrete_fields)
        chosen = columns.replace('"doing"', "'nothing'")
        for other in ("seq = 1", "seq = 2"):
            changed = chosen if other == "seq = 1" else chosen.replace('"seq"', "99")
            _refused(
                lambda changed=changed, other=other: _run(
                    f"INSERT OR REPLACE INTO {TABLE} ({columns}) "
                    f"SELECT {changed} FROM {TABLE} WHERE {other}"
                )
            )
    assert audit.verify(kept).whole


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _refused(spoil: Callable[[], object]) -> None:
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        spoil()


def test_signing_twice_signs_once(kept: Path) -> None:
    assert audit.checkpoint() == audit.checkpoint()
    assert sorted(Checkpoint.objects.values_list("seq", flat=True)) == [4, ROWS]


def test_the_key_is_its_owners_alone(kept: Path) -> None:
    assert signing.key_file().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [("not json\n", "row 1: is not a checkpoint"), ('{"seq": 1}\n', "row 1: is not a checkpoint")],
)
def test_a_damaged_file_of_checkpoints_is_refused(kept: Path, text: str, said: str) -> None:
    kept.write_text(text)
    with pytest.raises(InputError, match=said):
        audit.verify(kept)


def test_a_checkpoint_in_a_file_is_one_line_of_json(kept: Path) -> None:
    (line,) = kept.read_text().splitlines()
    assert json.loads(line)["seq"] == 4


def test_nothing_recorded_is_said(partnership: Partnership) -> None:
    with pytest.raises(InputError, match="Nothing is recorded yet"):
        audit.checkpoint_to(None)
    assert audit.verify().whole


def test_the_record_signs_itself_as_it_grows(
    kept: Path, partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_module, "CHECKPOINT_EVERY", 8)
    for number in range(ROWS, 9):
        with recording(partnership.reader("fire"), Kind.CONSULTATION, f"look {number}"):
            pass
    assert list(Checkpoint.objects.values_list("seq", flat=True)) == [4, 8]
    assert audit.verify(kept).checkpoints == 2


def test_a_broken_key_stops_no_reading(
    kept: Path, partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_module, "CHECKPOINT_EVERY", 1)
    signing.key_file().write_text("not a key")
    with recording(partnership.reader("fire"), Kind.CONSULTATION, "look"):
        pass
    assert Disclosure.objects.count() == ROWS + 1
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_record_is_verified_in_a_transaction_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRISERVICE_AUDIT_KEY", str(tmp_path / "audit.pem"))
    with recording(make_partnership(roles=()).reader("fire"), Kind.CONSULTATION, "look"):
        pass
    found = audit.verify()
    assert found.whole
    assert found.rows == 1

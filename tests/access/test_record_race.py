"""Many write the record at once, on a database with writers that run beside each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from partnership import make_partnership
from triservice.access.errors import Refused
from triservice.access.models import Disclosure, Kind
from triservice.access.record import GENESIS, chain_hash, chain_text, recording
from triservice.kernel.access_words import Decision, Outcome, Reader, Reason

WRITERS, EACH = 6, 12


def write(reader: Reader) -> None:
    """Record a few doings, every third refused."""
    try:
        for number in range(EACH):
            try:
                with recording(reader, Kind.CONSULTATION, f"doing {number}"):
                    if number % 3 == 0:
                        raise Refused(Decision(Outcome.DENY, Reason.NO_TERM))
            except Refused:
                pass
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_chain_has_no_gap_or_fork_when_many_write_at_once() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; run on PostgreSQL")
    made = make_partnership(roles=())
    readers = [made.reader(kind) for kind in made.agencies for _ in range(2)][:WRITERS]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, readers))
    last = GENESIS
    rows = list(Disclosure.objects.all())
    assert [row.seq for row in rows] == list(range(1, WRITERS * EACH + 1))
    for row in rows:
        assert row.previous == last
        assert row.hash == chain_hash(chain_text(row))
        last = row.hash
    assert sum(row.outcome == "deny" for row in rows) == WRITERS * EACH // 3

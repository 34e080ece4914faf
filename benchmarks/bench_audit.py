"""Verify a record of disclosures, against the plain work of reading its columns and hashing them.

Goal: at least 200,000 disclosures a second by the clock. The bound of one process is one read of
every column and one SHA-256 a row: the peer does just that with the database's own module for
Python, and looks for no fault at all. Verifying takes two processes, so it is told by the clock (of
a machine that does nothing else) and by the processor time of both.

    python benchmarks/bench_audit.py [ROWS]
    python tests/postgres.py python benchmarks/bench_audit.py [ROWS]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

GOAL = 200_000


def main(rows: int) -> None:
    """Make a record of `rows` disclosures in a new database, verify it both ways, print both."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "TRISERVICE_DATA": folder,
            "TRISERVICE_AUDIT_KEY": f"{folder}/key.pem",
            "DJANGO_SETTINGS_MODULE": "triservice.web.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        _fill(rows)

        from triservice.access import audit

        ours, found = _best(audit.verify)
        plain, last = _best(_plain)
        assert found.whole
        assert found.rows == rows
        assert found.last_hash == last, "the two ways read different columns"
        print(f"{connection.vendor}: {rows:,} disclosures")
        for name, (clock, work) in (
            ("triservice audit verify", ours),
            ("read and hash, no checks", plain),
        ):
            print(
                f"{name:25} {clock:6.2f} s by the clock, {rows / clock:9,.0f} a second; "
                f"{work:6.2f} s of processor time, {rows / work:9,.0f} a second"
            )
        verdict = "met" if rows / ours[0] >= GOAL else "NOT met"
        print(f"goal of {GOAL:,} a second {verdict}; load {os.getloadavg()[0]:.1f}")


def _fill(rows: int) -> None:
    """Write an invented record through the model, chained and signed as the application does."""
    from triservice.access.models import ChainHead, Disclosure
    from triservice.access.record import (
        CHECKPOINT_EVERY,
        GENESIS,
        _checkpoint,
        chain_hash,
        chain_text,
    )

    start, last, batch = datetime(2026, 1, 1, tzinfo=UTC), GENESIS, []
    for seq in range(1, rows + 1):
        row = Disclosure(
            seq=seq,
            at=start + timedelta(seconds=seq),
            kind="consultation",
            officer=seq % 500,
            officer_name=f"Invented Officer {seq % 500}",
            officer_roles="officer",
            agency=seq % 5,
            agency_name="Invented Fire and Rescue Service",
            purpose="prevention visit",
            basis="The agreement opens this to you (term 12, agreement version 3)",
            term=12,
            version=3,
            doing="open a person",
            what=f'{{"rows":{{"subjects.recordpart":{{"identity":["{seq}"]}}}}}}',
            source="10.0.0.1",
            outcome="allow",
            previous=last,
        )
        row.hash = last = chain_hash(chain_text(row))
        batch.append(row)
        if seq % CHECKPOINT_EVERY == 0:
            _checkpoint(seq, last)
        if len(batch) == 20_000 or seq == rows:
            Disclosure.objects.bulk_create(batch)
            batch = []
    ChainHead.objects.update(seq=rows, hash=last)


def _plain() -> str:
    """Read every column and hash it; return the last hash."""
    from django.db import connection, transaction

    from triservice.access.record import chain_sql

    digest = ""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        text = chain_sql(connection.vendor)
        cursor.execute(f"SELECT {text} FROM access_disclosure ORDER BY seq")
        for (text,) in cursor:
            digest = sha256(text.encode()).hexdigest()
    return digest


def _best(work, repeat: int = 3):  # type: ignore[no-untyped-def]
    """Return the best time by the clock, the best of all processes' work, and the answer."""
    clock, done, answer = float("inf"), float("inf"), None
    for _ in range(repeat):
        begun, used = time.perf_counter(), sum(os.times()[:4])
        answer = work()
        clock = min(clock, time.perf_counter() - begun)
        done = min(done, sum(os.times()[:4]) - used)
    return (clock, done), answer


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 20_000 if "--quick" in sys.argv else 500_000)

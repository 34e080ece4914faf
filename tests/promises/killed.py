"""Kill a process between the statements of an action, and see that it did all or nothing.

A program of its own, on a database file: `python tests/promises/killed.py FOLDER` prints, for each
action, at how many places the process was killed; it fails with an AssertionError. Forking is how
it kills: the child runs the action and kills itself with SIGKILL before the n-th statement, or just
before or after the commit.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
FILE = Path(sys.argv[1]) / "kept.sqlite3"
os.environ["DJANGO_SETTINGS_MODULE"] = "triservice.web.settings"
os.environ["TRISERVICE_DATABASE"] = str(FILE)

import django  # noqa: E402
import pytest  # noqa: E402

django.setup()

from chains import assert_chain_verifies  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import OperationalError, connection  # noqa: E402

from partnership import NOON, Partnership, make_partnership  # noqa: E402
from triservice.access.approvals.actions import approve, ask  # noqa: E402
from triservice.access.models import Disclosure  # noqa: E402
from triservice.agencies.actions import leave  # noqa: E402
from triservice.agencies.models import Agency, Officer  # noqa: E402
from triservice.kernel import clock  # noqa: E402
from triservice.kernel.access_words import DataClass, Reader, Role  # noqa: E402
from triservice.subjects.actions.joins import confirm_same, propose_by_hand, unmerge  # noqa: E402
from triservice.subjects.actions.records import receive_records  # noqa: E402
from triservice.subjects.models import Merge, Person  # noqa: E402
from triservice.subjects.queries.people import person_view  # noqa: E402
from triservice.subjects.queries.search import search_people  # noqa: E402

WHY = "Invented: she is ill at home and nobody answers the door or the telephone"
ROWS = [
    {"source_key": str(n), "given_name": f"Jory{n}", "health.summary": "Invented"} for n in range(3)
]


def world() -> tuple[Partnership, dict[str, Callable[[], Any]]]:
    """Make the partnership and return the actions to be killed, by what they do."""
    made = make_partnership(roles=())
    health = made.agencies["health"]
    owner = made.reader("health", Role.DATA_OWNER)
    guardian = made.reader("health", Role.CALDICOTT_GUARDIAN)
    receive_records(owner, health, "invented", ROWS)
    first, second, third = Person.objects.order_by("pk")
    waiting = propose_by_hand(owner, first, second, WHY).pk
    confirm_same(owner, waiting, WHY)
    other = propose_by_hand(owner, second, third, WHY)
    confirm_same(owner, other.pk, WHY)
    confirm_same(guardian, other.pk, WHY)
    request = ask(
        made.reader("police"),
        health.pk,
        DataClass.HEALTH,
        subject=third.key,
        fields=None,
        case="C1",
        why=WHY,
        told=WHY,
        until=NOON + timedelta(days=1),
    )
    ends = NOON + timedelta(hours=1)
    officer = made.officer("fire", Role.ANALYST)
    more = [row | {"source_key": f"more {n}"} for n, row in enumerate(ROWS)]
    return made, {
        "join two people": lambda: confirm_same(guardian, waiting, WHY),
        "take a join back": lambda: unmerge(guardian, Merge.objects.get().pk, WHY),
        "approve a request": lambda: approve(guardian, request, fields=None, ends=ends, why=WHY),
        "receive records": lambda: receive_records(owner, health, "invented", more),
        "let an officer leave": lambda: leave(None, Officer.objects.get(pk=officer.pk)),
        "read a person": lambda: person_view(owner, third.key),
    }


def fingerprint() -> tuple[str, tuple[int, ...]]:
    """Return the digest of every row of every table, and the counts of rows."""
    digest, counts = sha256(), []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            rows = cursor.fetchall()
            counts.append(len(rows))
            digest.update(repr((table, rows)).encode())
    return digest.hexdigest(), tuple(counts)


def run_killed(doing: Callable[[], Any], at: int) -> bool:
    """Run an action in a child that kills itself at its `at`-th step; return whether it did."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            steps = _Steps(at)
            connection.ensure_connection()
            commit = connection._commit
            connection._commit = lambda: (steps(), commit(), steps())  # type: ignore[method-assign]
            with clock.frozen(NOON), connection.execute_wrapper(steps.around):
                doing()
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or os.waitstatus_to_exitcode(status) == 0, "the action itself failed"
    return killed


class _Steps:
    """Counts statements and commits; at the n-th the process ends as a power cut would end it."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self()
        return execute(sql, params, many, context)


def restore(kept: Path) -> None:
    """Bring the database back to what it was."""
    connection.close()
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{FILE}{end}").unlink(missing_ok=True)
    shutil.copy(kept, FILE)


def kill_everywhere(name: str, doing: Callable[[], Any], kept: Path) -> None:
    """Kill an action at each of its steps; each time all of it is done, or nothing."""
    restore(kept)
    before = fingerprint()
    with clock.frozen(NOON):
        doing()
    whole = fingerprint()[1]
    assert whole != before[1], f"{name}: it does nothing"
    at, nothing, everything = 0, 0, 0
    while True:
        at += 1
        restore(kept)
        killed = run_killed(doing, at)
        found = fingerprint()
        assert_chain_verifies()
        if found == before:
            nothing += 1
        else:
            assert found[1] == whole, f"{name}: half done when killed at step {at}"
            everything += 1
        if not killed:
            break
    assert nothing, f"{name}: never killed before its commit"
    print(f"{name}: killed at {at - 1} places: {nothing} times nothing, {everything} times all")


def fill(made: Partnership, kept: Path) -> None:
    """Let the database be full: what does not fit changes nothing, and nothing is read for it."""
    restore(kept)
    health, owner = Agency.objects.get(pk=made.agencies["health"].pk), reader_of(made)
    many = [{"source_key": f"full {n}", "health.summary": "Invented " * 40} for n in range(400)]
    before = fingerprint()
    with clock.frozen(NOON):
        _limit(0)
        with pytest.raises(OperationalError, match="full"):
            receive_records(owner, health, "invented", many)
        assert fingerprint() == before
        reads = _read_until_full(owner)
        assert Disclosure.objects.count() - reads == assert_chain_verifies() - reads
        _limit(10**6)
        receive_records(owner, health, "invented", many)
        assert search_people(owner, "jory0").people
        assert_chain_verifies()
    print(f"full: refused and unchanged; {reads} reads were recorded before no more fitted")


def _read_until_full(owner: Reader) -> int:
    for reads in range(5_000):
        before = Disclosure.objects.count()
        try:
            search_people(owner, "jory0 " + "x" * 150)
        except OperationalError:  # full
            assert Disclosure.objects.count() == before
            return reads
        assert Disclosure.objects.count() == before + 1
    raise AssertionError("5,000 reads were recorded in a full database")


def _limit(more: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA max_page_count = {pages + more}")


def reader_of(made: Partnership) -> Reader:
    return made.reader("health", Role.DATA_OWNER)


def main() -> None:
    """Make the world once; kill each action everywhere; then let the database be full."""
    call_command("migrate", verbosity=0)
    with clock.frozen(NOON):
        made, actions = world()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    kept = FILE.with_name("before.sqlite3")
    shutil.copy(FILE, kept)
    for name, doing in actions.items():
        kill_everywhere(name, doing, kept)
    fill(made, kept)


main()

"""Working out a large year's outcomes in a background job, for the reader who asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

from django.db import DatabaseError, connection

from triservice.access.jobs import where
from triservice.access.readers import reader_for
from triservice.access.record import Kind, recording
from triservice.casework.dashboards.rules import By
from triservice.casework.models import KeptYear
from triservice.casework.outcomes.queries.kept import BEAT, State, standing
from triservice.casework.outcomes.queries.year import work_out
from triservice.casework.outcomes.shown import as_json
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader
from triservice.kernel.errors import InputError

_LOG = logging.getLogger(__name__)


def ask(reader: Reader, by: By, year: int) -> str:
    """Let a job work it out for this reader, unless one does; what was kept before goes.

    Returns how it stands. Raises InputError without a purpose.
    """
    if reader.purpose is None:
        raise InputError("choose why you are reading first")
    with recording(reader, Kind.COMBINATION, "ask for outcomes") as record:
        row, made = KeptYear.objects.select_for_update().get_or_create(
            officer_id=reader.officer, purpose=str(reader.purpose), by=str(by), year=year,
            defaults={"asked_at": clock.now()},
        )  # fmt: skip
        if made or standing(reader, by, year) != State.WAITING:
            row.state, row.run, row.asked_at = State.WAITING, row.run + 1, clock.now()
            row.alive_at, row.made_at, row.mark, row.result = None, None, "", None
            row.save()
            _enqueue(row)
        record.did(row._meta.label_lower, row.pk)
    return str(State.WAITING)


def _enqueue(row: KeptYear) -> None:
    """Put the job into the queue, in the transaction that asked for it."""
    from triservice.casework.outcomes.tasks import work_out_year

    work_out_year.enqueue(row.pk, row.run)


@contextmanager
def beating(beat: Callable[[], object], every: timedelta = BEAT) -> Iterator[None]:
    """Give a sign of life now, and again as often until this is over, from a thread of its own.

    A sign that cannot be given is left out: the next may.
    """
    over = Event()

    def beats() -> None:
        while not over.wait(every.total_seconds()):
            try:
                beat()
            except DatabaseError as error:
                _LOG.warning("no sign of life of outcomes: %s", where(error))
        connection.close()  # the thread's own, where it has one

    beat()
    thread = Thread(target=beats, name="outcomes worked out", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def run(pk: int, number: int) -> None:
    """Work out run `number`: the background job, with the rights that whoever asked has now.

    A run that was asked for again meanwhile changes nothing. While it works it says so.
    """
    mine = KeptYear.objects.filter(pk=pk, run=number, state=State.WAITING)
    row = mine.select_related("officer").first()
    if row is None:
        return
    reader = reader_for(row.officer, Purpose(row.purpose), source="background job")
    if reader is None:  # holds no post any more
        mine.update(state=State.FAILED)
        return
    try:
        with beating(lambda: mine.update(alive_at=clock.now())):
            mark, found = work_out(reader, By(row.by), row.year)
        mine.update(state=State.DONE, made_at=reader.at, mark=mark, result=as_json(found))
    except Exception as error:
        _LOG.error("outcomes %s, run %s: %s", pk, number, where(error))
        mine.update(state=State.FAILED)

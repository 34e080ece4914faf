"""Whose turn it is to do what goes by the clock: one process at a time, of any server."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from django.db import connection
from django.db.models import Q, QuerySet

from triservice.access.models import Clockwork
from triservice.kernel import clock

HELD = timedelta(minutes=2)  # without a sign of life; one that was killed holds up others as long
RENEWED = HELD / 4
STOPPING = 5.0  # seconds: a database that does not answer holds up nobody in the end
LONGEST = timedelta(hours=1)  # for one job: one that hangs does not hold up other servers for ever
BESIDE = "keeping the turn"  # the name of the thread
log = logging.getLogger(__name__)


def now() -> datetime:
    """Return the time by the one clock that all servers share: theirs may differ by minutes."""
    if connection.vendor != "postgresql":  # a file, on one machine
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
    return at + clock.ahead()  # type: ignore[no-any-return]


class Lease:
    """The turn of one process, told from all others by a word that it makes up."""

    def __init__(self) -> None:
        """Make up the word; nothing is taken yet."""
        self.word = secrets.token_hex(16)

    def take(self) -> bool:
        """Take the turn, where nobody has it; return whether it is ours."""
        at = now()
        Clockwork.objects.get_or_create(pk=1)
        free = Q(busy_until__isnull=True) | Q(busy_until__lte=at)
        rows = Clockwork.objects.filter(free)
        return bool(rows.update(holder=self.word, busy_until=at + HELD))

    def renew(self) -> bool:
        """Keep the turn for longer; False where it lapsed and another took it."""
        return bool(self.mine().update(busy_until=now() + HELD))

    def give_back(self, **written: object) -> None:
        """Let the next have the turn, and write this down, unless another took it already."""
        self.mine().update(holder="", busy_until=None, **written)

    def mine(self) -> QuerySet[Clockwork]:
        """Return the row while the turn is ours: what is written under it asks for that."""
        return Clockwork.objects.filter(holder=self.word)

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Keep the turn during one job, by a thread beside it, until the job hangs."""
        over, last = Event(), clock.now() + LONGEST

        def renew_until_over() -> None:
            while not over.wait(RENEWED.total_seconds()) and clock.now() < last:
                try:
                    self.renew()
                except Exception as error:  # a database that is locked, or away: tried again
                    log.warning("by the clock, keeping the turn: %s", type(error).__name__)
                finally:
                    connection.close()  # that of this thread

        beside = Thread(target=renew_until_over, name=BESIDE, daemon=True)
        beside.start()
        try:
            yield
        finally:
            over.set()
            beside.join(STOPPING)

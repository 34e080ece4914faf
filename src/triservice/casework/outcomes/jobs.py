"""What the clock does for outcomes: what was worked out is kept for a day."""

from __future__ import annotations

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.notices.actions import clock_reader
from triservice.access.record import Kind, recording
from triservice.casework.models import KeptYear
from triservice.casework.outcomes.queries.kept import KEPT
from triservice.kernel import clock


@by_the_clock("outcomes that were worked out and are kept no longer", SELDOM)
def let_go() -> int:
    """Let go of what was asked for a day ago; return how much that was."""
    old = KeptYear.objects.filter(asked_at__lte=clock.now() - KEPT)
    if not old.exists():
        return 0
    with recording(clock_reader(), Kind.ERASURE, "let go of outcomes worked out") as record:
        gone = old.delete()[0]
        record.note("removed", gone)
    return gone

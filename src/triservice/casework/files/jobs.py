"""What the clock does for files: content without a file goes, keys are sealed anew."""

from __future__ import annotations

from datetime import timedelta

from triservice.access.jobs import SELDOM, by_the_clock
from triservice.access.notices.actions import clock_reader
from triservice.access.record import Kind, recording
from triservice.casework.entries.actions import change
from triservice.casework.files import store
from triservice.casework.models import File
from triservice.kernel import clock
from triservice.offline import sealing

GRACE = timedelta(days=1)  # content is written before its row; a backup copies meanwhile
AT_ONCE = 2_000


@by_the_clock("content of files that are no more", SELDOM)
def sweep() -> int:
    """Remove content whose row was never written, and that of files removed a day ago."""
    before, gone = clock.now() - GRACE, 0
    names = list(store.names_before(before))
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        rows = dict(File.objects.filter(content__in=some).values_list("content", "removed_at"))
        for name in some:
            removed = rows.get(name, before)
            if removed is not None and removed <= before:
                store.drop(name)
                gone += 1
    return gone


@by_the_clock("keys of files sealed anew", SELDOM)
def seal_anew() -> int:
    """Seal the keys of files with the secret that is used now, so that an earlier one can go."""
    now = sealing.secret_name()
    if not File.objects.exclude(secret=now).exists():
        return 0
    with recording(clock_reader(), Kind.ALTERATION, "seal keys of files anew") as record:
        rows = File.objects.exclude(secret=now).order_by("pk")[:AT_ONCE]
        for row in rows:
            change(row, seal=sealing.sealed_again(row.seal), secret=now)
            record.did(row._meta.label_lower, row.pk, row.data_class)
        return len(rows)

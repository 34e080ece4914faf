"""Writing saved filters."""

from __future__ import annotations

from collections.abc import Mapping

from triservice.access.record import Kind, recording
from triservice.casework.filters.queries import team_of
from triservice.casework.models import SavedFilter
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError

MOST = 50  # of one officer and list


def save(
    reader: Reader, of: str, name: str, said: Mapping[str, object], *, share: bool = False
) -> int:
    """Keep a filter under a name; what had that name before is replaced.

    Raises InputError where there is no team to share it with, and beyond the most that one keeps.
    """
    team = team_of(reader) if share else None
    if share and team is None:
        raise InputError("You are in no team", field="share", do="Keep it for yourself")
    with recording(reader, Kind.ALTERATION, "save a filter of a list") as record:
        own = SavedFilter.objects.filter(officer=reader.officer, of=of)
        if own.exclude(name=name).count() >= MOST:
            raise InputError(f"You have {MOST} filters already", do="Remove one first")
        row, _ = SavedFilter.objects.update_or_create(
            officer_id=reader.officer, of=of, name=name,
            defaults={"said": dict(said), "team": team, "made_at": clock.now()},
        )  # fmt: skip
        record.did("casework.savedfilter", row.pk)
    return row.pk


def remove(reader: Reader, pk: int) -> str | None:
    """Remove a filter of the reader's own; return of which list it was, None for none of theirs."""
    with recording(reader, Kind.ALTERATION, "remove a filter of a list") as record:
        row = SavedFilter.objects.filter(pk=pk, officer=reader.officer).first()
        if row is None:
            return None
        record.did("casework.savedfilter", pk)
        row.delete()
    return row.of

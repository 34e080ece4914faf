"""Where a page of a list goes on: a moment and a key, so that no page counts what is before it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Q

Mark = tuple[datetime, int]


def mark(moment: datetime, pk: int) -> str:
    """Return the place of a row in a list by moment, as text for an address."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{pk}"


def read(text: str) -> Mark | None:
    """Return the place that a text names; None for none."""
    moment, _, pk = text.partition("-")
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(pk)
    except ValueError:
        return None


def after(text: str, column: str, *, newest: bool = False) -> Q:
    """Return the condition of the rows after a place, in the order of a column and the key.

    `newest`: in the contrary order of both. The first of its conditions is for an index on the
    column.
    """
    found = read(text)
    if found is None:
        return Q()
    moment, pk = found
    to = "lt" if newest else "gt"
    later = Q(**{f"{column}__{to}": moment}) | Q(**{column: moment, f"pk__{to}": pk})
    return Q(**{f"{column}__{to}e": moment}) & later

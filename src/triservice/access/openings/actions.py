"""Making and revoking openings. Each takes effect on the next read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from triservice.access.models import Opening, OpeningItem
from triservice.access.openings.queries import MOST
from triservice.access.record import Record
from triservice.access.rules import Item
from triservice.agencies.models import Officer
from triservice.agencies.signals import officer_left
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose
from triservice.kernel.errors import InputError


def open_rows(
    record: Record, items: Iterable[Item], *, kind: str, officer: int, agency: int, owner: int,
    data_class: str, fields: tuple[str, ...] | None, purpose: Purpose | str, ends: datetime,
    decided_by: int | None, why: str,
) -> Opening:  # fmt: skip
    """Open rows to an officer acting for an agency, from now until `ends`. The rows are fixed.

    None fields: all of them.

    Raises InputError for more rows than one person has (queries.MOST).
    """
    items = list(items)
    if len(items) > MOST:
        raise InputError(
            f"This would open {len(items):,} rows at once",
            kept="Nothing was opened",
            do="Ask for fewer, by name",
        )
    opening = Opening.objects.create(
        kind=kind,
        officer_id=officer,
        agency_id=agency,
        owner_id=owner,
        data_class=str(data_class),
        every_field=fields is None,
        fields=list(fields or ()),
        purpose=str(purpose),
        starts=record.reader.at,
        ends=ends,
        decided_by_id=decided_by,
        why=why,
    )
    OpeningItem.objects.bulk_create(
        OpeningItem(opening=opening, label=item.label, pk_text=item.pk or "") for item in items
    )
    record.did("access.opening", opening.pk)
    return opening


def revoke(record: Record, opening: Opening) -> bool:
    """Close an opening as of now; False when it was closed or over already."""
    at = record.reader.at
    live = Opening.objects.filter(pk=opening.pk, revoked_at__isnull=True, ends__gt=at)
    done = live.update(revoked_at=at)
    record.did("access.opening", opening.pk)
    return bool(done)


def end_with_account(sender: Any, officer: Officer, **_: Any) -> None:
    """Close what is open to an officer who leaves, in the transaction in which they do."""
    at = clock.now()
    Opening.objects.filter(officer=officer, revoked_at__isnull=True, ends__gt=at).update(
        revoked_at=at
    )


officer_left.connect(end_with_account, dispatch_uid="access.openings")

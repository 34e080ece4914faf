"""Reading notices: those for the reader, and how many are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import BigIntegerField

from triservice.access.models import NoMail, Notice
from triservice.access.notices.actions import mine, of_reader
from triservice.access.prepared import Given, Prepared
from triservice.kernel.access_words import Reader, Role

MOST = 200


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as its page shows it."""

    pk: int
    kind: str
    text: str
    path: str
    made_at: datetime
    dealt_at: datetime | None
    dealt_by: str


def notices(reader: Reader, *, dealt: bool = False) -> tuple[NoticeRow, ...]:
    """Return the latest notices to the reader: the open ones, or those dealt with."""
    rows = Notice.objects.filter(of_reader(reader), dealt_at__isnull=not dealt)
    return tuple(
        NoticeRow(
            row.pk,
            row.get_kind_display(),
            row.text,
            row.path,
            row.made_at,
            row.dealt_at,
            row.dealt_by.name if row.dealt_by else "",
        )
        for row in rows.select_related("dealt_by")[:MOST]
    )


def open_count(reader: Reader) -> int:
    """Return how many notices wait for the reader."""
    return len(_waiting(reader.roles)(officer=reader.officer, agency=reader.agency))


@lru_cache(maxsize=256)
def _waiting(roles: frozenset[Role]) -> Prepared:
    """Return the query for what waits for an officer with these roles."""
    whole = BigIntegerField()
    condition = mine(Given("officer", whole), Given("agency", whole), roles)
    rows = Notice.objects.filter(condition, dealt_at__isnull=True).order_by()
    return Prepared(lambda: rows.values_list("pk"))


def mailed(reader: Reader) -> frozenset[str]:
    """Return the kinds of notices that come to the reader by e-mail."""
    refused = NoMail.objects.filter(officer=reader.officer).values_list("kind", flat=True)
    return frozenset(map(str, Notice.Kind)) - frozenset(refused)

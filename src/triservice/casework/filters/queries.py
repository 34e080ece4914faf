"""Reading saved filters: the reader's own, and those that their team shares."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q

from triservice.agencies.models import Holding, Team
from triservice.agencies.queries.scope import day_of, live
from triservice.casework.models import SavedFilter
from triservice.kernel.access_words import Reader


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved filter: `query` is what goes into the address of its list."""

    pk: int
    name: str
    query: str
    own: bool
    by: str  # who shares it; blank for the reader's own
    team: str  # with whom it is shared; blank for nobody


def team_of(reader: Reader) -> Team | None:
    """Return the team that the reader works in now; None for none."""
    held = Holding.objects.filter(
        live(day_of(reader.at)), officer=reader.officer, post__team__isnull=False
    ).select_related("post__team")
    first = held.order_by("since", "pk").first()
    return first.post.team if first else None


def filters(reader: Reader, of: str) -> tuple[Saved, ...]:
    """Return the filters of a list that the reader has: their own first, then the team's."""
    team = team_of(reader)
    shared = Q(team=team) if team else Q(pk__in=())
    rows = SavedFilter.objects.filter(Q(officer=reader.officer) | shared, of=of)
    found = (
        Saved(
            row.pk, row.name, urlencode(sorted(row.said.items())), row.officer_id == reader.officer,
            "" if row.officer_id == reader.officer else row.officer.name,
            row.team.name if row.team else "",
        )
        for row in rows.select_related("officer", "team")
    )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (not one.own, one.name.lower())))

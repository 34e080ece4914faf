"""Reading saved filters: the reader's own, and those that their team shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, CharField, DateField, Q, QuerySet

from triservice.access.prepared import Given, Prepared
from triservice.agencies.models import Holding, Officer, Team
from triservice.agencies.queries import area_choices, holders, team_choices, teams_of
from triservice.agencies.queries.scope import day_of, live
from triservice.casework.cases.queries.lists import MINE
from triservice.casework.cases.rules import WORKS
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


def case_choices(reader: Reader, said: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Return the officers, teams and areas that cases of the reader's agency are filtered by.

    An officer who was chosen stays one to choose when they hold no post any more.
    """
    found = holders([reader.agency], WORKS, reader.at)
    officers = {str(pk): name for pk, name, _ in found}
    chosen = said.get("officer") or ""
    if chosen not in officers and chosen.isdecimal() and len(chosen) < 10:
        left = Officer.objects.filter(pk=chosen, employer=reader.agency)
        officers |= {str(pk): name for pk, name in left.values_list("pk", "name")}
    teams = team_choices(reader.agency)
    mine = [(MINE, "My team")] if teams and teams_of(reader) else []
    return {
        "officer": list(officers.items()), "team": [*mine, *teams],
        "area": area_choices([said.get("area") or ""])[0],
    }  # fmt: skip


def team_of(reader: Reader) -> Team | None:
    """Return the team that the reader works in now; None for none."""
    first = _held(reader.officer, day_of(reader.at)).select_related("post__team").first()
    return first.post.team if first else None


def _held(officer: Any, day: Any) -> QuerySet[Holding]:
    """Return the posts with a team that an officer holds on a day, the one held longest first."""
    held = Holding.objects.filter(live(day), officer=officer, post__team__isnull=False)
    return held.order_by("since", "pk")


def filters(reader: Reader, of: str) -> tuple[Saved, ...]:
    """Return the filters of a list that the reader has: their own first, then the team's."""
    teams = _teams(officer=reader.officer, day=day_of(reader.at))
    team = teams[0][0] if teams else None
    found = (
        Saved(
            pk, name, urlencode(sorted(said.items())), officer == reader.officer,
            "" if officer == reader.officer else by, with_team or "",
        )
        for pk, name, said, officer, by, with_team in _saved(
            officer=reader.officer, team=team, of=of
        )
    )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (not one.own, one.name.lower())))


@Prepared
def _teams() -> QuerySet[Any, Any]:
    held = _held(Given("officer", BigIntegerField()), Given("day", DateField()))
    return held.values_list("post__team")


@Prepared
def _saved() -> QuerySet[Any, Any]:
    """Return an officer's own filters of a list, and a team's (None: no team's)."""
    whole = BigIntegerField()
    whose = Q(officer=Given("officer", whole)) | Q(team=Given("team", whole))
    rows = SavedFilter.objects.filter(whose, of=Given("of", CharField())).order_by()
    return rows.values_list("pk", "name", "said", "officer", "officer__name", "team__name")

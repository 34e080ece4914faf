"""Reading for the start page: the first few of what each role of the reader has before it."""

from __future__ import annotations

from dataclasses import dataclass

from triservice.access.notices.queries import NoticeRow, notices
from triservice.agencies.queries import teams_of
from triservice.casework.cases.queries import lists
from triservice.casework.cases.queries.lists import MyDay
from triservice.casework.cases.queries.shown import CaseRow
from triservice.casework.cases.rules import LEADS, WORKS
from triservice.casework.referrals.queries import Choice, usual_choices
from triservice.casework.referrals.rules import REFERS, TRIAGES
from triservice.casework.triage import queries as triage
from triservice.casework.triage.queries import Row
from triservice.kernel.access_words import Reader

FEW = 3  # of each list: the rest is on its own page


@dataclass(frozen=True, slots=True)
class Team:
    """What a team leader looks for first: what nobody has, and what is late."""

    teams: tuple[str, ...]  # that are theirs; none: what is late is of the whole agency
    nobody: tuple[CaseRow, ...]  # of the agency: no team has them
    late: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """What waits for the reader. None: their roles give no such section."""

    waiting: tuple[NoticeRow, ...]
    day: MyDay | None = None
    triage: tuple[Row, ...] | None = None
    team: Team | None = None
    refers: tuple[Choice, ...] | None = None


def home(reader: Reader) -> Home:
    """Return the first of what waits for the reader, section by section as their roles give them.

    Without a purpose only the notices, which hold nobody's data: nothing else is read without one.
    """
    waiting = notices(reader)[:FEW]
    if reader.purpose is None:
        return Home(waiting)
    return Home(
        waiting,
        lists.my_day(reader, FEW) if reader.roles & WORKS else None,
        triage.queue(reader, most=FEW).rows if reader.roles & TRIAGES else None,
        _team(reader) if reader.roles & LEADS else None,
        usual_choices(reader, FEW) if reader.roles & REFERS else None,
    )


def _team(reader: Reader) -> Team:
    nobody = lists.case_list(reader, lists.Filter(nobody=True), FEW)
    late = lists.case_list(reader, lists.Filter(late=True, team=lists.MINE), FEW)
    return Team(tuple(team.name for team in teams_of(reader)), nobody.rows, late.rows)

"""The only readers of the workforce. They take a Reader and return frozen rows, never querysets.

Everybody with a post sees the directory of posts: who holds what, where, and whom to ask about
data. Vetting, training, powers and history are for those whose role reaches the agency
(rules.SEES), and for the officer themselves. The rooms above write these reads into the record.
"""

from __future__ import annotations

from .clearances import Due, due, leavers
from .handles import (
    acting,
    agency_choices,
    area_by_code,
    area_choices,
    area_codes,
    codes_inside,
    handle,
    holders,
    lead_choices,
    officer_by_email,
)
from .officers import MOST, OfficerPage, change_list, officer_page, people
from .places import AgencyPage, AgencyRow, agencies, agency_page, contacts_of
from .posts import (
    PostPage,
    TeamPage,
    post_page,
    team_at,
    team_choices,
    team_leaders,
    team_page,
    teams_of,
)

__all__ = [
    "MOST",
    "AgencyPage",
    "AgencyRow",
    "Due",
    "OfficerPage",
    "PostPage",
    "TeamPage",
    "acting",
    "agencies",
    "agency_choices",
    "agency_page",
    "area_by_code",
    "area_choices",
    "area_codes",
    "change_list",
    "codes_inside",
    "contacts_of",
    "due",
    "handle",
    "holders",
    "lead_choices",
    "leavers",
    "officer_by_email",
    "officer_page",
    "people",
    "post_page",
    "team_at",
    "team_choices",
    "team_leaders",
    "team_page",
    "teams_of",
]

"""Agencies and the people who work for them: data and database constraints, no workflow."""

from __future__ import annotations

from .history import WorkforceChange
from .officers import Duty, Officer, OfficerManager
from .places import Agency, AgencyArea, Area, Contact, SignInDirectory
from .posts import Capability, Holding, Post, Team
from .powers import PowerGrant

__all__ = [
    "Agency",
    "AgencyArea",
    "Area",
    "Capability",
    "Contact",
    "Duty",
    "Holding",
    "Officer",
    "OfficerManager",
    "Post",
    "PowerGrant",
    "SignInDirectory",
    "Team",
    "WorkforceChange",
]

"""The only writers of the workforce. Each is one transaction with its row of history in it.

`by` is the officer who makes the change; None is the console of the server. Every function raises
InputError with a sentence when the change is refused, and then nothing is changed.
"""

from __future__ import annotations

from .clearances import end_duty, record_training, record_vetting, start_duty
from .directories import connect_directory, disconnect_directory
from .leaving import leave, reinstate
from .people import appoint, end_holding, engage, withdraw_second_factor
from .places import add_agency, add_area, cover_area, set_contact, uncover_area
from .posts import add_team, create_post, set_line_management
from .powers import end_power, grant_power

__all__ = [
    "add_agency",
    "add_area",
    "add_team",
    "appoint",
    "connect_directory",
    "cover_area",
    "create_post",
    "disconnect_directory",
    "end_duty",
    "end_holding",
    "end_power",
    "engage",
    "grant_power",
    "leave",
    "record_training",
    "record_vetting",
    "reinstate",
    "set_contact",
    "set_line_management",
    "start_duty",
    "uncover_area",
    "withdraw_second_factor",
]

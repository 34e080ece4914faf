"""The words of schemes: tiers, kinds of question, outcomes of triage. Plain Python."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

AGENCY_KINDS = ("police", "fire", "ambulance", "health", "council", "charity")
OTHER_REFERRERS = ("self", "family", "public")
NOT_KNOWN = "not known"  # an answer that is unknown in every condition and score
NONE = "none"  # "none of these": in a question with several answers it stands alone


class Tier(StrEnum):
    """How great the risk is, from the least to the greatest."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"

    @property
    def rank(self) -> int:
        """0 for low to 3 for very high: tiers are compared by this."""
        return _RANKS[self]


_RANKS = {tier: rank for rank, tier in enumerate(Tier)}


class Kind(StrEnum):
    """What kind of answer a question takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    MULTI = "multi"
    YES_NO = "yes/no"
    PHOTO = "photo"
    SIGNATURE = "signature"
    ADDRESS = "address"
    PERSON = "person"
    PLAN = "plan"


class Outcome(StrEnum):
    """What triage makes of a referral."""

    ACCEPT = "accept"
    NEED_MORE = "need more"
    SIGNPOST = "signpost"
    DECLINE = "decline"


_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
_DURATION = re.compile(r"(\d{1,4}) (minute|hour|day|week)s?")


def duration(text: str) -> timedelta:
    """Read "24 hours", "3 days", "2 weeks", "30 minutes". Raises ValueError for anything else."""
    match = _DURATION.fullmatch(text.strip())
    if not match or int(match[1]) == 0:
        raise ValueError(f"{text!r} is no length of time")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def said_duration(length: timedelta) -> str:
    """Return a length of time in the largest unit that fits it: "3 days", but "24 hours"."""
    seconds = int(length.total_seconds())
    for unit in ("week", "day", "hour", "minute"):
        count, rest = divmod(seconds, _UNITS[unit])
        if rest == 0 and count > (1 if unit in {"day", "week"} else 0):
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"

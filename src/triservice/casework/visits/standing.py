"""What counts of a case's risk beside the form of one visit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triservice.kernel.access_words import DataClass
from triservice.schemes.forms import Stands, together
from triservice.schemes.scoring import Reason
from triservice.schemes.words import Tier

JUDGED = "judge risk"  # the verb of the entry by which a person sets the tier
LOWER = "find lower"  # of the entry that what was answered gives a lower tier than stands
OF_RISK = frozenset({DataClass.RISK})


@dataclass(frozen=True, slots=True)
class Filled:
    """A form of the case, filled at a time. Not `own`: some of it cannot be worked out anew here.

    It is of another scheme or version, or of the agency that ran the case before.
    """

    at: datetime
    values: Mapping[str, Any]
    own: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """That a person set the tier: when, to what, and the sentence that says so."""

    at: datetime
    tier: Tier
    said: str


def stands(
    filled: Iterable[Filled], judged: Judged | None, tier: Tier | None, at: datetime
) -> Stands:
    """Return what counts beside a visit that ended `at`; `tier` is the case's, None if withheld.

    What was answered stands until it is answered otherwise, or until a person judges the risk: they
    knew it. What they judged holds until somebody judges again, and so does the tier of a case of
    which something cannot be worked out anew.
    """
    known = sorted(filled, key=lambda one: one.at)
    reasons, least = [], Tier.LOW
    if judged is not None:
        known = [one for one in known if one.at > judged.at]
        least = judged.tier
        reasons.append(Reason(judged.said, OF_RISK))
    if tier is not None and any(not one.own for one in known):
        least = max(least, tier, key=lambda one: one.rank)
        said = f"{tier.capitalize()} risk before; not all of what it rests on is asked here"
        reasons.append(Reason(said, OF_RISK))
    return Stands(
        together(one.values for one in known if one.at <= at),
        together(one.values for one in known if one.at > at),
        least,
        tuple(reasons),
    )

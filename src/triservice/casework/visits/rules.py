"""What stands against a visit, and when what was fitted is looked at again. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from triservice.casework.cases.rules import (
    NO,
    SCOPE,
    ConsentFacts,
    ConsentStanding,
    Said,
    consent_standing,
)
from triservice.schemes.scheme import Consent, Scheme

LONGEST_ALONE = timedelta(hours=12)  # nobody is at one visit for longer than a shift
REMIND_DAYS = 60  # what falls due within so many days is listed
PARENT = "parent or guardian"


def months_after(day: date, months: int) -> date:
    """Return the same day some months later; the last of a month that has no such day."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def lasts_until(fitted: date, life_years: int) -> date | None:
    """Return until when something is good; None for what does not expire."""
    return months_after(fitted, 12 * life_years) if life_years else None


def check_by(last: date, check_months: int) -> date | None:
    """Return when something is looked at again; None for what need not be."""
    return months_after(last, check_months) if check_months else None


def parents_first(scheme: Scheme, consents: Iterable[ConsentFacts], today: date) -> Consent | None:
    """Return the consent of a parent that must be there before a visit and is not; else None.

    `consents` are those that a parent gave or was asked for. What somebody may agree to themselves
    is asked at the door; a child's consent is not the child's to give.
    """
    asked = next(
        (c for _, c in scheme.consents.items() if c.asked_of == PARENT and "visit" in c.before),
        None,
    )
    return None if asked is None or _stands(asked, consents, today) else asked


def before_photos(scheme: Scheme) -> Consent | None:
    """Return the consent that a scheme asks before a photo is taken at a visit, or None."""
    return next((one for _, one in scheme.consents.items() if "photo" in one.before), None)


def photos_first(scheme: Scheme, consents: Iterable[Said], today: date) -> Consent | None:
    """Return the consent that must be there before a photo and is not; else None.

    `consents` are those of the case and of all that are one with it; of each person what they said
    last to the scheme's own words decides. One who agreed is enough, and a no of anybody stops it.
    """
    asked = before_photos(scheme)
    if asked is None:
        return None
    said: dict[object, list[ConsentFacts]] = {}
    for person, scope, facts in consents:
        if scope == asked.text[:SCOPE]:
            said.setdefault(person, []).append(facts)
    no = any(consent_standing(each, today) in NO for each in said.values())
    agreed = any(_stands(asked, each, today) for each in said.values())
    return None if agreed and not no else asked


def _stands(asked: Consent, consents: Iterable[ConsentFacts], today: date) -> bool:
    holds = {ConsentStanding.HOLDS} | ({ConsentStanding.OVERRIDE} if asked.override else set())
    return consent_standing(consents, today) in holds

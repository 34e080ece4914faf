"""Whether a service of the directory is for somebody: what it takes, where, and at what age. Pure.

What is not known is never no: it is asked of the service, and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from triservice.kernel.access_words import Role

KEEPS = frozenset({Role.PROGRAMME_MANAGER, Role.ADMINISTRATOR})  # who changes the directory


def may_change(roles: AbstractSet[Role], agency: int, of: int | None) -> bool:
    """Whether a service may be entered or changed: of the own agency or of none.

    An administrator may do it for any: for an agency that has no programme manager. Where
    its system is, what it is told, and that it takes anybody at all, is for the agency to say.
    """
    return bool(KEEPS & roles) and (Role.ADMINISTRATOR in roles or of in (None, agency))


class Fit(IntEnum):
    """How well a service fits, the best first."""

    FITS = 0
    NOT_KNOWN = 1
    NOT = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What of a service can be checked. `areas` is code → name; none: everywhere."""

    domains: AbstractSet[str]
    areas: Mapping[str, str] = field(default_factory=dict)
    age_from: int | None = None
    age_to: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom it is asked: the kinds of their open needs, where they live, how old they are.

    `areas` are the codes of the area and of all that it lies in; none: not known where.
    """

    domains: AbstractSet[str]
    areas: tuple[str, ...] = ()
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How well it fits, and each reason as half a sentence."""

    fit: Fit
    why: tuple[str, ...]


def answer(limits: Limits, asked: Asked) -> Answer:
    """Say whether a service is for somebody: as well as the worst of needs, place and age."""
    parts = (_needs(limits, asked), _place(limits, asked), _age(limits, asked))
    return Answer(max(fit for fit, _ in parts), tuple(said for _, said in parts if said))


def _needs(limits: Limits, asked: Asked) -> tuple[Fit, str]:
    if not asked.domains:
        return Fit.NOT_KNOWN, "no open need says so yet"
    both = sorted(limits.domains & asked.domains)
    if both:
        return Fit.FITS, f"for needs about {' and '.join(both)}"
    return Fit.NOT, "not for these needs"


def _place(limits: Limits, asked: Asked) -> tuple[Fit, str]:
    if not limits.areas:
        return Fit.FITS, "covers everywhere"
    if not asked.areas:
        return Fit.NOT_KNOWN, f"covers {_listed(limits)}, and the area of their home is not known"
    covers = next((limits.areas[code] for code in asked.areas if code in limits.areas), None)
    if covers:
        return Fit.FITS, f"covers {covers}"
    return Fit.NOT, f"covers {_listed(limits)} only"


def _listed(limits: Limits) -> str:
    names = sorted(limits.areas.values())
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")


def _age(limits: Limits, asked: Asked) -> tuple[Fit, str]:
    said = ages(limits.age_from, limits.age_to)
    if not said:
        return Fit.FITS, ""
    if asked.age is None:
        return Fit.NOT_KNOWN, f"for {said}, and how old they are is not known"
    old_enough = asked.age >= (limits.age_from or 0)
    inside = old_enough and (limits.age_to is None or asked.age <= limits.age_to)
    return (Fit.FITS if inside else Fit.NOT), f"for {said}, and they are {asked.age}"


def ages(least: int | None, most: int | None) -> str:
    """Return the ages in words; "" where there is no limit."""
    if least is not None and most is not None:
        return f"ages {least} to {most}"
    if least is not None:
        return f"ages {least} and over"
    return f"ages up to {most}" if most is not None else ""


def age_on(born: object, day: date) -> int | None:
    """Return the years that somebody born on a day (ISO) has lived; None for no such day."""
    try:
        birth = date.fromisoformat(str(born))
    except ValueError:
        return None
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return years if years >= 0 else None

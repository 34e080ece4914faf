"""Who might take a case: a proposal with its reasons, for a person to decide. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triservice.kernel.words import many


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer who could take it. `weight` is of their open cases: very high 4 … low 1."""

    officer: int
    name: str
    base: str = ""
    skills: frozenset[str] = frozenset()
    open_cases: int = 0
    weight: int = 0
    cases_here: int = 0  # open cases in the same area
    on_duty: bool = False
    conflict: bool = False  # declared a tie to somebody in it


@dataclass(frozen=True, slots=True)
class Proposal:
    """An officer with the reasons for and against, the best first."""

    officer: int
    name: str
    reasons: tuple[str, ...]


WEIGHTS = {"very high": 4, "high": 3, "medium": 2, "low": 1}
HERE, SKILL = 3, 4  # what knowing the area, and each skill asked for, is worth against load


def propose(candidates: Iterable[Candidate], skills: Iterable[str] = ()) -> list[Proposal]:
    """Return who might take it, the best first; nobody with a conflict of interest is among them.

    Skills asked for count most, then whether they work in the area already, against the risk that
    they carry. Being on duty breaks a tie, then the name: the order never depends on chance.
    """
    wanted = frozenset(skills)
    ranked = sorted(
        (one for one in candidates if not one.conflict),
        key=lambda one: (-_worth(one, wanted), not one.on_duty, one.name, one.officer),
    )
    return [Proposal(one.officer, one.name, tuple(_reasons(one, wanted))) for one in ranked]


def _worth(one: Candidate, wanted: frozenset[str]) -> int:
    return SKILL * len(wanted & one.skills) + HERE * bool(one.cases_here) - one.weight


def _reasons(one: Candidate, wanted: frozenset[str]) -> Iterable[str]:
    for skill in sorted(wanted & one.skills):
        yield f"trained for {skill}"
    for skill in sorted(wanted - one.skills):
        yield f"not trained for {skill}"
    if one.cases_here:
        yield f"works in this area already ({many(one.cases_here, 'case')})"
    yield f"has {many(one.open_cases, 'open case')}" if one.open_cases else "has no open case"
    yield "on duty now" if one.on_duty else "not on duty now"

"""What a picture may be asked for, and how small numbers hide. Pure; no Django, no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import erfc, exp, lgamma, log, sqrt
from typing import Any

from triservice.kernel.access_words import Decision, Reason, Role
from triservice.kernel.errors import InputError
from triservice.kernel.month import months_between, parse_month
from triservice.kernel.service import Service

# Who opens pictures, and who asks for them, shares and deletes them.
SEES = frozenset(Role) - {Role.ADMINISTRATOR, Role.TRAINER, Role.REFERRER}
MAKES = frozenset(
    {Role.ANALYST, Role.TEAM_LEADER, Role.TASKING_LEAD, Role.DATA_OWNER, Role.PROGRAMME_MANAGER}
)
GRIDS = {"square": "Squares", "hex": "Hexagons"}
UNITS = {
    "lsoa21": "Lower layer areas (LSOA, 2021)",
    "lsoa11": "Lower layer areas (LSOA, 2011)",
    "msoa21": "Middle layer areas (MSOA, 2021)",
    "msoa11": "Middle layer areas (MSOA, 2011)",
}
SIZES_M = (500, 1_000, 2_000, 5_000, 10_000)
MOST_MONTHS = 120
MOST_WAITING = 3  # pictures of one officer, in the one queue of everybody's
MOST_CELLS = 6_000  # more would be too much for a phone
SMALL_NUMBER = 5  # counts below it are hidden, unless a term asks for more
MOST_SMALL = 100
WORST = 0.2  # the share of the places that counts as the busiest


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a picture was asked for. Months are YYYY-MM, both included; `size_m` of a grid only.

    A blank `area` is all that the lake holds, no `categories` are all of them. Counts below
    `small_number` are hidden from everybody; a term may ask for more, never for less.
    """

    services: tuple[str, ...]
    since: str
    until: str
    area: str = ""
    categories: tuple[str, ...] = ()
    unit: str = "square"
    size_m: int = 1_000
    hotspots: bool = True
    overlap: bool = True
    zones: bool = False
    small_number: int = SMALL_NUMBER

    @property
    def grid(self) -> bool:
        """Whether the places are the cells of a grid rather than areas with codes."""
        return self.unit in GRIDS

    @property
    def months(self) -> list[str]:
        """Return the months of the period."""
        return months_between(self.since, self.until)

    def as_json(self) -> dict[str, Any]:
        """Return plain values that `read_parameters` reads back."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def read_parameters(given: Mapping[str, Any]) -> Parameters:
    """Check parameters of a form, an API or the database.

    Raises InputError (a sentence, with the field) for anything that cannot be worked out.
    """
    services = _words(given, "services")
    known = {str(word) for word in Service}
    if not services:
        raise InputError("no service is chosen", field="services", do="Choose one or more.")
    if unknown := sorted(set(services) - known):
        raise InputError(f"{unknown[0]!r} is not a service", field="services")
    since, until = _period(given)
    unit, size = _unit(given)
    small = _whole(given, "small_number", SMALL_NUMBER)
    if not 0 <= small <= MOST_SMALL:
        raise InputError(f"give a whole number from 0 to {MOST_SMALL}", field="small_number")
    area = str(given.get("area") or "").strip()
    if len(area) > 200:
        raise InputError("the name of the area is too long", field="area")
    return Parameters(
        services=tuple(s for s in map(str, Service) if s in services),
        since=since,
        until=until,
        area=area,
        categories=tuple(sorted(set(_words(given, "categories")))),
        unit=unit,
        size_m=size,
        hotspots=given.get("hotspots", True) is True,
        overlap=given.get("overlap", True) is True,
        zones=given.get("zones", False) is True,
        small_number=small,
    )


def _words(given: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = given.get(field) or ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InputError("give a list of words", field=field)
    return tuple(str(word) for word in value)


def _whole(given: Mapping[str, Any], field: str, otherwise: int) -> int:
    value = given.get(field)
    if value is None or value == "":
        return otherwise
    try:
        return int(str(value))
    except ValueError:
        raise InputError(f"{value!r} is not a whole number", field=field) from None


def _period(given: Mapping[str, Any]) -> tuple[str, str]:
    found = []
    for field in ("since", "until"):
        month = str(given.get(field) or "").strip()
        try:
            parse_month(month)
        except InputError as error:
            raise InputError(error.what, field=field, do=error.do) from None
        found.append(month)
    since, until = found
    if until < since:
        raise InputError(
            f"the period ends ({until}) before it starts ({since})",
            field="until",
            do="Give a later month.",
        )
    if len(months_between(since, until)) > MOST_MONTHS:
        raise InputError(
            f"the period is longer than {MOST_MONTHS} months",
            field="until",
            do="Make two pictures and compare them.",
        )
    return since, until


def _unit(given: Mapping[str, Any]) -> tuple[str, int]:
    unit = str(given.get("unit") or "square").strip().lower()
    size = _whole(given, "size_m", 1_000)
    if unit in GRIDS and size not in SIZES_M:
        known = ", ".join(f"{each:,}" for each in SIZES_M)
        raise InputError(
            f"{size:,} metres is not offered", field="size_m", do=f"Choose one of: {known}."
        )
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", unit):
        raise InputError(f"{unit!r} cannot name a unit of place", field="unit")
    return unit, size


# ---- Small numbers ------------------------------------------------------------------------------


def hidden(counts: Sequence[int], least: int, rank: Callable[[int], Any]) -> set[int]:
    """Return the indices of `counts` (parts of a total that may be shown) to hide.

    A count below `least` is hidden, none (0) included, as `access` hides counts. So that it does
    not follow from the total, others are hidden too, in the order of `rank`, until the hidden ones
    are two or more and sum to `least` or more. Who does not know the order (it must be secret, and
    the same at every reading) cannot tell which of them are small: any one of them could be the
    whole sum, and all others none. Covering by the smallest, as is usual, would give some away.
    """
    if least <= 1:  # "fewer than 1" would say 0
        return set()
    small = {index for index, count in enumerate(counts) if count < least}
    if not small or sum(counts) < least:
        return set(range(len(counts))) if small else small
    together = sum(counts[index] for index in small)
    if len(small) > 1 and together >= least:
        return small
    for index in sorted(set(range(len(counts))) - small, key=rank):
        small.add(index)
        together += counts[index]
        if len(small) > 1 and together >= least:
            break
    return small


def shown_count(count: int, least: int) -> int | None:
    """Return a count that stands alone, or None when it is too small to be shown."""
    return None if least > 1 and count < least else count


# ---- Places and terms ---------------------------------------------------------------------------


def place_decision(ask: Callable[[str], Decision], source_area: str, code: str) -> Decision:
    """Return the decision on events of a source in one place, of two that may cover it.

    `ask(area)` decides for an area code. The place has a code of its own (blank: none, as the
    cells of a grid) and lies in the area of its source (blank: not known). A term that covers
    either opens it; a `never` of either closes it, and one limited to areas closes a place that
    has no code, because it may lie in them. The higher threshold of the two holds.
    """
    own = ask(code)
    if own.reason is Reason.NEVER or source_area in ("", code):
        return own
    around = ask(source_area)
    if around.reason is Reason.NEVER or not own.allowed:
        return around
    if around.allowed and around.small_number > own.small_number:
        return around
    return own


# ---- Change -------------------------------------------------------------------------------------


def change_p(before: int, after: int, months_before: int, months_after: int) -> float:
    """Return the two-sided p that both counts come from one steady rate.

    Given their sum, `after` is binomial with the share of its months (Przyborowski and Wilenski,
    1940): exact up to a sum of 2,000, by the normal curve beyond. No counts give 1.
    """
    n, share = before + after, months_after / (months_before + months_after)
    if n == 0:
        return 1.0
    if n > 2_000:
        z = (abs(after - n * share) - 0.5) / sqrt(n * share * (1 - share))
        return min(1.0, erfc(max(z, 0.0) / sqrt(2)))
    whole = [_binomial(k, n, share) for k in range(n + 1)]
    low, high = sum(whole[: after + 1]), sum(whole[after:])
    return min(1.0, 2 * min(low, high))


def _binomial(k: int, n: int, share: float) -> float:
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(choose + k * log(share) + (n - k) * log(1 - share))


def discoveries(p: Sequence[float], rate: float = 0.05) -> list[bool]:
    """Return which tests count when at most `rate` of those may be false (Benjamini–Hochberg)."""
    order = sorted(range(len(p)), key=lambda index: p[index])
    last = 0
    for rank, index in enumerate(order, start=1):
        if p[index] * len(p) / rank <= rate:  # rounded as in the analysis
            last = rank
    chosen = set(order[:last])
    return [index in chosen for index in range(len(p))]

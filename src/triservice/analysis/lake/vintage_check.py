"""Is a file's vintage what it is said to be? Codes compared with what the lake knows."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.boundaries import names_by_code, place_of, units
from triservice.analysis.lake.relations import known_codes, known_units, listed_relations
from triservice.analysis.lake.store import Lake
from triservice.kernel.errors import InputError
from triservice.kernel.words import many

# The first letters of the codes of the areas that a unit's letters name (Office for National
# Statistics, Coding and naming policy for UK statistical geographies).
_PREFIXES = {
    "lsoa": ("E01", "W01"),
    "msoa": ("E02", "W02"),
}
_CLEARLY = 0.01  # another vintage that holds this much more of the codes is the right one


def check_vintage(
    lake: Lake, codes: NDArray[np.str_], vintage: str, file: Path
) -> tuple[dict[str, float], list[str]]:
    """Compare codes with every vintage that the lake knows: {unit: share of codes}, and notes.

    Only places of which the stated and the other vintage are both known are compared (by a change
    lookup, or outlines of the same place), so that outlines of one county more cannot mislead.
    Raises InputError when the codes are of another kind of area, or plainly of another vintage.
    """
    _refuse_other_kind(codes, vintage, file)
    given = set(codes.tolist())
    letters = re.sub(r"\d+$", "", vintage)
    shares: dict[str, float] = {}
    for other in known_units(lake):
        if other == vintage or re.sub(r"\d+$", "", other) != letters:
            continue
        ours, theirs = _comparable(lake, vintage, other)
        among = given & (ours | theirs)
        if not among:
            continue
        shares[vintage] = len(among & ours) / len(among)
        shares[other] = len(among & theirs) / len(among)
        if shares[other] >= shares[vintage] + _CLEARLY:
            raise InputError(
                f"the codes are not {vintage}: {shares[vintage]:.1%} of "
                f"{many(len(among), 'code')} are {vintage}, {shares[other]:.1%} are {other}",
                file=file,
                kept="Nothing was kept.",
                do=f"Say --vintage {other}; it is moved to {vintage} where that is wanted.",
            )
    return shares, _about_outlines(lake, given, vintage)


def _refuse_other_kind(codes: NDArray[np.str_], vintage: str, file: Path) -> None:
    letters = re.sub(r"\d+$", "", vintage)
    wanted = _PREFIXES.get(letters)
    if not wanted:
        return
    for other, prefixes in _PREFIXES.items():
        wrong = int(np.char.startswith(codes, prefixes[0]).sum()) + int(
            np.char.startswith(codes, prefixes[1]).sum()
        )
        if other != letters and wrong > 0:
            raise InputError(
                f"{wrong:,} of {many(len(codes), 'code')} are {other} codes ({prefixes[0]}…), "
                f"not {vintage}",
                file=file,
                kept="Nothing was kept.",
                do=f"Say --vintage {other} with its year, or name another --code column.",
            )


def _comparable(lake: Lake, vintage: str, other: str) -> tuple[set[str], set[str]]:
    """Return the codes of two vintages in the places of which both are known."""
    ours, theirs = known_codes(lake, vintage), known_codes(lake, other)
    pairs = listed_relations(lake)
    if (vintage, other) in pairs or (other, vintage) in pairs:
        return set(ours), set(theirs)
    places = {place_of(n) for n in ours.values() if n} & {place_of(n) for n in theirs.values() if n}
    return (
        {code for code, name in ours.items() if place_of(name) in places},
        {code for code, name in theirs.items() if place_of(name) in places},
    )


def _about_outlines(lake: Lake, given: set[str], vintage: str) -> list[str]:
    """Say how many outlines of the vintage have no value; nothing is said when all have one."""
    if vintage not in units(lake):
        return [f"The lake holds no {vintage} outlines yet, so the codes could not be checked."]
    outlines = set(names_by_code(lake, vintage))
    without = len(outlines - given)
    if not without:
        return []
    if without == len(outlines):
        return [
            f"None of the codes is among the {many(without, f'{vintage} outline')} in the lake."
        ]
    return [
        f"{without:,} of {many(len(outlines), f'{vintage} outline')} in the lake without a value."
    ]

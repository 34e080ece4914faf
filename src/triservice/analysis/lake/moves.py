"""What happened to the rows of a layer, or to events, on the way to other areas.

Every row ends in one of these, and they add up to the whole:

- placed: in the wanted areas, by one of the fates of `bridges.FATES`;
- elsewhere: in areas of the unit that are not wanted, or outside every outline;
- lost: its place is among the wanted areas, but no area could be found for it;
- unknown: its code is in no list of its vintage that the lake knows;
- no code: an event that states none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triservice.analysis.lake.boundaries import place_of
from triservice.analysis.lake.bridges import FATES, RECODED, Bridge
from triservice.analysis.lake.relations import known_codes
from triservice.analysis.lake.store import Lake
from triservice.analysis.place.cells import Cells
from triservice.kernel.words import many

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fate:
    """How many rows (area codes, or events) went one way, and their value.

    The value is the sum of a count; of a rate or score, and of events, the number of rows, in
    parts where a row is divided.
    """

    rows: int
    value: float


@dataclass(frozen=True)
class Move:
    """What a move did to the whole; `fates` add up to all rows and all value.

    Shares are of the value that belongs to the wanted areas: `moved_share` is what a plain join
    on codes would have lost or put in a wrong area, `unplaced_share` what is lost even so.
    `unknown_share` is of all value: codes in no list of their vintage.
    """

    route: tuple[str, ...]
    fates: dict[str, Fate]
    moved_share: float
    unplaced_share: float
    unknown_share: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """A bridge cut to the wanted areas: the shares of every start code there and not there."""

    bridge: Bridge
    cells: Cells
    inside: Any  # CSR (start codes, wanted areas)
    elsewhere: Floats
    lost: Floats

    @classmethod
    def of(cls, lake: Lake, bridge: Bridge, cells: Cells) -> Scope:
        """Cut `bridge` to `cells`, the wanted areas of its end."""
        column = {code: i for i, code in enumerate(bridge.end_codes)}
        inside = bridge.shares[:, [column[code] for code in cells.ids.tolist()]]
        inside.sort_indices()
        lost = np.asarray(bridge.shares[:, [-1]].sum(axis=1)).ravel()
        if lost.any():  # lost in a place that is not wanted is elsewhere
            wanted = {place_of(name) for name in cells.names.tolist()}
            names = known_codes(lake, bridge.route[0])
            for row in np.flatnonzero(lost):
                name = names[bridge.start_codes[row]]
                if name and place_of(name) not in wanted:
                    lost[row] = 0.0
        placed = np.asarray(inside.sum(axis=1)).ravel()
        return cls(bridge, cells, inside, np.maximum(1 - placed - lost, 0.0), lost)

    @property
    def size(self) -> int:
        """Number of start codes."""
        return len(self.bridge.start_codes)

    def rows_of(self, codes: NDArray[np.str_]) -> NDArray[np.int64]:
        """Return the row of each code among the start codes, −1 when it is unknown."""
        row = {code: i for i, code in enumerate(self.bridge.start_codes)}
        return np.array([row.get(code, -1) for code in codes.tolist()], dtype=np.int64)

    def sum(self, amounts: Floats) -> Floats:
        """Add up amounts (start codes,) in the wanted areas."""
        total: Floats = np.asarray(self.inside.T @ amounts).ravel()
        return total

    def main_fate(self) -> NDArray[np.str_]:
        """Name for each start code where it (or most of it) went."""
        named = np.array(FATES, dtype="<U12")[self.bridge.fates]
        away = np.diff(self.inside.indptr) == 0
        named[away] = np.where(self.lost[away] > 0, "lost", "elsewhere")
        return named

    def report(
        self,
        what: str,
        known: NDArray[np.bool_],
        value: Floats,
        left: dict[str, Fate],
        said: list[str],
        rows: Floats | None = None,
    ) -> Move:
        """Add up rows and value by fate, and put into words what must be said."""
        main, times = self.main_fate(), known * 1.0 if rows is None else rows
        placed = np.asarray(self.inside.sum(axis=1)).ravel()
        fates = {}
        for fate in FATES:
            went = known & (main == fate)
            if went.any():
                fates[fate] = Fate(int(times[went].sum()), math.fsum((value * placed)[went]))
        belongs = math.fsum(f.value for f in fates.values())
        moved = math.fsum(f.value for name, f in fates.items() if FATES.index(name) >= RECODED)
        for fate, part in (("elsewhere", self.elsewhere), ("lost", self.lost)):
            went = known & (main == fate)
            amount = math.fsum((value * part)[known])
            if went.any() or amount:
                fates[fate] = Fate(int(times[went].sum()), amount)
        fates |= {fate: went for fate, went in left.items() if went.rows}
        lost = fates["lost"].value if "lost" in fates else 0.0
        whole = belongs + lost
        shares = (moved / whole, lost / whole) if whole else (0.0, 0.0)
        unknown_share = share_of(fates["unknown"], fates) if "unknown" in fates else 0.0
        notes = (*self.bridge.notes, *_words(what, self.bridge.route, fates, shares), *said)
        return Move(self.bridge.route, fates, *shares, unknown_share, notes)


def share_of(part: Fate, fates: dict[str, Fate]) -> float:
    """Return a fate's share of all value."""
    total = math.fsum(abs(f.value) for f in fates.values())
    return abs(part.value) / total if total else 0.0


def _words(
    what: str, route: tuple[str, ...], fates: dict[str, Fate], shares: tuple[float, float]
) -> list[str]:
    """Say what moved, what was lost and what is unknown; nothing when all is as it was."""
    moved, lost = shares
    start, end = route[0], route[-1]
    said = []
    if moved:
        kinds = ", ".join(f"{fates[f].rows:,} {f}" for f in FATES[RECODED:] if f in fates)
        said.append(
            f"{what}: {moved:.1%} moved from {start} to {end} other than code to code ({kinds})."
        )
    if lost:
        said.append(
            f"{what}: {lost:.2%} ({many(fates['lost'].rows, 'row')}) belongs to these places but "
            f"no {end} area was found for it; it is left out."
        )
    if "unknown" in fates:
        said.append(
            f"{what}: {many(fates['unknown'].rows, 'row')} with codes in no {start} list of the "
            "lake; taken to lie elsewhere."
        )
    if "no code" in fates:
        said.append(f"{what}: {many(fates['no code'].rows, 'row')} without an area code.")
    return said

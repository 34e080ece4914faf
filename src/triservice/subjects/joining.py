"""Who is one with whom, from the joins that stand. Pure.

Joins are edges between the two people that were compared. Who is one is a connected group, and
its root the lowest number in it: a function of the edges alone, so that taking an edge away gives
exactly what was before it, whatever happened in between.
"""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """Groups of numbers, joined as edges come (union by lowest, paths halved)."""

    def __init__(self, members: Iterable[int] = ()) -> None:
        """Begin with each member alone."""
        self._up = {member: member for member in members}

    def root(self, member: int) -> int:
        """Return the lowest number of the group of `member`."""
        up = self._up
        up.setdefault(member, member)
        while up[member] != member:
            up[member] = up[up[member]]
            member = up[member]
        return member

    def join(self, left: int, right: int) -> bool:
        """Make two groups one; False when they were one already."""
        low, high = sorted((self.root(left), self.root(right)))
        self._up[high] = low
        return low != high

    def roots(self) -> dict[int, int]:
        """Return the root of every member."""
        return {member: self.root(member) for member in list(self._up)}


def roots(members: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return the root of each member, given the edges among them."""
    groups = Groups(members)
    for left, right in edges:
        groups.join(left, right)
    return groups.roots()

"""State machines as tables: from which states a step may be taken, and what follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triservice.kernel.errors import InputError

KEPT = "Nothing was changed"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a thing is called in a sentence, and its steps: name → (states before, state after)."""

    noun: str
    steps: Mapping[str, tuple[frozenset[str], str]]

    def may(self, step: str, state: str) -> bool:
        """Whether a step may be taken from a state."""
        return state in self.steps[step][0]

    def after(self, step: str, state: str) -> str:
        """Return the state that follows. Raises InputError with a sentence for a step out of turn.

        A step or a state that nobody knows is a mistake of ours: KeyError, or refused.
        """
        before, follows = self.steps[step]
        if state not in before:
            raise InputError(f"This {self.noun} is {state}, so you cannot {step} it", kept=KEPT)
        return follows

    def open_to(self, state: str) -> tuple[str, ...]:
        """Return the steps that may be taken from a state, in the order of the table."""
        return tuple(step for step, (before, _) in self.steps.items() if state in before)


def machine(noun: str, **steps: tuple[str, str]) -> Machine:
    """Make a machine: step → ("states before, split by commas", "state after").

    An underscore in the name of a step is a space in its sentence.
    """
    return Machine(
        noun,
        {
            name.replace("_", " "): (frozenset(s.strip() for s in before.split(",")), after)
            for name, (before, after) in steps.items()
        },
    )

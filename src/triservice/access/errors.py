"""What access says when a read or a word cannot be accepted."""

from __future__ import annotations

from collections.abc import Sequence

from triservice.kernel.access_words import Decision
from triservice.kernel.errors import InputError


class Refused(Exception):
    """A read that the rules do not allow. Raised inside `recording`, it is recorded and goes on up.

    `what` names the thing in words fit for the record; `hidden` says that the reader must not learn
    whether the thing exists (a page then answers 404).
    """

    def __init__(self, decision: Decision, what: str = "", *, hidden: bool = False) -> None:
        """Keep the decision that refused."""
        self.decision, self.what, self.hidden = decision, what, hidden
        super().__init__(f"{decision.reason}{f' ({what})' if what else ''}")


class Withheld(Exception):
    """A column that was withheld was touched. It was never fetched; `decision` says why."""

    def __init__(self, field: str, decision: Decision) -> None:
        """Keep the field and the decision that withheld it."""
        self.field, self.decision = field, decision
        super().__init__(f"{field} is withheld: {decision.reason}")


class TwinsDisagree(RuntimeError):
    """decide() and visible_to() gave different answers about one row: nothing is shown."""


class RecordBroken(RuntimeError):
    """The record of disclosures cannot be continued: nothing is read until someone looks."""


class UnknownWord(InputError):
    """A word that access does not know."""

    def __init__(self, field: str, unknown: Sequence[str], known: Sequence[str]) -> None:
        """Say which words are unknown and which are known."""
        super().__init__(
            f"does not know {', '.join(map(repr, unknown))}",
            field=field,
            do=f"Use one of: {', '.join(known)}.",
        )

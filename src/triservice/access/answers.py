"""Rows as their reader may see them, and the decision on each."""

from __future__ import annotations

from typing import Any

from triservice.access import rules
from triservice.access.errors import Withheld
from triservice.access.models import Protected
from triservice.access.rules import Grants, Item, Use
from triservice.kernel.access_words import Decision


class Seen:
    """A row as its reader may see it. Touching a withheld column raises Withheld.

    `withheld` has the decision on each withheld column; none of them left the database.
    """

    __slots__ = ("_values", "decision", "pk", "withheld")

    def __init__(
        self, values: dict[str, Any], decision: Decision, withheld: dict[str, Decision], pk: Any
    ) -> None:
        """Keep the values of the columns that the reader may see."""
        self._values, self.decision, self.withheld, self.pk = values, decision, withheld, pk

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            if name in self.withheld:
                raise Withheld(name, self.withheld[name]) from None
            raise AttributeError(f"a row seen has no column {name}") from None

    def get(self, name: str, default: Any = None) -> Any:
        """Return a column, or `default` when it is withheld."""
        return default if name in self.withheld else getattr(self, name)


def item_in(model: type[Protected], row: dict[str, Any]) -> Item:
    """Return what the rules need to know of a row that was fetched."""
    subject = row["subject_key"]
    return Item(
        model._meta.label_lower,
        str(row[model._meta.pk.attname]),
        row["owner_id"],
        row["data_class"],
        row["area"],
        row["marking"],
        row["restriction_id"],
        str(subject) if subject is not None else None,
    )


MOST = 1_000  # answers kept of a model for equal grants; there may be many areas
Answer = tuple[Decision, dict[str, Decision], dict[Decision, None]]


class Answers:
    """Decisions on rows and their fields, made once for rows that the rules cannot tell apart.

    What the rules know of a subject is whether the reader works on a case of theirs, or has a
    conflict with them; of a row by itself, whether an opening covers it. What they say of others
    holds as long as the grants are equal but in time and cases, as conditions in SQL do.
    """

    def __init__(self, held: Grants, model: type[Protected], use: Use) -> None:
        """Keep what the reader may do, and the columns that may be withheld."""
        self.held, self.use = held, use
        self.known: dict[tuple[Any, ...], Answer] = held.memo.setdefault(
            ("answers", model, use), {}
        )
        self.columns = [
            (name, {name, getattr(model._meta.get_field(name), "attname", name)})
            for name in model.FIELDS
        ]

    def on(self, item: Item) -> Answer:
        """Return the decision on the row, on each column withheld, and those on columns shown.

        Another term may open a column than the row.
        """
        held, subject = self.held, item.subject_key
        if (item.label, item.pk or "") in held.passes:
            return self._made(item)
        key = (
            item.owner, item.data_class, item.area, item.marking, item.restriction,
            subject in held.cases, subject in held.conflicts,
        )  # fmt: skip
        answer = self.known.get(key)
        if answer is None:
            if len(self.known) >= MOST:
                self.known.clear()
            answer = self.known[key] = self._made(item)
        return answer

    def _made(self, item: Item) -> Answer:
        withheld, opened = dict[str, Decision](), dict[Decision, None]()
        for name, names in self.columns:
            decision = rules.decide(self.held, item, name, self.use)
            if decision.allowed:
                opened[decision] = None
            else:
                withheld |= dict.fromkeys(names, decision)
        whole = rules.decide(self.held, item, None, self.use)
        return whole, withheld, opened

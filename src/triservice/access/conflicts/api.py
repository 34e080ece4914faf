"""Operations of conflicts of interest: which there are, and ending one."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from triservice.access.api_rules import operation, reader_of
from triservice.access.conflicts import actions, queries
from triservice.access.conflicts.queries import ConflictRow
from triservice.access.restrictions.api import Settled, Why, key_of, once
from triservice.access.tokens.rules import Scope

router = Router(tags=["Restrictions"])


@operation(
    router, "GET", "/conflicts", title="Conflicts of interest", scope=Scope.RECORDS,
    roles=actions.FOR_OTHERS, response=list[ConflictRow],
)  # fmt: skip
def conflicts(request: HttpRequest) -> list[ConflictRow]:
    """List the conflicts of the agency's officers, to its lead; those that stand come first."""
    return list(queries.conflicts(reader_of(request)))


@operation(
    router, "POST", "/conflicts/{int:number}/end", title="End a conflict of interest",
    scope=Scope.RECORDS, roles={actions.LEAD}, response=Settled,
)  # fmt: skip
def end(request: HttpRequest, number: int, asked: Why) -> Settled:
    """End the declaration of an officer of the agency, with a reason."""
    reader = reader_of(request)
    return once(lambda: actions.end(reader, key_of(number), asked.why))

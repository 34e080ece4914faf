"""What forms choose from, and the rows that pages hand on to the actions by key.

A handle is for an action only: pages show the frozen rows of the other modules.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model

from triservice.agencies.models import Agency, Area, Officer, Post
from triservice.kernel.access_words import Reader, Role

Row = TypeVar("Row", bound=Model)


def handle(model: type[Row], pk: int) -> Row | None:
    """Return the row of a table of this room by its key, or None."""
    return model._default_manager.filter(pk=pk).first()


def officer_by_email(email: str) -> Officer | None:
    """Return the officer with this address, whatever its capitals; or None."""
    return Officer.objects.filter(email=email.strip().lower()).first()


def area_by_code(code: str) -> Area | None:
    """Return the area with this code, or None."""
    return Area.objects.filter(code=code.strip()).first()


def acting(reader: Reader) -> Officer:
    """Return the officer who reads, to make a change. Raises Officer.DoesNotExist."""
    return Officer.objects.get(pk=reader.officer)


def agency_choices(kinds: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return agencies as choices of a form, all kinds or some."""
    rows = Agency.objects.filter(kind__in=kinds) if kinds else Agency.objects.all()
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def lead_choices(role: Role) -> list[tuple[str, str]]:
    """Return the posts of a role as choices of a form, with nobody first."""
    rows = Post.objects.filter(role=role).select_related("agency")
    return [("", "Nobody"), *((str(row.pk), f"{row.title}, {row.agency.name}") for row in rows)]

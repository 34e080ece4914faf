"""What forms choose from, and the rows that pages hand on to the actions by key.

A handle is for an action only: pages show the frozen rows of the other modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from triservice.agencies.models import Agency, Area, Holding, Officer, Post
from triservice.kernel.access_words import Reader, Role

from .scope import day_of, live

Row = TypeVar("Row", bound=Model)
DEEPEST = 6  # areas within areas
MOST_AREAS = 300  # that a form offers to tick


def handle(model: type[Row], pk: int) -> Row | None:
    """Return the row of a table of this room by its key, or None."""
    return model._default_manager.filter(pk=pk).first()


def officer_by_email(email: str) -> Officer | None:
    """Return the officer with this address, whatever its capitals; or None."""
    return Officer.objects.filter(email=email.strip().lower()).first()


def area_by_code(code: str) -> Area | None:
    """Return the area with this code, or None."""
    return Area.objects.filter(code=code.strip()).first()


def area_choices(chosen: Iterable[str] = ()) -> tuple[list[tuple[str, str]], bool]:
    """Return areas as (code, name) to tick, those chosen first; and whether these are all.

    Of those that lie inside others, as many layers as come to no more than MOST_AREAS.
    """
    rows: list[Area] = []
    around, left_out = "", False
    while layer := list(_layer(around)[: MOST_AREAS + 1 - len(rows)]):
        left_out = len(rows) + len(layer) > MOST_AREAS
        if left_out:
            break
        rows += layer
        around += "parent__"
    ticked = list(Area.objects.filter(code__in=list(chosen)).select_related("parent"))
    of = {row.code: f"{row.name}, in {row.parent}" if row.parent else row.name
          for row in (*ticked, *rows)}  # fmt: skip
    return list(of.items()), not left_out


def _layer(around: str) -> QuerySet[Area]:
    """Return the areas that lie inside as many others as `around` has steps to a parent."""
    rows = Area.objects.filter(**{f"{around}parent__isnull": True}).select_related("parent")
    return rows.filter(**{f"{around}isnull": False}) if around else rows


def codes_inside(code: str) -> QuerySet[Area, str]:
    """Return the codes of an area and of all that lies in it."""
    around = (Q(**{f"{'parent__' * deep}code": code}) for deep in range(DEEPEST))
    return Area.objects.filter(reduce(or_, around)).values_list("code", flat=True)


def area_codes(texts: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the codes of the areas that each text means, by code or else by name: none or more."""
    found = {}
    for text in texts:
        known = Area.objects.filter(code=text) or Area.objects.filter(name__iexact=text)
        found[text] = tuple(row.code for row in known)
    return found


def acting(reader: Reader) -> Officer:
    """Return the officer who reads, to make a change. Raises Officer.DoesNotExist."""
    return Officer.objects.get(pk=reader.officer)


def agency_choices(kinds: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return agencies as choices of a form, all kinds or some."""
    rows = Agency.objects.filter(kind__in=kinds) if kinds else Agency.objects.all()
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def holders(
    agencies: Iterable[int], roles: Iterable[Role], at: datetime
) -> list[tuple[int, str, int]]:
    """Return who holds a live post in one of the roles, by name: officer, name, agency."""
    held = Holding.objects.filter(
        live(day_of(at)), post__agency__in=list(agencies), officer__is_active=True,
        post__role__in=[str(role) for role in roles],
    )  # fmt: skip
    rows = held.order_by("officer__name", "officer", "post__agency").distinct()
    return list(rows.values_list("officer", "officer__name", "post__agency"))


def lead_choices(role: Role) -> list[tuple[str, str]]:
    """Return the posts of a role as choices of a form, with nobody first."""
    rows = Post.objects.filter(role=role).select_related("agency")
    return [("", "Nobody"), *((str(row.pk), f"{row.title}, {row.agency.name}") for row in rows)]

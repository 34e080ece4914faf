"""Who is on need-to-know lists, with all who are one with them, and what came about them later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from triservice.access.models import Kind
from triservice.access.record import reading
from triservice.access.restrictions.actions import LABEL, free, rows_about
from triservice.access.restrictions.queries import listed_subjects, subjects_of
from triservice.kernel.access_words import Reader
from triservice.subjects.models import Person


@dataclass(frozen=True, slots=True)
class Later:
    """How many entries about those on a list are on no list; never what."""

    rows: int


def one_with(keys: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return everybody who is one with any of these subjects → the one of these."""
    root = Coalesce("root_id", "pk")
    given = dict(Person.objects.filter(key__in=list(keys)).values_list(root, "key"))
    group = Person.objects.filter(Q(pk__in=given) | Q(root__in=given))
    return {key: given[top] for key, top in group.values_list("key", root)}


def on_lists(agency: int) -> dict[UUID, int]:
    """Return subject → list of whom all that an agency receives goes on a list in force.

    Who is one with somebody on a list is on it as well, as long as they are one.
    """
    listed = listed_subjects(agency)
    if not listed:
        return {}
    return {key: listed[of] for key, of in one_with(listed).items()} | listed


def later(reader: Reader, pk: int) -> Later | None:
    """Return how much came about those on a list of the reader's agency and is on none; or None."""
    with reading(reader, Kind.CONSULTATION, "see what came later about a list") as record:
        keys = subjects_of(reader, pk)
        if keys is None:
            return None
        record.did(LABEL, pk)
        everyone = {*keys, *one_with(keys)}
        found = {
            (rows.model, pk)
            for rows in rows_about(everyone)
            for pk in rows.filter(free(record.reader.at), owner=reader.agency).values_list("pk")
        }
        return Later(len(found))

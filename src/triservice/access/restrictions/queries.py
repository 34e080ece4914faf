"""Reading need-to-know lists: for those who keep them, and for what comes in later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from triservice.access.models import Restriction, RestrictionMember, RestrictionSubject
from triservice.access.openings.queries import protected_models
from triservice.access.record import Kind, reading
from triservice.access.restrictions.actions import LABEL, members_at
from triservice.access.restrictions.rules import KEEPERS
from triservice.kernel.access_words import Reader


@dataclass(frozen=True, slots=True)
class ListRow:
    """A need-to-know list among others. `members` are on it now."""

    pk: int
    name: str
    made_at: datetime
    members: int
    lifted: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Who is or was on a list, and from when until when."""

    pk: int
    officer: str
    agency: str
    since: datetime
    until: datetime | None
    now: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list close up. `rows` and `people` say how much it closes, never what."""

    row: ListRow
    why: str
    made_by: str
    members: tuple[MemberRow, ...]
    rows: int
    people: int
    lifted_at: datetime | None
    lifted_by: str
    lifted_why: str


def lists(reader: Reader) -> tuple[ListRow, ...]:
    """Return the lists of the reader's agency, those in force first; to who keeps them."""
    with reading(reader, Kind.CONSULTATION, "list need-to-know lists") as record:
        on_it = Q(members__in=RestrictionMember.objects.filter(members_at(record.reader.at)))
        found = _own(reader).annotate(on_it=Count("members", filter=on_it))
        rows = [
            ListRow(one.pk, one.name, one.made_at, one.on_it, one.lifted_at is not None)
            for one in found
        ]
        for row in rows:
            record.did(LABEL, row.pk)
        return tuple(sorted(rows, key=lambda row: (row.lifted, row.name, row.pk)))


def list_page(reader: Reader, pk: int) -> ListPage | None:
    """Return a list of the reader's agency to who keeps it; or None."""
    with reading(reader, Kind.CONSULTATION, "open a need-to-know list") as record:
        one = _own(reader).filter(pk=pk).select_related("made_by", "lifted_by").first()
        if one is None:
            return None
        record.did(LABEL, pk)
        members = tuple(
            MemberRow(
                each.pk,
                each.officer.name,
                each.officer.employer.name,
                each.since,
                each.until,
                each.until is None or each.until > record.reader.at,
            )
            for each in one.members.select_related("officer__employer").order_by("since", "pk")
        )
        closed = [
            model._default_manager.filter(restriction=pk).count()
            for model in protected_models().values()
        ]
        now = sum(each.now for each in members)
        return ListPage(
            ListRow(one.pk, one.name, one.made_at, now, one.lifted_at is not None),
            one.why,
            one.made_by.name,
            members,
            sum(closed),
            one.subjects.count(),
            one.lifted_at,
            one.lifted_by.name if one.lifted_by else "",
            one.lifted_why,
        )


def list_choices(reader: Reader) -> list[tuple[str, str]]:
    """Return the lists in force of the reader's agency as choices of a form."""
    return [
        (str(row.pk), f"{row.name} ({row.members or 'nobody'} on it)")
        for row in lists(reader)
        if not row.lifted
    ]


def listed_subjects(agency: int) -> dict[UUID, int]:
    """Return subject key → list, of whom all that an agency receives goes on a list in force."""
    found = RestrictionSubject.objects.filter(
        restriction__owner=agency, restriction__lifted_at__isnull=True
    )
    return dict(found.order_by("-pk").values_list("subject_key", "restriction"))


def subjects_of(reader: Reader, pk: int) -> frozenset[UUID] | None:
    """Return who is on a list in force of the reader's agency, to who keeps it; or None."""
    listed = _own(reader).filter(pk=pk, lifted_at__isnull=True).first()
    return frozenset(listed.subjects.values_list("subject_key", flat=True)) if listed else None


def _own(reader: Reader) -> QuerySet[Restriction]:
    own = Restriction.objects.filter(owner=reader.agency)
    return own if KEEPERS & reader.roles else own.none()

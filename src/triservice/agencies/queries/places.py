"""Agencies, the areas they cover, whom to ask, and their teams and posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from triservice.agencies.models import (
    Agency,
    AgencyArea,
    Contact,
    Holding,
    Post,
    SignInDirectory,
    Team,
)
from triservice.kernel.access_words import Reader

from .scope import Held, Link, day_of, held_rows, live


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """One agency of the partnership in a list."""

    pk: int
    name: str
    short_name: str
    kind: str
    areas: tuple[str, ...]
    posts: int
    officers: int  # active


@dataclass(frozen=True, slots=True)
class ContactRow:
    """Whom to ask at an agency about data."""

    kind: str
    name: str
    email: str
    phone: str
    hours: str


@dataclass(frozen=True, slots=True)
class CoverRow:
    """An area that an agency covers, and which others cover the same area now."""

    pk: int
    area: str
    kind: str
    code: str
    since: date
    until: date | None
    now: bool
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post with those who hold it now."""

    pk: int
    title: str
    role: str
    team: Link | None
    base: str
    places: int
    holders: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """A directory through which the agency's officers sign in."""

    pk: int
    slug: str
    server: str
    domains: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class AgencyPage:
    """One agency with everything that its page shows."""

    pk: int
    name: str
    short_name: str
    kind: str
    contacts: tuple[ContactRow, ...]
    covers: tuple[CoverRow, ...]
    teams: tuple[Link, ...]
    posts: tuple[PostRow, ...]
    directories: tuple[DirectoryRow, ...]


def agencies(reader: Reader) -> list[AgencyRow]:
    """Return the agencies of the partnership, by name."""
    day = day_of(reader.at)
    rows = Agency.objects.annotate(
        post_count=Count("posts", distinct=True),
        officer_count=Count("officers", filter=Q(officers__is_active=True), distinct=True),
    )
    areas: dict[int, list[str]] = {}
    for cover in AgencyArea.objects.filter(live(day)).select_related("area").order_by("area__name"):
        areas.setdefault(cover.agency_id, []).append(cover.area.name)
    return [
        AgencyRow(
            row.pk,
            row.name,
            row.short_name,
            row.get_kind_display(),
            tuple(areas.get(row.pk, ())),
            row.post_count,
            row.officer_count,
        )
        for row in rows
    ]


def agency_page(reader: Reader, pk: int) -> AgencyPage | None:
    """Return an agency for its page, or None when there is none."""
    agency = Agency.objects.filter(pk=pk).first()
    if agency is None:
        return None
    return AgencyPage(
        pk=agency.pk,
        name=agency.name,
        short_name=agency.short_name,
        kind=agency.get_kind_display(),
        contacts=contacts_of(pk),
        covers=_covers(pk, day_of(reader.at)),
        teams=tuple(Link(team.pk, team.name) for team in Team.objects.filter(agency=pk)),
        posts=post_rows(Post.objects.filter(agency=pk), day_of(reader.at)),
        directories=tuple(
            DirectoryRow(row.pk, row.slug, row.server, tuple(row.domains), row.is_active)
            for row in SignInDirectory.objects.filter(agency=pk)
        ),
    )


def contacts_of(agency: int) -> tuple[ContactRow, ...]:
    """Return whom to ask at an agency about data; for every reader, and for refusals."""
    return tuple(
        ContactRow(row.get_kind_display(), row.name, row.email, row.phone, row.hours)
        for row in Contact.objects.filter(agency=agency)
    )


def post_rows(posts: QuerySet[Post], day: date) -> tuple[PostRow, ...]:
    """Return posts as rows with their holders on `day`."""
    chosen = list(posts.select_related("team", "agency"))
    holders: dict[int, list[Holding]] = {}
    held = Holding.objects.filter(live(day), post__in=chosen, officer__is_active=True)
    for holding in held.select_related("officer", "post__agency").order_by("officer__name"):
        holders.setdefault(holding.post_id, []).append(holding)
    return tuple(
        PostRow(
            post.pk,
            post.title,
            post.role,
            Link(post.team.pk, post.team.name) if post.team else None,
            post.base,
            post.places,
            held_rows(holders.get(post.pk, ()), day),
        )
        for post in chosen
    )


def _covers(agency: int, day: date) -> tuple[CoverRow, ...]:
    mine = list(AgencyArea.objects.filter(agency=agency).select_related("area"))
    others: dict[int, list[str]] = {}
    shared = AgencyArea.objects.filter(live(day), area__in=[row.area_id for row in mine])
    for row in shared.exclude(agency=agency).select_related("agency").order_by("agency__name"):
        others.setdefault(row.area_id, []).append(row.agency.short_name)
    return tuple(
        CoverRow(
            row.pk,
            row.area.name,
            row.area.get_kind_display(),
            row.area.code,
            row.since,
            row.until,
            row.since <= day and (row.until is None or day < row.until),
            tuple(others.get(row.area_id, ())),
        )
        for row in mine
    )

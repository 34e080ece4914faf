"""Posts with their two lines of management, and teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from triservice.agencies.models import Holding, Post, Team
from triservice.kernel.access_words import Reader, Role

from .places import PostRow, post_rows
from .scope import Held, Link, day_of, held_rows, live


@dataclass(frozen=True, slots=True)
class PostPage:
    """One post with everything that its page shows."""

    pk: int
    title: str
    role: str
    agency: Link
    team: Link | None
    team_leader: Link | None
    tasking_lead: Link | None
    base: str
    places: int
    capabilities: tuple[tuple[str, str], ...]  # service, what it does for it
    holdings: tuple[Held, ...]  # all of them, the latest first
    answers_here: tuple[Link, ...]  # posts that this one leads or tasks


@dataclass(frozen=True, slots=True)
class TeamPage:
    """One team with its posts."""

    pk: int
    name: str
    agency: Link
    base: str
    posts: tuple[PostRow, ...]


def post_page(reader: Reader, pk: int) -> PostPage | None:
    """Return a post for its page, or None when there is none."""
    related = ("agency", "team", "team_leader", "tasking_lead")
    post = Post.objects.select_related(*related).filter(pk=pk).first()
    if post is None:
        return None
    held = Holding.objects.filter(post=post).select_related("officer", "post__agency")
    led = (post.leads.all() | post.tasks.all()).distinct()
    return PostPage(
        pk=post.pk,
        title=post.title,
        role=post.role,
        agency=Link(post.agency.pk, post.agency.name),
        team=Link(post.team.pk, post.team.name) if post.team else None,
        team_leader=_link(post.team_leader),
        tasking_lead=_link(post.tasking_lead),
        base=post.base,
        places=post.places,
        capabilities=tuple((c.service, c.name) for c in post.capabilities.all()),
        holdings=held_rows(held, day_of(reader.at)),
        answers_here=tuple(Link(row.pk, row.title) for row in led),
    )


def team_page(reader: Reader, pk: int) -> TeamPage | None:
    """Return a team for its page, or None when there is none."""
    team = Team.objects.select_related("agency").filter(pk=pk).first()
    if team is None:
        return None
    return TeamPage(
        pk=team.pk,
        name=team.name,
        agency=Link(team.agency.pk, team.agency.name),
        base=team.base,
        posts=post_rows(Post.objects.filter(team=team), day_of(reader.at)),
    )


def teams_of(reader: Reader) -> tuple[Link, ...]:
    """Return the teams that the reader works in, and those whose posts answer to theirs."""
    held = Holding.objects.filter(
        live(day_of(reader.at)), officer=reader.officer, post__agency=reader.agency
    ).values("post")
    theirs = Q(pk__in=held) | Q(team_leader__in=held) | Q(tasking_lead__in=held)
    found = Team.objects.filter(pk__in=Post.objects.filter(theirs).values("team"))
    return tuple(Link(team.pk, team.name) for team in found)


def team_choices(agency: int) -> list[tuple[str, str]]:
    """Return the teams in which an agency has posts as choices of a form."""
    found = Team.objects.filter(pk__in=Post.objects.filter(agency=agency).values("team"))
    return [(str(team.pk), team.name) for team in found]


def team_at(officer: int, agency: int, at: datetime) -> int | None:
    """Return the team of the post that an officer holds at an agency, the one held longest."""
    held = Holding.objects.filter(
        live(day_of(at)), officer=officer, post__agency=agency, post__team__isnull=False
    )
    return held.order_by("since", "pk").values_list("post__team", flat=True).first()


def team_leaders(team: int, agency: int, at: datetime) -> list[int]:
    """Return who of an agency leads a team now: in it as its leader, or with its posts below."""
    posts = Post.objects.filter(
        Q(team=team, role=Role.TEAM_LEADER) | Q(leads__team=team), agency=agency
    )
    held = Holding.objects.filter(
        live(day_of(at)), post__in=posts.values("pk"), officer__is_active=True
    )
    return list(held.order_by("officer").values_list("officer", flat=True).distinct())


def _link(post: Post | None) -> Link | None:
    return Link(post.pk, post.title) if post else None

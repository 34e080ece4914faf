"""Teams and posts are made, and line management is set."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from triservice.agencies.models import Agency, Capability, Officer, Post, Team
from triservice.agencies.rules import leads_itself
from triservice.kernel.access_words import Role
from triservice.kernel.errors import InputError

from .history import note, refuse_unless

MOST_PLACES = 10_000  # of one post; the databases keep up to 32,767


@transaction.atomic
def add_team(by: Officer | None, *, name: str, agency: Agency, base: str = "") -> Team:
    """Make a team hosted by an agency."""
    refuse_unless("people", by, agency=agency)
    try:
        with transaction.atomic():
            team = Team.objects.create(name=name.strip(), agency=agency, base=base.strip())
    except IntegrityError as error:
        what = f"{agency.name} has a team called {name} already"
        raise InputError(what, do="Choose another name") from error
    note("add_team", by, team, agency=agency, after={"name": team.name, "base": team.base})
    return team


@transaction.atomic
def create_post(
    by: Officer | None,
    *,
    title: str,
    agency: Agency,
    role: Role,
    team: Team | None = None,
    base: str = "",
    places: int = 1,
    capabilities: Iterable[Capability] = (),
    team_leader: Post | None = None,
    tasking_lead: Post | None = None,
) -> Post:
    """Make a post with `agency` as its host employer."""
    refuse_unless("people", by, agency=agency)
    if not title.strip():
        raise InputError("is empty", field="title", do="Enter the title of the post")
    if not 1 <= places <= MOST_PLACES:
        what = f"is not between 1 and {MOST_PLACES:,}"
        raise InputError(what, field="places", do="Say how many may hold the post")
    post = Post.objects.create(
        title=title.strip(),
        agency=agency,
        role=Role(role),
        team=team,
        base=base.strip(),
        places=places,
    )
    chosen = list(capabilities)
    post.capabilities.set(chosen)
    after = {"title": post.title, "role": post.role, "team": team, "places": places}
    does = [capability.pk for capability in chosen]
    note("create_post", by, post, agency=agency, after={**after, "capabilities": does})
    if team_leader or tasking_lead:
        set_line_management(by, post, team_leader=team_leader, tasking_lead=tasking_lead)
    return post


@transaction.atomic
def set_line_management(
    by: Officer | None,
    post: Post,
    *,
    team_leader: Post | None,
    tasking_lead: Post | None,
) -> Post:
    """Say which posts a post answers to: its team leader and the lead who tasks it.

    All posts are locked while the loop is looked for: two changes at once could close one.
    """
    leads = {
        row.pk: (row.team_leader_id, row.tasking_lead_id)
        for row in Post.objects.select_for_update().order_by("pk")
    }
    post = Post.objects.select_related("agency").get(pk=post.pk)
    refuse_unless("people", by, agency=post.agency)
    for lead, role in ((team_leader, Role.TEAM_LEADER), (tasking_lead, Role.TASKING_LEAD)):
        if lead is not None and lead.role != role:
            raise InputError(f"{lead.title} is not a {role}", do=f"Choose a post of a {role}")
    wanted = tuple(lead.pk if lead else None for lead in (team_leader, tasking_lead))
    if leads_itself(leads | {post.pk: wanted}, post.pk):
        raise InputError(f"{post.title} would answer to itself", do="Choose another lead")
    before = dict(zip(("team_leader", "tasking_lead"), leads[post.pk], strict=True))
    post.team_leader, post.tasking_lead = team_leader, tasking_lead
    post.save(update_fields=["team_leader", "tasking_lead"])
    after = {"team_leader": team_leader, "tasking_lead": tasking_lead}
    note("set_line_management", by, post, agency=post.agency, before=before, after=after)
    return post

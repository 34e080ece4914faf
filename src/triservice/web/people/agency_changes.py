"""Pages that change agencies: whom to ask, areas, teams, posts, and their sign-in directory."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from triservice.agencies import actions, queries
from triservice.agencies.models import Agency, AgencyArea, Officer, SignInDirectory

from .agency_forms import (
    AgencyForm,
    AreaForm,
    ContactForm,
    CoverForm,
    DirectoryForm,
    PostForm,
    TeamForm,
    UncoverForm,
)
from .changes import Change, answer, changing, found, given


def _agency(pk: int) -> Agency:
    agency: Agency = found(queries.handle(Agency, pk))
    return agency


def _page_of(pk: int) -> str:
    return reverse("agencies:agency", args=[pk])


@changing("Enter an agency", "people")
def add_agency(request: HttpRequest) -> HttpResponse:
    """Enter an agency of the partnership."""
    change = Change(
        title="Enter an agency",
        act=lambda by, said: actions.add_agency(by, **said),
        done="The agency is entered.",
        back=reverse("agencies:agencies"),
    )
    return answer(request, AgencyForm(given(request)), change)


@changing("Enter an area", "people")
def add_area(request: HttpRequest) -> HttpResponse:
    """Enter an area of the map."""
    change = Change(
        title="Enter an area",
        act=lambda by, said: actions.add_area(by, **said),
        done="The area is entered. Now say on the page of an agency that it covers it.",
        back=reverse("agencies:agencies"),
    )
    return answer(request, AreaForm(given(request)), change)


@changing("Say whom to ask about data", "people")
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the contact of a kind."""
    agency = _agency(pk)
    change = Change(
        title=f"Whom to ask about data at {agency.name}",
        text="A contact of the same kind is replaced.",
        act=lambda by, said: actions.set_contact(by, agency, **said),
        done="The contact is set.",
        back=_page_of(pk),
    )
    return answer(request, ContactForm(given(request)), change)


@changing("Say which area an agency covers", "people")
def cover(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that an agency covers an area."""
    agency = _agency(pk)

    def act(by: Officer, said: dict[str, Any]) -> None:
        actions.cover_area(by, agency, said["area"], since=said["since"], until=said["until"])

    change = Change(f"An area that {agency.name} covers", act, "The area is set.", _page_of(pk))
    return answer(request, CoverForm(given(request)), change)


@changing("End the covering of an area", "people")
def uncover(request: HttpRequest, pk: int) -> HttpResponse:
    """Say from when an agency no longer covers an area."""
    row = found(queries.handle(AgencyArea, pk))
    change = Change(
        title="The agency no longer covers this area",
        act=lambda by, said: actions.uncover_area(by, row, **said),
        done="The end is entered.",
        back=_page_of(row.agency_id),
        submit="End it",
    )
    return answer(request, UncoverForm(given(request)), change)


@changing("Make a team", "people")
def add_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a team hosted by an agency."""
    agency = _agency(pk)
    change = Change(
        title=f"Make a team at {agency.name}",
        act=lambda by, said: actions.add_team(by, agency=agency, **said),
        done="The team is made.",
        back=_page_of(pk),
        submit="Make the team",
    )
    return answer(request, TeamForm(given(request)), change)


@changing("Make a post", "people")
def create_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a post at an agency."""
    agency = _agency(pk)
    change = Change(
        title=f"Make a post at {agency.name}",
        act=lambda by, said: actions.create_post(by, agency=agency, **said),
        done="The post is made.",
        back=_page_of(pk),
        submit="Make the post",
    )
    return answer(request, PostForm(given(request)), change)


@changing("Connect a sign-in directory", "people")
def connect_directory(request: HttpRequest, pk: int) -> HttpResponse:
    """Connect an agency's own OpenID Connect directory."""
    agency = _agency(pk)

    def act(by: Officer, said: dict[str, Any]) -> None:
        actions.connect_directory(by, agency, **said | {"domains": said["domains"].split()})

    change = Change(
        title=f"Sign-in through {agency.name}",
        text=(
            "Officers of this agency can then sign in with its own directory (OpenID Connect). "
            "Whoever keeps the server puts the client's secret into the environment as "
            "TRISERVICE_OIDC_<NAME>_SECRET; until then the directory is not offered."
        ),
        act=act,
        done="The directory is connected. It is offered as soon as its secret is there.",
        back=_page_of(pk),
        submit="Connect",
    )
    return answer(request, DirectoryForm(given(request)), change)


@changing("Disconnect a sign-in directory", "people")
def disconnect_directory(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a directory."""
    row = found(queries.handle(SignInDirectory, pk))
    change = Change(
        title="Close this way of signing in",
        text="Nobody signs in through it from now on. Who is signed in stays so until they leave.",
        act=lambda by, said: actions.disconnect_directory(by, row),
        done="The directory is closed.",
        back=_page_of(row.agency_id),
        submit="Close it",
        warning=True,
    )
    return answer(request, forms.Form(given(request)), change)

"""Pages: look for people and places, and open them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triservice.access.approvals.queries import waiting_about
from triservice.access.explorer.queries import OWNING
from triservice.access.pages import page
from triservice.access.restrictions.rules import KEEPERS
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.subjects.actions.own import WRITERS
from triservice.subjects.forms import PlaceForm, SearchForm
from triservice.subjects.queries import organisations, people
from triservice.subjects.queries import places as queries_places
from triservice.subjects.queries import search as queries_search
from triservice.subjects.queries.shown import LockedPart

READERS = frozenset(
    {
        Role.OFFICER,
        Role.TEAM_LEADER,
        Role.TASKING_LEAD,
        Role.REFERRER,
        Role.DATA_OWNER,
        Role.CALDICOTT_GUARDIAN,
        Role.DATA_PROTECTION_LEAD,
    }
)
WHO = frozenset({DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION})
OF_PEOPLE = frozenset(DataClass) - {DataClass.WORKFORCE, DataClass.OPERATIONAL}


def reader_of(request: HttpRequest) -> Reader:
    """Return who reads; the access middleware has seen to it that there is one."""
    reader: Reader = request.reader  # type: ignore[attr-defined]
    return reader


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, even nothing at all; None for a page that is only opened."""
    return request.POST if request.method == "POST" else None


def may_of(request: HttpRequest) -> dict[str, Any]:
    """Return what a page offers: to whose agency, and to who keeps lists, answers or oversees."""
    reader = reader_of(request)
    return {
        "own": reader.agency,
        "keep": bool(KEEPERS & reader.roles),
        "write": bool(WRITERS & reader.roles),
        "answer": Role.DATA_PROTECTION_LEAD in reader.roles,
        "look": bool(OWNING & reader.roles),
        "here": request.path,
    }


def _address(name: str, one: LockedPart, key: str, here: str) -> str:
    asked = {"subject": key, "owner": one.owner, "class": one.data_class, "next": here}
    return f"{reverse(name)}?{urlencode(asked)}"


def ask_address(one: LockedPart, key: str, here: str) -> str | None:
    """Return where to ask the owner for a withheld class, where asking may help."""
    return _address("access:request_new", one, key, here) if one.may_ask else None


def glass_address(one: LockedPart, key: str, here: str) -> str:
    """Return where it is opened for minutes, when someone would come to harm by waiting."""
    return _address("access:emergency_new", one, key, here)


def asking(request: HttpRequest, key: UUID | None) -> dict[str, Any]:
    """Return what a page needs to say how what is withheld is asked for, or was already."""
    waits = waiting_about(reader_of(request), key) if key else {}
    return {"ask": ask_address, "glass": glass_address, "asked": waits}


@page(title="Find a person", roles=READERS, data=WHO, nav="People")
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Look for people. What is looked for is posted, so that no name is in an address or a log."""
    form = SearchForm(posted(request))
    results = None
    if request.method == "POST" and form.is_valid():
        results = queries_search.search_people(
            reader_of(request), form.cleaned_data["text"], form.cleaned_data["born"]
        )
    context = {"form": form, "results": results}
    return render(request, "subjects/search.html", context, status=422 if form.errors else 200)


@page(title="Names that complete what is typed", roles=READERS, data=WHO)
@require_POST
def suggestions(request: HttpRequest) -> HttpResponse:
    """Complete a name."""
    text = request.POST.get("text", "")[:100]
    names = queries_search.suggest(reader_of(request), text) if len(text) >= 3 else ()
    return JsonResponse({"names": names})


@page(title="Person", roles=READERS, data=OF_PEOPLE)
@require_safe
def person(request: HttpRequest, key: UUID) -> HttpResponse:
    """One person."""
    shown = people.person_view(reader_of(request), key)
    context = {"person": shown, "may": may_of(request), **asking(request, key)}
    return render(request, "subjects/person.html", context)


@page(title="Find a place", roles=READERS, data=WHO, nav="Places")
@require_http_methods(["GET", "POST"])
def places(request: HttpRequest) -> HttpResponse:
    """Look for a place, or for an organisation by its name."""
    form = PlaceForm(posted(request))
    found = bodies = None
    if request.method == "POST" and form.is_valid():
        reader, text = reader_of(request), form.cleaned_data["text"]
        found = queries_places.find_premises(reader, text)
        bodies = organisations.find_organisations(reader, text)
    context = {"form": form, "found": found, "organisations": bodies}
    return render(request, "subjects/places.html", context, status=422 if form.errors else 200)


@page(title="Premises", roles=READERS, data=OF_PEOPLE)
@require_safe
def premises(request: HttpRequest, key: UUID) -> HttpResponse:
    """One place."""
    shown = queries_places.premises_view(reader_of(request), key)
    return render(
        request,
        "subjects/premises.html",
        {
            "place": shown,
            "may": may_of(request),
            **asking(request, key),
        },
    )


@page(title="Organisation", roles=READERS, data=OF_PEOPLE)
@require_safe
def organisation(request: HttpRequest, key: UUID) -> HttpResponse:
    """One organisation."""
    shown = organisations.organisation_view(reader_of(request), key)
    context = {"body": shown, **asking(request, key)}
    return render(request, "subjects/organisation.html", context)


@page(title="Household", roles=READERS, data=OF_PEOPLE)
@require_safe
def household(request: HttpRequest, key: UUID) -> HttpResponse:
    """One household."""
    shown = queries_places.household_view(reader_of(request), key)
    return render(request, "subjects/household.html", {"home": shown})

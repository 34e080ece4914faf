"""Pages that show agencies, posts and officers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from triservice.access.pages import page
from triservice.access.record import Kind, reading
from triservice.agencies import queries, rules
from triservice.agencies.directory import directory
from triservice.kernel.access_words import DataClass, Reader

from .forms import SearchForm

WORKFORCE = frozenset({DataClass.WORKFORCE})
SEES = frozenset(rules.SEES)
CHANGES = {
    kind: frozenset(roles) for kind, roles in rules.CHANGES.items()
}  # for what a page offers; the actions decide


def reader_of(request: HttpRequest) -> Reader:
    """Return who reads; the rule of the page has made sure that there is one."""
    return request.reader  # type: ignore[attr-defined, no-any-return]


def offers(reader: Reader) -> dict[str, bool]:
    """Return which kinds of change a page offers this reader."""
    return {kind: bool(roles & reader.roles) for kind, roles in CHANGES.items()}


@page(title="Agencies, posts and officers", purpose=False, nav="Agencies")
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """List the agencies, and find a person."""
    reader = reader_of(request)
    context = {"agencies": queries.agencies(reader), "form": SearchForm(), "may": offers(reader)}
    context["sees"] = bool(SEES & reader.roles)
    return render(request, "web/people/agencies.html", context)


@page(title="Agency", purpose=False)
@require_safe
def agency(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an agency: whom to ask, areas, teams, posts."""
    reader = reader_of(request)
    shown = queries.agency_page(reader, pk)
    if shown is None:
        raise Http404("There is no such agency.")
    return render(request, "web/people/agency.html", {"agency": shown, "may": offers(reader)})


@page(title="Team", purpose=False)
@require_safe
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team and its posts."""
    shown = queries.team_page(reader_of(request), pk)
    if shown is None:
        raise Http404("There is no such team.")
    return render(request, "web/people/team.html", {"team": shown})


@page(title="Post", purpose=False)
@require_safe
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a post: who holds it, whom it answers to, what it does for which service."""
    reader = reader_of(request)
    shown = queries.post_page(reader, pk)
    if shown is None:
        raise Http404("There is no such post.")
    return render(request, "web/people/post.html", {"post": shown, "may": offers(reader)})


@page(title="Find a person who works here", purpose=False)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Find officers by name, e-mail address or post."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = queries.people(reader_of(request), text)
    context = {"form": form, "text": text, "found": found, "most": queries.MOST}
    return render(request, "web/people/people.html", context)


@page(title="Officer", data=WORKFORCE)
@require_safe
def officer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an officer; clearances only to those whose role reaches them. The read is recorded."""
    return _officer(request, reader_of(request), pk)


@page(title="Your account", purpose=False, data=WORKFORCE)
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show what is held about the officer themselves."""
    reader = reader_of(request)
    return _officer(request, reader, reader.officer)


def _officer(request: HttpRequest, reader: Reader, pk: int) -> HttpResponse:
    with reading(reader, Kind.CONSULTATION, "open an officer") as record:
        shown = queries.officer_page(reader, pk)
        if shown is not None and shown.clearances is not None:
            record.did("agencies.officer", pk, DataClass.WORKFORCE)
    if shown is None:
        raise Http404("There is no such officer.")
    context = {"officer": shown, "may": offers(reader), "in_force": rules.PowerState.IN_FORCE}
    return render(request, "web/people/officer.html", context)


@page(title="What runs out soon", roles=SEES, data=WORKFORCE)
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """List vetting, training and powers that are missing, have run out or soon will."""
    with reading(reader_of(request), Kind.CONSULTATION, "list what runs out") as record:
        rows = queries.due(reader_of(request))
        for row in rows:
            record.did("agencies.officer", row.officer.pk, DataClass.WORKFORCE)
    return render(request, "web/people/due.html", {"rows": rows})


@page(title="Who has left", roles=SEES, data=WORKFORCE)
@require_safe
def leavers(request: HttpRequest) -> HttpResponse:
    """List who has left."""
    with reading(reader_of(request), Kind.CONSULTATION, "list leavers") as record:
        rows = queries.leavers(reader_of(request))
        for row in rows:
            record.did("agencies.officer", row.officer.pk, DataClass.WORKFORCE)
    return render(request, "web/people/leavers.html", {"rows": rows})


@page(title="Changes of the workforce", roles=SEES, data=WORKFORCE)
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """List the latest changes: who made them, when, from what to what."""
    with reading(reader_of(request), Kind.CONSULTATION, "list workforce changes") as record:
        rows = queries.change_list(reader_of(request))
        record.counted("agencies.workforcechange", len(rows))
    return render(request, "web/people/changes.html", {"rows": rows})


@page(title="Directory of services, 2016", purpose=False)
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Show and search the directory of services of the 2016 national overview."""
    form = SearchForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    book = directory()
    context = {"form": form, "text": text, "book": book, "found": book.search(text)}
    context["same"] = len(book.coterminous())
    return render(request, "web/people/services.html", context)

"""Pages of the directory of services."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework.directory import actions, queries
from triservice.casework.directory.forms import EndForm, ServiceForm
from triservice.casework.directory.rules import KEEPS, may_change
from triservice.subjects.views import posted

TO = "casework:services"


@page(title="Services to refer people on to", purpose=False, nav="Services")
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """List the directory of services."""
    reader = reader_of(request)
    found = queries.services(reader)
    changes = {row.pk for row in found if may_change(reader.roles, reader.agency, row.agency)}
    context = {"services": found, "keeps": bool(KEEPS & reader.roles), "changes": changes}
    return render(request, "casework/directory/list.html", context)


@page(title="Enter a service", roles=KEEPS, purpose=False)
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """Enter a service."""
    form = ServiceForm(reader_of(request), None, posted(request))

    def act(_: dict[str, Any]) -> None:
        actions.add_service(reader_of(request), form.said())

    return answer(request, form, Change("Enter a service", reverse(TO), "It is entered."), act)


@page(title="Change a service", roles=KEEPS, purpose=False)
@require_http_methods(METHODS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a service."""
    row = _found(request, pk)
    form = ServiceForm(reader_of(request), row, posted(request))

    def act(_: dict[str, Any]) -> None:
        actions.change_service(reader_of(request), pk, form.said())

    return answer(request, form, Change(f"Change {row.name}", reverse(TO), "It is changed."), act)


@page(title="End a service", roles=KEEPS, purpose=False)
@require_http_methods(METHODS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a service."""
    row = _found(request, pk)

    def act(said: dict[str, Any]) -> None:
        actions.end_service(reader_of(request), pk, said["until"] or queries.today())

    change = Change(
        f"End {row.name}", reverse(TO), "It takes nobody from that day on.", "End it", warning=True,
        text="It stays in the directory as ended, and referrals that were sent to it stay.",
    )  # fmt: skip
    return answer(request, EndForm(posted(request)), change, act)


def _found(request: HttpRequest, pk: int) -> queries.ServiceRow:
    row = queries.service(reader_of(request), pk)
    if row is None:
        raise Http404("There is no such service.")
    return row

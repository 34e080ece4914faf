"""Pages of need-to-know lists, for those who keep them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.agreements.forms import WhyForm, end_of
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.access.restrictions import actions, queries
from triservice.access.restrictions.forms import ListForm, MemberForm
from triservice.access.restrictions.queries import ListPage
from triservice.access.restrictions.rules import KEEPERS


@page(title="Records that are open to named people only", roles=KEEPERS, nav="Lists")
@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """List the lists of the reader's agency."""
    rows = queries.lists(reader_of(request))
    return render(request, "access/restrictions/lists.html", {"rows": rows})


def shown(request: HttpRequest, pk: int) -> ListPage:
    """Return a list that the reader keeps; else 404."""
    found = queries.list_page(reader_of(request), pk)
    if found is None:
        raise Http404("There is no such list.")
    return found


@page(title="Need-to-know list", roles=KEEPERS)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a list: why, who is on it, how much it closes."""
    return render(request, "access/restrictions/list.html", {"listed": shown(request, pk)})


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@page(title="New need-to-know list", roles=KEEPERS)
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """Make a list."""

    def act(said: dict[str, Any]) -> str:
        return reverse("access:list", args=[actions.make_list(reader_of(request), **said)])

    change = Change(
        "New need-to-know list",
        reverse("access:lists"),
        "The list is made. Put on it who needs to know, then the records.",
        submit="Make the list",
        text="What is put on a list is open only to the people named on it, and to them only as "
        "far as the agreements let them: of your own agency, too.",
    )
    return answer(request, ListForm(_data(request)), change, act)


@page(title="Put someone on a need-to-know list", roles=KEEPERS)
@require_http_methods(METHODS)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Name a member."""
    found = shown(request, pk)

    def act(said: dict[str, Any]) -> None:
        until = end_of(said["until"]) if said["until"] else None
        actions.add_member(reader_of(request), pk, said["officer"], said["why"], until)

    change = Change(
        f"Put someone on “{found.row.name}”",
        reverse("access:list", args=[pk]),
        "They are on the list.",
        submit="Put them on the list",
        text="They see what is on the list as far as the agreements and their role let them, no "
        "further.",
    )
    return answer(request, MemberForm(_data(request)), change, act)


@page(title="Take someone off a need-to-know list", roles=KEEPERS)
@require_http_methods(METHODS)
def remove(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Take a member off."""
    found = shown(request, pk)
    name = next((each.officer for each in found.members if each.pk == member and each.now), None)
    if name is None:
        raise Http404("They are not on this list.")

    def act(said: dict[str, Any]) -> None:
        actions.remove_member(reader_of(request), pk, member, said["why"])

    change = Change(
        f"Take {name} off the list?",
        reverse("access:list", args=[pk]),
        f"{name} is off the list.",
        submit="Take off the list",
        warning=True,
        text="It acts on their next read.",
    )
    return answer(request, WhyForm(_data(request)), change, act)


@page(title="Lift a need-to-know list", roles=KEEPERS)
@require_http_methods(METHODS)
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """End a list."""
    found = shown(request, pk)

    def act(said: dict[str, Any]) -> None:
        actions.lift(reader_of(request), pk, said["why"])

    change = Change(
        f"Lift “{found.row.name}”?",
        reverse("access:list", args=[pk]),
        "The list is lifted.",
        submit="Lift the list",
        warning=True,
        text="What is on it is open again at the next read, to whom the agreements open it. This "
        "cannot be taken back; a new list can be made.",
    )
    return answer(request, WhyForm(_data(request)), change, act)

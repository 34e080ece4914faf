"""Pages: warnings, accessible needs and relations, written, looked at again and ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS, Change, answer
from triservice.access.agreements.forms import NoForm
from triservice.access.pages import page
from triservice.kernel.access_words import DataClass, Marking
from triservice.subjects.actions import markers, needs, relations
from triservice.subjects.actions.own import WRITERS, service_class
from triservice.subjects.forms_known import (
    EndForm,
    MarkerForm,
    NeedForm,
    RelationForm,
    ReviewForm,
)
from triservice.subjects.queries import known, people, places
from triservice.subjects.views import OF_PEOPLE, posted, reader_of
from triservice.subjects.words import Kin

RISK = frozenset({DataClass.RISK})
SHARED = (
    "The warning is your agency’s. Others see it as far as the agreements open it to them, and the "
    "person may ask to read it: write what you know, not what you think of them."
)


@page(title="Warnings to review", roles=WRITERS, data=RISK, nav="Warnings")
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """The warnings of the own agency that are past their day, or near it."""
    rows = known.markers_due(reader_of(request))
    context = {"rows": rows, "full": len(rows) == known.SHOWN}
    return render(request, "subjects/due.html", context)


@page(title="Add a warning about a person", roles=WRITERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def warn_of_person(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write a warning about a person."""
    name = people.person_view(reader_of(request), key).title
    return _warn(request, name, reverse("subjects:person", args=[key]), person=key)


@page(title="Add a warning about a place", roles=WRITERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def warn_of_place(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write a warning about a place."""
    address = places.premises_view(reader_of(request), key).address
    return _warn(request, address, reverse("subjects:premises", args=[key]), place=key)


def _warn(request: HttpRequest, about: str, back: str, **where: UUID) -> HttpResponse:
    reader = reader_of(request)

    def act(said: dict[str, Any]) -> None:
        classes = {"data_class": DataClass(said["data_class"]), "marking": Marking(said["marking"])}
        markers.add_marker(reader, markers.Warned(**said | classes), **where)

    change = Change(
        f"Add a warning about {about}", back, "The warning is there.", submit="Add it", text=SHARED
    )
    return answer(request, MarkerForm(service_class(reader.agency), posted(request)), change, act)


@page(title="Review a warning", roles=WRITERS, data=RISK)
@require_http_methods(METHODS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A warning of the own agency, its reviews, and whether it still holds."""
    reader = reader_of(request)
    form = ReviewForm(posted(request))
    shown = known.marker_view(reader, pk)
    back = reverse("subjects:premises" if shown.is_place else "subjects:person", args=[shown.key])

    def act(said: dict[str, Any]) -> None:
        if said["holds"] == "yes":
            markers.review_marker(reader, pk, said["review_on"], said["why"])
        else:
            markers.end_marker(reader, pk, said["why"])

    change = Change("Review a warning", back, "The review is kept.", submit="Keep the review")
    return answer(request, form, change, act, template="subjects/review.html", about=shown)


@page(title="How somebody is understood", roles=WRITERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def needs_of(request: HttpRequest, key: UUID) -> HttpResponse:
    """What the own agency tells of how a person is understood; say more."""
    reader = reader_of(request)
    name, rows = known.needs_of(reader, key)
    change = Change(
        f"How {name} is understood", reverse("subjects:needs", args=[key]),
        "It is there.", submit="Add it",
    )  # fmt: skip

    def act(said: dict[str, Any]) -> None:
        needs.add_need(reader, key, **said)

    return answer(
        request, NeedForm(posted(request)), change, act, template="subjects/needs.html",
        rows=rows, person=key,
    )  # fmt: skip


@page(title="Change how somebody is understood", roles=WRITERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def change_need(request: HttpRequest, pk: int) -> HttpResponse:
    """Say it otherwise."""
    reader = reader_of(request)
    key, row = known.need_row(reader, pk)
    form = NeedForm(posted(request), initial={"kind": row.kind, "need": row.need})

    def act(said: dict[str, Any]) -> None:
        needs.change_need(reader, pk, **said)

    back = reverse("subjects:needs", args=[key])
    change = Change(f"Change {row.label.lower()}: {row.need}", back, "It is changed.")
    return answer(request, form, change, act)


@page(title="End what was said of how somebody is understood", roles=WRITERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def end_need(request: HttpRequest, pk: int) -> HttpResponse:
    """End an accessible need."""
    reader = reader_of(request)
    key, row = known.need_row(reader, pk)
    back = reverse("subjects:needs", args=[key])
    change = Change(f"End {row.label.lower()}: {row.need}?", back, "It is ended.", submit="End it")
    return answer(request, NoForm(posted(request)), change, lambda _: needs.end_need(reader, pk))


@page(title="How somebody stands to others", roles=WRITERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def relations_of(request: HttpRequest, key: UUID) -> HttpResponse:
    """The relations of a person that the own agency tells; add one."""
    reader = reader_of(request)
    name, rows = known.relations_of(reader, key)
    form = RelationForm(reader, posted(request))
    change = Change(
        f"How others stand to {name}", reverse("subjects:relations", args=[key]), "It is there.",
        submit="Go on",
    )  # fmt: skip

    def act(said: dict[str, Any]) -> None:
        relations.add_relation(reader, key, said["other"], Kin(said["kin"]), said["evidence"])

    return answer(
        request, form, change, act, template="subjects/relations.html", rows=rows, person=key
    )


@page(title="End a relation", roles=WRITERS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def end_relation(request: HttpRequest, pk: int) -> HttpResponse:
    """End a relation that the own agency tells."""
    reader = reader_of(request)
    key, row = known.relation_row(reader, pk)
    change = Change(
        f"End: {row.name or 'somebody'}, {row.how}?", reverse("subjects:relations", args=[key]),
        "It is ended. That it was told stays on the record.", submit="End it",
    )  # fmt: skip

    def act(said: dict[str, Any]) -> None:
        relations.end_relation(reader, pk, said["why"])

    return answer(request, EndForm(posted(request)), change, act)

"""Pages of the pictures. Thin: queries decide what is seen, actions what is done."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triservice.access.pages import page
from triservice.access.record import Kind
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.kernel.errors import InputError
from triservice.picture import actions, files, lakes, queries, sentences
from triservice.picture.forms import CompareForm, PictureForm, ShareForm, SourceForm
from triservice.picture.rules import MAKES, SEES
from triservice.picture.shown import Shown, ShownLayer

EVENTS = frozenset(DataClass)  # a picture counts events of any class
ROWS = 25  # of the table on one page


def reader_of(request: HttpRequest) -> Reader:
    """Return who reads; the rule of the page has made sure that there is one."""
    return request.reader  # type: ignore[attr-defined, no-any-return]


@page(
    title="See where and when the services are called",
    roles=SEES,
    data=EVENTS,
    nav="Picture",
)
@require_safe
def pictures(request: HttpRequest) -> HttpResponse:
    """List the pictures of this agency and those shared with it."""
    reader = reader_of(request)
    context = {"rows": queries.listed(reader), "makes": bool(MAKES & reader.roles)}
    return render(request, "picture/pictures.html", context)


@page(title="New picture", roles=MAKES, data=EVENTS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a picture."""
    reader = reader_of(request)
    try:
        offer = lakes.offer()
    except InputError as error:
        return render(request, "picture/no_lake.html", {"why": str(error)})
    choices = queries.choices(reader)
    form = PictureForm(choices, offer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in form.fields}
        title, marking = given.pop("title"), given.pop("marking")
        try:
            key = actions.request_picture(reader, title, given, marking)
            return redirect("picture:picture", pk=key)
        except InputError as error:
            _say(form, error)
    status = 422 if form.errors else 200
    return render(request, "picture/new.html", {"form": form, "sources": choices}, status=status)


@page(title="Picture", roles=SEES, data=EVENTS)
@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a picture, or how far it is."""
    reader = reader_of(request)
    found = queries.opened(reader, pk)
    if found.shown is None:
        return render(request, "picture/waiting.html", {"row": found.row})
    others = queries.comparable(reader, found.row)
    context = _context(request, found.row, found.shown) | {
        "compare": CompareForm(others, prefix="") if others else None,
    }
    return render(request, "picture/picture.html", context)


def _context(request: HttpRequest, row: queries.Row, shown: Shown) -> dict[str, Any]:
    """Return what the page of a picture shows; all of it comes from `shown`."""
    listing = Paginator(shown.ranked(), ROWS).get_page(request.GET.get("page"))
    return {
        "row": row,
        "shown": shown,
        "period": sentences.period(shown.months),
        "findings": sentences.findings(shown),
        "pairs": sentences.pairs(shown),
        "cause": sentences.CAUSE,
        "categories": [lakes.category_name(name) for name in row.parameters.categories],
        "together": sentences.together(shown)[:ROWS],
        "legends": [(layer, files.legend(layer, shown.least)) for layer in shown.layers],
        "colours": {y.source: _colours(y, shown.least) for y in shown.layers},
        "listing": listing,
        "said": lambda layer, place: files.said(shown, layer, place),
        "ranked": len(listing.paginator.object_list),
        "months_of": lambda layer: [
            (sentences.month_name(month), _or_hidden(count))
            for month, count in layer.months.items()
        ],
        "categories_of": lambda layer: [
            (lakes.category_name(name), _or_hidden(count))
            for name, count in layer.categories.items()
        ],
        "zones_of": lambda layer: [
            (z["rank"], z["where"], z["level"], z["events"], z["hours"]) for z in layer.zones
        ],
    }


def _or_hidden(count: int | None) -> str:
    return "hidden" if count is None else f"{count:,}"


def _colours(layer: ShownLayer, least: int) -> str:
    """Return the colours of the classes, in order, for the map."""
    return " ".join(step.colour for step in files.legend(layer, least))


@page(title="Progress of a picture", roles=SEES)
@require_safe
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how far a picture is."""
    row = queries.status(reader_of(request), pk)
    if row is None:
        raise Http404("There is no such picture.")
    said = {"waiting": row.waiting, "progress": row.progress, "step": row.step or row.state_said}
    return JsonResponse(said)


@page(title="Map of a picture", roles=SEES, data=EVENTS)
@require_safe
def features(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the map its features."""
    found = queries.opened(reader_of(request), pk, "see the map of a picture", drawn=True)
    if found.shown is None:
        raise Http404("The picture is not ready.")
    return JsonResponse(files.features(found.shown), content_type="application/geo+json")


@page(title="Table of a picture", roles=SEES, data=EVENTS)
@require_safe
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """Download the table as CSV."""
    row, shown = _download(request, pk, "download the table of a picture")
    text = "\ufeff" + files.csv_text(shown)  # spreadsheets take it for UTF-8 by this
    return _file(text, "text/csv; charset=utf-8", f"{_slug(row.title)} {shown.marking}.csv")


@page(title="Picture as GeoJSON", roles=SEES, data=EVENTS)
@require_safe
def geojson(request: HttpRequest, pk: int) -> HttpResponse:
    """Download the places with their numbers as GeoJSON."""
    row, shown = _download(request, pk, "download a picture as GeoJSON", drawn=True)
    made = row.made_at.isoformat() if row.made_at else ""
    text = files.geojson(shown, row.title, made)
    return _file(text, "application/geo+json", f"{_slug(row.title)} {shown.marking}.geojson")


def _download(
    request: HttpRequest, pk: int, doing: str, *, drawn: bool = False
) -> tuple[queries.Row, Shown]:
    found = queries.opened(reader_of(request), pk, doing, Kind.DISCLOSURE, drawn=drawn)
    if found.shown is None:
        raise Http404("The picture is not ready.")
    return found.row, found.shown


def _file(text: str, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=kind, headers=headers)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "picture"


@page(title="Events of a picture", roles=SEES, data=EVENTS)
@require_safe
def events(request: HttpRequest, pk: int, source: int) -> HttpResponse:
    """Show single events, where the agreement opens them."""
    found = queries.events(reader_of(request), pk, source, request.GET.get("month"))
    context = {
        "found": found,
        "month_name": sentences.month_name,
        "category_name": lakes.category_name,
    }
    return render(request, "picture/events.html", context)


@page(title="Compare two pictures", roles=SEES, data=EVENTS)
@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what changed between two pictures, the earlier period first."""
    try:
        other = int(request.GET.get("other", ""))
    except ValueError:
        raise Http404("No picture to compare with is named.") from None
    try:
        first, second = queries.compared(reader_of(request), other, pk)
    except InputError as error:
        messages.warning(request, str(error))
        return redirect("picture:picture", pk=pk)
    if first.shown is None or second.shown is None:
        raise Http404("The picture is not ready.")
    if first.shown.months > second.shown.months:
        first, second = second, first
    assert first.shown
    assert second.shown
    context = {
        "first": first,
        "second": second,
        "changes": sentences.compare(first.shown, second.shown),
        "cautions": sentences.cautions(first.shown, second.shown),
        "period": sentences.period,
        "most": ROWS,
        "rows_of": _changes,
        "marked": max(first.shown.marking, second.shown.marking, key=len),
    }
    return render(request, "picture/compare.html", context)


def _changes(layer: sentences.LayerChange) -> list[tuple[str, str, str, str, str]]:
    """Return the rows of a comparison."""
    return [
        (
            each.place.name,
            f"{each.before:,}",
            f"{each.after:,}",
            sentences.difference(each.after - each.before),
            "; ".join(filter(None, (sentences.BEYOND[each.notable], each.hot))),
        )
        for each in layer.changes[:ROWS]
    ]


@page(title="Share a picture", roles=MAKES)
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose which agencies may open a picture."""
    reader = reader_of(request)
    row = _own_row(reader, pk)
    agencies = queries.agencies(reader)
    chosen = [key for key, name in agencies if name in row.shared_with]
    form = ShareForm(agencies, request.POST or None, initial={"agencies": chosen})
    if request.method == "POST" and form.is_valid():
        actions.share(reader, pk, map(int, form.cleaned_data["agencies"]))
        messages.success(request, "Who may open this picture was changed.")
        return redirect("picture:picture", pk=pk)
    status_code = 422 if form.errors else 200
    return render(request, "picture/share.html", {"form": form, "row": row}, status=status_code)


@page(title="Make a picture again", roles=MAKES, data=EVENTS)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Work a picture out again from the lake as it is now."""
    try:
        actions.rerun(reader_of(request), pk)
    except InputError as error:
        messages.warning(request, str(error))
    return redirect("picture:picture", pk=pk)


@page(title="Delete a picture", roles=MAKES)
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a picture, after asking."""
    reader = reader_of(request)
    row = _own_row(reader, pk)
    if request.method == "POST":
        actions.delete(reader, pk)
        messages.success(request, f"“{row.title}” was deleted.")
        return redirect("picture:pictures")
    return render(request, "picture/delete.html", {"row": row})


def _own_row(reader: Reader, pk: int) -> queries.Row:
    """Return a picture that the reader may change; 404 otherwise."""
    row = queries.status(reader, pk)
    if row is None or not row.may_change:
        raise Http404("There is no such picture to change.")
    return row


@page(title="Whose the events of the lake are", roles={Role.ADMINISTRATOR}, nav="Sources")
@require_http_methods(["GET", "POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """Say which agency owns each source of the lake; no event is shown."""
    reader = reader_of(request)
    form = SourceForm(queries.agencies(reader, own=True), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.register_source(reader, **form.cleaned_data)
            messages.success(request, "The owner of the source was kept.")
            return redirect("picture:sources")
        except InputError as error:
            _say(form, error)
    rows = queries.sources(reader)
    context = {
        "form": form,
        "rows": rows,
        "table_rows": [
            (r.source, r.service, r.label, r.owner_name, r.data_class, r.area) for r in rows
        ],
    }
    return render(request, "picture/sources.html", context, status=422 if form.errors else 200)


def _say(form: forms.Form, error: InputError) -> None:
    """Put a refusal beside the field that it is about."""
    field = error.field if error.field in form.fields else None
    text = " ".join(filter(None, (f"{error.what[:1].upper()}{error.what[1:]}.", error.do)))
    form.add_error(field, text)

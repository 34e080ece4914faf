"""Pages of visits: one visit, its form, what follows, the day's order and pack, who is in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework.cases.queries.view import case_view
from triservice.casework.cases.rules import WORKS
from triservice.casework.directory.queries import offered
from triservice.casework.files.actions import add_photos
from triservice.casework.files.views import sent as as_sent
from triservice.casework.triage.views import OF_PEOPLE, SHOWN
from triservice.casework.visits import actions, queries
from triservice.casework.visits.actions.finishing import Follows, finish
from triservice.casework.visits.actions.photos import agree_to_photos
from triservice.casework.visits.forms import ROWS, FinishForm, PhotosForm, local_text
from triservice.casework.visits.shown import VisitPage
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.schemes import asking
from triservice.schemes.scheme import Form, Scheme

PHOTOS_AT_ONCE = 5  # with one sending of the form; more with the next
FITTED = frozenset({DataClass.HOUSEHOLD, DataClass.RISK})


def _address(name: str, pk: int, visit: int) -> str:
    return reverse(f"casework:{name}", args=[pk, visit])


def _open(found: VisitPage) -> tuple[Scheme, Form]:
    """Return what a planned visit is recorded with; 404 for a visit that is over."""
    if found.scheme is None or found.seen.state != "planned":
        raise Http404("This visit is not planned any more.")
    return found.scheme, found.scheme.forms[queries.FORM]


@page(title="A visit", roles=WORKS, data=OF_PEOPLE)
@require_safe
def visit(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Show one visit: its form, scores and reasons, and the last visit beside it."""
    reader = reader_of(request)
    context = {"page": queries.visit_page(reader, pk, visit), "case": case_view(reader, pk)}
    return render(request, "casework/visits/visit.html", context)


@page(title="Record a visit", roles=WORKS, data=OF_PEOPLE, files=settings.FILE_BYTES,
      several=PHOTOS_AT_ONCE)  # fmt: skip
@require_http_methods(METHODS)
def record(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Fill the scheme's visit form, or go on with its draft."""
    reader = reader_of(request)
    found = queries.visit_page(reader, pk, visit)
    scheme, form = _open(found)
    given: dict[str, Any] = dict(found.answers.values)
    errors: dict[str, str] = {}
    agrees = PhotosForm(found.photos, request.POST or None) if found.photos else None
    if request.method == "POST":
        given = asking.sent(form, request.POST)
        later = "draft" in request.POST
        photos = {name: list(map(as_sent, request.FILES.getlist(name))) for name in request.FILES}
        try:
            _agree(reader, pk, agrees)
            errors = add_photos(reader, pk, visit, form, given, photos)
            errors |= actions.keep_draft(reader, pk, visit, given, finished=not later)
        except InputError as error:
            errors = {"": str(error)}
        if not errors:
            if later:
                messages.success(request, "Kept. Go on with it when you like.")
            over = later or ("now" in request.POST and _recorded_at_once(request, pk, visit))
            return redirect(_address("visit" if over else "finish_visit", pk, visit))
    context = {
        "layout": asking.layout(form, given, errors), "asked": form, "scheme": scheme,
        "page": found, "back": _address("visit", pk, visit), "agrees": agrees,
    }  # fmt: skip
    return render(request, "casework/visits/record.html", context, status=422 if errors else 200)


def _recorded_at_once(request: HttpRequest, pk: int, visit: int) -> bool:
    """Record a visit by its form alone, where no need was found; say whether it is recorded."""
    reader = reader_of(request)
    found = queries.visit_page(reader, pk, visit)
    if found.assessed is None:
        return False
    if found.assessed.needs:
        messages.warning(request, "Something was found. Say what is done about it.")
        return False
    began, ended = _times(found)
    done = actions.Done(new_key(), found.answers.values, began, ended)
    try:
        finish(reader, pk, visit, done, Follows())
    except InputError as error:
        messages.warning(request, str(error))
        return False
    messages.success(request, "The visit is recorded.")
    return True


def _times(found: VisitPage) -> tuple[datetime, datetime]:
    """Return when a visit began, as far as is known, and now, when it has ended."""
    now = clock.now()
    return min(found.began_at or found.seen.planned_at or now, now), now


def _agree(reader: Reader, pk: int, agrees: PhotosForm | None) -> None:
    if agrees is not None and agrees.is_valid() and agrees.cleaned_data["photos_agreed"]:
        said = agrees.cleaned_data
        agree_to_photos(reader, pk, said["photos_agreed"], said["photos_agreed_by"])


@page(title="What was done at a visit, and what follows", roles=WORKS, data=OF_PEOPLE)
@require_http_methods(METHODS)
def finish_visit(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Show what the form comes to; take what was fitted, done and agreed, and record it all."""
    reader = reader_of(request)
    found = queries.visit_page(reader, pk, visit)
    scheme, _ = _open(found)
    if found.assessed is None:
        return redirect(_address("record_visit", pk, visit))
    post = request.POST
    rows = int(post["rows"]) if post.get("rows", "").isdigit() else ROWS
    more = "more" in post
    begun = dict(zip(("began", "ended"), map(local_text, _times(found)), strict=True))
    needs = found.assessed.needs
    form = FinishForm(
        scheme, needs, offered(reader, pk, (one.need.id for one in needs)) if needs else (),
        rows + ROWS if more else rows,
        post if post and not more else None,
        {name: post.getlist(name) if name in {"help", "routes"} else post[name] for name in post}
        if more else begun,
    )  # fmt: skip
    if post and not more and form.is_valid():
        try:
            finish(reader, pk, visit, *_said(found, form, post.get("key", "")))
        except InputError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The visit is recorded.")
            return redirect(_address("visit", pk, visit))
    context = {
        "form": form, "page": found, "back": _address("record_visit", pk, visit),
        "key": post.get("key") or new_key(), "rows": len(form.rows),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "casework/visits/finish.html", context, status=status)


def _said(found: VisitPage, form: FinishForm, key: str) -> tuple[actions.Done, Follows]:
    said = form.cleaned_data
    next_at = said["next_at"]
    try:
        made = UUID(key)
    except ValueError:
        raise InputError("The page was not whole. Load it again", kept="Your draft") from None
    done = actions.Done(
        made, found.answers.values, said["began"], said["ended"], tuple(form.fitted()),
        said["advice"], said["danger"], timezone.localdate(next_at) if next_at else None,
    )  # fmt: skip
    follows = Follows(
        form.chosen("help"), form.chosen("routes"), said.get("agreed") or "",
        said.get("given_by") or "", said.get("why") or "", next_at,
    )  # fmt: skip
    return done, follows


@page(title="Card for somebody who was not in", roles=WORKS, data=frozenset({DataClass.RISK}))
@require_safe
def card(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Show a card to print and leave: it says who called and how to ring back, and no name."""
    reader = reader_of(request)
    context = {"page": queries.visit_page(reader, pk, visit), "case": case_view(reader, pk)}
    return render(request, "casework/visits/card.html", context)


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate(clock.now())


@page(title="Order of your visits of a day", roles=WORKS, data=SHOWN)
@require_http_methods(METHODS)
def order(request: HttpRequest) -> HttpResponse:
    """Propose a shorter order of a day's visits, and give the visits those times."""
    reader, day = reader_of(request), _day(request)
    sent = request.POST if request.method == "POST" else request.GET
    fixed = {int(pk) for pk in sent.getlist("fixed") if pk.isdigit()}
    found = queries.my_visits(reader, day, fixed)
    if request.method == "POST":
        for one in found.shorter:
            if one.new_at is not None and one.new_at != one.seen.planned_at:
                actions.move(reader, one.seen.case, one.seen.pk, one.new_at, "Shorter way")
        messages.success(request, "The visits have their new times.")
        return redirect(f"{reverse('casework:order')}?day={day}")
    return render(request, "casework/visits/order.html", {"day": found, "fixed": fixed})


@page(title="Your visits of a day on paper", roles=WORKS, data=OF_PEOPLE)
@require_safe
def pack(request: HttpRequest) -> HttpResponse:
    """Show the day's visits to print: where, who, why, what is known, and the way."""
    reader = reader_of(request)
    found = queries.my_visits(reader, _day(request))
    cases = [case_view(reader, one.seen.case) for one in found.given]
    context = {"day": found, "visits": list(zip(found.given, cases, strict=True))}
    return render(request, "casework/visits/pack.html", context)


@page(title="Fitted equipment that falls due", roles=WORKS, data=FITTED, nav="Equipment")
@require_safe
def equipment(request: HttpRequest) -> HttpResponse:
    """List what is to be looked at or replaced within sixty days."""
    found = queries.falling_due(reader_of(request))
    return render(request, "casework/visits/equipment.html", {"due": found})


@page(title="Who is at a visit alone", roles=WORKS, data=frozenset({DataClass.RISK}), nav="Out now")
@require_safe
def inside(request: HttpRequest) -> HttpResponse:
    """List the officers who are at a visit alone, those not heard of in time first."""
    found = queries.inside_now(reader_of(request))
    return render(request, "casework/visits/inside.html", {"inside": found})

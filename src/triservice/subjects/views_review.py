"""Pages: judge pairs, take joins back, report and settle wrong links, rows not read."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.errors import Refused
from triservice.access.pages import LAST, number_in, page, safe_next
from triservice.access.rules import UNKNOWN
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions import joins as joining
from triservice.subjects.actions import links, records
from triservice.subjects.forms import JudgeForm, UndoForm, WhyForm, WrongForm
from triservice.subjects.queries import people, places, review
from triservice.subjects.queries.shown import PersonView, PremisesView
from triservice.subjects.views import OF_PEOPLE, READERS, WHO, posted, reader_of
from triservice.subjects.words import State

JUDGES = frozenset(
    {Role.TEAM_LEADER, Role.DATA_OWNER, Role.CALDICOTT_GUARDIAN, Role.DATA_PROTECTION_LEAD}
)
OWNERS = frozenset({Role.DATA_OWNER, Role.DATA_PROTECTION_LEAD})
SAID = {
    State.CONFIRMED_BY_ONE: "Your word is kept. A second person must confirm before they are one.",
    State.LINKED: "They are one person from now on. It can be taken back at any time.",
}


def _status(form: Form) -> int:
    return 422 if form.errors else 200


@page(title="Possible matches", roles=JUDGES, data=WHO, nav="Matches")
@require_safe
def pairs(request: HttpRequest) -> HttpResponse:
    """The pairs to judge."""
    rows = review.review_queue(reader_of(request), number_in(request.GET.get("after"), 0, LAST))
    context = {"rows": rows, "full": len(rows) == review.SHOWN}
    return render(request, "subjects/pairs.html", context)


@page(title="Compare two people", roles=JUDGES, data=WHO)
@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    """A pair side by side; say whether they are one."""
    reader = reader_of(request)
    form = JudgeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        try:
            if form.cleaned_data["word"] == "same":
                messages.success(request, SAID[joining.confirm_same(reader, pk, why)])
            else:
                joining.confirm_different(reader, pk, why)
                messages.success(request, "They stay two people. The pair is not proposed again.")
            return redirect("subjects:pairs")
        except InputError as error:
            form.add_error(None, str(error))
    context = {"pair": review.pair_view(reader, pk), "form": form}
    return render(request, "subjects/pair.html", context, status=_status(form))


@page(title="How this person came to be one", roles=READERS, data=WHO)
@require_safe
def joins(request: HttpRequest, key: UUID) -> HttpResponse:
    """The joins of a person, standing and taken back."""
    reader = reader_of(request)
    context = {
        "key": key,
        "joins": people.joins_view(reader, key),
        "may_undo": bool(JUDGES & reader.roles),
    }
    return render(request, "subjects/joins.html", context)


@page(title="Take a join back", roles=JUDGES, data=WHO)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, key: UUID, pk: int) -> HttpResponse:
    """Take a join back."""
    reader = reader_of(request)
    form = UndoForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            joining.unmerge(
                reader, pk, form.cleaned_data["why"], different=form.cleaned_data["different"]
            )
            messages.success(request, "Taken back. Both are exactly who they were before.")
            return redirect("subjects:joins", key=key)
        except InputError as error:
            form.add_error(None, str(error))
    shown = [one for one in people.joins_view(reader, key) if one.pk == pk]
    if not shown:
        raise Refused(UNKNOWN, f"subjects.merge {pk}", hidden=True)
    context = {"key": key, "join": shown[0], "form": form}
    return render(request, "subjects/undo.html", context, status=_status(form))


@page(title="Report a wrong link", roles=READERS, data=OF_PEOPLE)
@require_http_methods(["GET", "POST"])
def wrong(request: HttpRequest, key: UUID) -> HttpResponse:
    """Report that something said of a person is somebody else's; ?next= is the page it is on."""
    return _wrong(request, key, "person", people.person_view, links.report_wrong_link)


@page(title="Report a wrong link to a place", roles=READERS, data=OF_PEOPLE)
@require_http_methods(["GET", "POST"])
def wrong_place(request: HttpRequest, key: UUID) -> HttpResponse:
    """Report that something, or somebody, does not belong to a place; ?next= as above."""
    return _wrong(request, key, "premises", places.premises_view, links.report_wrong_place)


def _wrong(
    request: HttpRequest,
    key: UUID,
    kind: str,
    view: Callable[[Reader, UUID], PersonView | PremisesView],
    report: Callable[[Reader, UUID, str, int | None, str], object],
) -> HttpResponse:
    reader, here = reader_of(request), reverse(f"subjects:{kind}", args=[key])
    back = safe_next(request, request.GET.get("next", here))
    form = WrongForm(posted(request), initial={"record": request.GET.get("record")})
    if request.method == "POST" and form.is_valid():
        try:
            why, record = form.cleaned_data["why"], form.cleaned_data["record"]
            report(reader, key, why, record, back)
            messages.success(request, "Reported. Those who look after the records will look at it.")
            return redirect(back)
        except InputError as error:
            form.add_error("why", str(error))
    shown, record = view(reader, key), form["record"].value()
    about = next((one for one in shown.records if str(one.pk) == str(record)), None)
    name = shown.address if isinstance(shown, PremisesView) else shown.title
    context = {"name": name, "about": about, "form": form, "back": back}
    return render(request, "subjects/wrong.html", context, status=_status(form))


@page(title="Reports of wrong links", roles=JUDGES, data=WHO, nav="Wrong links")
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Open reports."""
    return render(request, "subjects/reports.html", {"reports": review.reports(reader_of(request))})


@page(title="Settle a report", roles=JUDGES, data=WHO)
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of a report."""
    reader = reader_of(request)
    form = WhyForm(posted(request))
    form.fields["why"].label = "What did you find, and what did you do?"
    if request.method == "POST" and form.is_valid():
        try:
            links.settle_wrong_link(reader, pk, form.cleaned_data["why"])
            messages.success(request, "Settled.")
            return redirect("subjects:reports")
        except InputError as error:
            form.add_error(None, str(error))
    about = next((one for one in review.reports(reader) if one.pk == pk), None)
    if about is None:
        raise Refused(UNKNOWN, f"subjects.wronglink {pk}", hidden=True)
    context = {"about": about, "form": form}
    return render(request, "subjects/settle.html", context, status=_status(form))


@page(title="Rows that could not be read", roles=OWNERS, data=OF_PEOPLE, nav="Rows not read")
@require_safe
def unread(request: HttpRequest) -> HttpResponse:
    """The rows of the own agency that wait."""
    return render(request, "subjects/unread.html", {"rows": review.quarantine(reader_of(request))})


@page(title="Settle a row", roles=OWNERS, data=OF_PEOPLE)
@require_http_methods(["GET", "POST"])
def settle_row(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what was done about a row that could not be read."""
    reader = reader_of(request)
    form = WhyForm(posted(request))
    form.fields["why"].label = "What did you do about this row?"
    if request.method == "POST" and form.is_valid():
        try:
            records.settle_quarantined(reader, pk, form.cleaned_data["why"])
            messages.success(request, "Settled.")
            return redirect("subjects:unread")
        except InputError as error:
            form.add_error(None, str(error))
    row = next((one for one in review.quarantine(reader) if one.pk == pk), None)
    if row is None:
        raise Refused(UNKNOWN, f"subjects.quarantined {pk}", hidden=True)
    context = {"row": row, "form": form}
    return render(request, "subjects/settle_row.html", context, status=_status(form))

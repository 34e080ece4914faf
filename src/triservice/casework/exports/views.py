"""A list or the numbers as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from triservice.access.errors import Refused
from triservice.access.pages import page
from triservice.access.rules import UNKNOWN
from triservice.casework.cases.rules import WORKS
from triservice.casework.dashboards.forms import AskForm
from triservice.casework.dashboards.rules import LOOKS
from triservice.casework.exports import queries
from triservice.casework.filters.views import form_of, kept
from triservice.casework.outcomes.forms import AskForm as OfOutcomes
from triservice.casework.outcomes.queries.kept import NotYetError
from triservice.casework.triage.views import SHOWN
from triservice.files import Sheet, sheets_csv, sheets_xlsx
from triservice.kernel import clock
from triservice.subjects.views import reader_of

Writer = Callable[[Iterable[Sheet], str], bytes]
KINDS: Mapping[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", lambda sheets, _: ("\ufeff" + sheets_csv(sheets)).encode()),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        sheets_xlsx,
    ),
}

COUNTS: Mapping[str, Callable[[Any], dict[str, Any]]] = {  # files of counts: what they ask for
    "numbers": lambda data: AskForm(data).asked(),
    "outcomes": lambda data: OfOutcomes(data, timezone.localtime(clock.now())).asked(),
}


@page(title="A list or numbers as a file", roles=LOOKS, data=SHOWN)
@require_safe
def export(request: HttpRequest, of: str, kind: str) -> HttpResponse:
    """Write what the page shows into a file: lists for those who work on cases, numbers for all."""
    if of not in queries.EXPORTS or kind not in KINDS:
        raise Http404("There is no such file.")
    reader = reader_of(request)
    if of not in COUNTS and not reader.roles & WORKS:
        raise Refused(UNKNOWN, f"casework export of {of}", hidden=True)
    said = _said(of, request)
    try:
        written = queries.EXPORTS[of](reader, said)
    except NotYetError:  # its page says so, and lets it be worked out
        return redirect(f"{reverse('casework:outcomes')}?{urlencode(said)}")
    name = f"{of} {written.marking}{' first part' if written.cut else ''}.{kind}"
    content_type, write = KINDS[kind]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    body = write(queries.marked(written), str(written.marking))
    return HttpResponse(body, content_type=content_type, headers=headers)


def _said(of: str, request: HttpRequest) -> dict[str, Any]:
    if of in COUNTS:
        return COUNTS[of](request.GET)
    form = form_of(request, of)
    if not form.is_valid():  # a file of all is not what was asked for
        raise Http404("There is no such filter.")
    return kept(form)

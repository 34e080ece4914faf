"""Pages of who read about somebody: to be shown, printed and taken away."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from triservice.access.about import named as name_of
from triservice.access.agreements.views import reader_of
from triservice.access.explorer.queries import LEAD
from triservice.access.pages import page
from triservice.access.reads import queries
from triservice.kernel.access_words import Purpose


@page(title="Who read about somebody", roles={LEAD})
@require_safe
def reads(request: HttpRequest, subject: UUID) -> HttpResponse:
    """Show who read what the agency holds about a subject; ?unnamed: without who they were."""
    reader, named = reader_of(request), "unnamed" not in request.GET
    if reader.purpose is not Purpose.SUBJECT_RIGHTS:
        messages.info(request, f"Choose the purpose {Purpose.SUBJECT_RIGHTS} to see who read.")
        here = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('access:purpose')}?{here}")
    found = queries.of_subject(reader, subject, named=named)
    context = {"found": found, "subject": subject, "named": named, "who": name_of(found.about)}
    return render(request, "access/reads.html", context)


@page(title="Who read about somebody, as CSV", roles={LEAD})
@require_safe
def reads_csv(request: HttpRequest, subject: UUID) -> HttpResponse:
    """Send the same as CSV."""
    named = "unnamed" not in request.GET
    content, cut = queries.export_subject(reader_of(request), subject, named=named)
    name = f"who-read {queries.MARKING}{' first part' if cut else ''}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)

"""The page of notices."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from triservice.access.notices import actions, queries
from triservice.access.pages import page
from triservice.kernel.access_words import Reader


def _reader(request: HttpRequest) -> Reader:
    return request.reader  # type: ignore[attr-defined, no-any-return]


@page(title="What waits for you", purpose=False, nav="Notices")
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices to the reader."""
    dealt = "dealt" in request.GET
    rows = queries.notices(_reader(request), dealt=dealt)
    return render(request, "access/notices.html", {"rows": rows, "dealt": dealt})


@page(title="Deal with a notice", purpose=False)
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a notice as dealt with."""
    if not actions.dismiss(_reader(request), pk):
        raise Http404("There is no such notice.")
    return redirect("access:notices")

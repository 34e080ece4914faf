"""The page of notices."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triservice.access.notices import actions, queries
from triservice.access.notices.forms import MailForm
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


@page(title="Which notices come by e-mail", purpose=False)
@require_http_methods(("GET", "POST"))
def choose_mail(request: HttpRequest) -> HttpResponse:
    """Choose which kinds of notices are mailed."""
    reader = _reader(request)
    posted = request.POST if request.method == "POST" else None
    form = MailForm(posted, initial={"kinds": sorted(queries.mailed(reader))})
    if posted is not None and form.is_valid():
        actions.choose_mail(reader, form.cleaned_data["kinds"])
        messages.success(request, "Saved.")
        return redirect("access:notices")
    context = {"form": form, "back": reverse("access:notices"), "always": form.ALWAYS}
    return render(request, "access/notice_mail.html", context, status=422 if form.errors else 200)

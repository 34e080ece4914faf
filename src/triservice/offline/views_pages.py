"""Pages at a desk: whose phones there are, and what phones sent that waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triservice.access.pages import page
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.kernel.errors import InputError
from triservice.offline import rules
from triservice.offline.actions import phones as phone_actions
from triservice.offline.actions import settling
from triservice.offline.forms import ChoiceForm, WhyForm
from triservice.offline.queries.phones import phones as phone_rows
from triservice.offline.queries.waiting import operation_page, waiting
from triservice.offline.views import FIELD

SEES_PHONES = FIELD | rules.REVOKERS
SETTLES = FIELD | {Role.DATA_PROTECTION_LEAD}
SENT = frozenset(DataClass) - {DataClass.WORKFORCE}


def _reader(request: HttpRequest) -> Reader:
    return request.reader  # type: ignore[attr-defined, no-any-return]


@page(title="Phones that work without signal", roles=SEES_PHONES, purpose=False, nav="Phones")
@require_safe
def phones(request: HttpRequest) -> HttpResponse:
    """List phones: one's own, and those that one may take away."""
    reader = _reader(request)
    context = {"rows": phone_rows(reader), "field": bool(FIELD & reader.roles)}
    return render(request, "offline/phones.html", context)


@page(title="Take a phone away", roles=SEES_PHONES, purpose=False)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a phone away now."""
    _say(
        request,
        lambda: phone_actions.revoke(_reader(request), pk),
        "The phone is taken away. It is wiped the next time it comes by; what it had not sent "
        "will wait under “From phones”.",
    )
    return redirect("offline:phones")


@page(title="What phones sent that waits", roles=SETTLES, data=SENT, nav="From phones")
@require_safe
def waits(request: HttpRequest) -> HttpResponse:
    """List conflicts and what was refused."""
    return render(request, "offline/waiting.html", {"rows": waiting(_reader(request))})


@page(title="Settle what a phone sent", roles=SETTLES, data=SENT)
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one thing that waits; of two versions choose."""
    shown = operation_page(_reader(request), pk)
    if shown is None:
        raise Http404("There is no such operation.")
    posted = request.POST if request.method == "POST" else None
    form = ChoiceForm(shown.sides, posted)
    if posted is not None and form.is_valid():
        try:
            settling.choose(_reader(request), pk, form.phone_wins())
        except InputError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Your choice holds. Both versions stay kept.")
            return redirect("offline:waiting")
    status = 422 if form.errors else 200
    return render(request, "offline/settle.html", {"shown": shown, "form": form}, status=status)


@page(title="Try again what a phone sent", roles=SETTLES, data=SENT)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what was refused, now."""
    _say(request, lambda: settling.again(_reader(request), pk), "It is done.")
    return redirect("offline:waiting")


@page(title="Let go what a phone sent", roles=SETTLES, data=SENT)
@require_http_methods(["GET", "POST"])
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why it need not be done."""
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            settling.let_go(_reader(request), pk, form.cleaned_data["why"])
        except InputError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "It is let go, and stays on the record.")
            return redirect("offline:waiting")
    context = {"form": form, "pk": pk}
    return render(request, "offline/let_go.html", context, status=422 if form.errors else 200)


def _say(request: HttpRequest, act: Callable[[], Any], done: str) -> None:
    try:
        act()
    except InputError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)

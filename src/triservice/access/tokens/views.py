"""Pages of tokens: who has one, make, renew, revoke."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from triservice.access.pages import page
from triservice.access.tokens import actions, queries
from triservice.access.tokens.forms import LastsForm, TokenForm
from triservice.agencies.models import Agency
from triservice.agencies.queries import handle
from triservice.agencies.sign_in.confirming import confirmed
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.errors import InputError

MAKES = frozenset({Role.ADMINISTRATOR})
SEES = MAKES | {Role.DATA_PROTECTION_LEAD}


def _reader(request: HttpRequest) -> Reader:
    return request.reader  # type: ignore[attr-defined, no-any-return]


@page(title="Tokens of agencies' systems", roles=SEES, nav="Systems")
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """List tokens: of every agency to an administrator, else of the own."""
    reader = _reader(request)
    context = {"rows": queries.tokens(reader), "may_make": bool(MAKES & reader.roles)}
    return render(request, "access/tokens.html", context)


@page(title="Make a token", roles=MAKES)
@require_http_methods(["GET", "POST"])
@confirmed
def make(request: HttpRequest) -> HttpResponse:
    """Make a system and its token; the page that answers is the only one that shows the secret."""
    form = TokenForm(request.POST if request.method == "POST" else None)

    def act() -> actions.Issued:
        said = dict(form.cleaned_data)
        agency = handle(Agency, said.pop("agency"))
        if agency is None:
            raise Http404("There is no such agency.")
        return actions.issue(_reader(request), agency, **said)

    return _issue(request, form, "Make a token for a system", act)


@page(title="Renew a token", roles=MAKES)
@require_http_methods(["GET", "POST"])
@confirmed
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Make another token for the same system; the old one still works until revoked."""
    form = LastsForm(request.POST if request.method == "POST" else None)
    return _issue(
        request,
        form,
        "Renew a token",
        lambda: actions.renew(_reader(request), pk, form.cleaned_data["days"]),
    )


@page(title="Revoke a token", roles=SEES)
@require_POST
@confirmed
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token now."""
    try:
        actions.revoke(_reader(request), pk)
    except InputError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The token is revoked: its next call is refused.")
    return redirect("access:tokens")


def _issue(
    request: HttpRequest, form: LastsForm, title: str, act: Callable[[], actions.Issued]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            issued = act()
        except InputError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return render(request, "access/token_made.html", {"issued": issued})
    context = {"form": form, "title": title, "purposes": Purpose}
    status = 422 if form.errors else 200
    return render(request, "access/token_make.html", context, status=status)

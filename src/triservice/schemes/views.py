"""Pages of schemes: each in plain words, its forms to try out and on paper. Nobody's data."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.pages import page
from triservice.kernel.errors import InputError
from triservice.schemes import asking, catalogue, telling
from triservice.schemes import forms as checking
from triservice.schemes.scheme import Form, Scheme


def _scheme(name: str, version: int | None = None) -> Scheme:
    """Return a scheme; else 404."""
    try:
        return catalogue.scheme(name, version)
    except InputError as unknown:
        raise Http404(str(unknown)) from None


def _form(scheme: Scheme, name: str) -> Form:
    """Return a form of a scheme; else 404."""
    if name not in scheme.forms:
        raise Http404("This scheme has no such form.")
    return scheme.forms[name]


@page(title="What each scheme does, asks and offers", purpose=False, nav="Schemes")
@require_safe
def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes."""
    found = [catalogue.scheme(name) for name in catalogue.names()]
    context = {"schemes": sorted(found, key=lambda each: each.name), "telling": telling}
    return render(request, "schemes/schemes.html", context)


@page(title="A scheme in plain words", purpose=False)
@require_safe
def scheme(request: HttpRequest, name: str, version: int | None = None) -> HttpResponse:
    """Show a scheme in plain words: who may refer, what happens when, the rules, the sources."""
    found = _scheme(name, version)
    newest = _scheme(name).version
    context = {"scheme": found, "telling": telling, "newest": newest}
    return render(request, "schemes/scheme.html", context)


@page(title="Try out a form", purpose=False)
@require_http_methods(["GET", "HEAD", "POST"])
def rehearse(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Ask a form and show what the answers would come to. Nothing is kept."""
    found = _scheme(name)
    asked = _form(found, form)
    given = asking.sent(asked, request.POST) if request.method == "POST" else {}
    checked = checking.check(asked, given) if request.method == "POST" else None
    errors = checked.errors if checked else {}
    context = {
        "scheme": found,
        "asked": asked,
        "layout": asking.layout(asked, given, errors),
        "errors": errors,
        "checked": checked,
        "found": checking.assess(found, asked, checked.values) if checked else None,
        "eligible": catalogue.triage(found, checked.values) if checked else None,
        "telling": telling,
    }
    return render(request, "schemes/try.html", context, status=422 if errors else 200)


@page(title="A form on paper", purpose=False)
@require_safe
def paper(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Show a form to print and fill in by hand, for where nothing else works."""
    found = _scheme(name)
    context = {"scheme": found, "asked": _form(found, form), "telling": telling}
    return render(request, "schemes/paper.html", context)

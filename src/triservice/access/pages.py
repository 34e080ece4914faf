"""Each page declares who may open it and what it reads; a page that declares nothing is 404."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from triservice.access.errors import Refused
from triservice.access.readers import reader_for
from triservice.access.record import keeping_markings
from triservice.access.rules import PURPOSES
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role

View = TypeVar("View", bound=Callable[..., Any])
SESSION_KEY = "purpose"
LAST = 2**63 - 1  # the highest number that a row can have


@dataclass(frozen=True, slots=True)
class Page:
    """The rule of a page. `roles` None: any officer with a post; `public`: without signing in.

    `files` is how large a file it takes, in bytes; 0: none (web.uploads). `several`: how many.
    """

    title: str
    roles: frozenset[Role] | None = None
    purpose: bool = True
    data: frozenset[DataClass] = frozenset()
    nav: str | None = None
    public: bool = False
    files: int = 0
    several: int = 1


DECLARED: dict[str, Page] = {}  # rules of views that are not ours, by view name


def page(
    *,
    title: str,
    roles: AbstractSet[Role] | None = None,
    purpose: bool = True,
    data: AbstractSet[DataClass] = frozenset(),
    nav: str | None = None,
    public: bool = False,
    files: int = 0,
    several: int = 1,
) -> Callable[[View], View]:
    """Declare the rule of a view. `purpose`: it asks for one first; `data`: the classes it reads.

    `nav` is the word in the navigation (web.navigation), for those who may open it.
    """
    rule = Page(
        title, _set(roles), purpose and not public, frozenset(data), nav, public, files, several
    )  # fmt: skip

    def declared(view: View) -> View:
        view.page = rule  # type: ignore[attr-defined]
        return view

    return declared


def declare(view_name: str, rule: Page) -> None:
    """Declare the rule of a view that is not ours, such as a library's, by its view name."""
    DECLARED[view_name] = rule


def rule_of(view: Callable[..., Any], view_name: str = "") -> Page | None:
    """Return the declared rule of a view, or None: then it is 404."""
    rule = getattr(view, "page", None) or DECLARED.get(view_name)
    return rule if isinstance(rule, Page) else None


def may_open(rule: Page, reader: Reader | None) -> bool:
    """Whether a reader's roles open a page; for navigation. Not whether a purpose is chosen."""
    return rule.public or (
        reader is not None and (rule.roles is None or bool(rule.roles & reader.roles))
    )


def purpose_of(request: HttpRequest) -> Purpose | None:
    """Return the purpose chosen in the session, or None."""
    chosen = request.session.get(SESSION_KEY)
    return Purpose(chosen) if chosen in PURPOSES else None


def reader_of(request: HttpRequest) -> Reader | None:
    """Return who reads in this request, or None: not signed in, or without a live post."""
    if not hasattr(request, "_reader"):
        officer = request.user
        reader = None
        if officer.is_authenticated:
            source = f"{request.META.get('REMOTE_ADDR', '')} {request.method} {request.path}"
            reader = reader_for(officer, purpose_of(request), source=source)
        request._reader = reader  # type: ignore[attr-defined]
    return request._reader  # type: ignore[attr-defined, no-any-return]


class AccessMiddleware:
    """Answers 404 for undeclared pages, asks to sign in and for a purpose, sets request.reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and keep the markings of what is read to answer it."""
        with keeping_markings() as request.markings:  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Hold the request to the rule of its page."""
        if guard := getattr(view, "guard", None):  # an operation of the API: access.api_rules
            return guard(request)  # type: ignore[no-any-return]
        match = request.resolver_match
        rule = rule_of(view, match.view_name if match else "")
        if rule is None:
            raise Http404("This page declares no rule.")
        request.rule = rule  # type: ignore[attr-defined]
        if rule.public:
            return None
        if not request.user.is_authenticated:
            return _redirect(request, settings.LOGIN_URL)
        reader = reader_of(request)
        request.reader = reader  # type: ignore[attr-defined]
        if reader is None:
            return _closed(request, "You hold no post today, so nothing is open to you.")
        if not may_open(rule, reader):
            return _closed(request, "This page is not part of what your post does.")
        if rule.purpose and reader.purpose is None:
            return _redirect(request, reverse("access:purpose"))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show a refused read: why, and how to ask; or 404 when its existence is hidden."""
        if not isinstance(error, Refused):
            return None
        if error.hidden:
            raise Http404
        return _closed(request, str(error.decision.reason), refused=error)


def _redirect(request: HttpRequest, to: str) -> HttpResponse:
    """Send to a page and back here afterwards; a fragment asks the browser to go itself."""
    here = request.get_full_path() if request.method == "GET" else "/"
    target = f"{_path(to)}?{urlencode({'next': here})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _path(to: str) -> str:
    return to if to.startswith("/") else reverse(to)


def _closed(request: HttpRequest, why: str, refused: Refused | None = None) -> HttpResponse:
    context = {"why": why, "refused": refused}
    return render(request, "access/refused.html", context, status=403)


def number_in(text: str | None, otherwise: int, most: int) -> int:
    """Return the whole number that an address says, or `otherwise`: for none, and beyond `most`.

    The databases refuse numbers that are too large for them, and Python those of 4,300 digits.
    """
    plain = text is not None and text.isascii() and text.isdecimal() and len(text) < 20
    said = int(text) if plain and text else otherwise
    return said if said <= most else otherwise


def safe_next(request: HttpRequest, given: str | None) -> str:
    """Return a path of this site to go on to; anything else is the first page."""
    if given is None or not given.startswith("/"):  # a name would be taken for a view's
        return "/"
    own = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(given, own, require_https=request.is_secure())
    return given if safe else "/"


def _set(roles: AbstractSet[Role] | None) -> frozenset[Role] | None:
    return None if roles is None else frozenset(roles)

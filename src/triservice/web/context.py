"""What the base page shows around every page: who reads, for whom, why, and where they may go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import BigIntegerField, QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from triservice.access.agreements.queries import VersionRow, closed_lately
from triservice.access.notices.queries import open_count
from triservice.access.pages import reader_of
from triservice.access.prepared import Given, Prepared
from triservice.access.restrictions.rules import highest
from triservice.agencies.models import Agency
from triservice.casework.referrals.queries import public_choices
from triservice.kernel.access_words import Marking, Reader
from triservice.web.middleware.sessions import seconds_left
from triservice.web.navigation import address, entries_for


@dataclass(frozen=True, slots=True)
class Shell:
    """The furniture of the base page."""

    signed_in: bool = False
    officer: str = ""
    agency: str = ""
    purpose: str = ""
    marking: str = Marking.OFFICIAL  # the highest of what was read for the page
    navigation: list[dict[str, Any]] = field(default_factory=list)
    section: str = ""  # where this page lies, and the pages beside it
    beside: list[dict[str, Any]] = field(default_factory=list)
    home_url: str = "/"
    purpose_url: str | None = None
    sign_in_url: str | None = None
    sign_out_url: str | None = None
    account_url: str | None = None
    ends_in: int = 0  # seconds until the session ends if nothing more is done
    closed: tuple[VersionRow, ...] = ()  # agreements under which nothing is open any more

    def marked(self, own: str) -> str:
        """Return the protective marking of the page, which may say a higher one of its own."""
        return highest(frozenset({self.marking, own or Marking.OFFICIAL}))


def shell_of(request: HttpRequest) -> Shell:
    """Return the furniture for this request; nobody's data is read for it."""
    urls: dict[str, Any] = {
        "home_url": address("home") or "/",
        "purpose_url": address("access:purpose"),
        "sign_in_url": address("account_login"),
        "sign_out_url": address("account_logout"),
        "account_url": address("agencies:account"),
    }
    officer = getattr(request, "user", None)
    if officer is None or not officer.is_authenticated:
        return Shell(**urls)
    reader = reader_of(request)
    markings = frozenset({str(Marking.OFFICIAL), *getattr(request, "markings", ())})
    entries, section, beside = entries_for(reader, request.path)
    return Shell(
        signed_in=True,
        officer=officer.name,
        agency=_short_name(reader.agency if reader else officer.employer_id),
        purpose=str(reader.purpose or "") if reader else "",
        navigation=_with_badge(reader, entries),
        section=section,
        beside=beside,
        marking=highest(markings),
        ends_in=seconds_left(request),
        closed=closed_lately(reader) if reader and _reads_data(request) else (),
        **urls,
    )


def _reads_data(request: HttpRequest) -> bool:
    rule = getattr(request, "rule", None)
    return rule is not None and bool(rule.data)


def _with_badge(reader: Reader | None, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say beside "Notices" how many wait."""
    waiting = open_count(reader) if reader else 0
    for entry in entries:
        if waiting and entry["href"] == address("access:notices"):
            entry["text"] = f"{entry['text']} ({waiting})"
    return entries


def _short_name(agency: int) -> str:
    """Return whom the officer acts for: the agency of the post, or the employer without one."""
    return next((name for (name,) in _short_names(agency=agency)), "")


@Prepared
def _short_names() -> QuerySet[Any, Any]:
    found = Agency.objects.filter(pk=Given("agency", BigIntegerField()))
    return found.values_list("short_name")


def said(request: HttpRequest) -> Iterable[Any]:
    """Return the messages for this person; none where no session was opened (an early refusal)."""
    return messages.get_messages(request) if hasattr(request, "_messages") else ()


def furniture(request: HttpRequest) -> dict[str, Any]:
    """Give every page its furniture, worked out only when a page shows it.

    `public_schemes` are those to which somebody without an account may refer.
    """
    return {
        "public_schemes": SimpleLazyObject(public_choices),
        "shell": SimpleLazyObject(lambda: shell_of(request)),
        "messages": SimpleLazyObject(lambda: list(said(request))),
    }

"""Where a case is referred on to, as choices of a form: services of the directory, then routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triservice.casework.directory.queries import Offered
from triservice.casework.directory.rules import Fit
from triservice.casework.triage.forms import Choice
from triservice.schemes.scheme import Route

SERVICE = "service:"
SAID = {Fit.FITS: "Fits", Fit.NOT_KNOWN: "May fit", Fit.NOT: "Does not fit"}


def places_to(offered: Iterable[Offered], routes: Iterable[Route]) -> Iterator[tuple[str, str]]:
    """Give the services that fit or may, the routes of the scheme, and the services that do not."""
    found = list(offered)
    yield from (_choice(each) for each in found if each.answer.fit is not Fit.NOT)
    for route in routes:
        yield route.id, Choice(route.service, f"By the scheme. {route.eligible}".strip())
    yield from (_choice(each) for each in found if each.answer.fit is Fit.NOT)


def _choice(each: Offered) -> tuple[str, str]:
    one, why = each.service, "; ".join(each.answer.why)
    hint = f"{SAID[each.answer.fit]}: {why}."
    if one.eligible:
        hint += f" {one.eligible.rstrip('.')}."
    return f"{SERVICE}{one.pk}", Choice(f"{one.name}, {one.of}", hint)


def chosen(text: str) -> tuple[str, int | None]:
    """Return what was chosen: a route, or a service by its key."""
    if text.startswith(SERVICE):
        return "", int(text.removeprefix(SERVICE))
    return text, None

"""Where a case is referred on to, as choices of a form: services of the directory, then routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from triservice.casework.directory.queries import Offered
from triservice.casework.directory.rules import Fit
from triservice.casework.triage.forms import Choice
from triservice.schemes.forms import Found
from triservice.schemes.scheme import Need, Route, Scheme

Pair = tuple[str, str]

SERVICE, BY_SCHEME = "service:", "By the scheme."
SAID = {Fit.FITS: "Fits", Fit.NOT_KNOWN: "May fit", Fit.NOT: "Does not fit"}


def places_to(offered: Iterable[Offered], routes: Iterable[Route]) -> Iterator[Pair]:
    """Give the services that fit or may, the routes of the scheme, and the services that do not."""
    return _in_order(offered, [(route.id, _by_scheme(route)) for route in routes], name_of)


def at_the_door(
    offered: Iterable[Offered], scheme: Scheme, found: Iterable[Found]
) -> Iterator[Pair]:
    """Give the same as pairs of a need that was found and whereto, in one text: `need:whereto`."""
    needs = [each.need for each in found]
    routes = [
        (f"{need.id}:{name}", Choice(f"{scheme.routes[name].name}: {need.name}", BY_SCHEME))
        for need in needs for name in need.routes
    ]  # fmt: skip
    return _in_order(offered, routes, lambda each: f"{_taken(each, needs)}:{name_of(each)}")


def taken_along(offered: Iterable[Offered], scheme: Scheme, *, age_known: bool) -> dict[str, str]:
    """Return the same as whereto → words, for a phone; they do not tell how old somebody is.

    Services for another age are left out; where that is not known on the phone, each says so.
    """
    fit = {name_of(e): f"{e.service.name}, {e.service.of}. {_open_to(e, age_known)}".strip()
           for e in offered if e.answer.fit is not Fit.NOT}  # fmt: skip
    return fit | {one.id: f"{one.service}. {BY_SCHEME}" for one in scheme.routes.values()}


def _in_order(
    offered: Iterable[Offered], routes: Iterable[Pair], name: Callable[[Offered], str]
) -> Iterator[Pair]:
    found = list(offered)
    yield from ((name(each), _said(each)) for each in found if each.answer.fit is not Fit.NOT)
    yield from routes
    yield from ((name(each), _said(each)) for each in found if each.answer.fit is Fit.NOT)


def _by_scheme(route: Route) -> Choice:
    return Choice(route.service, f"{BY_SCHEME} {route.eligible}".strip())


def _said(each: Offered) -> Choice:
    one, why = each.service, "; ".join(each.answer.why)
    fit = f"{SAID[each.answer.fit]}: {why}."
    whom = one.eligible.rstrip(".")
    return Choice(f"{one.name}, {one.of}", f"{whom}. {fit}" if whom else fit)


def _open_to(each: Offered, age_known: bool) -> str:
    ages = each.service.ages and f"For {each.service.ages}"
    if ages and not age_known:
        ages += ": age not known here"
    said = (ages, each.service.eligible.rstrip("."))
    return " ".join(f"{one}." for one in said if one)


def name_of(each: Offered) -> str:
    """Return the name under which a service is chosen."""
    return f"{SERVICE}{each.service.pk}"


def _taken(each: Offered, needs: Iterable[Need]) -> str:
    """Return the first need that a service takes; blank for none."""
    return next((need.id for need in needs if need.domain in each.service.domains), "")


def chosen(text: str) -> tuple[str, int | None]:
    """Return what was chosen: a route, or a service by its key."""
    _, service, key = text.partition(SERVICE)
    return ("", int(key)) if service and key.isdecimal() else (text, None)

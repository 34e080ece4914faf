"""Officers: the directory of people, and one officer with what the reader may see of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from triservice.agencies import rules
from triservice.agencies.models import Duty, Holding, Officer, PowerGrant, WorkforceChange
from triservice.agencies.powers import powers
from triservice.kernel.access_words import Reader, Vetting

from .scope import Held, Link, day_of, held_rows, live, sees

MOST = 50  # people in one answer


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An officer in a list."""

    pk: int
    name: str
    email: str
    employer: Link
    active: bool
    posts: tuple[Link, ...]  # held now


@dataclass(frozen=True, slots=True)
class PowerRow:
    """A power that an officer was given, and whether it may be used now."""

    pk: int
    title: str
    law: str
    agency: str
    conditions: str
    since: date
    until: date | None
    state: rules.PowerState
    check: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of the history."""

    at: datetime
    by: str
    verb: str
    about: str
    before: dict[str, Any]
    after: dict[str, Any]
    why: str


@dataclass(frozen=True, slots=True)
class Clearances:
    """What only those see whose role reaches the officer, and the officer themselves."""

    vetting: str
    vetting_until: date | None
    vetting_standing: rules.Standing
    training_until: date | None
    training_standing: rules.Standing
    on_duty: bool
    powers: tuple[PowerRow, ...]
    changes: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True)
class OfficerPage:
    """One officer. `clearances` is None where the reader's role does not reach."""

    pk: int
    name: str
    email: str
    employer: Link
    active: bool
    left_on: date | None
    holdings: tuple[Held, ...]
    clearances: Clearances | None
    oneself: bool


def people(reader: Reader, text: str = "", agency: int | None = None) -> list[PersonRow]:
    """Return active officers whose name, e-mail or post holds every word; at most MOST."""
    day = day_of(reader.at)
    found = Officer.objects.filter(is_active=True).select_related("employer")
    if agency is not None:
        found = found.filter(employer=agency)
    for word in text.split():
        posts = Holding.objects.filter(live(day), post__title__icontains=word)
        named = Q(name__icontains=word) | Q(email__icontains=word)
        found = found.filter(named | Q(pk__in=posts.values("officer")))
    chosen = list(found.order_by("name", "pk")[:MOST])
    held = _posts_of(chosen, day)
    return [
        PersonRow(
            officer.pk,
            officer.name,
            officer.email,
            Link(officer.employer_id, officer.employer.short_name),
            officer.is_active,
            tuple(held.get(officer.pk, ())),
        )
        for officer in chosen
    ]


def officer_page(reader: Reader, pk: int) -> OfficerPage | None:
    """Return an officer for their page, or None when there is none.

    Those who left have a page for those whose role reaches them, and for nobody else.
    """
    officer = Officer.objects.select_related("employer").filter(pk=pk).first()
    if officer is None:
        return None
    oneself = reader.officer == pk
    close = oneself or sees(reader, officer.employer_id)
    if not officer.is_active and not close:
        return None
    held = list(Holding.objects.filter(officer=officer).select_related("officer", "post__agency"))
    rows = held_rows(held, day_of(reader.at))
    return OfficerPage(
        pk=officer.pk,
        name=officer.name,
        email=officer.email,
        employer=Link(officer.employer.pk, officer.employer.name),
        active=officer.is_active,
        left_on=officer.left_on,
        holdings=rows if close else tuple(row for row in rows if row.now),
        clearances=_clearances(officer, held, reader) if close else None,
        oneself=oneself,
    )


def change_list(reader: Reader, officer: int | None = None, limit: int = MOST) -> list[ChangeRow]:
    """Return the latest changes that the reader's role reaches, of one officer or of all."""
    rows = WorkforceChange.objects.select_related("about", "agency")
    if officer is not None:
        rows = rows.filter(about=officer)
    scope = rules.reach(rules.SEES, reader.roles)
    if scope is not rules.Scope.ALL:
        own = Q(about=reader.officer)
        if scope is rules.Scope.OWN:
            own |= Q(about__employer=reader.agency) | Q(about=None, agency=reader.agency)
        rows = rows.filter(own)
    return [_change(row) for row in rows[:limit]]


def _clearances(officer: Officer, held: Iterable[Holding], reader: Reader) -> Clearances:
    day = day_of(reader.at)
    spells = Duty.objects.filter(officer=officer, ends=None).values_list("starts", "ends")
    posts = [rules.Period(holding.since, holding.until) for holding in held]
    return Clearances(
        vetting=Vetting(officer.vetting).name,
        vetting_until=officer.vetting_until,
        vetting_standing=rules.standing(officer.vetting_until, day),
        training_until=officer.training_until,
        training_standing=rules.standing(officer.training_until, day),
        on_duty=rules.on_duty(spells, reader.at),
        powers=tuple(
            power_row(grant, posts, officer, day)
            for grant in PowerGrant.objects.filter(officer=officer).select_related("agency")
        ),
        changes=tuple(change_list(reader, officer.pk)),
    )


def power_row(
    grant: PowerGrant, posts: Iterable[rules.Period], officer: Officer, day: date
) -> PowerRow:
    """Return a grant as a row that says whether the power may be used on `day`."""
    known = powers().get(grant.power)
    state = rules.power_state(
        rules.Period(grant.since, grant.until),
        known.period if known else None,
        posts,
        active=officer.is_active,
        day=day,
    )
    return PowerRow(
        pk=grant.pk,
        title=known.title if known else grant.power,
        law=known.law if known else "",
        agency=grant.agency.name,
        conditions=grant.conditions,
        since=grant.since,
        until=grant.until,
        state=state,
        check=known.check if known else "",
    )


def _posts_of(officers: list[Officer], day: date) -> dict[int, list[Link]]:
    posts: dict[int, list[Link]] = {}
    held = Holding.objects.filter(live(day), officer__in=officers).select_related("post")
    for holding in held.order_by("post__title"):
        posts.setdefault(holding.officer_id, []).append(Link(holding.post_id, holding.post.title))
    return posts


def _change(row: WorkforceChange) -> ChangeRow:
    about = row.about.name if row.about else row.agency.short_name if row.agency else ""
    verb = row.verb.replace("_", " ")
    return ChangeRow(row.at, row.by_name, verb, about, row.before, row.after, row.why)

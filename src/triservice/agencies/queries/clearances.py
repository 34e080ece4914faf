"""What runs out soon or has run out, and who has left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from triservice.agencies import rules
from triservice.agencies.models import Holding, Officer, PowerGrant
from triservice.agencies.powers import powers
from triservice.kernel.access_words import Reader, Role, Vetting

from .scope import Link, day_of, live, reached


@dataclass(frozen=True, slots=True)
class Due:
    """A clearance of an officer that is missing, has run out or soon will."""

    officer: Link
    employer: str
    what: str
    until: date | None
    standing: rules.Standing


@dataclass(frozen=True, slots=True)
class Leaver:
    """An officer who left."""

    officer: Link
    employer: str
    left_on: date | None


def due(reader: Reader) -> list[Due]:
    """Return what is missing, has run out or will within 60 days, of officers with a post now.

    The most urgent first: missing, run out, then by the day. A system administrator reads nobody's
    data, so neither vetting nor training is missing for one who holds no other post.
    """
    day = day_of(reader.at)
    found = [row for row in _all_due(reader, day) if row.standing is not rules.Standing.CURRENT]
    order = (rules.Standing.UNKNOWN, rules.Standing.EXPIRED, rules.Standing.EXPIRING)
    return sorted(
        found, key=lambda row: (order.index(row.standing), row.until or day, row.officer.name)
    )


def leavers(reader: Reader, limit: int = 100) -> list[Leaver]:
    """Return who left, the latest first, of the agencies that the reader's role reaches."""
    gone = Officer.objects.filter(reached(reader), is_active=False).select_related("employer")
    return [
        Leaver(Link(row.pk, row.name), row.employer.short_name, row.left_on)
        for row in gone.order_by("-left_on", "name")[:limit]
    ]


def _all_due(reader: Reader, day: date) -> Iterator[Due]:
    posts = Holding.objects.filter(live(day))
    officers = Officer.objects.filter(
        reached(reader), is_active=True, pk__in=posts.values("officer")
    )
    readers_of_data = set(
        posts.exclude(post__role=Role.ADMINISTRATOR).values_list("officer", flat=True)
    )
    for officer in officers.select_related("employer"):
        who = Link(officer.pk, officer.name), officer.employer.short_name
        if officer.pk in readers_of_data:
            level = Vetting(officer.vetting)
            vetted = officer.vetting_until if level is not Vetting.NONE else None
            name = f"Vetting ({level.name})" if level is not Vetting.NONE else "Vetting"
            yield Due(*who, name, vetted, rules.standing(vetted, day))
            trained = officer.training_until
            what = "Training in information sharing"
            yield Due(*who, what, trained, rules.standing(trained, day))
    grants = PowerGrant.objects.filter(live(day), officer__in=officers, until__isnull=False)
    for grant in grants.select_related("officer__employer", "agency"):
        known = powers().get(grant.power)
        title = known.title if known else grant.power
        yield Due(
            Link(grant.officer_id, grant.officer.name),
            grant.officer.employer.short_name,
            f"Power from {grant.agency.short_name}: {title}",
            grant.until,
            rules.standing(grant.until, day),
        )

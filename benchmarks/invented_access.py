"""Invented officers, terms and people in any number, for benchmarks."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
AREAS = [f"E{n:02}" for n in range(40)]


def make_agencies(number: int) -> list[Any]:
    """Make agencies; all of one kind, which tells nothing here."""
    from triservice.agencies.models import Agency

    Agency.objects.bulk_create(
        Agency(name=f"Invented agency {n}", short_name=f"A{n}", kind="police")
        for n in range(number)
    )
    return list(Agency.objects.order_by("pk"))


def make_officers(dice: random.Random, agencies: list[Any], number: int) -> list[Any]:
    """Make officers of the agencies in turn, each with a live post."""
    from triservice.agencies.models import Holding, Officer, Post
    from triservice.kernel.access_words import Role, Vetting

    title = "Invented post"
    Post.objects.bulk_create(
        Post(title=title, agency=each, role=str(Role.OFFICER)) for each in agencies
    )
    posts = {post.agency_id: post for post in Post.objects.filter(title=title)}
    Officer.objects.bulk_create(
        Officer(
            email=f"officer{n}@example.invalid",
            name=f"Invented officer {n}",
            employer=agencies[n % len(agencies)],
            password="!",
            vetting=dice.choice(list(Vetting)),
            vetting_until=date(2030, 1, 1),
            training_until=date(2030, 1, 1),
        )
        for n in range(number)
    )
    officers = list(Officer.objects.filter(name__startswith="Invented officer").order_by("pk"))
    Holding.objects.bulk_create(
        Holding(officer=each, post=posts[each.employer_id], since=date(2020, 1, 1))
        for each in officers
    )
    return officers


def make_terms(
    dice: random.Random, agencies: list[Any], number: int, *, nevers: bool = True
) -> None:
    """Make terms between the agencies by chance, fifty to an agreement."""
    from triservice.access.models import Term

    for first in range(0, number, 50):
        version = make_version(f"Invented agreement {first}", agencies)
        numbers = range(first, min(first + 50, number))
        Term.objects.bulk_create([_term(dice, version, agencies, n, nevers) for n in numbers])


def make_version(title: str, agencies: list[Any]) -> Any:
    """Make an agreement in force between the agencies, and return its version."""
    from triservice.access.models import Agreement, AgreementVersion, Party

    version = AgreementVersion.objects.create(
        agreement=Agreement.objects.create(title=title),
        number=1,
        state="in force",
        starts=START,
        until=END,
    )
    Party.objects.bulk_create(
        Party(version=version, agency=a, regime="uk gdpr", lawful_basis="6(1)(e)") for a in agencies
    )
    return version


def _term(dice: random.Random, version: Any, agencies: list[Any], number: int, nevers: bool) -> Any:
    from triservice.access.models import Term
    from triservice.kernel.access_words import DataClass, Purpose

    giver, taker = dice.sample(agencies, 2)
    everywhere = dice.random() < 0.6
    modes = {"open": 85, "on approval": 10, "never": 5 if nevers else 0}
    return Term(
        version=version,
        number=number,
        from_agency=giver,
        to_agency=taker,
        mode=dice.choices([*modes], [*modes.values()])[0],
        data_classes=dice.sample([str(w) for w in DataClass], 3),
        every_field=dice.random() < 0.8,
        fields=["name"],
        purposes=dice.sample([str(p) for p in Purpose], 4),
        everywhere=everywhere,
        areas=[] if everywhere else dice.sample(AREAS, 5),
        min_vetting=dice.choice([0, 0, 1, 2]),
    )


def load_people(people: int, officers: int = 500, base: int = 25_000) -> None:
    """Fill an empty database: five agencies, officers, 2,000 terms, a town of `people`.

    The town is copies of a small one of `base` people.
    """
    from django.core.management import call_command
    from django.db import connection

    from town import build
    from triservice.access.models import AgreementVersion
    from triservice.agencies.models import Agency
    from triservice.kernel import clock

    call_command("migrate", verbosity=0)
    build(people, base=base)
    agencies, dice = list(Agency.objects.order_by("pk")), random.Random(1)
    make_officers(dice, agencies, officers)
    make_terms(dice, agencies, 2_000, nevers=False)
    AgreementVersion.objects.update(until=clock.now() + timedelta(days=365))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

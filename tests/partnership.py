"""An invented partnership for tests: five agencies, officers in every role, one agreement.

Everybody and everything here is invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from triservice.access.models import (
    Agreement,
    AgreementVersion,
    Opening,
    OpeningItem,
    Party,
    Restriction,
    Term,
)
from triservice.access.readers import reader_for
from triservice.agencies.models import Agency, Holding, Officer, Post
from triservice.kernel.access_words import DataClass, Mode, Purpose, Reader, Role, Vetting

START = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)  # the moment that tests read at
END = datetime(2027, 1, 1, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)
FAR_AHEAD = date(2030, 1, 1)

AGENCIES = {
    "police": ("Penmarric Police", Agency.Kind.POLICE),
    "fire": ("Penmarric Fire and Rescue Service", Agency.Kind.FIRE),
    "ambulance": ("Far West Ambulance Trust", Agency.Kind.AMBULANCE),
    "health": ("Penmarric Health Trust", Agency.Kind.HEALTH),
    "council": ("Penmarric Council", Agency.Kind.COUNCIL),
}
_NUMBERS = count(1)


@dataclass
class Partnership:
    """The agencies by kind, the officers by (kind, role), and the version in force."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    officers: dict[tuple[str, Role], Officer] = field(default_factory=dict)
    version: AgreementVersion | None = None

    def officer(self, agency: str, role: Role = Role.OFFICER) -> Officer:
        """Return the officer of an agency ("police" …) in a role, made when first asked for."""
        if (agency, role) not in self.officers:
            self.officers[agency, role] = make_officer(
                self.agencies[agency], role, f"{role} of {agency}"
            )
        return self.officers[agency, role]

    def reader(
        self,
        agency: str,
        role: Role = Role.OFFICER,
        purpose: Purpose | None = Purpose.PREVENTION_VISIT,
        at: datetime = NOON,
    ) -> Reader:
        """Return that officer reading for a purpose."""
        reader = reader_for(self.officer(agency, role), purpose, at=at, source="test")
        assert reader is not None
        return reader

    def term(
        self,
        from_agency: str,
        to_agency: str | None,
        classes: Iterable[DataClass],
        *,
        version: AgreementVersion | None = None,
        fields: Iterable[str] | None = None,
        areas: Iterable[str] | None = None,
        purposes: Iterable[Purpose] = (Purpose.PREVENTION_VISIT,),
        mode: Mode = Mode.OPEN,
        **rest: Any,
    ) -> Term:
        """Add a term to a version (the one in force). None fields or areas: all of them."""
        into = version or self.version
        return Term.objects.create(
            version=into,
            number=next(_NUMBERS),
            from_agency=self.agencies[from_agency],
            to_agency=self.agencies[to_agency] if to_agency else None,
            mode=str(mode),
            data_classes=[str(word) for word in classes],
            every_field=fields is None,
            fields=list(fields or ()),
            purposes=[str(word) for word in purposes],
            everywhere=areas is None,
            areas=list(areas or ()),
            **rest,
        )


def make_partnership(*, terms: bool = True, roles: Iterable[Role] = Role) -> Partnership:
    """Make the partnership in the database; with `terms`, the agreement opens a few things.

    Everyone is vetted to NPPV2 and trained. Police, fire and ambulance open identity, contact,
    location and their own class to each other and to the council for prevention visits; health is
    on approval, and its existence may be known; safeguarding is never open to the fire service.
    """
    made = Partnership()
    for kind, (name, sort) in AGENCIES.items():
        made.agencies[kind] = Agency.objects.create(name=name, short_name=kind, kind=sort)
        for role in roles:
            made.officer(kind, role)
    made.version = make_version(made, "Invented prevention agreement")
    if terms:
        _usual_terms(made)
    return made


def make_officer(agency: Agency, role: Role, name: str) -> Officer:
    """Make an officer with one live post; the password is "password"."""
    officer = Officer.objects.create(
        email=f"{name}@{agency.short_name}.invalid".replace(" ", ".").lower(),
        name=name,
        employer=agency,
        vetting=Vetting.NPPV2,
        vetting_until=FAR_AHEAD,
        training_until=FAR_AHEAD,
    )
    post = Post.objects.create(title=f"{role} post".capitalize(), agency=agency, role=str(role))
    Holding.objects.create(officer=officer, post=post, since=LONG_AGO)
    return officer


def make_list(made_by: Officer, name: str = "Few", **rest: Any) -> Restriction:
    """Make a need-to-know list of an officer's employer, with nobody on it yet."""
    return Restriction.objects.create(
        owner=made_by.employer, name=name, why="Invented", made_by=made_by, **rest
    )


def make_version(
    made: Partnership,
    title: str,
    *,
    parties: Iterable[str] | None = None,
    state: str = AgreementVersion.State.IN_FORCE,
    starts: datetime | None = START,
    until: datetime | None = END,
    number: int = 1,
) -> AgreementVersion:
    """Make a version of an agreement (of that title) between agencies, all of them if None."""
    agreement, _ = Agreement.objects.get_or_create(title=title)
    version = AgreementVersion.objects.create(
        agreement=agreement, number=number, state=state, starts=starts, until=until
    )
    for kind in AGENCIES if parties is None else parties:
        Party.objects.create(
            version=version,
            agency=made.agencies[kind],
            regime=Party.Regime.UK_GDPR,
            lawful_basis="Article 6(1)(e), public task",
            contact=f"Duty desk of {made.agencies[kind].name}",
        )
    return version


def make_opening(
    officer: Officer,
    rows: Iterable[Any],
    *,
    decided_by: Officer | None = None,
    kind: str = Opening.Kind.APPROVAL,
    fields: Iterable[str] | None = None,
    purpose: Purpose = Purpose.PREVENTION_VISIT,
    starts: datetime = START,
    ends: datetime = END,
    revoked_at: datetime | None = None,
) -> Opening:
    """Open rows (of one owner and class) to an officer. None fields: all of them."""
    rows = list(rows)
    opening = Opening.objects.create(
        kind=kind,
        officer=officer,
        agency=officer.employer,
        owner=rows[0].owner,
        data_class=rows[0].data_class,
        every_field=fields is None,
        fields=list(fields or ()),
        purpose=str(purpose),
        starts=starts,
        ends=ends,
        revoked_at=revoked_at,
        decided_by=decided_by,
        why="Invented",
    )
    for row in rows:
        label = row._meta.label_lower
        OpeningItem.objects.create(opening=opening, label=label, pk_text=str(row.pk))
    return opening


def _usual_terms(made: Partnership) -> None:
    shared = {DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION}
    own = {"police": DataClass.POLICE, "fire": DataClass.FIRE, "ambulance": DataClass.AMBULANCE}
    for giver, its_class in own.items():
        for taker in ("police", "fire", "ambulance", "council"):
            if giver != taker:
                made.term(giver, taker, sorted(shared | {its_class}))
    for taker in ("police", "fire", "ambulance", "council"):
        made.term(
            "health",
            taker,
            [DataClass.IDENTITY, DataClass.HEALTH],
            mode=Mode.ON_APPROVAL,
            existence=True,
        )
    made.term("council", "fire", [DataClass.SAFEGUARDING], mode=Mode.NEVER)
    for giver in AGENCIES:
        if giver != "council":
            made.term(
                giver,
                "council",
                list(DataClass),
                purposes=[Purpose.EVALUATION],
                counts_only=True,
                small_number=5,
            )

"""A partnership with one thing of each kind, and the addresses of all of them. All invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse

import signing_in
from partnership import NOON, Partnership, make_partnership
from triservice.access.approvals.actions import ask
from triservice.access.conflicts.actions import declare
from triservice.access.emergency.actions import break_glass
from triservice.access.models import AgreementVersion, ApiToken, RestrictionMember
from triservice.access.restrictions import actions as lists
from triservice.access.tokens.actions import Issued, issue
from triservice.access.tokens.rules import Scope
from triservice.agencies import actions as agencies
from triservice.agencies.models import AgencyArea, Holding
from triservice.casework.directory.actions import Said, add_service
from triservice.casework.files.actions import Sent, add_file
from triservice.casework.models import Case, File, Plan, PlanMeasure
from triservice.casework.needs.actions import add_need
from triservice.casework.notes.actions import record_consent
from triservice.casework.onward.actions import send as send_on
from triservice.casework.plans import actions as plans
from triservice.casework.plans.rules import Counted
from triservice.casework.referrals.actions import refer
from triservice.casework.triage.actions import accept
from triservice.casework.visits.actions import plan
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.keys import new_key
from triservice.subjects.actions.joins import propose_by_hand
from triservice.subjects.actions.links import report_wrong_link
from triservice.subjects.actions.markers import Warned, add_marker
from triservice.subjects.actions.needs import add_need as add_need_of
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.relations import add_relation
from triservice.subjects.models import (
    AgencyNumber,
    Household,
    Merge,
    Organisation,
    Person,
    Premises,
    Quarantined,
)
from triservice.subjects.words import Kin

PURPOSE = Purpose.PREVENTION_VISIT
SYSTEM_ROLES = [role for role in Role if role is not Role.ADMINISTRATOR]
_NUMBERS = count(1)
SCHEME = "police-visit"  # conftest.py writes it
REASON = "Invented: she is ill at home and nobody answers the door or the telephone"
WHY = "Invented: the same telephone and neighbour"
DOG = Warned("dangerous dog", "Anyone who visits", "Invented", (NOON + timedelta(days=9)).date())
POLICE_SECRETS = ("Morwenna", "Trevanion", "01632 960001", "Invented burglary", "Lowen House")
HEALTH_SECRETS = ("Jory", "Bosquite", "Invented illness")
SENT: dict[str, list[dict[str, Any]]] = {
    "police": [
        {
            "source_key": "1",
            "person_number": "P1",
            "household_number": "H1",
            "given_name": "Morwenna",
            "family_name": "Trevanion",
            "date_of_birth": "1948-03-12",
            "phone": "01632 960001",
            "uprn": "100000001",
            "organisation": "Lowen House",
            "address": "14 Invented Lane",
            "postcode": "ZZ1 1AA",
            "role": "victim",
            "police.summary": "Invented burglary",
        },
        {
            "source_key": "2",
            "person_number": "P2",
            "given_name": "Morwena",
            "family_name": "Trevanion",
            "role": "witness",
            "police.summary": "Invented burglary",
        },
        {"source_key": "bad", "date_of_birth": "31/02/1948"},
    ],
    "health": [
        {
            "source_key": "1",
            "person_number": "P1",
            "given_name": "Jory",
            "family_name": "Bosquite",
            "role": "patient",
            "health.summary": "Invented illness",
        }
    ],
}
STATES = {
    "none": {"state": "draft", "starts": None, "until": None},
    "draft": {"state": "draft"},
    "agreed": {"state": "agreed"},
    "in force": {"state": "in force"},
    "suspended": {"state": "suspended"},
    "expired": {"state": "in force", "until": NOON},
    "marked expired": {"state": "expired"},
    "ended": {"state": "ended"},
    "not begun": {"state": "in force", "starts": NOON + timedelta(seconds=1)},
}


@dataclass
class World:
    """The partnership; `args` gives what an address needs, by the name that the table uses."""

    made: Partnership
    args: dict[str, Any] = field(default_factory=dict)
    tokens: dict[tuple[str, str], Issued] = field(default_factory=dict)
    clients: dict[tuple[str, Role], Client] = field(default_factory=dict)

    def client(self, agency: str, role: Role = Role.OFFICER) -> Client:
        """Return a session of the officer who has confirmed lately who they are."""
        officer = self.made.officer(agency, role)
        if (agency, role) not in self.clients:
            client = Client(raise_request_exception=False)
            signing_in.confirm(signing_in.sign_in(client, officer, PURPOSE), officer)
            self.clients[agency, role] = client
        return self.clients[agency, role]

    def address(self, name: str, args: list[str]) -> str:
        """Return the address of a page about things of the world."""
        return reverse(name, args=[self.args[arg] for arg in args])

    def token(self, agency: str, role: Role = Role.OFFICER) -> str:
        """Return the secret of a system of an agency that reads in a role."""
        if (agency, role) not in self.tokens:
            self.tokens[agency, role] = self.issued(agency, role)
        return self.tokens[agency, role].secret

    def issued(self, agency: str, role: Role = Role.OFFICER) -> Issued:
        """Make a new system of an agency that reads in a role."""
        return issue(
            self.made.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION),
            self.made.agencies[agency],
            f"System {next(_NUMBERS)} as {role}",
            roles=[role],
            scopes=list(Scope),
            purposes=[PURPOSE],
            days=30,
        )

    def call(
        self, method: str, path: str, agency: str, role: Role = Role.OFFICER, body: Any = None
    ) -> Any:
        """Call an operation as a system of an agency."""
        client = Client(raise_request_exception=False)
        headers = {"Authorization": f"Bearer {self.token(agency, role)}"}
        if method == "GET":
            return client.get(path, body, headers=headers)
        return client.post(path, body or {}, "application/json", headers=headers)

    def let(self, state: str) -> None:
        """Bring the agreement into a state; "none" leaves none that ever began."""
        assert self.made.version is not None
        AgreementVersion.objects.filter(pk=self.made.version.pk).update(**STATES[state])


def make_world() -> World:
    """Make the partnership, people of the police and of health, a pair, a join, a report."""
    made = make_partnership()
    world = World(made)
    for kind, rows in SENT.items():
        sender = made.reader(kind, Role.DATA_OWNER)
        receive_records(sender, made.agencies[kind], "invented", rows)
    numbers = AgencyNumber.objects.filter(of=AgencyNumber.Of.PERSON)
    people = {
        (row.agency.short_name, row.number): row.person
        for row in numbers.select_related("agency", "person")
    }
    first, second = people["police", "P1"], people["police", "P2"]
    patient = people["health", "P1"]
    assert first is not None
    assert second is not None
    assert patient is not None
    leader = made.reader("police", Role.TEAM_LEADER)
    pair = propose_by_hand(leader, first, second, WHY)
    report = report_wrong_link(made.reader("police"), first.key, WHY)
    world.args = {
        "person": first.key,
        "patient": patient.key,
        "nobody": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "premises": Premises.objects.get(uprn="100000001").key,
        "organisation": Organisation.objects.get().key,
        "household": Household.objects.get().key,
        "pair": pair.pk,
        "report": report.pk,
        "bad row": Quarantined.objects.get().pk,
    }
    officer = made.reader("police")
    world.args |= {
        "warning": add_marker(officer, DOG, person=first.key),
        "accessible need": add_need_of(officer, first.key, "language", "Cornish"),
        "relation": add_relation(officer, first.key, second.key, Kin.SIBLING, "Invented"),
    }
    world.args |= {"joined person": second.key, "join": _joined(made, second)}
    world.args |= _asked(made, patient)
    world.args |= _restricted(made)
    world.args |= _casework(made)
    _workforce(world)
    return world


def _casework(made: Partnership) -> dict[str, Any]:
    """Let a police officer refer the first person to the police's own scheme, and take the case."""
    officer, police = made.reader("police"), made.agencies["police"].pk
    said = {"person": "Morwenna Trevanion", "address": "14 Invented Lane", "why": "Invented"}
    kept, waits = (refer(officer, new_key(), SCHEME, said, to=police) for _ in range(2))
    case = accept(officer, kept.referral, officer=officer.officer)
    return {
        "police scheme": SCHEME,
        "police": police,
        "kind of sheet": "csv",
        "sent": waits.acknowledgement,
        "reference": waits.reference,
        "referral": waits.referral,
        "accepting": "accept",
        "case": case,
        "noting": "note",
        "settling": "settle",
        "need": add_need(officer, case, "alarm"),
        "file": _file(officer, case),
        "plan": (made_plan := _plan(officer)),
        "reference of a plan": Plan.objects.get(pk=made_plan).reference,
        "writing": "finding",
        "ending": "count-again",
        "count": PlanMeasure.objects.get().pk,
        "visit": plan(officer, case, NOON + timedelta(hours=2), key=new_key()),
        "service": _service(made),
        "onward": _onward(officer, case),
    }


def _plan(officer: Reader) -> int:
    """Start a plan with a count that is not counted again yet."""
    problem = plans.Problem("Invented fires", "Invented Lane", "Bins burn behind the shops")
    made = plans.start(officer, problem, (NOON + timedelta(days=28)).date(), key=new_key())
    day = (NOON - timedelta(days=28)).date()
    plans.add_measure(officer, made, "Bins", "Invented", Counted(5, day, day))
    return made


def _onward(officer: Reader, case: int) -> int:
    """Let the person of the case agree to be referred on, and refer them on."""
    person = str(Case.objects.get(pk=case).subject_key)
    record_consent(
        officer, case, person, "I agree that what is needed is passed on.", given=True,
        capacity="has capacity", asked_on=NOON.date(),
    )  # fmt: skip
    return send_on(officer, case, "falls-service", key=new_key(), why="Invented: please see her")


def _service(made: Partnership) -> int:
    said = Said("Invented falls service", None, "Invented charity", ("falls",), "letter",
                NOON.date())  # fmt: skip
    return add_service(made.reader("council", Role.PROGRAMME_MANAGER), said)


def _file(officer: Reader, case: int) -> int:
    add_file(officer, case, Sent("a.txt", b"Invented", 8), "risk")
    return File.objects.get().pk


def _joined(made: Partnership, person: Person) -> int:
    """Join the second person of the police with a third, and return the join."""
    owner = made.reader("police", Role.DATA_OWNER)
    row = SENT["police"][1] | {"source_key": "3", "person_number": "P3"}
    receive_records(owner, made.agencies["police"], "invented", [row])
    third = AgencyNumber.objects.get(number="P3").person
    assert third is not None
    from triservice.subjects.actions.joins import confirm_same

    pair = propose_by_hand(owner, person, third, WHY)
    confirm_same(owner, pair.pk, WHY)
    confirm_same(made.reader("police", Role.TEAM_LEADER), pair.pk, WHY)
    return Merge.objects.get().pk


def _asked(made: Partnership, patient: Person) -> dict[str, Any]:
    """Let a police officer ask health about its patient, and the team leader break the glass."""
    asker, health = made.reader("police"), made.agencies["health"].pk
    said = {"subject": patient.key, "fields": None, "case": "C1", "why": REASON, "told": REASON}
    until = NOON + timedelta(days=1)
    request = ask(asker, health, C.HEALTH, **said, until=until)  # type: ignore[arg-type]
    glass = break_glass(
        made.reader("police", Role.TEAM_LEADER),
        health,
        C.HEALTH,
        subject=patient.key,
        reason="threat to life",
        text=REASON,
        minutes=15,
    )
    return {"request": request, "glass": glass, "step": "withdraw"}


def _restricted(made: Partnership) -> dict[str, Any]:
    """Make a list of the police with a member, and let one of them have a tie to nobody here."""
    owner, trainer = made.reader("police", Role.DATA_OWNER), made.reader("police", Role.TRAINER)
    listed = lists.make_list(owner, "Invented list", REASON)
    lists.add_member(owner, listed, made.officer("fire"), REASON)
    return {
        "list": listed,
        "member": RestrictionMember.objects.get().pk,
        "conflict": declare(trainer, UUID(int=0), "Invented cousin"),
    }


def _workforce(world: World) -> None:
    made = world.made
    police = made.agencies["police"]
    officer = made.officer("police", Role.ANALYST)
    holding = Holding.objects.get(officer=officer)
    area = agencies.add_area(None, kind="ward", code="E1", name="Invented ward")
    cover = agencies.cover_area(None, police, area)
    team = agencies.add_team(None, name="Invented team", agency=police)
    grant = agencies.grant_power(
        None, officer, "csas.stop-cycle", agency=police, until=officer.vetting_until
    )
    world.token("police")
    world.args |= {
        "agency": police.pk,
        "team": team.pk,
        "post": holding.post_id,
        "holding": holding.pk,
        "officer": officer.pk,
        "cover": AgencyArea.objects.get(pk=getattr(cover, "pk", cover)).pk,
        "power": grant.pk,
        "token": ApiToken.objects.get().pk,
        "version": made.version.pk if made.version else 0,
        "term": made.version.terms.first().number if made.version else 0,  # type: ignore[union-attr]
        "verb": "suspend",
        "template": "marac",
        "scheme": "home-fire-safety",
        "scheme version": 1,
        "form of a scheme": "referral",
        "scheme with its form": "home-fire-safety/forms/referral",
        "no picture": 999,
        "any number": 1,
        "list of cases": "cases",
        "export of numbers": "numbers",
        "kind of file": "csv",
        "any slug": "none",
        "reset key": "1-none",
    }


__all__ = ["HEALTH_SECRETS", "POLICE_SECRETS", "STATES", "C", "World", "make_world"]

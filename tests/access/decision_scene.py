"""One case of the decision table, set up in the database: each step is one that a case names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from protected_things import Thing, make_thing, subject

from partnership import NOON, START, Partnership, make_list, make_opening, make_version
from triservice.access.models import (
    AgreementVersion,
    ConflictOfInterest,
    Party,
    Restriction,
    RestrictionMember,
)
from triservice.kernel.access_words import DataClass, Mode, Purpose, Role

SECOND = timedelta(seconds=1)
State = AgreementVersion.State
POLICE_ROW: dict[str, Any] = {"owner": "police", "data_class": DataClass.POLICE}


class Scene:
    """One case, set up in the database."""

    def __init__(self, made: Partnership, case: dict[str, Any]) -> None:
        self.made = made
        made.version.delete() if made.version.terms.count() == 0 else None
        self.version = make_version(made, "The case", **case.get("version", {}))
        term = {"from_agency": "police", "to_agency": "fire", "classes": [DataClass.POLICE]}
        term |= case.get("term", {})
        made.term(version=self.version, **term)
        role = case.get("reader", {}).get("role", Role.OFFICER)
        self.officer = made.officer("fire", role)
        for name, value in case.get("officer", {}).items():
            setattr(self.officer, name, value)
        row = POLICE_ROW | case.get("row", {})
        self.row = make_thing(made.agencies[row.pop("owner")], row.pop("data_class"), **row)
        self.cases: frozenset[str] = frozenset()
        for each in [case["around"]] if "around" in case else []:
            getattr(self, each)()
        self.purpose = case.get("reader", {}).get("purpose", Purpose.PREVENTION_VISIT)

    def no_basis(self) -> None:
        """The database refuses a party without a lawful basis, so it is taken away."""
        Party.objects.filter(version=self.version, agency=self.made.agencies["police"]).delete()

    def _later(self, state: str, starts=NOON) -> None:
        make_version(self.made, "The case", state=state, starts=starts, number=2)

    def later_in_force(self) -> None:
        self._later(State.IN_FORCE)

    def later_suspended(self) -> None:
        self._later(State.SUSPENDED)

    def later_ended(self) -> None:
        self._later(State.ENDED)

    def later_draft(self) -> None:
        self._later(State.DRAFT)

    def later_starts_soon(self) -> None:
        self._later(State.IN_FORCE, NOON + SECOND)

    def never(self, version: AgreementVersion | None = None, **rest: Any) -> None:
        said = {"to_agency": "fire", "classes": [DataClass.POLICE], "mode": Mode.NEVER} | rest
        self.made.term("police", version=version or self.version, **said)

    def _never_in(self, state: str) -> None:
        self.never(make_version(self.made, "Another", state=state))

    def never_elsewhere(self) -> None:
        self._never_in(State.IN_FORCE)

    def never_suspended(self) -> None:
        self._never_in(State.SUSPENDED)

    def never_expired(self) -> None:
        self._never_in(State.EXPIRED)

    def never_ended(self) -> None:
        self._never_in(State.ENDED)

    def never_draft(self) -> None:
        self._never_in(State.DRAFT)

    def never_to_council(self) -> None:
        self.never(to_agency="council")

    def never_to_analysts(self) -> None:
        self.never(to_role=Role.ANALYST)

    def never_for_tasking(self) -> None:
        self.never(purposes=[Purpose.TASKING])

    def never_in_e2(self) -> None:
        self.never(areas=["E2"])

    def never_the_name(self) -> None:
        self.never(fields=["name"])

    def on_duty(self) -> None:
        self.officer.duties.create(starts=NOON - SECOND)

    def case(self) -> None:
        self.cases = frozenset({str(subject(1))})

    def _restrict(self, lifted_at=None) -> Restriction:
        restriction = make_list(self.officer, "Need to know", lifted_at=lifted_at)
        Thing.objects.filter(pk=self.row.pk).update(restriction=restriction)
        self.row.refresh_from_db()
        return restriction

    def restricted(self) -> None:
        self._restrict()

    def listed(self, until=None) -> None:
        RestrictionMember.objects.create(
            restriction=self._restrict(), officer=self.officer, since=START, until=until
        )

    def listed_until_now(self) -> None:
        self.listed(until=NOON)

    def lifted(self) -> None:
        self._restrict(lifted_at=NOON)

    def lifted_soon(self) -> None:
        self._restrict(lifted_at=NOON + SECOND)

    def conflict(self, ended_at=None) -> None:
        ConflictOfInterest.objects.create(
            officer=self.officer, subject_key=subject(1), why="Invented", ended_at=ended_at
        )

    def conflict_ended(self) -> None:
        self.conflict(ended_at=NOON)

    def approved(self, row: Thing | None = None, officer=None, **rest: Any) -> None:
        approver = self.made.officer("police", Role.DATA_OWNER)
        make_opening(officer or self.officer, [row or self.row], decided_by=approver, **rest)

    def approved_until_now(self) -> None:
        self.approved(ends=NOON)

    def approved_soon(self) -> None:
        self.approved(starts=NOON + SECOND)

    def revoked(self) -> None:
        self.approved(revoked_at=NOON)

    def approved_for_tasking(self) -> None:
        self.approved(purpose=Purpose.TASKING)

    def approved_another_row(self) -> None:
        self.approved(row=make_thing(self.row.owner, DataClass.POLICE))

    def approved_to_colleague(self) -> None:
        self.approved(officer=self.made.officer("fire", Role.TEAM_LEADER))

    def approved_name(self) -> None:
        self.approved(fields=["name"])

    def approved_restricted(self) -> None:
        self.approved()
        self._restrict()

    def glass(self) -> None:
        make_opening(self.officer, [self.row], kind="break glass")

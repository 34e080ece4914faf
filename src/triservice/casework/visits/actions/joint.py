"""Who comes along to a visit: chosen while it is planned, and told.

Whoever comes along works on the case until then, which terms may ask for. So only the agency whose
case it is adds somebody, as it alone says which officer of another works on a case jointly; and who
has gone in stays on the visit, where they are looked for, until they said that they are safe.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from triservice.access.agreements.wording import listed
from triservice.access.models import Notice
from triservice.access.notices.actions import To, tell
from triservice.access.queries import decide
from triservice.access.readers import reader_for
from triservice.access.record import Record
from triservice.agencies.models import Agency, Officer
from triservice.casework.cases.actions.acting import KEPT, joined, working
from triservice.casework.cases.queries.naming import merged_with
from triservice.casework.cases.rules import VISITS, WORKS
from triservice.casework.entries.actions import note
from triservice.casework.models import Case, Visit, VisitOfficer
from triservice.casework.needs.actions import of_case
from triservice.casework.words import VisitState
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError


def choose_joint(reader: Reader, pk: int, visit: int, officers: Iterable[int]) -> None:
    """Let these officers come along to a planned visit, and nobody else."""
    with working(reader, pk, "choose who comes along to a visit") as (record, case):
        row = of_case(record, Visit, case, visit)
        VISITS.after("move", row.state)
        come_along(record, case, row, officers)


def come_along(record: Record, case: Case, row: Visit, officers: Iterable[int]) -> None:
    """Let these officers come along to a visit of a case that is locked, and nobody else.

    Each is of an agency that works on the case, and reads it by their own terms as one who works on
    it. Raises InputError for who may not see it, and from another agency than the case's: then
    nobody is told, and nothing is changed.
    """
    there = {one.officer_id: one for one in _with(row).select_related("officer")}
    wanted = set(officers) - {row.officer_id}
    before = _names(there.values())
    if wanted - there.keys() and record.reader.agency != case.owner_id:
        owner = Agency.objects.get(pk=case.owner_id)
        raise InputError(
            f"Who comes along is chosen by {owner.name}, whose case it is", kept=KEPT,
            do="Ask them to choose",
        )  # fmt: skip
    for officer in sorted(wanted - there.keys()):
        who = _known(officer)
        there[officer] = VisitOfficer.objects.create(
            visit=row, officer=who, agency_id=_acts_for(record, case, who),
            planned_at=row.planned_at, since=record.reader.at,
        )  # fmt: skip
        _must_see(record, case, who)
        _told(record, case, there[officer], "You come along to a visit of case")
    _take_off(record, case, [one for pk, one in there.items() if pk not in wanted])
    after = _names(one for pk, one in there.items() if pk in wanted)
    if before != after:
        text = f"Comes along: {after}" if after else "Nobody comes along any more"
        note(
            record, "choose who comes along", row, case=case, text=text,
            before={"comes along": before}, after={"comes along": after},
        )  # fmt: skip


def follow(record: Record, case: Case, row: Visit, said: str = "") -> None:
    """Let those who come along follow the visit's time and state; tell them what is `said` of it.

    Whose visit it is is told as well: somebody else may have moved or cancelled it.
    """
    there = list(_with(row))
    if not there:
        return
    _with(row).update(planned_at=row.planned_at, coming=row.state == VisitState.PLANNED)
    if said:
        agencies = {row.officer_id: row.owner_id} | {one.officer_id: one.agency_id for one in there}
        for officer, agency in agencies.items():
            _tell(record, case, row.pk, officer, agency, said)


def leave(record: Record, case: Case, agency: int) -> None:
    """Take the officers of an agency, which works on a case no longer, off its planned visits.

    Raises InputError while one of them is at a visit: they could not say any more that they are
    safe.
    """
    cases = merged_with(case.pk)
    theirs = VisitOfficer.objects.filter(visit__case__in=cases, agency=agency, coming=True)
    _take_off(record, case, theirs)
    inside = Visit.objects.filter(case__in=cases, safe_by__isnull=False, safe_at__isnull=True)
    for row in inside.select_related("officer"):
        who = row.officer and reader_for(row.officer, record.reader.purpose, record.reader.at)
        if who and who.agency == agency:
            raise _first_hear_from(who.name)


def _with(row: Visit) -> QuerySet[VisitOfficer]:
    return VisitOfficer.objects.filter(visit=row, until__isnull=True)


def _names(there: Iterable[VisitOfficer]) -> str:
    return listed(sorted(one.officer.name for one in there))


def _known(officer: int) -> Officer:
    found = Officer.objects.filter(pk=officer).first()
    if found is None:
        raise InputError("Choose officers from the list", kept=KEPT)
    return found


def _acts_for(record: Record, case: Case, officer: Officer) -> int:
    """Return for which agency an officer comes along. Raises InputError where none works on it."""
    theirs = reader_for(officer, record.reader.purpose, record.reader.at)
    if theirs is None or not WORKS & theirs.roles:
        raise InputError(f"{officer.name} holds no post for casework", kept=KEPT)
    if theirs.agency != case.owner_id and not joined(case, theirs.agency):
        agency = Agency.objects.get(pk=theirs.agency)
        raise InputError(
            f"{officer.name} is of {agency.name}, which does not work on this case", kept=KEPT,
            do="Let it work on the case jointly first",
        )  # fmt: skip
    return theirs.agency


def _must_see(record: Record, case: Case, officer: Officer) -> None:
    """Raise InputError where an officer may not see a case, now that they work on it."""
    theirs = reader_for(officer, record.reader.purpose, record.reader.at)
    if theirs is None or not decide(theirs, case).allowed:
        raise InputError(
            f"The agreements do not let {officer.name} see this case", kept=KEPT,
            do="Choose somebody else",
        )  # fmt: skip


def _take_off(record: Record, case: Case, there: Iterable[VisitOfficer]) -> None:
    for one in there:
        if one.visit.safe_by and not one.visit.safe_at:
            raise _first_hear_from(one.officer.name)
        one.until, one.coming = record.reader.at, False
        one.save(update_fields=["until", "coming"])
        _told(record, case, one, "You no longer come along to a visit of case")


def _first_hear_from(name: str) -> InputError:
    return InputError(
        f"{name} went to the visit and has not said that they are safe", kept=KEPT,
        do="Hear from them first",
    )  # fmt: skip


def _told(record: Record, case: Case, one: VisitOfficer, said: str) -> None:
    _tell(record, case, one.visit_id, one.officer_id, one.agency_id, said)


def _tell(
    record: Record, case: Case, visit: int, officer: int | None, agency: int, said: str
) -> None:
    """Tell an officer something of a visit, unless they say it themselves."""
    if officer is not None and officer != record.reader.officer:
        tell(
            [To(agency, officer=officer)], Notice.Kind.CASEWORK, f"{said} {case.reference}",
            f"/casework/cases/{case.pk}", f"visit:{visit}:{said}:{record.reader.at}",
        )  # fmt: skip

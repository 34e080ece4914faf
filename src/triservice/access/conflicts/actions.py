"""Declaring a conflict of interest, and ending one. It closes at once; only a lead opens again."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.models import ConflictOfInterest, Notice
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.openings.rules import insubstantial
from triservice.access.record import Kind, recording
from triservice.agencies.models import Holding, Officer
from triservice.kernel.access_words import Decision, Outcome, Reader, Reason, Role
from triservice.kernel.errors import Already, InputError

LEAD = Role.DATA_PROTECTION_LEAD
# Who may have people to answer for: the two lines of a post, and the lead of the agency.
FOR_OTHERS = frozenset({LEAD, Role.TEAM_LEADER, Role.TASKING_LEAD})
NOT_YOURS = Decision(Outcome.DENY, Reason.ROLE)
LABEL = "access.conflictofinterest"
KEPT = "Nothing was changed"


def declare(
    reader: Reader, subject: UUID, why: str, *, page: str = "", officer: Officer | None = None
) -> int:
    """Say that the reader has a tie to a person or place, or that somebody they answer for has.

    It closes everything about the subject at the next read, whatever opens it. It looks at no row.
    Raises Refused for somebody else's officer, InputError for a reason of no substance.
    """
    with recording(reader, Kind.ALTERATION, "declare a conflict of interest") as record:
        of = officer.pk if officer is not None else reader.officer
        if of != reader.officer and not answers_for(reader, of):
            raise Refused(NOT_YOURS, f"a conflict of officer {of}")
        if not why.strip():
            raise InputError("Say what the tie is", field="why", kept="Nothing was declared")
        Officer.objects.select_for_update().get(pk=of)
        known = ConflictOfInterest.objects.filter(
            officer=of, subject_key=subject, ended_at__isnull=True
        )
        if known.exists():
            raise Already("This conflict is declared already", kept="That declaration")
        said = ConflictOfInterest.objects.create(
            officer_id=of,
            subject_key=subject,
            why=why.strip(),
            page=page[:200],
            declared_at=record.reader.at,
            declared_by_id=None if of == reader.officer else reader.officer,
        )
        record.did(LABEL, said.pk)
        record.note("conflict", {"officer": of, "subject": str(subject)})
        _tell(reader, said)
        return said.pk


def _tell(reader: Reader, said: ConflictOfInterest) -> None:
    """Tell the lead and the team leaders of the agency, and whom it is about if another said it."""
    path, key = reverse("access:conflicts"), f"conflict:{said.pk}"
    to = [To(reader.agency, role=role) for role in (LEAD, Role.TEAM_LEADER)]
    text = "An officer has a conflict of interest; see whether their work needs somebody else"
    tell(to, Notice.Kind.CONFLICT, text, path, key)
    if said.declared_by_id is not None:
        whom = [To(reader.agency, officer=said.officer_id)]
        tell(whom, Notice.Kind.CONFLICT, "A conflict of interest was declared for you", path, key)


def end(reader: Reader, pk: int, why: str) -> None:
    """End a declaration: by the data-protection lead of the officer's agency, never one's own."""
    with recording(reader, Kind.ALTERATION, "end a conflict of interest") as record:
        said = ConflictOfInterest.objects.select_for_update().filter(pk=pk).first()
        if said is None or not may_end(reader, said):
            raise Refused(NOT_YOURS, f"{LABEL} {pk}", hidden=True)
        if fault := insubstantial(why):
            raise InputError(f"Why does it end? {fault}", field="why", kept=KEPT)
        if said.ended_at is not None:
            raise Already("It was ended already", kept=KEPT)
        ConflictOfInterest.objects.filter(pk=pk).update(
            ended_at=record.reader.at, ended_by=reader.officer, ended_why=why.strip()
        )
        record.did(LABEL, pk)
        record.note("why", why.strip())
        deal_with(reader, f"conflict:{pk}")


def may_end(reader: Reader, said: ConflictOfInterest) -> bool:
    """Whether the reader is the lead of the officer's agency, and not the officer."""
    return (
        LEAD in reader.roles
        and said.officer_id != reader.officer
        and Officer.objects.filter(of_agency(reader), pk=said.officer_id).exists()
    )


def of_agency(reader: Reader) -> Q:
    """Return the condition of the officers whom the reader's agency employs or has in a post."""
    here = Holding.objects.filter(_now(reader), post__agency=reader.agency)
    return Q(employer=reader.agency) | Q(pk__in=here.values("officer"))


def answers_for(reader: Reader, officer: int) -> bool:
    """Whether the reader is in the line of an officer's post, or the lead of their agency."""
    if LEAD in reader.roles and Officer.objects.filter(of_agency(reader), pk=officer).exists():
        return True
    mine = Holding.objects.filter(_now(reader), officer=reader.officer).values("post")
    in_line = Q(post__team_leader__in=mine) | Q(post__tasking_lead__in=mine)
    return Holding.objects.filter(in_line, _now(reader), officer=officer).exists()


def _now(reader: Reader) -> Q:
    day = timezone.localtime(reader.at).date()
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))

"""Breaking the glass, ending it, and the owner's review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.urls import reverse

from triservice.access.emergency import rules
from triservice.access.errors import Refused
from triservice.access.models import GlassBreak, Notice, Opening, Protected
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.openings import actions as openings
from triservice.access.openings import queries as rows_of
from triservice.access.openings.rules import approvers, insubstantial
from triservice.access.record import Kind, Record, recording
from triservice.agencies.models import Agency, Officer
from triservice.kernel.access_words import Decision, Outcome, Reader, Reason, Role
from triservice.kernel.errors import InputError

LEAD = Role.DATA_PROTECTION_LEAD
NOT_YOURS = Decision(Outcome.DENY, Reason.ROLE)


def break_glass(
    reader: Reader, owner: int, data_class: str, *, subject: UUID | None = None,
    rows: Iterable[Protected] = (), reason: str, text: str, minutes: int,
) -> int:  # fmt: skip
    """Open an owner's data class about a subject (or these rows) for minutes; return its key.

    The owner's data-protection lead and deciders are told at once, and it counts, even when there
    is nothing to open. Raises Refused when no agreement or role allows it, InputError for what is
    missing or when the officer has used up their quota.
    """
    with recording(reader, Kind.ALTERATION, "break the glass") as record:
        at, chosen = record.reader.at, list(rows)
        if found := rules.faults(reason, GlassBreak.Reason.values, text, minutes):
            raise InputError(". ".join(found.values()), kept="Nothing was opened")
        if subject is None and not chosen:
            raise InputError("It is about nobody", kept="Nothing was opened")
        decision = rules.breakable(
            record.grants, owner, data_class, str(subject) if subject else None
        )
        if not decision.allowed:
            raise Refused(decision, f"break the glass on {data_class} of agency {owner}")
        _within_quota(record)
        ends = at + timedelta(minutes=minutes)
        if not chosen and subject is not None:
            chosen = rows_of.rows_about(subject, owner, data_class)
        items = [
            item
            for item in rows_of.items_of(chosen)
            if (item.owner, item.data_class) == (owner, str(data_class))
        ]
        opened = list(rules.opened_by_it(record.grants, items, ends))
        opening = openings.open_rows(
            record,
            opened,
            kind=Opening.Kind.BREAK_GLASS,
            officer=reader.officer,
            agency=reader.agency,
            owner=owner,
            data_class=data_class,
            fields=None,
            purpose=str(reader.purpose),
            ends=ends,
            decided_by=None,
            why=f"{reason}: {text.strip()}",
        )
        glass = GlassBreak.objects.create(
            opening=opening,
            officer_id=reader.officer,
            agency_id=reader.agency,
            subject_key=subject,
            reason=reason,
            text=text.strip(),
            rows=len(opened),
            review_due=at + rules.REVIEW_IN,
        )
        record.did("access.glassbreak", glass.pk, data_class)
        record.note("emergency", {"reason": reason, "minutes": minutes, "rows": len(opened)})
        _tell_owner(glass, owner, data_class)
        return glass.pk


def _within_quota(record: Record) -> None:
    """Raise InputError when the officer has used up what one may; two at once are counted too."""
    Officer.objects.select_for_update().get(pk=record.reader.officer)
    since = record.reader.at - rules.QUOTA_TIME
    used = GlassBreak.objects.filter(
        officer=record.reader.officer, opening__starts__gt=since
    ).count()
    if used >= rules.QUOTA:
        raise InputError(
            f"You have used emergency access {used} times in 24 hours, the most that one may",
            kept="Nothing was opened",
            do="Ask a colleague to look, or call the agency that holds it",
        )


def _tell_owner(glass: GlassBreak, owner: int, data_class: str) -> None:
    agency = Agency.objects.get(pk=owner)
    to = [To(owner, role=role) for role in sorted({LEAD, *approvers(data_class, agency.kind)})]
    tell(
        [*to, To(glass.agency_id, role=LEAD)],
        Notice.Kind.GLASS,
        f"Emergency access to {data_class} data of {agency.name}; it needs a review",
        path_of(glass),
        f"glass:{glass.pk}",
    )


def path_of(glass: GlassBreak) -> str:
    """Return the address of its page."""
    return reverse("access:emergency", args=[glass.pk])


def end(reader: Reader, pk: int) -> None:
    """Close one's own emergency opening before its time."""
    with recording(reader, Kind.ALTERATION, "end emergency access") as record:
        glass = _locked(pk)
        if glass is None or glass.officer_id != reader.officer:
            raise Refused(NOT_YOURS, f"access.glassbreak {pk}", hidden=True)
        _close(record, glass, GlassBreak.Ended.OFFICER)


def cut_off(reader: Reader, pk: int, why: str) -> None:
    """Close an emergency opening of the reader's agency's data at once."""
    with _owning(reader, pk, "cut off emergency access") as (record, glass):
        if not why.strip():
            raise InputError("Say why", kept="It is still open")
        _close(record, glass, GlassBreak.Ended.OWNER)
        record.note("why", why.strip())
        _tell_officer(glass, "was ended by the owner", "cut")


def review(reader: Reader, pk: int, finding: str, text: str) -> None:
    """Find an emergency opening justified or not, as its owner; never one's own, and once."""
    with _owning(reader, pk, "review emergency access") as (record, glass):
        if glass.officer_id == reader.officer:
            raise Refused(Decision(Outcome.DENY, Reason.CONFLICT), f"access.glassbreak {pk}")
        if finding not in GlassBreak.Finding.values:
            raise InputError("Choose whether it was justified", kept="Nothing was changed")
        if fault := insubstantial(text):
            raise InputError(f"What did the review find? {fault}", kept="Nothing was changed")
        done = GlassBreak.objects.filter(pk=pk, finding="").update(
            finding=finding,
            finding_text=text.strip(),
            reviewed_at=record.reader.at,
            reviewed_by=reader.officer,
        )
        if not done:
            raise InputError("It was reviewed already", kept="That review")
        if finding == GlassBreak.Finding.NOT_JUSTIFIED and _is_open(record, glass):
            _close(record, glass, GlassBreak.Ended.OWNER)
        deal_with(reader, f"glass:{pk}")
        _tell_officer(glass, f"was found {finding}", "reviewed")
        if finding == GlassBreak.Finding.NOT_JUSTIFIED:
            tell(
                [To(glass.agency_id, role=LEAD)],
                Notice.Kind.FINDING,
                "Emergency access by an officer of your agency was found not justified",
                path_of(glass),
                f"glass-finding:{pk}",
            )


def _is_open(record: Record, glass: GlassBreak) -> bool:
    opening = glass.opening
    return opening.revoked_at is None and record.reader.at < opening.ends


def _close(record: Record, glass: GlassBreak, how: GlassBreak.Ended) -> None:
    if not openings.revoke(record, glass.opening):
        raise InputError("It is over already", kept="Nothing was changed")
    GlassBreak.objects.filter(pk=glass.pk).update(ended_at=record.reader.at, ended_how=str(how))


def _locked(pk: int) -> GlassBreak | None:
    found = GlassBreak.objects.select_for_update(of=("self",)).filter(pk=pk)
    return found.select_related("opening__owner").first()


@contextmanager
def _owning(reader: Reader, pk: int, doing: str) -> Iterator[tuple[Record, GlassBreak]]:
    """Lock it for the owner's data-protection lead or deciders."""
    with recording(reader, Kind.ALTERATION, doing) as record:
        glass = _locked(pk)
        if glass is None or not answers_for(reader, glass):
            raise Refused(NOT_YOURS, f"access.glassbreak {pk}", hidden=True)
        record.did("access.glassbreak", pk, glass.opening.data_class)
        yield record, glass


def answers_for(reader: Reader, glass: GlassBreak) -> bool:
    """Whether the reader answers for the owner of what was opened."""
    opening = glass.opening
    roles = {LEAD, *approvers(opening.data_class, opening.owner.kind)}
    return reader.agency == opening.owner_id and bool(roles & reader.roles)


def _tell_officer(glass: GlassBreak, what: str, key: str) -> None:
    tell(
        [To(glass.agency_id, officer=glass.officer_id)],
        Notice.Kind.FINDING,
        f"Your emergency access {what}",
        path_of(glass),
        f"glass-of:{glass.pk}:{key}",
    )

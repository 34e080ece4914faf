"""The rows that hang on a case, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from triservice.access.prepared import PreparedRows
from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.casework import timing
from triservice.casework.cases import rules
from triservice.casework.cases.queries.cautions import Caution
from triservice.casework.cases.queries.naming import CASES, NOBODY, Named, Names
from triservice.casework.cases.queries.shown import (
    ActionSeen,
    Comes,
    ConcernSeen,
    ConsentSeen,
    FittedSeen,
    NeedSeen,
    OnwardSeen,
    OutcomeSeen,
    VisitSeen,
)
from triservice.casework.models import Dispatch, Equipment
from triservice.casework.words import SYSTEMS, Dispatched


def need(row: Seen) -> NeedSeen:
    """Return a need."""
    return NeedSeen(
        row.pk,
        row.get("label") or "Need withheld",
        row.get("state") or "",
        tuple(row.get("reasons") or ()),
        row.data_class,
    )


def action(
    row: Seen, names: dict[int, str], officers: dict[int, str], at: datetime, reference: str = ""
) -> ActionSeen:
    """Return an action."""
    is_open = row.get("state") == "open"
    return ActionSeen(
        row.pk,
        row.case_id,
        row.plan_id,
        row.get("what") or "Action withheld",
        names.get(row.get("agency_id") or 0, ""),
        officers.get(row.get("officer_id") or 0, ""),
        row.due_at,
        timing.left(row.due_at, at) if is_open else "",
        is_open and row.due_at <= at,
        row.get("state") or "",
        row.get("result") or "",
        reference,
    )


def visit(
    row: Seen, officers: dict[int, str], joint: Mapping[int, tuple[Comes, ...]],
    where: Named = NOBODY, reference: str = "", cautions: Iterable[Caution] = (),
) -> VisitSeen:  # fmt: skip
    """Return a visit."""
    return VisitSeen(
        row.pk,
        row.case_id,
        row.state,
        row.planned_at,
        officers.get(row.get("officer_id") or 0, ""),
        row.ended_at,
        row.card_left,
        row.get("advice") or "",
        row.get("danger") or "",
        row.next_on,
        where,
        reference,
        row.safe_by if row.safe_at is None else None,
        tuple(dict.fromkeys(tag for one in cautions for tag in one.known.tags)),
        joint.get(row.pk, ()),
    )


def consents(rows: Iterable[Seen], called: Names, at: datetime) -> tuple[ConsentSeen, ...]:
    """Return consents, each with how it stands today by itself."""
    today = timezone.localtime(at).date()
    return tuple(_consent(row, called, today) for row in rows)


def _consent(row: Seen, called: Names, today: Any) -> ConsentSeen:
    facts = consent_facts(row)
    return ConsentSeen(
        row.pk,
        called.person(row.person_id),
        row.get("scope") or "",
        rules.consent_standing([facts], today),
        row.get("capacity") or "",
        row.given_by,
        row.asked_on,
        row.expires_on,
        row.get("override") or "",
        row.get("why") or "",
        facts.given and not facts.withdrawn,
    )


def consent_facts(row: Seen) -> rules.ConsentFacts:
    """Return what the rules need to know of a consent; one that is withheld was not given."""
    return rules.ConsentFacts.of(row, bool(row.get("given")), row.get("override") or "")


def concern(row: Seen, called: Names, names: dict[int, str]) -> ConcernSeen:
    """Return a safeguarding concern."""
    three = [row.get(name) for name in ("care_needs", "at_risk", "cannot_protect")]
    return ConcernSeen(
        row.pk,
        called.person(row.person_id),
        row.get("what") or "",
        tuple(rules.ABUSE.get(kind, kind) for kind in row.get("kinds") or ()),
        None if row.child else rules.section_42(three),
        row.get("own_view") or "",
        row.danger_now,
        row.raised_at,
        names[row.owner_id],
        names.get(row.sent_to_id, ""),
        row.get("result") or "",
    )


def onward(rows: list[Seen], record: Record) -> tuple[OnwardSeen, ...]:
    """Return onward referrals, those that go to a system with how far they are."""
    going = [row.pk for row in rows if row.how in SYSTEMS]
    sent = seen(record, Dispatch.objects.filter(onward__in=going)) if going else []
    said = {row.onward_id: _sending(row) for row in sent}
    return tuple(
        OnwardSeen(
            row.pk,
            row.get("to_name") or "Service withheld",
            row.get("why") or "",
            row.get("state") or "",
            row.sent_at,
            row.get("result") or "",
            row.chase_at,
            row.chased,
            row.how,
            row.handed_on,
            said.get(row.pk, ""),
        )
        for row in rows
    )


def _sending(row: Seen) -> str:
    if row.state == Dispatched.SENT:
        return f"Their system has it since {timezone.localtime(row.ended_at):%d %B, %H:%M}"
    if row.state == Dispatched.GIVEN_UP:
        return f"It could not be sent. {row.said}. Send it another way, or ask them"
    return f"Waits to be sent to their system{f'. {row.said}' if row.said else ''}"


def outcome(row: Seen, scheme: Any) -> OutcomeSeen:
    """Return a measure in the scheme's words."""
    name = row.get("measure") or ""
    known = scheme.measures.get(name) if scheme else None
    return OutcomeSeen(
        known.name if known else name,
        row.get("before"),
        row.get("after"),
        known.unit if known else "",
        row.get("own_view") or "",
        row.at,
    )


@PreparedRows
def _fitted() -> QuerySet[Equipment]:
    rows = Equipment.objects.filter(visit__case__among=CASES, removed_on__isnull=True)
    return rows.order_by("expires_on", "pk")


def fitted(record: Record, cases: list[int], scheme: Any) -> tuple[FittedSeen, ...]:
    """Return what was fitted and is still there, what expires first coming first."""
    kinds = scheme.equipment if scheme else {}
    return tuple(
        FittedSeen(
            row.pk,
            kinds[kind].name if (kind := row.get("kind") or "") in kinds else kind,
            row.get("place") or "",
            row.get("serial") or "",
            row.fitted_on,
            row.expires_on,
            row.check_by,
        )
        for row in seen(record, _fitted(cases=cases))
    )

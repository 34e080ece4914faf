"""A visit is recorded with what follows on the spot: help given, onward referrals, the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.utils import timezone

from triservice.access.record import Kind, recording
from triservice.casework.answers.queries import scheme_of
from triservice.casework.cases.actions.acting import KEPT, person_about, standing_case
from triservice.casework.directory.choosing import chosen
from triservice.casework.models import Case, DirectoryService, Need, Visit
from triservice.casework.needs.actions import add_action, end_action, of_case
from triservice.casework.notes.actions import record_consent
from triservice.casework.onward.actions import send
from triservice.casework.onward.rules import PASSES_ON, PLEASE
from triservice.casework.visits.actions.doing import Done, plan, record_visit
from triservice.casework.words import Capacity
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.schemes.scheme import Scheme

SOON = timedelta(days=7)  # a task that is set at the door is done within a week
NOT_SAID = f"Found at a visit: {PLEASE.lower()}"


@dataclass(frozen=True, slots=True)
class Follows:
    """What is decided at the door: actions, and whereto, each with its need's id.

    Whereto is a route of the scheme, or a service of the directory (directory.choosing). `agreed`
    says who agreed to being referred on, a Capacity; "" for nobody.
    """

    actions: Iterable[tuple[str, str]] = field(default_factory=tuple)
    routes: Iterable[tuple[str, str]] = field(default_factory=tuple)
    agreed: str = ""
    given_by: str = ""
    why: str = ""  # what the services are asked to do
    next_at: datetime | None = None


def finish(reader: Reader, pk: int, visit: int, done: Done, follows: Follows) -> None:
    """Record a visit and all that follows, or nothing of it. The same key again changes nothing.

    Raises InputError for an onward referral to which nobody has agreed: a lawful reason to do
    without is recorded on the case first, and the referral sent from there.
    """
    with recording(reader, Kind.ALTERATION, "record a visit with what follows") as record:
        case = standing_case(record, pk)
        row = of_case(record, Visit, case, visit)
        if row.submission is not None and row.submission.key == done.key:
            return
        if row.case_id != case.pk and (follows.actions or follows.routes or follows.next_at):
            raise InputError(
                f"This visit is of a case that was merged into case {case.reference}", kept=KEPT,
                do="Record the visit alone, and what follows on that case.",
            )  # fmt: skip
        record_visit(reader, case.pk, visit, done)
        scheme = scheme_of(case.scheme, case.version)
        if scheme is None:
            return
        found = Need.objects.filter(case=case)  # what was fitted may have settled one just now
        needs = dict(found.order_by("pk").values_list("kind", "pk"))
        needs |= dict(found.filter(state="open").values_list("kind", "pk"))
        for need, action in follows.actions:
            _act(reader, case, scheme, needs.get(need), action, record.reader.at)
        refer_on(reader, case, scheme, follows, done.key)
        if follows.next_at is not None:
            plan(reader, case.pk, follows.next_at, key=uuid5(done.key, "next visit"))


def _act(
    reader: Reader, case: Case, scheme: Scheme, need: int | None, action: str, at: datetime
) -> None:
    """Set one of the scheme's actions; advice was given there and then."""
    known = scheme.actions.get(action)
    if known is None:
        raise InputError(f"{scheme.name} knows no such action", kept=KEPT)
    row = add_action(
        reader, case.pk, known.name, due=at + SOON, agency=reader.agency,
        officer=reader.officer, need=need,
    )  # fmt: skip
    if known.kind != "task":
        end_action(reader, case.pk, row, done=True, result="Done at the visit")


def refer_on(reader: Reader, case: Case, scheme: Scheme, follows: Follows, key: UUID) -> None:
    """Send what follows on, with the consent that was given to it, or nothing of it.

    Two needs and one place are one referral. Raises InputError.
    """
    to = {where: need for need, where in reversed(list(follows.routes))}
    asked = _asked(scheme, to)
    if asked and not follows.agreed:
        raise InputError(
            "Say who agrees to being referred on",
            kept="Nothing is recorded yet",
            do="Without consent: record the visit, then the lawful reason and the referral.",
        )
    for name in asked:
        _agreed(reader, case, scheme.consents[name].text, follows)
    needs = dict(Need.objects.filter(case=case, state="open").values_list("kind", "pk"))
    for where, need in to.items():
        route, service = chosen(where)
        send(
            reader, case.pk, route, key=uuid5(key, where), need=needs.get(need),
            why=follows.why or NOT_SAID, service=service,
        )  # fmt: skip


def need_for(case: Case, scheme: Scheme, where: str) -> str:
    """Return the kind of the first open need that a place takes; blank for none."""
    route, service = chosen(where)
    takes = DirectoryService.objects.filter(pk=service or 0).values_list("domains", flat=True)
    domains = takes.first() or ()
    kinds = (
        Need.objects.filter(case=case, state="open").order_by("pk").values_list("kind", flat=True)
    )
    known = [scheme.needs[kind] for kind in kinds if kind in scheme.needs]
    return next((n.id for n in known if route in n.routes or n.domain in domains), "")


def _asked(scheme: Scheme, to: Iterable[str]) -> list[str]:
    """Return the scheme's consents to ask: a route's own, and for a service each to passing on."""
    found = set()
    for route, service in map(chosen, to):
        if service is not None:
            found |= {n for n, one in scheme.consents.items() if PASSES_ON & set(one.before)}
        elif route in scheme.routes:
            found |= {scheme.routes[route].consent} - {""}
    return sorted(found)


def _agreed(reader: Reader, case: Case, scope: str, follows: Follows) -> None:
    whom = person_about(case)
    if whom is not None:
        record_consent(
            reader, case.pk, str(whom.key), scope, given=True,
            capacity=str(Capacity(follows.agreed)), given_by=follows.given_by,
            asked_on=timezone.localdate(reader.at),
        )  # fmt: skip

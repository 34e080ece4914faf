"""Referring somebody or somewhere to a scheme; answering and withdrawing what one has sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from triservice.access.errors import Refused
from triservice.access.models import Notice, Restriction
from triservice.access.notices.actions import To, tell
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists, tell_keepers
from triservice.access.rules import NO_ROLE, UNKNOWN
from triservice.agencies.models import Agency
from triservice.casework import references, timing
from triservice.casework.answers import rules as answer_rules
from triservice.casework.answers.actions import Of, keep
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Acknowledgement, Referral, Submission
from triservice.casework.referrals import rules
from triservice.casework.referrals.rules import LIFE, Step
from triservice.casework.words import About, ReferralState
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Marking, Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue, forms
from triservice.schemes.forms import Checked
from triservice.schemes.scheme import Form, Scheme
from triservice.subjects.actions.handing import Handed, hand_over
from triservice.subjects.models import Household, Person, Premises
from triservice.subjects.queries.restricted import on_lists

FORM = "referral"
SYSTEM = "referrals"  # as which the receiver's records of referrals are kept
NOT_SENT = "Nothing was sent"
LISTED = "A referral came about somebody on a need-to-know list; it is marked, and not on the list"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a referral that was sent. `again`: it had been received before."""

    reference: str
    referral: int
    acknowledgement: int | None
    again: bool = False


class NotFilled(InputError):
    """A form that cannot be kept; `errors` are sentences by question."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        """Keep the sentences."""
        super().__init__(" ".join(errors.values()), kept=NOT_SENT)
        self.errors = dict(errors)


def public_reader() -> Reader:
    """Return the reader under whose name somebody of the public sends: to whom nothing opens."""
    name = "Somebody of the public"
    return Reader(0, 0, frozenset(), Purpose.PREVENTION_VISIT, clock.now(), name=name)


def refer(
    reader: Reader,
    key: UUID,
    scheme: str,
    given: Mapping[str, Any],
    *,
    to: int,
    person: UUID | None = None,
    door: str = Submission.Door.PAGE,
    version: int | None = None,
) -> Receipt:
    """Send a referral to the agency `to`, which runs the scheme. The same key sends nothing twice.

    `person` is somebody already known whom the reader may see; `version` the scheme's of which the
    form was filled, else the newest. Raises NotFilled for a form that is
    not right, InputError for a scheme or agency that does not take it, Refused for a role.
    """
    if not rules.REFERS & reader.roles:
        raise Refused(NO_ROLE, "refer")
    kind = Agency.objects.filter(pk=reader.agency).values_list("kind", flat=True).first()
    return _send(
        reader, key, scheme, given, to=to, sender=kind, person=person, door=door, version=version
    )


def self_refer(key: UUID, scheme: str, given: Mapping[str, Any], *, to: int) -> Receipt:
    """Receive a referral from somebody of the public. Nothing that is known is shown back."""
    door = Submission.Door.PUBLIC
    return _send(public_reader(), key, scheme, given, to=to, sender=None, person=None, door=door)


def _send(
    reader: Reader, key: UUID, scheme_id: str, given: Mapping[str, Any], *, to: int,
    sender: str | None, person: UUID | None, door: str, version: int | None = None,
) -> Receipt:  # fmt: skip
    scheme = catalogue.scheme(scheme_id, version)
    agency = _runs(scheme, to)
    if not rules.may_refer(scheme.referrers, sender):
        raise InputError(f"{scheme.name} does not take referrals from you", kept=NOT_SENT)
    form = scheme.forms[FORM]
    checked = forms.check(form, given)
    if checked.errors:
        raise NotFilled(checked.errors)
    kind = Kind.COLLECTION if reader.agency == agency.pk else Kind.DISCLOSURE
    try:
        with recording(reader, kind, "send a referral") as record:
            if (before := _sent_before(record, key)) is not None:
                return before
            return _receive(record, key, scheme, form, checked, agency, person, door)
    except IntegrityError:  # the same was sent twice at one moment: the other was first
        with recording(reader, kind, "send a referral again") as record:
            if (before := _sent_before(record, key)) is not None:
                return before
        raise


def _runs(scheme: Scheme, to: int) -> Agency:
    agency = Agency.objects.filter(pk=to).first()
    if agency is None or agency.kind != scheme.lead:
        raise InputError(f"This agency does not run {scheme.name}", kept=NOT_SENT)
    return agency


def _sent_before(record: Record, key: UUID) -> Receipt | None:
    """Return the receipt of a key that was received; to its sender only."""
    found = Referral.objects.filter(key=key).select_related("acknowledgement").first()
    if found is None:
        return None
    if (found.sent_by_id or 0) != record.reader.officer:
        raise InputError("Somebody else has used this key", kept=NOT_SENT, do="Make a new key")
    record.did("casework.referral", found.pk)
    acknowledgement = Acknowledgement.objects.filter(referral=found).first()
    return Receipt(
        found.reference, found.pk, acknowledgement.pk if acknowledgement else None, again=True
    )


def _receive(
    record: Record, key: UUID, scheme: Scheme, form: Form, checked: Checked, agency: Agency,
    person: UUID | None, door: str,
) -> Receipt:  # fmt: skip
    reader = record.reader
    reference = references.new_reference("R")
    handed = _hand_over(record, scheme, form, checked, agency, reference, person)
    of = _whose(agency, handed)
    listed = on_lists(agency.pk).get(of.subject_key) if of.subject_key else None
    if listed is not None:  # it is not on the list itself, or nobody might triage it
        of = replace(of, marking=str(Marking.OFFICIAL_SENSITIVE))
    assessed = forms.assess(scheme, form, checked.values)
    submission = keep(
        record, scheme, form, checked.values, of, key=key, door=door, reasons=assessed.reasons
    )
    target = scheme.targets[assessed.tier]
    due = timing.due_times(reader.at, target.first_contact, target.visit)
    referral = Referral.objects.create(
        key=key,
        reference=reference,
        scheme=scheme.id,
        version=scheme.version,
        about=scheme.about,
        person_id=handed.person,
        premises_id=handed.premises,
        household_id=handed.household,
        submission=submission,
        sender_id=reader.agency or None,
        sent_by_id=reader.officer or None,
        received_at=reader.at,
        tier=str(assessed.tier),
        unknown=list(assessed.unknown),
        contact_due_at=due.contact,
        visit_due_at=due.visit,
        waits_until=due.contact,
        state_at=reader.at,
        data_class=str(DataClass.RISK),
        **of.columns(),
    )
    note(record, "refer", referral, referral=referral, text=f"Referred to {scheme.name}")
    _tell_if_urgent(referral)
    if listed is not None:
        tell_keepers(Restriction.objects.get(pk=listed), LISTED, f"referral:{referral.pk}")
    return Receipt(reference, referral.pk, _acknowledge(record, referral, of))


def _hand_over(
    record: Record, scheme: Scheme, form: Form, checked: Checked, agency: Agency,
    reference: str, person: UUID | None,
) -> Handed:  # fmt: skip
    """Let the receiver have a record of who and where it is about."""
    row = answer_rules.subject_of(form, checked.values)
    row |= {"source_key": reference, "kind": f"referral to {scheme.name}"[:80], "role": "at risk"}
    row["data_class"] = str(DataClass.RISK)
    if scheme.about == About.HOUSEHOLD:
        row["household_number"] = reference
    if scheme.about == About.PREMISES:  # whoever is named there is not whom it is about
        for name in ("given_name", "middle_names", "family_name", "date_of_birth"):
            row.pop(name, None)
    handed = hand_over(record.reader, agency, SYSTEM, row, person)
    if (handed.person or handed.household or handed.premises) is None:
        raise InputError("The referral does not say whom or where it is about", kept=NOT_SENT)
    return handed


def _whose(agency: Agency, handed: Handed) -> Of:
    """Return what every row of the referral has in common: owner, area and subject."""
    place = Premises.objects.filter(pk=handed.premises or 0).first()
    spine = (
        Person.objects.filter(pk=handed.person or 0).first()
        or place
        or Household.objects.filter(pk=handed.household or 0).first()
    )
    return Of(agency, place.area if place else "", spine.key if spine else None)


def _acknowledge(record: Record, referral: Referral, of: Of) -> int | None:
    """Let the sender have a row of its own; a person who refers themselves has the reference."""
    if referral.sender_id is None:
        return None
    own = replace(of, owner=Agency.objects.get(pk=referral.sender_id)).columns()
    kept = Acknowledgement.objects.create(
        referral=referral,
        reference=referral.reference,
        scheme=referral.scheme,
        to_id=referral.owner_id,
        sent_by_id=referral.sent_by_id,
        at=referral.received_at,
        data_class=str(DataClass.RISK),
        **own,
    )
    record.did("casework.acknowledgement", kept.pk, kept.data_class)
    return kept.pk


def _tell_if_urgent(referral: Referral) -> None:
    if referral.tier == "very high":
        tell_leaders(referral, "A referral of very high risk waits for triage", "urgent")


def tell_leaders(referral: Referral, text: str, key: str) -> int:
    """Give notice of a referral to the team leaders of the agency that runs it."""
    return tell(
        [To(referral.owner_id, role=Role.TEAM_LEADER)],
        Notice.Kind.CASEWORK,
        text,
        f"/casework/triage/{referral.pk}",
        f"referral:{referral.pk}:{key}",
    )


def tell_sender(referral: Referral, text: str, key: str) -> None:
    """Give notice to the officer who sent a referral; the page says what the terms open."""
    kept = Acknowledgement.objects.filter(referral=referral).first()
    if kept is not None and kept.sent_by_id is not None:
        tell(
            [To(kept.owner_id, officer=kept.sent_by_id)],
            Notice.Kind.CASEWORK,
            text,
            f"/casework/sent/{kept.pk}",
            f"referral-of:{kept.pk}:{key}",
        )


def tell_senders(cases: Iterable[int], key: str) -> None:
    """Give notice to whoever sent a referral of these cases that there is news of it."""
    for referral in Referral.objects.filter(case__in=cases).order_by("pk"):
        tell_sender(referral, "There is news of a referral that you sent", key)


def answer(reader: Reader, acknowledgement: int, text: str) -> None:
    """Answer what was asked about a referral that one's agency sent; it waits for triage again."""
    _sender_step(reader, acknowledgement, Step.ANSWER, text)


def withdraw(reader: Reader, acknowledgement: int, why: str) -> None:
    """Take a referral back before it is decided."""
    _sender_step(reader, acknowledgement, Step.WITHDRAW, why)


def _sender_step(reader: Reader, acknowledgement: int, taken: Step, why: str) -> None:
    with recording(reader, Kind.ALTERATION, f"{taken} a referral") as record:
        kept = Acknowledgement.objects.filter(pk=acknowledgement, owner=reader.agency).first()
        if kept is None:
            raise Refused(UNKNOWN, f"casework.acknowledgement {acknowledgement}", hidden=True)
        if not rules.REFERS & reader.roles:
            raise Refused(NO_ROLE, "refer")
        share_lists([kept.to_id])
        referral = Referral.objects.select_for_update().get(pk=kept.referral_id)
        move(record, referral, taken, why)
        said = "was answered" if taken is Step.ANSWER else "was withdrawn"
        tell_leaders(referral, f"A referral that waits {said}", f"{said}:{record.reader.at}")


def move(record: Record, referral: Referral, taken: Step, why: str = "", **columns: Any) -> None:
    """Take a step of a referral that is locked, with its entry. Raises InputError."""
    if faults := rules.step_faults(taken, why, columns.get("signposted_to", "")):
        raise InputError(". ".join(faults.values()), kept="Nothing was changed")
    state = ReferralState(LIFE.after(str(taken), referral.state))
    waits = None
    if state in rules.OPEN:
        waits = referral.waits_until or referral.contact_due_at
    before, after = change(
        referral,
        state=state,
        state_at=record.reader.at,
        waits_until=waits,
        why=why.strip(),
        state_by_id=record.reader.officer or None,
        **columns,
    )
    note(
        record, str(taken), referral, referral=referral, case=referral.case,
        text=SAID[taken], before=before, after=after, why=why,
    )  # fmt: skip


SAID = {
    Step.ACCEPT: "Referral accepted",
    Step.ASK: "Asked who sent it for more",
    Step.ANSWER: "Who sent it answered",
    Step.SIGNPOST: "Signposted to another service",
    Step.DECLINE: "Referral declined",
    Step.WITHDRAW: "Withdrawn by who sent it",
    Step.RECONSIDER: "Taken up again",
}

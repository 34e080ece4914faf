"""What every change of an agreement shares: who may, the locked version, its history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.utils import timezone

from triservice.access.agreements import queries, rules
from triservice.access.agreements.rules import State, Verb
from triservice.access.errors import Refused
from triservice.access.models import AgreementEvent, AgreementVersion, Party
from triservice.access.record import Kind, Record, recording
from triservice.kernel.access_words import Decision, Outcome, Reader, Reason
from triservice.kernel.errors import InputError

NOTHING_CHANGED = "Nothing was changed"


def move(record: Record, version: AgreementVersion, verb: Verb, why: str) -> None:
    """Save the state that follows a verb, and write what happened."""
    now = queries.standing_of(version, record.reader.at)
    # A version not yet in force is stored as in force; what was just given a start is agreed.
    follows = rules.after(State(version.state) if verb is Verb.BRING_IN_FORCE else now, verb)
    if follows is None:
        raise InputError(rules.refusal(now, verb), kept=NOTHING_CHANGED)
    version.state = str(follows)
    version.save(update_fields=["state", "starts"])
    note(record, version, verb, why)


def note(record: Record, version: AgreementVersion, verb: Verb, why: str) -> None:
    """Write what happened to a version, in its history and in the record."""
    AgreementEvent.objects.create(
        version=version,
        at=record.reader.at,
        verb=str(verb),
        officer_id=record.reader.officer or None,
        agency_id=record.reader.agency or None,
        why=why.strip(),
    )
    record.did("access.agreementversion", version.pk)
    record.note("agreement", f"{verb}: {version}")


@contextmanager
def acting(
    reader: Reader, pk: int, verb: Verb, doing: str, *, any_state: bool = False
) -> Iterator[tuple[Record, AgreementVersion]]:
    """Open the record and lock the version; the agency must be a party, the role must fit."""
    with recording(reader, Kind.ALTERATION, doing) as record:
        version = AgreementVersion.objects.select_for_update().filter(pk=pk).first()
        if version is None or not Party.objects.filter(version=pk, agency=reader.agency).exists():
            raise Refused(_DENIED, f"access.agreementversion {pk}", hidden=True)
        must_may(reader, verb, f"access.agreementversion {pk}")
        now = queries.standing_of(version, record.reader.at)
        if not any_state and rules.after(now, verb) is None:
            raise InputError(rules.refusal(now, verb), kept=NOTHING_CHANGED)
        yield record, version


_DENIED = Decision(Outcome.DENY, Reason.ROLE)


def must_may(reader: Reader, verb: Verb, what: str) -> None:
    """Raise Refused unless one of the reader's roles does this."""
    if not rules.may(verb, reader.roles):
        raise Refused(_DENIED, what)


def local_day(at: datetime) -> date:
    """Return the day of a moment, here (Europe/London)."""
    return timezone.localtime(at).date()

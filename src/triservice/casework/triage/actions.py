"""Triage: somebody of the agency that runs the scheme looks at a referral and decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from triservice.access.errors import Refused
from triservice.access.notices.actions import deal_with
from triservice.access.queries import require
from triservice.access.record import Kind, Record, recording
from triservice.access.restrictions.actions import share_lists_of
from triservice.access.rules import NO_ROLE, UNKNOWN
from triservice.casework.cases.actions.acting import KEPT, refresh, worker
from triservice.casework.cases.actions.life import join_referral, open_case
from triservice.casework.models import Case, Referral
from triservice.casework.referrals import rules
from triservice.casework.referrals.actions import move, tell_sender
from triservice.casework.referrals.rules import Step
from triservice.casework.triage.queries import keys_of, tied
from triservice.casework.words import CaseState
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError

AT_ONCE = 100  # referrals in one bulk action
CLOSED = "It is not open to you any more. Nothing was changed."


@contextmanager
def _deciding(reader: Reader, pk: int, doing: str) -> Iterator[tuple[Record, Referral]]:
    """Lock a referral for somebody of the agency that runs it, whose role decides."""
    with recording(reader, Kind.ALTERATION, doing) as record:
        share_lists_of(Referral, pk)
        referral = Referral.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if referral is None:
            raise Refused(UNKNOWN, f"casework.referral {pk}", hidden=True)
        require(record, referral)
        if referral.owner_id != reader.agency or not rules.TRIAGES & reader.roles:
            raise Refused(NO_ROLE, f"casework.referral {pk}")
        yield record, referral


def look_at(reader: Reader, pk: int) -> None:
    """Note that somebody who decides has looked at a referral: it does not sit unseen any more."""
    rows = Referral.objects.filter(pk=pk, owner=reader.agency, first_seen_at__isnull=True)
    if rules.TRIAGES & reader.roles and rows.exists():
        with _deciding(reader, pk, "look at a referral") as (record, referral):
            Referral.objects.filter(pk=referral.pk).update(first_seen_at=record.reader.at)
            deal_with(record.reader, f"referral:{pk}:unseen")


def accept(reader: Reader, pk: int, *, officer: int | None = None, into: int | None = None) -> int:
    """Accept a referral and return its case: a new one, or an open case of the agency (`into`).

    `officer` takes the case at once: they must hold a post at the agency.
    """
    with _deciding(reader, pk, "accept a referral") as (record, referral):
        takes = worker(officer, reader.agency) if officer is not None else None
        if takes is not None and takes.pk in tied(keys_of(referral, [referral.person_id])):
            raise InputError(f"{takes.name} cannot take it", kept=KEPT, do="Choose somebody else.")
        if into is None:
            case = open_case(record, referral, takes)
        else:
            case = _open(record, into)
            join_referral(record, case, referral)
        move(record, referral, Step.ACCEPT, case=case)
        refresh(case, record.reader.at)
        deal_with(reader, f"referral:{pk}")
        tell_sender(referral, "A referral that you sent was accepted", "accepted")
        return case.pk


def _open(record: Record, pk: int) -> Case:
    case = Case.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if case is None or case.owner_id != record.reader.agency:
        raise InputError("There is no such case of your agency", kept=KEPT)
    require(record, case)
    if case.state != CaseState.OPEN:
        raise InputError(f"Case {case.reference} is {case.state}", kept=KEPT)
    return case


def ask_more(reader: Reader, pk: int, why: str) -> None:
    """Ask who sent a referral for more. Its time runs on."""
    with _deciding(reader, pk, "ask for more about a referral") as (record, referral):
        move(record, referral, Step.ASK, why)
        said = "There is a question about a referral that you sent"
        tell_sender(referral, said, f"asked:{record.reader.at}")


def signpost(reader: Reader, pk: int, where: str, why: str) -> None:
    """Close a referral by naming the service that suits better."""
    with _deciding(reader, pk, "signpost a referral") as (record, referral):
        move(record, referral, Step.SIGNPOST, why, signposted_to=where.strip())
        _closed(record, referral, "was signposted to another service")


def decline(reader: Reader, pk: int, why: str) -> None:
    """Decline a referral, with a reason that who sent it may read."""
    with _deciding(reader, pk, "decline a referral") as (record, referral):
        move(record, referral, Step.DECLINE, why)
        _closed(record, referral, "was declined")


def reconsider(reader: Reader, pk: int, why: str) -> None:
    """Take up again a referral that was declined, signposted or withdrawn."""
    with _deciding(reader, pk, "take a referral up again") as (record, referral):
        move(record, referral, Step.RECONSIDER, why, signposted_to="")
        said = "A referral that you sent was taken up again"
        tell_sender(referral, said, f"reconsidered:{record.reader.at}")


def _closed(record: Record, referral: Referral, what: str) -> None:
    deal_with(record.reader, f"referral:{referral.pk}")
    tell_sender(
        referral, f"A referral that you sent {what}", f"{referral.state}:{record.reader.at}"
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one referral of many: the case if there is one, or why not in a sentence."""

    referral: int
    case: int | None = None
    wrong: str = ""


def each(
    reader: Reader, pks: Iterable[int], decide: Callable[[int], int | None]
) -> tuple[Done, ...]:
    """Decide on referrals, each by itself: one on which it cannot be so decided stops no other.

    Whoever decides has looked at it.
    """
    chosen = list(dict.fromkeys(pks))
    if len(chosen) > AT_ONCE:
        raise InputError(f"Choose at most {AT_ONCE} referrals at a time", kept=KEPT)
    done = []
    for pk in chosen:
        try:
            look_at(reader, pk)
            done.append(Done(pk, decide(pk)))
        except InputError as error:
            done.append(Done(pk, wrong=str(error)))
        except Refused:
            done.append(Done(pk, wrong=CLOSED))
    return tuple(done)

"""Who sent a referral sees how it stands, by Cornwall's own terms, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from invented_referrals import GIVEN, SCHEME, Send

from partnership import END, NOON, Partnership, make_partnership
from triservice.access.agreements.templates import fill, template
from triservice.access.errors import Refused
from triservice.access.models import Kind, Notice, Term
from triservice.access.queries import seen
from triservice.access.record import recording
from triservice.casework.cases.actions import joining, life
from triservice.casework.cases.queries.view import case_view
from triservice.casework.fhir import rules as fhir
from triservice.casework.models import Case, Need, Referral
from triservice.casework.needs import actions as needs
from triservice.casework.referrals import queries as sent
from triservice.casework.referrals.actions import refer, withdraw
from triservice.casework.referrals.queries import SentPage
from triservice.casework.triage import actions as triage
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role, Vetting
from triservice.kernel.keys import new_key
from triservice.subjects.models import RecordPart

WHY = "Invented: she is out of danger"


@pytest.fixture
def town(db: None) -> Iterator[Partnership]:
    """The invented agencies under the terms of Cornwall's template, and no others."""
    with clock.frozen(NOON):
        made = make_partnership(terms=False, roles=())
        kinds = ("police", "fire", "council", "health")
        parties = {k: [(made.agencies[k].pk, made.agencies[k].name, k)] for k in kinds}
        text = fill(template("cornwall-tri-service"), parties, "Invented", NOON.date(), END)
        for term in text.terms:
            said = {name: getattr(term, name) for name in term.__slots__}
            said = {name: list(v) if isinstance(v, tuple) else v for name, v in said.items()}
            for end in ("from_agency", "to_agency"):
                said[f"{end}_id"] = said.pop(end)
            Term.objects.create(version=made.version, **said)
        yield made


@pytest.fixture
def sender(town: Partnership) -> Reader:
    """A referrer of the police who is neither vetted nor trained for the scheme."""
    said = town.reader("police", Role.REFERRER)
    return replace(said, vetting=Vetting.NONE, training_current=False)


def page(reader: Reader, reference: str) -> SentPage:
    return sent.sent_page(reader, sent.number_of(reader, reference) or 0)


def test_a_referrer_follows_what_they_sent_to_its_end(
    send: Send, officer: Reader, sender: Reader
) -> None:
    receipt = send()
    assert page(sender, receipt.reference).row.state == "received"
    triage.ask_more(officer, receipt.referral, "Which floor does she live on?")
    asked = page(sender, receipt.reference)
    assert (asked.row.state, asked.why, asked.may_answer) == (
        "need more", "Which floor does she live on?", True
    )  # fmt: skip
    case = triage.accept(officer, receipt.referral, officer=officer.officer)
    assert page(sender, receipt.reference).row.stands == "accepted"
    life.close(officer, case, "opened in error", WHY)
    done = page(sender, receipt.reference).row
    assert (done.stands, done.outcome, done.closed_at) == ("closed", "opened in error", NOON)
    (row,) = sent.sent_list(sender)
    assert (row.stands, row.outcome) == ("closed", "opened in error")
    life.reopen(officer, case, WHY)
    assert page(sender, receipt.reference).row.stands == "accepted"
    told = Notice.objects.filter(officer=sender.officer).order_by("pk")
    assert [notice.text for notice in told] == [
        "There is a question about a referral that you sent",
        "A referral that you sent was accepted",
        "There is news of a referral that you sent",
        "There is news of a referral that you sent",
    ]


@pytest.mark.parametrize("ends", ["declined", "signposted", "withdrawn"])
def test_a_referral_that_is_not_accepted_says_why(
    ends: str, send: Send, officer: Reader, sender: Reader
) -> None:
    receipt = send()
    if ends == "declined":
        triage.decline(officer, receipt.referral, "Outside what we do")
    elif ends == "signposted":
        triage.signpost(officer, receipt.referral, "The falls clinic", "It suits her better")
    else:
        withdraw(sender, receipt.acknowledgement or 0, "She has moved away")
    found = page(sender, receipt.reference)
    assert (found.row.state, bool(found.why)) == (ends, True)
    assert bool(found.signposted_to) is (ends == "signposted")


def test_a_merged_case_ends_with_the_one_into_which_it_was(
    send: Send, officer: Reader, sender: Reader, town: Partnership
) -> None:
    first = send()
    known = Referral.objects.get(pk=first.referral).person
    assert known is not None
    to = town.agencies["fire"].pk
    second = refer(town.reader("fire"), new_key(), SCHEME, GIVEN, to=to, person=known.key)
    cases = [triage.accept(officer, one.referral) for one in (first, second)]
    into = Case.objects.get(pk=cases[1]).reference
    joining.merge(officer, cases[0], into, "They are one case")
    assert page(sender, first.reference).row.stands == "accepted"
    _settle(officer, cases)
    life.close(officer, cases[1], "moved away", WHY)
    assert page(sender, first.reference).row.outcome == "moved away"
    assert Notice.objects.filter(officer=sender.officer, text__startswith="There is news").exists()


def _settle(officer: Reader, cases: list[int]) -> None:
    for need in Need.objects.filter(case__in=cases, state="open"):
        needs.settle_need(officer, need.case_id, need.pk, "met", WHY)


def test_nothing_else_of_the_person_is_open_to_a_referrer(
    send: Send, officer: Reader, sender: Reader, town: Partnership
) -> None:
    receipt = send()
    case = triage.accept(officer, receipt.referral)
    with pytest.raises(Refused):
        case_view(sender, case)
    with recording(sender, Kind.CONSULTATION, "look") as record:
        for model in (Referral, Case, RecordPart):
            rows = model._default_manager.filter(owner=town.agencies["fire"])
            assert rows.exists(), model
            assert seen(record, rows) == [], model


def test_only_who_sent_it_sees_how_it_stands_and_only_while_the_agreement_says_so(
    send: Send, officer: Reader, sender: Reader, town: Partnership
) -> None:
    receipt = send()
    health = town.reader("health", Role.REFERRER)
    with pytest.raises(Refused) as caught:
        sent.sent_page(health, receipt.acknowledgement or 0)
    assert caught.value.hidden
    other = replace(sender, purpose=Purpose.EVALUATION)
    unasked = page(other, receipt.reference)
    assert (unasked.row.state, unasked.why) == ("", "")
    Term.objects.filter(version=town.version, to_role="referrer").delete()
    closed = page(sender, receipt.reference)
    assert closed.row.state == ""
    assert closed.row.because


def test_a_system_is_told_that_a_referral_is_completed() -> None:
    told = fhir.task("R-1", "accepted", "", "", NOON, NOON, "needs met")
    assert (told["status"], told["output"][0]["valueString"]) == ("completed", "needs met")
    assert date.fromisoformat(told["authoredOn"][:10]) == NOON.date()

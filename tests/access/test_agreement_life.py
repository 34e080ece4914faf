"""A version from draft to end: each step does what it says to the next read, and is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from invented_agreements import (
    lead,
    make_agreed,
    make_draft,
    make_in_force,
    sign_by_all,
    whole_text,
)
from protected_things import Thing, make_thing

from partnership import END, NOON, Partnership
from triservice.access.agreements import actions, jobs, queries, saving
from triservice.access.agreements.rules import State, Verb
from triservice.access.agreements.text import TermText, digest
from triservice.access.errors import Refused
from triservice.access.models import AgreementEvent, AgreementVersion, Disclosure, Notice
from triservice.access.queries import decide
from triservice.kernel import clock
from triservice.kernel.access_words import Outcome, Purpose, Reason, Role
from triservice.kernel.errors import InputError

DAY = timedelta(days=1)


@pytest.fixture
def made(bare: Partnership) -> Partnership:
    """The invented partnership, without the agreement that other tests use."""
    AgreementVersion.objects.all().delete()
    return bare


@pytest.fixture
def row(made: Partnership) -> Thing:
    """A row of the police that the agreement opens to officers of the fire service."""
    return make_thing(made.agencies["police"], "police")


def opens(made: Partnership, row: Thing) -> Reason:
    return decide(made.reader("fire", at=clock.now()), row).reason


def stands(pk: int) -> State:
    return queries.standing_of(AgreementVersion.objects.get(pk=pk), clock.now())


def test_from_draft_to_in_force_and_what_is_read(made: Partnership, row: Thing) -> None:
    pk = make_draft(made)
    assert opens(made, row) is Reason.NO_TERM
    sign_by_all(made, pk)
    actions.agree(lead(made), pk)
    assert opens(made, row) is Reason.NO_TERM  # agreed is not in force
    actions.bring_in_force(lead(made), pk)
    assert opens(made, row) is Reason.TERM_OPEN
    verbs = list(AgreementEvent.objects.values_list("verb", flat=True))
    assert verbs == ["make", *["sign"] * 4, "agree", "bring in force"]
    assert Disclosure.objects.filter(kind="alteration").count() == 7
    with clock.frozen(END):
        assert opens(made, row) is Reason.NOT_IN_FORCE  # expired to the moment, without a job


def test_it_refuses_with_all_that_is_missing(made: Partnership) -> None:
    text = replace(whole_text(made), aim="", dpia_reference="", review_on=None)
    pk = actions.new_agreement(lead(made), text)
    with pytest.raises(InputError) as refused:
        actions.agree(lead(made), pk)
    said = str(refused.value)
    assert "Say what the sharing is for" in said
    assert "impact assessment" in said
    assert "when the agreement is reviewed" in said
    assert "Penmarric Police has not signed" in said
    assert stands(pk) is State.DRAFT
    with pytest.raises(actions.Incomplete, match="Say what the sharing is for"):
        actions.sign(lead(made), pk, "Chief", digest(queries.load_text(_version(pk))))


def _version(pk: int) -> AgreementVersion:
    return AgreementVersion.objects.get(pk=pk)


def test_a_change_after_signing_makes_signatures_fall(made: Partnership) -> None:
    pk = make_draft(made)
    sign_by_all(made, pk)
    saving.edit_prose(lead(made), pk, {"aim": "Another aim"}, until=END, review_on=date(2026, 9, 1))
    with pytest.raises(actions.Incomplete, match="Penmarric Council has not signed"):
        actions.agree(lead(made), pk)
    assert "No longer signed" in AgreementEvent.objects.latest("pk").why


def test_a_change_behind_the_application_is_found(made: Partnership) -> None:
    pk = make_agreed(made)
    _version(pk).terms.update(small_number=0, note="slipped in")
    with pytest.raises(actions.Incomplete, match="signed an earlier wording"):
        actions.bring_in_force(lead(made), pk)


def test_one_signs_what_one_has_read(made: Partnership) -> None:
    pk = make_draft(made)
    seen = digest(queries.load_text(_version(pk)))
    saving.remove_term(lead(made), pk, 1)
    with pytest.raises(InputError, match="changed while you were reading"):
        actions.sign(lead(made, "police"), pk, "Chief", seen)
    actions.sign(lead(made, "police"), pk, "Chief", digest(queries.load_text(_version(pk))))
    with pytest.raises(InputError, match="already"):
        actions.sign(lead(made, "police"), pk, "Chief", digest(queries.load_text(_version(pk))))


def test_a_text_that_has_left_drafting_is_not_edited(made: Partnership) -> None:
    pk = make_in_force(made)
    term = TermText(0, made.agencies["police"].pk, None, "officer", "open", ("health",),
                    ("response",), every_field=True, everywhere=True)  # fmt: skip
    for change in (
        lambda: saving.save_term(lead(made), pk, term),
        lambda: saving.remove_term(lead(made), pk, 1),
        lambda: saving.edit_prose(lead(made), pk, {"aim": "x"}),
        lambda: saving.remove_party(lead(made), pk, made.agencies["fire"].pk),
    ):
        with pytest.raises(InputError, match="it must be draft"):
            change()


def test_editing_one_in_force_makes_a_new_version(made: Partnership, row: Thing) -> None:
    first = make_in_force(made)
    second = actions.revise(lead(made), first, "The police close their data")
    assert second != first
    assert actions.revise(lead(made), second, "again") == second
    with pytest.raises(InputError, match="already being prepared"):
        actions.revise(lead(made), first, "another")
    saving.remove_term(lead(made), second, 1)
    assert opens(made, row) is Reason.TERM_OPEN  # the first holds while the second is drafted
    make_in_force(made, second)
    assert opens(made, row) is Reason.NOT_IN_FORCE  # the term was in the first
    assert (stands(first), stands(second)) == (State.ENDED, State.IN_FORCE)
    assert [v.number for v in queries.agreements(lead(made))] == [2, 1]


def test_a_later_start_is_kept_by_the_clock(made: Partnership, row: Thing) -> None:
    first = make_in_force(made)
    second = actions.revise(lead(made), first, "later")
    saving.remove_term(lead(made), second, 1)
    make_agreed(made, second)
    with pytest.raises(InputError, match="now or later"):
        actions.bring_in_force(lead(made), second, NOON - DAY)
    actions.bring_in_force(lead(made), second, NOON + DAY)
    assert (stands(first), stands(second)) == (State.IN_FORCE, State.NOT_YET)
    assert opens(made, row) is Reason.TERM_OPEN
    assert jobs.expire_agreements() == 0
    with clock.frozen(NOON + DAY):
        assert opens(made, row) is Reason.NOT_IN_FORCE
        assert stands(first) is State.REPLACED
        assert jobs.expire_agreements() == 1
        assert jobs.expire_agreements() == 0
        assert stands(first) is State.ENDED


def test_giving_up_a_draft_leaves_what_is_in_force(made: Partnership, row: Thing) -> None:
    first = make_in_force(made)
    second = actions.revise(lead(made), first, "a thought")
    AgreementVersion.objects.filter(pk=second).update(starts=NOON - DAY)
    actions.end(lead(made), second, "not needed")
    assert opens(made, row) is Reason.TERM_OPEN
    assert stands(first) is State.IN_FORCE


def test_suspending_closes_at_once_and_only_who_did_it_resumes(
    made: Partnership, row: Thing
) -> None:
    pk = make_in_force(made)
    actions.suspend(lead(made, "police"), pk, "A breach is being looked into")
    assert opens(made, row) is Reason.NOT_IN_FORCE
    assert Notice.objects.filter(kind="agreement").count() == 4
    with pytest.raises(InputError, match="Penmarric Police suspended"):
        actions.resume(lead(made, "fire"), pk, "we need it")
    actions.resume(lead(made, "police"), pk, "The breach is closed")
    assert opens(made, row) is Reason.TERM_OPEN
    actions.end(lead(made), pk, "The scheme is over")
    assert opens(made, row) is Reason.NOT_IN_FORCE
    with pytest.raises(InputError, match="The version is ended"):
        actions.resume(lead(made, "police"), pk, "back")


def test_each_party_lifts_its_own_suspension(made: Partnership, row: Thing) -> None:
    pk = make_in_force(made)
    for agency in ("police", "fire"):
        actions.suspend(lead(made, agency), pk, "A breach is being looked into")
    with pytest.raises(InputError, match="Your agency has suspended this already"):
        actions.suspend(lead(made, "police"), pk, "And again")
    page = queries.version_page(lead(made, "police"), pk)
    assert page is not None
    assert page.suspended_by == ("Penmarric Police", "Penmarric Fire and Rescue Service")
    assert {Verb.RESUME} == page.may & {Verb.SUSPEND, Verb.RESUME}
    actions.resume(lead(made, "police"), pk, "The breach is closed for us")
    assert opens(made, row) is Reason.NOT_IN_FORCE
    with pytest.raises(InputError, match="Fire and Rescue Service suspended"):
        actions.resume(lead(made, "police"), pk, "The breach is closed for us")
    page = queries.version_page(lead(made, "police"), pk)
    assert page is not None
    assert {Verb.SUSPEND} == page.may & {Verb.SUSPEND, Verb.RESUME}
    actions.resume(lead(made, "fire"), pk, "And for us")
    assert opens(made, row) is Reason.TERM_OPEN


def test_who_may_and_who_is_a_party(made: Partnership) -> None:
    pk = make_draft(made)
    with pytest.raises(Refused) as outside:
        actions.end(lead(made, "ambulance"), pk, "not ours")  # no party of Cornwall's
    assert outside.value.hidden
    with pytest.raises(Refused):
        actions.end(made.reader("council", Role.OFFICER), pk, "not mine")
    assert Disclosure.objects.filter(outcome="deny").count() == 2
    assert stands(pk) is State.DRAFT
    with pytest.raises(InputError, match="not among the parties"):
        actions.new_agreement(lead(made, "ambulance"), whole_text(made, "Of others"))
    with pytest.raises(InputError, match="already an agreement called"):
        make_draft(made)


def test_drafts_are_seen_by_those_who_write_and_sign(made: Partnership) -> None:
    pk = make_draft(made)
    assert queries.version_page(made.reader("fire"), pk) is None
    assert queries.version_page(lead(made, "ambulance"), pk) is None
    page = queries.version_page(made.reader("fire", Role.DATA_OWNER), pk)
    assert page is not None
    assert (page.may, page.may_revise) == ({Verb.SIGN}, False)
    make_in_force(made, pk)
    page = queries.version_page(made.reader("fire"), pk)
    assert page is not None
    assert page.may == frozenset()


def test_the_clock_expires_and_reminds_once(made: Partnership) -> None:
    pk = make_in_force(made)
    with clock.frozen(NOON + 150 * DAY):  # within sixty days of the review, not yet of the end
        assert jobs.remind_of_agreements() == 4
        assert jobs.remind_of_agreements() == 0
        assert Notice.objects.first().text.startswith("Review due soon, 1 December 2026: Invented")
    with clock.frozen(NOON + 200 * DAY):
        assert jobs.remind_of_agreements() == 8
        actions.review(lead(made), pk, date(2026, 12, 30), "Read through; still right")
        still = Notice.objects.filter(dealt_at__isnull=True).values_list("text", flat=True)
        assert all(text.startswith("Ends soon") for text in still)
    with clock.frozen(END):
        assert jobs.expire_agreements() == 1
        assert _version(pk).state == State.EXPIRED
        event = AgreementEvent.objects.latest("pk")
        assert (event.verb, event.officer) == ("expire", None)
        assert Disclosure.objects.latest("seq").officer_name == "triservice, by the clock"


def test_health_stays_on_approval_in_cornwall(made: Partnership) -> None:
    make_in_force(made)
    health = make_thing(made.agencies["health"], "health")
    for agency in ("police", "fire", "council"):
        decision = decide(made.reader(agency), health)
        assert decision.outcome is Outcome.NEEDS_APPROVAL
    tasking = made.reader("police", purpose=Purpose.TASKING)
    assert decide(tasking, health).reason is Reason.PURPOSE

"""What somebody with a post, a role or the database tries, and what each attempt comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from invented_agreements import PARTIES, lead, make_draft, make_in_force, sign_by_all
from protected_things import Thing, make_thing, subject

from partnership import LONG_AGO, NOON, Partnership, make_list, make_opening
from triservice.access.agreements import actions as agreements
from triservice.access.agreements import queries as agreement_queries
from triservice.access.agreements import saving
from triservice.access.agreements.text import TermText
from triservice.access.approvals import actions, queries
from triservice.access.emergency import actions as emergency
from triservice.access.models import (
    AgreementVersion,
    ConflictOfInterest,
    Opening,
    RestrictionMember,
)
from triservice.access.queries import decide
from triservice.access.readers import reader_for
from triservice.agencies import actions as agencies
from triservice.agencies.models import Holding, Post
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Outcome, Purpose, Reader, Reason, Role
from triservice.kernel.errors import InputError

DAY = timedelta(days=1)
WHY = "Her inhaler is needed to plan a safe visit to her home"
ANNA = subject(1)
VISIT = Purpose.PREVENTION_VISIT


@pytest.fixture
def row(partnership: Partnership) -> Thing:
    """A health row about Anna, whom nobody is."""
    return make_thing(partnership.agencies["health"], "health", subject_key=ANNA)


def ask(made: Partnership, fields: tuple[str, ...] = ("name",)) -> int:
    return actions.ask(
        made.reader("fire"), made.agencies["health"].pk, "health", subject=ANNA, fields=fields,
        case="V-17", why=WHY, told="She agreed on the telephone", until=NOON + 10 * DAY,
    )  # fmt: skip


def guardian(made: Partnership) -> Reader:
    return made.reader("health", Role.CALDICOTT_GUARDIAN)


# ---- Going to work for another agency -----------------------------------------------------------


def moves_to(made: Partnership, agency: str) -> Reader:
    """Let the fire service's officer work for another agency from today; return them as reader."""
    officer = made.officer("fire")
    Holding.objects.filter(officer=officer).update(until=NOON.date())
    officer.employer = made.agencies[agency]
    officer.save(update_fields=["employer"])
    post = Post.objects.create(title="New post", agency=made.agencies[agency], role=Role.OFFICER)
    Holding.objects.create(officer=officer, post=post, since=LONG_AGO)
    reader = reader_for(officer, VISIT, at=NOON)
    assert reader is not None
    return reader


def test_an_approval_stays_with_the_agency_it_was_given_to(
    partnership: Partnership, row: Thing
) -> None:
    pk = ask(partnership)
    actions.approve(guardian(partnership), pk, fields=["name"], ends=NOON + DAY, why="")
    assert decide(partnership.reader("fire"), row).reason is Reason.APPROVED
    assert decide(moves_to(partnership, "police"), row).outcome is Outcome.NEEDS_APPROVAL


def test_an_emergency_stays_with_the_agency_it_was_opened_at(
    partnership: Partnership, row: Thing
) -> None:
    emergency.break_glass(
        partnership.reader("fire"), partnership.agencies["health"].pk, "health", subject=ANNA,
        reason="threat to life", text=WHY, minutes=30,
    )  # fmt: skip
    assert decide(partnership.reader("fire"), row).reason is Reason.BREAK_GLASS
    assert decide(moves_to(partnership, "police"), row).outcome is Outcome.NEEDS_APPROVAL


def test_who_leaves_and_comes_back_finds_nothing_open(partnership: Partnership, row: Thing) -> None:
    officer = partnership.officer("fire")
    other = partnership.officer("health", Role.CALDICOTT_GUARDIAN)
    make_opening(officer, [row], decided_by=other)
    agencies.leave(None, officer, why="Left")
    assert Opening.objects.get().revoked_at == NOON
    agencies.reinstate(None, officer, why="Came back the same day")
    Holding.objects.filter(officer=officer).update(until=None)
    assert decide(partnership.reader("fire"), row).outcome is Outcome.NEEDS_APPROVAL


# ---- Deciding about what is closed to oneself ---------------------------------------------------


def test_an_approver_opens_and_counts_no_row_of_a_list_without_them(
    partnership: Partnership, row: Thing
) -> None:
    made_by = partnership.officer("health", Role.DATA_OWNER)
    listed = make_list(made_by, "Invented")
    hidden = make_thing(
        partnership.agencies["health"], "health", subject_key=ANNA, restriction=listed
    )
    pk = ask(partnership)
    page = queries.request_page(guardian(partnership), pk)
    assert page is not None
    assert page.rows_now == 1
    actions.approve(guardian(partnership), pk, fields=["name"], ends=NOON + DAY, why="")
    opened = Opening.objects.get().items.values_list("pk_text", flat=True)
    assert list(opened) == [str(row.pk)]
    RestrictionMember.objects.create(
        restriction=listed,
        officer=partnership.officer("health", Role.CALDICOTT_GUARDIAN),
        since=NOON - DAY,
    )
    again = ask(partnership)
    page = queries.request_page(guardian(partnership), again)
    assert page is not None
    assert page.rows_now == 2
    actions.approve(guardian(partnership), again, fields=["name"], ends=NOON + DAY, why="")
    assert decide(partnership.reader("fire"), hidden).reason is Reason.RESTRICTED


def test_an_approver_learns_nothing_of_a_tie(partnership: Partnership, row: Thing) -> None:
    pk = ask(partnership)
    ConflictOfInterest.objects.create(
        officer=partnership.officer("health", Role.CALDICOTT_GUARDIAN),
        subject_key=ANNA,
        why="Neighbour",
        declared_at=NOON - DAY,
    )
    page = queries.request_page(guardian(partnership), pk)
    assert page is not None
    assert page.rows_now == 0


def test_a_field_that_is_none_cannot_be_asked_for(partnership: Partnership) -> None:
    """Else a system puts a sentence of its own before the approver, as if it were a field."""
    with pytest.raises(InputError, match="has no field"):
        ask(partnership, ("name", "the postcode area only"))


# ---- Taking away what another agency closed -----------------------------------------------------


@pytest.fixture
def closed(bare: Partnership) -> int:
    """A version in force in which the police never open safeguarding to the fire service."""
    AgreementVersion.objects.all().delete()
    pk = make_draft(bare)
    never = TermText(
        0, bare.agencies["police"].pk, bare.agencies["fire"].pk, "", str(Mode.NEVER),
        (str(DataClass.SAFEGUARDING),), (str(VISIT),), every_field=True, everywhere=True,
    )  # fmt: skip
    saving.save_term(lead(bare), pk, never)
    return make_in_force(bare, pk)


def test_a_never_is_not_ended_by_another_agency(bare: Partnership, closed: int) -> None:
    with pytest.raises(InputError, match="Penmarric Police says here what is never open"):
        agreements.end(lead(bare, "fire"), closed, "We would rather read it")
    agreements.suspend(lead(bare, "fire"), closed, "A breach is being looked into")
    with pytest.raises(InputError, match="never open"):
        agreements.end(lead(bare, "fire"), closed, "We would rather read it")
    thing = make_thing(bare.agencies["police"], DataClass.SAFEGUARDING)
    assert decide(bare.reader("fire", at=clock.now()), thing).reason is Reason.NEVER
    agreements.end(lead(bare, "police"), closed, "The scheme is over")
    assert decide(bare.reader("fire", at=clock.now()), thing).reason is not Reason.NEVER


def test_a_never_is_not_replaced_behind_its_agencys_back(bare: Partnership, closed: int) -> None:
    """A next version without the police, signed by all others, would have ended theirs."""
    second = agreements.revise(lead(bare, "fire"), closed, "Without the police")
    text = agreement_queries.load_text(AgreementVersion.objects.get(pk=second))
    police = bare.agencies["police"].pk
    for term in reversed(text.terms):
        if police in (term.from_agency, term.to_agency):
            saving.remove_term(lead(bare, "fire"), second, term.number)
    saving.remove_party(lead(bare, "fire"), second, police)
    others = tuple(each for each in PARTIES if each != "police")
    sign_by_all(bare, second, others)
    with pytest.raises(InputError, match="Penmarric Police says in an earlier version"):
        agreements.agree(lead(bare, "fire"), second)
    AgreementVersion.objects.filter(pk=second).update(state="agreed")
    with pytest.raises(InputError, match="Penmarric Police says in an earlier version"):
        agreements.bring_in_force(lead(bare, "fire"), second)


def test_who_signs_a_next_version_may_drop_its_own_never(bare: Partnership, closed: int) -> None:
    second = agreements.revise(lead(bare, "police"), closed, "Safeguarding on approval")
    text = agreement_queries.load_text(AgreementVersion.objects.get(pk=second))
    never = next(term for term in text.terms if term.mode == Mode.NEVER)
    saving.save_term(lead(bare, "police"), second, replace(never, mode=str(Mode.ON_APPROVAL)))
    make_in_force(bare, second)
    assert AgreementVersion.objects.get(pk=closed).state == "ended"

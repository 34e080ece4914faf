"""A referral about somebody on a need-to-know list: triage misses nothing, others see less."""

from __future__ import annotations

from uuid import UUID

import pytest
from invented_referrals import GIVEN, SCHEME, Send, referral

from partnership import NOON, Partnership, make_list
from triservice.access.errors import Refused
from triservice.access.models import Notice, RestrictionMember
from triservice.access.queries import decide
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import AnswerPart, Case, CaseSubject, Entry, Referral, Visit
from triservice.casework.referrals.actions import LISTED, Receipt, refer
from triservice.casework.triage.actions import accept
from triservice.casework.triage.queries import queue, referral_page
from triservice.casework.visits import actions as visits
from triservice.kernel.access_words import Marking, Reader, Role
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up
from triservice.offline.actions.settling import again as try_again
from triservice.offline.actions.settling import let_go
from triservice.offline.actions.syncing import take
from triservice.offline.models import Operation
from triservice.offline.queries.waiting import operation_page, waiting
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.restricting import put_later, restrict_person
from triservice.subjects.models import Person, RecordPart

SENSITIVE = {str(Marking.OFFICIAL_SENSITIVE)}
HERS = {
    "source_key": "1",
    "person_number": "P1",
    "given_name": "Morwenna",
    "family_name": "Trevanion",
}


@pytest.fixture
def person(town: Partnership, sender: Reader) -> Person:
    """Somebody whom the police know."""
    receive_records(sender, town.agencies["police"], "invented", [HERS])
    return Person.objects.get()


@pytest.fixture
def listed(town: Partnership, officer: Reader, sender: Reader, person: Person) -> int:
    """A list of the fire service with her on it, and nobody who may read."""
    again(town, sender, person)
    made = make_list(town.officer("fire", Role.DATA_OWNER)).pk
    restrict_person(town.reader("fire", Role.DATA_OWNER), person.key, made)
    assert queue(officer).rows == ()  # what was there is closed
    return made


def again(town: Partnership, sender: Reader, person: Person) -> Receipt:
    to = town.agencies["fire"].pk
    return refer(sender, new_key(), SCHEME, GIVEN, to=to, person=person.key)


def told(listed: int) -> set[tuple[str, str, str]]:
    """Return which roles are told what of a list, and where it leads, while it waits."""
    open_ = Notice.objects.filter(key__startswith=f"list:{listed}:", dealt_at__isnull=True)
    return set(open_.values_list("role", "text", "path"))


def test_it_waits_for_triage_and_is_marked(
    town: Partnership, officer: Reader, sender: Reader, person: Person, listed: int
) -> None:
    sent = again(town, sender, person)
    (row,) = queue(officer).rows
    assert row.pk == sent.referral
    page = referral_page(officer, sent.referral)
    assert page.marking == Marking.OFFICIAL_SENSITIVE
    assert "Morwenna Trevanion" in str(page.answers)
    assert not decide(sender, referral(sent)).allowed  # the term asks for no vetting
    assert {r.marking for r in AnswerPart.objects.filter(submission=referral(sent).submission)} == (
        SENSITIVE
    )
    handed = RecordPart.objects.filter(owner=town.agencies["fire"], subject_key=person.key)
    assert set(handed.values_list("restriction", flat=True)) == {listed}
    where = f"/people/lists/{listed}/later"
    assert told(listed) == {
        (str(r), LISTED, where) for r in (Role.DATA_OWNER, Role.DATA_PROTECTION_LEAD)
    }


def test_its_case_keeps_the_marking_until_the_keepers_put_it_on_the_list(
    town: Partnership, officer: Reader, sender: Reader, person: Person, listed: int
) -> None:
    sent = again(town, sender, person)
    case = accept(officer, sent.referral, officer=officer.officer)
    visits.plan(officer, case, officer.at, key=new_key())
    of_case = [
        Case.objects.filter(pk=case),
        *(m.objects.filter(case=case) for m in (CaseSubject, Entry, Visit)),
    ]
    for rows in of_case:
        assert set(rows.values_list("marking", flat=True)) == SENSITIVE
    keeper = town.reader("fire", Role.DATA_OWNER)
    assert put_later(keeper, listed) > 0
    assert told(listed) == set()
    for rows in (*of_case, Referral.objects.filter(pk=sent.referral)):
        assert set(rows.values_list("restriction", flat=True)) == {listed}
    with pytest.raises(Refused):
        case_view(officer, case)
    RestrictionMember.objects.create(restriction_id=listed, officer_id=officer.officer)
    assert case_view(town.reader("fire"), case)
    assert put_later(keeper, listed) == 0


def test_what_phones_sent_about_somebody_is_closed_with_them(
    town: Partnership, officer: Reader, sender: Reader, person: Person
) -> None:
    case = accept(officer, again(town, sender, person).referral, officer=officer.officer)
    visit = Visit.objects.get(pk=visits.plan(officer, case, officer.at, key=new_key()))
    phone, count = set_up(officer, "Phone")[0], iter(range(9))

    def writes(**said: str) -> int:
        number = UUID(int=(int(NOON.timestamp() * 1000) + next(count)) << 80 | 7 << 76 | 2 << 62)
        done = {"number": str(number), "kind": "note.written", "about": f"visit {visit.key}",
                "payload": said, "base": None, "made_at": NOON.isoformat()}  # fmt: skip
        take(officer, phone.key, [done])
        return Operation.objects.get(number=number).pk

    leader, keeper = (town.reader("fire", role) for role in (Role.TEAM_LEADER, Role.DATA_OWNER))
    kept, waits = writes(text="Her nephew has a key"), writes(text="He may not know", contact="x")
    elsewhere = refer(officer, new_key(), SCHEME, GIVEN, to=officer.agency)  # about somebody else
    assert {row.pk for row in waiting(leader)} == {row.pk for row in waiting(officer)} == {waits}
    shown = operation_page(leader, kept)
    assert shown is not None
    assert "Her nephew has a key" in str(shown.lines)

    listed = make_list(town.officer("fire", Role.DATA_OWNER)).pk
    restrict_person(keeper, person.key, listed)
    later = writes(text="Sent by somebody who is not on the list")
    assert referral(elsewhere).restriction_id is None
    for reader in (leader, officer):
        assert waiting(reader) == []
        assert [operation_page(reader, pk) for pk in (kept, waits, later)] == [None] * 3
        with pytest.raises(Refused):
            let_go(reader, waits, "It is done")
        with pytest.raises(Refused):
            try_again(reader, waits)
    RestrictionMember.objects.create(restriction_id=listed, officer_id=leader.officer)
    on_it = town.reader("fire", Role.TEAM_LEADER)
    assert {row.pk for row in waiting(on_it)} == {waits, later}
    let_go(on_it, waits, "It was done by hand")


def test_others_do_not_put_it_there_and_a_referral_about_somebody_else_is_as_ever(
    town: Partnership, officer: Reader, send: Send, listed: int
) -> None:
    sent = send()
    assert referral(sent).marking == Marking.OFFICIAL
    assert told(listed) == set()
    for reader in (officer, town.reader("police", Role.DATA_OWNER)):
        with pytest.raises(Refused):
            put_later(reader, listed)

"""Who else has a part in a case: found or new, named only where that is open, and until when."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from invented_referrals import GIVEN, RISK, SCHEME, Send

import signing_in
from partnership import NOON, Partnership, make_list
from triservice.access.conflicts.actions import declare
from triservice.access.errors import Refused
from triservice.access.explorer.jobs import look_for_patterns
from triservice.access.explorer.queries import what_words
from triservice.access.models import ConflictOfInterest, Disclosure, Notice, Term
from triservice.access.patterns import PUT_INTO_CASE, Pattern
from triservice.access.queries import decide
from triservice.casework.cases.actions.acting import person_about
from triservice.casework.cases.queries.view import case_view
from triservice.casework.cases.queries.works_on import works_on
from triservice.casework.finding.queries import find_cases
from triservice.casework.models import Case, CaseSubject, Entry, Referral
from triservice.casework.notes.actions import raise_concern, record_consent
from triservice.casework.onward.actions import send as send_on
from triservice.casework.onward.queries import letter
from triservice.casework.people.actions import add_person, add_place, end_part
from triservice.casework.referrals.actions import refer
from triservice.casework.triage.actions import accept
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.subjects.actions.records import receive_records
from triservice.subjects.actions.restricting import restrict_person
from triservice.subjects.models import Person, RecordPart

pytestmark = pytest.mark.django_db
PASSING = "I agree that what is needed is passed on."
HIM = {"source_key": "1", "person_number": "P1", "given_name": "Jory", "family_name": "Bosquite",
       "police.summary": "Invented burglary"}  # fmt: skip

WHY = "He told me on the phone that he helps her"


@pytest.fixture
def jory(town: Partnership, case: int) -> Person:
    """Somebody whom the police know, and let fire know by name."""
    sender = town.reader("police", Role.DATA_OWNER)
    receive_records(sender, town.agencies["police"], "invented", [HIM])
    town.term("police", "fire", (*RISK, DataClass.POLICE))
    return Person.objects.get(links__record__source_key="1", links__owner=sender.agency)


@pytest.fixture
def client(town: Partnership) -> Client:
    return signing_in.sign_in(Client(), town.officer("fire"))


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_somebody_known_or_new_gets_a_part_and_it_ends(
    client: Client, officer: Reader, case: int, jory: Person
) -> None:
    base = f"/casework/cases/{case}"
    asked = client.post(f"{base}/add-person", {"name": "Jory Bosquite", "part": "carer"})
    assert asked.status_code == 422
    for words in (
        "Is it one of these people?",
        "Known to police",
        "Say whether it is one",
    ):
        assert words in text(asked), words
    said = {"name": "Jory Bosquite", "part": "carer", "known": str(jory.key), "why": WHY}
    assert client.post(f"{base}/add-person", said | {"why": ""}).status_code == 422
    other = client.post(f"{base}/add-person", said | {"name": "Morwenna Trevanion"})
    assert other.status_code == 422  # the name is another now: it is asked again
    assert client.post(f"{base}/add-person", said).status_code == 302
    assert "They have a part in this case already" in text(client.post(f"{base}/add-person", said))
    new = {"name": "Tamsin Mary Penhale", "part": "neighbour", "phone": "01632 960003"}
    new["why"] = WHY
    assert client.post(f"{base}/add-person", new).status_code == 302
    parts = {part.who.name: part for part in case_view(officer, case).subjects}
    assert [(name, parts[name].part) for name in ("Jory Bosquite", "Tamsin Mary Penhale")] == [
        ("Jory Bosquite", "carer"), ("Tamsin Mary Penhale", "neighbour")
    ]  # fmt: skip
    place = {"line": "3 Invented Lane", "postcode": "TR1 1AA", "why": WHY}
    assert "Is it one of these addresses?" in text(client.post(f"{base}/add-place", place))
    added = place | {"known": "new 3 invented lane tr1 1aa"}
    assert client.post(f"{base}/add-place", added).status_code == 302
    page = text(client.get(base))
    for words in (
        "Jory Bosquite",
        f"Added to the case: carer. {WHY}",
        "3 Invented Lane",
        "end-part",
    ):
        assert words in page, words
    assert "Invented burglary" not in page  # what is known of who helps is not the case's
    assert not Entry.objects.filter(text__contains="Jory").exists()
    his = parts["Jory Bosquite"].pk
    assert client.post(f"{base}/end-part/{his}", {"why": ""}).status_code == 422
    assert client.post(f"{base}/end-part/{his}", {"why": "He moved away"}).status_code == 302
    left = {part.who.name for part in case_view(officer, case).subjects}
    assert "Jory Bosquite" not in left
    assert CaseSubject.objects.get(pk=his).until == NOON
    assert "No longer in the case: carer" in text(client.get(base))
    add_person(officer, case, "landlord", {}, WHY, jory.key)  # and comes again, as something else
    for part in case_view(officer, case).subjects:
        if part.part in {"subject", "place"} and "3 Invented" not in part.who.name:
            with pytest.raises(InputError, match="The case is about them"):
                end_part(officer, case, part.pk, "Not true")


def test_their_name_is_shown_where_their_identity_is_open_and_nowhere_else(
    town: Partnership, send: Send, officer: Reader, case: int, jory: Person
) -> None:
    row = add_person(officer, case, "carer", {}, WHY, jory.key)
    town.term("fire", "ambulance", RISK)
    identity = RecordPart.objects.get(subject_key=jory.key, data_class="identity")

    def shown(who: str) -> list[str]:
        reader = town.reader(who)
        names = [part.who.name for part in case_view(reader, case).subjects if part.pk == row]
        page = text(signing_in.sign_in(Client(), town.officer(who)).get(f"/casework/cases/{case}"))
        assert ("Jory Bosquite" in page) is ("Jory Bosquite" in names)
        assert ("Jory Bosquite" in names) is decide(reader, identity).allowed or not names
        found = find_cases(reader, "Jory Bosquite").cases  # of whom the reader sees by name
        assert [one.pk for one in found] == [case] * ("Jory Bosquite" in names)
        return names

    assert (shown("fire"), shown("police")) == (["Jory Bosquite"], ["Jory Bosquite"])
    assert shown("ambulance") == ["Name withheld"]
    Term.objects.filter(from_agency=town.agencies["police"]).delete()
    assert shown("fire") == ["Name withheld"]
    with pytest.raises(Refused):
        add_person(officer, case, "landlord", {}, WHY, jory.key)
    town.term("police", "fire", RISK)
    declare(officer, jory.key, "My cousin")
    assert shown("fire") == []
    ConflictOfInterest.objects.all().delete()
    sender, keeper = town.reader("police", Role.REFERRER), town.reader("fire", Role.DATA_OWNER)
    refer(sender, new_key(), SCHEME, GIVEN, to=officer.agency, person=jory.key)
    listed = make_list(town.officer("fire", Role.DATA_OWNER)).pk
    restrict_person(keeper, jory.key, listed)
    assert (shown("fire"), shown("police")) == ([], [])
    other = accept(officer, send().referral, officer=officer.officer)
    later = add_person(officer, other, "carer", {}, WHY, jory.key)
    assert CaseSubject.objects.get(pk=later).restriction_id == listed
    assert find_cases(officer, "Jory Bosquite").cases == ()


def test_nothing_of_the_case_or_of_them_opens_by_a_part_that_only_helps(
    town: Partnership, officer: Reader, case: int, jory: Person
) -> None:
    for part in ("neighbour", "lives there"):
        row = add_person(officer, case, part, {}, WHY, jory.key)
        counts = str(jory.key) in works_on(officer.officer, NOON)
        assert counts is (part == "lives there"), part
        end_part(officer, case, row, "Written wrongly")
    row = add_person(officer, case, "neighbour", {}, WHY, jory.key)
    agreed: dict[str, Any] = {"capacity": "has capacity", "asked_on": NOON.date()}
    record_consent(officer, case, str(jory.key), PASSING, given=True, **agreed)
    raise_concern(officer, case, str(jory.key), "He is afraid of his brother", kinds=["domestic"],
                  care_needs=None, at_risk=True, cannot_protect=None)  # fmt: skip
    sent = send_on(officer, case, "falls-service", key=new_key(), why="Please see her")
    with pytest.raises(InputError, match="onsent"):
        letter(officer, case, sent)
    whom = person_about(Case.objects.get(pk=case))
    assert whom is not None
    assert whom != jory
    record_consent(officer, case, str(jory.key), PASSING, given=False, **agreed)
    record_consent(officer, case, str(whom.key), PASSING, given=True, **agreed)
    assert letter(officer, case, sent).sheet.rests_on == "Consent given"
    assert add_place(officer, case, {"address": "9 Invented Lane", "postcode": "TR1 1AB"}, WHY)


def test_several_put_in_of_whom_the_agency_held_nothing_and_read_are_told_to_the_lead(
    town: Partnership, officer: Reader, case: int, jory: Person
) -> None:
    police = town.agencies["police"]
    Term.objects.filter(from_agency=police).delete()
    town.term("police", "fire", [DataClass.IDENTITY])
    town.term("police", "fire", [DataClass.POLICE], needs_case=True)
    names = ("Tamblyn", "Angove")
    rows = [
        HIM | {"source_key": name, "person_number": name, "family_name": name} for name in names
    ]
    receive_records(town.reader("police", Role.DATA_OWNER), police, "invented", rows)
    others = [Person.objects.get(links__record__source_key=name) for name in names]

    def told() -> str:
        lines = case_view(town.reader("fire"), case).chronology.lines
        return str([line.facts for line in lines])

    def alerts() -> list[tuple[Any, ...]]:
        look_for_patterns()
        found = Notice.objects.filter(text__startswith=Pattern.PUT_INTO_CASES)
        return list(found.values_list("agency", "role"))

    assert "Invented burglary" not in told()
    for whom in (jory, *others):
        add_person(officer, case, "lives there", {}, WHY, whom.key)
    assert not alerts()  # nothing was read of them yet
    assert "Invented burglary" in told()
    assert alerts() == [(officer.agency, "data protection lead")]
    done = Disclosure.objects.filter(doing="add somebody to a case", outcome="allow")
    assert all(f"added because: {WHY}" in what_words(row.what) for row in done)
    add_person(officer, case, "carer", {"given_name": "Ysella", "family_name": "Rodda"}, WHY)
    strange = Disclosure.objects.filter(doing=PUT_INTO_CASE)
    assert strange.count() == 4
    row = CaseSubject.objects.get(person=jory)
    end_part(officer, case, row.pk, "Moved away")
    add_person(officer, case, "lives there", {}, WHY, jory.key)  # by now the agency knows him
    assert strange.count() == 4


def test_the_record_says_neither_what_is_in_a_listed_case_nor_who_else_is_on_a_list(
    town: Partnership, officer: Reader, case: int, jory: Person
) -> None:
    listed = make_list(town.officer("fire", Role.DATA_OWNER))
    CaseSubject.objects.create(
        case_id=case, person=jory, part="carer", since=NOON, until=NOON, restriction=listed,
        owner_id=officer.agency, subject_key=jory.key, data_class="risk",
    )  # fmt: skip
    Case.objects.filter(pk=case).update(restriction=listed)
    listed.members.create(officer_id=officer.officer, since=NOON)
    add_person(town.reader("fire"), case, "lives there", {}, WHY, jory.key)
    done = Disclosure.objects.filter(doing="add somebody to a case", outcome="allow")
    assert WHY not in done.get().what  # the lead reads the record, and is not on the list
    # Whoever is not on the list would see in their own reads that their agency holds something.
    assert Disclosure.objects.filter(doing=PUT_INTO_CASE).count() == 1


def test_whoever_helps_and_is_then_referred_is_whom_the_case_is_about(
    send: Send, officer: Reader, case: int, jory: Person
) -> None:
    row = add_person(officer, case, "neighbour", {}, WHY, jory.key)
    sent = send().referral
    Referral.objects.filter(pk=sent).update(person=jory)
    accept(officer, sent, into=case)
    assert CaseSubject.objects.get(person=jory).pk == row
    assert CaseSubject.objects.get(pk=row).part == "subject"
    assert Entry.objects.get(row=row, verb="change part").after == {"part": "subject"}
    assert str(jory.key) in works_on(officer.officer, NOON)

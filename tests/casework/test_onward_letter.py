"""The letter of an onward referral: what the service may be told, on the record, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from invented_referrals import Send
from test_directory import FALLS

import signing_in
from partnership import Partnership, make_list
from triservice.access.errors import Refused
from triservice.access.models import Disclosure
from triservice.casework.cases.actions import joining
from triservice.casework.cases.rules import ConsentFacts, ConsentStanding
from triservice.casework.directory.actions import add_service, change_service
from triservice.casework.models import AnswerPart, Case, Consent, OnwardReferral
from triservice.casework.needs.actions import add_need
from triservice.casework.notes.actions import record_consent, withdraw_consent
from triservice.casework.onward import rules
from triservice.casework.onward.actions import handed, send
from triservice.casework.onward.queries import _Gathered, letter
from triservice.casework.triage.actions import accept
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.schemes import catalogue
from triservice.subjects.models import Person

TODAY = date(2026, 6, 1)
SCOPE = "I agree that what is needed is passed on."
KNOWN = {"name": "Morwenna Trevanion", "born": "1948-03-12", "phone": "01632 960001"}


def agree(officer: Reader, case: int, scope: str = SCOPE, *, given: bool = True) -> int:
    """Record what the person of a case says to being referred on."""
    person = str(Case.objects.get(pk=case).subject_key)
    return record_consent(
        officer, case, person, scope, given=given, capacity="has capacity", asked_on=TODAY
    )


def by_route(officer: Reader, case: int) -> int:
    need = add_need(officer, case, "falls", "She told me")
    return send(officer, case, "falls-service", key=new_key(), why="Please see her", need=need)


@pytest.fixture
def fell(send: Send, officer: Reader) -> int:
    """An open case of somebody who has fallen."""
    return accept(officer, send(fell="yes").referral, officer=officer.officer)


def test_it_holds_what_the_route_shares_and_no_more(
    officer: Reader, fell: int, town: Partnership
) -> None:
    sent = by_route(officer, fell)
    agree(officer, fell)
    made = letter(officer, fell, sent)
    assert made.sheet.person == KNOWN
    assert made.sheet.address == {}  # the route shares no location
    assert [(one.question, one.said) for one in made.sheet.told] == [("fell", "Yes")]
    assert made.sheet.classes == ("contact", "health", "identity")
    row = Disclosure.objects.filter(doing="make the letter of an onward referral").latest("seq")
    said = json.loads(row.what)
    assert row.kind == "disclosure"
    assert said["disclosed"] == [
        {"to": "Invented falls service", "classes": ["contact", "health", "identity"],
         "how": "letter"}
    ]  # fmt: skip
    assert any(label == "casework.answerpart" for label in said["rows"])
    client = signing_in.sign_in(Client(), town.officer("fire"))
    page = client.get(f"/casework/cases/{fell}/onward/{sent}/letter").content.decode()
    assert "Morwenna Trevanion" in page
    assert "12 March 1948" in page
    assert "OFFICIAL-SENSITIVE" in page
    assert "14 Invented Lane" not in page
    assert "She no longer hears the bell" not in page  # risk is not shared either


def test_without_consent_there_is_no_letter(officer: Reader, fell: int, town: Partnership) -> None:
    sent = by_route(officer, fell)
    with pytest.raises(InputError, match="Consent not asked yet"):
        letter(officer, fell, sent)
    given = agree(officer, fell)
    letter(officer, fell, sent)
    withdraw_consent(officer, fell, given, "She thought better of it")
    with pytest.raises(InputError, match="Consent withdrawn"):
        letter(officer, fell, sent)
    client = signing_in.sign_in(Client(), town.officer("fire"))
    address = f"/casework/cases/{fell}/onward/{sent}/letter"
    answer = client.get(address)
    assert answer.status_code == 302
    shown = client.get(answer.url).content.decode()
    assert "Record on the case that they agree to being referred on" in shown
    Consent.objects.all().delete()
    agree(officer, fell, given=False)
    with pytest.raises(InputError, match="Consent refused"):
        letter(officer, fell, sent)


def test_another_agency_is_told_what_the_agreement_opens_to_it(
    officer: Reader, fell: int, town: Partnership
) -> None:
    admin = town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    health = replace(
        FALLS, agency=town.agencies["health"].pk, organisation="", areas=(),
        shares=("identity", "contact", "location", "health"),
    )  # fmt: skip
    agree(officer, fell)
    sent = send(officer, fell, key=new_key(), why="Please see her",
                service=add_service(admin, health))  # fmt: skip
    nothing = letter(officer, fell, sent)
    assert (nothing.sheet.person, nothing.sheet.told) == ({}, ())
    assert nothing.kept_back == ("contact", "health", "identity", "location")
    town.term("fire", "health", [C.IDENTITY, C.HEALTH])
    some = letter(officer, fell, sent)
    assert some.sheet.person == {"name": KNOWN["name"], "born": KNOWN["born"]}
    assert [one.question for one in some.sheet.told] == ["fell"]
    assert some.kept_back == ("contact", "location")
    AnswerPart.objects.filter(data_class="health").update(
        restriction=make_list(town.officer("fire", Role.DATA_OWNER))
    )
    assert not letter(officer, fell, sent).sheet.told


def test_what_another_agency_holds_is_not_passed_to_an_outsider(
    officer: Reader, fell: int, town: Partnership
) -> None:
    agree(officer, fell)
    sent = by_route(officer, fell)
    town.term("police", "fire", [C.CONTACT])
    AnswerPart.objects.filter(data_class="contact").update(owner=town.agencies["police"])
    made = letter(officer, fell, sent)
    assert "phone" not in made.sheet.person
    assert made.kept_back == ("contact",)


def test_it_is_made_by_the_agency_whose_referral_it_is(
    officer: Reader, fell: int, town: Partnership
) -> None:
    sent = by_route(officer, fell)
    agree(officer, fell)
    with pytest.raises(Refused):
        letter(town.reader("police"), fell, sent)
    with pytest.raises(Refused):
        letter(officer, fell + 1, sent)


def test_when_it_was_posted_is_kept(officer: Reader, fell: int) -> None:
    sent = by_route(officer, fell)
    with pytest.raises(InputError, match="still to come"):
        handed(officer, fell, sent, TODAY + timedelta(days=1))
    handed(officer, fell, sent, TODAY)
    assert OnwardReferral.objects.get().handed_on == TODAY


def test_what_was_recorded_last_on_a_day_decides(officer: Reader, fell: int) -> None:
    sent = by_route(officer, fell)
    agree(officer, fell)
    letter(officer, fell, sent)
    agree(officer, fell, given=False)
    with pytest.raises(InputError, match="Consent refused"):
        letter(officer, fell, sent)
    agree(officer, fell)
    letter(officer, fell, sent)


def merged(send: Send, officer: Reader, case: int) -> tuple[int, Person]:
    """Merge a case into another one; return that one, and the person of the first."""
    kept = accept(officer, send(fell="yes").referral, officer=officer.officer)
    joining.merge(officer, case, Case.objects.get(pk=kept).reference, "They are one case")
    return kept, Person.objects.get(key=Case.objects.get(pk=case).subject_key)


def test_a_no_after_a_merge_stops_what_was_sent_before_it(
    officer: Reader, fell: int, send: Send
) -> None:
    sent = by_route(officer, fell)
    agree(officer, fell)
    kept, _ = merged(send, officer, fell)
    letter(officer, kept, sent)
    agree(officer, kept, given=False)
    with pytest.raises(InputError, match="Consent refused"):
        letter(officer, kept, sent)
    with pytest.raises(InputError, match="Consent refused"):
        letter(officer, fell, sent)
    agree(officer, kept)
    letter(officer, kept, sent)


def test_a_no_before_a_merge_stops_what_is_sent_after_it(
    officer: Reader, fell: int, send: Send
) -> None:
    agree(officer, fell, given=False)
    kept, person = merged(send, officer, fell)
    agree(officer, kept)
    sent = by_route(officer, kept)
    with pytest.raises(InputError, match="Consent refused"):
        letter(officer, kept, sent)
    who = Person.objects.get(key=Case.objects.get(pk=kept).subject_key)
    Person.objects.filter(pk=person.pk).update(root=who)  # one person: what they said last decides
    letter(officer, kept, sent)


def test_what_the_sender_may_not_see_may_be_a_no(
    officer: Reader, fell: int, send: Send, town: Partnership
) -> None:
    hidden = agree(officer, fell, given=False)
    kept, _ = merged(send, officer, fell)
    agree(officer, kept)
    sent = by_route(officer, kept)
    few = make_list(town.officer("fire", Role.DATA_OWNER))
    Consent.objects.filter(pk=hidden).update(restriction=few)
    with pytest.raises(InputError, match="You cannot send this on") as refused:
        letter(officer, kept, sent)
    assert "onsent" not in str(refused.value)
    Consent.objects.filter(pk=hidden).delete()
    letter(officer, kept, sent)


def test_words_of_ones_own_pass_nothing_on_but_stop_it(officer: Reader, fell: int) -> None:
    sent = by_route(officer, fell)
    agree(officer, fell, "Her daughter may know of it")
    with pytest.raises(InputError, match="Consent not asked yet"):
        letter(officer, fell, sent)
    agree(officer, fell, given=False)
    agree(officer, fell, "Something else altogether")
    with pytest.raises(InputError, match="Consent refused"):
        letter(officer, fell, sent)
    agree(officer, fell)
    letter(officer, fell, sent)
    agree(officer, fell, "Telling anybody anything", given=False)
    with pytest.raises(InputError, match="Consent refused"):
        letter(officer, fell, sent)


def test_yes_to_one_text_is_not_yes_to_another() -> None:
    known = rules.Scopes(frozenset({"passing on", "a worry"}))
    no, yes = ConsentFacts(False, TODAY - timedelta(days=1)), ConsentFacts(True, TODAY)
    said = [(1, "passing on", no), (1, "a worry", yes)]
    assert rules.rests_on(said, known, TODAY) is ConsentStanding.REFUSED
    only = rules.Scopes(frozenset({"a worry"}), frozenset({"passing on"}))
    assert rules.rests_on(said, only, TODAY) is ConsentStanding.HOLDS


def test_what_is_marked_goes_to_no_outsider(officer: Reader, fell: int) -> None:
    sent = by_route(officer, fell)
    agree(officer, fell)
    assert "phone" in letter(officer, fell, sent).sheet.person
    AnswerPart.objects.filter(data_class="contact").update(marking="OFFICIAL-SENSITIVE")
    made = letter(officer, fell, sent)
    assert "phone" not in made.sheet.person
    assert made.kept_back == ("contact",)


def test_a_service_that_changed_hands_is_told_nothing(
    officer: Reader, fell: int, town: Partnership
) -> None:
    admin = town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    agree(officer, fell)
    service = add_service(admin, replace(FALLS, areas=()))
    sent = send(officer, fell, key=new_key(), why="Please see her", service=service)
    assert letter(officer, fell, sent).sheet.person
    hands = replace(FALLS, areas=(), agency=town.agencies["health"].pk, organisation="")
    change_service(admin, service, hands)
    with pytest.raises(InputError, match="changed hands"):
        letter(officer, fell, sent)


FACTS = st.builds(
    ConsentFacts, given=st.booleans(),
    asked_on=st.dates(TODAY - timedelta(days=9), TODAY), withdrawn=st.booleans(),
    override=st.sampled_from(["", "a law or a court requires it"]),
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(1, 2), st.sampled_from(["on", "visit"]), FACTS), max_size=5))
def test_one_who_does_not_agree_is_enough(
    said: list[tuple[int, str, ConsentFacts]],
) -> None:
    known = rules.Scopes(frozenset({"on"}), frozenset({"visit"}))
    standing = rules.rests_on(said, known, TODAY)
    counted = [each for each in said if each[1] == "on"]
    if not counted:
        assert standing is ConsentStanding.NONE
        return
    for person in {who for who, _, _ in counted}:
        alone = rules.rests_on([each for each in counted if each[0] == person], known, TODAY)
        assert alone in rules.LETS or standing not in rules.LETS


def test_that_somebody_signed_goes_and_the_signature_does_not() -> None:
    form = catalogue.scheme("tri-service-officer").forms["visit"]
    gathered = _Gathered.__new__(_Gathered)
    gathered.told, gathered.person, gathered.address = [], {}, {}
    gathered._answers(form, {"signature": {"name": "M Trevanion", "drawing": "M1 1 9 9"}})
    assert [one.value for one in gathered.told] == [{"name": "M Trevanion"}]
    assert "9 9" not in gathered.told[0].said

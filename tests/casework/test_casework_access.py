"""What agreements open of casework: class by class, by field, on a case; counts; the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented_referrals import GIVEN, SCHEME, Send

from partnership import NOON, Partnership, make_list
from triservice.access.errors import Refused
from triservice.access.jobs import JOBS
from triservice.access.models import (
    ConflictOfInterest,
    Disclosure,
    Kind,
    Notice,
    Protected,
    RestrictionMember,
)
from triservice.access.openings.queries import protected_models
from triservice.access.queries import Seen, count_seen, decide, seen
from triservice.access.record import recording
from triservice.access.rules import Use
from triservice.casework import telling
from triservice.casework.cases.actions import life
from triservice.casework.cases.queries.counting import count_unique
from triservice.casework.cases.queries.view import case_view
from triservice.casework.files import actions as files
from triservice.casework.files.queries import open_file
from triservice.casework.models import (
    Case,
    CaseSubject,
    DirectoryService,
    Entry,
    File,
    Referral,
    Visit,
)
from triservice.casework.needs import actions as needs
from triservice.casework.notes import actions as notes
from triservice.casework.onward import actions as onward
from triservice.casework.plans import actions as plans
from triservice.casework.plans.rules import Counted
from triservice.casework.referrals.actions import refer
from triservice.casework.triage import actions as triage
from triservice.casework.triage import jobs
from triservice.casework.triage.queries import proposals, referral_page
from triservice.casework.visits import actions as visits
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Mode, Reader, Role
from triservice.kernel.keys import new_key
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Person

MODELS = {label: m for label, m in protected_models().items() if label.startswith("casework.")}


def filled(officer: Reader, case: int) -> None:
    """Let there be a row of each table on a case."""
    person = str(Case.objects.get(pk=case).subject_key)
    visit = visits.plan(officer, case, NOON + timedelta(hours=1), key=new_key())
    found = {"alarms": "no", "fell": "yes"}
    fitted = [visits.Fitted("alarm", "hall", "S1")]
    visits.record_visit(officer, case, visit, visits.Done(new_key(), found, NOON, NOON, fitted))
    needs.add_action(officer, case, "Move the rug", due=NOON + timedelta(1), agency=officer.agency)
    needs.add_outcome(officer, case, "alarms", before=0, after=1)
    notes.add_note(officer, case, "She walks with a stick", "health")
    notes.record_consent(
        officer, case, person, "I agree that what is needed is passed on.", given=True,
        capacity="has capacity", asked_on=NOON.date(),
    )  # fmt: skip
    notes.raise_concern(
        officer, case, person, "She is afraid of her nephew, she says", kinds=["neglect"],
        care_needs=None, at_risk=True, cannot_protect=None,
    )  # fmt: skip
    falls = DirectoryService.objects.create(
        name="Invented falls service", organisation="Invented charity", domains=["falls"],
        takes="FHIR", address="https://falls.invalid/", since=NOON.date(), shares=["identity"],
    )  # fmt: skip
    onward.send(officer, case, key=new_key(), why="Please see her", service=falls.pk)
    files.add_file(officer, case, files.Sent("letter.txt", b"From her doctor", 15), "health")
    problem = plans.Problem("Invented fires", "Invented Lane", "Bins burn behind the shops")
    plan = plans.start(officer, problem, NOON.date() + timedelta(28), key=new_key())
    plans.add_finding(officer, plan, "Two of those who light them drink", "health")
    may = Counted(5, date(2026, 5, 1), date(2026, 5, 28))
    plans.add_measure(officer, plan, "Bins burnt", "Invented system", may)


def test_no_column_is_called_as_a_row_seen_calls_its_own() -> None:
    for model in protected_models().values():
        names = {field.attname for field in model._meta.concrete_fields}
        assert not names & (set(dir(Seen)) - {"pk"}), model


terms = st.lists(
    st.fixed_dictionaries(
        {
            "classes": st.lists(
                st.sampled_from([C.RISK, C.HEALTH, C.FIRE, C.IDENTITY, C.SAFEGUARDING]),
                min_size=1, max_size=3, unique=True,
            ),
            "mode": st.sampled_from([Mode.OPEN, Mode.OPEN, Mode.ON_APPROVAL, Mode.NEVER]),
            "fields": st.none() | st.lists(
                st.sampled_from(
                    ["text", "state", "tier", "answers", "label", "name", "content", "payload"]
                ), max_size=3, unique=True,
            ),
            "case_only": st.booleans(),
        }
    ),
    max_size=4,
)  # fmt: skip


@pytest.mark.django_db
def test_each_table_shows_what_decide_allows_on_random_terms(
    town: Partnership, officer: Reader, case: int
) -> None:
    filled(officer, case)
    assert all(model._default_manager.exists() for model in MODELS.values()), "a table is empty"
    assert town.version is not None
    version = town.version

    @settings(
        max_examples=15, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(said=terms)
    def compare(said: list[dict[str, Any]]) -> None:
        version.terms.all().delete()
        for term in said:
            more = {"needs_case": True} if term["case_only"] else {}
            town.term("fire", "police", term["classes"], mode=term["mode"],
                      fields=term["fields"], **more)  # fmt: skip
        reader = town.reader("police")
        for label, model in MODELS.items():
            agree(reader, label, model)
        opens_what_decide_allows(reader, case)

    compare()


def opens_what_decide_allows(reader: Reader, case: int) -> None:
    """Compare what a file's address gives with the answers on its case, its row and each field."""
    row, about = File.objects.get(), Case.objects.get(pk=case)
    may = [decide(reader, about), *(decide(reader, row, name) for name in (None, *File.FIELDS))]
    try:
        opened = open_file(reader, case, row.pk).data == b"From her doctor"
    except Refused:
        opened = False
    assert opened is all(each.allowed for each in may)


def agree(reader: Reader, label: str, model: type[Protected]) -> None:
    """Compare the rows and columns that SQL gives with the answer to each by itself."""
    rows = list(model._default_manager.all())
    with recording(reader, Kind.CONSULTATION, "list") as record:
        shown = {row.pk: row for row in seen(record, model._default_manager.all())}
        counted = count_seen(record, model._default_manager.all())
    assert set(shown) == {row.pk for row in rows if decide(reader, row).allowed}, label
    assert (counted or 0) == sum(decide(reader, row, use=Use.COUNT).allowed for row in rows), label
    for row in rows:
        if row.pk in shown:
            for name in model.FIELDS:
                attname = model._meta.get_field(name).attname  # type: ignore[union-attr]
                allowed = decide(reader, row, name).allowed
                assert (attname in shown[row.pk].withheld) is not allowed, (label, name)


def test_a_case_shows_another_agency_the_classes_that_are_open(
    officer: Reader, case: int, town: Partnership
) -> None:
    filled(officer, case)
    shown = case_view(town.reader("police"), case)
    told = " ".join(line.text for line in shown.chronology.lines)
    assert shown.reasons == ()  # the alarm is fire's class, the fall health's
    assert (shown.needs, shown.concerns) == ((), ())
    assert "nephew" not in told
    assert "stick" not in told
    assert [each.what for each in shown.actions] == ["Move the rug"]
    town.term("fire", "police", [C.FIRE])
    again = case_view(town.reader("police"), case)
    assert again.reasons == ("No working alarm (3 points)",)  # what health tells as well stays shut
    assert [need.label for need in again.needs] == ["A working alarm"]
    assert not again.assessed.values.get("fell")


def test_a_term_on_a_case_opens_to_who_works_on_it_and_to_nobody_else(
    send: Send, officer: Reader, town: Partnership
) -> None:
    town.term("police", "fire", [C.POLICE], needs_case=True)
    row = {"source_key": "1", "person_number": "1", "given_name": "Morwenna",
           "family_name": "Trevanion", "police.summary": "Invented burglary"}  # fmt: skip
    sender = town.reader("police", Role.DATA_OWNER)
    receive_records(sender, town.agencies["police"], "invented", [row])
    known = Person.objects.get()
    town.term("police", "fire", [C.IDENTITY])
    receipt = refer(
        town.reader("police"), new_key(), SCHEME, GIVEN, to=town.agencies["fire"].pk,
        person=known.key,
    )  # fmt: skip
    case = triage.accept(officer, receipt.referral)

    def told(reader: Reader) -> str:
        lines = case_view(reader, case).chronology.lines
        return str([line.facts for line in lines])

    other = town.reader("fire", Role.TEAM_LEADER)
    assert "Invented burglary" not in told(town.reader("fire"))
    life.allocate(officer, case, officer.officer)
    assert "Invented burglary" in told(town.reader("fire"))
    assert "Invented burglary" not in told(other)
    life.close(town.reader("fire"), case, "opened in error", "It was a mistake")
    assert not town.reader("fire").cases


def test_a_conflict_of_interest_closes_and_is_never_proposed(
    officer: Reader, case: int, town: Partnership
) -> None:
    leader = town.reader("fire", Role.TEAM_LEADER)
    assert officer.officer in {one.officer for one in proposals(leader, case)}
    ConflictOfInterest.objects.create(
        officer_id=officer.officer, subject_key=Case.objects.get(pk=case).subject_key,
        why="Invented: her neighbour", declared_at=NOON,
    )  # fmt: skip
    assert officer.officer not in {one.officer for one in proposals(leader, case)}
    with pytest.raises(Refused):
        case_view(town.reader("fire"), case)


def test_the_load_of_an_officer_counts_what_who_asks_may_see(
    officer: Reader, case: int, send: Send, town: Partnership
) -> None:
    leader = town.reader("fire", Role.TEAM_LEADER)
    hidden = triage.accept(officer, send().referral, officer=officer.officer)

    def load(reader: Reader) -> str:
        found = {one.officer: one.reasons for one in proposals(reader, case)}
        return next(why for why in found[officer.officer] if "open case" in why)

    assert load(leader) == "has 2 open cases"
    few = make_list(town.officer("fire", Role.DATA_OWNER))
    RestrictionMember.objects.create(restriction=few, officer_id=officer.officer)
    Case.objects.filter(pk=hidden).update(restriction=few)
    assert load(leader) == "has 1 open case"
    assert load(town.reader("fire")) == "has 2 open cases"


def test_people_are_counted_once_by_the_roots_of_their_joins(
    send: Send, officer: Reader, town: Partnership
) -> None:
    for _ in range(3):
        triage.accept(officer, send().referral)
    first, second, third = Person.objects.order_by("pk")

    def counted(reader: Reader) -> Any:
        with recording(reader, Kind.CONSULTATION, "count") as record:
            return count_unique(record, CaseSubject.objects.all())

    assert (counted(officer).people, counted(officer).premises) == (3, 1)
    Person.objects.filter(pk=second.pk).update(root=first)
    assert counted(officer).people == 2
    town.term("fire", "council", [C.RISK], counts_only=True, small_number=3)
    council = counted(town.reader("council"))
    assert (council.people, council.premises) == (None, None)
    Person.objects.filter(pk=second.pk).update(root=None)
    assert counted(town.reader("council")).people == 3
    assert counted(town.reader("health")).people == 0
    assert third.root_id is None


def test_what_waits_unseen_is_told_to_the_leader_once(send: Send, town: Partnership) -> None:
    receipt = send(alarms="yes")  # low: contact in two weeks, so looked at within a day
    about = Notice.objects.filter(key=f"referral:{receipt.referral}:unseen")
    with clock.frozen(NOON + timedelta(hours=23)):
        jobs.escalate_referrals()
        assert not about.exists()
    with clock.frozen(NOON + timedelta(hours=24)):
        assert jobs.escalate_referrals() == 1
        assert jobs.escalate_referrals() == 0
    assert about.get().role == "team leader"
    triage.look_at(town.reader("fire"), receipt.referral)
    assert about.get().dealt_at is not None
    with clock.frozen(NOON + timedelta(weeks=2)):
        assert jobs.escalate_referrals() == 1
    assert Referral.objects.get().reference in Notice.objects.latest("pk").text


def test_what_is_due_is_told_to_who_has_it_and_then_to_the_leader(
    officer: Reader, case: int, town: Partnership
) -> None:
    sent_on = onward.send(officer, case, "falls-service", key=new_key(), why="Please see her")
    visit = visits.plan(officer, case, NOON, key=new_key())
    Visit.objects.filter(pk=visit).update(safe_by=NOON + timedelta(hours=1))
    with clock.frozen(NOON + timedelta(hours=2)):
        assert jobs.look_for_officers() == 1
        assert jobs.look_for_officers() == 0
    with clock.frozen(NOON + timedelta(hours=1)):
        assert jobs.escalate_cases() == 1  # the officer; the visit was due at noon
    with clock.frozen(NOON + timedelta(hours=4)):
        assert jobs.escalate_cases() == 1  # the leader
        assert jobs.escalate_cases() == 0
    with clock.frozen(NOON + timedelta(days=15)):
        assert jobs.chase_onward() == 1
        onward.chased(town.reader("fire"), case, sent_on)
        assert jobs.chase_onward() == 0
    assert {"referrals that wait too long", "cases that wait too long"} <= set(JOBS)
    for notice in Notice.objects.all():
        assert "Morwenna" not in notice.text


def test_what_was_told_keeps_no_later_one_from_being_told(
    send: Send, officer: Reader, town: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    monkeypatch.setattr(telling, "TOGETHER", 2)  # pages of what waits end within equal times
    wait = [send(alarms=said).referral for said in ("no", "yes", "no", "yes", "no")]
    cases = [triage.accept(officer, send().referral) for _ in range(3)]
    Notice.objects.all().delete()

    def told_in(runs: int, job: Callable[[], int], key: str) -> list[int]:
        said = [job() for _ in range(runs)]
        assert {each.role for each in Notice.objects.filter(key__contains=key)} == {"team leader"}
        return said

    with clock.frozen(NOON + timedelta(weeks=8)):
        assert told_in(4, jobs.escalate_referrals, ":late:") == [2, 2, 1, 0]
        assert told_in(3, jobs.escalate_cases, ":due:") == [2, 1, 0]
    told = {notice.path for notice in Notice.objects.all()}
    assert told == {f"/casework/triage/{pk}" for pk in wait} | {
        f"/casework/cases/{pk}" for pk in cases
    }


def test_every_doing_is_in_the_record(officer: Reader, case: int) -> None:
    before = Disclosure.objects.count()
    notes.add_note(officer, case, "She walks with a stick", "health")
    case_view(officer, case)
    made, read = Disclosure.objects.order_by("seq")[before:]
    assert (made.kind, made.doing) == ("collection", "write a note")
    assert "casework.note" in made.what
    assert "casework.entry" in read.what
    assert Entry.objects.filter(verb="note").count() == 1


def test_a_page_of_the_chronology_reads_that_page_only(
    officer: Reader, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triservice.casework.entries import queries

    monkeypatch.setattr(queries, "PAGE", 4)
    for hour in range(10):
        with clock.frozen(NOON + timedelta(hours=hour)):
            reader = officer
            notes.add_note(reader, case, f"Note {hour}", "risk")
    told, before = [], None
    for _ in range(10):
        page = case_view(officer, case, before).chronology
        told += [line.text for line in page.lines]
        before = page.older
        if before is None:
            break
    assert [text for text in told if text.startswith("Note")] == [
        f"Note {hour}" for hour in reversed(range(10))
    ]
    assert len(told) == len(Entry.objects.all()) + 1  # and what fire was sent about her
    assert connection.vendor


def test_a_referral_seen_by_terms_offers_no_step(send: Send, town: Partnership) -> None:
    page = referral_page(town.reader("police"), send().referral)
    assert (page.steps, page.proposals, page.advice) == ((), (), None)
    assert page.row.about.name == "Morwenna Trevanion"
    assert page.answers.reasons == ()
    assert "Smoke alarm" not in dict(page.answers.rows)

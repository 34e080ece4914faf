"""A shift on a phone: what is taken along of casework, and what is done at doors, here once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from invented_referrals import GIVEN, RISK, SCHEME
from test_directory import FALLS

from partnership import NOON, Partnership
from triservice.access.models import Kind, Notice
from triservice.access.record import recording
from triservice.agencies.models import Area
from triservice.casework.directory.actions import add_service
from triservice.casework.models import (
    AnswerPart,
    Case,
    Consent,
    Entry,
    Equipment,
    Need,
    Note,
    OnwardReferral,
    Plan,
    Referral,
    Visit,
)
from triservice.casework.needs.actions import add_action, end_action
from triservice.casework.plans import actions as plans
from triservice.casework.visits.actions.doing import Done, danger, plan, record_visit
from triservice.kernel.access_words import DataClass, Reader, Role
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up, take_along
from triservice.offline.actions.settling import choose
from triservice.offline.actions.syncing import NOT_THERE, Outcome, keep_refused, read, take
from triservice.offline.models import Operation, Phone
from triservice.offline.queries.waiting import operation_page
from triservice.offline.rules import State
from triservice.subjects.models import Candidate, Person

pytestmark = pytest.mark.django_db
OPENED, SAVED = (NOON + timedelta(minutes=m) for m in (-40, -10))
LATER = NOON + timedelta(hours=2)
Sends = Callable[..., Outcome]
EMPTY = {"version": 0, "values": {}}


@pytest.fixture
def visit(case: int, officer: Reader) -> Visit:
    pk = plan(officer, case, NOON + timedelta(hours=1), key=new_key(), officer=officer.officer)
    return Visit.objects.get(pk=pk)


@pytest.fixture
def phone(officer: Reader) -> Phone:
    return set_up(officer, "Phone")[0]


@pytest.fixture
def sends(officer: Reader, phone: Phone) -> Sends:
    """Return a function that sends one thing done; a number of its own unless one is given."""
    count = iter(range(1, 99))

    def sent(kind: str, about: str, answers: dict[str, Any], **rest: Any) -> Outcome:
        number = rest.pop("number", None) or UUID(
            int=(int(NOON.timestamp() * 1000) + next(count)) << 80 | 7 << 76 | 2 << 62
        )
        payload = answers | {"form opened": OPENED.isoformat(), "form saved": SAVED.isoformat()}
        said = {"number": str(number), "kind": kind, "about": about, "payload": payload,
                "base": None, "made_at": SAVED.isoformat()} | rest  # fmt: skip
        (outcome,) = take(officer, phone.key, [said])
        return outcome

    return sent


def parts(pack: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {part["name"]: part["items"] for part in pack["parts"]}


def test_the_day_goes_along_with_its_forms_and_without_health(
    officer: Reader, phone: Phone, visit: Visit, town: Partnership
) -> None:
    add_action(officer, visit.case_id, "Move the rug", due=LATER,
               agency=officer.agency, officer=officer.officer)  # fmt: skip
    plan(officer, visit.case_id, NOON + timedelta(days=3), key=new_key(), officer=officer.officer)
    taken = take_along(officer, phone.key)
    found = parts(taken)
    assert [item["title"] for item in found["briefing"]] == [
        "Today: 1 visit, 1 thing to do", "Move the rug"
    ]  # fmt: skip
    (item,) = found["visits"]
    facts = dict(item["facts"])
    assert facts["Who"] == "Morwenna Trevanion"
    assert facts["Reason"] == GIVEN["why"]
    assert "14 Invented Lane" in item["title"]
    assert [deed["kind"] for deed in item["deeds"]] == [
        "visit.recorded", "visit.fitted", "onward.sent", "visit.no access", "note.written"
    ]  # fmt: skip
    form = taken["forms"][item["deeds"][0]["form"]]
    assert [each["id"] for each in form["questions"]] == [
        "alarms", "fell", "photos", "advice given", "danger found", "next visit"
    ]  # fmt: skip
    assert f"scheme {SCHEME}" in [item["about"] for item in found["refer"]]


def test_health_and_what_no_term_lets_go_along_stay_here(
    town: Partnership, send: Any, officer: Reader, phone: Phone
) -> None:
    from triservice.casework.triage.actions import accept

    case = accept(officer, send(fell="yes").referral, officer=officer.officer)
    plan(officer, case, NOON, key=new_key(), officer=officer.officer)
    said = str(parts(take_along(officer, phone.key))["visits"][0]["facts"])
    assert "Reason" in said
    assert "Falls" not in said
    assert "fallen" not in said
    police = town.reader("police")
    town.term("fire", "police", RISK)
    theirs = set_up(police, "Another")[0]
    Visit.objects.update(officer=police.officer)
    assert parts(take_along(police, theirs.key))["visits"] == []
    town.term("fire", "police", RISK, offline=True)
    assert len(parts(take_along(police, theirs.key))["visits"]) == 1


def test_a_visit_is_recorded_once_with_what_was_fitted_and_when_it_was(
    sends: Sends, visit: Visit, town: Partnership
) -> None:
    about = f"visit {visit.key}"
    said = {"alarms": "no", "advice given": "Test it each week", "next visit": "2026-06-01"}
    first = sends("visit.recorded", about, said, base=EMPTY)
    assert (first.state, first.said) == (State.APPLIED, "")
    assert sends("visit.recorded", about, said, base=EMPTY, number=first.number).already
    fitted = {"kind": "alarm", "place": "Hall", "serial": "S1", "expires": "2036-03-01"}
    assert sends("visit.fitted", about, fitted).state == State.APPLIED
    note = {"text": "Her nephew has a key.", "contact": "yes"}
    assert sends("note.written", about, note).state == State.APPLIED
    visit.refresh_from_db()
    assert (visit.state, visit.began_at, visit.ended_at) == ("done", OPENED, SAVED)
    assert visit.submission is not None
    assert (visit.submission.door, visit.submission.key) == ("phone", first.number)
    assert (visit.advice, str(visit.next_on)) == ("Test it each week", "2026-06-01")
    assert Need.objects.get(kind="alarm").case_id == visit.case_id
    assert Equipment.objects.get().serial == "S1"
    assert Note.objects.get().text == note["text"]
    assert Entry.objects.filter(verb="visit").count() == 1


DANGER = {"danger found": "A gas leak; 999 and the gas line were called"}


def told() -> list[str]:
    return [one.text for one in Notice.objects.filter(role="team leader", text__contains="danger")]


@pytest.mark.parametrize(
    "wrong", [{"alarms": "perhaps"}, {"nonsense": "x"}, {"photos sent": ["none"]}]
)
def test_danger_is_told_at_once_though_the_form_waits(
    sends: Sends, visit: Visit, officer: Reader, wrong: dict[str, Any]
) -> None:
    about = f"visit {visit.key}"
    sent = sends("visit.recorded", about, {"alarms": "no", **DANGER, **wrong}, base=EMPTY)
    assert sent.state == State.REFUSED
    visit.refresh_from_db()
    assert (visit.state, visit.danger) == ("planned", DANGER["danger found"])
    assert Entry.objects.get(verb="danger").text == f"Immediate danger: {DANGER['danger found']}"
    assert len(told()) == 1
    right = sends("visit.recorded", about, {"alarms": "no", **DANGER}, base=EMPTY)
    assert (right.state, len(told())) == (State.APPLIED, 1)  # once is enough
    visit.refresh_from_db()
    assert (visit.state, visit.danger) == ("done", DANGER["danger found"])


def test_danger_is_told_whatever_stands_in_the_way_of_its_form(
    sends: Sends, visit: Visit, officer: Reader, phone: Phone
) -> None:
    elsewhere = sends("visit.recorded", f"visit {new_key()}", DANGER, base=EMPTY)
    assert (elsewhere.state, len(told())) == (State.REFUSED, 1)
    Visit.objects.update(state="cancelled")
    over = sends("visit.recorded", f"visit {visit.key}", DANGER | {"alarms": "no"}, base=EMPTY)
    assert (over.state, len(told())) == (State.REFUSED, 2)
    broken = sends("visit.recorded", f"visit {visit.key}", DANGER, base={"version": 0})
    assert (broken.state, len(told())) == (State.REFUSED, 3)
    assert Operation.objects.filter(state=State.REFUSED).count() == 3  # each is kept as it came
    quiet = sends("visit.recorded", f"visit {visit.key}", {"alarms": "no"}, base=EMPTY)
    assert (quiet.state, len(told())) == (State.REFUSED, 3)


def test_danger_of_a_phone_that_was_taken_away_is_told(
    officer: Reader, phone: Phone, visit: Visit
) -> None:
    said = {"number": str(UUID(int=int(NOON.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)),
            "kind": "visit.recorded", "about": f"visit {visit.key}", "base": EMPTY,
            "made_at": SAVED.isoformat(), "payload": {"alarms": "no", **DANGER}}  # fmt: skip
    sent, wrong = read(said)
    nobody = replace(officer, roles=frozenset(), purpose=None)
    with recording(nobody, Kind.COLLECTION, "kept what a phone handed in") as record:
        keep_refused(record, phone, sent, wrong or "It was taken away")
    assert told() == ["Immediate danger was found at a visit, and its form waits for a person"]
    assert Operation.objects.get().state == State.REFUSED


def test_danger_that_was_told_before_stays_when_the_visit_is_recorded(
    officer: Reader, visit: Visit
) -> None:
    danger(officer, visit.case_id, visit.pk, DANGER["danger found"])
    done = Done(new_key(), {"alarms": "no"}, NOON, NOON)
    record_visit(officer, visit.case_id, visit.pk, done)
    visit.refresh_from_db()
    assert (visit.danger, len(told())) == (DANGER["danger found"], 1)


def test_services_that_fit_go_along_and_who_needs_them_is_referred_on(
    sends: Sends, visit: Visit, officer: Reader, phone: Phone, town: Partnership
) -> None:
    manager = town.reader("council", Role.PROGRAMME_MANAGER)
    for code in ("E1", "F1"):
        Area.objects.create(kind="ward", code=code, name=f"Ward {code}")
    made = {
        name: add_service(manager, replace(FALLS, name=name, **more))
        for name, more in {"Near": {"areas": ("E1",)}, "Far": {"areas": ("F1",)},
                           "Children": {"domains": ("children",), "areas": ()},
                           "Young": {"age_from": None, "age_to": 25, "areas": ()}}.items()
    }  # fmt: skip
    Case.objects.update(area="E1")
    near, young = f"service:{made['Near']}", f"service:{made['Young']}"

    def offered() -> dict[str, str]:
        taken = take_along(officer, phone.key)
        (item,) = parts(taken)["visits"]
        form = taken["forms"][next(d for d in item["deeds"] if d["kind"] == "onward.sent")["form"]]
        options: dict[str, str] = form["questions"][0]["options"]
        return options

    assert offered() == {
        near: "Near, Invented charity. For ages 65 and over. Has fallen in the last year.",
        "falls-service": "Invented falls service. By the scheme.",
    }  # where they live is not said, nor how old they are
    AnswerPart.objects.filter(data_class=DataClass.IDENTITY).update(answers={})
    unknown = "age not known here. Has fallen in the last year."
    assert offered()[near] == f"Near, Invented charity. For ages 65 and over: {unknown}"
    assert offered()[young] == f"Young, Invented charity. For ages up to 25: {unknown}"
    about, to = f"visit {visit.key}", {"to": near, "why": "She fell on the stairs"}
    sends("visit.recorded", about, {"alarms": "no", "fell": "yes"}, base=EMPTY)
    asked = sends("onward.sent", about, to)
    assert (asked.state, "Say who agrees" in asked.said) == (State.REFUSED, True)
    assert not OnwardReferral.objects.exists()
    to |= {"agreed": "has capacity"}
    sent = sends("onward.sent", about, to)
    assert sent.state == State.APPLIED, sent.said
    assert sends("onward.sent", about, to, number=sent.number).already
    row = OnwardReferral.objects.get()
    assert (row.service_id, row.need, row.why) == (
        made["Near"], Need.objects.get(kind="falls"), "She fell on the stairs",
    )  # fmt: skip
    assert Consent.objects.get().scope == "I agree that what is needed is passed on."
    for wrong in ("service:x", "elsewhere", f"service:{made['Near'] + 99}"):
        refused = sends("onward.sent", about, to | {"to": wrong})
        assert refused.state == State.REFUSED, wrong


def test_two_phones_on_one_visit_merge_and_what_differs_a_person_chooses(
    sends: Sends, visit: Visit, officer: Reader
) -> None:
    about = f"visit {visit.key}"
    sends("visit.recorded", about, {"alarms": "no"}, base=EMPTY)
    more = sends("visit.recorded", about, {"alarms": "no", "fell": "yes"}, base=EMPTY)
    assert (more.state, more.answer["values"]) == (
        State.APPLIED, {"alarms": "no", "fell": "yes"}
    )  # fmt: skip
    assert Case.objects.get(pk=visit.case_id).tier == "very high"
    other = sends("visit.recorded", about, {"alarms": "yes"}, base=EMPTY)
    assert other.state == State.CONFLICT
    row = Operation.objects.get(state=State.CONFLICT)
    shown = operation_page(officer, row.pk)
    assert shown is not None
    assert [(side.name, side.phone, side.here) for side in shown.sides] == [("alarms", "yes", "no")]
    choose(officer, row.pk, {"alarms": True})
    assert Case.objects.get(pk=visit.case_id).tier == "high"
    assert Entry.objects.filter(verb="correct visit").count() == 2


def test_what_is_not_open_is_as_if_it_were_not_there(
    sends: Sends, visit: Visit, town: Partnership
) -> None:
    about, danger = f"visit {visit.key}", {"alarms": "no", "danger found": "Gas smelt in the hall"}
    sends("visit.recorded", about, danger, base=EMPTY)
    Visit.objects.update(owner=town.agencies["police"])
    guess = sends("visit.recorded", about, {"danger found": "x", "alarms": "yes"}, base=EMPTY)
    none = sends("visit.recorded", f"visit {new_key()}", danger, base=EMPTY)
    assert (guess.state, guess.said) == (none.state, none.said) == (State.REFUSED, NOT_THERE)
    assert not Operation.objects.filter(theirs__isnull=False).exists()


def test_danger_that_a_correction_adds_is_told_as_the_first_is(sends: Sends, visit: Visit) -> None:
    about, told = f"visit {visit.key}", Notice.objects.filter(text__startswith="Immediate danger")
    sends("visit.recorded", about, {"alarms": "no"}, base=EMPTY)
    assert not told.exists()
    danger = {"alarms": "no", "danger found": "Gas smelt in the hall"}
    sends("visit.recorded", about, danger, base=EMPTY)
    assert told.get().role == str(Role.TEAM_LEADER)
    sends("visit.recorded", about, danger | {"fell": "yes"}, base=EMPTY)
    assert told.count() == 1


def test_a_response_of_a_plan_goes_along_and_is_ended_on_the_phone(
    sends: Sends, officer: Reader, phone: Phone
) -> None:
    problem = plans.Problem("Fires", "Invented Lane", "Bins burn at night")
    made = plans.start(officer, problem, (NOON + timedelta(28)).date(), key=new_key())
    action = plans.add_response(
        officer, made, "Lock the bins", due=LATER, agency=officer.agency, officer=officer.officer
    )
    (item,) = parts(take_along(officer, phone.key))["briefing"][1:]
    assert dict(item["facts"])["Plan"] == Plan.objects.get().reference
    said = {"done": "yes", "result": "Locked"}
    assert sends("action.ended", f"action {action}", said).state == State.APPLIED
    assert Plan.objects.get().actions.get().state == "done"


def test_what_cannot_be_done_is_kept_with_its_sentence(
    sends: Sends, visit: Visit, officer: Reader
) -> None:
    about = f"visit {visit.key}"
    assert "Answer" in sends("visit.recorded", about, {"fell": "no"}, base=EMPTY).said
    assert sends("visit.no access", about, {"card": "yes"}).state == State.APPLIED
    late = sends("visit.recorded", about, {"alarms": "no"}, base=EMPTY)
    assert (late.state, "no access" in late.said) == (State.REFUSED, True)
    assert sends("note.written", f"visit {new_key()}", {"text": "abc"}).said == NOT_THERE
    assert "no visit" in sends("note.written", "scheme x", {"text": "abc"}).said
    assert sends("visit.fitted", about, {"kind": "sofa"}).state == State.REFUSED
    assert sends("action.ended", "action x", {"done": "yes", "result": "x"}).state == State.REFUSED
    action = add_action(officer, visit.case_id, "Move the rug", due=LATER, agency=officer.agency,
                        officer=officer.officer)  # fmt: skip
    end_action(officer, visit.case_id, action, done=True, result="Moved")
    again = sends("action.ended", f"action {action}", {"done": "yes", "result": "Moved"})
    assert again.state == State.REFUSED
    visit.refresh_from_db()
    assert (visit.state, visit.card_left, Equipment.objects.count()) == ("no access", True, 0)


def test_two_who_meet_the_same_new_person_are_proposed_to_be_one_and_not_joined(
    sends: Sends, town: Partnership
) -> None:
    before = Person.objects.count()
    for _ in range(2):
        assert sends("referral.sent", f"scheme {SCHEME}", GIVEN).answer["reference"][0] == "R"
    assert Referral.objects.count() == 2
    assert Person.objects.count() == before + 2
    assert not Person.objects.exclude(root=None).exists()
    assert Candidate.objects.exists()


def test_a_photograph_comes_with_its_form_or_the_form_waits(sends: Sends, visit: Visit) -> None:
    said = {"alarms": "no", "photos sent": [str(new_key())]}
    outcome = sends("visit.recorded", f"visit {visit.key}", said, base=EMPTY)
    assert (outcome.state, "not come yet" in outcome.said) == (State.REFUSED, True)

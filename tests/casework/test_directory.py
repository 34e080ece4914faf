"""The directory of services: kept by two roles, offered where it fits, sent to, answered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

import signing_in
from partnership import NOON, Partnership
from triservice.access.errors import Refused
from triservice.access.models import AgreementVersion, Disclosure, Notice
from triservice.agencies.models import Area
from triservice.casework.cases.queries.lists import my_day
from triservice.casework.cases.queries.view import case_view
from triservice.casework.directory import actions, queries
from triservice.casework.directory.actions import Said
from triservice.casework.directory.rules import Answer, Asked, Fit, Limits, age_on, answer
from triservice.casework.models import Case, CaseAgency, DirectoryService, OnwardReferral
from triservice.casework.needs.actions import add_need
from triservice.casework.onward.actions import answered, chased, send
from triservice.casework.triage.jobs import chase_onward
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key

FALLS = Said(
    "Invented falls service", None, "Invented charity", ("falls",), "letter", date(2026, 1, 1),
    eligible="Has fallen in the last year", age_from=65, areas=("C1",),
    shares=("identity", "contact"),
)  # fmt: skip
AGES = st.none() | st.integers(0, 120)
WORDS = st.sets(st.sampled_from(["falls", "fire", "home"]))


@pytest.fixture
def manager(town: Partnership) -> Reader:
    """A programme manager of the council."""
    for code, name, parent in (("C1", "Penmarric", None), ("E1", "East", "C1"), ("F1", "Far", "")):
        above = Area.objects.filter(code=parent or "none").first()
        Area.objects.create(kind="ward", code=code, name=name, parent=above)
    return town.reader("council", Role.PROGRAMME_MANAGER, Purpose.ADMINISTRATION)


@pytest.fixture
def admin(town: Partnership) -> Reader:
    """An administrator of the council, who may enter services of every agency."""
    return town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)


@given(WORDS, WORDS, st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")), AGES, AGES,
       AGES)  # fmt: skip
def test_what_is_not_known_is_never_no(
    takes: set[str], needs: set[str], covers: set[str], lives: set[str], least: int | None,
    most: int | None, age: int | None,
) -> None:  # fmt: skip
    limits = Limits(takes, {code: code for code in covers}, least, most)
    found = answer(limits, Asked(needs, tuple(lives), age))
    against = (
        bool(needs) and not takes & needs,
        bool(covers and lives) and not covers & lives,
        age is not None and ((least or 0) > age or (most is not None and most < age)),
    )
    limited = least is not None or most is not None
    unknown = not needs or (covers and not lives) or (limited and age is None)
    assert found.fit == (Fit.NOT if any(against) else Fit.NOT_KNOWN if unknown else Fit.FITS)
    assert found.why


def test_reasons_are_said_in_words() -> None:
    limits = Limits({"falls", "home"}, {"C1": "Penmarric"}, 65)
    assert answer(limits, Asked({"falls"}, ("E1", "C1"), 78)) == Answer(
        Fit.FITS,
        ("for needs about falls", "covers Penmarric", "for ages 65 and over, and they are 78"),
    )
    assert answer(limits, Asked({"falls"}, ("F1",), None)).why[1:] == (
        "covers Penmarric only", "for ages 65 and over, and how old they are is not known",
    )  # fmt: skip
    assert age_on("1948-03-12", date(2026, 3, 11)) == 77
    assert age_on("1948-03-12", date(2026, 3, 12)) == 78
    assert age_on("2027-01-01", date(2026, 1, 1)) is None
    assert age_on(None, date(2026, 1, 1)) is None


def test_it_is_kept_by_two_roles_dated_and_on_the_record(
    town: Partnership, manager: Reader
) -> None:
    pk = actions.add_service(manager, FALLS)
    row = queries.service(manager, pk)
    assert row is not None
    assert (row.of, row.areas, row.ages) == (
        "Invented charity", (("C1", "Penmarric"),), "ages 65 and over",
    )  # fmt: skip
    with pytest.raises(InputError, match="in the directory already"):
        actions.add_service(manager, FALLS)
    with pytest.raises(InputError, match="No area has the code Z9"):
        actions.change_service(manager, pk, replace(FALLS, areas=("C1", "Z9")))
    with pytest.raises(InputError, match="or else name the organisation"):
        actions.change_service(manager, pk, replace(FALLS, organisation=""))
    with pytest.raises(Refused):
        actions.add_service(town.reader("fire"), replace(FALLS, name="Another"))
    actions.change_service(manager, pk, replace(FALLS, age_from=60))
    actions.end_service(manager, pk, NOON.date())
    assert DirectoryService.objects.get().age_from == 60
    (ended,) = queries.services(manager)
    assert not ended.now
    rows = Disclosure.objects.filter(doing__endswith="a service of the directory", outcome="allow")
    said = [row.doing.split(" ", 1)[0] for row in rows.order_by("seq")]
    assert said == ["enter", "change", "end"]


def test_an_entry_of_another_agency_is_changed_by_it_or_an_administrator(
    town: Partnership, manager: Reader, admin: Reader
) -> None:
    health = town.agencies["health"].pk
    theirs = replace(FALLS, agency=health, organisation="")
    pk = actions.add_service(admin, theirs)
    outside = actions.add_service(manager, FALLS)
    for act in (
        lambda who: actions.add_service(who, replace(theirs, name="Another")),
        lambda who: actions.change_service(who, outside, theirs),
        lambda who: actions.change_service(who, pk, replace(theirs, shares=("health",))),
        lambda who: actions.end_service(who, pk, NOON.date()),
    ):
        with pytest.raises(Refused):
            act(manager)
    client = signing_in.sign_in(Client(), town.officer("council", Role.PROGRAMME_MANAGER))
    assert f"/services/{pk}/change" not in client.get("/casework/services").content.decode()
    offered = client.get("/casework/services/new").content.decode()
    assert f'<option value="{town.agencies["council"].pk}"' in offered
    assert f'<option value="{health}"' not in offered
    own = town.reader("health", Role.PROGRAMME_MANAGER, Purpose.ADMINISTRATION)
    actions.change_service(own, pk, replace(theirs, shares=("health",)))
    actions.end_service(admin, pk, NOON.date())
    with pytest.raises(InputError, match="does not fit together"):
        actions.change_service(admin, pk, replace(theirs, since=date(2027, 1, 1)))


def test_what_fits_comes_first_and_ended_ones_never(
    manager: Reader, officer: Reader, case: int
) -> None:
    Case.objects.filter(pk=case).update(area="E1")
    add_need(officer, case, "falls")
    names = {
        "Fits": {}, "Too far": {"areas": ("F1",)}, "Too young": {"age_from": 90},
        "Ended": {}, "Other needs": {"domains": ("crime",)}, "Anywhere": {"areas": ()},
    }  # fmt: skip
    made = {n: actions.add_service(manager, replace(FALLS, name=n, **v)) for n, v in names.items()}
    actions.end_service(manager, made["Ended"], NOON.date())
    found = queries.offered(officer, case)
    assert [(each.service.name, each.answer.fit) for each in found] == [
        ("Anywhere", Fit.FITS), ("Fits", Fit.FITS), ("Too far", Fit.NOT), ("Too young", Fit.NOT),
    ]  # fmt: skip
    assert found[1].answer.why[1:] == ("covers Penmarric", "for ages 65 and over, and they are 78")


def test_the_page_offers_them_and_sends(
    town: Partnership, manager: Reader, officer: Reader, case: int
) -> None:
    Case.objects.filter(pk=case).update(area="E1")
    add_need(officer, case, "falls")
    pk = actions.add_service(manager, FALLS)
    client = signing_in.sign_in(Client(), town.officer("fire"))
    page = client.get(f"/casework/cases/{case}/onward").content.decode()
    assert "Invented falls service, Invented charity" in page
    assert "Fits: for needs about falls; covers Penmarric; for ages 65 and over" in page
    assert page.index(f"service:{pk}") < page.index("falls-service")
    said = {"route": f"service:{pk}", "why": "Please see her", "how": ""}
    key = re.findall(r'name="key" value="([0-9a-f-]{36})"', page)[0]
    for _ in range(2):  # pressed twice
        answered = client.post(f"/casework/cases/{case}/onward", said | {"key": key})
        assert answered.status_code == 302
    row = OnwardReferral.objects.get()
    assert (row.service_id, row.to_name, row.how, row.route) == (
        pk, "Invented falls service", "letter", "",
    )  # fmt: skip
    assert row.chase_at == NOON + timedelta(days=14)
    actions.end_service(manager, pk, NOON.date())
    with pytest.raises(InputError, match="takes nobody today"):
        send(officer, case, key=new_key(), why="Please see her", service=pk)


def test_who_takes_referrals_here_joins_the_case_and_answers_on_it(
    town: Partnership, manager: Reader, admin: Reader, officer: Reader, case: int
) -> None:
    police = town.agencies["police"].pk
    here = replace(FALLS, agency=police, organisation="", takes="here")
    sent = send(officer, case, key=new_key(), why="Please see her",
                service=actions.add_service(admin, here))  # fmt: skip
    assert CaseAgency.objects.get().agency_id == police
    assert Notice.objects.filter(agency=police, text__contains="jointly").exists()
    answered(town.reader("police", Role.TEAM_LEADER), case, sent, "accept", "We see her on Monday")
    (seen,) = case_view(officer, case).onward
    assert (seen.state, seen.result) == ("accepted", "We see her on Monday")
    again = send(officer, case, key=new_key(), why="And her fire door", service=seen_service(sent))
    assert again != sent
    assert CaseAgency.objects.count() == 1


def seen_service(sent: int) -> int:
    return int(OnwardReferral.objects.get(pk=sent).service_id or 0)


def test_without_an_agreement_nothing_goes_to_another_agency(
    town: Partnership, manager: Reader, admin: Reader, officer: Reader, case: int
) -> None:
    ended = replace(FALLS, agency=town.agencies["health"].pk, organisation="", takes="letter")
    pk = actions.add_service(admin, ended)
    AgreementVersion.objects.update(state="ended")
    with pytest.raises(InputError, match="No agreement with Penmarric Health Trust is in force"):
        send(officer, case, key=new_key(), why="Please see her", service=pk)
    assert not OnwardReferral.objects.exists()


def test_who_has_the_case_is_reminded_until_it_is_answered(officer: Reader, case: int) -> None:
    sent = send(officer, case, "falls-service", key=new_key(), why="Please see her")
    owed = Notice.objects.filter(text__contains="has no answer yet", dealt_at__isnull=True)
    for number, do in enumerate((chased, answered), 1):
        at = NOON + timedelta(days=15 * number)
        with clock.frozen(at):
            assert chase_onward() == 1
            assert owed.get().officer_id == officer.officer
            (row,) = my_day(officer).cases
            assert row.next_step == "First contact"  # what was due before it is still to do
            said = ("accept", "") if do is answered else ("By telephone",)
            do(officer, case, sent, *said)  # type: ignore[operator]
            assert not owed.exists()
            assert chase_onward() == 0


BOXES: dict[str, Any] = {
    "name": "Invented falls service", "organisation": "Invented charity", "agency": "",
    "domains": ["falls"], "takes": "letter", "shares": ["identity"], "age_from": "65",
    "since_day": "", "since_month": "", "since_year": "",
}  # fmt: skip


def test_a_programme_manager_keeps_it_by_its_pages(town: Partnership, manager: Reader) -> None:
    client = signing_in.sign_in(Client(), town.officer("council", Role.PROGRAMME_MANAGER))
    assert "No service is in the directory yet" in client.get("/casework/services").content.decode()
    wrong = client.post("/casework/services/new", BOXES | {"takes": "here", "age_to": "60"})
    assert wrong.status_code == 422
    assert "is an agency of the partnership" in wrong.content.decode()
    assert "not below the youngest" in wrong.content.decode()
    shown = client.post("/casework/services/new", BOXES, follow=True).content.decode()
    assert "Invented falls service" in shown
    pk = DirectoryService.objects.get().pk
    form = client.get(f"/casework/services/{pk}/change").content.decode()
    assert 'value="Invented charity"' in form
    client.post(f"/casework/services/{pk}/change", BOXES | {"shares": list(DataClass)[:2]})
    assert DirectoryService.objects.get().shares == ["identity", "contact"]
    client.post(f"/casework/services/{pk}/change", BOXES | {"areas": ["E1", "F1"]})
    assert {code for code, _ in queries.services(manager)[0].areas} == {"E1", "F1"}
    form = client.get(f"/casework/services/{pk}/change").content.decode()
    ticked = re.findall(r'name="areas"[^>]*value="(\w+)" checked', form)
    assert (ticked, "East, in Penmarric" in form) == (["E1", "F1"], True)
    assert 'name="more_areas"' not in form  # every area is in the list
    none = {"until_day": "", "until_month": "", "until_year": ""}
    shown = client.post(f"/casework/services/{pk}/end", none, follow=True).content.decode()
    assert "Ended" in shown


def test_areas_that_are_too_many_to_tick_are_named(
    town: Partnership, manager: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    Area.objects.create(kind="ward", code="F2", name="Far")
    monkeypatch.setattr("triservice.agencies.queries.handles.MOST_AREAS", 3)
    client = signing_in.sign_in(Client(), town.officer("council", Role.PROGRAMME_MANAGER))
    form = client.get("/casework/services/new").content.decode()
    assert set(re.findall(r'name="areas"[^>]*value="(\w+)"', form)) == {"C1", "F1", "F2"}
    for typed, said in (("Nowhere", "No area is called Nowhere"), ("far", "Several areas are")):
        wrong = client.post("/casework/services/new", BOXES | {"more_areas": f"E1\n{typed}"})
        assert wrong.status_code == 422
        assert said in wrong.content.decode()
    said = BOXES | {"areas": ["F1"], "more_areas": " east \nC1\nF1"}
    assert client.post("/casework/services/new", said).status_code == 302
    (row,) = queries.services(manager)
    assert {code for code, _ in row.areas} == {"C1", "E1", "F1"}

"""Pages of agencies, posts and officers. Everybody here is invented."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from partnership import FAR_AHEAD, LONG_AGO, Partnership, make_partnership
from signing_in import sign_in
from triservice.access import record as records
from triservice.access.models import Disclosure
from triservice.agencies import actions, queries
from triservice.agencies.models import (
    Agency,
    Area,
    Holding,
    Officer,
    Post,
    PowerGrant,
    WorkforceChange,
)
from triservice.kernel.access_words import Purpose, Role, Vetting
from triservice.kernel.clock import frozen

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with frozen(NOON):
        yield


@pytest.fixture
def made() -> Partnership:
    return make_partnership(terms=False)


@pytest.fixture
def admin(made: Partnership) -> Client:
    """A session of the fire service's administrator who has just confirmed who they are."""
    return session_of(made.officer("fire", Role.ADMINISTRATOR))


def session_of(officer: Officer, confirmed: datetime | None = None) -> Client:
    client = sign_in(Client(), officer, Purpose.ADMINISTRATION)
    session = client.session
    at = confirmed.timestamp() if confirmed else datetime.now(UTC).timestamp()
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": at}]
    session["account_authentication_methods_user"] = str(officer.pk)
    session.save()
    return client


def page(answer: HttpResponse) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", text)


def get(client: Client, name: str, /, *args: Any, **query: Any) -> HttpResponse:
    return client.get(reverse(f"agencies:{name}", args=args), query)


def post(client: Client, name: str, /, *args: Any, **form: Any) -> HttpResponse:
    return client.post(reverse(f"agencies:{name}", args=args), form)


def day(name: str, value: date) -> dict[str, int]:
    return {f"{name}_{part}": getattr(value, part) for part in ("day", "month", "year")}


def test_everybody_with_a_post_finds_whom_to_ask_and_who_works_where(made: Partnership) -> None:
    client = sign_in(Client(), made.officer("police"), None)
    fire = made.agencies["fire"]
    actions.set_contact(None, fire, "data protection lead", name="Dee", phone="01632 960001")
    area = actions.add_area(None, kind="county", code="E1", name="Penroseshire")
    actions.cover_area(None, fire, area, since=LONG_AGO)
    actions.cover_area(None, made.agencies["police"], area, since=LONG_AGO)
    assert "Penmarric Fire and Rescue Service" in page(get(client, "agencies"))
    shown = page(get(client, "agency", fire.pk))
    assert "01632 960001" in shown
    assert "Also covered by police" in shown
    one = Holding.objects.get(officer=made.officer("fire")).post
    assert "officer of fire" in page(get(client, "post", one.pk))
    assert "officer of fire" in page(get(client, "people", q="OFFICER of fire"))
    assert "Nobody was found" in page(get(client, "people", q="no such person"))


def test_a_team_and_both_lines_of_management_are_shown(made: Partnership, admin: Client) -> None:
    fire = made.agencies["fire"]
    team = actions.add_team(None, name="Hayle hub", agency=fire, base="Hayle")
    worker = actions.create_post(
        None, title="Tri-service officer", agency=fire, role=Role.OFFICER, team=team
    )
    leader = Holding.objects.get(officer=made.officer("fire", Role.TEAM_LEADER)).post
    lead = Holding.objects.get(officer=made.officer("police", Role.TASKING_LEAD)).post
    answer = post(admin, "lines", worker.pk, team_leader=leader.pk, tasking_lead=lead.pk)
    assert answer.url == reverse("agencies:post", args=[worker.pk])
    shown = page(get(admin, "post", worker.pk))
    assert f"Team leader {leader.title}" in shown
    assert f"Tasked by {lead.title}" in shown
    assert "Vacant" in page(get(admin, "team", team.pk))
    assert "Tri-service officer" in page(get(admin, "post", lead.pk))  # answers to it


SECRETS = ("NPPV2", "Training in information sharing", "Powers")


@pytest.mark.parametrize(
    ("agency", "role", "close"),
    [
        ("fire", Role.TEAM_LEADER, True),
        ("fire", Role.DATA_PROTECTION_LEAD, True),
        ("police", Role.TEAM_LEADER, False),
        ("police", Role.ADMINISTRATOR, True),
        ("police", Role.PROGRAMME_MANAGER, True),
        ("fire", Role.ANALYST, False),
        ("fire", Role.REFERRER, False),
        ("fire", Role.FINANCE, False),
    ],
)
def test_who_sees_clearances(made: Partnership, agency: str, role: Role, close: bool) -> None:
    client = sign_in(Client(), made.officer(agency, role), Purpose.ADMINISTRATION)
    shown = page(get(client, "officer", made.officer("fire").pk))
    assert "officer of fire" in shown
    assert [word in shown for word in SECRETS] == [close] * 3


def test_what_is_shown_close_is_recorded_and_without_a_record_not_shown(
    made: Partnership, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = made.officer("fire")
    get(admin, "officer", officer.pk)
    last = Disclosure.objects.latest("seq")
    assert last.doing == "open an officer"
    assert json.loads(last.what) == {"rows": {"agencies.officer": {"workforce": [str(officer.pk)]}}}

    def broken(rows: Any) -> None:
        raise OSError("the record is full")

    monkeypatch.setattr(records, "_append", broken)
    with pytest.raises(OSError, match="the record is full"):
        get(admin, "officer", officer.pk)
    with pytest.raises(OSError, match="the record is full"):
        post(admin, "leave", officer.pk)
    assert Officer.objects.get(pk=officer.pk).is_active  # the change is undone with its record


def test_an_officer_sees_all_that_is_held_about_themselves(made: Partnership) -> None:
    client = sign_in(Client(), made.officer("fire"), Purpose.PREVENTION_VISIT)
    shown = page(get(client, "account"))
    assert all(word in shown for word in SECRETS)
    assert "Go on duty" in shown
    assert "on duty" in page(client.post(reverse("agencies:duty"), {"on": "yes"}, follow=True))
    assert "Go off duty" in page(get(client, "account"))
    reader = made.reader("fire")
    assert reader.on_duty
    client.post(reverse("agencies:duty"), {"on": "no"})
    assert not made.reader("fire").on_duty


def test_from_engaging_to_leaving(made: Partnership, admin: Client) -> None:
    fire, police = made.agencies["fire"], made.agencies["police"]
    post(admin, "create_post", fire.pk, title="Tri-service officer", role="officer", places=1)
    place = Post.objects.get(title="Tri-service officer")
    post(admin, "engage", name="New Person", email="New@fire.example", employer=fire.pk)
    new = Officer.objects.get(email="new@fire.example")
    post(admin, "appoint", place.pk, officer="NEW@fire.example")
    assert "New Person" in page(get(admin, "post", place.pk))
    until = day("until", TODAY + DAY * 30)
    post(admin, "vetting", new.pk, level=Vetting.NPPV3.value, **until)
    post(admin, "training", new.pk, **day("until", TODAY + DAY * 300))
    give = {"power": "csas.alcohol-young", "agency": police.pk, "conditions": "In uniform"}
    post(admin, "grant", new.pk, **give, **until)
    shown = page(get(admin, "officer", new.pk))
    for word in ("NPPV3, until 1 July 2026 Expiring", "Current", "In force", "In uniform"):
        assert word in shown
    due = page(get(admin, "due"))
    assert "Vetting (NPPV3)" in due
    assert "Power from police: Take alcohol" in due

    theirs = sign_in(Client(), new, Purpose.PREVENTION_VISIT)
    assert get(theirs, "account").status_code == 200
    assert post(admin, "leave", new.pk).url == reverse("agencies:leavers")
    assert get(theirs, "account").url.startswith(reverse("account_login"))
    assert "New Person" in page(get(admin, "leavers"))
    assert "New Person" not in page(get(admin, "people", q="New Person")).split("officer")[-1]
    assert PowerGrant.objects.get(officer=new).until == TODAY
    assert "leave, by system administrator of fire" in page(get(admin, "officer", new.pk))
    post(admin, "reinstate", new.pk, why="Came back")
    assert Officer.objects.get(pk=new.pk).is_active
    assert "reinstate" in page(get(admin, "changes"))


def test_an_agency_is_entered_and_furnished(made: Partnership, admin: Client) -> None:
    post(admin, "add_agency", name="St Piran Charity", short_name="Piran", kind="charity")
    new = Agency.objects.get(short_name="Piran")
    post(admin, "add_area", kind="county", code="E1", name="Penroseshire")
    post(admin, "add_area", kind="ward", code="E2", name="Quay", parent="E1")
    assert Area.objects.get(code="E2").parent == Area.objects.get(code="E1")
    post(admin, "cover", new.pk, area="E2")
    post(admin, "contact", new.pk, kind="sharing desk", name="Desk", phone="01632 960002")
    post(admin, "add_team", new.pk, name="Volunteers")
    connect = {"slug": "piran", "server": "https://id.piran.example", "client": "triservice"}
    post(admin, "connect_directory", new.pk, **connect, domains="piran.example pir.example")
    shown = page(get(admin, "agency", new.pk))
    for word in ("Quay Ward, E2", "01632 960002", "Volunteers", "for pir.example and piran"):
        assert word in shown
    cover, directory = new.covers.get(), new.directories.get()
    post(admin, "uncover", cover.pk)
    post(admin, "disconnect_directory", directory.pk)
    shown = page(get(admin, "agency", new.pk))
    assert "Not now" in shown
    assert "Closed" in shown
    lost = post(admin, "cover", new.pk, area="E9")
    assert "No area has this code" in page(lost)
    plain = post(
        admin,
        "connect_directory",
        new.pk,
        **connect | {"server": "http://x.example"},
        domains="a.example",
    )
    assert "Address of the issuer does not begin with https://" in page(plain)


def test_ending_an_appointment_and_a_power(made: Partnership, admin: Client) -> None:
    officer = made.officer("police")
    holding = Holding.objects.get(officer=officer)
    post(admin, "end_holding", holding.pk, why="Moved", **day("until", TODAY + DAY))
    holding.refresh_from_db()
    assert holding.until == TODAY + DAY
    grant = actions.grant_power(
        None, officer, "csas.stop-cycle", agency=made.agencies["police"], until=FAR_AHEAD
    )
    post(admin, "end_power", grant.pk)
    grant.refresh_from_db()
    assert grant.until == TODAY


def test_a_refusal_is_an_error_of_the_form_and_changes_nothing(
    made: Partnership, admin: Client
) -> None:
    officer = made.officer("fire")
    held = Holding.objects.get(officer=officer).post
    changes, doings = WorkforceChange.objects.count(), Disclosure.objects.count()
    full = post(admin, "appoint", held.pk, officer=made.officer("police").email)
    assert full.status_code == 422
    assert "is full on 01 June 2026" in page(full)
    nobody = post(admin, "appoint", held.pk, officer="nobody@fire.example")
    assert "Nobody is registered with this e-mail address" in page(nobody)
    endless = post(admin, "vetting", officer.pk, level=2)
    assert "There is a problem" in page(endless)
    assert "Vetting without an end is not accepted" in page(endless)
    late = post(admin, "appoint", held.pk, officer=officer.email, **day("until", TODAY))
    assert "is not after the day that the post begins" in page(late)
    assert (WorkforceChange.objects.count(), Disclosure.objects.count()) == (changes, doings)


def test_an_administrator_does_not_change_themselves(made: Partnership, admin: Client) -> None:
    oneself = made.officer("fire", Role.ADMINISTRATOR)
    answer = post(admin, "vetting", oneself.pk, level=3, **day("until", FAR_AHEAD))
    assert answer.status_code == 422
    assert "Nobody makes this change about themselves" in page(answer)


@pytest.mark.parametrize("name", ["engage", "due", "leavers", "changes"])
def test_pages_of_those_who_answer_for_people_are_closed_to_others(
    made: Partnership, name: str
) -> None:
    client = session_of(made.officer("fire"))
    assert get(client, name).status_code == 403
    assert post(client, name).status_code == 403


@pytest.mark.parametrize("name", ["leave", "reinstate", "factor", "vetting", "training", "grant"])
def test_officers_do_not_open_the_pages_that_change_others(made: Partnership, name: str) -> None:
    client = session_of(made.officer("fire"))
    before = WorkforceChange.objects.count()
    assert post(client, name, made.officer("police").pk, why="x").status_code == 403
    assert WorkforceChange.objects.count() == before


def minutes_ago(count: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=count)


def test_changes_ask_who_one_is_after_some_minutes(made: Partnership) -> None:
    officer, admin = made.officer("police"), made.officer("fire", Role.ADMINISTRATOR)
    admin.set_password("three invented words")
    admin.save()
    client = session_of(admin, minutes_ago(6))
    assert get(client, "agencies").status_code == 200  # reading goes on
    asked = get(client, "leave", officer.pk)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    wrong = client.post(asked.url, {"password": "wrong"})
    assert wrong.status_code == 200
    done = client.post(asked.url, {"password": "three invented words"})
    assert done.url == reverse("agencies:leave", args=[officer.pk])
    assert get(client, "leave", officer.pk).status_code == 200


def test_a_form_may_take_longer_to_fill_in_but_not_for_ever(made: Partnership) -> None:
    officer, admin = made.officer("police"), made.officer("fire", Role.ADMINISTRATOR)
    late = post(session_of(admin, minutes_ago(16)), "leave", officer.pk, why="Retired")
    assert late.status_code == 302
    assert Officer.objects.get(pk=officer.pk).is_active
    post(session_of(admin, minutes_ago(6)), "leave", officer.pk, why="Retired")
    assert not Officer.objects.get(pk=officer.pk).is_active


def test_leavers_and_what_is_due_reach_only_the_own_agency_of_a_team_leader(
    made: Partnership,
) -> None:
    for kind in ("fire", "police"):
        Officer.objects.filter(pk=made.officer(kind).pk).update(vetting_until=TODAY)
        actions.leave(None, made.officer(kind, Role.ANALYST))
    client = session_of(made.officer("fire", Role.TEAM_LEADER))
    for name, word in (("due", "Vetting"), ("leavers", "analyst of fire")):
        shown = page(get(client, name))
        assert word in shown
        assert "of police" not in shown
    gone = made.officer("police", Role.ANALYST)
    assert get(client, "officer", gone.pk).status_code == 404
    assert get(client, "officer", made.officer("fire", Role.ANALYST).pk).status_code == 200


def test_nothing_is_due_of_an_administrator_who_reads_nobodys_data(made: Partnership) -> None:
    alone = made.officer("fire", Role.ADMINISTRATOR)
    Officer.objects.filter(pk=alone.pk).update(vetting=0, vetting_until=None, training_until=None)
    found = queries.due(made.reader("fire", Role.ADMINISTRATOR))
    assert alone.pk not in {row.officer.pk for row in found}


@pytest.mark.parametrize("name", ["agency", "team", "post", "officer"])
def test_what_is_not_there_is_404(made: Partnership, admin: Client, name: str) -> None:
    assert get(admin, name, 999_999).status_code == 404


def test_the_directory_of_services_says_its_year_its_source_and_its_doubts(
    made: Partnership,
) -> None:
    client = sign_in(Client(), made.officer("police"), None)
    shown = page(get(client, "services"))
    assert "36 areas" in shown
    assert "National Overview 2016" in shown
    assert "Chief fire officer in 2016" in shown
    found = page(get(client, "services", q="cornwall"))
    assert "1 area with “cornwall”" in found
    assert "Devon and Somerset; Cornwall" in found
    assert "for Sussex as for Surrey" in page(get(client, "services", q="sussex"))
    assert "Nothing was found" in page(get(client, "services", q="atlantis"))


def test_long_names_and_marks_are_text_not_markup(made: Partnership, admin: Client) -> None:
    name = "<b>" + "Ó" * 150
    long = Agency.objects.create(name=name, short_name="L", kind="charity")
    Area.objects.create(kind="ward", code="W1", name="A & B")
    assert b"&lt;b&gt;" in get(admin, "agency", long.pk).content
    assert b"<b>" not in get(admin, "agencies").content

"""Saved filters, the calendar of an officer's visits, and which notices are mailed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from icalendar import Calendar

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Disclosure, Notice
from triservice.access.notices.actions import To, choose_mail, recipients, tell
from triservice.access.notices.queries import mailed, notices
from triservice.agencies.models import Holding, Post, Team
from triservice.casework.calendar import actions as calendars
from triservice.casework.calendar.queries import feed
from triservice.casework.filters import actions as filters
from triservice.casework.filters.queries import filters as saved
from triservice.casework.models import Case, SavedFilter
from triservice.casework.visits import actions as visits
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key


def page(made: Partnership, address: str, role: Role = Role.OFFICER) -> str:
    client = signing_in.sign_in(Client(), made.officer("fire", role))
    return re.sub(r"\s+", " ", client.get(address).content.decode())


@pytest.fixture
def team(town: Partnership, officer: Reader) -> Team:
    """A team of the officer and their leader."""
    made = Team.objects.create(name="Hayle", agency=town.agencies["fire"])
    for role in (Role.OFFICER, Role.TEAM_LEADER):
        town.officer("fire", role)
    Post.objects.filter(agency=town.agencies["fire"]).update(team=made)
    return made


def test_a_filter_is_saved_shown_and_removed(case: int, town: Partnership, team: Team) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire"))
    narrowed = page(town, "/casework/cases?tier=high&late=on&reference=")
    (to,) = re.findall(r'href="(/casework/filters/cases/save[^"]*)"', narrowed)
    to = to.replace("&amp;", "&")
    asked = client.get(to).content.decode()
    assert "Share it with Hayle" in asked
    back = client.post(to, {"name": "High and late", "share": "on"})
    assert back.headers["Location"] == "/casework/cases?tier=high&late=True"
    assert SavedFilter.objects.get().said == {"tier": "high", "late": True}
    for role, by in ((Role.OFFICER, "shared with Hayle"), (Role.TEAM_LEADER, "from officer of")):
        shown = page(town, "/casework/cases", role)
        assert 'href="/casework/cases?late=True&amp;tier=high">High and late' in shown
        assert by in shown
    assert "High and late" not in page(town, "/casework/triage")
    leader = town.reader("fire", Role.TEAM_LEADER)
    assert filters.remove(leader, SavedFilter.objects.get().pk) is None
    client.post(f"/casework/filters/{SavedFilter.objects.get().pk}/remove")
    assert not SavedFilter.objects.exists()


def test_a_filter_holds_no_reference(case: int, town: Partnership) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire"))
    reference = Case.objects.get().reference
    shown = page(town, f"/casework/cases?reference={reference}")
    assert "Save this filter" not in shown
    client.post(f"/casework/filters/queue/save?tier=low&nonsense=1&reference={reference}",
                {"name": "Low"})  # fmt: skip
    assert SavedFilter.objects.get().said == {"tier": "low"}
    assert client.get("/casework/filters/others/save").status_code == 404


def test_a_filter_is_not_shared_beyond_the_team(officer: Reader, town: Partnership) -> None:
    with pytest.raises(InputError, match="in no team"):
        filters.save(officer, "cases", "Late", {"late": True}, share=True)
    filters.save(officer, "cases", "Late", {"late": True})
    filters.save(officer, "cases", "Late", {"late": True, "tier": "low"})
    (own,) = saved(officer, "cases")
    assert (own.query, own.own, own.by) == ("late=True&tier=low", True, "")
    assert saved(town.reader("fire", Role.TEAM_LEADER), "cases") == ()


def test_whoever_leaves_the_team_loses_its_filters(
    officer: Reader, town: Partnership, team: Team
) -> None:
    filters.save(officer, "cases", "Late", {"late": True}, share=True)
    leader = town.reader("fire", Role.TEAM_LEADER)
    assert [one.name for one in saved(leader, "cases")] == ["Late"]
    Holding.objects.filter(officer=leader.officer).update(until=NOON.date())
    assert saved(leader, "cases") == ()


def visits_in(made: Client, address: str) -> list[Any]:
    answer = made.get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_calendar_tells_when_and_which_case_and_no_more(
    officer: Reader, case: int, town: Partnership
) -> None:
    at = NOON + timedelta(days=1)
    key = new_key()
    visits.plan(officer, case, at, key=key)
    client = signing_in.sign_in(Client(), town.officer("fire"))
    shown = client.post("/casework/calendar").content.decode()
    (address,) = re.findall(r"https?://[^/]+(/casework/calendar/[\w-]+\.ics)", shown)
    nobody = Client()
    (event,) = visits_in(nobody, address)
    assert event.decoded("dtstart") == at
    assert str(event["summary"]) == f"Visit {Case.objects.get(pk=case).reference}"
    assert str(event["uid"]) == f"{key}@triservice"
    said = nobody.get(address).content
    assert said.startswith(b"BEGIN:VCALENDAR\r\n")
    assert said.endswith(b"END:VCALENDAR\r\n")
    assert max(map(len, said.split(b"\r\n"))) <= 75
    assert not [word for word in (b"Morwenna", b"Invented Lane", b"TR1") if word in said]
    read = Disclosure.objects.latest("seq")
    assert (read.officer, read.doing) == (officer.officer, "list visits for a calendar")
    assert address not in str(list(Disclosure.objects.values()))
    client.post("/casework/calendar/end")
    assert nobody.get(address).status_code == 404


def test_a_calendar_ends_with_a_new_one_and_with_the_post(officer: Reader, case: int) -> None:
    visits.plan(officer, case, NOON + timedelta(days=1), key=new_key())
    first, second = calendars.make(officer), calendars.make(officer)
    assert feed(first) is None
    assert b"VEVENT" in (feed(second) or b"")
    Holding.objects.filter(officer=officer.officer).update(until=NOON.date())
    assert feed(second) is None


def test_notices_are_mailed_as_each_officer_chooses(
    officer: Reader, town: Partnership, django_capture_on_commit_callbacks: Any
) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire"))
    assert "always sent" in client.get("/access/notices/mail").content.decode()
    client.post("/access/notices/mail", {"kinds": ["request", "review", "agreement", "pattern"]})
    assert str(Notice.Kind.CASEWORK) not in mailed(officer)
    to = [To(officer.agency, officer=officer.officer)]
    with django_capture_on_commit_callbacks(execute=True):
        tell(to, Notice.Kind.CASEWORK, "Something is due", "/casework/cases/1", "one")
    assert mail.outbox == []
    assert [row.text for row in notices(officer)] == ["Something is due"]
    with django_capture_on_commit_callbacks(execute=True):
        tell(to, Notice.Kind.SAFETY, "Call them now", "/casework/cases/1", "two")
    assert [one.to for one in mail.outbox] == [recipients(Notice.objects.get(key="two"))]
    choose_mail(officer, [str(kind) for kind in Notice.Kind])
    assert mailed(officer) == frozenset(map(str, Notice.Kind))


def test_what_cannot_wait_is_never_refused(officer: Reader) -> None:
    choose_mail(officer, [])
    assert mailed(officer) == frozenset(map(str, Notice.ALWAYS))

"""The start page by role, and finding cases: never more than the reader may see."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from invented_referrals import Send, referral

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Disclosure
from triservice.casework.finding.queries import find_cases
from triservice.casework.models import Case
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key


def shown(made: Partnership, agency: str, role: Role, **signed: Any) -> str:
    client = signing_in.sign_in(Client(), made.officer(agency, role), **signed)
    return re.sub(r"\s+", " ", client.get("/").content.decode())


def test_the_start_page_shows_what_waits_by_role(
    send: Send, officer: Reader, town: Partnership
) -> None:
    case = accept(officer, send().referral, officer=officer.officer)
    visits.plan(officer, case, NOON + timedelta(hours=2), key=new_key())
    nobodys = Case.objects.get(pk=accept(officer, send().referral))
    waiting = send()
    mine = shown(town, "fire", Role.OFFICER)
    for words in ("My day", "1 June 2026 at 3:00pm", "Needs triage", referral(waiting).reference):
        assert words in mine
    assert "My team" not in mine
    leader = shown(town, "fire", Role.TEAM_LEADER)
    assert "My team" in leader
    assert nobodys.reference in leader[leader.index("Nobody has them yet") :]
    owner = shown(town, "fire", Role.DATA_OWNER)
    assert not {"My day", "Needs triage", "My team"} & set(re.findall("<h2[^>]*>([^<]*)", owner))


def test_without_a_purpose_the_start_page_reads_nothing(case: int, town: Partnership) -> None:
    read = Disclosure.objects.count()
    page = shown(town, "fire", Role.OFFICER, purpose=None)
    assert "Say why you are reading today" in page
    assert "Trevanion" not in page
    assert Disclosure.objects.count() == read


@pytest.mark.parametrize(
    "text",
    ["{reference}", "{lower}", "Trevanion", "01632 960001", "TR1 1AA", "14 Invented Lane TR1 1AA"],
)
def test_a_case_is_found(case: int, officer: Reader, text: str) -> None:
    reference = Case.objects.get(pk=case).reference
    found = find_cases(officer, text.format(reference=reference, lower=reference.lower()[2:]))
    assert [row.pk for row in found.cases] == ([case] if "lower" not in text else [])


def test_a_case_is_found_by_its_referral(case: int, send: Send, officer: Reader) -> None:
    taken = Case.objects.get(pk=case).referrals.get()
    assert [row.pk for row in find_cases(officer, taken.reference).cases] == [case]
    waiting = send()
    found = find_cases(officer, referral(waiting).reference)
    assert (found.cases, found.referral) == ((), waiting.referral)


def test_who_may_not_see_a_case_does_not_learn_of_it(case: int, town: Partnership) -> None:
    reference = Case.objects.get(pk=case).reference
    for text in (reference, "Trevanion", "TR1 1AA"):
        for kind in ("council", "health"):
            found = find_cases(town.reader(kind), text)
            assert (found.cases, found.more, found.referral) == ((), False, None), (kind, text)
        assert [row.pk for row in find_cases(town.reader("police"), text).cases] == [case]


def test_what_is_looked_for_is_posted_and_recorded(case: int, town: Partnership) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire"))
    page = client.post("/casework/find", {"text": "Trevanion"}).content.decode()
    assert "1 case found" in re.sub(r"\s+", " ", page)
    said = Disclosure.objects.filter(doing="searched for cases").latest("seq")
    assert "Trevanion" in said.what
    none = client.post("/casework/find", {"text": "Nobody Atall"}).content.decode()
    assert "No case found" in none

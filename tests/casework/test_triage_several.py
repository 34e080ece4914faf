"""Several referrals decided on at once: said before, each by itself, said afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from invented_referrals import GIVEN, SCHEME, Send

import signing_in
from partnership import Partnership
from triservice.access.models import ConflictOfInterest, Disclosure
from triservice.casework.models import Case, Entry, Referral
from triservice.casework.referrals.actions import refer
from triservice.casework.triage import actions as triage
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key

JORY = {"name": "Jory Invented", "born": "1950-01-01"}
WHY = "All of them are outside what this scheme does"


@pytest.fixture
def client(town: Partnership) -> Client:
    return signing_in.sign_in(Client(), town.officer("fire", Role.TEAM_LEADER))


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def page(step: str, *chosen: int) -> str:
    return f"/casework/triage/several/{step}?" + "&".join(f"referral={pk}" for pk in chosen)


def states() -> list[str]:
    return list(Referral.objects.order_by("pk").values_list("state", flat=True))


def test_the_queue_leads_to_each_decision_on_those_chosen(send: Send, client: Client) -> None:
    pk = send().referral
    queue = client.get("/casework/triage").content.decode()
    assert f'name="referral" value="{pk}"' in queue
    addresses = re.findall(r'formaction="([^"]+)"', queue)
    assert len(addresses) == 4
    for address in addresses:
        assert "1 will be" in text(client.get(address, {"referral": pk}))
    assert client.get(addresses[0]).status_code == 302  # none is chosen
    assert client.get(page("reconsider", pk)).status_code == 404
    assert client.get(page("accept", 10**30)).status_code == 302  # no row has such a number


def test_many_are_declined_with_the_reason_once(
    send: Send, officer: Reader, client: Client
) -> None:
    first, second, third = (send().referral for _ in range(3))
    triage.signpost(officer, third, "Age UK", "They are nearer")
    asked = text(client.get(page("decline", first, second, third)))
    assert "2 will be declined" in asked
    assert "1 will not" in asked
    assert "This referral is signposted, so you cannot decline it" in asked
    short = client.post(page("decline", first, second, third), {"why": "no"})
    assert (short.status_code, states()) == (422, ["received", "received", "signposted"])
    done = text(client.post(page("decline", first, second, third), {"why": WHY}))
    assert "2 referrals declined , 1 not." in done
    assert "Not declined: This referral is signposted" in done
    assert states() == ["declined", "declined", "signposted"]
    assert Entry.objects.filter(verb="decline", why=WHY).count() == 2
    again = text(client.post(page("decline", first, second, third), {"why": WHY}))
    assert "0 referrals declined , 3 not." in again


@pytest.mark.parametrize(
    ("step", "said", "state"),
    [
        ("ask-more-about", {"why": "Is she at home in the mornings?"}, "need more"),
        ("signpost", {"why": WHY, "where": "Age UK"}, "signposted"),
    ],
)
def test_many_are_asked_about_and_signposted(
    send: Send, client: Client, step: str, said: dict[str, str], state: str
) -> None:
    chosen = [send().referral for _ in range(2)]
    assert "2 referrals" in text(client.post(page(step, *chosen), said))
    assert states() == [state, state]
    assert not Referral.objects.filter(first_seen_at__isnull=True).exists()


def test_many_are_allocated_and_a_tie_stops_only_its_own(
    send: Send, town: Partnership, client: Client
) -> None:
    first, second = send().referral, send(person=JORY).referral
    takes = town.officer("fire")
    row = Referral.objects.get(pk=first)
    ConflictOfInterest.objects.create(
        officer=takes, subject_key=row.subject_key, why="Invented: her nephew",
        declared_at=row.received_at, declared_by=takes,
    )  # fmt: skip
    done = text(client.post(page("accept", first, second), {"officer": takes.pk}))
    assert f"Not accepted: {takes.name} cannot take it" in done
    case = Case.objects.get()
    assert (case.officer, states()) == (takes, ["received", "accepted"])
    assert client.post(page("accept", first), {"officer": 0}).status_code == 422
    third = send(person=JORY).referral
    assert f"There is {case.reference} already" in text(client.get(page("accept", third)))


def test_those_about_one_person_become_one_case(
    send: Send, town: Partnership, sender: Reader, client: Client
) -> None:
    first, other = send().referral, send(person=JORY).referral
    whom = Referral.objects.get(pk=first)
    assert whom.person
    agency = town.agencies["fire"].pk
    given = {**GIVEN, "alarms": "yes"}  # there is more time for it
    again = refer(sender, new_key(), SCHEME, given, to=agency, person=whom.person.key).referral
    asked = text(client.get(page("accept", first, other, again)))
    assert asked.count("Into one case with") == 1
    assert f"Into one case with {whom.reference}, which is about the same person" in asked
    client.post(page("accept", first, other, again), {"officer": town.officer("fire").pk})
    cases = {pk: Referral.objects.get(pk=pk).case_id for pk in (first, other, again)}
    assert cases[first] == cases[again] != cases[other]
    assert Case.objects.count() == 2


def test_open_cases_of_many_are_looked_for_once(send: Send, client: Client) -> None:
    def asked(*chosen: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(page("accept", *chosen))
        return sum("casework_casesubject" in str(one["sql"]) for one in queries.captured_queries)

    several = [send().referral for _ in range(4)]
    asked(several[0])  # what is kept from one page to the next
    assert asked(several[0]) == asked(*several) == 1


def test_every_row_obeys_access_as_if_done_singly(
    send: Send, town: Partnership, officer: Reader
) -> None:
    mine = send().referral
    sergeant = signing_in.sign_in(Client(), town.officer("police", Role.TEAM_LEADER))
    asked = text(sergeant.get(page("decline", mine, mine + 9)))
    assert "2 of those chosen are not open to you any more" in asked
    assert Referral.objects.get().reference not in asked
    sergeant.post(page("decline", mine), {"why": WHY})
    assert states() == ["received"]
    constable = town.reader("police")
    (done,) = triage.each(constable, [mine], lambda pk: triage.accept(constable, pk))
    assert done.wrong == triage.CLOSED
    refused = Disclosure.objects.filter(officer=constable.officer, outcome="deny")
    assert refused.filter(doing="accept a referral").exists()

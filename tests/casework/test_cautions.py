"""Before the door: warnings and accessible needs on case, visit, My day, paper and phone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from invented_referrals import RISK

import signing_in
from partnership import NOON, Partnership, make_list
from triservice.access.models import Term
from triservice.agencies.models import Contact
from triservice.casework.cases.queries.lists import my_day
from triservice.casework.models import Case, CaseSubject
from triservice.casework.visits.actions.doing import plan
from triservice.kernel.access_words import Reader
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up, take_along
from triservice.subjects.models import AccessibleNeed, Person, WarningMarker

pytestmark = pytest.mark.django_db
DOG = ("Dangerous dog. Anyone who visits. Ring first",
       "From police: A postman’s report. To be reviewed by 2 June 2026.")  # fmt: skip
NEED = "Needs a Cornish interpreter police"
OLD = (
    "Out of date: weapons. Its review was due on 31 May 2026",
    "do not rely on it. A call (fire).",
)
ON_PHONE = [
    ["Warning", "14 Invented Lane, Nowhere, TR1 1AA: dangerous dog. Anyone who visits. Ring first. "
     "From police: A postman’s report. To be reviewed by 2 June 2026"],
    ["Out of date", "Morwenna Trevanion: weapons. Its review was due on 31 May 2026: "
     "do not rely on it"],
    ["Interpreter", "Morwenna Trevanion: Needs a Cornish interpreter (police)"],
]  # fmt: skip
TAGS = [">Dangerous dog</strong>", ">Interpreter</strong>"]


@pytest.fixture
def visit(case: int, officer: Reader) -> int:
    return plan(officer, case, NOON + timedelta(hours=1), key=new_key(), officer=officer.officer)


@pytest.fixture
def known(town: Partnership, visit: int) -> WarningMarker:
    """A dog that the police know of at the place, an old warning of fire's, a need; the dog's."""
    case = Case.objects.get()
    she = _person(case)
    police, fire = town.agencies["police"], town.agencies["fire"]
    marker = {"relevance": "Anyone who visits", "advice": "Ring first", "made_at": NOON,
              "data_class": "risk"}  # fmt: skip
    dog = WarningMarker.objects.create(
        premises=case.premises, owner=police, kind="dangerous dog", source="A postman’s report",
        review_on=NOON.date() + timedelta(days=1), **marker,
    )  # fmt: skip
    WarningMarker.objects.create(
        person=she, owner=fire, kind="weapons", source="A call", subject_key=she.key,
        review_on=NOON.date() - timedelta(days=1), **marker,
    )  # fmt: skip
    other = Person.objects.create(key=new_key(), root=she, made_at=NOON)  # who is one with her
    AccessibleNeed.objects.create(
        person=other, owner=police, kind="interpreter", need="Needs a Cornish interpreter",
        made_at=NOON, data_class="contact", subject_key=other.key,
    )  # fmt: skip
    return dog


def _person(case: Case) -> Person:
    return CaseSubject.objects.get(case=case, person__isnull=False).person  # type: ignore[return-value]


def texts(client: Client, case: int, visit: int) -> list[str]:
    """Return the case's page, the visit's and the day's paper, as somebody reads them."""
    found = []
    for path in (f"cases/{case}", f"cases/{case}/visits/{visit}", "pack"):
        answer = client.get(f"/casework/{path}").content.decode()
        plain = re.sub(r"<[^>]+>", " ", answer[answer.index("<main") :])
        found.append(re.sub(r"\s+", " ", plain).replace(" .", "."))
    return found


def facts(officer: Reader, phone: Any) -> list[list[str]]:
    parts = {part["name"]: part["items"] for part in take_along(officer, phone)["parts"]}
    told = [list(fact) for fact in parts["visits"][0]["facts"]]
    return [fact for fact in told if fact[0] in {"Warning", "Out of date", "Interpreter"}]


def test_what_is_known_before_the_door_stands_wherever_an_officer_looks(
    town: Partnership, officer: Reader, case: int, visit: int, known: WarningMarker
) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire"))
    phone = set_up(officer, "Phone")[0].key

    def day() -> list[str]:
        page = client.get("/casework/").content.decode()
        return [tag for tag in (*TAGS, ">Warning</strong>", ">Weapons</strong>") if tag in page]

    for page in texts(client, case, visit):  # police open nothing: their own old warning is left
        assert all(words in page for words in OLD), page
        assert "Ring first" not in page
        assert "Cornish" not in page
    assert (day(), facts(officer, phone)) == ([], ON_PHONE[1:2])

    town.term("police", "fire", RISK)
    for page in texts(client, case, visit):
        assert all(words in page for words in (*DOG, NEED, *OLD)), page
    assert (day(), facts(officer, phone)) == (TAGS, ON_PHONE[1:2])  # no term lets it go along

    town.term("police", "fire", RISK, offline=True)
    assert facts(officer, phone) == ON_PHONE

    WarningMarker.objects.filter(pk=known.pk).update(restriction=make_list(town.officer("police")))
    for page in texts(client, case, visit):
        assert "Dangerous dog" not in page
        assert NEED in page
    assert (day(), facts(officer, phone)) == (TAGS[1:], ON_PHONE[1:])

    WarningMarker.objects.filter(pk=known.pk).update(restriction=None)
    Term.objects.filter(from_agency=town.agencies["police"]).delete()
    town.term("police", "fire", RISK, fields=["relevance"], offline=True)
    assert day() == [">Warning</strong>"]  # that there is one, not what
    assert "TR1 1AA: Warning. Anyone who visits. From police. To" in facts(officer, phone)[0][1]


def test_past_its_review_another_agencys_warning_is_shown_nowhere_but_that_there_is_one(
    town: Partnership, officer: Reader, case: int, visit: int, known: WarningMarker
) -> None:
    """Neither the page of the place, nor case, visit, paper or phone say what it says."""
    police = town.agencies["police"]
    Contact.objects.create(
        agency=police, kind=Contact.Kind.SHARING_DESK, name="Information desk", phone="01632 960001"
    )
    town.term("police", "fire", RISK, offline=True)
    place = reverse("subjects:premises", args=[known.premises.key])  # type: ignore[union-attr]
    client, phone = signing_in.sign_in(Client(), town.officer("fire")), set_up(officer, "Phone")[0]
    assert "Dangerous dog" in client.get(place).content.decode()
    WarningMarker.objects.filter(pk=known.pk).update(review_on=NOON.date())
    assert any("dangerous dog" in line for _, line in facts(officer, phone.key))  # its last day

    WarningMarker.objects.filter(pk=known.pk).update(review_on=NOON.date() - timedelta(days=1))
    said = (
        "a warning of police that is not shown. Its review was due on 31 May 2026: it may still "
        "hold. Ask police (Information desk, 01632 960001) before you go"
    )
    shown = [*texts(client, case, visit), client.get(place).content.decode()]
    shown.append(str(facts(officer, phone.key)))
    for page in shown:
        assert said in page, page
        for words in ("angerous dog", "Anyone who visits", "Ring first", "postman"):
            assert words not in page
    assert TAGS[0] not in client.get("/casework/").content.decode()

    own = signing_in.sign_in(Client(), town.officer("police")).get(place).content.decode()
    assert "dangerous dog. Its review was due on 31 May 2026: do not rely on it" in own
    assert "A postman’s report" in own  # who reviews it sees what it rests on


def test_a_page_carries_the_highest_marking_of_what_it_shows(
    town: Partnership, officer: Reader, case: int, visit: int, known: WarningMarker
) -> None:
    """Where a marked warning is told by a tag only too; and not where it is not told."""
    town.term("police", "fire", RISK)
    Term.objects.update(min_vetting=1)  # one that demands no vetting opens nothing that is marked
    client = signing_in.sign_in(Client(), town.officer("fire"))
    place = reverse("subjects:premises", args=[known.premises.key])  # type: ignore[union-attr]
    paths = ("/casework/", f"/casework/cases/{case}", place)

    def marked() -> list[str]:
        pages = [client.get(path).content.decode() for path in paths]
        found = [re.findall(r'data-marking="([A-Z-]+)"', page) for page in pages]
        assert all(top == end for top, end in found)
        return [top for top, _ in found]

    assert marked() == ["OFFICIAL"] * 3
    WarningMarker.objects.filter(pk=known.pk).update(marking="OFFICIAL-SENSITIVE")
    assert marked() == ["OFFICIAL-SENSITIVE"] * 3
    assert TAGS[0] in client.get("/casework/").content.decode()
    WarningMarker.objects.filter(pk=known.pk).update(restriction=make_list(town.officer("police")))
    assert marked() == ["OFFICIAL"] * 3
    Case.objects.filter(pk=case).update(marking="OFFICIAL-SENSITIVE")
    paths = ("/casework/", "/casework/cases")
    assert marked() == ["OFFICIAL-SENSITIVE"] * 2


def test_they_are_read_once_for_a_whole_day(
    town: Partnership, officer: Reader, case: int, visit: int, known: WarningMarker
) -> None:
    town.term("police", "fire", RISK)
    my_day(officer)  # what the agreements open is found first, and kept
    with CaptureQueriesContext(connection) as one:
        my_day(officer)
    for _ in range(2):
        plan(officer, case, NOON, key=new_key(), officer=officer.officer)
    with CaptureQueriesContext(connection) as three:
        day = my_day(officer)
    assert [visit.cautions for visit in day.visits] == [("dangerous dog", "Interpreter")] * 3
    assert len(three) == len(one)

"""The numbers of casework and files of lists: what may be counted and seen, and no more."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_referrals import RISK, Send
from openpyxl import load_workbook

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Disclosure
from triservice.casework.dashboards.queries import Dashboard, dashboard
from triservice.casework.dashboards.rules import By, Counted, Part, least_shown, table
from triservice.casework.models import Case
from triservice.casework.onward import actions as onward
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.keys import new_key

counts = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=1, max_size=6)


@settings(max_examples=60)
@given(counts, counts, st.integers(0, 10))
def test_own_numbers_are_exact_and_no_small_one_of_others_is_shown(
    own: list[list[int]], others: list[list[int]], least: int
) -> None:
    plain, guarded = ({str(n): row for n, row in enumerate(rows)} for rows in (own, others))
    made = table("T", "", ("a", "b", "c"), Counted(plain, guarded), least, Part("A", slice(1)))
    for line in made.lines:
        pair = zip(plain.get(line.name, [0] * 3), guarded.get(line.name, [0] * 3), strict=True)
        for shown, (exact, true) in zip(line.counts, pair, strict=True):
            assert (shown - exact) % max(least, 1) == 0
            assert abs(shown - exact - true) < max(least, 1)
        assert line.share is not None
        assert (line.share.part, line.share.whole) == (line.counts[0], sum(line.counts))
        assert any(line.counts) or least < 2


def test_a_share_has_its_denominator_and_interval() -> None:
    late = Part("Late", slice(1))
    (line,) = table("T", "", ("Late", "In time"), Counted({}, {"x": (12, 88)}), 0, late).lines
    assert line.share is not None
    assert line.share.said == "12% of 100 (7% to 20%)"


@pytest.mark.parametrize(
    ("role", "agreed", "least"),
    [(Role.TEAM_LEADER, 0, 0), (Role.TEAM_LEADER, 10, 10), (Role.BOARD_MEMBER, 0, 5)],
)
def test_who_does_not_work_on_cases_sees_no_small_number(
    role: Role, agreed: int, least: int
) -> None:
    assert least_shown({role}, agreed) == least


def told(found: Dashboard, title: str) -> dict[str, tuple[int | None, ...]]:
    return {line.name: line.counts for t in found.tables if t.title == title for line in t.lines}


@pytest.fixture
def worked(send: Send, officer: Reader) -> list[int]:
    """Six open cases; of the first: a visit done late, an onward referral accepted."""
    made = [accept(officer, send().referral, officer=officer.officer) for _ in range(6)]
    visits.plan(officer, made[0], NOON + timedelta(hours=2), key=new_key())
    sent = onward.send(officer, made[0], "falls-service", key=new_key(), why="Please see her")
    onward.answered(officer, made[0], sent, "accept", "They come")
    Case.objects.filter(pk__in=made[:2]).update(
        opened_at=NOON - timedelta(days=10), contact_due_at=NOON - timedelta(days=8)
    )
    return made


@pytest.mark.parametrize("by", list(By))
def test_numbers_are_those_of_the_cases(worked: list[int], officer: Reader, by: By) -> None:
    found = dashboard(officer, by, 12)
    tier = Case.objects.values_list("tier", flat=True).first()
    assert told(found, "Open cases by risk and age")[str(tier).capitalize()] == (4, 2, 0, 0)
    for title, sums in (
        ("First contact against its target", (0, 2)),
        ("Visits", (0, 0, 0, 1)),
        ("Onward referrals by outcome", (0, 1, 0, 0, 0)),
    ):
        lines = told(found, title).values()
        assert tuple(map(sum, zip(*lines, strict=True))) == sums, title


def test_others_count_what_terms_open_with_small_numbers_hidden(
    worked: list[int], town: Partnership
) -> None:
    assert dashboard(town.reader("council", Role.BOARD_MEMBER), By.SCHEME, 12).tables[0].most == 0
    town.term("fire", "council", RISK, purposes=[Purpose.EVALUATION], counts_only=True,
              small_number=5)  # fmt: skip
    analyst = town.reader("council", Role.ANALYST, Purpose.EVALUATION)
    found = dashboard(analyst, By.SCHEME, 12)
    open_now = told(found, "Open cases by risk and age")
    assert set(open_now.values()) == {(5, 0, 0, 0)}  # of 4 and 2
    assert {n % 5 for t in found.tables for line in t.lines for n in line.counts} == {0}
    page = signing_in.sign_in(
        Client(), town.officer("council", Role.ANALYST), Purpose.EVALUATION
    ).get("/casework/numbers?by=month&months=3")
    assert "Numbers are rounded to a multiple of 5" in page.content.decode()
    assert "since 1 June 2025" in page.content.decode()  # one length only, whatever was asked
    assert "Of the last" not in page.content.decode()
    assert "Trevanion" not in page.content.decode()


def test_a_list_is_written_marked_and_recorded(case: int, town: Partnership) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire"))
    answer = client.get("/casework/export/cases.csv?late=")
    assert 'filename="cases OFFICIAL-SENSITIVE.csv"' in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["Reference"] == Case.objects.get(pk=case).reference
    assert row["About"] == "Morwenna Trevanion"
    assert row["Marking"] == "OFFICIAL-SENSITIVE"
    read = Disclosure.objects.filter(doing="export cases").get()
    assert read.kind == "disclosure"
    book = load_workbook(io.BytesIO(client.get("/casework/export/cases.xlsx").content))
    head, first = book["Cases"].values
    assert dict(zip(head, first, strict=True))["Reference"] == row["Reference"]
    assert book["Cases"].oddFooter.center.text == "OFFICIAL-SENSITIVE"
    assert len(list(book["Cases"].values)) == 2


def test_a_list_is_no_more_than_its_page(case: int, send: Send, town: Partnership) -> None:
    send()
    board = signing_in.sign_in(Client(), town.officer("fire", Role.BOARD_MEMBER))
    for of in ("cases", "queue"):
        assert board.get(f"/casework/export/{of}.csv").status_code == 404
    assert board.get("/casework/export/numbers.xlsx").status_code == 200
    council = signing_in.sign_in(Client(), town.officer("council"))
    for of in ("cases", "queue"):
        assert "Trevanion" not in council.get(f"/casework/export/{of}.csv").content.decode()
    fire = signing_in.sign_in(Client(), town.officer("fire"))
    assert "Trevanion" in fire.get("/casework/export/queue.csv").content.decode()
    assert "Trevanion" not in fire.get("/casework/export/queue.csv?tier=low").content.decode()
    for wrong in ("cases.pdf", "people.csv"):
        assert fire.get(f"/casework/export/{wrong}").status_code == 404


def test_numbers_are_written_with_how_they_are_told(worked: list[int], town: Partnership) -> None:
    board = signing_in.sign_in(Client(), town.officer("fire", Role.BOARD_MEMBER))
    said = board.get("/casework/export/numbers.csv?by=area").content.decode("utf-8-sig")
    assert "Open cases by risk and age" in said
    assert "Numbers are rounded to a multiple of 5" in said
    assert ",OFFICIAL\r\n" in said


def test_what_is_asked_of_numbers_is_never_optional(worked: list[int], town: Partnership) -> None:
    page = signing_in.sign_in(Client(), town.officer("fire")).get("/casework/numbers?months=3")
    assert "(optional)" not in page.content.decode()
    assert '<option value="3" selected>' in page.content.decode()

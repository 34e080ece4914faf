"""The list of plans: by stage, area and whose, page by page, as a file and for systems."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

import signing_in
from partnership import NOON, Partnership
from triservice.access.models import Disclosure
from triservice.access.tokens.actions import issue
from triservice.access.tokens.rules import Scope
from triservice.agencies.models import Area
from triservice.casework.models import Action, Plan, PlanMeasure
from triservice.casework.plans import actions
from triservice.casework.plans.actions import Problem
from triservice.casework.plans.queries import Asked, plan_list
from triservice.casework.plans.rules import DONE, Counted, stage
from triservice.casework.words import PlanStage
from triservice.kernel.access_words import DataClass as C
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.keys import new_key

TODAY = NOON.date()
BEFORE = Counted(40, TODAY - timedelta(days=800), TODAY - timedelta(days=436))
AFTER = Counted(20, TODAY - timedelta(days=400), TODAY - timedelta(days=36))
DUE = NOON + timedelta(days=7)


@given(*[st.booleans()] * 3)
def test_each_open_plan_is_at_one_stage(counted: bool, responding: bool, again: bool) -> None:
    done = {"counted": counted, "responding": responding, "again": again}
    fits = [name for name, so in DONE.items() if so.items() <= done.items()]
    assert fits == [stage(False, **done)]
    assert stage(True, **done) is PlanStage.CLOSED


def start(officer: Reader, title: str, days: int = 28) -> int:
    problem = Problem(title, "Invented Lane", "Bins burn; neighbours are afraid")
    return actions.start(officer, problem, TODAY + timedelta(days=days), key=new_key())


@pytest.fixture
def five(officer: Reader) -> dict[str, int]:
    """A plan at each stage, by its title, which is the stage's word."""
    made = {str(word): start(officer, str(word)) for word in PlanStage}
    for word in ("analysis", "response", "assessment"):
        actions.add_measure(officer, made[word], "Fires", "Fire records", BEFORE)
    for word in ("response", "assessment"):
        actions.add_response(officer, made[word], "Lock the bins", due=DUE, agency=officer.agency)
    measure = PlanMeasure.objects.get(plan=made["assessment"])
    actions.count_again(officer, made["assessment"], measure.pk, AFTER)
    actions.close(officer, made["closed"], "given up", "Nobody saw any fire there since spring")
    return made


def titles(reader: Reader, asked: Asked) -> list[str]:
    return [one.title for one in plan_list(reader, asked).rows]


def test_a_list_by_stage_and_what_is_not_seen_says_nothing_of_it(
    town: Partnership, officer: Reader, five: dict[str, int]
) -> None:
    for word in PlanStage:
        assert titles(officer, Asked(stage=word)) == [str(word)]
    assert {(row.title, row.stage) for row in plan_list(officer).rows} == {
        (word, word) for word in map(str, PlanStage) if word != "closed"
    }
    police = town.reader("police")
    town.term("fire", "police", [C.RISK])
    assert titles(police, Asked(stage="response")) == ["response"]
    PlanMeasure.objects.update(data_class="health")
    Action.objects.update(data_class="health")
    assert titles(police, Asked(stage="response")) == []
    assert len(titles(police, Asked(stage="scanning"))) == 4
    assert {row.stage for row in plan_list(police).rows} == {"scanning"}


def test_a_list_by_area_and_page_by_page(officer: Reader) -> None:
    county = Area.objects.create(kind="county", code="C1", name="Penmarric")
    ward = Area.objects.create(kind="ward", code="W1", name="Harbour", parent=county)
    Area.objects.create(kind="lsoa", code="L1", name="Quay", parent=ward)
    made = [start(officer, f"Fires {n}", 20 + n // 2) for n in range(5)]
    Plan.objects.filter(pk=made[1]).update(area="L1")
    Plan.objects.filter(pk=made[2]).update(area="C1")
    assert titles(officer, Asked(area="W1")) == ["Fires 1"]
    assert titles(officer, Asked(area="C1")) == ["Fires 1", "Fires 2"]
    everything, after = [], ""
    for _ in range(3):
        found = plan_list(officer, Asked(after=after), 2)
        everything += [one.title for one in found.rows]
        after = found.after
    assert everything == [f"Fires {n}" for n in range(5)]
    assert not after
    for pk in made:
        actions.close(officer, pk, "given up", "Nobody saw any fire there since spring")
    first = plan_list(officer, Asked(stage="closed"), 3)
    rest = plan_list(officer, Asked(stage="closed", after=first.after), 3)
    assert [one.title for one in (*first.rows, *rest.rows)] == [
        f"Fires {n}" for n in range(4, -1, -1)
    ]


def test_the_list_is_a_file_marked_and_on_the_record(
    town: Partnership, officer: Reader, five: dict[str, int]
) -> None:
    client = signing_in.sign_in(Client(), town.officer("fire"))
    page = client.get("/casework/plans?stage=analysis&mine=on").content.decode()
    assert "/casework/export/plans.csv?stage=analysis&amp;mine=True" in page
    assert "Save this filter" in page
    said = client.get("/casework/export/plans.csv?stage=analysis").content.decode("utf-8-sig")
    assert re.search(r"^P-[0-9A-Z-]+,analysis,Invented Lane,analysis,,", said, re.MULTILINE)
    assert "response" not in said
    assert said.count("OFFICIAL-SENSITIVE") >= 1
    book = load_workbook(io.BytesIO(client.get("/casework/export/plans.xlsx").content))
    assert book["Plans"].max_row == 5
    assert Disclosure.objects.filter(doing="export plans", kind="disclosure").count() == 2
    data_owner = signing_in.sign_in(Client(), town.officer("fire", Role.DATA_OWNER))
    assert data_owner.get("/casework/export/plans.csv").status_code == 403
    shown = data_owner.get("/casework/plans").content.decode()
    assert "/casework/export/plans" not in shown
    kept = client.post("/casework/filters/plans/save?stage=analysis", {"name": "To analyse"})
    assert kept.status_code == 302
    assert "To analyse" in client.get("/casework/plans").content.decode()


def test_systems_list_and_read_plans_by_the_same_rules(
    town: Partnership, five: dict[str, int]
) -> None:
    def get(agency: str, path: str, role: Role = Role.OFFICER) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token(town, agency, role)}"}
        answer = Client().get(f"/api/{path}", headers=headers)
        return answer.status_code, answer.json()

    status, found = get("fire", "plans?stage=assessment")
    assert (status, [one["stage"] for one in found["plans"]], found["after"]) == (
        200, ["assessment"], "",
    )  # fmt: skip
    reference = found["plans"][0]["reference"]
    status, whole = get("fire", f"plans/{reference}")
    assert (status, whole["plan"]["reference"]) == (200, reference)
    (count,) = whole["counts"]
    assert (count["before"], count["after"]) == (40, 20)
    assert [one["what"] for one in whole["responses"]] == ["Lock the bins"]
    assert get("council", "plans")[1]["plans"] == []
    assert get("council", f"plans/{reference}")[0] == 404
    assert get("fire", "plans/P-2222-2222")[0] == 404
    assert get("fire", "plans?stage=somewhere")[0] == 422


def token(town: Partnership, agency: str, role: Role) -> str:
    """Return a new token of a system of an agency."""
    admin = town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    return issue(
        admin, town.agencies[agency], f"System of {agency} {new_key()}", roles=[role],
        scopes=[Scope.PLANS], purposes=[Purpose.PREVENTION_VISIT], days=30,
    ).secret  # fmt: skip

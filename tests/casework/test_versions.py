"""A scheme's newer version comes in force while something is begun under the older."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from invented_referrals import GIVEN, SCHEME

import signing_in
from partnership import NOON, Partnership
from triservice.casework.models import Case, Referral, Visit
from triservice.casework.visits import actions as visits
from triservice.casework.visits.queries import visit_page
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key
from triservice.offline.actions.phones import set_up, take_along
from triservice.offline.actions.syncing import take
from triservice.offline.queries.waiting import operation_page, waiting
from triservice.offline.rules import State
from triservice.schemes.publishing import check_file

FRONT = Path(__file__).parents[2] / "src" / "triservice" / "web" / "front" / "src" / "lib"
OPERATIONS = FRONT / "offline" / "operations.js"
CHANGE = """
[change]
from = 1
removed = ["elsewhere"]

[change.renamed]
alarms = "works"
"""
BOXES = {
    "person.name": "Morwenna Trevanion", "address.line": "14 Invented Lane, Nowhere",
    "why": "She no longer hears the bell", "alarms": "no", "fell": "yes", "is": "new",
}  # fmt: skip


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what brings version 2 in force: alarms are asked as another question, one goes."""

    def in_force() -> None:
        old = Path(__file__).parent / "schemes" / f"{SCHEME}.toml"
        text = old.read_text(encoding="utf-8")
        (tmp_path / f"{SCHEME}@1.toml").write_text(text, encoding="utf-8")
        text = re.sub(r"\[\[forms.referral.part.question\]\]\nid = \"elsewhere\".*?\n\n", "", text,
                      flags=re.DOTALL)  # fmt: skip
        text = re.sub(r"\[\[triage\]\].*?\n\n", "", text, flags=re.DOTALL)
        text = re.sub(r"\balarms\b", "works", text).replace("version = 1", "version = 2")
        (tmp_path / f"{SCHEME}.toml").write_text(text + CHANGE, encoding="utf-8")
        monkeypatch.setenv("TRISERVICE_SCHEMES", str(tmp_path))
        assert check_file(tmp_path / f"{SCHEME}.toml").version == 2

    return in_force


@pytest.fixture
def form(town: Partnership) -> Any:
    """Return what opens or sends the form of the small scheme, as text with its status."""
    client = signing_in.sign_in(Client(), town.officer("police", Role.REFERRER))
    address = f"/casework/refer/{SCHEME}/{town.agencies['fire'].pk}"

    def asked(**boxes: str) -> tuple[int, str]:
        answer = client.post(address, boxes) if boxes else client.get(address)
        return answer.status_code, re.sub(r"\s+", " ", answer.content.decode())

    return asked


def test_a_referral_that_is_open_in_a_browser_comes_along(form: Any, newer: Any) -> None:
    _, opened = form()
    assert 'name="version" value="1"' in opened
    newer()
    sent, _ = form(**BOXES, key=str(new_key()), version="1")
    assert sent == 302
    row = Referral.objects.get()
    assert (row.version, row.tier) == (2, "very high")
    told = [part.answers for part in row.submission.parts.all()]
    assert {"works": "no"} in told


def test_what_has_no_place_any_more_is_told_and_nothing_is_sent_before(
    form: Any, newer: Any
) -> None:
    newer()
    key = str(new_key())
    status, page = form(**BOXES, elsewhere="yes", key=key, version="1")
    assert status == 200
    assert "This form has changed since you opened it" in page
    assert "Outside the area: Yes (this is no longer asked)" in page
    assert 'name="version" value="2"' in page
    assert re.search(r'name="works"[^>]*value="no"[^>]*checked', page)
    assert not Referral.objects.exists()
    boxes = {name: said for name, said in BOXES.items() if name != "alarms"}
    assert form(**boxes, works="no", key=key, version="2")[0] == 302
    assert Referral.objects.get().tier == "very high"


def test_of_a_form_whose_version_is_kept_no_more_nothing_that_was_answered_is_lost(
    form: Any, newer: Any, tmp_path: Path
) -> None:
    newer()
    (tmp_path / f"{SCHEME}@1.toml").unlink()
    key = str(new_key())
    status, page = form(**BOXES, key=key, version="1")
    assert (status, "alarms: no (this is no longer asked so)" in page) == (200, True)
    assert "Morwenna Trevanion" in page
    assert not Referral.objects.exists()
    boxes = {name: said for name, said in BOXES.items() if name != "alarms"}
    assert form(**boxes, works="no", key=key, version="2")[0] == 302


@pytest.mark.parametrize("said", ["", "9", "0", "x", "1" * 40])
def test_a_version_that_is_none_is_the_newest(form: Any, newer: Any, said: str) -> None:
    newer()
    boxes = {name: answer for name, answer in BOXES.items() if name != "alarms"}
    assert form(**boxes, works="no", key=str(new_key()), version=said)[0] == 302


def test_a_case_and_the_draft_of_its_visit_keep_the_version_they_began_with(
    officer: Reader, case: int, newer: Any
) -> None:
    visit = visits.plan(officer, case, NOON, key=new_key(), officer=officer.officer)
    visits.keep_draft(officer, case, visit, {"fell": "yes"})
    newer()
    page = visit_page(officer, case, visit)
    assert page.scheme is not None
    assert (page.scheme.version, page.answers.values) == (1, {"fell": "yes"})
    phone = set_up(officer, "Phone")[0]
    assert f"{SCHEME}@1/visit" in take_along(officer, phone.key)["forms"]
    said = {**page.answers.values, "alarms": "no"}
    visits.record_visit(officer, case, visit, visits.Done(new_key(), said, NOON, NOON))
    assert Case.objects.get(pk=case).tier == "very high"
    assert Visit.objects.get(pk=visit).submission.version == 1


def test_what_a_phone_filled_in_of_a_version_kept_no_more_waits_for_a_person(
    officer: Reader, newer: Any, tmp_path: Path
) -> None:
    newer()
    (tmp_path / f"{SCHEME}@1.toml").unlink()
    phone = set_up(officer, "Phone")[0]
    number = UUID(int=int(NOON.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)
    (done,) = take(officer, phone.key, [{
        "number": str(number), "kind": "referral.sent", "about": f"scheme {SCHEME}",
        "payload": {**GIVEN, "form key": f"{SCHEME}@1/referral"}, "base": None,
        "made_at": NOON.isoformat(),
    }])  # fmt: skip
    assert (done.state, f"{SCHEME}@1" in done.said) == (State.REFUSED, True)
    (waits,) = waiting(officer)
    shown = operation_page(officer, waits.pk)
    assert shown is not None
    assert GIVEN["why"] in str(shown.lines)


@pytest.mark.parametrize(("more", "version"), [({}, 2), ({"elsewhere": "yes"}, 1)])
def test_what_a_phone_filled_in_before_is_taken_with_every_answer(
    officer: Reader, newer: Any, more: dict[str, str], version: int
) -> None:
    phone = set_up(officer, "Phone")[0]
    key = f"{SCHEME}@1/referral"
    assert key in take_along(officer, phone.key)["forms"]
    newer()
    number = UUID(int=int(NOON.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)
    (done,) = take(officer, phone.key, [{
        "number": str(number), "kind": "referral.sent", "about": f"scheme {SCHEME}",
        "payload": {**GIVEN, **more, "form key": key}, "base": None,
        "made_at": (NOON - timedelta(minutes=5)).isoformat(),
    }])  # fmt: skip
    assert done.state == State.APPLIED, done.said
    row = Referral.objects.get()
    assert (row.version, row.tier) == (version, "high")
    told = {name for part in row.submission.parts.all() for name in part.answers}
    assert told == {"person", "address", "why"} | (
        {"works"} if version == 2 else {"alarms", "elsewhere"}
    )


def test_what_a_phone_has_begun_is_finished_on_the_form_it_was_begun_with() -> None:
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node here (apt-get install nodejs)")
    asks = [
        [{"key": "small@1/referral", "asked": "old"}, "small@2/referral"],
        [{"key": "small@2/referral", "asked": "as it was"}, "small@2/referral"],
        [{"key": "small@1/a1/onward", "asked": "other places"}, "small@2/b2/onward"],
        [{"answers": {}}, "small@2/referral"],  # kept by a phone that had no more
        [None, "note"],
    ]
    script = f"""
        const {{ begunWith }} = await import({json.dumps(OPERATIONS.as_uri())});
        const said = {json.dumps(asks)}.map(
            ([draft, key]) => begunWith(draft, {{ [key]: "now" }}, key));
        console.log(JSON.stringify(said.map(({{ key, asked }}) => [key, asked])));
    """
    ran = [program, "--input-type=module", "-e", script]
    said = json.loads(subprocess.run(ran, capture_output=True, check=True, text=True).stdout)
    assert said == [
        ["small@1/referral", "old"], ["small@2/referral", "now"], ["small@2/b2/onward", "now"],
        ["small@2/referral", "now"], ["note", "now"],
    ]  # fmt: skip

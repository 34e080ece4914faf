"""A large year's outcomes: worked out in a job, for one reader, and kept while nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django_tasks_db.models import DBTaskResult
from invented_referrals import RISK, Send

import signing_in
from partnership import NOON, Partnership, make_officer
from triservice.access.models import AgreementVersion, Disclosure
from triservice.access.record import Kind, recording
from triservice.access.restrictions.actions import make_list, put_rows
from triservice.agencies.models import Holding
from triservice.casework.dashboards.rules import By
from triservice.casework.models import Case, KeptYear
from triservice.casework.outcomes import actions, jobs, tasks
from triservice.casework.outcomes.queries import kept, year
from triservice.casework.outcomes.queries.year import outcomes
from triservice.casework.triage.actions import accept
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role


@pytest.fixture
def worked(send: Send, officer: Reader) -> list[int]:
    """The cases of five of seven referrals, of which two were visited."""
    sent = [send(person={"name": f"Jory Bosquite {letter}"}).referral for letter in "ABCDEFG"]
    cases = [accept(officer, each, officer=officer.officer) for each in sent[:5]]
    Case.objects.filter(pk__in=(cases[0], cases[4])).update(visited_at=NOON - timedelta(days=40))
    return cases


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which every year is a large one."""
    return lambda: monkeypatch.setattr(year, "MANY", -1)


def work() -> None:
    """Do the jobs that wait, as the worker does."""
    for job in DBTaskResult.objects.filter(status="READY"):
        tasks.work_out_year.func(*job.args_kwargs["args"])
    DBTaskResult.objects.all().delete()


def test_a_large_year_is_worked_out_in_a_job_for_who_asked(
    worked: list[int], town: Partnership, large: Callable[[], None]
) -> None:
    town.term("fire", "council", [*RISK, DataClass.FIRE], purposes=[Purpose.EVALUATION],
              counts_only=True)  # fmt: skip
    analyst = town.reader("council", Role.ANALYST, Purpose.EVALUATION)
    client = signing_in.sign_in(Client(), town.officer("council", Role.ANALYST), Purpose.EVALUATION)
    asked = "?by=agency&year=2026"
    page, file = f"/casework/outcomes{asked}", f"/casework/export/outcomes.csv{asked}"
    status = f"/casework/outcomes/status.json{asked}"
    direct, written = outcomes(analyst, By.AGENCY, 2026), client.get(file).content

    def body() -> str:
        text = str(client.get(page).content.decode())
        return text[text.find('<h2 class="govuk-heading-m') : text.index("</main>")]

    at_once = body()
    large()
    for _ in range(2):  # asked for once
        waiting = client.get(page).content.decode()
        assert "Being worked out" in waiting
        assert "Cases visited" not in waiting
    assert client.get(file).headers["Location"] == page
    assert client.get(status).json() == {"waiting": True, "step": "Being worked out"}
    assert DBTaskResult.objects.count() == 1
    work()
    assert client.get(status).json()["waiting"] is False
    assert body() == at_once
    when = b" Worked out on 1 June 2026 at 13:00."
    assert when in client.get(file).content
    assert client.get(file).content.replace(when, b"") == written
    found = outcomes(analyst, By.AGENCY, 2026)
    assert replace(found, made_at=None) == direct
    assert found.made_at == NOON
    result: Any = KeptYear.objects.get().result
    assert result["steps"][0][:2] == ["Referrals received", 5]  # of seven
    assert "Worked out for you on 1 June 2026" in client.get(page).content.decode()
    done = Disclosure.objects.filter(officer=analyst.officer).order_by("seq")
    assert {"ask for outcomes", "work out outcomes"} <= set(done.values_list("doing", flat=True))
    for doing in ("look at outcomes", "export outcomes of casework"):
        last = done.filter(doing=doing).last()
        assert last is not None
        assert NOON.isoformat() in last.what

    other = make_officer(town.agencies["council"], Role.ANALYST, "another analyst")
    others = signing_in.sign_in(Client(), other, Purpose.EVALUATION).get(page).content.decode()
    assert "Being worked out" in others
    with pytest.raises(kept.NotYetError):  # for another purpose
        outcomes(replace(analyst, purpose=Purpose.TASKING), By.AGENCY, 2026)
    with pytest.raises(kept.NotYetError):  # with another role
        outcomes(replace(analyst, roles=frozenset({Role.FINANCE})), By.AGENCY, 2026)
    AgreementVersion.objects.update(state=AgreementVersion.State.SUSPENDED)
    assert "Being worked out" in client.get(page).content.decode()
    work()
    assert {step.number for step in outcomes(analyst, By.AGENCY, 2026).steps} == {0}


def test_a_job_that_works_gives_signs_of_life() -> None:
    signs: list[bool] = []
    enough = Event()

    def beat() -> None:
        signs.append(True)
        if len(signs) == 2:
            raise DatabaseError("Invented: locked")
        if len(signs) == 3:
            enough.set()

    with actions.beating(beat, timedelta(milliseconds=1)):
        assert enough.wait(10)
    given = len(signs)
    assert not any(thread.name == "outcomes worked out" for thread in enumerate_threads())
    assert len(signs) == given


def test_what_was_worked_out_goes_after_a_day_and_is_made_again_when_asked(
    worked: list[int], town: Partnership, large: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    large()
    leader = town.reader("fire", Role.TEAM_LEADER)
    client = signing_in.sign_in(Client(), town.officer("fire", Role.TEAM_LEADER))
    page, asked = "/casework/outcomes?by=scheme&year=2026", {"by": "scheme", "year": 2026}

    def shown() -> str:
        return str(client.get(page).content.decode())

    assert "Being worked out" in shown()
    with monkeypatch.context() as broken:
        broken.setattr(actions, "work_out", lambda *_: 1 / 0)
        work()
    assert "It could not be worked out" in shown()
    assert client.post("/casework/outcomes/again", asked).headers["Location"] == page
    row = KeptYear.objects.get()
    tasks.work_out_year.func(row.pk, row.run - 1)  # an earlier run changes nothing
    assert "Being worked out" in shown()
    work()
    assert "Cases visited" in shown()
    Case.objects.filter(pk=worked[1]).update(visited_at=NOON)
    assert outcomes(leader, By.SCHEME, 2026).steps[3].number == 2  # as it was worked out
    client.post("/casework/outcomes/again", asked)
    work()
    assert outcomes(leader, By.SCHEME, 2026).steps[3].number == 3
    keeper = town.reader("fire", Role.DATA_PROTECTION_LEAD)
    listed = make_list(keeper, "Invented list", "Officers of the service are involved")
    client.post("/casework/outcomes/again", asked)
    work()
    assert outcomes(leader, By.SCHEME, 2026).steps[3].number == 3
    with recording(keeper, Kind.ALTERATION, "put a case on a list") as record:
        put_rows(record, listed, [Case.objects.filter(pk=worked[0])])
    with pytest.raises(kept.NotYetError):  # what was worked out before tells of it
        outcomes(leader, By.SCHEME, 2026)
    client.post("/casework/outcomes/again", asked)
    work()
    assert outcomes(leader, By.SCHEME, 2026).steps[3].number == 2
    with clock.frozen(NOON + timedelta(hours=23)):
        assert jobs.let_go() == 0
        assert outcomes(leader, By.SCHEME, 2026).steps
    with clock.frozen(NOON + timedelta(days=1)):
        with pytest.raises(kept.NotYetError):
            outcomes(leader, By.SCHEME, 2026)
        assert jobs.let_go() == 1
    assert not KeptYear.objects.exists()
    actions.ask(leader, By.SCHEME, 2026)
    with clock.frozen(NOON + timedelta(hours=5)):  # it waits in the queue behind others
        assert kept.standing(leader, By.SCHEME, 2026) == "waiting"
    KeptYear.objects.update(alive_at=NOON)
    with clock.frozen(NOON + kept.LOST_AFTER - timedelta(seconds=1)):
        assert kept.standing(leader, By.SCHEME, 2026) == "waiting"
    with clock.frozen(NOON + kept.LOST_AFTER):  # the job was lost with its process
        assert kept.standing(leader, By.SCHEME, 2026) == ""
    Holding.objects.update(until=NOON.date())
    work()
    assert KeptYear.objects.get().state == "failed"  # for who holds no post any more

"""The demonstration's cases: the journeys of the catalogue's schemes, end to end. All invented."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

import signing_in
from triservice.access.errors import Refused
from triservice.agencies.models import Officer
from triservice.casework.cases.queries.view import case_view
from triservice.casework.dashboards.rules import By
from triservice.casework.directory.queries import offered
from triservice.casework.directory.rules import Fit
from triservice.casework.models import (
    Action,
    Case,
    Concern,
    Entry,
    Equipment,
    Need,
    OnwardReferral,
    Plan,
    Referral,
    Visit,
)
from triservice.casework.outcomes.queries.year import outcomes
from triservice.casework.outcomes.rules import year_of
from triservice.casework.plans.queries import plan_view
from triservice.casework.visits import actions as visits
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.web.demo import places
from triservice.web.demo.agreement import make_agreement
from triservice.web.demo.build import ADMINISTRATOR
from triservice.web.demo.casework import make_casework
from triservice.web.demo.people import make_agencies, make_officers, reader


@pytest.mark.long
@pytest.mark.django_db
def test_journeys_end_as_they_should_and_every_worker_opens_every_page() -> None:
    west, east = places.read("directory.toml")["parts"].values()
    agencies = make_agencies([(code, code) for code in (*west, *east)])
    officers = make_officers(agencies)
    make_agreement(agencies, officers)
    assert make_casework(agencies, officers) == 12
    assert Counter(Referral.objects.values_list("state", flat=True)) == {
        "accepted": 8, "declined": 1, "signposted": 1, "need more": 1, "received": 1
    }  # fmt: skip
    assert Counter(Visit.objects.values_list("state", flat=True)) == {
        "done": 4, "planned": 3, "no access": 1
    }  # fmt: skip

    police = Case.objects.get(scheme="police-reassurance-visit")
    falls = Need.objects.get(case=police, kind="falls")
    assert "score 4" in falls.reasons[0]
    assert OnwardReferral.objects.get(case=police, need=falls).state == "accepted"
    assert Equipment.objects.filter(visit__case=police, kind="smoke-alarm").count() == 2
    assert Action.objects.filter(case=police, state="done").count() == 2

    hoarding = Concern.objects.get().case
    assert Need.objects.filter(case=hoarding, kind__in=["clutter", "safeguarding"]).count() == 2
    caller = Case.objects.get(scheme="community-risk-intervention")
    assert OnwardReferral.objects.get(case=caller).state == "completed"

    setters = Case.objects.filter(scheme="fire-setter").order_by("pk")
    agreed, not_agreed = setters
    assert Visit.objects.filter(case=agreed).count() == 1
    kensa = reader(officers["Kensa Trevose"], Purpose.PREVENTION_VISIT)
    with pytest.raises(InputError, match="A parent or guardian has not agreed yet"):
        visits.plan(kensa, not_agreed.pk, clock.now(), key=new_key())
    assert "invented" in case_view(kensa, agreed.pk).row.about.name
    assert not Entry.objects.filter(text__contains="Visit planned", case=not_agreed).exists()

    workers = {Role.OFFICER, Role.TEAM_LEADER, Role.TASKING_LEAD}
    for name in ("Morwenna Tregarth", "Demelza Roskilly", "Wella Uglow"):
        officer = officers[name]
        assert {officer.holdings.get().post.role} <= set(map(str, workers))
        client = signing_in.sign_in(Client(), officer)
        for page in ("", "cases", "triage", "order", "pack", "equipment", "inside"):
            assert client.get(f"/casework/{page}").status_code == 200, (name, page)
        for case in Case.objects.filter(owner=officer.employer_id):
            assert client.get(f"/casework/cases/{case.pk}").status_code == 200

    assert places.make_directory(agencies, officers[ADMINISTRATOR]) == 13
    _services_fit_what_was_found(officers, west[0])
    nessa = reader(officers["Nessa Bray"], Purpose.EVALUATION)
    assert outcomes(nessa, By.AGENCY, year_of(clock.now())).tables  # the finance partner's numbers
    assert places.make_plans(agencies, officers) == 3
    _plans_are_in_three_stages(officers)


def _services_fit_what_was_found(officers: dict[str, Officer], home: str) -> None:
    fell = Case.objects.get(scheme="police-reassurance-visit")
    wella = reader(officers["Wella Uglow"], Purpose.PREVENTION_VISIT)
    assert _fits(wella, fell)["Falls clinic (invented)"] is Fit.NOT_KNOWN  # where she lives
    Case.objects.filter(pk=fell.pk).update(area=home)
    fits = _fits(wella, fell)
    assert fits["Falls clinic (invented)"] is fits["Befriending, west (invented)"] is Fit.FITS
    assert fits["Befriending, east (invented)"] is Fit.NOT
    for case in Case.objects.filter(needs__state="open").distinct():
        worker = reader(Officer.objects.get(pk=case.officer_id or 0), Purpose.PREVENTION_VISIT)
        assert _fits(worker, case), case.scheme


def _plans_are_in_three_stages(officers: dict[str, Officer]) -> None:
    petroc = reader(officers["Petroc Nance"], Purpose.PREVENTION_VISIT)
    with pytest.raises(Refused):  # he is not vetted for what the police lead
        plan_view(petroc, Plan.objects.get(closed_at__isnull=False).pk)
    kitto = reader(officers["Elowen Kitto"], Purpose.PREVENTION_VISIT)
    scanned, answered, closed = (plan_view(kitto, row.pk) for row in Plan.objects.order_by("pk"))
    assert [one.data_class for one in scanned.findings] == ["police", "fire"]
    assert not scanned.responses
    assert [one.state for one in answered.responses] == ["done", "open", "open"]
    assert (closed.row.state, closed.row.outcome, closed.cautions) == ("closed", "reduced", ())
    assert "56% fewer" in closed.measures[0].change
    assert not closed.measures[0].cautions


def _fits(acts: Reader, case: Case) -> dict[str, Fit]:
    return {each.service.name: each.answer.fit for each in offered(acts, case.pk)}

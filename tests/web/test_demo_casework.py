"""The demonstration's cases: the journeys of the catalogue's schemes, end to end. All invented."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

import signing_in
from triservice.casework.cases.queries.view import case_view
from triservice.casework.models import (
    Action,
    Case,
    Concern,
    Entry,
    Equipment,
    Need,
    OnwardReferral,
    Referral,
    Visit,
)
from triservice.casework.visits import actions as visits
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Role
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.web.demo.agreement import make_agreement
from triservice.web.demo.casework import make_casework
from triservice.web.demo.people import make_agencies, make_officers, reader


@pytest.mark.django_db
def test_journeys_end_as_they_should_and_every_worker_opens_every_page() -> None:
    agencies = make_agencies([])
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

"""FHIR R4: a ServiceRequest becomes the same referral as the form's; what is wrong is said."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_referrals import SCHEME

from partnership import Partnership
from triservice.access.tokens.actions import issue
from triservice.access.tokens.rules import Scope
from triservice.casework.fhir.rules import Refusal, read_communication, read_service_request
from triservice.casework.models import AnswerPart, Referral
from triservice.casework.triage.actions import ask_more, decline
from triservice.kernel.access_words import DataClass, Purpose, Reader, Role

REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "intent": "order",
    "identifier": [{"system": "https://records.invented.example/requests", "value": "77"}],
    "code": {"coding": [{"system": "urn:triservice:scheme", "code": SCHEME}]},
    "performer": [{"identifier": {"system": "urn:triservice:agency", "value": "fire"}}],
    "subject": {"reference": "#patient"},
    "supportingInfo": [{"reference": "#answers"}],
    "contained": [
        {
            "resourceType": "Patient",
            "id": "patient",
            "name": [{"given": ["Morwenna"], "family": "Trevanion"}],
            "birthDate": "1948-03-12",
            "telecom": [{"system": "phone", "value": "01632 960001"}],
            "address": [{"line": ["14 Invented Lane"], "city": "Nowhere", "postalCode": "TR1 1AA"}],
        },
        {
            "resourceType": "QuestionnaireResponse",
            "id": "answers",
            "status": "completed",
            "item": [
                {"linkId": "why", "answer": [{"valueString": "She does not hear the bell"}]},
                {"linkId": "more", "item": [
                    {"linkId": "alarms", "answer": [{"valueBoolean": False}]},
                    {"linkId": "fell", "answer": [{"valueCoding": {"code": "yes"}}]},
                ]},
            ],
        },
    ],
}  # fmt: skip


class System:
    """A system of the health trust."""

    def __init__(self, town: Partnership) -> None:
        admin = town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
        made = issue(
            admin, town.agencies["health"], "Invented records", roles=[Role.REFERRER],
            scopes=[Scope.REFERRALS], purposes=[Purpose.PREVENTION_VISIT], days=30,
        )  # fmt: skip
        self.headers = {"Authorization": f"Bearer {made.secret}"}

    def post(self, path: str, body: Any) -> Any:
        return Client().post(
            f"/api/fhir/{path}", json.dumps(body), "application/fhir+json", headers=self.headers
        )

    def get(self, path: str) -> Any:
        return Client().get(f"/api/fhir/{path}", headers=self.headers)


@pytest.fixture
def system(town: Partnership) -> System:
    town.term("fire", "health", [DataClass.RISK])
    return System(town)


def test_a_request_is_the_same_referral_as_the_form(
    system: System, town: Partnership, officer: Reader
) -> None:
    answers = [system.post("ServiceRequest", REQUEST) for _ in range(2)]  # sent twice, kept once
    row = Referral.objects.get()
    for each in answers:
        assert (each.status_code, each["Content-Type"]) == (200, "application/fhir+json")
        assert each.json()["identifier"] == [
            {"system": "urn:triservice:referral", "value": row.reference}
        ]
        assert each.json()["status"] == "received"
    assert (row.tier, row.sender_id, row.submission.door) == (
        "very high", town.agencies["health"].pk, "api",
    )  # fmt: skip
    kept = {part.data_class: part.answers for part in AnswerPart.objects.all()}
    assert kept["identity"]["person"] == {"name": "Morwenna Trevanion", "born": "1948-03-12"}
    assert kept["location"]["address"]["line"] == "14 Invented Lane, Nowhere"
    assert (kept["fire"]["alarms"], kept["health"]["fell"]) == ("no", "yes")


def test_what_is_asked_is_told_and_answered(system: System, officer: Reader) -> None:
    reference = system.post("ServiceRequest", REQUEST).json()["id"]
    assert system.get(f"Communication/{reference}").status_code == 404
    ask_more(officer, Referral.objects.get().pk, "Which floor is it?")
    assert system.get(f"Task/{reference}").json()["status"] == "on-hold"
    asked = system.get(f"Communication/{reference}").json()
    assert asked["payload"] == [{"contentString": "Which floor is it?"}]
    said = {
        "resourceType": "Communication", "status": "completed", "about": asked["about"],
        "payload": [{"contentString": "The ground floor"}],
    }  # fmt: skip
    assert system.post("Communication", said).json()["status"] == "received"
    again = system.post("Communication", said)  # nothing is asked now
    assert (again.status_code, again.json()["resourceType"]) == (422, "OperationOutcome")
    decline(officer, Referral.objects.get().pk, "Somebody looks after her already")
    task = system.get(f"Task/{reference}").json()
    assert (task["status"], task["businessStatus"]["text"]) == ("rejected", "declined")
    assert task["statusReason"]["text"] == "Somebody looks after her already"


def test_another_agency_learns_nothing_of_it(system: System, town: Partnership) -> None:
    reference = system.post("ServiceRequest", REQUEST).json()["id"]
    admin = town.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    other = issue(
        admin, town.agencies["police"], "Another", roles=[Role.REFERRER],
        scopes=[Scope.REFERRALS], purposes=[Purpose.PREVENTION_VISIT], days=30,
    )  # fmt: skip
    system.headers = {"Authorization": f"Bearer {other.secret}"}
    assert system.get(f"Task/{reference}").status_code == 404


def changed(**columns: Any) -> dict[str, Any]:
    return {
        name: value for name, value in (deepcopy(REQUEST) | columns).items() if value is not None
    }


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"status": "draft"}, "status must be active"),
        ({"intent": None}, "intent must be"),
        ({"doNotPerform": True}, "doNotPerform is not taken"),
        ({"identifier": []}, "an identifier of your own"),
        ({"code": {"text": "Falls"}}, "a code of the system"),
        ({"performer": None}, "a performer with"),
        ({"subject": {"reference": "Patient/1"}}, "a contained Patient"),
        ({"modifierExtension": []}, "could change the meaning"),
        ({"shoe": 42}, "R4 has no shoe"),
        ({"resourceType": "Patient"}, "Send a ServiceRequest"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(columns: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        read_service_request(changed(**columns))


def test_what_is_wrong_with_an_answer_is_said_by_question(system: System) -> None:
    wrong = deepcopy(REQUEST)
    wrong["contained"][1]["item"] = [{"linkId": "alarms", "answer": [{"valueString": "maybe"}]}]
    answer = system.post("ServiceRequest", wrong)
    assert answer.status_code == 422
    where = {each["expression"][0]: each["diagnostics"] for each in answer.json()["issue"]}
    assert "maybe" in where["QuestionnaireResponse.item.where(linkId='alarms')"]
    assert "QuestionnaireResponse.item.where(linkId='why')" in where
    for columns in (
        {"code": {"coding": [{"system": "urn:triservice:scheme", "code": "no"}]}},
        {"performer": [{"identifier": {"system": "urn:triservice:agency", "value": "x"}}]},
    ):
        assert system.post("ServiceRequest", changed(**columns)).status_code == 422
    assert not Referral.objects.exists()


NAMES = st.sampled_from([*REQUEST, "reference", "item", "answer"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*REQUEST, "reference", "item", "answer"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(list(REQUEST)), value=json_values)
def test_whatever_is_sent_is_read_or_refused(name: str, value: Any) -> None:
    for read in (read_service_request, read_communication):
        for body in (value, deepcopy(REQUEST) | {name: value}):
            with suppress(Refusal):
                read(body)

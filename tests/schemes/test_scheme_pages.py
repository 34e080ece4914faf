"""Pages and operations of schemes: plain words, a form that every kind of question fits."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from partnership import Partnership, make_partnership
from signing_in import sign_in
from triservice.access.models import Disclosure
from triservice.kernel.access_words import Role
from triservice.schemes import asking, catalogue, exporting, forms

NAMES = catalogue.names()
TRY = "/schemes/home-fire-safety/try/referral"


@pytest.fixture
def partnership(db: None) -> Partnership:
    return make_partnership(terms=False, roles=())


@pytest.fixture
def client(partnership: Partnership) -> Client:
    return sign_in(Client(), partnership.officer("fire", Role.REFERRER))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_list_names_every_scheme(client: Client) -> None:
    said = text_of(client.get("/schemes/"))
    for name in NAMES:
        assert catalogue.scheme(name).summary in said


@pytest.mark.parametrize("name", NAMES)
def test_every_scheme_its_forms_and_its_papers_can_be_shown(client: Client, name: str) -> None:
    scheme = catalogue.scheme(name)
    assert client.get(f"/schemes/{name}").status_code == 200
    for form in scheme.forms.values():
        shown = client.get(f"/schemes/{name}/try/{form.id}")
        assert shown.status_code == 200
        content = shown.content.decode()
        for question in form.questions:
            assert f'id="{asking.first_id(question)}"' in content, question.id
        assert client.get(f"/schemes/{name}/paper/{form.id}").status_code == 200


def test_a_scheme_is_said_in_plain_words(client: Client) -> None:
    said = text_of(client.get("/schemes/home-fire-safety"))
    assert "“Working smoke alarms” is No working alarm, and (“Cannot get out alone” is Yes" in said
    assert "670,000 visits" in said
    assert "From 13 points the risk is very high; from 7 points the risk is high" in said
    assert "Say who can help instead if “Outside the area” is Yes" in said


def test_what_is_not_there_is_not_found(client: Client) -> None:
    for path in ("none", "home-fire-safety/7", "home-fire-safety/try/none", "published"):
        assert client.get(f"/schemes/{path}").status_code == 404


def test_trying_out_shows_what_the_answers_come_to_and_keeps_nothing(client: Client) -> None:
    before = Disclosure.objects.count()
    answer = client.post(
        TRY,
        {
            "person.name": "Ann Example", "person.born.day": "1", "person.born.month": "2",
            "person.born.year": "1938", "address.line": "1 Example Street", "agreed": "yes",
            "officer_danger": "no", "smokers": "yes", "fire_conditions": ["oxygen", "creams"],
            "why": "Burns on the carpet", "outside_area": "no", "business_premises": "no",
        },
    )  # fmt: skip
    said = text_of(answer)
    assert answer.status_code == 200
    assert "Risk Very high" in said
    assert "Home oxygen where somebody smokes" in said
    assert "Triage Take it on" in said
    assert Disclosure.objects.count() == before


def test_errors_are_listed_and_what_was_typed_stays(client: Client) -> None:
    answer = client.post(
        TRY,
        {
            "person.name": "<b>Ann</b>", "person.born.day": "31", "person.born.month": "2",
            "person.born.year": "1938", "address.postcode": "nowhere", "agreed": "maybe",
        },
    )  # fmt: skip
    content = answer.content.decode()
    assert answer.status_code == 422
    assert "Person must be a real date, like 27/3/2026" in content
    assert 'href="#id_person-name"' in content
    assert 'value="&lt;b&gt;Ann&lt;/b&gt;"' in content
    assert 'value="31"' in content
    assert "enter a full UK postcode" in content
    assert "“maybe” is none of: Yes, No, Not known" in content


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_sends_is_what_was_shown(name: str) -> None:
    """Answers, put into the boxes of a page and sent as a browser does, come back the same."""
    import random

    from triservice.schemes.age import sample

    chance = random.Random(name)
    for form in catalogue.scheme(name).forms.values():
        given = {one.id: sample(one, chance) for one in form.questions}
        signed = [one.id for one in form.questions if one.kind == "signature"]
        given |= {name: {"name": "A", "drawing": "M1 2 3 4"} for name in signed}
        values = forms.check(form, given, draft=True).values
        sent = QueryDict(mutable=True)
        for _, _, boxes in asking.layout(form, values, {}).parts:
            for box in boxes:
                _fill(box, sent)
        again = forms.check(form, asking.sent(form, sent), draft=True)
        kept = {k: v for k, v in values.items() if form.by_id[k].kind != "photo"}
        assert {k: v for k, v in again.values.items() if form.by_id[k].kind != "photo"} == kept


def _fill(box: asking.Box, sent: QueryDict) -> None:
    for component, params in [(box.component, box.params), *box.inner]:
        if component in {"radios", "checkboxes"}:
            for item in params["items"]:
                if item["checked"]:
                    sent.appendlist(params["name"], item["value"])
                if "note" in item:
                    sent[item["note"]["name"]] = item["note"]["value"]
        elif component == "date-input":
            for item in params["items"]:
                sent[item["name"]] = item["value"]
        elif "name" in params:
            sent[params["name"]] = params["value"]
        if "drawing" in params:
            sent[f"{params['name']}.drawing"] = params["drawing"]
    for inner in box.reveals.values():
        for one in inner:
            _fill(one, sent)


def test_the_script_of_a_form_cannot_be_broken_out_of() -> None:
    form = catalogue.scheme("home-fire-safety").forms["visit"]
    assert not set("<>&") & set(str(asking.layout(form, {}, {}).script))


def test_a_revealed_question_stands_under_its_answer() -> None:
    form = catalogue.scheme("home-fire-safety").forms["referral"]
    parts = asking.layout(form, {}, {}).parts
    boxes = {box.question.id: box for _, _, each in parts for box in each}
    assert "not_agreed_why" not in boxes
    assert [one.question.id for one in boxes["agreed"].reveals["no"]] == ["not_agreed_why"]


def test_the_schema_of_a_form_says_what_check_takes() -> None:
    schema = exporting.json_schema(catalogue.scheme("home-fire-safety").forms["visit"])
    assert json.loads(json.dumps(schema)) == schema
    assert schema["required"] == [
        "immediate_danger", "smokers", "cannot_escape", "fire_conditions", "alarms",
        "alarms_fitted",
    ]  # fmt: skip
    temperature = schema["properties"]["living_room_temperature"]
    assert temperature["x-data-class"] == "household"
    assert {"type": "number", "minimum": -10, "maximum": 45} in temperature["anyOf"][0]["anyOf"]

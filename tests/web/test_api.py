"""The API end to end: tokens, purposes, problems, and the same answers as pages."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from partnership import NOON, Partnership, make_list, make_partnership
from signing_in import sign_in
from triservice.access.models import AgreementVersion, Disclosure
from triservice.access.problems import CONTENT
from triservice.access.tokens.actions import issue, revoke
from triservice.access.tokens.rules import Scope
from triservice.agencies.models import Agency, Holding, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Purpose, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Person, Premises, RecordPart
from triservice.web.api import rules

REASON = "Invented: she is ill at home and nobody answers the door or the telephone"
ROW = {
    "source_key": "1",
    "kind": "invented record",
    "given_name": "Morwenna",
    "family_name": "Trevanion",
    "date_of_birth": "1948-03-12",
    "uprn": "10000000001",
    "address": "1 Harbour Row",
    "postcode": "TR26 1AA",
    "role": "resident",
}


@pytest.fixture
def made(db: None) -> Any:
    with clock.frozen(NOON):
        yield make_partnership(roles=())


class System:
    """A system of an agency, calling."""

    def __init__(self, made: Partnership, agency: str = "fire", **changed: Any) -> None:
        admin = made.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
        said = {
            "system": "Control room",
            "roles": [Role.OFFICER],
            "scopes": list(Scope),
            "purposes": [Purpose.PREVENTION_VISIT],
            "days": 30,
        } | changed
        self.issued = issue(admin, made.agencies[agency], **said)  # type: ignore[arg-type]
        self.admin, self.client = admin, Client(raise_request_exception=False)

    def get(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.client.get(f"/api/{path}", data, headers=self._headers(headers))

    def post(self, path: str, body: Any, **headers: str) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        kind = "application/json"
        return self.client.post(f"/api/{path}", text, kind, headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        known = {"authorization": f"Bearer {self.issued.secret}"}
        return known | {name.replace("_", "-"): text for name, text in more.items()}


def there(path: str) -> str:
    """Return the address of an operation about a thing of no consequence."""
    things = {
        "key": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "version": "1",
        "number": "1",
        "name": "home-fire-safety",
        "form": "visit",
        "reference": "AAAA-AAAA",
    }
    return path.format(**things)


def told(answer: Any, status: int) -> dict[str, Any]:
    """Return the problem that an answer is."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, CONTENT)
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    return body


def test_a_system_learns_who_it_is(made: Partnership) -> None:
    answer = System(made, roles=[Role.OFFICER, Role.DATA_OWNER]).get("me")
    assert answer.json() == {
        "system": "Control room",
        "agency": "fire",
        "account": "Control room (system of fire)",
        "roles": ["data owner", "officer"],
        "scopes": sorted(Scope),
        "purposes": ["prevention visit"],
        "purpose": "prevention visit",
        "expires_at": "2026-07-01T12:00:00Z",
    }


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer x", "Basic YTpi", "tri_x"])
def test_without_a_token_there_is_nothing(made: Partnership, sent: str) -> None:
    for method, path in rules():
        where = there(path)
        call = Client().get if method == "GET" else Client().post
        answer = call(where, headers={"authorization": sent})
        told(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_a_browser_opens_no_operation(made: Partnership) -> None:
    client = sign_in(Client(), made.officer("fire"))
    told(client.get("/api/me"), 401)


def test_expired_revoked_and_without_a_post_is_401(made: Partnership) -> None:
    late, gone, idle = (System(made, system=name) for name in ("late", "gone", "idle"))
    assert all(each.get("me").status_code == 200 for each in (late, gone, idle))
    with clock.frozen(NOON + timedelta(days=30)):
        told(late.get("me"), 401)
    revoke(gone.admin, gone.issued.pk)
    told(gone.get("me"), 401)
    Holding.objects.filter(officer__tokens=idle.issued.pk).delete()
    assert "holds no post" in told(idle.get("me"), 401)["detail"]
    Officer.objects.filter(tokens=late.issued.pk).update(is_active=False)
    told(late.get("me"), 401)


def test_a_token_calls_what_its_scopes_say(made: Partnership) -> None:
    for scope in Scope:
        others = System(made, system=f"all but {scope}", scopes=[s for s in Scope if s != scope])
        for (method, path), rule in rules().items():
            if rule.scope == scope:
                where = there(path).removeprefix("/api/")
                answer = others.get(where) if method == "GET" else others.post(where, {})
                assert f"scope “{scope}”" in told(answer, 403)["detail"]


def test_the_purpose_is_said_when_there_are_several(made: Partnership) -> None:
    one = System(made)
    two = System(made, system="two", purposes=[Purpose.RESPONSE, Purpose.TASKING])
    asked = {"owner": "police", "data_class": "police"}
    assert one.get("decide", asked).json()["code"] == "term_open"
    assert "Say why you read" in told(two.get("decide", asked), 422)["detail"]
    assert two.get("me").json()["purpose"] == ""
    answer = two.get("decide", asked, triservice_purpose="tasking").json()
    assert (answer["outcome"], answer["code"]) == ("deny", "purpose")
    told(two.get("decide", asked, triservice_purpose="safeguarding"), 403)
    for wrong in ("curiosity", "Tasking", ""):
        told(two.get("decide", asked, triservice_purpose=wrong), 422)
    for wrong in ("x" * 81, "é"):
        told(one.get("me", triservice_person=wrong), 422)


@pytest.mark.parametrize(
    ("owner", "data_class", "outcome", "code"),
    [
        ("fire", "fire", "allow", "own_data"),
        ("police", "police", "allow", "term_open"),
        ("police", "health", "deny", "no_term"),
        ("health", "health", "needs approval", "needs_approval"),
        ("council", "safeguarding", "deny", "never"),
    ],
)
def test_decide_says_what_the_agreements_say(
    made: Partnership, owner: str, data_class: str, outcome: str, code: str
) -> None:
    answer = System(made).get("decide", {"owner": owner, "data_class": data_class}).json()
    assert (answer["outcome"], answer["code"]) == (outcome, code)
    if code == "term_open":
        assert answer["version"] == made.version.pk  # type: ignore[union-attr]


def test_decide_does_not_know_other_agencies_or_words(made: Partnership) -> None:
    system = System(made)
    told(system.get("decide", {"owner": "nobody", "data_class": "police"}), 404)
    wrong = told(system.get("decide", {"owner": "police", "data_class": "gossip"}), 422)
    assert wrong["errors"][0]["where"] == "query.data_class"
    told(system.get("decide", {"owner": "a\x00b", "data_class": "police"}), 422)


def test_records_are_sent_once_and_found_by_who_may(made: Partnership) -> None:
    police, fire = System(made, "police"), System(made, "fire")
    body = {"system": "invented", "rows": [ROW, {"source_key": "2", "shoe_size": 4}]}
    first = police.post("records", body).json()
    assert (first["new"], first["same"]) == (1, 0)
    assert first["put_aside"][0]["row"] == 2
    assert "shoe_size" in first["put_aside"][0]["wrong"][0]
    again = police.post("records", body).json()
    assert (again["new"], again["same"]) == (0, 1)

    found = fire.post("people/search", {"text": "morwenna"}).json()
    assert [one["names"] for one in found["people"]] == [["Morwenna Trevanion"]]
    key = found["people"][0]["key"]
    seen = fire.get(f"people/{key}", triservice_person="A dispatcher").json()
    assert seen["names"][0]["value"] == "Morwenna Trevanion"
    last = Disclosure.objects.latest("seq")
    assert last.officer_name == "Control room (system of fire)"
    assert "for A dispatcher" in last.source
    places = fire.post("premises/search", {"text": "TR26 1AA"}).json()
    place = fire.get(f"premises/{places[0]['key']}").json()
    assert place["uprn"] == "10000000001"

    health = System(made, "health")  # no term opens anything of the police to it
    assert health.post("people/search", {"text": "morwenna"}).json()["people"] == []
    told(health.get(f"people/{key}"), 404)
    told(fire.get(f"people/{Premises().key}"), 404)
    told(fire.get("people/not-a-key"), 404)


def test_what_is_withheld_is_not_in_the_answer(made: Partnership) -> None:
    made.term("council", "police", [DataClass.IDENTITY], fields=["family_name"])
    council, police = made.reader("council"), System(made, "police")
    receive_records(council, made.agencies["council"], "invented", [ROW])
    key = Person.objects.get().key
    answer = police.get(f"people/{key}")
    assert "Trevanion" in answer.content.decode()
    assert "Morwenna" not in answer.content.decode()
    assert "1948" not in answer.content.decode()
    RecordPart.objects.update(restriction=make_list(made.officer("council"), "Few"))
    told(police.get(f"people/{key}"), 404)


def test_on_approval_is_locked_with_whom_to_call(made: Partnership) -> None:
    made.term("health", "police", [DataClass.SOCIAL_CARE], mode=Mode.NEVER)
    health, police = made.reader("health"), System(made, "police")
    receive_records(health, made.agencies["health"], "invented", [ROW])
    answer = police.get(f"people/{Person.objects.get().key}").json()
    assert answer["names"] == []
    assert {(one["data_class"], one["may_ask"]) for one in answer["locked"]} == {
        ("identity", True),
        ("health", True),
    }


def test_agreements_in_force_and_what_they_say(made: Partnership) -> None:
    system = System(made, "fire")
    (row,) = system.get("agreements").json()
    assert (row["title"], row["standing"]) == ("Invented prevention agreement", "in force")
    text = system.get(f"agreements/{row['pk']}").json()
    assert len(text["parties"]) == 5
    assert any(term["mode"] == "on approval" for term in text["terms"])
    AgreementVersion.objects.update(state="suspended")
    assert system.get("agreements").json() == []
    told(system.get("agreements/999"), 404)
    told(system.get(f"agreements/{2**70}"), 404)
    charity = Agency.objects.create(name="Invented charity", short_name="charity", kind="charity")
    made.agencies["charity"] = charity
    told(System(made, "charity").get(f"agreements/{row['pk']}"), 404)  # no party to it


def test_an_owner_reads_who_read_its_data(made: Partnership) -> None:
    police = System(made, "police", system="ours", roles=[Role.DATA_PROTECTION_LEAD])
    fire = System(made, "fire")
    police.post("records", {"system": "invented", "rows": [ROW]})
    key = Person.objects.get().key
    fire.get(f"people/{key}", triservice_person="A dispatcher")
    rows = police.get("disclosures").json()["rows"]
    assert rows[0]["officer_name"] == "Control room (system of fire)"
    assert rows[0]["source"] == ""  # where another agency works is its own affair
    assert rows[0]["ours"] > 0
    told(fire.get("disclosures"), 403)


def test_a_request_for_approval_is_made_and_followed(made: Partnership) -> None:
    health, police = made.reader("health"), System(made, "police")
    receive_records(health, made.agencies["health"], "invented", [ROW])
    until = (NOON + timedelta(days=1)).isoformat()
    wanted = {
        "owner": "health",
        "data_class": "health",
        "subject": str(Person.objects.get().key),
        "case": "C1",
        "why": REASON,
        "told": REASON,
        "until": until,
    }
    number = police.post("requests", wanted).json()["request"]
    page = police.get(f"requests/{number}").json()
    assert (page["row"]["standing"], page["mine"]) == ("waiting", True)
    for other in ("fire", "ambulance"):
        told(System(made, other).get(f"requests/{number}"), 404)
    assert System(made, "health", roles=[Role.CALDICOTT_GUARDIAN]).get(f"requests/{number}").json()
    told(police.post("requests", wanted | {"owner": "nobody"}), 404)
    told(police.post("requests", wanted | {"data_class": "police"}), 403)
    told(police.post("requests", wanted | {"why": "x"}), 422)
    told(police.post("requests", wanted | {"until": "2026-06-02T12:00:00"}), 422)  # which zone?
    told(police.post("requests", wanted | {"until": NOON.isoformat()}), 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff", 400),
        (b'{"text": NaN}', 400),
        (b'{"text": "x", "odd": 1e999}', 400),  # it would be kept as an infinity
        (b'{"text": "x", "odd": ' + b"9" * 5_000 + b"}", 400),
        (b'{"text": "a\\u0000b"}', 400),
        (b'{"text": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b"", 422),
        (b"[]", 422),
        (b'{"text": ""}', 422),
        (b'{"text": "x", "born": "soon"}', 422),
        (b'{"text": "' + b"x" * 201 + b'"}', 422),
        (b'{"text": "' + b"x" * 6_000_000 + b'"}', 413),
    ],
)
def test_what_cannot_be_read_is_a_problem(made: Partnership, body: bytes, status: int) -> None:
    told(System(made).post("people/search", body), status)


def test_addresses_and_methods_that_are_not_there(made: Partnership) -> None:
    system = System(made)
    told(system.get("nothing"), 404)
    answer = system.get("records")
    told(answer, 405)
    assert answer.headers["Allow"] == "POST"
    told(system.client.options("/api/me"), 405)


def test_a_fault_is_a_problem_that_tells_nothing(
    made: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = System(made)

    def broken(*_: object) -> None:
        raise OSError("the record is full")

    monkeypatch.setattr("triservice.access.record._append", broken)
    problem = told(system.post("people/search", {"text": "morwenna"}), 500)
    assert "full" not in str(problem)


def test_too_many_calls_are_429_with_a_time(
    made: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triservice.web.middleware import limits

    few = limits.Limit("api", 2, 60, limits._api)
    monkeypatch.setattr(limits, "LIMITS", (few,))
    system = System(made)
    answers = [system.get("me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    told(answers[2], 429)
    assert int(answers[2].headers["Retry-After"]) <= 60

"""Every address × role × agency × state of the agreement answers as permissions.toml says."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.http.cookie import SimpleCookie
from django.test import Client
from django.urls import resolve
from promised_world import HEALTH_SECRETS, POLICE_SECRETS, STATES, SYSTEM_ROLES, World

from partnership import AGENCIES
from signing_in import sign_in
from triservice.access.pages import Page
from triservice.kernel.access_words import Role
from triservice.web.api import rules
from triservice.web.navigation import declared
from undoing import undone

TABLE = tomllib.loads(Path(__file__).with_name("permissions.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, frozenset[Role]] = {
    name: frozenset(map(Role, roles)) for name, roles in TABLE["groups"].items()
} | {"everyone": frozenset(Role), "anyone": frozenset(Role)}
PAGES: dict[str, dict[str, Any]] = TABLE["pages"]
OPERATIONS: dict[str, dict[str, Any]] = TABLE["operations"]
CLOSED = {name: each for name, each in PAGES.items() if each["who"] != "anyone"}
HOLD = ("police", "health")  # who sent something: they see their own in every state
SECRETS = (*POLICE_SECRETS, *HEALTH_SECRETS)


def ask(client: Client, method: str, address: str) -> Any:
    """Ask, with nothing sent; what it did is undone, also to the session."""
    before = copy.deepcopy(client.cookies)
    try:
        with undone():
            return getattr(client, method)(address)
    finally:
        client.cookies = SimpleCookie(before)


def test_the_table_has_every_page_with_the_rule_that_it_declares() -> None:
    pages = {name: (p, rule) for name, p, rule in declared() if not hasattr(p.callback, "guard")}
    assert sorted(PAGES) == sorted(pages)
    for name, (_, rule) in pages.items():
        assert isinstance(rule, Page), f"{name} declares no rule"
        said = PAGES[name]
        assert rule.public is (said["who"] == "anyone"), name
        if not rule.public:
            assert (rule.roles or frozenset(Role)) == GROUPS[said["who"]], name
            assert rule.purpose is said.get("why", False), name


def test_the_table_has_every_operation_with_the_rule_that_it_declares() -> None:
    assert sorted(OPERATIONS) == sorted(f"{method} {path}" for method, path in rules())
    for (method, path), rule in rules().items():
        said = OPERATIONS[f"{method} {path}"]
        assert (rule.roles or frozenset(Role)) == GROUPS[said["who"]], path
        assert rule.scope == said.get("scope"), path
        assert rule.purpose is said.get("why", False), path


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_gets_to_sign_in_and_no_further(world: World, method: str) -> None:
    for name, said in PAGES.items():
        answer = ask(Client(), method, world.address(name, said.get("about", [])))
        if said["who"] == "anyone":
            assert answer.status_code == said[method], name
        else:
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith("/accounts/sign-in/?"), name
        assert not any(
            secret in answer.content.decode() for secret in SECRETS if not answer.streaming
        )


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_without_its_second_step_gets_no_further(world: World, method: str) -> None:
    client = Client()
    client.force_login(world.made.officer("police"))
    for name, said in CLOSED.items():
        if not name.startswith(("account_", "mfa_")):
            answer = ask(client, method, world.address(name, said.get("about", [])))
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith("/accounts/"), name


@pytest.mark.long
@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_the_table_says(world: World, role: Role) -> None:
    client = world.client("police", role)
    wrong = []
    for number, (name, said) in enumerate(CLOSED.items()):
        address = world.address(name, said.get("about", []))
        for method in METHODS[role in GROUPS[said["who"]], said["who"] == "everyone", number % 2]:
            answer = ask(client, method, address)
            if answer.status_code != (wanted := expected(said, role, method)):
                wrong.append(f"{method} {name}: {answer.status_code}, the table says {wanted}")
    assert not wrong, f"{role}: " + "\n".join(wrong)


# One who may not is refused before the method counts: half of the pages are asked by each. What is
# for everyone answers everyone alike: posts are asked by the roles of groups.
METHODS = {
    (may, all_may, odd): ("get", "post") if may and not all_may else ("post",) if odd else ("get",)
    for may in (True, False)
    for all_may in (True, False)
    for odd in (0, 1)
}


def expected(said: dict[str, Any], role: Role, method: str) -> int:
    """Return the status that the table says a role gets."""
    if role not in GROUPS[said["who"]]:
        return 403
    get, post = said.get("but", {}).get(role, (said["get"], said["post"]))
    return int(get if method == "get" else post)


def test_a_page_that_wants_a_purpose_asks_for_it_first(world: World) -> None:
    for role in Role:
        client = world.client("police", role)
        session = client.session
        session["purpose"] = ""
        session.save()
        for name, said in CLOSED.items():
            if role in GROUPS[said["who"]] and said.get("why"):
                answer = ask(client, "get", world.address(name, said.get("about", [])))
                assert answer.headers["Location"].startswith("/access/purpose?"), name


def send(world: World, name: str, agency: str, role: Role, about: str | None = None) -> Any:
    method, path = name.split()
    said = OPERATIONS[name]
    key = about or said.get("about")
    where = re.sub("{.*}", str(world.args[key]), path) if key else path
    world.token(agency, role)
    sent = {name: _thing(world, value) for name, value in said.get("send", {}).items()}
    with undone():
        return world.call(method, where, agency, role, sent or None)


def _thing(world: World, value: Any) -> Any:
    """Return what is sent; "{list}" is the number of the world's list."""
    named = isinstance(value, str) and value.startswith("{")
    return world.args[value.strip("{}")] if named else value


@pytest.mark.parametrize("role", SYSTEM_ROLES)
def test_each_system_calls_what_the_table_says(world: World, role: Role) -> None:
    for name, said in OPERATIONS.items():
        wanted = said["status"] if role in GROUPS[said["who"]] else 403
        wanted = said.get("but", {}).get(role, wanted)
        assert send(world, name, "police", role).status_code == wanted, name


@pytest.fixture(scope="module")
def signed_in(whole_world: World) -> World:
    """Sign an officer of each agency in, and give its system a token, once for all states."""
    return World(
        whole_world.made,
        tokens={(agency, Role.OFFICER): whole_world.issued(agency) for agency in AGENCIES},
        clients={
            (agency, Role.OFFICER): sign_in(Client(), whole_world.made.officer(agency))
            for agency in AGENCIES
        },
    )


@pytest.fixture
def watched(signed_in: World, world: World) -> World:
    """The world with those who are signed in; `ask` and `send` leave them as they were."""
    world.tokens |= signed_in.tokens
    world.clients |= signed_in.clients
    return world


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("thing", TABLE["things"], ids=lambda thing: str(thing["about"]))
def test_who_learns_of_a_thing_in_which_state(
    watched: World, thing: dict[str, Any], state: str
) -> None:
    """By page and by operation; whoever does not gets the answer of what is not there."""
    world = watched
    world.let(state)
    args = [thing["about"]]
    for agency in AGENCIES:
        known = agency in thing["always"] or (agency in thing["in_force"] and state == "in force")
        told = agency in thing["tells"] and (agency in HOLD or state == "in force")
        answers = {
            name: ask(world.client(agency), "get", world.address(name, args))
            for name in thing["pages"]
        } | {
            name: send(world, name, agency, Role.OFFICER, thing["about"])
            for name in thing["operations"]
        }
        for name, answer in answers.items():
            assert answer.status_code == (200 if known else 404), f"{name} {agency}"
            if not told:
                shown = answer.content.decode()
                assert not [word for word in SECRETS if word in shown], f"{name} {agency}"


def test_what_is_hidden_answers_as_what_is_not_there(world: World) -> None:
    """The page of a person whom one may not know of is the page of nobody, to the letter."""
    client = world.client("health")

    def page(name: str) -> str:
        address = world.address("subjects:person", [name])
        answer = ask(client, "get", address)
        assert answer.status_code == 404
        return str(answer.content.decode()).replace(str(world.args[name]), "")

    assert page("person") == page("nobody")


def test_the_matrix_asks_pages_of_this_application(world: World) -> None:
    for name, said in PAGES.items():
        assert resolve(world.address(name, said.get("about", []))).view_name == name

"""Every operation of the API has a rule, and stands on its page and in its schema."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partnership import NOON, Partnership, make_partnership
from signing_in import sign_in
from triservice.kernel import clock
from triservice.web.api import api, rules, schema, urlpatterns


@pytest.fixture
def made(db: None) -> Any:
    with clock.frozen(NOON):
        yield make_partnership(roles=())


def test_an_operation_without_a_rule_is_not_there(made: Partnership) -> None:
    from ninja import NinjaAPI, Router

    from triservice.access.api_rules import TokenAuth, guard_views

    router = Router()
    ran = []
    router.get("/bare")(lambda request: ran.append(1))
    bare = NinjaAPI(auth=TokenAuth(), openapi_url=None, docs_url=None)
    bare.add_router("", router)
    (pattern,) = [p for p in bare.urls[0] if p.name != "api-root"]
    guard_views([pattern])
    from django.test import RequestFactory

    assert pattern.callback.guard(RequestFactory().get("/bare")).status_code == 404
    pattern.callback(RequestFactory().get("/bare"))
    assert ran == []


def test_every_operation_is_guarded_and_described() -> None:
    guarded = [p for p in urlpatterns if hasattr(p.callback, "guard")]
    assert len(guarded) == len(urlpatterns) - 2  # the two pages
    known = {method for p in guarded for method in p.callback.guard.rules}
    assert known == {"GET", "POST"}
    operations = [
        each
        for bound in api._get_bound_routers()
        for view in bound.path_operations.values()
        for each in view.operations
    ]
    views = {str(p.pattern): p.callback for p in guarded}  # one address, several methods
    assert len(operations) == len(rules()) == sum(len(v.guard.rules) for v in views.values())
    assert all(schema()["paths"][path][method.lower()] for method, path in rules())


def test_the_page_and_the_schema_are_for_officers(made: Partnership) -> None:
    for name in ("api", "api_schema"):
        answer = Client().get(reverse(name))
        assert answer.status_code == 302
    client = sign_in(Client(), made.officer("fire"))
    page = client.get(reverse("api")).content.decode()
    for (method, path), rule in rules().items():
        assert f"{method} {path}" in page
        assert rule.title in page
    assert page.count("<script") == page.count('src="/static/triservice.js"') + 1  # the template's
    assert client.get(reverse("api_schema")).json() == schema()

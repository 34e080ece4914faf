"""Signing in and the workforce in a real browser: accessible, on a phone, by passkey."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from axe import assert_accessible
from browsing import PHONE
from partnership import FAR_AHEAD, LONG_AGO, Partnership, make_partnership
from triservice.agencies import actions
from triservice.agencies.models import Holding
from triservice.kernel.access_words import Purpose, Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "three invented words"


@pytest.fixture
def made() -> Partnership:
    """An invented partnership whose fire service has contacts, areas, powers and a leaver."""
    made = make_partnership(terms=False)
    fire, police = made.agencies["fire"], made.agencies["police"]
    actions.set_contact(None, fire, "data protection lead", name="Dee", email="dee@fire.example")
    area = actions.add_area(None, kind="county", code="E1", name="Penroseshire")
    actions.cover_area(None, fire, area, since=LONG_AGO)
    officer = made.officer("fire")
    actions.grant_power(
        None, officer, "csas.alcohol-designated-place", agency=police, until=FAR_AHEAD
    )
    actions.record_training(None, officer, until=None, why="Certificate not found")
    actions.leave(None, made.officer("fire", Role.ANALYST))
    return made


def test_the_pages_are_accessible_on_a_phone(made: Partnership, visit: Callable[..., Any]) -> None:
    admin = made.officer("fire", Role.ADMINISTRATOR)
    holding = Holding.objects.get(officer=made.officer("fire"))
    page = visit(reverse("agencies:agencies"), admin, Purpose.ADMINISTRATION, PHONE)
    origin = re.match(r"https?://[^/]+", page.url).group(0)  # type: ignore[union-attr]
    for name, args in (
        ("agencies", []),
        ("agency", [made.agencies["fire"].pk]),
        ("post", [holding.post_id]),
        ("people", []),
        ("officer", [holding.officer_id]),
        ("account", []),
        ("due", []),
        ("leavers", []),
        ("changes", []),
        ("services", []),
    ):
        page.goto(origin + reverse(f"agencies:{name}", args=args))
        assert page.locator("h1").count() == 1, name
        assert_accessible(page)


def test_a_new_officer_signs_in_with_a_password_then_a_passkey(
    made: Partnership, visit: Callable[..., Any]
) -> None:
    officer = made.officer("fire", Role.ADMINISTRATOR)
    officer.set_password(PASSWORD)
    officer.save()
    page = visit(reverse("account_login"), viewport=PHONE)
    key(page)
    assert_accessible(page)
    page.get_by_label("E-mail address").fill(officer.email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Set up a second step").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Use an authenticator app").click()
    page.get_by_role("heading", name="Add an authenticator app").wait_for()
    assert page.locator("img").evaluate("image => image.naturalWidth") > 0  # the policy lets it
    assert_accessible(page)
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("What you call it").fill("Work phone")
    page.get_by_label("Sign in with it alone").check()
    assert_accessible(page)
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    assert page.locator(".app-codes code").count() == 10
    assert_accessible(page)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("heading", name="What do you need to do?").wait_for()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="What do you need to do?").wait_for()

    page.goto(page.url.rstrip("/") + reverse("mfa_index"))
    assert_accessible(page)
    assert "Work phone" in page.goto(page.url + "passkeys/").text()
    assert_accessible(page)


def key(page: Any) -> None:
    """Give the browser a key that has a passkey's abilities and whose owner is always there."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    abilities = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": abilities})

"""Fixtures of the workforce: two invented agencies, their posts, and an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from invented_workforce import NOW, TODAY

from triservice.agencies import actions
from triservice.agencies.models import Agency, Holding, Officer, Post
from triservice.agencies.sign_in import mailing
from triservice.kernel.access_words import Role
from triservice.kernel.clock import frozen


@pytest.fixture(autouse=True)
def _mail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let messages about signing in be sent before the answer, so that a test can look at them."""
    at_once = SimpleNamespace(submit=lambda send, message: send(message))
    monkeypatch.setattr(mailing, "_SENDERS", at_once)


@pytest.fixture
def at_nine() -> Iterator[None]:
    """Hold the clock at nine on 27 March 2026."""
    with frozen(NOW):
        yield


@pytest.fixture
def people(db: None, at_nine: None) -> SimpleNamespace:
    """Return an invented police force and fire service, an administrator and two officers."""
    police = Agency.objects.create(name="Penrose Police", short_name="Police", kind="police")
    fire = Agency.objects.create(name="Penrose Fire", short_name="Fire", kind="fire")

    def officer(name: str, employer: Agency, role: Role | None = None) -> Officer:
        email = f"{name.lower()}@{employer.short_name.lower()}.example"
        made = Officer.objects.create_user(email, name=name, employer=employer)
        if role:
            post = Post.objects.create(title=f"{role} {name}", agency=employer, role=role)
            Holding.objects.create(officer=made, post=post, since=TODAY)
        return made

    return SimpleNamespace(
        police=police,
        fire=fire,
        admin=officer("Ada", fire, Role.ADMINISTRATOR),
        leader=officer("Lee", fire, Role.TEAM_LEADER),
        officer=officer("Oz", fire, Role.OFFICER),
        other=officer("Pat", police, Role.OFFICER),
        post=actions.create_post(None, title="Tri-service officer", agency=fire, role=Role.OFFICER),
    )

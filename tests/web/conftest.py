"""Fixtures of the web tests: an invented officer, signed in with both steps."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from browsing import browser, visit  # noqa: F401
from signing_in import sign_in
from triservice.agencies.models import Agency, Holding, Officer, Post
from triservice.kernel.access_words import Role


@pytest.fixture
def officer(db: None) -> Officer:
    """Return an invented tri-service officer with a long name."""
    fire = Agency.objects.create(name="Penrose Fire and Rescue", short_name="Fire", kind="fire")
    name = "Wilhelmina Featherstonehaugh-Cholmondeley-Invented"
    made = Officer.objects.create_user("w@penrose.example", name=name, employer=fire)
    post = Post.objects.create(title="Tri-service officer", agency=fire, role=Role.OFFICER)
    Holding.objects.create(officer=made, post=post, since=date(2020, 1, 1))
    return made


@pytest.fixture
def signed_in(officer: Officer) -> Client:
    """Return a browser in which that officer has signed in for prevention visits."""
    return sign_in(Client(raise_request_exception=False), officer)

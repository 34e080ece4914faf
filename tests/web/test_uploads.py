"""A stranger who sends files fills no disk."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.test import Client

import signing_in
from partnership import make_partnership
from triservice.kernel.access_words import Role
from triservice.schemes import catalogue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("size", [10, 3_000_000], ids=["small", "large"])
def test_a_file_is_refused_before_any_of_it_is_kept(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []

    def keep(self: Any, name: str, *_: Any, **__: Any) -> None:
        kept.append(name)

    for handler in (MemoryFileUploadHandler, TemporaryFileUploadHandler):
        monkeypatch.setattr(handler, "new_file", keep)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.get("/accounts/sign-in/")  # whoever has its cookie has the form read for its token
    sent = {"login": "a@invented.example", "any": SimpleUploadedFile("a.bin", b"x" * size)}
    answer = client.post("/accounts/sign-in/", sent)
    assert answer.status_code == 400
    assert b"There is a problem with what was sent" in answer.content
    assert kept == []


def test_a_form_without_files_may_be_sent_in_parts() -> None:
    answer = Client().post("/accounts/sign-in/", {"login": "a@invented.example", "password": "x"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("role", "size", "status"),
    [(Role.REFERRER, 10, 422), (Role.REFERRER, 3_000_000, 422), (Role.REFERRER, 5_000_000, 400),
     (Role.ANALYST, 10, 403)],
)  # fmt: skip
def test_a_page_that_takes_a_file_takes_one_from_who_may_open_it(
    role: Role, size: int, status: int
) -> None:
    made = make_partnership(terms=False, roles=())
    client = signing_in.sign_in(Client(raise_request_exception=False), made.officer("police", role))
    scheme = catalogue.scheme("home-fire-safety")
    to = made.agencies[scheme.lead].pk
    sent = SimpleUploadedFile("a.csv", b"x" * size)
    answer = client.post(f"/casework/refer/home-fire-safety/{to}/sheet", {"sheet": sent})
    assert answer.status_code == status
    if size > 2 * 1024 * 1024 and status == 422:
        assert b"larger than 2 MB" in answer.content

"""A stranger who sends files fills no disk."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.test import Client

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

"""A partnership whose fire officer has a phone, and a home to visit. Everything is invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from invented_home import Home, register
from model_phone import ModelPhone

from partnership import NOON, Partnership, make_partnership
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Reader
from triservice.offline.actions.phones import set_up


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@dataclass
class Shift:
    """The partnership, the officer who works, and a home."""

    made: Partnership
    reader: Reader
    home: Home

    def phone(self, name: str = "Phone", officer: str = "fire") -> ModelPhone:
        reader = self.made.reader(officer)
        phone, key = set_up(reader, name)
        return ModelPhone(reader, phone, key)


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """The kinds and the part of the pack of these tests, and a folder for photographs."""
    register(monkeypatch.setitem)
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def shift(db: None, at_noon: None, invented: None) -> Shift:
    made = make_partnership(roles=())
    home = Home.objects.create(
        owner=made.agencies["fire"], data_class=str(DataClass.HOUSEHOLD), name="Rose Cottage",
        said={"alarms": 0, "heating": "not known"},
    )  # fmt: skip
    return Shift(made, made.reader("fire"), home)

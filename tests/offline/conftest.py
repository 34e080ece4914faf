"""A partnership whose fire officer has a phone, and a home to visit. Everything is invented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invented_home import Home, register
from invented_shift import Shift

from partnership import NOON, make_partnership
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass
from triservice.offline.kinds import PARTS


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Only the kinds and the part of the pack of these tests, and a folder for photographs."""
    for name in list(PARTS):
        monkeypatch.delitem(PARTS, name)
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

"""Fixtures of the picture tests: an invented partnership and sources of a lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invented_pictures import CLASS_OF, make_source

from browsing import browser, visit  # noqa: F401
from partnership import NOON, Partnership, make_partnership
from triservice.kernel import clock
from triservice.picture.models import LakeSource


@pytest.fixture
def at_noon() -> Iterator[None]:
    """Hold the clock at the moment at which the tests read."""
    with clock.frozen(NOON):
        yield


@pytest.fixture
def bare(db: None, at_noon: None) -> Partnership:
    """The invented partnership with an agreement in force and no terms."""
    return make_partnership(terms=False, roles=())


@pytest.fixture
def feeds(bare: Partnership) -> dict[str, LakeSource]:
    """One source of events for each of four agencies."""
    return {kind: make_source(bare, kind) for kind in CLASS_OF}


@pytest.fixture(scope="session")
def invented_lake_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of an invented county, made once."""
    from triservice.analysis.example.demo import invented_lake

    folder = tmp_path_factory.mktemp("picture") / "lake"
    invented_lake(folder, events=4_000)
    return folder


@pytest.fixture
def lake(settings: Any, invented_lake_folder: Path) -> Path:
    """The lake, named by the setting."""
    settings.LAKE = invented_lake_folder
    return invented_lake_folder

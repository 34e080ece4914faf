"""A lake of the invented county, for the commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from triservice.analysis.lake.store import Lake
from triservice.analysis.synthetic import SyntheticCounty, synthetic_county


@pytest.fixture
def invented() -> SyntheticCounty:
    """A small county over sixteen weeks."""
    return synthetic_county(6, days=112, size_km=20, events=4_000, near_repeat_days=7)


@pytest.fixture
def invented_lake(invented: SyntheticCounty, lake_of: Callable[..., Lake]) -> Lake:
    """The invented county as a lake."""

    def utc(moment: Any) -> datetime:
        return moment.astype(datetime).replace(tzinfo=UTC)

    columns = zip(
        invented.service,
        invented.category,
        invented.time_from,
        invented.time_to,
        invented.easting,
        invented.northing,
        strict=True,
    )
    return lake_of(
        [
            {
                "service": str(service),
                "category": str(category),
                "time_from": utc(start),
                "time_to": utc(end),
                "easting": float(x),
                "northing": float(y),
            }
            for service, category, start, end, x, y in columns
        ]
    )

"""What is in a lake, from the records of its imports: nothing is read but small files."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from triservice.analysis.lake.breaks import series_of, unusual
from triservice.analysis.lake.store import ImportRecord, Lake


def contents(lake: Lake) -> dict[str, Any]:
    """Return the lake's settings, its sources, breaks in their series, boundaries and areas.

    {"crs", "time_zone", "events", "sources": {name: {"events", "first", "last", "services":
    {service: events}, "months", "imports", "rows_read", "quarantined", "duplicates",
    "without_coordinates", "outside", "unmapped_categories", "files"}}, "breaks",
    "missing_months", "boundaries", "areas"}; times are ISO on the lake's clock.
    """
    records = lake.imports()
    breaks, gaps = unusual(series_of(records))
    names = list(dict.fromkeys(record.source for record in records))
    return {
        "lake": str(lake.root),
        "crs": lake.settings.crs,
        "time_zone": lake.settings.time_zone,
        "events": sum(record.accepted for record in records),
        "sources": {
            name: _source([r for r in records if r.source == name], lake.settings.time_zone)
            for name in sorted(names)
        },
        "breaks": [found.as_json() for found in breaks],
        "missing_months": [gap.as_json() for gap in gaps],
        "boundaries": _names(lake, "boundaries"),
        "areas": _names(lake, "areas"),
    }


def _source(records: list[ImportRecord], zone: str) -> dict[str, Any]:
    services: Counter[str] = Counter()
    months: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    unmapped: Counter[str] = Counter()
    for record in records:
        for service, counts in record.months.items():
            services[service] += sum(counts.values())
            months.update(counts)
        quarantined.update(record.quarantined)
        unmapped.update(record.unmapped)
    return {
        "events": sum(r.accepted for r in records),
        "first": local(min((r.first for r in records if r.first), default=None), zone),
        "last": local(max((r.last for r in records if r.last), default=None), zone),
        "services": dict(sorted(services.items())),
        "months": dict(sorted(months.items())),
        "imports": len(records),
        "rows_read": sum(r.rows_read for r in records),
        "quarantined": dict(quarantined),
        "duplicates": sum(r.duplicates for r in records),
        "without_coordinates": sum(r.without_coordinates for r in records),
        "outside": sum(r.outside for r in records),
        "unmapped_categories": dict(unmapped.most_common()),
        "files": [r.file for r in records],
    }


def local(moment: str | None, zone: str) -> str | None:
    """Return an ISO time in UTC as one on the clock of `zone`."""
    if moment is None:
        return None
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).isoformat()


def _names(lake: Lake, folder: str) -> list[str]:
    found = (lake.root / folder).glob("*")
    return sorted({path.name.split(".")[0] for path in found if not path.name.startswith(".")})

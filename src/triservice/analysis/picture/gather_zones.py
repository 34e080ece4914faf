"""Risk zones of a service whose events repeat near by, as of its latest event."""

from __future__ import annotations

import numpy as np

from triservice.analysis.near_repeat.incidents import Incidents, local_times
from triservice.analysis.near_repeat.patrols import PatrolArea, patrol_areas
from triservice.analysis.near_repeat.presets import load_rule
from triservice.analysis.near_repeat.zones import Zones, risk_zones
from triservice.analysis.picture import words
from triservice.analysis.picture.model import Finding
from triservice.analysis.picture.near_model import PatrolRow, ZoneLevel, ZoneMap
from triservice.analysis.picture.suppress import hide_small
from triservice.analysis.place.point_names import point_names
from triservice.kernel.words import many

TOP = 10  # patrol areas in the table


def gather_zones(
    incidents: Incidents, what: str, below: int, sources: tuple[str, ...]
) -> ZoneMap | None:
    """Return the zones of `incidents`; None when none of them has enough events to be shown.

    A zone is drawn round every event, so one with few behind it points at them: patrol areas with
    fewer events than `below` are counted and not drawn.
    """
    zones = risk_zones(
        incidents.easting,
        incidents.northing,
        incidents.start,
        as_of=incidents.end.max(),
        rule=load_rule(),
        end=incidents.end,
    )
    areas = patrol_areas(zones, incidents)
    few = hide_small(np.array([len(area.events) for area in areas]), below, ())
    shown = [area for area, hide in zip(areas, few, strict=True) if not hide]
    if not shown:
        return None
    names = point_names(np.array([area.centre for area in shown]), incidents.crs)
    top = zip(shown[:TOP], names[:TOP], strict=True)
    return ZoneMap(
        as_of=_moment(zones, incidents),
        rule=zones.rule.title,
        levels=tuple(
            ZoneLevel(
                level.name, level.colour, level.label, sum(a.level == level.name for a in shown)
            )
            for level in reversed(zones.rule.levels)
        ),
        patrols=tuple(_row(area, name) for area, name in top),
        drawn=len(shown),
        few=int(few.sum()),
        findings=tuple(Finding(text, sources=sources) for text in _findings(zones, shown, what)),
        sources=sources,
        shapes=tuple((area.level, area.polygon) for area in shown),
    )


def _row(area: PatrolArea, name: str) -> PatrolRow:
    return PatrolRow(
        rank=area.rank,
        where=name,
        easting=round(area.centre[0], 1),
        northing=round(area.centre[1], 1),
        level=area.level,
        km2=round(area.area_km2, 3),
        events=len(area.events),
        hours=f"{area.peak_from:02d}:00 to {area.peak_to:02d}:00",
        share=area.peak_share,
    )


def _moment(zones: Zones, incidents: Incidents) -> str:
    """Return the moment of the zones on the clock of the place: '31 May 2016, 11:08'."""
    local = str(local_times(np.array([zones.as_of]), incidents.time_zone)[0])
    return f"{words.day_name(local[:10])}, {local[11:16]}"


def _findings(zones: Zones, shown: list[PatrolArea], what: str) -> list[str]:
    km2 = sum(area.area_km2 for area in shown)
    behind = len({event for area in shown for event in area.events})
    days = zones.rule.window_days
    return [
        f"{len(zones.events):,} {what} of the last {days:g} days give zones; {behind:,} of them "
        f"lie behind the {many(len(shown), 'place')} drawn, {km2:.1f} km² in all.",
        "A zone says where events were, not who was there. Test the zones on the past before "
        "anyone is sent: “triservice backtest”.",
    ]

"""The one schema of an event of any service, column by column.

This table is the definition: the writer, the reader, the documentation and the tests use it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

UTC_TIME = pa.timestamp("us", tz="UTC")
TIME_PRECISIONS = ("second", "minute", "hour", "day", "month")
LOCATION_PRECISIONS = ("exact", "snapped", "grid", "area", "none")


@dataclass(frozen=True)
class Column:
    """One column of the event table."""

    name: str
    type: pa.DataType
    unit: str
    nullable: bool
    meaning: str


EVENT_COLUMNS: tuple[Column, ...] = (
    Column(
        "event_id",
        pa.uint64(),
        "",
        False,
        "Identity of the event in this lake: a hash of source and source_id, or, where the source "
        "gives no identifier, of the whole row and its occurrence number in the file.",
    ),
    Column("service", pa.string(), "", False, "police, fire, ambulance, health or council."),
    Column("source", pa.string(), "", False, "Name of the mapping that read it, e.g. police-uk."),
    Column("source_id", pa.string(), "", True, "The identifier in the source, as it came."),
    Column("source_row", pa.int64(), "row", False, "Row in the file, header excluded, from 1."),
    Column("import_id", pa.string(), "", False, "The import that brought it; names the file."),
    Column("month", pa.string(), "YYYY-MM", False, "Local month of time_from; the partition."),
    Column("time_from", UTC_TIME, "UTC", False, "Earliest time at which it may have happened."),
    Column(
        "time_to",
        UTC_TIME,
        "UTC",
        False,
        "First moment at which it can no longer have happened (equal to time_from when exact): "
        "an aoristic span when it lies later than the precision explains.",
    ),
    Column("time_precision", pa.string(), "", False, " / ".join(TIME_PRECISIONS) + "."),
    Column("called_at", UTC_TIME, "UTC", True, "Call answered."),
    Column("mobilised_at", UTC_TIME, "UTC", True, "First resource mobilised."),
    Column("en_route_at", UTC_TIME, "UTC", True, "First resource moving."),
    Column("arrived_at", UTC_TIME, "UTC", True, "First resource at the scene."),
    Column("closed_at", UTC_TIME, "UTC", True, "Incident closed."),
    Column("category", pa.string(), "", False, "Common vocabulary; see categories.toml."),
    Column("source_category", pa.string(), "", True, "The source's own words."),
    Column("severity", pa.float64(), "", True, "Severity weight when the source carries one."),
    Column("easting", pa.float64(), "m", True, "In the lake's projected system, EPSG:27700."),
    Column("northing", pa.float64(), "m", True, "In the lake's projected system, EPSG:27700."),
    Column("location_precision", pa.string(), "", False, " / ".join(LOCATION_PRECISIONS) + "."),
    Column("area_code", pa.string(), "", True, "Area code stated by the source."),
    Column("area_vintage", pa.string(), "", True, "Unit and year of area_code, e.g. lsoa11."),
    Column("uprn", pa.string(), "", True, "Unique Property Reference Number."),
    Column("outcome", pa.string(), "", True, "The source's last outcome."),
)

EVENT_SCHEMA = pa.schema([pa.field(c.name, c.type, c.nullable) for c in EVENT_COLUMNS])

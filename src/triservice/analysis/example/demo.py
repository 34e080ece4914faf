"""The demonstration: lakes from what comes with the package, and the pictures of them.

Cornwall is real: open data, counted (cornwall/ATTRIBUTION.md). Public crime data carry no day, so
near repeats cannot be shown with them; for that there is an invented county beside it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triservice.analysis.lake.store import Lake
from triservice.analysis.picture.options import Options, read_places

if TYPE_CHECKING:
    from triservice.analysis.lake.areas import Worse
    from triservice.analysis.picture.model import Picture
    from triservice.analysis.synthetic import SyntheticCounty

Tell = Callable[[str], None]
COUNTY, INVENTED = "Cornwall", "Examplia"
SINCE, UNTIL = "2018-10", "2019-02"  # the months beside the fires of 2016–18 and IoD 2019
# name, unit, code column, value column, which end is worse
STATISTICS: tuple[tuple[str, str, str, str, Worse], ...] = (
    ("health", "lsoa11", "lsoa11_code", "Health_rank", "low"),
    ("dwelling-fires", "msoa11", "MSOA11CD", "Number of fires (three-year average)", "high"),
    ("population", "lsoa11", "lsoa11_code", "total_population", "high"),
)
INVENTED_EVENTS, INVENTED_AREAS = 20_000, 64


def folder() -> Path:
    """Return the folder of the example's files."""
    return Path(str(resources.files("triservice.analysis.example")))


def write_demo(out: Path, tell: Tell = lambda _: None) -> tuple[Picture, list[Path]]:
    """Write both pictures into `out`, the lakes they are made of beside them.

    Running it again uses the lakes that are there. Returns the picture of the real county and its
    files.
    """
    from triservice.analysis.picture.files import write_files
    from triservice.analysis.picture.gather import gather

    lake, invented = fill_lakes(out, tell)
    options = Options(
        within=COUNTY,
        since=SINCE,
        until=UNTIL,
        places=read_places(folder() / "cornwall" / "places.csv"),
        commands=("triservice demo --out demo",),
        related=(
            (
                "invented/index.html",
                "The same report of an invented county, whose events have exact times",
            ),
        ),
    )
    found = gather(lake, options, tell)
    written = write_files(found, out, tell)
    made_up = gather(invented, invented_options(), tell)
    write_files(made_up, out / "invented", tell)
    return found, written


def fill_lakes(out: Path, tell: Tell = lambda _: None) -> tuple[Lake, Lake]:
    """Make (or find) the lakes of the real and of the invented county, in `out`."""
    tell("Filling the lake of the example county")
    real = example_lake(out / "lake")
    tell("Filling the lake of the invented county")
    return real, invented_lake(out / "invented" / "lake")


def invented_options() -> Options:
    """Return the options of the invented county's picture."""
    return Options(
        within=INVENTED,
        commands=("triservice demo --out demo",),
        related=(("../index.html", "The report of the real county"),),
    )


def example_lake(root: Path) -> Lake:
    """Make (or find) the lake of the example county in `root`: events, outlines, statistics."""
    from triservice.analysis.lake.areas import add_areas
    from triservice.analysis.lake.importing import import_files
    from triservice.analysis.lake.relations import add_relations

    county = folder() / "cornwall"
    lake = Lake.create(root)
    for unit in ("lsoa11", "msoa11"):
        add_outlines(lake, unit)
    add_relations(
        lake, county / "lsoa11_lsoa21.csv", "lsoa11", "lsoa21", "LSOA11CD", "LSOA21CD", "CHGIND"
    )
    for name, unit, code, value, worse in STATISTICS:
        add_areas(lake, county / f"{name}.csv", name, code, unit, value, worse)
    with tempfile.TemporaryDirectory() as waiting:
        files = spread_events(county / "events.parquet", Path(waiting))
        import_files(lake, folder() / "police-counts.toml", files)
    return lake


def add_outlines(lake: Lake, unit: str) -> None:
    """Add the outlines of the example county's areas to a lake: lsoa11 or msoa11."""
    from triservice.analysis.lake.boundaries import add_boundaries

    add_boundaries(lake, [folder() / "cornwall" / f"{unit}.geojson.gz"], unit)


def spread_events(counts: Path, into: Path) -> list[Path]:
    """Write the counts as CSV with one row for each event, a file for each vintage of codes."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from pyarrow import csv

    table = pq.read_table(counts)
    written = []
    for vintage in sorted(set(table["area_vintage"].to_pylist())):
        part = table.filter(pc.equal(table["area_vintage"], vintage))
        each = np.repeat(np.arange(part.num_rows), part["events"].to_numpy())
        rows = part.select(["month", "category", "area_code", "easting", "northing"]).take(each)
        columns = [c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c for c in rows]
        path = into / f"cornwall-police-{vintage}.csv"
        csv.write_csv(pa.table(columns, names=rows.column_names), path)
        written.append(path)
    return written


def invented_lake(root: Path, events: int = INVENTED_EVENTS, seed: int = 1) -> Lake:
    """Make (or find) the lake of an invented county: exact points and times of three services."""
    from triservice.analysis.lake.areas import add_areas
    from triservice.analysis.lake.boundaries import add_boundaries
    from triservice.analysis.lake.importing import import_files
    from triservice.analysis.synthetic import synthetic_county, write_csv
    from triservice.analysis.synthetic_areas import synthetic_areas

    lake = Lake.create(root)
    outlines, codes = synthetic_areas(seed, INVENTED_AREAS)
    names = [f"{INVENTED} {number:03d}" for number in range(1, len(codes) + 1)]
    with tempfile.TemporaryDirectory() as waiting:
        areas = Path(waiting) / "invented-areas.gpkg"
        _write_areas(areas, outlines, codes.tolist(), names)
        add_boundaries(lake, [areas], "districts", code="code", name="name")
        file = Path(waiting) / "invented-events.csv"
        county = synthetic_county(seed, events=events)
        write_csv(county, file)
        people = Path(waiting) / "invented-population.csv"
        people.write_text(_invent_people(county, outlines, codes.tolist()), encoding="utf-8")
        add_areas(lake, people, "population", "code", "districts", "people")
        import_files(lake, folder() / "invented.toml", [file])
    return lake


def _invent_people(county: SyntheticCounty, outlines: Any, codes: list[str]) -> str:
    """Return a population by area as CSV: people live where events outside hotspots happen."""
    import numpy as np

    from triservice.analysis.place.polygons import PolygonIndex
    from triservice.analysis.synthetic import BACKGROUND

    usual = county.origin == BACKGROUND
    at = PolygonIndex.build(outlines).locate(county.easting[usual], county.northing[usual])
    people = 200 + 25 * np.bincount(at[at >= 0], minlength=len(codes))
    rows = [f"{code},{count}" for code, count in zip(codes, people.tolist(), strict=True)]
    return "\n".join(["code,people", *rows]) + "\n"


def _write_areas(path: Path, outlines: Any, codes: list[str], names: list[str]) -> None:
    import numpy as np
    import shapely
    from pyogrio.raw import write

    write(
        str(path),
        geometry=shapely.to_wkb(outlines),
        field_data=[np.array(codes, dtype=object), np.array(names, dtype=object)],
        fields=["code", "name"],
        geometry_type="Polygon",
        crs="EPSG:27700",
        driver="GPKG",
    )

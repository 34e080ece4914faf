"""Compute the example county from the open data files, by the project's own pipeline.

    .venv/bin/python tools/build_example.py [--data ../shared/data]

What it writes into src/triservice/analysis/example/cornwall is committed. It holds no row of any
source: events are counted by 1 km square, stated area, month and category; outlines are
simplified; statistics are cut to the county. ATTRIBUTION.md names every source file.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from triservice.analysis.counts import tally
from triservice.analysis.lake.areas import add_areas, read_areas
from triservice.analysis.lake.boundaries import add_boundaries, read_boundaries
from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.store import Lake, Selection, fingerprint
from triservice.analysis.place.map_files import to_lonlat
from triservice.kernel.grid import BRITISH_NATIONAL_GRID

HERE = Path(__file__).resolve().parents[1]
OUT = HERE / "src/triservice/analysis/example/cornwall"
COUNTY, CODE = "Cornwall", "E06000052"
CELL_M = 1000.0
TOLERANCE_M = 75.0
OUTLINES = {
    "lsoa11": f"lsoa/boundaries_2011/{CODE}.geojson.gz",
    "lsoa21": f"lsoa/boundaries_2021/{CODE}.geojson.gz",
    "msoa11": f"lsoa/msoa_boundaries_2011/{CODE}.geojson.gz",
}
FIRES = "Number of fires (three-year average)"
STATISTICS = {  # name: file, unit, code column, value column, worse, attribution
    "health": ("iod/imd2019_england_lsoa11.csv.gz", "lsoa11", "lsoa11_code", "Health_rank", "low"),
    "dwelling-fires": (
        "fire_msoa/dwelling_fires_msoa_3yr_avg.csv", "msoa11", "MSOA11CD", FIRES, "high"
    ),
    "population": (
        "population/population20_lsoa11.csv.gz", "lsoa11", "lsoa11_code", "total_population", "high"
    ),
}  # fmt: skip
LOOKUP = "lsoa/lsoa11_lsoa21_lad22_lookup_v1.csv.gz"
STATIONS = "stations/home_office_fire_stations_2017.csv"
# The towns of the county in order of size, and the fire station that marks each.
TOWNS = {
    "Falmouth": "Falmouth", "St Austell": "St Austell", "Penzance": "Penzance",
    "Camborne–Redruth": "Tolvaddon", "Newquay": "Newquay", "Truro": "Truro", "Bodmin": "Bodmin",
    "Bude": "Bude", "Saltash": "Saltash", "Launceston": "Launceston", "Liskeard": "Liskeard",
    "Helston": "Helston", "St Ives": "St Ives", "Hayle": "Hayle", "Wadebridge": "Wadebridge",
    "Torpoint": "Torpoint", "Callington": "Callington", "Looe": "Looe", "Padstow": "Padstow",
    "Perranporth": "Perranporth", "St Columb": "St Columb", "Lostwithiel": "Lostwithiel",
    "St Just": "St Just", "Mullion": "Mullion", "Delabole": "Delabole", "St Mawes": "St Mawes",
}  # fmt: skip


def main() -> None:
    """Build everything, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parent / "shared/data")
    data: Path = parser.parse_args().data
    OUT.mkdir(parents=True, exist_ok=True)
    used: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.create(Path(folder) / "lake")
        for unit, name in OUTLINES.items():
            add_boundaries(lake, [data / name], unit)
            used.append((name, fingerprint(data / name)))
        for name, (file, unit, code, value, worse) in STATISTICS.items():
            add_areas(lake, data / file, name, code, unit, value, worse)
            used.append((file, fingerprint(data / file)))
        files = sorted((data / "police_street").glob("*/*-devon-and-cornwall-street.csv.gz"))
        import_files(lake, "police-uk", files)
        used += [(str(f.relative_to(data)), fingerprint(f)) for f in files]
        write_events(lake)
        write_outlines(lake)
        write_statistics(lake)
        first = min(m for r in lake.imports() for m in r.months["police"])
        last = max(m for r in lake.imports() for m in r.months["police"])
    write_lookup(data / LOOKUP)
    write_places(data / STATIONS)
    used += [(name, fingerprint(data / name)) for name in (LOOKUP, STATIONS)]
    write_attribution(used, first, last)
    for path in sorted(OUT.iterdir()):
        print(f"{path.stat().st_size / 1000:9.1f} kB  {path.name}")


def write_events(lake: Lake) -> None:
    """Count the county's events by month, category, stated area and square of 1 km."""
    inside = {
        str(c) for unit in ("lsoa11", "lsoa21") for c in read_boundaries(lake, unit, COUNTY).ids
    }
    by = ("month", "category", "area_vintage", "area_code", "column", "row")
    counted = tally(lake, by, Selection(services=("police",)), cell_m=CELL_M)
    rows = counted.filter(pa.array([code in inside for code in counted["area_code"].to_pylist()]))
    columns = {name: rows[name].dictionary_encode() for name in by[:4]}
    for name, axis in (("easting", "column"), ("northing", "row")):
        middle = (rows[axis].to_numpy(zero_copy_only=False).astype(np.float64) + 0.5) * CELL_M
        columns[name] = pa.chunked_array([pa.array(middle.astype(np.int32))])
    columns["events"] = rows["events"].cast(pa.int16())
    table = pa.table(columns)
    pq.write_table(table, OUT / "events.parquet", compression="zstd", compression_level=19)
    print(f"{sum(table['events'].to_pylist()):,} events in {table.num_rows:,} rows")


def write_outlines(lake: Lake) -> None:
    """Simplify the outlines so that neighbours still meet, and larger areas are made of smaller.

    No outlines of 2021: events stand in the middle of their square, so only their stated codes can
    say where they belong, and those follow the change lookup.
    """
    cells = read_boundaries(lake, "lsoa11", COUNTY)
    drawn = shapely.coverage_simplify(cells.outlines(), TOLERANCE_M)
    _write_geojson("lsoa11", cells.ids.tolist(), cells.names.tolist(), drawn)
    of = np.array([name[:-1] for name in cells.names.tolist()])  # Cornwall 013A → Cornwall 013
    large = read_boundaries(lake, "msoa11", COUNTY)
    joined = [shapely.coverage_union_all(drawn[of == name]) for name in large.names]
    _write_geojson("msoa11", large.ids.tolist(), large.names.tolist(), np.array(joined))


def _write_geojson(unit: str, codes: Sequence[str], names: Sequence[str], shapes: Any) -> None:
    degrees = shapely.transform(shapes, lambda c: np.round(to_lonlat(c, BRITISH_NATIONAL_GRID), 5))
    degrees = shapely.orient_polygons(degrees)
    key = f"{unit[:4].upper()}{unit[4:]}"
    features = [
        {
            "type": "Feature",
            "properties": {f"{key}CD": code, f"{key}NM": name},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for code, name, shape in zip(codes, names, degrees, strict=True)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    _write_gz(OUT / f"{unit}.geojson.gz", text)


def write_statistics(lake: Lake) -> None:
    """Cut the statistics to the county's areas."""
    for name, (_, unit, code, value, _) in STATISTICS.items():
        layer = read_areas(lake, name)
        inside = set(read_boundaries(lake, unit, COUNTY).ids.tolist())
        rows = [
            (c, f"{v:.10g}")
            for c, v in zip(layer.codes.tolist(), layer.values.tolist(), strict=True)
            if c in inside
        ]
        _write_csv(OUT / f"{name}.csv", (code, value), rows)


def write_lookup(path: Path) -> None:
    """Cut the change lookup to the county."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as stream:
        rows = [
            (r["F_LSOA11CD"], r["LSOA11NM"], r["LSOA21CD"], r["LSOA21NM"], r["CHGIND"])
            for r in csv.DictReader(stream)
            if r["LAD22CD"] == CODE
        ]
    _write_csv(
        OUT / "lsoa11_lsoa21.csv", ("LSOA11CD", "LSOA11NM", "LSOA21CD", "LSOA21NM", "CHGIND"), rows
    )


def write_places(path: Path) -> None:
    """Write the towns, each at its fire station."""
    with path.open(encoding="utf-8", newline="") as stream:
        stations = {
            r["STATION_NAME"].removesuffix(" Fire Station"): (
                r["STATION_EASTING"],
                r["STATION_NORTHING"],
            )
            for r in csv.DictReader(stream)
            if r["FRS_FULLNAME"] == COUNTY
        }
    rows = [(town, *stations[station]) for town, station in TOWNS.items()]
    _write_csv(OUT / "places.csv", ("name", "easting", "northing"), rows)


def write_attribution(used: Sequence[tuple[str, str]], first: str, last: str) -> None:
    """Say whose data it is and from which files it was computed."""
    lines = [f"| {name} | `{digest}` |" for name, digest in used]
    text = _ATTRIBUTION.format(first=first, last=last, files="\n".join(lines))
    (OUT / "ATTRIBUTION.md").write_text(text, encoding="utf-8")


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(stream.getvalue(), encoding="utf-8")


def _write_gz(path: Path, text: str) -> None:
    """Write gzip without a time in it: the same content gives the same file."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=9) as stream:
        stream.write(text.encode())
    path.write_bytes(buffer.getvalue())


_ATTRIBUTION = """# The example county: whose data it is

All of it is computed by `tools/build_example.py` from open data, all under the Open Government
Licence v3.0 (https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/). No
event's own row is here: events are counted by 1 km square, stated area, month and category.

- `events.parquet`: street-level crime and anti-social behaviour of Devon and Cornwall Police,
  {first} to {last} (two stretches of months), where the source names an area of Cornwall.
  Contains public sector information of the Home Office, data.police.uk.
- `health.csv`: health deprivation and disability rank, English indices of deprivation 2019,
  Ministry of Housing, Communities and Local Government.
- `dwelling-fires.csv`: dwelling fires, three-year average 2016 to 2018, by middle layer area;
  Home Office incident records as compiled in the British Red Cross resilience index.
- `population.csv`: mid-2020 population estimates, Office for National Statistics.
- `lsoa11.geojson.gz`, `msoa11.geojson.gz`, `lsoa11_lsoa21.csv`: outlines, simplified, and the
  change lookup. Source: Office for National Statistics licensed under the Open
  Government Licence v.3.0. Contains OS data © Crown copyright and database right 2026.
- `places.csv`: the county's fire stations called by their towns; fire station list 2017, Home
  Office.

## The files it was computed from

| file | SHA-256 |
|---|---|
{files}
"""

if __name__ == "__main__":
    main()

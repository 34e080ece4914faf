"""Operation Insight on real dispatch data, counted again by other means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triservice.analysis.lake.store import Lake, Selection
from triservice.analysis.near_repeat.backtest import backtest
from triservice.analysis.near_repeat.incidents import read_incidents
from triservice.analysis.near_repeat.knox import knox
from triservice.analysis.near_repeat.presets import load_rule
from triservice.kernel.errors import InputError

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def montgomery(open_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    from triservice.analysis.lake.importing import import_files

    root = tmp_path_factory.mktemp("montgomery")
    import_files(root, "cad", [open_data / "montgomery_911"])
    return Lake.open(root)


def test_fires_counted_from_the_raw_file(montgomery: Lake, open_data: Path) -> None:
    """Read the raw file with pandas, project it with pyproj, find pairs with scipy."""
    import pandas as pd
    import pyproj
    from scipy.spatial import cKDTree

    raw = pd.concat(map(pd.read_csv, sorted((open_data / "montgomery_911").glob("*.csv*"))))
    raw = raw[raw.title.str.startswith("Fire:")]
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:26918", always_xy=True)
    x, y = to_metres.transform(raw.lng.to_numpy(), raw.lat.to_numpy())
    local = pd.to_datetime(raw.timeStamp).dt.tz_localize("America/New_York")
    time = local.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    pairs = cKDTree(np.column_stack((x, y))).query_pairs(200, output_type="ndarray")
    gap = np.abs(time[pairs[:, 0]] - time[pairs[:, 1]]) / np.timedelta64(1, "D")

    incidents = read_incidents(montgomery, Selection(services=("fire",)), same_incident_hours=0)
    assert len(incidents) == len(raw)
    found = knox(incidents.easting, incidents.northing, incidents.start, (200,), (7, 14),
                 permutations=0)  # fmt: skip
    assert [b.observed for b in found.cumulative] == pytest.approx(
        [(gap <= 7).sum(), (gap <= 14).sum()], abs=2
    )  # a pair on the very limit may fall either way by a millimetre


def test_several_units_at_one_address_are_not_near_repeats(montgomery: Lake) -> None:
    incidents = read_incidents(montgomery, Selection(services=("fire",)))
    assert 150 < incidents.merged < 300
    first = knox(incidents.easting, incidents.northing, incidents.start, (100, 200, 400), (7, 14))
    near = first.bands[0]
    assert near.p_permutation == 0.001
    assert near.ratio is not None
    assert 1.05 < near.ratio < 1.3
    assert first.bands[1].p_moments > 0.05


def test_backtest_of_fires_and_of_repeat_medical_calls(montgomery: Lake) -> None:
    for service, at_least in (("fire", 2.0), ("ambulance", 2.0)):
        incidents = read_incidents(montgomery, Selection(services=(service,)))
        found = backtest(incidents, load_rule(), 12)
        zones, *_, chance = found.scores
        assert zones.pai is not None
        assert zones.pai > at_least
        assert chance.pai == pytest.approx(1)
        assert found.study_km2 < 2_000  # wild coordinates do not enlarge the county


def test_snapped_months_are_refused(open_data: Path, tmp_path: Path) -> None:
    from triservice.analysis.lake.importing import import_files

    file = next((open_data / "police_street").rglob("*north-yorkshire*.csv*"))
    import_files(tmp_path, "police-uk", [file])
    with pytest.raises(InputError, match="known only to the month"):
        read_incidents(Lake.open(tmp_path), Selection(services=("police",)))

"""Draw docs/picture.svg, the picture in the README: the example county's overlap map.

.venv/bin/python tools/draw_readme_picture.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from triservice.analysis.example.demo import COUNTY, SINCE, UNTIL, example_lake, folder
from triservice.analysis.picture.gather import gather
from triservice.analysis.picture.options import Options, read_places
from triservice.analysis.picture.poster import overlap_poster

OUT = Path(__file__).resolve().parents[1] / "docs/picture.svg"

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as waiting:
        places = read_places(folder() / "cornwall" / "places.csv")
        options = Options(within=COUNTY, since=SINCE, until=UNTIL, places=places)
        picture = gather(example_lake(Path(waiting) / "lake"), options)
    OUT.write_text(overlap_poster(picture), encoding="utf-8")
    print(f"{OUT.stat().st_size / 1000:.0f} kB  {OUT}")

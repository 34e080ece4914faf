"""A small picture made by hand: thirty crooked areas, three layers, one hidden value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from triservice.analysis.picture import palette
from triservice.analysis.picture.model import (
    Area,
    AreaValue,
    Base,
    Burden,
    Captured,
    CategoryTrend,
    CellMap,
    Figure,
    Finding,
    Layer,
    Method,
    Month,
    Officer,
    Overlap,
    Pair,
    Picture,
    Source,
    SourceFile,
    Trend,
    UnitAnswer,
)
from triservice.analysis.picture.near_model import Band, NearRepeat, NearRepeats
from triservice.analysis.picture.shapes import Shapes

COLUMNS, ROWS, SIDE = 6, 5, 9_000.0
HOSTILE = "<script>alert('x')</script> & \"Sons\""
MONTHS = ("2018-10", "2018-11", "2018-12", "2019-01", "2019-02")
LATER = ("2025-01", "2025-02", "2025-03")
KEYS = ("police", "fires", "health")


def outlines() -> np.ndarray:
    """Thirty areas that share crooked edges; the shape is (30,)."""
    random = np.random.default_rng(4)
    nodes = np.stack(
        np.meshgrid(np.arange(COLUMNS + 1), np.arange(ROWS + 1)), axis=-1
    ) * SIDE + random.uniform(-2_200, 2_200, (ROWS + 1, COLUMNS + 1, 2))
    nodes += (150_000, 40_000)
    return np.array(
        [
            shapely.Polygon([nodes[r, c], nodes[r, c + 1], nodes[r + 1, c + 1], nodes[r + 1, c]])
            for r in range(ROWS)
            for c in range(COLUMNS)
        ],
        dtype=object,
    )


def _layer(key: str, burden: np.ndarray, hidden: int | None, worse: str = "high") -> Layer:
    titles = {"police": "Police", "fires": "Fires", "health": "Health"}
    nouns = {"police": "crimes", "fires": "dwelling fires", "health": "health rank"}
    ranks = (-burden if worse == "high" else burden).argsort().argsort() + 1
    values = tuple(
        AreaValue(None, hidden=True, rank=None)
        if i == hidden
        else AreaValue(
            round(float(v), 1),
            float(v) * 0.9 if key != "health" else None,
            float(v) * 1.1 if key != "health" else None,
            round(float(v) * 3) if key != "health" else None,
            rank=int(ranks[i]),
            worst=bool(ranks[i] <= 6),
            cluster="hot" if ranks[i] <= 3 else None,
        )
        for i, v in enumerate(burden)
    )
    shown = np.array([np.nan if v.value is None else v.value for v in values])
    return Layer(
        key=key,
        title=titles[key],
        noun=nouns[key],
        measure=f"{nouns[key]} per 1,000 people a year" if key != "health" else "health rank",
        kind="score" if key == "health" else "count",
        worse=worse,
        digits=1 if key != "health" else 0,
        per=0.0 if key == "health" else 1000.0,
        period="October 2018 to February 2019",
        sources=("S1",) if key == "police" else ("S2",),
        method="rates",
        breaks=palette.class_breaks(shown, 1 if key != "health" else 0),
        values=values,
        hue=palette.choose_hues([key])[key],
        trend=_trend() if key == "police" else None,
        cells=_cells() if key == "police" else None,
        findings=(Finding("Three areas stand out from their neighbours.", sources=("S1",)),),
    )


def _trend() -> Trend:
    counts = [420, 433, 391, 402, 380]
    gap = [f"2019-{m:02d}" for m in range(3, 13)]
    months = [Month(m, n, True) for m, n in zip(MONTHS, counts, strict=True)]
    months += [Month(m, None, False) for m in gap]
    months += [Month(m, n, False) for m, n in zip(LATER, (610, 640, 655), strict=True)]
    blank = [None] * len(gap)
    return Trend(
        tuple(months),
        ("January 2025 stands 50% above the months before; ask what changed in recording.",),
        ("2025-01",),
        ("S1",),
        tuple(
            CategoryTrend(name, (*(n // k for n in counts), *blank, 90, 95, 99), 2026 // k)
            for name, k in (("Violence", 3), ("Anti-social behaviour", 4), ("Burglary", 9))
        ),
    )


def _cells() -> CellMap:
    cells = []
    for i in range(160):
        east, north = 155_000 + (i * 7 % 40) * 1000, 46_000 + (i * 11 % 30) * 1000
        n = i % 23
        few = n < 5
        cells.append((east, north, None if few else n, 0 if few else 1 + (n > 10), n == 22))
    return CellMap(1000, (5, 11, 23), tuple(cells), 7, 900, 1900, 126, ("S1",), "A note.")


def invented_picture(title: str = "Examplia: where police, fire and health demand meet") -> Picture:
    """Return the picture; areas[3] has a hostile name, and fires in areas[5] are suppressed."""
    random = np.random.default_rng(7)
    shapes = outlines()
    base = random.gamma(3, 10, len(shapes))
    burdens = [base * random.uniform(0.6, 1.6, len(shapes)) for _ in KEYS]
    burdens[2] = 30_000 - 300 * burdens[2]
    layers = (
        _layer("police", burdens[0], None),
        _layer("fires", burdens[1], 5),
        _layer("health", burdens[2], None, "low"),
    )
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    areas = tuple(
        Area(
            f"X{i:03d}",
            HOSTILE if i == 3 else f"Examplia {i:03d}",
            f"near {'Northam' if i > 14 else 'Southby'}",
            float(centres[i, 0]),
            float(centres[i, 1]),
            1500.0 + 10 * i,
            tuple(layer.key for layer in layers if layer.values[i].worst),
        )
        for i in range(len(shapes))
    )
    held = [len(a.worst_in) for a in areas]
    joint = np.argsort(-base)
    ranking = tuple(
        Burden(
            n + 1,
            areas[i].code,
            areas[i].label,
            0.05 / (n + 1),
            dict.fromkeys(KEYS, 0.04 / (n + 1)),
        )
        for n, i in enumerate(joint)
    )
    names = (("Northam", 172_000.0, 70_000.0), ("Southby", 180_000.0, 50_000.0))
    return Picture(
        title=title,
        within="Examplia",
        marking="OFFICIAL",
        made="2026-11-22",
        version="0.1.0",
        unit="msoa11",
        unit_title="areas",
        period="October 2018 to February 2019",
        crs="EPSG:27700",
        suppress_below=5,
        invented=True,
        answer="Crime and poor health fall together strongly; dwelling fires only partly.",
        areas=areas,
        layers=layers,
        overlap=_overlap(held),
        figures=_figures(),
        officer=Officer(
            dict.fromkeys(KEYS, 1.0),
            ranking,
            8_000.0,
            tuple(
                Base(k + 1, areas[i].label, *centres[i], 4, 0.2, dict.fromkeys(KEYS, 0.2))
                for k, i in enumerate(joint[:3])
            ),
            dict.fromkeys(KEYS, 0.55),
            dict.fromkeys(KEYS, 0.6),
            (Finding("Three bases reach over half of each layer's demand.", sources=("S1", "S2")),),
            ("S1", "S2"),
            "Each score is a percentile, 100 the worst.",
        ),
        near_repeat=NearRepeats(
            (
                NearRepeat(
                    "police",
                    2026,
                    (
                        Band("0 to 100 m", "0 to 7 days", 61, 20.5, 2.98, 0.001, 2.1, 3.9),
                        Band("100 to 200 m", "0 to 7 days", None, None, None, None, hidden=True),
                    ),
                    (Finding("An event makes another three times as likely.", sources=("S1",)),),
                    ("S1",),
                ),
            ),
            (Finding("The times of fires are known only to the month.", sources=("S2",)),),
        ),
        caveats=("Areas are not people.", "Small numbers move by chance."),
        methods=(Method("rates", "Rates", "Counts over people, with exact Poisson intervals."),),
        sources=(
            Source(
                "S1", "Crimes", "events", (SourceFile("a.csv", "ab" * 32, 2026, 3),), "2018", 99
            ),
            Source("S2", "Areas", "area statistic", (SourceFile("b.csv", "cd" * 32),), "2019", 30),
        ),
        commands=("triservice picture --lake lake --within Examplia --out out",),
        attribution=("Invented data.",),
        shapes=Shapes.of(shapes, names),
    )


def _overlap(held: list[int]) -> Overlap:
    def pair(a: str, b: str, r: float) -> Pair:
        return Pair(
            a, b, f"{a.title()} and {b}", r, r - 0.2, r + 0.12, 0.003,
            "p keeps each layer's clustering.", 3, 1.2, ("S1", "S2"),
        )  # fmt: skip

    pairs = (pair("police", "fires", 0.41), pair("police", "health", 0.73),
             pair("fires", "health", 0.30))  # fmt: skip
    return Overlap(
        0.2,
        6,
        held.count(3),
        0.24,
        0.004,
        tuple(held.count(k) for k in range(4)),
        pairs,
        (Captured("Crimes", "Fires", 0.42, 0.2, 0.21, ("S1", "S2")),),
        (
            UnitAnswer("msoa11", "MSOA", 30, {f"{p.a}~{p.b}": 0.3 for p in pairs}, 2, 0.2, ("S1",)),
            UnitAnswer("square-1000", "1 km squares", 900,
                       {f"{p.a}~{p.b}": None for p in pairs}, None, None, ("S1",), "No fires."),
        ),
        (
            Finding("Crime and poor health overlap strongly.", sources=("S1", "S2")),
            Finding("Dwelling fires overlap with either only partly.", sources=("S2",)),
        ),
        ("S1", "S2"),
    )  # fmt: skip


def _figures() -> tuple[Figure, ...]:
    return (
        Figure("rate-police", "Crimes per 1,000 people a year", 62.1, "crimes in five months",
               ("S1",), "rates", 61.0, 63.2, digits=1, layer="police", card=True),
        Figure("rate-fires", "Dwelling fires per 10,000 people a year", 8.1, "a three-year mean",
               ("S2",), "rates", 7.4, 8.9, digits=1, layer="fires", card=True),
        Figure("all-worst", "Areas in the worst fifth of all three", 2, "by chance 0.2",
               ("S1", "S2"), "rates", card=True),
    )  # fmt: skip


def with_title(picture: Picture, title: str) -> Picture:
    """Return the same picture under another title."""
    return replace(picture, title=title)


def assert_every_number_has_a_source(picture: dict[str, object]) -> None:
    """Walk the figures: an object with numbers has `sources`, itself or above it."""
    known = {s["id"] for s in picture["sources"]}  # type: ignore[attr-defined]

    def walk(value: object, covered: bool, where: str) -> None:
        if isinstance(value, dict):
            own = value.get("sources")
            if isinstance(own, list):
                assert set(own) <= known, where
                covered = covered or bool(own)
            for key, inner in value.items():
                walk(inner, covered, f"{where}.{key}")
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                walk(inner, covered, f"{where}[{i}]")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            assert covered, f"{where} has no source"

    for part in ("layers", "overlap", "figures", "officer", "near_repeat"):
        walk(picture[part], False, part)

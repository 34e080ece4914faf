"""Invented sources and stored pictures for the tests of the picture room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from partnership import NOON, Partnership
from triservice.kernel.access_words import DataClass, Purpose, Role
from triservice.picture.models import LakeSource, StoredPicture

CLASS_OF = {
    "police": DataClass.POLICE,
    "fire": DataClass.FIRE,
    "ambulance": DataClass.AMBULANCE,
    "health": DataClass.HEALTH,
}
PARAMETERS: dict[str, Any] = {
    "services": ["police", "fire", "ambulance"],
    "since": "2025-01",
    "until": "2025-02",
    "small_number": 0,
}


def make_source(made: Partnership, kind: str, **columns: Any) -> LakeSource:
    return LakeSource.objects.create(
        **{
            "source": "invented",
            "service": kind,
            "label": f"Invented {kind} events",
            "owner": made.agencies[kind],
            "data_class": str(CLASS_OF[kind]),
        }
        | columns
    )


def square(index: int) -> dict[str, Any]:
    west = -5.0 + index * 0.01
    ring = [[west, 50.0], [west + 0.01, 50.0], [west + 0.01, 50.01], [west, 50.01], [west, 50.0]]
    return {"type": "Polygon", "coordinates": [ring]}


def make_layer(source: int, counts: Sequence[int], **more: Any) -> dict[str, Any]:
    total = sum(counts)
    return {
        "source": source,
        "counts": list(counts),
        "elsewhere": 3,
        "unplaced": 7,
        "months": {"2025-01": total // 3, "2025-02": total - total // 3},
        "categories": {"one": total // 2, "two": total - total // 2},
        "hot": {"0": sum(counts[:2])},
        "tested": len(counts),
        "near": {"pairs": 9, "said": ["An event is twice as common near another."], "as_of": "now",
                 "rule": "Red for seven days"},
        "zones": [
            {"rank": rank, "where": f"SW {rank}", "level": "red", "km2": 0.5, "events": events,
             "hours": "18:00 to 22:00", "share": 0.4, "shape": square(rank)}
            for rank, events in ((1, 12), (2, 4))
        ],
        "imports": [{"file": "invented.csv", "sha256": "0" * 64, "imported_at": "2026-01-01"}],
        "notes": [f"A note on source {source}."],
    } | more  # fmt: skip


def make_result(
    layers: Sequence[dict[str, Any]], codes: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return a stored result; with `codes` the places are areas, else cells of a grid."""
    places = len(layers[0]["counts"])
    keys = [layer["source"] for layer in layers]
    return {
        "format": 1,
        "unit": "lsoa21" if codes else "square-1000",
        "unit_title": "areas" if codes else "squares of 1 km",
        "coded": codes is not None,
        "months": ["2025-01", "2025-02"],
        "cells": {
            "codes": list(codes) if codes else [f"E{i}N0" for i in range(places)],
            "names": [f"Place {i}" for i in range(places)],
            "centres": [[-5.0 + i * 0.01, 50.0] for i in range(places)],
        },
        "bounds": [0.0, 0.0, 1000.0 * places, 1000.0],
        "layers": list(layers),
        "pairs": [
            {"a": a, "b": b, "r": 0.5, "low": 0.2, "high": 0.7, "p": 0.01, "both": 2,
             "expected": 1.0, "places": places}
            for n, a in enumerate(keys) for b in keys[n + 1 :]
        ],
        "notes": [],
    }  # fmt: skip


def make_picture(made: Partnership, result: dict[str, Any] | None, **columns: Any) -> StoredPicture:
    """Store a finished picture of the fire service's analyst."""
    analyst = made.officer("fire", Role.ANALYST)
    grid = result is None or not result["coded"]
    parameters = columns.pop("parameters", {})
    return StoredPicture.objects.create(
        **{
            "title": "Invented picture",
            "parameters": PARAMETERS | {"unit": "square" if grid else "lsoa21"} | parameters,
            "purpose": str(Purpose.EVALUATION),
            "made_by": analyst,
            "agency": made.agencies["fire"],
            "state": StoredPicture.State.DONE,
            "result": result,
            "shapes": [square(i) for i in range(len(result["layers"][0]["counts"]))]
            if result
            else [],
            "asked_at": NOON,
            "made_at": NOON,
        }
        | columns
    )

"""The demonstration's events and picture: everybody and everything in them is invented."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from triservice.kernel.access_words import DataClass, Reader
from triservice.picture import actions, lakes, queries

SOURCE = "synthetic"  # as the invented county's mapping calls itself
LABELS = {
    "police": "Invented police incidents",
    "fire": "Invented fire and rescue incidents",
    "ambulance": "Invented ambulance incidents",
}
CLASSES = {
    "police": DataClass.POLICE,
    "fire": DataClass.FIRE,
    "ambulance": DataClass.AMBULANCE,
}
TITLE = "Where the three services are called (invented)"
PARAMETERS = {
    "services": list(LABELS),
    "since": "2025-01",
    "until": "2025-12",
    "unit": "square",
    "size_m": 2_000,
    "zones": True,
}


def store_demo(administrator: Reader, analyst: Reader, owners: Mapping[str, int]) -> int:
    """Store the invented events as the lake of TRISERVICE_LAKE, whose they are, and one picture.

    `owners` are agencies (keys) by service: police, fire and ambulance. The picture is asked for by
    the analyst's agency, and worked out in the background as any other. Running it again makes
    nothing twice. Returns its key.
    Raises InputError when the setting names no folder or the analyst may count nothing.
    """
    store_lake()
    for service, label in LABELS.items():
        actions.register_source(
            administrator,
            source=SOURCE,
            service=service,
            label=label,
            owner=owners[service],
            data_class=str(CLASSES[service]),
        )
    return ask_for_picture(analyst)


def store_lake() -> Path:
    """Write the invented county's lake into the folder of TRISERVICE_LAKE, unless it is there."""
    from triservice.analysis.example.demo import invented_lake

    folder = lakes.named_folder()
    if not (folder / "lake.json").is_file():
        invented_lake(folder)
    return folder


def ask_for_picture(analyst: Reader) -> int:
    """Ask for the demonstration's picture, unless it is there; return its key."""
    there = next((row for row in queries.listed(analyst) if row.title == TITLE and row.own), None)
    return there.pk if there else actions.request_picture(analyst, TITLE, PARAMETERS)

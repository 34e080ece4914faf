"""From what? The sources of a picture: which files, which version, which rows, what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from triservice.analysis.counts import tally
from triservice.analysis.lake.areas import AreaLayer
from triservice.analysis.lake.boundaries import KNOWN_UNITS, boundary_files
from triservice.analysis.lake.mapping import built_in, load_mapping
from triservice.analysis.lake.store import ImportRecord, Lake, Selection
from triservice.analysis.picture import words
from triservice.analysis.picture.model import Source, SourceFile
from triservice.analysis.picture.options import name_statistic
from triservice.analysis.picture.suppress import years_averaged

OGL = "licensed under the Open Government Licence v3.0"
_HOME_OFFICE = f"Contains public sector information of the Home Office, data.police.uk, {OGL}."
ATTRIBUTIONS: dict[str, str] = {
    "police-uk": _HOME_OFFICE,
    "example-police": _HOME_OFFICE,
    "lfb": f"Contains information of the London Fire Brigade, {OGL}.",
    "ons": f"Source: Office for National Statistics {OGL}. "
    "Contains OS data © Crown copyright and database right 2026.",
}
TITLES: dict[str, str] = {
    "example-police": "data.police.uk street-level crime, counted by month, area and 1 km square",
    "synthetic": "Invented events",
}
INVENTED = "synthetic"  # a source whose name begins so is invented


@dataclass
class Sources:
    """The sources of one picture, numbered S1, S2, … in the order in which they are met."""

    lake: Lake
    found: list[Source] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, source: Source) -> str:
        """Number a source the first time it is met and return its id."""
        if key not in self.keys:
            self.keys[key] = f"S{len(self.found) + 1}"
            self.found.append(replace(source, id=self.keys[key]))
        return self.keys[key]

    def add_events(
        self,
        service: str,
        names: Sequence[str],
        selection: Selection,
        months: set[str],
        rows: int,
        moved_share: float,
    ) -> tuple[str, ...]:
        """Add the imports that brought events of a service in `months`, one source a mapping.

        `rows` are the events that the picture uses and `moved_share` the part of them that had to
        move between areas, of all mappings together.
        """
        ids: list[str] = []
        stated = tally(self.lake, ["source", "area_vintage"], selection).to_pylist()
        for name in sorted(names):
            records = [
                r
                for r in self.lake.imports()
                if r.source == name and months & set(r.months.get(service, {}))
            ]
            held = sorted({m for r in records for m in r.months.get(service, {})} & months)
            source = Source(
                id="",
                what=f"{_title(name)}: {service} events",
                kind="events",
                files=tuple(_file(r) for r in records),
                period=words.period(held),
                rows=rows if len(names) == 1 else None,
                vintage=", ".join(
                    sorted(
                        r["area_vintage"]
                        for r in stated
                        if r["source"] == name and r["area_vintage"]
                    )
                )
                or None,
                moved_share=moved_share,
                attribution=ATTRIBUTIONS.get(name),
                note="Invented." if name.startswith(INVENTED) else None,
            )
            ids.append(self.add(f"events {service} {name}", source))
        return tuple(ids)

    def add_statistic(self, layer: AreaLayer, rows: int, moved_share: float) -> str:
        """Add an area statistic."""
        title = name_statistic(layer.name, layer.column).title
        # How an import took a column is for whoever imports, not for whoever reads the report.
        notes = [note for note in layer.notes if not note.startswith("Taken as")]
        source = Source(
            id="",
            what=f"{title}: “{layer.column}”" if layer.column else title,
            kind="population" if layer.name == "population" else "area statistic",
            files=(SourceFile(layer.source, layer.sha256, len(layer.codes)),),
            period=_period_of(layer),
            rows=rows,
            vintage=layer.vintage,
            moved_share=moved_share,
            note=" ".join(notes) or None,
        )
        return self.add(f"statistic {layer.name}", source)

    def add_boundaries(self, unit: str, areas: int) -> str:
        """Add the outlines of a unit."""
        known = KNOWN_UNITS.get(unit, f"Outlines of {unit}")
        files = boundary_files(self.lake, unit)
        source = Source(
            id="",
            what=f"Outlines: {known}",
            kind="boundaries",
            files=tuple(SourceFile(name, sha, rows) for name, sha, rows in files),
            period="2021" if unit.endswith("21") else "2011" if unit.endswith("11") else "–",
            rows=areas,
            vintage=unit,
            attribution=ATTRIBUTIONS["ons"] if unit in KNOWN_UNITS else None,
        )
        return self.add(f"boundaries {unit}", source)

    def attributions(self) -> tuple[str, ...]:
        """Return every attribution once."""
        return tuple(dict.fromkeys(s.attribution for s in self.found if s.attribution))


def held_months(lake: Lake, service: str) -> list[str]:
    """Return the months of which the lake has any event of a service, ascending."""
    return sorted({m for r in lake.imports() for m in r.months.get(service, {})})


def _period_of(layer: AreaLayer) -> str:
    years = years_averaged(layer.column)
    if years > 1:
        return f"an average of {words.small_number(years)} years"
    return "as its publisher states"


def _file(record: ImportRecord) -> SourceFile:
    return SourceFile(
        record.file.replace("\\", "/").rsplit("/", 1)[-1],
        record.sha256,
        record.rows_read,
        sum(record.quarantined.values()),
    )


def _title(name: str) -> str:
    """Return what a mapping calls its source; its name when the mapping is not one of ours."""
    return TITLES.get(name) or (load_mapping(name).title if name in built_in() else name)

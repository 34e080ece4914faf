"""Fill an empty database with the demonstration: agencies, officers, agreement, records, picture.

The map is real (census areas of the example county); every person, home and event is invented.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from triservice.kernel.words import many

if TYPE_CHECKING:
    from triservice.agencies.models import Agency, Officer
    from triservice.subjects.invented import Place

Tell = Callable[[str], None]
ADMINISTRATOR, ANALYST = "Colan Treloar", "Tamsyn Carlyon"
SYSTEMS = {
    "police": "Records management (invented)",
    "fire": "Home safety visits (invented)",
    "ambulance": "Patient records (invented)",
    "health": "Community health (invented)",
    "council": "Adult social care (invented)",
}


def build(people: int, lakes_filled: Callable[[], None], tell: Tell = lambda _: None) -> None:
    """Build what is not there yet; a demonstration that was built is left as it is.

    `lakes_filled` returns when the lake of TRISERVICE_LAKE is there: the shared picture needs it.
    """
    from triservice.agencies.queries.handles import agency_choices

    if agency_choices():
        return
    areas, places = _areas()
    from triservice.web.demo.agreement import make_agreement
    from triservice.web.demo.casework import make_casework
    from triservice.web.demo.more_agreements import make_more_agreements
    from triservice.web.demo.people import make_agencies, make_officers
    from triservice.web.demo.places import make_directory, make_plans

    tell("Making five agencies and their officers")
    agencies = make_agencies(areas)
    officers = make_officers(agencies)
    tell("Signing two agreements, and drafting another")
    make_agreement(agencies, officers)
    make_more_agreements(agencies, officers)
    _receive(agencies, officers, people, places, tell)
    tell("Referring invented people, and visiting some of them")
    make_casework(agencies, officers)
    tell("Entering invented services, and planning for invented places")
    make_directory(agencies, officers[ADMINISTRATOR])
    make_plans(agencies, officers)
    tell("Asking for the shared picture, which is drawn while the application runs")
    lakes_filled()
    _ask_for_picture(agencies, officers)


def _areas() -> tuple[list[tuple[str, str]], list[Place]]:
    """Return (code, name) of the example county's middle layer areas, and where homes may stand."""
    from triservice.analysis.example.demo import COUNTY, add_outlines
    from triservice.analysis.lake.boundaries import read_boundaries
    from triservice.analysis.lake.store import Lake
    from triservice.subjects.invented import Place

    with TemporaryDirectory() as waiting:
        lake = Lake.create(Path(waiting) / "lake")
        add_outlines(lake, "msoa11")
        cells = read_boundaries(lake, "msoa11", within=COUNTY)
    areas = [(str(code), str(name)) for code, name in zip(cells.ids, cells.names, strict=True)]
    places = [
        Place(code, float(east), float(north))
        for (code, _), (east, north) in zip(areas, cells.centroids, strict=True)
    ]
    return areas, places


def _receive(
    agencies: dict[str, Agency],
    officers: dict[str, Officer],
    people: int,
    places: list[Place],
    tell: Tell,
) -> None:
    """Send each agency's invented records in, and join who is surely one person."""
    from triservice.kernel import clock
    from triservice.kernel.access_words import Role
    from triservice.subjects.actions.linkage import link_exact
    from triservice.subjects.actions.records import receive_records
    from triservice.subjects.invented import invent
    from triservice.subjects.invented_organisations import add_organisations
    from triservice.subjects.invented_warnings import add_warnings
    from triservice.web.demo.people import reader

    made = invent(people, places=places)
    add_organisations(made, places)
    add_warnings(made, places[0], clock.now().date())
    new: list[int] = []
    acting = None
    for kind, rows in made.rows.items():
        owner = next(
            officer
            for officer in officers.values()
            if officer.employer_id == agencies[kind].pk
            and officer.holdings.get().post.role in (Role.DATA_OWNER, Role.CALDICOTT_GUARDIAN)
        )
        acting = reader(owner)
        tell(f"Receiving {many(len(rows), 'record')} of {agencies[kind].name}")
        receipt = receive_records(acting, agencies[kind], SYSTEMS[kind], rows)
        new += receipt.people
    tell(f"Comparing {many(len(new), 'person', 'people')} known to one agency or several")
    if acting is not None:
        link_exact(acting, new)


def _ask_for_picture(agencies: dict[str, Agency], officers: dict[str, Officer]) -> None:
    """Say whose the invented events are, and ask for one picture."""
    from triservice.kernel.access_words import Purpose
    from triservice.picture.demo import store_demo
    from triservice.web.demo.people import reader

    store_demo(
        reader(officers[ADMINISTRATOR]),
        reader(officers[ANALYST], Purpose.EVALUATION),
        {service: agencies[service].pk for service in ("police", "fire", "ambulance")},
    )


def environment(folder: Path) -> None:
    """Set what the person has not set themselves, before Django reads its settings."""
    folder = folder.resolve()
    defaults = {
        "TRISERVICE_DATA": str(folder / "data"),
        "TRISERVICE_LAKE": str(folder / "invented" / "lake"),
        "TRISERVICE_DEMO": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)

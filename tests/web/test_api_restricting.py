"""Restrictions by systems of agencies: by the rules of the pages; asked twice, done once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from test_api import ROW, System, told

from partnership import NOON, Partnership, make_partnership
from triservice.access.models import ConflictOfInterest, Disclosure, Restriction, RestrictionMember
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Link, Person, RecordPart, SearchKey

WHY = "Invented: she is a witness and her family must not find her"
DONE, AGAIN = {"again": False}, {"again": True}
SENT = {"system": "records", "source_key": "1"}


@pytest.fixture
def shared(db: None) -> Iterator[Partnership]:
    """Two records of the police about one person, of which the fire service sees who and what."""
    told = ROW | {"person_number": "P1", "police.summary": "Invented"}
    with clock.frozen(NOON):
        made = make_partnership(terms=False, roles=())
        made.term("police", "fire", (DataClass.IDENTITY, DataClass.POLICE))
        rows = [told | {"source_key": key} for key in ("1", "2")]
        receive_records(made.reader("police"), made.agencies["police"], "records", rows)
        yield made


def keeper(made: Partnership, agency: str = "police", role: Role = Role.DATA_OWNER) -> System:
    return System(made, agency, system=f"Records of {agency} as {role}", roles=[role])


def make(system: System, name: str = "Few") -> int:
    return int(system.post("lists", {"name": name, "why": WHY}).json()["list"])


def shown(made: Partnership) -> int:
    """Return how many records a system of the fire service sees of the person."""
    key = Person.objects.get().key
    found = System(made, "fire", system=f"Reading {Disclosure.objects.count()}").get(
        f"people/{key}"
    )
    return len(found.json()["records"]) if found.status_code == 200 else 0


def test_a_list_is_made_kept_and_lifted_by_a_system(shared: Partnership) -> None:
    police = keeper(shared)
    asked = {"name": "Few", "why": WHY}
    first, second = (police.post("lists", asked).json() for _ in range(2))
    assert (first["again"], second) == (False, first | {"again": True})
    here = f"lists/{first['list']}"
    member = {"officer": shared.officer("fire").email, "why": WHY}
    assert [police.post(f"{here}/members", member).json() for _ in range(2)] == [DONE, AGAIN]
    until = member | {"until": (NOON + timedelta(days=1)).isoformat()}
    assert "on this list already" in told(police.post(f"{here}/members", until), 422)["detail"]
    assert RestrictionMember.objects.count() == 1
    assert [row["members"] for row in police.get("lists").json()] == [1]
    assert police.get(here).json()["members"][0]["officer"] == shared.officer("fire").name
    assert [police.post(f"{here}/members/off", member).json() for _ in range(2)] == [DONE, AGAIN]
    assert [police.post(f"{here}/lift", {"why": WHY}).json() for _ in range(2)] == [DONE, AGAIN]
    assert "was lifted" in told(police.post(f"{here}/members", member), 422)["detail"]
    assert police.get("lists").json()[0]["lifted"]
    assert police.post("lists", asked).json()["list"] != first["list"]  # that one was lifted


def test_a_person_and_a_record_go_on_a_list_once(shared: Partnership) -> None:
    police = keeper(shared)
    listed = make(police)
    key = Person.objects.get().key
    assert shown(shared) == 2
    rows = police.post("records/list", SENT | {"list": listed}).json()["rows"]
    closed = [
        RecordPart.objects.filter(record__source_key="1"),
        Link.objects.filter(record__source_key="1"),
        SearchKey.objects.filter(part__record__source_key="1"),
    ]
    assert rows == sum(each.count() for each in closed)
    assert not any(each.filter(restriction=None).exists() for each in closed)
    assert shown(shared) == 1
    assert police.post("records/list", SENT | {"list": listed}).json() == {"rows": 0}
    assert police.post(f"people/{key}/list", {"list": listed}).json()["rows"] > 0
    assert shown(shared) == 0
    assert police.post(f"people/{key}/list", {"list": listed}).json() == {"rows": 0}
    told(keeper(shared, role=Role.OFFICER).post("records/list", SENT | {"list": listed}), 403)
    other = make(police, "Others")
    told(police.post(f"people/{key}/list", {"list": other}), 404)  # it does not see them any more
    told(police.post("records/list", SENT | {"list": other}), 404)


def test_a_record_is_marked_once_and_lowered_by_who_keeps_lists(shared: Partnership) -> None:
    officer, owner = keeper(shared, role=Role.OFFICER), keeper(shared)
    up, down = ({"marking": m, **SENT} for m in ("OFFICIAL-SENSITIVE", "OFFICIAL"))
    assert [officer.post("records/marking", up).json() for _ in range(2)] == [DONE, AGAIN]
    assert shown(shared) == 1
    told(officer.post("records/marking", down | {"why": WHY}), 403)
    assert "Why is it lowered" in told(owner.post("records/marking", down), 422)["detail"]
    assert owner.post("records/marking", down | {"why": WHY}).json() == DONE
    assert shown(shared) == 2


def test_a_tie_is_declared_and_ended_once(shared: Partnership) -> None:
    lead = keeper(shared, role=Role.DATA_PROTECTION_LEAD)
    key, tied = Person.objects.get().key, shared.officer("police")
    asked = {"officer": tied.email, "why": "Invented cousin"}
    assert [lead.post(f"people/{key}/conflict", asked).json() for _ in range(2)] == [DONE, AGAIN]
    told(lead.post(f"premises/{key}/conflict", asked | {"officer": "nobody@x.invalid"}), 422)
    of_fire = {"officer": shared.officer("fire").email, "why": "Invented cousin"}
    told(lead.post(f"people/{key}/conflict", of_fire), 403)
    (row,) = lead.get("conflicts").json()
    assert (row["officer"], row["page"]) == (tied.name, f"/people/{key}")
    end = f"conflicts/{row['pk']}/end"
    assert [lead.post(end, {"why": WHY}).json() for _ in range(2)] == [DONE, AGAIN]
    assert ConflictOfInterest.objects.get().ended_at is not None


def test_others_neither_restrict_nor_learn_of_it(shared: Partnership) -> None:
    listed, key = make(keeper(shared)), Person.objects.get().key
    fire, officer = keeper(shared, "fire"), keeper(shared, role=Role.OFFICER)
    own = make(fire)
    told(fire.get(f"lists/{listed}"), 404)
    told(fire.post(f"lists/{listed}/lift", {"why": WHY}), 404)
    told(fire.post(f"people/{key}/list", {"list": own}), 404)  # it holds nothing about them
    told(fire.post("records/list", SENT | {"list": own}), 404)
    told(fire.post("records/marking", SENT | {"marking": "OFFICIAL-SENSITIVE"}), 404)
    told(fire.get(f"lists/{2**70}"), 404)
    for path, body in (
        (f"people/{key}/list", {"list": listed}),
        ("lists", {"name": "x", "why": WHY}),
    ):
        told(officer.post(path, body), 403)
    assert not RecordPart.objects.exclude(restriction=None).exists()
    assert Restriction.objects.count() == 2

"""Which places everybody may find, and which nobody who may not read what told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from partnership import Partnership, make_list
from triservice.access.models import RestrictionMember
from triservice.access.record import Refused
from triservice.kernel.access_words import DataClass, Role
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Link, Premises
from triservice.subjects.queries.places import find_premises, premises_view

pytestmark = pytest.mark.django_db
Row = Callable[..., dict[str, Any]]
REFUGE = {"uprn": "100000007", "address": "The Invented Refuge", "postcode": "ZZ1 1AB"}
SENSITIVE = {"marking": "OFFICIAL-SENSITIVE"}


def send(made: Partnership, kind: str, *rows: dict[str, Any]) -> None:
    reader = made.reader(kind, Role.DATA_OWNER)
    receive_records(reader, made.agencies[kind], "system", rows)


def found(made: Partnership, kind: str) -> bool:
    """Whether an officer finds the refuge, in every way that there is."""
    place = Premises.objects.get(uprn=REFUGE["uprn"])
    reader = made.reader(kind)
    by_code = find_premises(reader, "ZZ1 1AB")
    assert bool(by_code) is bool(find_premises(reader, REFUGE["uprn"]))
    if by_code:
        assert premises_view(reader, place.key).key == by_code[0].key
        return True
    with pytest.raises(Refused) as refused:
        premises_view(reader, place.key)
    return not refused.value.hidden


def test_a_place_told_only_by_sensitive_records_is_not_there(
    invented: Partnership, row: Row
) -> None:
    send(invented, "police", row("1", **REFUGE, **SENSITIVE))
    assert found(invented, "police")
    assert not found(invented, "fire")
    invented.term("police", "fire", (DataClass.POLICE,), min_vetting=1)
    assert found(invented, "fire")
    assert not found(invented, "council")
    send(invented, "council", row("1", **REFUGE))  # somebody says it openly
    assert found(invented, "ambulance")


def test_a_place_told_only_by_records_of_a_list_is_not_there(
    invented: Partnership, row: Row
) -> None:
    send(invented, "police", row("1", **REFUGE))
    assert found(invented, "fire")
    officer = invented.officer("police")
    listed = make_list(officer, "Invented")
    Link.objects.update(restriction=listed)
    assert not found(invented, "fire")
    assert not found(invented, "police")
    RestrictionMember.objects.create(restriction=listed, officer=officer)
    assert found(invented, "police")


def test_a_unit_is_not_named_by_its_site(invented: Partnership, row: Row) -> None:
    send(invented, "police", row("1", **REFUGE, **SENSITIVE), row("2", uprn="100000008"))
    refuge = Premises.objects.get(uprn=REFUGE["uprn"])
    site = Premises.objects.get(uprn="100000008")
    Premises.objects.filter(pk=refuge.pk).update(parent=site)
    assert premises_view(invented.reader("police"), site.key).units
    assert premises_view(invented.reader("fire"), site.key).units == ()

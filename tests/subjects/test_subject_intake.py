"""Rows are kept as sent, once; what cannot be read is put aside with sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from triservice.access.models import Disclosure
from triservice.kernel.access_words import DataClass, Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.records import receive_records, settle_quarantined
from triservice.subjects.models import (
    AccessibleNeed,
    Household,
    Link,
    Organisation,
    Person,
    Premises,
    Quarantined,
    RecordPart,
    Relation,
    SearchKey,
    SourceRecord,
    WarningMarker,
)

pytestmark = pytest.mark.django_db
Row = Callable[..., dict[str, Any]]

FULL = {
    "uprn": "100000001",
    "address": "1 Invented Lane, Nowhere",
    "postcode": "ZZ1 1AA",
    "phone": "01632 960001",
    "fire.visit": "home fire safety",
    "fire.summary": "Smoke alarm fitted",
    "household_number": "H1",
    "language": "Cornish",
    "marker": "oxygen in use",
    "marker_source": "occupier told us",
    "marker_review_on": "2027-01-01",
    "area": "E01000001",
}


def receive(invented: Any, *rows: dict[str, Any], kind: str = "fire") -> Any:
    reader = invented.reader(kind, Role.DATA_OWNER)
    return receive_records(reader, invented.agencies[kind], "visits", rows)


def test_a_row_becomes_one_part_a_class_each_owned(invented: Any, row: Row) -> None:
    receipt = receive(invented, row("1", **FULL))
    assert receipt.new == 1
    parts = {part.data_class: part for part in RecordPart.objects.all()}
    assert set(parts) == {"identity", "contact", "location", "fire"}
    for part in parts.values():
        assert part.owner == invented.agencies["fire"]
        assert part.area == "E01000001"
    assert parts["fire"].family_name == ""  # a class holds nothing of another
    assert parts["identity"].details is None
    assert SourceRecord.objects.get().sent == row("1", **FULL)


def test_links_say_the_role_and_hang_on_person_home_and_household(invented: Any, row: Row) -> None:
    receive(invented, row("1", **FULL))
    links = {link.involved: link for link in Link.objects.all()}
    assert set(links) == {"resident", "home address", "member of the household"}
    person = Person.objects.get()
    assert {link.subject_key for link in links.values()} == {person.key}
    assert {link.data_class for link in links.values()} == {"fire"}
    assert Household.objects.get().premises == Premises.objects.get()
    assert AccessibleNeed.objects.get().need == "Cornish"
    assert WarningMarker.objects.get().person == person


def test_a_row_that_does_not_say_its_role_is_not_guessed(invented: Any, row: Row) -> None:
    receive(invented, row("1", role=""))
    assert Link.objects.get().involved == "involvement not said"


def test_the_same_row_is_kept_once(invented: Any, row: Row) -> None:
    receive(invented, row("1", **FULL))
    before = [SourceRecord.objects.count(), RecordPart.objects.count(), Person.objects.count()]
    again = receive(invented, row("1", **FULL))
    assert (again.new, again.same) == (0, 1)
    after = [SourceRecord.objects.count(), RecordPart.objects.count(), Person.objects.count()]
    assert after == before


def test_a_changed_row_is_the_next_version_about_the_same_person(invented: Any, row: Row) -> None:
    receive(invented, row("1", person_number=None))
    receipt = receive(invented, row("1", person_number=None, family_name="Changed"))
    assert receipt.corrected == 1
    old, new = SourceRecord.objects.order_by("version")
    assert (old.version, old.current, new.version, new.current) == (1, False, 2, True)
    assert Person.objects.count() == 1
    assert set(SearchKey.objects.values_list("text", flat=True)) == {"morwenna changed"}
    assert old.sent["family_name"] == "Trevanion"


def test_versions_in_one_batch_and_out_of_order(invented: Any, row: Row) -> None:
    receive(
        invented,
        row("1", version="2", family_name="Two"),
        row("1", version="3", family_name="Three"),
        row("1", version="1", family_name="One"),
    )
    assert SourceRecord.objects.get(current=True).version == 3
    assert SearchKey.objects.get().text == "morwenna three"
    assert RecordPart.objects.filter(current=True, data_class="identity").count() == 1


def test_another_content_under_the_same_version_is_put_aside(invented: Any, row: Row) -> None:
    receive(invented, row("1", version="1"))
    receipt = receive(invented, row("1", version="1", family_name="Other"))
    [(number, [sentence])] = receipt.quarantined
    assert number == 1
    assert "another content" in sentence
    assert SourceRecord.objects.count() == 1


def test_a_bad_row_is_kept_apart_whole_and_waits_once(invented: Any, row: Row) -> None:
    bad = row("2", date_of_birth="31/02/1948", phone="none at all")
    for _ in range(2):
        receipt = receive(invented, row("1"), bad)
        assert [number for number, _ in receipt.quarantined] == [2]
    waiting = Quarantined.objects.get()
    assert waiting.sent == bad
    assert len(waiting.wrong) == 2
    settle_quarantined(invented.reader("fire", Role.DATA_OWNER), waiting.pk, "Sent again, right")
    with pytest.raises(InputError, match="not waiting"):
        settle_quarantined(invented.reader("fire", Role.DATA_OWNER), waiting.pk, "Again")


def test_another_agency_cannot_settle_a_bad_row(invented: Any, row: Row) -> None:
    receive(invented, row("2", phone="none at all"))
    with pytest.raises(InputError, match="not your agency"):
        settle_quarantined(
            invented.reader("police", Role.DATA_OWNER), Quarantined.objects.get().pk, "It was me"
        )


def test_nobody_sends_for_another_agency(invented: Any, row: Row) -> None:
    with pytest.raises(InputError, match="another agency"):
        receive_records(
            invented.reader("police", Role.DATA_OWNER), invented.agencies["fire"], "x", [row("1")]
        )
    assert not SourceRecord.objects.exists()


def test_one_number_of_the_agency_is_one_person(invented: Any, row: Row) -> None:
    receive(invented, row("1", person_number="7"), row("2", person_number="7"), row("3"))
    receive(invented, row("4", person_number="7"))
    assert Person.objects.count() == 2


def test_the_number_of_another_agency_is_not_the_same_person(invented: Any, row: Row) -> None:
    receive(invented, row("1", person_number="7"))
    receive(invented, row("1", person_number="7"), kind="police")
    assert Person.objects.count() == 2


def test_one_uprn_is_one_premises_for_all(invented: Any, row: Row) -> None:
    receive(invented, row("1", **FULL))
    receive(invented, row("1", uprn="0100000001", address="Flat 1"), kind="police")
    assert Premises.objects.count() == 1


def test_an_address_without_uprn_is_one_premises_however_it_is_spelt(
    invented: Any, row: Row
) -> None:
    place = {"address": "1 Invented Lane", "postcode": "ZZ1 1AA"}
    receive(invented, row("1", **place))
    receive(invented, row("2", address="1  INVENTED lane.", postcode="zz11aa"))
    assert Premises.objects.count() == 1


def test_a_relation_names_someone_not_met_yet(invented: Any, row: Row) -> None:
    receive(invented, row("1", person_number="7", relation="parent", relation_to="8"))
    receive(invented, row("2", person_number="8"), row("3", person_number="7"))
    relation = Relation.objects.get()
    assert relation.other.links.get().record.source_key == "2"


def test_a_marker_told_again_is_reviewed_not_doubled(invented: Any, row: Row) -> None:
    receive(invented, row("1", **FULL))
    receive(invented, row("1", **FULL | {"area": "E01000002"}))  # the same marker
    assert WarningMarker.objects.count() == 1
    receive(invented, row("1", **FULL | {"marker_review_on": "2028-01-01"}))
    old, new = WarningMarker.objects.order_by("review_on")
    assert old.ended_at is not None
    assert new.ended_at is None


def test_receiving_is_on_the_record(invented: Any, row: Row) -> None:
    receive(invented, row("1"))
    told = Disclosure.objects.latest("seq")
    assert told.kind == "collection"
    assert str(SourceRecord.objects.get().pk) in told.what
    assert "Trevanion" not in told.what


def test_a_council_row_about_housing_is_not_social_care(invented: Any, row: Row) -> None:
    receive(invented, row("1", data_class="household"), kind="council")
    assert set(RecordPart.objects.values_list("data_class", flat=True)) == {
        str(DataClass.IDENTITY),
        str(DataClass.HOUSEHOLD),
    }


HOME = {
    "source_key": "o1",
    "kind": "inspection",
    "organisation": "Trelawn House",
    "organisation_kind": "care home",
    "organisation_number": "O1",
    "uprn": "100000009",
    "address": "9 Invented Lane, Nowhere",
    "postcode": "ZZ1 1AA",
    "role": "at risk",
    "fire.summary": "Invented inspection",
}


def test_a_row_about_an_organisation_hangs_on_it_and_on_its_place(invented: Any) -> None:
    receive(invented, HOME)
    organisation = Organisation.objects.get()
    assert organisation.premises == Premises.objects.get(uprn="100000009")
    involved = {
        link.organisation_id or 0: link.involved
        for link in Link.objects.filter(ended_at__isnull=True)
    }
    assert involved == {organisation.pk: "at risk", 0: "home address"}
    part = RecordPart.objects.get(data_class="location")
    assert (part.organisation, part.organisation_kind) == ("Trelawn House", "care home")
    assert {part.subject_key for part in RecordPart.objects.all()} == {organisation.key}
    assert not Person.objects.exists()


def test_one_name_at_one_place_is_one_organisation_for_all(invented: Any, row: Row) -> None:
    receive(invented, HOME, HOME | {"source_key": "o2"})
    unnumbered = {k: v for k, v in HOME.items() if k != "organisation_number"}
    fire = {k: v for k, v in unnumbered.items() if not k.startswith("fire.")}
    receive(invented, row("p", **fire | {"source_key": "p"}), kind="police")
    receive(invented, fire | {"organisation": "TRELAWN  house", "source_key": "q"}, kind="police")
    assert Organisation.objects.count() == 1
    assert Link.objects.filter(organisation__isnull=False).count() == 4
    receive(invented, fire | {"organisation": "Other House", "source_key": "r"}, kind="police")
    receive(invented, fire | {"uprn": "100000010", "source_key": "s"}, kind="police")
    assert Organisation.objects.count() == 3


def test_a_number_stays_one_organisation_under_a_new_name_and_place(invented: Any) -> None:
    receive(invented, HOME)
    moved = {"uprn": "100000010", "organisation": "Trelawn Court"}
    receive(invented, HOME | moved | {"source_key": "o2"})
    assert Organisation.objects.count() == 1
    receive(invented, HOME | {"uprn": "100000011"}, kind="police")  # another agency's O1
    assert Organisation.objects.count() == 2


def test_an_organisation_by_its_name_alone_is_put_aside(invented: Any) -> None:
    row = {"source_key": "o", "organisation": "Trelawn House"}
    assert "by its name alone" in receive(invented, row).quarantined[0][1][0]
    assert not Organisation.objects.exists()
    assert receive(invented, row | {"organisation_number": "O1"}).new == 1


def test_units_are_of_their_site_whichever_comes_first(invented: Any) -> None:
    def unit(key: str, uprn: str, **more: str) -> dict[str, str]:
        return {"source_key": key, "uprn": uprn, "address": f"Flat {uprn}", **more}

    site = {"parent_uprn": "100000020"}
    receive(invented, unit("1", "100000021", **site), unit("2", "100000022"))
    receive(invented, unit("2", "100000022", **site), unit("3", "100000020"))
    block = Premises.objects.get(uprn="100000020")
    assert set(block.units.values_list("uprn", flat=True)) == {"100000021", "100000022"}
    itself = receive(invented, unit("4", "100000020", **site))
    assert "another than the site's" in itself.quarantined[0][1][0]
    assert "parent_uprn" in receive(invented, {"source_key": "5", **site}).quarantined[0][1][0]

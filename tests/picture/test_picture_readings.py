"""What is on the record, what acts at once, and what is hidden from whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from invented_pictures import CLASS_OF, make_layer, make_picture, make_result

from partnership import NOON, Partnership, make_opening
from triservice.access.models import AgreementVersion, Disclosure, Term
from triservice.access.record import Refused
from triservice.kernel import clock
from triservice.kernel.access_words import Mode, Purpose, Reader, Reason, Role
from triservice.kernel.errors import InputError
from triservice.picture import queries, sentences
from triservice.picture.models import LakeSource, StoredPicture
from triservice.picture.shown import Shown, Withheld

pytestmark = pytest.mark.django_db
COUNTS = {"police": [40, 12, 3, 0], "fire": [9, 6, 5, 1], "ambulance": [20, 0, 0, 2]}


@pytest.fixture
def analyst(bare: Partnership) -> Reader:
    return bare.reader("fire", Role.ANALYST, Purpose.EVALUATION)


@pytest.fixture
def picture(bare: Partnership, feeds: dict[str, LakeSource]) -> StoredPicture:
    layers = [make_layer(feeds[kind].pk, counts) for kind, counts in COUNTS.items()]
    return make_picture(bare, make_result(layers))


def look(reader: Reader, picture: StoredPicture) -> Shown:
    shown = queries.opened(reader, picture.pk).shown
    assert shown is not None
    return shown


def labels(shown: Shown) -> list[str]:
    return [layer.service for layer in shown.layers]


def opens(made: Partnership, kind: str = "police", **rest: object) -> Term:
    term: dict[str, object] = {"purposes": [Purpose.EVALUATION], "counts_only": True}
    return made.term(kind, "fire", [CLASS_OF[kind]], **(term | rest))  # type: ignore[arg-type]


def test_only_the_own_events_are_open_without_a_term(
    analyst: Reader, picture: StoredPicture
) -> None:
    shown = look(analyst, picture)
    assert labels(shown) == ["fire"]
    assert [(w.service, w.decision.reason) for w in shown.withheld] == [
        ("police", Reason.NO_TERM),
        ("ambulance", Reason.NO_TERM),
    ]
    assert shown.layers[0].total == 21
    assert "Invented police" not in " ".join(sentences.findings(shown))


def test_whom_to_ask_is_said_as_the_agreement_says(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    opens(bare, purposes=[Purpose.TASKING])
    withheld: Withheld = look(analyst, picture).withheld[0]
    assert withheld.decision.reason is Reason.PURPOSE
    assert withheld.contact == "Duty desk of Penmarric Police"


def test_a_suspension_acts_on_the_next_reading(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    opens(bare)
    assert labels(look(analyst, picture)) == ["police", "fire"]
    AgreementVersion.objects.update(state="suspended")
    assert labels(look(analyst, picture)) == ["fire"]
    AgreementVersion.objects.update(state="in force")
    assert labels(look(analyst, picture)) == ["police", "fire"]


def test_a_term_that_expires_acts_to_the_second(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    end = NOON + timedelta(hours=1)
    opens(bare, valid_until=end)
    for at, seen in ((end - timedelta(seconds=1), 2), (end, 1)):
        with clock.frozen(at):
            assert len(look(replace(analyst, at=at), picture).layers) == seen


def test_a_higher_threshold_acts_at_once_on_every_count(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    term = opens(bare, small_number=5)
    shown = look(analyst, picture)
    police, fire = shown.layers
    assert shown.least == 5
    assert police.counts[2] is police.counts[3] is None
    assert police.counts[0] == 40 or police.counts[1] == 12  # one covers for 3 + 0
    assert list(fire.counts.values()).count(None) >= 2  # the own, too: the strictest holds
    term.small_number = 25
    term.save()
    shown = look(analyst, picture)
    assert shown.least == 25
    assert shown.layers[0].total == 55
    assert shown.layers[1].total is None
    assert set(shown.layers[1].counts.values()) == {None}
    assert set(shown.layers[1].months.values()) == {None}


def test_no_hidden_count_follows_from_a_total_shown(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    opens(bare, small_number=5)
    for layer in look(analyst, picture).layers:
        for parts in (layer.counts, layer.months, layer.categories):
            told = [count for count in parts.values() if count is not None]
            gone = len(parts) - len(told)
            assert layer.total is not None
            assert gone != 1
            assert not gone or layer.total - sum(told) >= 5


def test_counts_only_show_no_event_and_no_zone(
    bare: Partnership, analyst: Reader, picture: StoredPicture, feeds: dict[str, LakeSource]
) -> None:
    officer = bare.reader("fire", Role.OFFICER, Purpose.EVALUATION)
    term = opens(bare)
    shown = look(officer, picture)
    assert labels(shown)[0] == "police"
    assert not shown.layers[0].zones
    assert shown.layers[0].near
    with pytest.raises(Refused) as refused:
        queries.events(officer, picture.pk, feeds["police"].pk)
    assert not refused.value.hidden
    term.counts_only = False
    term.save()
    layer = look(officer, picture).layers[0]
    assert [zone["events"] for zone in layer.zones] == [12, 4]
    # An analyst counts and reads no rows, whatever the term says.
    assert not look(analyst, picture).layers[0].zones


def test_zones_of_few_events_are_counted_and_not_drawn(
    bare: Partnership, picture: StoredPicture
) -> None:
    opens(bare, counts_only=False, small_number=5)
    layer = look(bare.reader("fire", Role.OFFICER, Purpose.EVALUATION), picture).layers[0]
    assert [zone["events"] for zone in layer.zones] == [12]
    assert layer.zones_hidden == 1


def test_a_term_of_one_area_opens_its_places_alone(
    bare: Partnership, analyst: Reader, feeds: dict[str, LakeSource]
) -> None:
    layers = [make_layer(feeds[kind].pk, counts) for kind, counts in COUNTS.items()]
    picture = make_picture(bare, make_result(layers, ["E1", "E2", "E3", "E4"]))
    opens(bare, areas=["E2"])
    police = look(analyst, picture).layers[0]
    assert dict(police.counts) == {1: 12}
    assert police.total == 12
    assert not police.whole
    assert not any((police.months, police.categories, police.hot, police.near))
    assert police.elsewhere is None
    opens(bare)
    bare.term("police", "fire", [CLASS_OF["police"]], areas=["E1"], mode=Mode.NEVER, purposes=[])
    police = look(analyst, picture).layers[0]
    assert sorted(police.counts) == [1, 2, 3]


def test_a_never_of_an_area_closes_grid_cells_which_may_lie_in_it(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    opens(bare)
    bare.term("police", "fire", [CLASS_OF["police"]], areas=["E1"], mode=Mode.NEVER, purposes=[])
    LakeSource.objects.update(area="E9")
    shown = look(analyst, picture)
    assert labels(shown) == ["fire"]
    assert shown.withheld[0].decision.reason is Reason.NEVER


def test_an_approval_of_a_source_opens_it(
    bare: Partnership, analyst: Reader, picture: StoredPicture, feeds: dict[str, LakeSource]
) -> None:
    opens(bare, mode=Mode.ON_APPROVAL, counts_only=False)
    assert look(analyst, picture).withheld[0].decision.reason is Reason.NEEDS_APPROVAL
    approver = bare.officer("police", Role.DATA_OWNER)
    officer = bare.officer("fire", Role.ANALYST)
    make_opening(officer, [feeds["police"]], decided_by=approver, purpose=Purpose.EVALUATION)
    assert labels(look(analyst, picture)) == ["police", "fire"]


def test_pairs_rest_on_both_sources(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    opens(bare)
    assert [(p.a, p.b) for p in look(analyst, picture).pairs] == [
        ("Invented police events", "Invented fire events")
    ]


def test_the_marking_is_the_highest_of_what_is_shown(
    bare: Partnership, analyst: Reader, picture: StoredPicture
) -> None:
    LakeSource.objects.filter(service="police").update(marking="OFFICIAL-SENSITIVE")
    assert look(analyst, picture).marking == "OFFICIAL"
    opens(bare, min_vetting=2)
    assert look(analyst, picture).marking == "OFFICIAL-SENSITIVE"


def test_each_view_is_one_disclosure_that_names_sources_and_terms(
    bare: Partnership, analyst: Reader, picture: StoredPicture, feeds: dict[str, LakeSource]
) -> None:
    term = opens(bare)
    other = make_picture(bare, picture.result)
    views = (
        lambda: queries.listed(analyst),
        lambda: queries.opened(analyst, picture.pk),
        lambda: queries.compared(analyst, picture.pk, other.pk),
        lambda: queries.choices(analyst),
        lambda: queries.sources(analyst),
    )
    for view in views:
        before = Disclosure.objects.count()
        view()
        assert Disclosure.objects.count() == before + 1
    queries.opened(analyst, picture.pk)
    row = queries.opened(analyst, picture.pk).row
    assert queries.comparable(analyst, row) == [(other.pk, "Invented picture (2025-01 to 2025-02)")]
    last = Disclosure.objects.order_by("seq").last()
    assert f"term {term.pk}" in last.basis
    assert f'"police":["{feeds["police"].pk}"]' in last.what
    assert "Invented ambulance events: No agreement" in last.what
    assert last.purpose == "evaluation"


def test_status_reads_no_number_and_is_not_recorded(
    analyst: Reader, picture: StoredPicture
) -> None:
    before = Disclosure.objects.count()
    row = queries.status(analyst, picture.pk)
    assert row is not None
    assert not row.waiting
    assert Disclosure.objects.count() == before


def test_another_agency_finds_it_only_when_shared(
    bare: Partnership, picture: StoredPicture
) -> None:
    council = bare.reader("council", Role.ANALYST, Purpose.EVALUATION)
    assert queries.listed(council) == []
    with pytest.raises(Refused) as refused:
        queries.opened(council, picture.pk)
    assert refused.value.hidden
    assert Disclosure.objects.order_by("seq").last().outcome == "deny"
    picture.shared_with.add(bare.agencies["council"])
    assert [row.pk for row in queries.listed(council)] == [picture.pk]
    # Sharing opens no data: nobody opens anything to the council here.
    shown = look(council, picture)
    assert not shown.layers
    assert len(shown.withheld) == 3


def test_pictures_of_other_places_are_not_compared(
    bare: Partnership, analyst: Reader, picture: StoredPicture, feeds: dict[str, LakeSource]
) -> None:
    other = make_picture(bare, make_result([make_layer(feeds["fire"].pk, [1, 2, 3])]))
    with pytest.raises(InputError, match="not of the same places"):
        queries.compared(analyst, picture.pk, other.pk)


def test_a_source_that_is_known_no_more_is_not_shown(
    analyst: Reader, picture: StoredPicture
) -> None:
    LakeSource.objects.filter(service="fire").delete()
    shown = look(analyst, picture)
    assert not shown.layers


def test_what_changed_is_told_where_both_are_shown(
    bare: Partnership, analyst: Reader, feeds: dict[str, LakeSource]
) -> None:
    fire = feeds["fire"].pk
    first = make_picture(bare, make_result([make_layer(fire, [50, 20, 9, 0])]))
    result = make_result([make_layer(fire, [10, 22, 9, 7], hot={"1": 30})])
    second = make_picture(bare, result, parameters={"small_number": 5})
    one, two = look(analyst, first), look(analyst, second)
    (change,) = sentences.compare(one, two)
    assert [(c.before, c.after, c.notable, c.hot) for c in change.changes] == [
        (50, 10, True, "is no hotspot any more"),
        (0, 7, True, ""),
        (20, 22, False, "became a hotspot"),
        (9, 9, False, ""),
    ]
    assert any("overlap" in text for text in sentences.cautions(one, two))

"""Asking for pictures, working them out, and what is left when something goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult
from invented_pictures import CLASS_OF, make_picture

from partnership import NOON, Partnership, make_list
from triservice.access.models import Disclosure
from triservice.access.record import Refused
from triservice.agencies.models import Holding
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader, Role
from triservice.kernel.errors import InputError
from triservice.picture import actions, demo, lakes, queries, tasks, working
from triservice.picture.models import LakeSource, StoredPicture
from triservice.picture.rules import MOST_WAITING

pytestmark = pytest.mark.django_db
WANTED: dict[str, Any] = {
    "services": ["police", "fire", "ambulance"],
    "since": "2025-01",
    "until": "2025-12",
    "unit": "districts",
    "small_number": 0,
}
SERVICES = ("police", "fire", "ambulance")


@pytest.fixture
def analyst(bare: Partnership) -> Reader:
    for kind in ("police", "ambulance"):
        bare.term(kind, "fire", [CLASS_OF[kind]], purposes=[Purpose.EVALUATION])
    return bare.reader("fire", Role.ANALYST, Purpose.EVALUATION)


@pytest.fixture
def sources(bare: Partnership, lake: Path) -> dict[str, int]:
    """The sources of the lake with their owners, as the system administrator says."""
    keeper = bare.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    return {
        service: actions.register_source(
            keeper,
            source=demo.SOURCE,
            service=service,
            label=f"Invented {service}",
            owner=bare.agencies[service].pk,
            data_class=service,
        )
        for service in SERVICES
    }


def test_a_picture_is_asked_for_worked_out_and_read(
    analyst: Reader, sources: dict[str, int], lake: Path
) -> None:
    key = actions.request_picture(analyst, "  Where they are called ", WANTED)
    row = queries.opened(analyst, key).row
    assert (row.title, row.state, row.waiting) == ("Where they are called", "queued", True)
    task = DBTaskResult.objects.get()
    assert task.args_kwargs == {"args": [key, 1], "kwargs": {}}
    tasks.work_out.func(key, 1)
    shown = queries.opened(analyst, key).shown
    assert shown is not None
    stored = StoredPicture.objects.get(pk=key)
    assert (stored.state, stored.progress, stored.error) == ("done", 100, "")
    assert stored.made_at == NOON
    assert stored.fingerprint == lakes.fingerprint()
    assert len(shown.places) == 64
    # Every event of the lake's year is somewhere: in a place, outside, or without one.
    for layer in shown.layers:
        everything = _in_the_lake(lake, layer.service)
        assert layer.total is not None
        assert layer.elsewhere is not None
        assert layer.unplaced is not None
        assert layer.total + layer.elsewhere + layer.unplaced == everything
        assert sum(count or 0 for count in layer.counts.values()) == layer.total
        assert sum(count or 0 for count in layer.months.values()) == layer.total
        assert sum(count or 0 for count in layer.categories.values()) == layer.total
    assert [pair.r is not None for pair in shown.pairs] == [True] * 3
    kinds = list(Disclosure.objects.order_by("seq").values_list("doing", "kind"))
    assert ("ask for a picture", "combination") in kinds
    assert ("work out a picture", "combination") in kinds


def _in_the_lake(lake: Path, service: str) -> int:
    from triservice.analysis.lake.store import Lake, Selection
    from triservice.kernel.month import month_bounds

    since, until = (
        month_bounds("2025-01", "Europe/London")[0],
        month_bounds("2025-12", "Europe/London")[1],
    )
    chosen = Selection(services=(service,), since=since, until=until)
    return int(Lake.open(lake).events(chosen, ["event_id"]).num_rows)


@pytest.mark.parametrize("unit", ["square", "hex"])
def test_grids_are_counted_as_areas_are(
    sources: dict[str, int], lake: Path, unit: str, bare: Partnership
) -> None:
    from triservice.picture.rules import read_parameters

    wanted = read_parameters(WANTED | {"unit": unit, "size_m": 5_000, "overlap": False})
    given = [working.Source(key, demo.SOURCE, name, name) for name, key in sources.items()]
    result = working.work_out(lake, wanted, given)
    for layer in result["layers"]:
        assert sum(layer["counts"]) == sum(layer["months"].values())
        assert sum(layer["counts"]) > 100
    assert not result["coded"]
    assert len(result["shapes"]) == len(result["layers"][0]["counts"])
    west, south = result["shapes"][0]["coordinates"][0][0]
    assert -9 < west < 2
    assert 49 < south < 61


def test_single_events_are_read_where_rows_are_open(
    bare: Partnership, analyst: Reader, sources: dict[str, int], lake: Path
) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED | {"categories": ["burglary"]})
    actions.run(key, 1)
    officer = bare.reader("fire", Role.OFFICER, Purpose.EVALUATION)
    before = Disclosure.objects.count()
    found = queries.events(officer, key, sources["police"], "2025-03")
    assert Disclosure.objects.count() == before + 1
    assert found.month == "2025-03"
    assert {event.category for event in found.events} == {"burglary"}
    assert all(f"{event.at:%Y-%m}" == "2025-03" for event in found.events)
    last = Disclosure.objects.order_by("seq").last()
    assert last.what.count('"picture.event"') == 1
    with pytest.raises(Refused):
        queries.events(analyst, key, sources["police"], "2025-03")  # an analyst counts
    with pytest.raises(Refused) as refused:
        queries.events(officer, key, 987_654)
    assert refused.value.hidden


@pytest.mark.parametrize(
    ("changed", "title", "field"),
    [
        ({}, " ", "title"),
        ({}, "x" * 201, "title"),
        ({"services": []}, "Invented", "services"),
        ({"services": ["health"]}, "Invented", "services"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_kept(
    analyst: Reader, sources: dict[str, int], changed: dict[str, Any], title: str, field: str
) -> None:
    with pytest.raises(InputError) as refused:
        actions.request_picture(analyst, title, WANTED | changed)
    assert refused.value.field == field
    assert not StoredPicture.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_services_of_which_nothing_is_open_are_refused_with_the_reason(
    bare: Partnership, sources: dict[str, int]
) -> None:
    council = bare.reader("council", Role.ANALYST, Purpose.EVALUATION)
    with pytest.raises(InputError, match="no agreement opens this to your agency"):
        actions.request_picture(council, "Invented", WANTED)


def test_a_source_for_named_people_is_not_there_for_others(
    bare: Partnership, analyst: Reader, sources: dict[str, int]
) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED)
    actions.run(key, 1)
    officer = bare.reader("fire", Role.OFFICER, Purpose.EVALUATION)
    closed = make_list(bare.officer("police", Role.DATA_OWNER), "Invented")
    LakeSource.objects.filter(pk=sources["police"]).update(restriction=closed)
    with pytest.raises(Refused) as refused:
        queries.events(officer, key, sources["police"])
    assert refused.value.hidden
    with pytest.raises(InputError) as restricted:
        actions.request_picture(analyst, "Invented", WANTED | {"services": ["police"]})
    StoredPicture.objects.all().delete()
    LakeSource.objects.filter(pk=sources["police"]).delete()
    with pytest.raises(InputError) as gone:
        actions.request_picture(analyst, "Invented", WANTED | {"services": ["police"]})
    assert str(restricted.value) == str(gone.value)


def test_whoever_does_not_make_pictures_asks_for_none(
    bare: Partnership, analyst: Reader, sources: dict[str, int]
) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED)
    officer = bare.reader("fire", Role.OFFICER, Purpose.EVALUATION)
    for doing in (
        lambda: actions.request_picture(officer, "Invented", WANTED),
        lambda: actions.rerun(officer, key),
        lambda: actions.share(officer, key, []),
        lambda: actions.delete(officer, key),
        lambda: actions.rerun(bare.reader("police", Role.ANALYST, Purpose.EVALUATION), key),
        lambda: actions.delete(bare.reader("police", Role.ANALYST, Purpose.EVALUATION), key),
    ):
        with pytest.raises(Refused):
            doing()
    assert StoredPicture.objects.get().pk == key


def test_only_who_keeps_the_system_says_whose_a_source_is(bare: Partnership) -> None:
    owner = bare.reader("police", Role.DATA_OWNER, Purpose.ADMINISTRATION)
    given = {"source": "x", "service": "police", "label": "X", "data_class": "police"}
    with pytest.raises(Refused):
        actions.register_source(owner, owner=bare.agencies["police"].pk, **given)
    keeper = bare.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    for wrong in ({"service": "army"}, {"data_class": "gossip"}, {"label": " "}):
        with pytest.raises(InputError):
            actions.register_source(keeper, owner=bare.agencies["police"].pk, **given | wrong)
    with pytest.raises(InputError, match="no such agency"):
        actions.register_source(keeper, owner=987_654, **given)
    assert not LakeSource.objects.exists()


def test_events_without_an_owner_are_in_no_picture(
    analyst: Reader, sources: dict[str, int], lake: Path
) -> None:
    LakeSource.objects.filter(service="ambulance").delete()
    key = actions.request_picture(analyst, "Invented", WANTED)
    actions.run(key, 1)
    result = StoredPicture.objects.get(pk=key).result
    assert [layer["source"] for layer in result["layers"]] == [sources["police"], sources["fire"]]


def test_a_failure_is_kept_as_a_sentence(analyst: Reader, sources: dict[str, int]) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED | {"area": "Atlantis"})
    actions.run(key, 1)
    stored = StoredPicture.objects.get(pk=key)
    assert stored.state == "failed"
    assert stored.error.startswith("No districts outline in the lake belongs to 'Atlantis'")
    assert stored.result is None


def test_a_failure_names_no_folder_of_the_machine(
    analyst: Reader, sources: dict[str, int], lake: Path
) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED | {"unit": "lsoa21"})
    actions.run(key, 1)
    said = StoredPicture.objects.get(pk=key).error
    assert "holds no lsoa21 outlines, only districts" in said
    assert str(lake) not in said


def test_a_fault_says_no_more_than_a_number(
    analyst: Reader, sources: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    key = actions.request_picture(analyst, "Invented", WANTED)
    monkeypatch.setattr(working, "work_out", broken)
    actions.run(key, 1)
    stored = StoredPicture.objects.get(pk=key)
    assert stored.state == "failed"
    assert f"picture {key}, run 1" in stored.error
    assert "secret" not in stored.error


def test_no_lake_is_a_sentence(analyst: Reader, sources: dict[str, int], settings: Any) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED)
    settings.LAKE = None
    actions.run(key, 1)
    assert "There is no lake" in StoredPicture.objects.get(pk=key).error


def test_whoever_left_meanwhile_gets_no_numbers(
    bare: Partnership, analyst: Reader, sources: dict[str, int]
) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED)
    Holding.objects.filter(officer=bare.officer("fire", Role.ANALYST)).update(
        until=NOON.date() - timedelta(days=1)
    )
    actions.run(key, 1)
    stored = StoredPicture.objects.get(pk=key)
    assert stored.result is None
    assert "holds no post" in stored.error


def test_a_run_that_was_overtaken_or_deleted_changes_nothing(
    analyst: Reader, sources: dict[str, int]
) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED)
    actions.run(key, 7)
    assert StoredPicture.objects.get(pk=key).state == "queued"
    actions.run(key, 1)
    done = Disclosure.objects.count()
    actions.run(key, 1)  # the queue may deliver twice
    assert Disclosure.objects.count() == done
    actions.delete(analyst, key)
    actions.run(key, 1)
    assert not StoredPicture.objects.exists()


def test_it_is_made_again_from_the_lake_as_it_is_then(
    analyst: Reader, sources: dict[str, int]
) -> None:
    key = actions.request_picture(analyst, "Invented", WANTED)
    with pytest.raises(InputError, match="being worked out already"):
        actions.rerun(analyst, key)
    with clock.frozen(NOON + actions.LOST_AFTER):  # its process must have died
        actions.rerun(replace(analyst, at=NOON + actions.LOST_AFTER), key)
    actions.run(key, 2)
    StoredPicture.objects.update(fingerprint="another")
    assert queries.opened(analyst, key).row.stale
    actions.rerun(analyst, key)
    assert queries.opened(analyst, key).shown is None
    actions.run(key, 3)
    assert not queries.opened(analyst, key).row.stale


def test_so_many_of_ones_pictures_may_wait(analyst: Reader, sources: dict[str, int]) -> None:
    asked = [actions.request_picture(analyst, "Invented", WANTED) for _ in range(MOST_WAITING)]
    limit = r"3 of your pictures are being worked out, .* Wait until one is ready, or delete one"
    with pytest.raises(InputError, match=limit):
        actions.request_picture(analyst, "Invented", WANTED)
    assert StoredPicture.objects.count() == DBTaskResult.objects.count() == MOST_WAITING
    actions.run(asked[0], 1)
    actions.delete(analyst, asked[1])
    asked += [actions.request_picture(analyst, "Invented", WANTED) for _ in range(2)]
    with pytest.raises(InputError, match=limit):  # one that is there already, too
        actions.rerun(analyst, asked[0])
    StoredPicture.objects.filter(pk=asked[2]).update(state="running", started_at=NOON)
    later = replace(analyst, at=NOON + actions.LOST_AFTER)
    with clock.frozen(later.at):  # its process must have died, so its place is free
        actions.rerun(later, asked[0])
        with pytest.raises(InputError, match=limit):
            actions.rerun(later, asked[2])


def test_sharing_names_the_agencies_that_may_open_it(
    bare: Partnership, analyst: Reader, sources: dict[str, int]
) -> None:
    key = make_picture(bare, None).pk
    police = bare.agencies["police"].pk
    actions.share(analyst, key, [police, analyst.agency])
    assert queries.opened(analyst, key).row.shared_with == ("Penmarric Police",)
    actions.share(analyst, key, [])
    assert queries.opened(analyst, key).row.shared_with == ()
    with pytest.raises(InputError):
        actions.share(analyst, key, [987_654])


def test_the_demonstration_is_stored_once(bare: Partnership, settings: Any, lake: Path) -> None:
    keeper = bare.reader("council", Role.ADMINISTRATOR, Purpose.ADMINISTRATION)
    analyst = bare.reader("fire", Role.ANALYST, Purpose.EVALUATION)
    owners = {service: bare.agencies[service].pk for service in SERVICES}
    first = demo.store_demo(keeper, analyst, owners)
    assert demo.store_demo(keeper, analyst, owners) == first
    actions.run(first, 1)
    stored = StoredPicture.objects.get()
    assert (stored.state, stored.error) == ("done", "")
    assert LakeSource.objects.count() == 3
    assert "burglary" in LakeSource.objects.get(service="police").categories

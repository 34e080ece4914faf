"""Every face of a picture agrees with decide(), whatever the terms, and hides the same numbers.

Random agreements, sources, places and readers; the page's values, the table, the map, the files
and the totals are compared with decisions made one by one by another way. Nothing here is real.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented_pictures import CLASS_OF, make_layer, make_picture, make_result, make_source

from partnership import NOON, Partnership, make_list, make_partnership
from triservice.access.models import AgreementVersion, RestrictionMember
from triservice.access.queries import decide, item_of, visible_to
from triservice.access.rules import Item, Use
from triservice.kernel import clock
from triservice.kernel.access_words import Decision, Mode, Purpose, Reader, Reason, Role
from triservice.picture import files, queries, sentences
from triservice.picture.models import LakeSource
from triservice.picture.rules import hidden
from triservice.picture.shown import Shown

pytestmark = pytest.mark.django_db
CODES = ["E1", "E2", "E3"]
GIVERS = ["police", "ambulance", "fire"]  # fire is the reader's own agency


def some(values: list[Any], least: int = 1) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=len(values), unique=True)


terms = st.fixed_dictionaries(
    {
        "from_agency": st.sampled_from(GIVERS[:2]),
        "classes": some([CLASS_OF[kind] for kind in GIVERS[:2]]),
        "mode": st.sampled_from([Mode.OPEN] * 4 + [Mode.ON_APPROVAL, Mode.NEVER]),
        "areas": st.none() | some(["E1", "E2", "E9"]),
        "purposes": st.sampled_from(
            [[Purpose.EVALUATION], [Purpose.EVALUATION, Purpose.TASKING], [Purpose.TASKING]]
        ),
        "counts_only": st.booleans(),
        "small_number": st.sampled_from([0, 0, 3, 10]),
    }
)
worlds = st.fixed_dictionaries(
    {
        "terms": st.lists(terms, max_size=5),
        "state": st.sampled_from(["in force"] * 5 + ["suspended", "expired"]),
        "areas": st.lists(st.sampled_from(["", "E9", "E1"]), min_size=3, max_size=3),
        "markings": st.lists(
            st.sampled_from(["OFFICIAL"] * 3 + ["OFFICIAL-SENSITIVE"]), min_size=3, max_size=3
        ),
        "restricted": st.sampled_from([None, None, None, 0, 2]),
        "listed": st.booleans(),
        "coded": st.booleans(),
        "least": st.sampled_from([0, 0, 5]),
        "counts": st.lists(
            st.lists(st.integers(0, 15), min_size=3, max_size=3), min_size=3, max_size=3
        ),
        "role": st.sampled_from([Role.ANALYST, Role.ANALYST, Role.OFFICER, Role.FINANCE]),
        "purpose": st.sampled_from([Purpose.EVALUATION, Purpose.TASKING]),
    }
)


@pytest.fixture
def made(db: None) -> Any:
    with clock.frozen(NOON):
        yield make_partnership(terms=False, roles=())


def build(made: Partnership, world: dict[str, Any]) -> tuple[Reader, int, dict[str, Any]]:
    for said in world["terms"]:
        said = dict(said)
        made.term(said.pop("from_agency"), "fire", said.pop("classes"), **said)
    reader = made.reader("fire", world["role"], world["purpose"])
    rows = []
    for kind, area, marking in zip(GIVERS, world["areas"], world["markings"], strict=True):
        rows.append(make_source(made, kind, area=area, marking=marking))
    if world["restricted"] is not None:
        officer = made.officer("fire", world["role"])
        closed = make_list(officer, "List")
        LakeSource.objects.filter(pk=rows[world["restricted"]].pk).update(restriction=closed)
        if world["listed"]:
            RestrictionMember.objects.create(restriction=closed, officer=officer, since=NOON)
    AgreementVersion.objects.update(state=world["state"])
    layers = [make_layer(row.pk, counts) for row, counts in zip(rows, world["counts"], strict=True)]
    result = make_result(layers, CODES if world["coded"] else None)
    parameters = {"small_number": world["least"]}
    return reader, make_picture(made, result, parameters=parameters).pk, result


def expected(reader: Reader, source: LakeSource, code: str, use: Use = Use.COUNT) -> Decision:
    """Decide on one place of a source, spelled out again."""

    def ask(area: str) -> Decision:
        own = item_of(source)
        return decide(reader, Item(own.label, own.pk, own.owner, own.data_class, area, own.marking,
                                   own.restriction, own.subject_key), use=use)  # fmt: skip

    found = [ask(code)] if not source.area else [ask(code), ask(source.area)]
    if nevers := [d for d in found if d.reason is Reason.NEVER]:
        return nevers[0]
    opened = [d for d in found if d.allowed]
    return max(opened, key=lambda d: d.small_number) if opened else found[-1]


@pytest.mark.long
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds)
def test_every_face_agrees_with_decide(made: Partnership, world: dict[str, Any]) -> None:
    point = transaction.savepoint()
    officers = dict(made.officers)
    try:
        reader, key, result = build(made, world)
        shown = queries.opened(reader, key, drawn=True).shown
        assert shown is not None
        _agree(reader, shown, result, world)
    finally:
        made.officers.clear()
        made.officers.update(officers)
        transaction.savepoint_rollback(point)


def _agree(reader: Reader, shown: Shown, result: dict[str, Any], world: dict[str, Any]) -> None:
    codes = CODES if world["coded"] else [""] * 3
    stored = {row.pk: row for row in LakeSource.objects.all()}
    opened = {
        (pk, i): d
        for pk, row in stored.items()
        for i, code in enumerate(codes)
        if (d := expected(reader, row, code)).allowed
    }
    least = max([world["least"], *(d.small_number for d in opened.values())])
    assert shown.least == least
    layers = {layer.source: layer for layer in shown.layers}
    assert set(layers) == {pk for pk, _ in opened}
    for pk, layer in layers.items():
        own = next(each for each in result["layers"] if each["source"] == pk)
        places = [i for i in range(3) if (pk, i) in opened]
        assert sorted(layer.counts) == places
        total = sum(own["counts"][i] for i in places)
        assert layer.total == (None if least > 1 and total < least else total)
        for i, count in layer.counts.items():
            assert count in (None, own["counts"][i])
            assert count is None or least <= 1 or count >= least
        known = hidden([own["counts"][i] for i in places], least, lambda i: i)
        assert len([c for c in layer.counts.values() if c is None]) >= min(len(known), 1)
        whole = len(places) == 3 and expected(reader, stored[pk], "").allowed
        assert layer.whole is whole
        rows = expected(reader, stored[pk], "", Use.READ).allowed
        assert bool(layer.zones) == (whole and rows and least <= 12)
        if not whole:
            assert not any((layer.months, layer.categories, layer.hot, layer.near))
            assert layer.elsewhere is layer.unplaced is None
    _files_agree(shown)
    _sql_agrees(reader, stored, opened, world)
    for pair in shown.pairs:
        assert all(
            y.whole and y.total is not None for y in shown.layers if y.label in (pair.a, pair.b)
        )


def _files_agree(shown: Shown) -> None:
    """Table, map and files hold the very numbers of the page, and nothing of what is not in it."""
    text = files.csv_text(shown)
    rows = list(csv.DictReader(io.StringIO(text)))
    collection = json.loads(files.geojson(shown, "Invented", ""))
    places = [f for f in collection["features"] if f["properties"]["kind"] == "place"]
    zones = [f for f in collection["features"] if f["properties"]["kind"] == "zone"]
    assert len(rows) == len(places) == len(shown.places)
    assert len(zones) == sum(len(layer.zones) for layer in shown.layers)
    for place, row, feature in zip(shown.places, rows, places, strict=True):
        assert row["marking"] == feature["properties"]["marking"] == shown.marking
        for layer in shown.layers:
            count = layer.counts.get(place.index)
            words = files.said(shown, layer, place)
            assert row[layer.label] == (words if count is None else str(count))
            assert feature["properties"][f"count_{layer.source}"] == count
            assert feature["properties"][f"said_{layer.source}"] == words
            assert (words == "withheld") == (place.index not in layer.counts)
            assert (row[f"{layer.label}: hotspot"] == "yes") == (place.index in layer.hot)
    for closed in shown.withheld:
        assert closed.label not in text
        assert closed.label not in " ".join(sentences.findings(shown) + sentences.pairs(shown))
    keys = {f"count_{layer.source}" for layer in shown.layers}
    assert {k for f in places for k in f["properties"] if k.startswith("count_")} <= keys


def _sql_agrees(
    reader: Reader, stored: dict[int, LakeSource], opened: Any, world: dict[str, Any]
) -> None:
    """On a grid whose sources have no area of their own, the twin in SQL names the same sources."""
    if not world["coded"] and not any(world["areas"]):
        counted = visible_to(reader, LakeSource.objects.all(), use=Use.COUNT)
        assert {row.pk for row in counted} == {pk for pk, _ in opened}

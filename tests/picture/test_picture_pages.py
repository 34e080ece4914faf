"""Answers of the picture's pages: what they say, to whom, and as which file."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from invented_pictures import CLASS_OF, make_layer, make_picture, make_result

from partnership import Partnership
from signing_in import sign_in
from triservice.access.models import Disclosure
from triservice.analysis.picture import palette
from triservice.kernel.access_words import Purpose, Role
from triservice.picture import actions, files, queries
from triservice.picture.models import LakeSource, StoredPicture

pytestmark = pytest.mark.django_db
COUNTS = {"police": [40, 12, 3, 0, 77], "fire": [9, 6, 5, 1, 8], "ambulance": [20, 0, 0, 2, 9]}


@pytest.fixture
def analyst(bare: Partnership) -> Client:
    bare.term("police", "fire", [CLASS_OF["police"]], purposes=[Purpose.EVALUATION], small_number=5)
    return sign_in(Client(), bare.officer("fire", Role.ANALYST), Purpose.EVALUATION)


@pytest.fixture
def picture(bare: Partnership, feeds: dict[str, LakeSource]) -> StoredPicture:
    layers = [make_layer(feeds[kind].pk, counts) for kind, counts in COUNTS.items()]
    return make_picture(bare, make_result(layers))


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_no_pictures_yet(bare: Partnership, analyst: Client) -> None:
    assert "Make the first" in text_of(analyst.get("/picture/"))
    officer = sign_in(Client(), bare.officer("fire", Role.OFFICER))
    said = text_of(officer.get("/picture/"))
    assert "No pictures yet" in said
    assert "New picture" not in said


def test_the_list_names_pictures_of_this_agency(analyst: Client, picture: StoredPicture) -> None:
    said = text_of(analyst.get("/picture/"))
    assert "Invented picture" in said
    assert "Police, fire and ambulance, 2025-01 to 2025-02" in said


def test_the_page_the_map_and_the_files_hold_the_same_numbers(
    bare: Partnership, analyst: Client, picture: StoredPicture
) -> None:
    reader = bare.reader("fire", Role.ANALYST, Purpose.EVALUATION)
    shown = queries.opened(reader, picture.pk).shown
    assert shown is not None
    page = analyst.get(f"/picture/{picture.pk}/")
    body = page.content.decode()
    rows = re.findall(r'data-place="(\d+)".*?</tr>', body, re.DOTALL)
    assert [int(index) for index in rows] == [place.index for place in shown.ranked()]
    cells = {
        int(part.split('"')[0]): re.findall(r'numeric">(.*?)</td>', part, re.DOTALL)
        for part in body.split('data-place="')[1:]
    }
    table = list(csv.DictReader(io.StringIO(_file(analyst, picture, "table.csv"))))
    features = analyst.get(f"/picture/{picture.pk}/map.geojson").json()["features"]
    whole = json.loads(_file(analyst, picture, "picture.geojson"))
    assert whole["features"] == features
    assert whole["marking"] == "OFFICIAL"
    for place in shown.ranked():
        for number, layer in enumerate(shown.layers):
            said = files.said(shown, layer, place)
            cell = re.sub(r"<[^>]+>", " ", cells[place.index][number]).split()[0]
            assert cell == said == table[place.index][layer.label]
            assert features[place.index]["properties"][f"said_{layer.source}"] == said
    everything = body + json.dumps(whole) + json.dumps(table)
    assert "ambulance" not in json.dumps(whole) + json.dumps(table)
    assert "Invented ambulance events withheld" in text_of(page)
    assert ">3<" not in everything
    assert {40, 12, 77} & set(shown.layers[0].counts.values())  # which of them protects is secret


def _file(client: Client, picture: StoredPicture, name: str) -> str:
    answer = client.get(f"/picture/{picture.pk}/{name}")
    assert "invented-picture OFFICIAL." in answer.headers["Content-Disposition"]
    return answer.content.decode("utf-8-sig")


def test_a_spreadsheet_runs_no_name_of_a_place(
    analyst: Client, bare: Partnership, feeds: dict[str, LakeSource]
) -> None:
    result = make_result([make_layer(feeds["fire"].pk, [9, 9])])
    result["cells"]["names"][0] = "=HYPERLINK(evil)"
    picture = make_picture(bare, result)
    assert "'=HYPERLINK(evil)" in _file(analyst, picture, "table.csv")
    body = analyst.get(f"/picture/{picture.pk}/").content.decode()
    assert "=HYPERLINK(evil)" in body


def test_each_page_is_one_disclosure_and_downloads_are_said_to_be(
    analyst: Client, picture: StoredPicture
) -> None:
    for name, kind in (
        ("", "consultation"),
        ("map.geojson", "consultation"),
        ("table.csv", "disclosure"),
        ("picture.geojson", "disclosure"),
    ):
        before = Disclosure.objects.count()
        assert analyst.get(f"/picture/{picture.pk}/{name}").status_code == 200
        assert Disclosure.objects.count() == before + 1
        assert Disclosure.objects.order_by("seq").last().kind == kind


def test_not_there_and_not_shared_are_both_not_found(
    bare: Partnership, picture: StoredPicture
) -> None:
    police = sign_in(Client(), bare.officer("police", Role.ANALYST), Purpose.EVALUATION)
    for name in ("", "map.geojson", "table.csv", "picture.geojson", "status.json", "share/"):
        for key in (picture.pk, 987_654):
            assert police.get(f"/picture/{key}/{name}").status_code == 404
    assert police.post(f"/picture/{picture.pk}/again/").status_code == 404
    assert police.post(f"/picture/{picture.pk}/delete/").status_code == 404
    assert StoredPicture.objects.filter(pk=picture.pk).exists()


def test_single_events_that_are_not_open_say_why(
    analyst: Client, picture: StoredPicture, feeds: dict[str, LakeSource]
) -> None:
    answer = analyst.get(f"/picture/{picture.pk}/events/{feeds['police'].pk}/")
    assert answer.status_code == 403
    assert "Your role does not read this" in text_of(answer)


def test_progress_is_told_and_nothing_else(analyst: Client, picture: StoredPicture) -> None:
    StoredPicture.objects.update(state="running", progress=40, step="Counting")
    said = analyst.get(f"/picture/{picture.pk}/status.json").json()
    assert said == {"waiting": True, "progress": 40, "step": "Counting"}
    assert analyst.get(f"/picture/{picture.pk}/map.geojson").status_code == 404
    page = analyst.get(f"/picture/{picture.pk}/")
    assert 'value="40"' in page.content.decode()
    assert "Invented police" not in text_of(page)


def test_a_failure_is_told_with_what_to_do(analyst: Client, picture: StoredPicture) -> None:
    StoredPicture.objects.update(state="failed", error="The lake is away.")
    assert "This is the earlier one" in text_of(analyst.get(f"/picture/{picture.pk}/"))
    StoredPicture.objects.update(result=None)
    said = text_of(analyst.get(f"/picture/{picture.pk}/"))
    assert "The lake is away." in said
    assert "Try again" in said


def test_without_a_lake_the_form_says_whom_to_ask(analyst: Client, settings: Any) -> None:
    settings.LAKE = None
    assert "There is no lake of events here" in text_of(analyst.get("/picture/new/"))


def test_asking_sharing_making_again_and_deleting(
    bare: Partnership, analyst: Client, feeds: dict[str, LakeSource], lake: Path
) -> None:
    page = text_of(analyst.get("/picture/new/"))
    assert "Counts withheld by Far West Ambulance Trust: No agreement" in page
    given = {
        "title": "Invented", "services": ["fire"], "since": "2025-01", "until": "2024-01",
        "unit": "square", "size_m": "5000", "small_number": "5", "marking": "OFFICIAL",
    }  # fmt: skip
    wrong = analyst.post("/picture/new/", given)
    assert wrong.status_code == 422
    assert "The period ends (2024-01) before it starts" in text_of(wrong)
    wrong = analyst.post("/picture/new/", given | {"services": ["ambulance"], "until": "2025-02"})
    assert "No events of these services are open to you" in text_of(wrong)
    assert not StoredPicture.objects.exists()
    asked = analyst.post("/picture/new/", given | {"until": "2025-02"})
    picture = StoredPicture.objects.get()
    assert asked.headers["Location"] == f"/picture/{picture.pk}/"
    police = bare.agencies["police"].pk
    analyst.post(f"/picture/{picture.pk}/share/", {"agencies": [str(police)]})
    assert list(picture.shared_with.values_list("pk", flat=True)) == [police]
    actions.run(picture.pk, 1)
    analyst.post(f"/picture/{picture.pk}/again/")
    picture.refresh_from_db()
    assert (picture.state, picture.run) == ("queued", 2)
    assert "being worked out already" in text_of(
        analyst.post(f"/picture/{picture.pk}/again/", follow=True)
    )
    assert "was deleted" in text_of(analyst.post(f"/picture/{picture.pk}/delete/", follow=True))
    assert not StoredPicture.objects.exists()


def test_two_pictures_are_compared(
    bare: Partnership, analyst: Client, feeds: dict[str, LakeSource]
) -> None:
    first = make_picture(bare, make_result([make_layer(feeds["fire"].pk, [50, 20, 9])]))
    later = make_result([make_layer(feeds["fire"].pk, [10, 22, 9])])
    later["months"] = ["2025-03", "2025-04", "2025-05"]
    second = make_picture(bare, later, title="Later")
    said = text_of(analyst.get(f"/picture/{first.pk}/compare/?other={second.pk}"))
    assert "Place 0 50 10 −40 More than chance" in said
    assert "Place 2 9 9 0 As chance gives" in said
    assert "covers 2 months and the second 3" in said
    assert analyst.get(f"/picture/{first.pk}/compare/").status_code == 404


def test_who_keeps_the_system_says_whose_a_source_is(bare: Partnership) -> None:
    keeper = sign_in(Client(), bare.officer("council", Role.ADMINISTRATOR), Purpose.ADMINISTRATION)
    given = {
        "source": "calls", "service": "fire", "label": "Invented calls", "data_class": "fire",
        "owner": str(bare.agencies["fire"].pk), "marking": "OFFICIAL",
    }  # fmt: skip
    assert analyst_is_refused(bare)
    said = text_of(keeper.post("/picture/sources/", given, follow=True))
    assert "calls fire Invented calls Penmarric Fire and Rescue Service fire" in said
    assert keeper.get("/picture/").status_code == 403


def analyst_is_refused(bare: Partnership) -> bool:
    analyst = sign_in(Client(), bare.officer("fire", Role.ANALYST), Purpose.EVALUATION)
    return analyst.get("/picture/sources/").status_code == 403


def test_the_colours_are_those_of_the_report_and_told_apart_in_black_and_white() -> None:
    hues = palette.HUES | {"health": "rose"}  # the ambulance has the green here
    for service, ramp in files.RAMPS.items():
        assert ramp == palette.RAMPS[hues[service]]
        light = [palette.lightness(colour) for colour in ramp]
        assert all(a - b > 8 for a, b in pairwise(light))


@pytest.mark.parametrize("least", [0, 3, 5, 10])
@pytest.mark.parametrize("top", [0, 1, 4, 7, 60, 12_345])
def test_the_legend_covers_every_count_once(
    bare: Partnership, feeds: dict[str, LakeSource], least: int, top: int
) -> None:
    counts = sorted({0, 1, 2, 4, 5, 9, 10, 60, 2_000} & set(range(top + 1)) | {top})
    result = make_result([make_layer(feeds["fire"].pk, counts)])
    picture = make_picture(bare, result, parameters={"small_number": least})
    reader = bare.reader("fire", Role.ANALYST, Purpose.EVALUATION)
    shown = queries.opened(reader, picture.pk).shown
    assert shown is not None
    (layer,) = shown.layers
    starts = files.limits(layer, shown.least)
    steps = files.legend(layer, shown.least)
    assert [step.number for step in steps] == list(range(len(starts) + 1))
    assert len(starts) <= files.CLASSES
    assert len({step.colour for step in steps}) == len(steps)
    for count in layer.counts.values():
        if count is not None:
            step = steps[files.class_of(count, starts)]
            assert (count == 0) == (step.number == 0)
            first = f"{starts[step.number - 1]:,}" if step.number else "None"
            assert count == 0 or step.label.split()[0] == first

"""Mapping files: what is understood, and the sentence for every mistake with its key and line."""

from __future__ import annotations

import re

import pytest
from invented_imports import MAPPING

from triservice.analysis.lake.mapping import built_in, load_mapping
from triservice.kernel.errors import InputError

LEAST = 'name = "x"\nservice = "fire"\n[time]\nfrom = { column = "t" }\n'


def load(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


@pytest.mark.parametrize("name", sorted(built_in()))
def test_the_mappings_that_come_with_it_are_whole(name):
    mapping = load_mapping(name)
    assert mapping.name == name
    assert mapping.columns()
    assert mapping.locations


def test_a_mapping_saved_by_notepad_is_read(tmp_path):
    assert load(tmp_path, "\ufeff" + LEAST).name == "x"


def test_the_least_that_a_mapping_says(tmp_path):
    mapping = load(tmp_path, LEAST)
    assert mapping.columns() == ["t"]
    assert mapping.service.value == "fire"
    assert mapping.time.zone == "Europe/London"
    assert mapping.category.value == "unmapped"
    assert mapping.time.start.formats == ("iso",)


def test_every_column_is_read_once(tmp_path):
    mapping = load(tmp_path, MAPPING)
    assert mapping.columns() == [
        "agency", "id", "when", "until", "type", "east", "north", "harm", "note",
    ]  # fmt: skip
    assert mapping.bounds == (100_000, 10_000, 300_000, 200_000)


def test_any_change_of_the_file_is_another_version(tmp_path):
    assert load(tmp_path, LEAST).sha256 != load(tmp_path, LEAST + "\n# note\n").sha256


def test_words_are_cut_from_titles(tmp_path):
    text = LEAST.replace(
        'service = "fire"', '[service]\ncolumn = "title"\nbefore = ":"\nstrip = "-"'
    )
    rule = load(tmp_path, text).service
    assert [rule.word(t) for t in ("EMS: FALL", " Fire - :x", "Traffic")] == [
        "EMS", "Fire", "Traffic",
    ]  # fmt: skip


MISTAKES = {
    "not TOML": ("name = \n", "m.toml"),
    "no name": (LEAST.replace('name = "x"\n', ""), "name"),
    "a name for people": (LEAST.replace('"x"', '"Our CAD"'), "'Our CAD' is not a plain name"),
    "no service": (LEAST.replace('service = "fire"\n', ""), "service"),
    "a service unknown": (LEAST.replace('"fire"', '"coastguard"'), "'coastguard' is not a service"),
    "no time": ('name = "x"\nservice = "fire"\n', "time"),
    "no from": (LEAST.replace("from", "to"), "from"),
    "a key unknown": (LEAST + 'colum = "z"\n', "colum"),
    "a table unknown": (LEAST + '[locations]\nx = "a"\n', "locations"),
    "a zone unknown": (LEAST + 'zone = "Europe/Truro"\n', "'Europe/Truro' is not a time zone"),
    "a system unknown": (
        LEAST + '[location]\nx = "a"\ny = "b"\ncrs = "EPSG:1"\n',
        "'EPSG:1' is not a coordinate system",
    ),
    "a lake in degrees": (LEAST + '[lake]\ncrs = "EPSG:4326"\n', "is not a projected system"),
    "an encoding unknown": (LEAST + '[file]\nencoding = "utf9"\n', "'utf9' is not an encoding"),
    "two delimiters": (LEAST + '[file]\ndelimiter = "::"\n', "'::' is not one character"),
    "rows less than none": (LEAST + "[file]\nskip_rows = -1\n", "skip_rows"),
    "bounds turned round": (
        LEAST + "[bounds]\nwest = 2\nsouth = 0\neast = 1\nnorth = 1\n",
        "the bounds are empty",
    ),
    "bounds with a side missing": (LEAST + "[bounds]\nwest = 2\n", "south"),
    "a category unknown": (
        LEAST + '[category]\ncolumn = "c"\ntable = { A = "burglery" }\n',
        "Did you mean burglary",
    ),
    "value beside column": (
        LEAST + '[category]\ncolumn = "c"\nvalue = "burglary"\n',
        "stands beside value",
    ),
    "a month that is none": (
        LEAST + '[area]\ncolumn = "c"\nvintage = "lsoa11"\nnewer_from = "2022-13"\n',
        "'2022-13' is not a month",
    ),
    "a lake in feet": (
        LEAST + '[lake]\ncrs = "EPSG:2263"\n',
        "is not a projected system in metres",
    ),
    "an encoding with a zero byte": (LEAST + '[file]\nencoding = "a\\u0000b"\n', "not an encoding"),
    "rows more than any title": (LEAST + f"[file]\nskip_rows = {10**19}\n", "from 0 to 1,000"),
    "a format of nothing": (LEAST.replace('"t"', '"t", format = ""'), "names no year and month"),
    "a format unknown": (
        LEAST.replace('"t"', '"t", format = "%Y-%Q"'),
        "time.from.format (line 4)",
    ),
    "an identity with no name": (LEAST + '[columns]\nid = ""\n', "columns.id"),
    "a number of 5,000 digits": (LEAST + f"x = {'1' * 5000}\n", "is not TOML"),
    "lists without end": (LEAST + "x = " + "[" * 20_000, "too deep"),
    "a number for a text": (LEAST.replace('"t"', "5"), "column"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_names_the_file_the_key_and_what_to_do(tmp_path, kind):
    text, said = MISTAKES[kind]
    with pytest.raises(InputError) as refused:
        load(tmp_path, text)
    answer = str(refused.value)
    assert said in answer, answer
    assert "m.toml" in answer
    assert answer.endswith((".", "?")), answer


def test_the_line_of_a_mistake_is_told(tmp_path):
    with pytest.raises(InputError, match=re.escape("(line 5)")):
        load(tmp_path, LEAST + 'zzone = "x"\n')


def test_a_name_that_is_nearly_one(tmp_path):
    with pytest.raises(InputError, match="Did you mean police-uk"):
        load_mapping("polce-uk")

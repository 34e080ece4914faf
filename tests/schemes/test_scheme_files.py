"""Every mistake in a scheme file is a sentence with its file, line and key."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from small_scheme import INSTRUMENT, SCHEME, line_of, write_scheme
from typer.testing import CliRunner

from triservice import cli
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue
from triservice.schemes.publishing import FILE, check_file, publish
from triservice.toml_reader import lines_of


def test_the_small_scheme_is_right(tmp_path: Path) -> None:
    scheme = catalogue.read(write_scheme(tmp_path))
    assert list(scheme.questions) == [
        "person", "smokes", "daily", "dangers", "temperature", "alarms",
    ]  # fmt: skip
    assert scheme.forms["visit"].by_id["temperature"].instrument == "cold@1"
    assert list(scheme.forms["visit"].scores) == ["danger"]
    assert not scheme.forms["referral"].scores


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('lead = "fire"', 'lead = "army"', "'army' is not one of police"),
        ('lead = "fire"', 'laed = "fire"', "lead: is missing"),
        ('about = "household"', 'about = "household"\nabotu = "x"', "Did you mean about?"),
        ('referrers = ["police", "self"]', 'referrers = ["polise"]', "Did you mean police"),
        ('purpose = "prevention visit"', 'purpose = "fun"', "'fun' is not one of"),
        ('["prevention visit"]', '["evaluation"]', "lacks “prevention visit”"),
        ('scheme = "small"', 'scheme = "other"', "in a file called small.toml"),
        ("version = 1", "version = 2", "Add [change] with from = 1"),
        ("version = 1", "version = 0", "must be 1 or more"),
        ('visit = "3 days"', 'visit = "3 fortnights"', "is no length of time"),
        ('visit = "3 days"', 'visit = "3 hours"', "is sooner than for a higher tier"),
        ("[forms.visit]", "[forms.visits]", "asks nothing. Add [[forms.visits.part]]"),
        ('title = "Refer"', "", "forms.referral.title (line 17): is missing"),
        ('instrument = "cold@1"', 'instrument = "cold"', "names no version"),
        ('instrument = "cold@1"', 'instrument = "cald@1"', "Did you mean cold"),
        ('id = "smokes"\ntext', 'id = "Smokes"\ntext', "'Smokes' is no id"),
        ('id = "smokes"\ntext', 'id = "known"\ntext', "is a word of conditions"),
        ('id = "daily"', 'id = "smokes"', "'smokes' is there already"),
        ('id = "alarms"', 'id = "dangers"', "is another question in the form 'referral'"),
        ('kind = "multi"', 'kind = "mutli"', "Did you mean multi?"),
        ('data_class = "fire"', "", "question.data_class (line 62): is missing"),
        ('data_class = "fire"', 'data_class = "fires"', "Did you mean fire?"),
        ('kind = "multi"', 'kind = "multi"\nlow = 3', "is for number questions"),
        ("low = 0\nhigh = 100", "low = 9\nhigh = 3", "not more than low"),
        ('options.none = "None"', 'options.NONE = "None"', "is no short answer"),
        ('options = ["oxygen", "creams", "none", "not known"]', "", "fewer than two answers"),
        ('show_if = "smokes = yes"', 'show_if = "smoke = yes"', "Did you mean smokes?"),
        (
            'show_if = "smokes = yes"',
            'show_if = "smokes = "',
            "expects a value here (character 10)",
        ),
        ('show_if = "smokes = yes"', 'show_if = "dangers has oxygen"', "before this question"),
        ('show_if = "smokes = yes"', 'show_if = "smokes = maybe"', "'maybe' is no answer"),
        ('show_if = "smokes = yes"', 'show_if = "smokes > 3"', "use !=, =, in"),
        ('show_if = "smokes = yes"', "show_if = \"smokes = 'not known'\"", "Write known(smokes)"),
        ('as_in = "referral"', 'as_in = "visit"', "is no question of a form 'visit'"),
        ('text = "How many cigarettes a day?"', 'text = "What age?"', "age = false"),
        ("points.smokes.yes = 2", "points.smoke.yes = 2", "Did you mean smokes?"),
        ("points.smokes.yes = 2", "points.smokes.yess = 2", "Did you mean yes?"),
        ("points.smokes.yes = 2", 'points.smokes."not known" = 2', "is no answer of “smokes”"),
        ('if = "danger >= 3"', 'if = "danger >= many"', "which is no number"),
        ('if = "danger >= 3"', 'if = "years(smokes) >= 3"', "asks for a date or a person"),
        ('if = "years(person) >= 80"', 'if = "person = Ann"', "known(person) only"),
        ('if = "temperature < 18"', "", "need.if (line 105): is missing"),
        ('reason = "Danger {danger}"', 'reason = "Danger {dagner}"', "Did you mean danger"),
        ('tier = "very high"', 'tier = "highest"', "Did you mean"),
        ("points = 2", "points = 0", "must be from 1 to 1,000"),
        ("medium = 1\nhigh = 3", "medium = 3\nhigh = 1", "must rise"),
        ("high = 3", "high = 30", "all points together are 3"),
        ('outcome = "decline"', 'outcome = "signpost"', "Say to whom the person is sent"),
        ('actions = ["advise"]', 'actions = ["advice"]', "Did you mean advise?"),
        (
            'actions = ["advise"]',
            'settled_by = ["advice"]',
            "need.settled_by (line 111): 'advice' is no piece of equipment or action",
        ),
        ('consent = "onward"', 'consent = "onwards"', "Did you mean onward?"),
        ('before = ["onward referral"]', 'before = ["dinner"]', "'dinner' is none of"),
        ("years = 6", "years = 600", "from 1 to 120"),
        ("[retention]", "[retension]", "retention: is missing"),
        ("value = 8.33", "value = 8.4", "works out to 8.33333"),
        ('"divide", "money"', '"divide", "monye"', "Did you mean money"),
        ('if = "dangers has oxygen and smokes = yes"', 'if = "years(person) >= 90"', "age alone"),
        (
            'if = "dangers has oxygen and smokes = yes"',
            'if = "years(person) >= 90 and (smokes = yes or not smokes = yes)"',
            "age alone",
        ),
        ("medium = 1\nhigh = 3", '"very high" = 1', "age alone"),
        ('title = "Refer"', 'title = "Refer', "is not TOML"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert SCHEME.count(old) >= 1, "the small scheme has changed"
    file = write_scheme(tmp_path, SCHEME.replace(old, new, 1))
    with pytest.raises(InputError) as refusal:
        check_file(file)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith(str(file))


@pytest.mark.parametrize(
    ("key", "new"),
    [
        ('show_if = "smokes = yes"', 'show_if = "smoke = yes"'),
        ('reason = "Danger {danger}"', 'reason = "{dagner}"'),
        ('if = "temperature < 18"', 'if = "temperature < warm"'),
        ('options.none = "None"', 'options.NONE = "None"'),
        ('consent = "onward"', 'consent = "onwards"'),
        ('works_out = ["divide", "money", "people"]', 'works_out = ["divide", "x", "people"]'),
    ],
)
def test_the_line_is_that_of_the_key(tmp_path: Path, key: str, new: str) -> None:
    """Also in the third question of the second part, and after a text that looks like a table."""
    head = SCHEME.replace('"A scheme for tests."', '"""\n[forms.visit]\nshow_if = 3\n"""', 1)
    file = write_scheme(tmp_path, head.replace(key, new, 1))
    with pytest.raises(InputError) as refusal:
        catalogue.read(file)
    assert f"(line {line_of(head, key)})" in str(refusal.value)


def test_a_mistake_in_an_instrument_names_the_instrument(tmp_path: Path) -> None:
    file = write_scheme(tmp_path)
    wrong = tmp_path / "instruments" / "cold.toml"
    wrong.write_text(INSTRUMENT.replace('kind = "number"', 'kind = "nubmer"'), encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        catalogue.read(file)
    assert str(refusal.value).startswith(str(wrong))
    assert "(line 12)" in str(refusal.value)


def test_no_bytes_of_a_file_are_a_traceback(tmp_path: Path) -> None:
    """Lines lost, doubled and swapped at random: a scheme or a sentence, never another error."""
    chance = random.Random(4)
    lines = SCHEME.splitlines()
    for _ in range(150):
        bent = list(lines)
        for _ in range(chance.randint(1, 3)):
            one, other = chance.randrange(len(bent)), chance.randrange(len(bent))
            match chance.randrange(3):
                case 0:
                    del bent[one]
                case 1:
                    bent.insert(other, bent[one])
                case _:
                    bent[one], bent[other] = bent[other], bent[one]
        with suppress(InputError):
            catalogue.read(write_scheme(tmp_path, "\n".join(bent)))


def test_lines_of_tables_in_arrays() -> None:
    text = 'a = [\n  "b = [",\n]\n[[p]]\n[[p.q]]\nx = 1\n[[p]]\n[[p.q]]\n"y z" = """\nx = 2\n"""\n'
    found = lines_of(text)
    assert found["a"] == 1
    assert found["p[0].q[0].x"] == 6
    assert found["p[1].q[0].y z"] == 9
    assert "p[1].q[0].x" not in found


# ---- Publishing ----------------------------------------------------------------------------------


def test_a_published_version_does_not_change(tmp_path: Path) -> None:
    file = write_scheme(tmp_path)
    publish(file)
    before = (tmp_path / FILE).read_text(encoding="utf-8")
    publish(file)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == before
    cold = tmp_path / "instruments" / "cold.toml"
    cold.write_text(INSTRUMENT.replace("One number", "A number"), encoding="utf-8")
    with pytest.raises(InputError, match="is published, and the file or one of its instruments"):
        check_file(file)


@pytest.mark.parametrize("name", catalogue.names())
def test_the_published_schemes_of_the_catalogue_are_as_they_were(name: str) -> None:
    check_file(catalogue.HERE / f"{name}.toml")


def test_a_scheme_of_the_place_needs_no_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scheme(tmp_path)
    monkeypatch.setenv("TRISERVICE_SCHEMES", str(tmp_path))
    assert "small" in catalogue.names()
    assert "home-fire-safety" in catalogue.names()
    assert catalogue.scheme("small").name == "Small"
    write_scheme(tmp_path, SCHEME.replace('name = "Small"', 'name = "Smaller"'))
    assert catalogue.scheme("small").name == "Smaller"


# ---- The command ---------------------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.app, ["scheme", *words])


def test_the_command_checks_shows_and_publishes(tmp_path: Path) -> None:
    file = str(write_scheme(tmp_path))
    assert "is right: 4 questions in referral" in run("check", file).stdout
    shown = run("show", file).stdout
    assert "very high: if “What dangers are there” includes Oxygen, and" in shown
    assert json.loads(run("show", file, "--json").stdout)["risk"]["thresholds"] == {
        "medium": 1, "high": 3,
    }  # fmt: skip
    assert "version 1, is published" in run("publish", file).stdout
    assert json.loads(run("check", file, "--json").stdout)[0]["scheme"] == "small"
    listed = json.loads(run("list", "--json").stdout)
    assert [one["scheme"] for one in listed] == list(catalogue.names())


def test_the_command_refuses_with_a_sentence(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    file = write_scheme(tmp_path, SCHEME.replace('lead = "fire"', 'lead = "army"'))
    monkeypatch.setattr("sys.argv", ["triservice", "scheme", "check", str(file)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    assert "lead (line 5): 'army' is not one of" in capsys.readouterr().err

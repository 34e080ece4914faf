"""Answers of every kind, however they come; drafts carried into a newer version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_scheme import SCHEME, write_scheme

from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError
from triservice.schemes import answers, catalogue, forms
from triservice.schemes.age import sample
from triservice.schemes.carrying import carry
from triservice.schemes.publishing import check_file
from triservice.schemes.scheme import Question, Scheme
from triservice.schemes.words import Kind, Tier

OPTIONS = {"gas": "Mains gas", "oil": "Oil", "none": "None of these", "not known": "Not known"}
YES_NO = {"yes": "Yes", "no": "No", "not known": "Not known"}
INK = "M12 30 14 31 600 200M40 12 40 12"


def question(kind: Kind, **more: Any) -> Question:
    options = YES_NO if kind is Kind.YES_NO else OPTIONS
    return Question(
        id="q", text="Heat?", kind=kind, data_class=DataClass.RISK, name="Heat",
        options=more.pop("options", options), **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (Kind.TEXT, "  two\r\nlines ", "two\nlines"),
        (Kind.TEXT, 12, "12"),
        (Kind.NUMBER, "1,017", 1017),
        (Kind.NUMBER, 3.0, 3),
        (Kind.NUMBER, "not known", "not known"),
        (Kind.DATE, "27/3/2026", "2026-03-27"),
        (Kind.DATE, "2026-03-27", "2026-03-27"),
        (Kind.DATE, {"day": "27", "month": " 3", "year": "2026"}, "2026-03-27"),
        (Kind.CHOICE, "mains GAS", "gas"),
        (Kind.YES_NO, True, "yes"),
        (Kind.YES_NO, "N", "no"),
        (Kind.YES_NO, "not known", "not known"),
        (Kind.MULTI, "oil; Mains gas", ["gas", "oil"]),
        (Kind.MULTI, ["oil", "oil"], ["oil"]),
        (Kind.PLAN, ["gas"], {"gas": ""}),
        (Kind.PLAN, {"oil": " leaks "}, {"oil": "leaks"}),
        (Kind.ADDRESS, "1 Example Street", {"line": "1 Example Street"}),
        (Kind.ADDRESS, {"postcode": "tr11aa"}, {"postcode": "TR1 1AA"}),
        (Kind.ADDRESS, {"uprn": "0012"}, {"uprn": "12"}),
        (Kind.PERSON, {"name": "Ann", "born": "1/2/1940"}, {"name": "Ann", "born": "1940-02-01"}),
        (Kind.SIGNATURE, "Ann Example", {"name": "Ann Example"}),
        (Kind.SIGNATURE, {"name": "Ann", "drawing": INK}, {"name": "Ann", "drawing": INK}),
        (Kind.PHOTO, "abc", ["abc"]),
        *((kind, empty, None) for kind in Kind for empty in (None, "", [], {})),
        (Kind.TEXT, "   ", None),
    ],
)  # fmt: skip
def test_what_is_read(kind: Kind, given: Any, value: Any) -> None:
    found = answers.read(question(kind), given)
    assert found == value
    assert isinstance(answers.said(question(kind), found), str)
    if found is not None:
        assert answers.read(question(kind), found) == found  # what is kept reads as itself


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (Kind.TEXT, "a" * 501, "must be 500 characters or fewer"),
        (Kind.TEXT, "a\x00b", "cannot be kept"),
        (Kind.TEXT, ["a"], "must be text"),
        (Kind.NUMBER, "many", "must be a number"),
        (Kind.NUMBER, "1e9", "must be a number"),
        (Kind.NUMBER, "１", "must be a number"),
        (Kind.NUMBER, True, "must be a number"),
        (Kind.NUMBER, float("nan"), "must be a number"),
        (Kind.NUMBER, 1.5, "must be a whole number"),
        (Kind.DATE, "31/2/2026", "must be a real date, like 27/3/2026"),
        (Kind.DATE, {"day": "1"}, "must be a real date"),
        (Kind.DATE, 20260327, "must be a real date"),
        (Kind.CHOICE, "coal", "“coal” is none of: Mains gas, Oil"),
        (Kind.YES_NO, "perhaps", "none of: Yes, No, Not known"),
        (Kind.MULTI, ["none", "gas"], "choose “None of these” or the others"),
        (Kind.MULTI, 3, "must be a list"),
        (Kind.MULTI, [["gas"]], "is none of"),
        (Kind.PLAN, {"cellar": ""}, "is none of"),
        (Kind.ADDRESS, {"postcode": "nowhere"}, "full UK postcode"),
        (Kind.ADDRESS, {"uprn": "12a"}, "up to 12 digits"),
        (Kind.ADDRESS, {"planet": "Mars"}, "has no part “planet”"),
        (Kind.PERSON, {"born": "1/2/1940"}, "enter the name"),
        (Kind.PERSON, {"name": "Ann", "born": "then"}, "date of birth must be real"),
        (Kind.SIGNATURE, {"drawing": INK}, "full name of who signs"),
        (Kind.SIGNATURE, {"name": "Ann", "drawing": "M1 2"}, "Draw it again"),
        (Kind.SIGNATURE, {"name": "Ann", "drawing": 'M1 2 3 4"/>'}, "Draw it again"),
        (Kind.SIGNATURE, {"name": "Ann", "drawing": "M1 2 3 4" * 1_000}, "6,000 characters"),
        (Kind.PHOTO, ["../x"], "did not arrive"),
        (Kind.PHOTO, ["a"] * 21, "at most 20"),
    ],
)  # fmt: skip
def test_what_is_refused(kind: Kind, given: Any, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        answers.read(question(kind), given)
    assert said in str(refusal.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["gas", "yes", "2026-03-27", "name", "line"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["name", "born", "line", "gas", "day", "x"]), inner),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(Kind)), JSON)
def test_anything_is_an_answer_or_a_sentence(kind: Kind, given: Any) -> None:
    try:
        value = answers.read(question(kind), given)
    except InputError:
        return
    assert answers.read(question(kind), value) == value
    answers.said(question(kind), value)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Scheme:
    return catalogue.read(write_scheme(tmp_path_factory.mktemp("small")))


def test_a_question_that_does_not_apply_is_put_aside_and_counts_for_nothing(small: Scheme) -> None:
    form = small.forms["referral"]
    asked = {"person": "Ann", "smokes": "yes"}
    assert forms.check(form, asked).errors == {"daily": "Answer: How many cigarettes a day?"}
    found = forms.check(form, {"person": "Ann", "smokes": "no", "daily": "many"})
    assert found.right
    assert (found.hidden, found.aside) == ({"daily"}, {"daily": "many"})
    assert "daily" not in found.values
    unsure = forms.check(form, {"person": "Ann", "smokes": "not known", "daily": 3})
    assert unsure.values["daily"] == 3  # it may apply: unknown is not no
    assert forms.check(form, {"perso": "Ann"}, draft=True).errors == {
        "perso": "“perso” is no question of Refer."
    }


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 10**6), st.floats(0, 1))
def test_a_tier_never_falls_below_what_was_certain(small: Scheme, seed: int, share: float) -> None:
    """With answers missing the tier is a floor and at_most a ceiling; the needs stay needs."""
    import random

    chance = random.Random(seed)
    whole = {one.id: sample(one, chance) for one in small.questions.values()}
    some = {name: value for name, value in whole.items() if chance.random() < share}
    form = small.forms["visit"]
    before, after = forms.assess(small, form, some), forms.assess(small, form, whole)
    assert before.tier.rank <= after.tier.rank <= before.at_most.rank
    assert {one.need.id for one in before.needs} <= {one.need.id for one in after.needs}
    if whole["dangers"]:  # nothing ticked at all is unknown, not none
        assert after.at_most is after.tier
    for name, score in before.scores.items():
        assert score.low <= after.scores[name].low <= score.high


@pytest.mark.parametrize(
    ("given", "low", "high", "band"),
    [
        ({"smokes": "yes", "alarms": "none"}, 5, 5, "much"),
        ({"smokes": "no", "alarms": "some"}, 1, 1, ""),
        ({"smokes": "yes"}, 2, 5, ""),
        ({"alarms": "none"}, 3, 5, "much"),
        ({"smokes": "not known", "alarms": "all"}, 0, 2, ""),
    ],
)
def test_scores(small: Scheme, given: Any, low: int, high: int, band: str) -> None:
    found = forms.assess(small, small.forms["visit"], given).scores["danger"]
    assert (found.low, found.high, found.band) == (low, high, band)


def test_reasons_say_the_answers_and_what_they_tell_of(small: Scheme) -> None:
    given = {"smokes": "yes", "daily": 20, "dangers": ["oxygen"], "alarms": "none"}
    found = forms.assess(small, small.forms["referral"], given)
    assert found.tier is Tier.VERY_HIGH
    assert [str(why) for why in found.reasons] == [
        "Oxygen and smoking, 20 a day", "Danger 5 (2 points)",
    ]  # fmt: skip
    assert found.reasons[1].classes == {DataClass.RISK, DataClass.FIRE}


# ---- A newer version ----------------------------------------------------------------------------
SECOND = (
    SCHEME.replace("version = 1", "version = 2", 1)
    .replace('id = "daily"', 'id = "each_day"')
    .replace("{daily}", "{each_day}")
    .replace("high = 100", "high = 60")
    .replace('"creams"', '"lotions"')
    + """
[change]
from = 1

[change.renamed]
daily = "each_day"

[change.answers.dangers]
creams = "lotions"
"""
)


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Scheme, Scheme]:
    old = catalogue.read(write_scheme(tmp_path, SCHEME, "small@1"))
    return old, check_file(write_scheme(tmp_path, SECOND))


def test_a_draft_comes_along_and_nothing_is_lost(versions: tuple[Scheme, Scheme]) -> None:
    draft = {"smokes": "yes", "daily": 80, "dangers": ["creams", "oxygen"], "person": "half typ"}
    moved = carry(*versions, "referral", draft)
    assert moved.values == {"smokes": "yes", "dangers": ["lotions", "oxygen"], "person": "half typ"}
    assert [str(one) for one in moved.aside] == [
        "How many cigarettes a day: 80 (How many cigarettes a day must be a number from 0 to 60)"
    ]
    unfinished = carry(*versions, "referral", {"daily": "eigh"})
    assert unfinished.values == {"each_day": "eigh"}  # was no answer yet: the page will say so
    with pytest.raises(InputError, match="does not follow"):
        carry(versions[1], versions[0], "referral", {})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('daily = "each_day"', "", "neither asked, renamed nor removed: daily"),
        ('daily = "each_day"', 'daily = "every_day"', "renamed to no question: every_day"),
        ('creams = "lotions"', 'creams = "potions"', "potions is no answer there"),
        ("from = 1", "from = 3", "must be 1, the version before"),
    ],
)
def test_a_change_says_what_becomes_of_every_question(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    write_scheme(tmp_path, SCHEME, "small@1")
    with pytest.raises(InputError) as refusal:
        check_file(write_scheme(tmp_path, SECOND.replace(old, new, 1)))
    assert said in str(refusal.value)


def test_a_version_without_the_one_before_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"small@1\.toml is not beside the file"):
        check_file(write_scheme(tmp_path, SECOND))


def test_the_catalogue_carries_over_several_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scheme(tmp_path, SCHEME, "small@1")
    write_scheme(tmp_path, SECOND)
    monkeypatch.setenv("TRISERVICE_SCHEMES", str(tmp_path))
    assert catalogue.carry("small", 1, "referral", {"daily": 3}).values == {"each_day": 3}
    assert catalogue.carry("small", 2, "referral", {"daily": 3}).values == {"daily": 3}
    assert catalogue.scheme("small", 1).version == 1

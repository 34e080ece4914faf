"""The catalogue: every file in it reads, and the first scheme asks, scores and ranks as it says."""

import pytest

from triservice.agencies.models import Agency
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue, forms
from triservice.schemes.age import reaches_highest
from triservice.schemes.words import AGENCY_KINDS, Outcome, Tier

REFERRAL = {
    "person": {"name": "Ann Example", "born": "1940-02-01"},
    "address": {"line": "1 Example Street", "postcode": "tr1 1aa"},
    "agreed": "yes",
    "officer_danger": "no",
    "why": "Burns on the carpet",
    "outside_area": "no",
    "business_premises": "no",
}


@pytest.fixture(scope="module")
def scheme():
    return catalogue.scheme("home-fire-safety")


def assessed(scheme, form, **given):
    checked = forms.check(scheme.forms[form], given, draft=True)
    assert not checked.errors
    return forms.assess(scheme, scheme.forms[form], checked.values)


@pytest.mark.parametrize("name", catalogue.names())
def test_every_scheme_reads(name):
    scheme = catalogue.scheme(name)
    assert scheme.id == name
    assert set(scheme.targets) == set(Tier)
    assert reaches_highest(scheme) is None
    assert catalogue.scheme(name, scheme.version) is scheme


@pytest.mark.parametrize("name", catalogue.instruments())
def test_every_instrument_reads_and_says_its_licence(name):
    found, _ = catalogue.instrument(f"{name}@1")
    assert found.licence
    assert found.source


def test_kinds_of_agency_are_those_of_the_agencies():
    assert set(AGENCY_KINDS) == set(Agency.Kind.values)


def test_an_unknown_scheme_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="home-fire-safety"):
        catalogue.scheme("home-fire-safty")
    with pytest.raises(InputError, match="There is no scheme home-fire-safety@9"):
        catalogue.scheme("home-fire-safety", 9)
    with pytest.raises(InputError):
        catalogue.scheme("../../secrets")


def test_a_referral_is_checked(scheme):
    form = scheme.forms["referral"]
    checked = forms.check(form, REFERRAL)
    assert checked.right
    assert checked.values["address"]["postcode"] == "TR1 1AA"
    missing = forms.check(form, {**REFERRAL, "agreed": "no", "person": ""})
    assert missing.errors == {
        "person": "Answer: Who is the visit for?",
        "not_agreed_why": "Answer: Why are they referred without having agreed?",
    }


def test_the_tier_is_the_highest_trigger_or_the_points(scheme):
    found = assessed(scheme, "referral", smokers="yes", fire_conditions=["oxygen"])
    assert found.tier is Tier.VERY_HIGH
    assert str(found.reasons[0]) == "Home oxygen where somebody smokes"
    points = assessed(scheme, "referral", smokers="yes", cannot_escape="yes", alarms="some")
    assert (points.tier, points.points, points.at_most) == (Tier.HIGH, 8, Tier.VERY_HIGH)
    assert "Smoking in the home (3 points)" in map(str, points.reasons)
    assert {"arson_threat", "fire_conditions"} <= set(points.unknown)


def test_age_alone_is_never_the_highest(scheme):
    old = assessed(scheme, "referral", person={"name": "A", "born": "1920-01-01"})
    assert old.tier is Tier.LOW


def test_needs_come_with_reasons(scheme):
    answers = {
        "falls_last_year": "yes", "falls_medicines": "yes", "falls_condition": "no",
        "falls_balance": "yes", "falls_chair": "yes", "living_room_temperature": "16.5",
    }  # fmt: skip
    found = {one.need.id: list(map(str, one.reasons)) for one in
             assessed(scheme, "visit", **answers).needs}  # fmt: skip
    assert found == {
        "falls": ["Falls risk score 4 (3 or more)"],
        "warmth": ["The living room is at 16.5 °C, below 18 °C"],
    }


def test_triage_never_takes_unknown_for_no(scheme):
    values = forms.check(scheme.forms["referral"], REFERRAL).values
    assert catalogue.triage(scheme, values).outcome is Outcome.ACCEPT
    unsure = catalogue.triage(scheme, {**values, "outside_area": "not known"})
    assert (unsure.outcome, unsure.ask) == (Outcome.NEED_MORE, ("outside_area",))
    away = catalogue.triage(scheme, {**values, "business_premises": "yes"})
    assert away.outcome is Outcome.SIGNPOST
    assert away.where.startswith("Fire protection")

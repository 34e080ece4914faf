"""Every scheme tried as those who use it would: one case, its tier, what is needed, who agrees."""

import pytest

from triservice.schemes import catalogue, forms
from triservice.schemes.words import Outcome, Tier

ANN = {"name": "Ann Example", "born": "1940-02-01"}
BEN = {"name": "Ben Example", "born": "2014-05-05"}

# scheme, form, answers → tier, needs
CASES = [
    (
        "tri-service-officer",
        "visit",
        {
            "after_crime": "yes", "feels_safe": "unsafe", "alarms": "none", "abuse": "no",
            "falls_last_year": "yes", "falls_medicines": "yes", "falls_condition": "no",
            "falls_balance": "yes", "falls_chair": "yes",
        },
        Tier.LOW,
        {"reassurance", "smoke-alarms", "falls"},
    ),
    (
        "tri-service-officer",
        "referral",
        {"reason": ["doorstep", "wellbeing"], "danger_now": "no"},
        Tier.HIGH,
        set(),
    ),
    (
        "public-safety-officer",
        "visit",
        {"access": "no", "alone": "yes", "knows_help": "no"},
        Tier.MEDIUM,
        {"found-at-night", "company"},
    ),
    (
        "police-reassurance-visit",
        "referral",
        {"incident": "burglary", "repeat_victim": "yes", "threat": "likely"},
        Tier.HIGH,
        set(),
    ),
    (
        "telecare-follow-up",
        "referral",
        {"alarm": "monoxide", "found": "help"},
        Tier.VERY_HIGH,
        set(),
    ),
    (
        "telecare-follow-up",
        "visit",
        {"equipment_works": "no", "key_safe": "no", "copes": "badly", "abuse": "no"},
        Tier.LOW,
        {"equipment", "way-in", "support"},
    ),
    (
        "community-risk-intervention",
        "referral",
        {"risk": ["fall"], "fallen_now": "yes"},
        Tier.VERY_HIGH,
        set(),
    ),
    (
        "healthy-safe-secure",
        "referral",
        {"calls": 24, "worry": ["alone"], "urgent": "no"},
        Tier.HIGH,
        set(),
    ),
    (
        "hertfordshire-home-safety",
        "visit",
        {"hazards": {"stairs": "loose carpet"}, "fear": "very", "abuse": "yes"},
        Tier.LOW,
        {"trips", "reassurance", "protection"},
    ),
    (
        "dementia-pathway",
        "referral",
        {"person": ANN, "diagnosis": "no", "incidents": ["gas"], "alone": "yes"},
        Tier.VERY_HIGH,
        {"memory-clinic"},
    ),
    (
        "fire-setter",
        "referral",
        {"child": BEN, "behaviour": "several", "recent": "no", "harm_home": "yes"},
        Tier.HIGH,
        {"protection"},
    ),
    (
        "parish-safety-volunteer",
        "visit",
        {"alarms_work": "no", "way_out": "no"},
        Tier.MEDIUM,
        {"alarms", "way-out"},
    ),
    (
        "hmo-joint-inspection",
        "visit",
        {
            "agencies": ["fire", "housing"], "entry": "fire-power", "occupiers": 14,
            "alarms_missing": 6, "escape": "blocked", "slavery_signs": ["papers"],
        },
        Tier.VERY_HIGH,
        {"alarms", "ways-out", "slavery"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "form", "given", "tier", "needs"), CASES)
def test_a_case_is_ranked_and_its_needs_are_found(name, form, given, tier, needs):
    scheme = catalogue.scheme(name)
    checked = forms.check(scheme.forms[form], given, draft=True)
    assert not checked.errors
    found = forms.assess(scheme, scheme.forms[form], checked.values)
    assert found.tier is tier
    assert {one.need.id for one in found.needs} == needs
    assert all(one.reasons for one in found.needs)


# scheme, answers of the referral → outcome, words of the reason
TRIAGE = [
    ("fire-setter", {"child": ANN}, Outcome.DECLINE, "under 18"),
    ("fire-setter", {"child": BEN, "parent_knows": "no"}, Outcome.NEED_MORE, "parent"),
    ("fire-setter", {"child": BEN}, Outcome.NEED_MORE, "Not known yet"),
    (
        "fire-setter",
        {"child": BEN, "parent_knows": "yes", "investigation": "no"},
        Outcome.ACCEPT,
        "",
    ),
    ("parish-safety-volunteer", {"higher_risk": ["oxygen"]}, Outcome.SIGNPOST, "volunteer"),
    ("parish-safety-volunteer", {"higher_risk": ["threat"]}, Outcome.SIGNPOST, "harm"),
    ("parish-safety-volunteer", {"higher_risk": ["none"]}, Outcome.ACCEPT, ""),
    ("hertfordshire-home-safety", {"offender_near": "yes"}, Outcome.NEED_MORE, "offender"),
    ("tri-service-officer", {"agreed": "no", "danger_now": "no"}, Outcome.NEED_MORE, "agreed"),
    ("tri-service-officer", {"agreed": "no", "danger_now": "yes"}, Outcome.ACCEPT, ""),
]


@pytest.mark.parametrize(("name", "values", "outcome", "words"), TRIAGE)
def test_triage_proposes_with_a_reason(name, values, outcome, words):
    found = catalogue.triage(catalogue.scheme(name), values)
    assert found.outcome is outcome
    assert words in " ".join(map(str, found.reasons))


def test_no_session_with_a_child_before_a_parent_has_agreed():
    scheme = catalogue.scheme("fire-setter")
    asked = catalogue.consents_before(scheme, {"child": BEN}, "session")
    assert [(one.asked_of, one.override, needed) for one, needed in asked] == [
        ("parent or guardian", "", True)
    ]


def test_a_landlord_is_asked_before_anything_is_fitted_in_a_rented_home():
    scheme = catalogue.scheme("hertfordshire-home-safety")

    def asked(**values):
        return [one.id for one, _ in catalogue.consents_before(scheme, values, "equipment")]

    assert asked(tenure="own") == []
    assert asked(tenure="private") == ["fitting"]
    assert asked() == ["fitting"]  # not known is asked as if it were


def test_every_route_of_safeguarding_is_urgent_and_shares_what_it_is_about():
    for name in catalogue.names():
        for route in catalogue.scheme(name).routes.values():
            if "safeguarding" in route.id:
                assert route.urgent, (name, route.id)
                assert "safeguarding" in route.shares, (name, route.id)

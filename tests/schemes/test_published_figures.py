"""The figures that the source documents give stand in the schemes, and follow from one another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triservice.kernel.errors import InputError
from triservice.schemes import catalogue
from triservice.schemes.catalogue import HERE

# Of each scheme each figure, in the words of its document; what is worked out from others is not
# here, and what a document says without a number has none.
SAID = {
    "tri-service-officer": {
        "police-logs": "attended 604 police logs",
        "ambulance-calls": "responded to 493 ambulance calls",
        "visits": "carried out 486 domestic premise risk reduction visits",
        "children": "engaged with over 1500 children",
        "first-aid": "attended over 50 incidents",
        "emergency-share": "less than 10% of TSSO time",
        "posts-2014": "has now developed into 13 full time positions",
        "posts-now": "There are currently 15 tri-service safety officers in Cornwall",
        "team-leaders": "There are 3 tri-service team leaders",
        "recruitment": "The recruitment takes around 6 months",
        "applicants": "had approximately 80 applicants",
        "recruited": "of this only 5 people were successful",
        "salary": "The starting salary for TSSOs is approximately £32,000 a year",
        "police-training": "Then they receive 6 weeks of police training",
    },
    "public-safety-officer": {
        "roi": "for every £1 invested, there is a return on investment of £4.50",
        "roi-phase-3": "£7.50",
        "first-officers": "A pilot was launched in Craven District in April 2020 with two PSOs",
        "added-officers": "increase the number of Public Safety Officers by two",
        "business-case": "decided to invest £50,000",
    },
    "police-reassurance-visit": {"police-logs": "attended 604 police logs"},
    "home-fire-safety": {
        "home-visits": "The 670,000 home visits carried out by the FRS in England",
        "age-uks": "our network of 165 independent local Age UKs",
    },
    "telecare-follow-up": {
        "stayed-home": "enabled 28 people to return home or remain in their own homes",
        "saving": "savings of the pilot would be £371,028 (full year effect)",
        "localities": "applied across the County's six localities",
    },
    "community-risk-intervention": {
        "cost": "An (annualised) £820,152 investment by GMFRS",
        "benefit": "generates an (annualised) £1,356,589 in fiscal benefits",
        "ratio": "The overall fiscal cost to benefit ratio is 1:1.6",
        "ratio-others": "there is a cost: benefit ratio of 1:1.3",
    },
    "healthy-safe-secure": {
        "grant": "The BBP was awarded £314,000",
        "visits": "over 200 home visits have already been conducted",
        "board-time": "10% of time for Project Board members",
        "team-time": "15% for Project Team members",
        "schools": "The team operates from two local schools",
    },
    "hertfordshire-home-safety": {},
    "dementia-pathway": {
        "people": "there will be 12,000 people living with Dementia",
        "cost": "costing the local economy an estimated £345 million a year",
        "fire-deaths": "50% of fire deaths are amongst the over 65 cohort",
        "over-80": "People over the age of 80 are three times more likely to die",
        "over-65-share": "well over a quarter (28.4%) of the County's population at 2035",
        "more-over-65": "Gloucestershire will have 78,300 more residents aged 65 and over in 2035",
    },
    "fire-setter": {
        "services": "run by all three fire and rescue services in Thames Valley",
    },
    "parish-safety-volunteer": {
        "grant": "Transformation Challenge Award (July 2015) of £77,544 for 2 years",
        "volunteers": "The recruitment aim is for 72 volunteers within 2 years",
        "parishes": "deliver the programme across 36 parishes in Essex",
    },
    "hmo-joint-inspection": {
        "estimated": "It was estimated that there were up to 50 HMO's in the area",
        "inspected": "carried out joint inspections on 30 properties",
        "alarms": "Prevention teams fitted 42 smoke alarms",
    },
}
WORKED_OUT = {
    "tri-service-officer": {"all-three": 1583},
    "telecare-follow-up": {"scaled": 2_226_168},
    "dementia-pathway": {"cost-each": 28_750},
    "parish-safety-volunteer": {"per-volunteer": 1_077},
    "hmo-joint-inspection": {"share": 60},
}
WORDS = {"two": "2", "three": "3", "six": "6", "345 million": "345000000"}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers(said: str) -> set[float]:
    """Return the numbers of a sentence, those in words as well."""
    for word, digits in WORDS.items():
        said = re.sub(rf"\b{word}\b", digits, said)
    return {float(one.replace(",", "")) for one in NUMBER.findall(said)}


def shipped() -> set[str]:
    return {file.stem for file in Path(HERE).glob("*.toml") if "@" not in file.stem}


def test_every_scheme_that_is_shipped_is_here() -> None:
    assert set(SAID) == shipped()
    assert len(SAID) >= 12


@pytest.mark.parametrize("name", SAID)
def test_a_scheme_states_its_published_figures(name: str) -> None:
    facts = catalogue.scheme(name).facts
    figures = {key: fact.value for key, fact in facts.items() if fact.value is not None}
    assert set(figures) == SAID[name].keys() | WORKED_OUT.get(name, {}).keys()
    assert [key for key, said in SAID[name].items() if figures[key] not in numbers(said)] == []
    assert {key: figures[key] for key in WORKED_OUT.get(name, {})} == WORKED_OUT.get(name, {})
    assert all(fact.source for fact in facts.values())
    if not figures:
        assert any("The source gives no figures." in fact.note for fact in facts.values())


def test_figures_that_cannot_be_right_say_so() -> None:
    """CRIT's ratio does not round, telecare's unit is lost, Cornwall's posts are 13 and 15."""
    ratio = catalogue.scheme("community-risk-intervention").facts["ratio"]
    assert ratio.works_out == ("divide", "benefit", "cost")
    assert "1.654" in ratio.note
    assert "unit is lost" in catalogue.scheme("telecare-follow-up").facts["scaled"].note
    assert "13" in catalogue.scheme("tri-service-officer").facts["posts-now"].note
    assert "does not say" in catalogue.scheme("police-reassurance-visit").facts["police-logs"].note


def test_a_figure_that_does_not_follow_is_refused_without_a_note(tmp_path: Path) -> None:
    """The note beside CRIT's ratio is what lets the file pass: without it the file is refused."""
    text = (HERE / "community-risk-intervention.toml").read_text(encoding="utf-8")
    changed = tmp_path / "community-risk-intervention.toml"
    changed.write_text(
        "\n".join(line for line in text.splitlines() if "1.654" not in line), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"works out to 1\.65"):
        catalogue.read(changed)

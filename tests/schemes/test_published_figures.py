"""The figures that the source documents give stand in the schemes, and follow from one another."""

import pytest

from triservice.schemes import catalogue

PUBLISHED = {
    "tri-service-officer": {
        "police-logs": 604,
        "ambulance-calls": 493,
        "visits": 486,
        "all-three": 1583,
        "children": 1500,
        "first-aid": 50,
        "emergency-share": 10,
        "posts-2014": 13,
        "posts-now": 15,
    },
    "public-safety-officer": {
        "roi": 4.5,
        "roi-phase-3": 7.5,
        "first-officers": 2,
        "added-officers": 2,
        "business-case": 50_000,
    },
    "telecare-follow-up": {
        "stayed-home": 28,
        "saving": 371_028,
        "localities": 6,
        "scaled": 2_226_168,
    },
    "community-risk-intervention": {
        "cost": 820_152,
        "benefit": 1_356_589,
        "ratio": 1.6,
        "ratio-others": 1.3,
    },
    "healthy-safe-secure": {"grant": 314_000, "visits": 200, "board-time": 10, "team-time": 15},
    "dementia-pathway": {
        "people": 12_000,
        "cost": 345_000_000,
        "cost-each": 28_750,
        "fire-deaths": 50,
        "over-80": 3,
        "over-65-share": 28.4,
    },
    "parish-safety-volunteer": {
        "grant": 77_544,
        "volunteers": 72,
        "per-volunteer": 1_077,
        "parishes": 36,
    },
    "hmo-joint-inspection": {"estimated": 50, "inspected": 30, "share": 60, "alarms": 42},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_scheme_states_its_published_figures(name):
    facts = catalogue.scheme(name).facts
    assert {key: facts[key].value for key in PUBLISHED[name]} == PUBLISHED[name]
    assert all(fact.source for fact in facts.values())


def test_figures_that_cannot_be_right_say_so():
    """CRIT's ratio does not round, telecare's unit is lost, Cornwall's posts are 13 and 15."""
    ratio = catalogue.scheme("community-risk-intervention").facts["ratio"]
    assert ratio.works_out == ("divide", "benefit", "cost")
    assert "1.654" in ratio.note
    assert "unit is lost" in catalogue.scheme("telecare-follow-up").facts["scaled"].note
    assert "13" in catalogue.scheme("tri-service-officer").facts["posts-now"].note


def test_a_figure_that_does_not_follow_is_refused_without_a_note(tmp_path):
    """The note beside CRIT's ratio is what lets the file pass: without it the file is refused."""
    from triservice.kernel.errors import InputError
    from triservice.schemes.catalogue import HERE

    text = (HERE / "community-risk-intervention.toml").read_text(encoding="utf-8")
    changed = tmp_path / "community-risk-intervention.toml"
    changed.write_text(
        "\n".join(line for line in text.splitlines() if "1.654" not in line), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"works out to 1\.65"):
        catalogue.read(changed)

"""Templates: those in the house are read; a fault is told with file, line and key."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from triservice.access.agreements.rules import lacks
from triservice.access.agreements.templates import FOLDER, fill, read, template, templates
from triservice.kernel.errors import InputError

WHOLE = (FOLDER / "cornwall-tri-service.toml").read_text()
UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
TODAY = date(2026, 1, 31)
AGENCIES = {
    "police": [(1, "Police", "police")],
    "fire": [(2, "Fire", "fire")],
    "council": [(3, "Council", "council")],
    "health": [(4, "Health", "health")],
}


def test_the_templates_of_the_house() -> None:
    assert [each.name for each in templates()] == [
        "marac", "address-risk", "cornwall-tri-service"
    ]  # fmt: skip
    assert all(each.source and each.summary for each in templates())


def test_cornwall_as_the_source_tells_it() -> None:
    text = fill(template("cornwall-tri-service"), AGENCIES, "Invented", TODAY, UNTIL)
    modes = {}
    for term in text.terms:
        modes.setdefault((term.from_agency, term.mode), set()).update(term.data_classes)
    assert "police" in modes[1, "open"]
    assert "fire" in modes[2, "open"]
    assert "social care" in modes[3, "open"]
    assert modes[4, "on approval"] >= {"health"}
    assert modes[4, "open"] == {"risk"}  # how a referral stands, to who sent it
    officers = [term for term in text.terms if term.to_role == "officer"]
    assert all(term.every_field for term in officers)  # full access, to officers of the scheme
    finance = [term for term in text.terms if term.to_role == "finance and evaluation"]
    assert {(t.counts_only, t.small_number, t.purposes, t.to_agency) for t in finance} == {
        (True, 5, ("evaluation",), None)
    }
    others = [term for term in text.terms if term not in (*officers, *finance)]
    assert {(term.to_role, term.data_classes, term.needs_case) for term in others} == {
        ("referrer", ("risk",), True)
    }
    opened = {name for term in others for name in term.fields}
    assert not {"text", "label", "answers", "person", "tier"} & opened
    assert text.review_on == date(2026, 8, 1)
    missing = {lack.sentence for lack in lacks(text)}
    assert all(
        any(left in each for left in ("impact assessment", "whom to call", "fill in ["))
        for each in missing
    ), missing


def test_several_agencies_make_a_term_for_each_pair() -> None:
    given = {
        "force": [(1, "One", "police"), (2, "Two", "police")],
        "ambulance": [(3, "Three", "ambulance")],
    }
    text = fill(template("address-risk"), given, "Invented", TODAY, UNTIL)
    pairs = [(term.from_agency, term.to_agency, term.counts_only) for term in text.terms]
    assert pairs == [(1, 3, False), (2, 3, False), (3, 1, True), (3, 2, True)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"police": []}, "Police force has no agency"),
        ({"police": [(1, "A", "police"), (5, "B", "police")]}, "one agency only"),
        ({"police": [(1, "A", "charity")]}, "A is not a police agency"),
        ({"fire": [(1, "A", "fire")]}, "named for two parties"),
    ],
)
def test_each_place_takes_its_kind(change: dict[str, list[object]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        fill(template("cornwall-tri-service"), AGENCIES | change, "X", TODAY, UNTIL)  # type: ignore[arg-type]


def _line(text: str) -> int:
    return 1 + next(i for i, line in enumerate(WHOLE.splitlines()) if line.startswith(text))


FAULTS = [
    ('regime = "part 3"', 'regime = "part 9"', "row {0}, field party 1, regime: does not know"),
    ("months = 12", 'months = "12"', "row {0}, field months: is not a whole number"),
    ("months = 12", "months = true", "row {0}, field months: is not a whole number"),
    ("months = 12", "month = 12", "row {0}, field month: is not known"),
    ("aim = ", "goal = ", "row {0}, field prose, goal: is no section"),
    ('data_classes = ["identity", "contact", "location", "police"',
     'data_classes = ["identity", "gossip"', "row {0}, field term 1, data_classes: does not know"),
    ('from = ["fire"]', 'from = ["fyre"]', "row {0}, field term 2, from: names fyre"),
    ('key = "fire"', 'key = "police"', "row {0}, field party 2, key: names police a second time"),
    ('lawful_basis = "DPA', 'gateway_2 = "DPA', "row {0}, field party 1, gateway_2: is not known"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(WHOLE.replace(old, new, 1))
    with pytest.raises(InputError) as refused:
        read(path)
    assert f"mine.toml, {said.format(_line(old))}" in str(refused.value)


def test_a_term_that_opens_nothing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(WHOLE.replace("every_field = true\n", "", 1))
    with pytest.raises(InputError, match="term 1, mode: name the fields"):
        read(path)
    path.write_text("title = ")
    with pytest.raises(InputError, match=r"mine.toml: is not TOML"):
        read(path)
    with pytest.raises(InputError, match="There is no template"):
        template("../secrets")

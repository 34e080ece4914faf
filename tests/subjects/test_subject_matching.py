"""The rule of a match: a name and a birthday are never enough."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from triservice.subjects.matching import (
    FURTHER,
    Agreement,
    Identity,
    Verdict,
    compare,
    verdict,
)

NAMES = ("given_name", "family_name", "date_of_birth")


def someone(**more: object) -> Identity:
    made = Identity(born={date(1948, 3, 12)})
    made.add_name("Invented", "Person")
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_the_same_name_and_birthday_never_match_by_themselves() -> None:
    found = compare(someone(), someone())
    assert all(found[name] is Agreement.AGREES for name in NAMES)
    assert verdict(found) is Verdict.REVIEW


def test_every_combination_keeps_the_rule() -> None:
    """Names that agree or nearly; everything else in each of its four ways."""
    fields = (*NAMES, "sex", *FURTHER)
    for core, sex, *rest in product((True, False), Agreement, *[Agreement] * 5):
        names = [Agreement.AGREES] * 3 if core else [Agreement.AGREES, *[Agreement.CLOSE] * 2]
        evidence = dict(zip(fields, (*names, sex, *rest), strict=True))
        if verdict(evidence) is Verdict.MATCH:
            assert core
            assert sum(evidence[name] is Agreement.AGREES for name in FURTHER) >= 2
            assert evidence["sex"] is not Agreement.DIFFERS
            assert evidence["nhs_number"] is not Agreement.DIFFERS


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ({"nhs_numbers": {"1"}, "phones": {"2"}}, {"nhs_numbers": {"1"}, "phones": {"2"}}, "match"),
        ({"uprns": {"1"}, "phones": {"2"}}, {"uprns": {"1"}, "phones": {"2"}}, "match"),
        (
            {"uprns": {"1"}, "postcodes": {"2"}},
            {"uprns": {"1"}, "postcodes": {"2"}},
            "review",  # a home and its postcode are one further identifier, not two
        ),
        ({"nhs_numbers": {"1"}}, {"nhs_numbers": {"1"}}, "review"),
        (
            {"uprns": {"1"}, "phones": {"2"}, "sex": {"f"}},
            {"uprns": {"1"}, "phones": {"2"}, "sex": {"m"}},
            "review",
        ),
        (
            {"uprns": {"1"}, "phones": {"2"}, "nhs_numbers": {"3"}},
            {"uprns": {"1"}, "phones": {"2"}, "nhs_numbers": {"4"}},
            "review",
        ),
        (
            {"identifiers": {("custody", "1")}, "phones": {"2"}},
            {"identifiers": {("tenancy", "1")}, "phones": {"2"}},
            "review",  # numbers of two kinds do not compare
        ),
    ],
)
def test_what_matches(left: dict[str, object], right: dict[str, object], said: str) -> None:
    assert verdict(compare(someone(**left), someone(**right))) == said


def test_strangers_are_nothing() -> None:
    other = Identity(born={date(1999, 9, 9)})
    other.add_name("Quite", "Different")
    assert verdict(compare(someone(), other)) is Verdict.NO


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        (date(1948, 3, 12), date(1948, 12, 3), Agreement.CLOSE),  # day and month swapped
        (date(1948, 3, 12), date(1948, 3, 21), Agreement.CLOSE),
        (date(1948, 3, 12), date(1949, 4, 13), Agreement.DIFFERS),
    ],
)
def test_birthdays(one: date, other: date, agreement: Agreement) -> None:
    assert compare(Identity(born={one}), Identity(born={other}))["date_of_birth"] is agreement


def test_a_year_of_birth_is_close_never_the_same() -> None:
    found = compare(someone(), Identity(birth_years={1948}))
    assert found["date_of_birth"] is Agreement.CLOSE


def test_an_alias_counts_as_a_name() -> None:
    known_as = someone()
    known_as.add_alias("Bob Other")
    other = Identity()
    other.add_name("Robert", "Other")
    found = compare(known_as, other)
    assert (found["given_name"], found["family_name"]) == (Agreement.CLOSE, Agreement.AGREES)

"""Reading the lists of a scheme: needs, actions, routes, consents, measures and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from triservice.kernel.access_words import DataClass
from triservice.kernel.service import Service
from triservice.schemes.reading.keys import SLUG, condition_of, id_of, number_of, one_of, unique
from triservice.schemes.scheme import (
    Action,
    Activity,
    Consent,
    Equipment,
    Fact,
    Measure,
    Need,
    Retention,
    Route,
    When,
)
from triservice.schemes.words import AGENCY_KINDS, duration
from triservice.toml_reader import Table, near

Item = TypeVar("Item")
DOMAINS = (
    "fire", "falls", "crime", "health", "home", "wellbeing", "safeguarding", "children", "place",
)  # fmt: skip
ACTION_KINDS = ("advice", "equipment", "task")
ASKED_OF = ("person", "parent or guardian", "occupier", "each adult", "organisation")
MOMENTS = ("visit", "session", "onward referral", "photo", "sharing", "equipment")
STARTS = ("case closed", "last visit", "last contact", "18th birthday", "inspection")
BETTER = ("lower", "higher", "neither")


def listed(root: Table, key: str, read: Callable[[Table], Item]) -> dict[str, Item]:
    """Read an array of tables with ids, in order."""
    found: dict[str, Item] = {}
    for table in root.tables(key):
        name = id_of(table, "id", SLUG)
        unique(table, "id", name, found)
        found[name] = read(table)
        table.finish()
    return found


def when_of(table: Table) -> When:
    """Read `if` and `reason`."""
    table.need_text("if", '"smokes = yes"')
    condition = condition_of(table, "if")
    assert condition is not None
    return When(condition, table.need_text("reason", '"Somebody smokes in the home"'))


def length_of(table: Table, key: str) -> Any:
    """Read a length of time, or None where it is not there."""
    text = table.text_of(key)
    if not text:
        return None
    try:
        return duration(text)
    except ValueError as wrong:
        raise table.refuse(key, str(wrong), do='Write for example "24 hours".') from None


def read_need(table: Table) -> Need:
    """Read a need: one rule of its own, or several in [[need.when]]."""
    several = table.tables("when")
    rules = [when_of(each) for each in several]
    for each in several:
        each.finish()
    if table.has("if") or not rules:
        rules.insert(0, when_of(table))
    return Need(
        id=table.text_of("id"),
        name=table.need_text("name", '"Working smoke alarms"'),
        domain=one_of(table, "domain", DOMAINS, "fire"),
        rules=tuple(rules),
        actions=table.texts("actions"),
        routes=table.texts("routes"),
        settled_by=table.texts("settled_by"),
    )


def read_action(table: Table) -> Action:
    """Read an action."""
    return Action(
        id=table.text_of("id"),
        name=table.need_text("name", '"Fit a smoke alarm"'),
        domain=one_of(table, "domain", DOMAINS, "fire"),
        kind=one_of(table, "kind", ACTION_KINDS, "advice"),
        equipment=table.text_of("equipment"),
    )


def read_route(table: Table) -> Route:
    """Read an onward route."""
    return Route(
        id=table.text_of("id"),
        name=table.need_text("name", '"Falls prevention service"'),
        to=one_of(table, "to", AGENCY_KINDS, "health"),
        service=table.need_text("service", '"Community falls team"'),
        condition=condition_of(table, "if"),
        eligible=table.text_of("eligible"),
        shares=classes_of(table, "shares"),
        consent=table.text_of("consent"),
        within=length_of(table, "within"),
        chase_after=length_of(table, "chase_after"),
        urgent=table.take("urgent", bool, False),
    )


def classes_of(table: Table, key: str) -> tuple[DataClass, ...]:
    """Read a list of data classes."""
    words = table.texts(key)
    for word in words:
        if word not in set(DataClass):
            raise table.refuse(key, f"{word!r} is no data class", do=f"Use {', '.join(DataClass)}.")
    return tuple(DataClass(word) for word in words)


def read_consent(table: Table) -> Consent:
    """Read a consent."""
    before = table.texts("before")
    for moment in before:
        if moment not in MOMENTS:
            raise table.refuse("before", f"{moment!r} is none of {', '.join(MOMENTS)}")
    if not before:
        raise table.refuse("before", "is missing", do='Add for example: before = ["visit"]')
    return Consent(
        id=table.text_of("id"),
        name=table.need_text("name", '"Visit to the home"'),
        text=table.need_text("text", '"I agree that …"'),
        asked_of=one_of(table, "asked_of", ASKED_OF, "person"),
        before=before,
        condition=condition_of(table, "if"),
        override=table.text_of("override"),
        months=table.take("months", int, 0),
    )


def read_activity(table: Table) -> Activity:
    """Read an activity."""
    return Activity(
        id=table.text_of("id"),
        name=table.need_text("name", '"Home visit"'),
        service=one_of(table, "service", Service, "fire"),
    )


def read_measure(table: Table) -> Measure:
    """Read a measure."""
    days = table.take("days", list, [])
    if not all(isinstance(day, int) and 0 < day <= 3_650 for day in days):
        raise table.refuse("days", "must be whole numbers of days", do="Write [30, 90, 365].")
    return Measure(
        id=table.text_of("id"),
        name=table.need_text("name", '"Homes with a working smoke alarm"'),
        unit=table.need_text("unit", '"homes"'),
        better=one_of(table, "better", BETTER, "higher"),
        of=table.text_of("of"),
        days=tuple(days),
    )


def read_equipment(table: Table) -> Equipment:
    """Read a piece of equipment."""
    return Equipment(
        id=table.text_of("id"),
        name=table.need_text("name", '"Smoke alarm, sealed battery"'),
        life_years=table.take("life_years", int, 0),
        serial=table.take("serial", bool, False),
        check_months=table.take("check_months", int, 0),
    )


def read_fact(table: Table) -> Fact:
    """Read a published figure."""
    return Fact(
        id=table.text_of("id"),
        text=table.need_text("text", '"Visits made each year"'),
        value=number_of(table, "value"),
        unit=table.text_of("unit"),
        source=table.need_text("source", '"Annual report 2024, page 3"'),
        note=table.text_of("note"),
        works_out=table.texts("works_out"),
    )


def read_retention(root: Table) -> Retention:
    """Read how long papers are kept."""
    table = root.table("retention")
    if table is None:
        raise root.refuse("retention", "is missing", do="Add [retention].")
    years = table.take("years", int, 0)
    if not 1 <= years <= 120:
        raise table.refuse("years", "must be from 1 to 120", do="Add for example: years = 6")
    found = Retention(
        class_=table.need_text("class", '"adult home visit"'),
        years=years,
        starts=one_of(table, "starts", STARTS, "case closed"),
        child_until_age=table.take("child_until_age", int, 0),
        source=table.need_text("source", '"Local schedule; to be confirmed by its owner"'),
    )
    table.finish()
    return found


def known_ids(root: Table, key: str, field: str, known: Mapping[str, Any], what: str) -> None:
    """Refuse an id in a field of a list that names nothing."""
    for table in root.tables(key):
        given = table.texts(field)
        for name in given:
            if name and name not in known:
                raise table.refuse(field, f"{name!r} is no {what}", do=near(name, known) or None)

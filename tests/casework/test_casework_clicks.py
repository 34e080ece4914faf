"""How many clicks and fields four journeys cost, counted on the pages; docs/reference/clicks.md.

A click is a link followed or a button pressed. A field is a question that is answered; the boxes
of one date are one. Each journey begins at the start page of somebody who is signed in, and ends
at the page that says that it is done. What is not on a page cannot be clicked or answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from invented_referrals import Send

import signing_in
from partnership import NOON, Partnership
from triservice.casework.models import OnwardReferral
from triservice.casework.triage.actions import accept
from triservice.casework.visits import actions as visits
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.keys import new_key

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "clicks.md"
DATE_PARTS = re.compile(r"[._](day|month|year)$")
Filled = dict[str, str]


class Page(HTMLParser):
    """What somebody can do on a page: its links, and its forms with their boxes and buttons."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str, int]] = []  # what it says, whereto, in how many menus
        self.forms: list[Form] = []
        self._href = ""
        self._menus: list[bool] = []  # closed, from the outermost to where the reader of this is
        self._button: Filled = {}
        self._said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._href, self._said = has.get("href", ""), []
        elif tag == "details":
            self._menus.append("open" not in has)
        elif tag == "form":
            self.forms.append(Form(has.get("action", "")))
        elif tag == "button":
            self._button, self._said = has, []
        elif tag in {"input", "textarea", "select"} and self.forms and "name" in has:
            self.forms[-1].take(has)

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    def handle_endtag(self, tag: str) -> None:
        said = " ".join("".join(self._said).split())
        if tag == "a" and self._href:
            self.links.append((said, self._href, sum(self._menus)))
            self._href = ""
        elif tag == "details":
            self._menus.pop()
        elif tag == "button" and self.forms:
            self.forms[-1].buttons[said] = self._button


class Form:
    """A form: what is in it before anybody answers, its boxes, and where its buttons send it."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.holds: Filled = {}
        self.names: set[str] = set()
        self.first: Filled = {}  # the first of the choices of a name
        self.buttons: dict[str, Filled] = {}

    def take(self, has: Filled) -> None:
        """Take a box as it stands. Hidden ones are sent, and are nobody's to answer."""
        hidden, ticks = has.get("type") == "hidden", has.get("type") in {"radio", "checkbox"}
        if not hidden:
            self.names.add(has["name"])
        if ticks:
            self.first.setdefault(has["name"], has["value"])
        if "checked" in has or (has.get("value") and not ticks):
            self.holds[has["name"]] = has["value"]

    def filled(self, answers: Filled) -> Filled:
        """Return what is sent when these answers are given."""
        first = {name: self.first[name] for name, said in answers.items() if said == FIRST}
        return self.holds | answers | first

    def sent_by(self, button: Filled) -> Filled:
        """Return what a button sends of its own."""
        return {button["name"]: button["value"]} if "name" in button else {}


class Walk:
    """Somebody at the start page, who follows links and presses buttons that they see."""

    def __init__(self, client: Client) -> None:
        self.client, self.clicks, self.fields = client, 0, 0
        self._show(client.get("/"))

    def _show(self, answer: Any) -> None:
        while answer.status_code == 302:
            answer = self.client.get(answer.url)
        assert answer.status_code == 200, answer.content.decode()
        self.at, self.text = answer.wsgi_request.get_full_path(), answer.content.decode()

    def follow(self, words: str) -> None:
        """Open the menus that the first link beginning with these words is in, and follow it."""
        links = Page(self.text).links
        found = next((rest for said, *rest in links if said.startswith(words)), None)
        assert found, f"No link “{words}” on {self.at}: {links}"
        href, menus = found
        self.clicks += 1 + menus
        self._show(self.client.get(href))

    def _form(self, words: str) -> Form:
        form = next((one for one in Page(self.text).forms if words in one.buttons), None)
        assert form, f"No button “{words}” on {self.at}"
        return form

    def press(self, words: str, answers: Filled) -> None:
        """Answer questions, and press the button of their form."""
        form = self._form(words)
        assert answers.keys() <= form.names, f"Not on {self.at}: {answers.keys() - form.names}"
        self.clicks += 1
        self.fields += len({DATE_PARTS.sub("", name) for name in answers})
        button = form.buttons[words]
        to = button.get("formaction") or form.action or self.at
        self._show(self.client.post(to, form.filled(answers) | form.sent_by(button)))

    def cannot_without(self, step: Press) -> None:
        """Each of these must be answered, here or before: without it the page comes back."""
        form = self._form(step.button)
        for name in (*step.must, *step.held):
            left = {one: said for one, said in step.must.items() if one != name}
            said = form.filled(left) | dict.fromkeys(step.held if name in step.held else (), "")
            assert self.client.post(self.at, said).status_code == 422, name


@dataclass(frozen=True)
class Press:
    """A button, what must be answered before it, and what else is answered as a rule."""

    button: str
    must: Filled = field(default_factory=dict)
    may: Filled = field(default_factory=dict)
    held: tuple[str, ...] = ()  # what a page before has filled in, and must be there


FIRST = "the first that is offered"
BEGIN = Press("Small visit", {"for": "Morwenna Trevanion"})
WHY = {"why": "She no longer hears the bell"}
MORE = {"person.born.day": "12", "person.born.month": "3", "person.born.year": "1948",
        "person.phone": "01632 960001", "address.postcode": "TR1 1AA", "alarms": "no"}  # fmt: skip
AT = {"address.line": "14 Invented Lane, Nowhere"}
NEW = Press("Continue", AT | WHY, MORE, held=("person.name",))
KNOWN = Press("Send the referral", {"is": FIRST} | WHY, {"alarms": "no"})
ON = {"route": "falls-service"}
OFFICER = "who takes it"  # the key of the officer takes its place

# journey: agency, role, what is clicked, and what the last page says
JOURNEYS: dict[str, tuple[str, Role, tuple[str | Press, ...], str]] = {
    "Refer": ("police", Role.REFERRER, (BEGIN, NEW), "Referral sent"),
    "Refer somebody known": ("fire", Role.REFERRER, (BEGIN, KNOWN), "Referral sent"),
    "Refer from a case": (
        "fire", Role.OFFICER,
        ("Morwenna Trevanion, case", "Refer Morwenna Trevanion to Small visit",
         Press("Send the referral", WHY, {"alarms": "no"})), "Referral sent",
    ),
    "Triage": (
        "fire", Role.OFFICER,
        ("Morwenna Trevanion, referral", "Accept", Press("Accept", {}, {"officer": OFFICER})),
        "Accepted.",
    ),
    "Record a visit": (
        "fire", Role.OFFICER,
        ("Record the visit",
         Press("Nothing to add: record it", {"alarms": "yes"}, {"fell": "no"})),
        "The visit is recorded.",
    ),
    "Send an onward referral": (
        "fire", Role.OFFICER,
        ("Morwenna Trevanion, case", "Refer on",
         Press("Refer on", ON, {"why": "Please see her"})), "You are reminded",
    ),
}  # fmt: skip


def make_ready(journey: str, town: Partnership, officer: Reader, send: Send) -> None:
    """Make what a journey finds there."""
    if journey == "Refer":  # which schemes somebody refers to, their last referrals say
        send(person={"name": "Jory Angove"}, address={"line": "2 Invented Hill, Nowhere"})
        return
    if journey == "Refer somebody known":  # known to the agency of who refers
        send(by=town.reader("fire", Role.REFERRER))
        return
    referral = send(by=officer if journey == "Refer from a case" else None).referral
    if journey in {"Refer from a case", "Record a visit", "Send an onward referral"}:
        case = accept(officer, referral, officer=officer.officer)
        at = NOON + timedelta(hours=1)
        visits.plan(officer, case, at, key=new_key(), officer=officer.officer)


def printed(journey: str) -> tuple[int, int, int]:
    """Return the clicks, the fields, and those that must be answered, as the document says."""
    row = re.search(rf"^\| {journey} \| (\d+) \| (\d+) \| (\d+) \|", TABLE.read_text(), re.M)
    assert row, journey
    clicks, fields, must = map(int, row.groups())
    return clicks, fields, must


@pytest.mark.parametrize("only_must", [True, False])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_costs_what_the_document_says(
    journey: str, only_must: bool, town: Partnership, officer: Reader, send: Send
) -> None:
    make_ready(journey, town, officer, send)
    agency, role, steps, done = JOURNEYS[journey]
    walk = Walk(signing_in.sign_in(Client(), town.officer(agency, role)))
    for step in steps:
        if isinstance(step, str):
            walk.follow(step)
            continue
        if only_must and step is not BEGIN:
            walk.cannot_without(step)
        answers = step.must | ({} if only_must else step.may)
        if "officer" in answers:
            answers["officer"] = str(officer.officer)
        walk.press(step.button, answers)
    assert done in walk.text
    clicks, fields, must = printed(journey)
    assert (walk.clicks, walk.fields) == (clicks, must if only_must else fields)


def test_an_onward_referral_at_a_visit_costs_one_further_click(
    town: Partnership, officer: Reader, send: Send
) -> None:
    make_ready("Record a visit", town, officer, send)
    walk = Walk(signing_in.sign_in(Client(), town.officer("fire")))
    walk.follow("Record the visit")
    walk.press("Continue", {"alarms": "yes", "fell": "yes"})
    walk.press("Record the visit", {"routes": "falls:falls-service", "agreed": "has capacity"})
    assert OnwardReferral.objects.exists()
    clicks, fields, _ = printed("Record a visit")
    assert (walk.clicks, walk.fields) == (clicks + 1, fields + 2)


def test_a_visit_that_found_something_is_not_over_before_it_is_said_what_is_done(
    town: Partnership, officer: Reader, send: Send
) -> None:
    make_ready("Record a visit", town, officer, send)
    walk = Walk(signing_in.sign_in(Client(), town.officer("fire")))
    walk.follow("Record the visit")
    walk.press("Nothing to add: record it", {"alarms": "yes", "fell": "yes"})
    assert "Something was found" in walk.text
    walk.press("Record the visit", {})
    assert "The visit is recorded." in walk.text

"""A scheme in plain words: for its page, for print and for the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from triservice.schemes.conditions import Condition
from triservice.schemes.forms import Assessment
from triservice.schemes.scheme import (
    Fact,
    Form,
    Question,
    Route,
    Scheme,
    Score,
    TriageRule,
    When,
)
from triservice.schemes.scoring import Sheet
from triservice.schemes.triage import Eligible
from triservice.schemes.words import Kind, Outcome, Tier, said_duration

SHOWN = 6  # questions that are named among those not answered
COMPARED = {
    "=": "is {}",
    "!=": "is not {}",
    "<": "is less than {}",
    "<=": "is {} or less",
    ">": "is more than {}",
    ">=": "is {} or more",
    "has": "includes {}",
}
REFERRERS = {
    "police": "the police",
    "fire": "the fire and rescue service",
    "ambulance": "the ambulance service",
    "health": "health services",
    "council": "the council",
    "charity": "charities",
    "self": "people themselves",
    "family": "family and friends",
    "public": "anybody",
}
OUTCOMES = {
    Outcome.ACCEPT: "Take it on",
    Outcome.NEED_MORE: "Ask for more",
    Outcome.SIGNPOST: "Say who can help instead",
    Outcome.DECLINE: "Decline",
}
KINDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.CHOICE: "one answer",
    Kind.MULTI: "any that apply",
    Kind.YES_NO: "yes, no or not known",
    Kind.PHOTO: "photos",
    Kind.SIGNATURE: "a signature",
    Kind.ADDRESS: "an address",
    Kind.PERSON: "a person",
    Kind.PLAN: "places on a plan, with notes",
}


class Naming(Protocol):
    """A scheme, or one form of it: it knows what a name means."""

    def named(self, name: str) -> Question | Score | None:
        """Return what a name in a condition means."""


def condition(scheme: Naming, one: Condition) -> str:
    """Return a condition in words: “Smoking in the home” is Yes, and …"""
    sign, *parts = one
    if sign in {"and", "or"}:
        inner = [_inside(scheme, part, sign) for part in _together(sign, parts)]
        return (", and " if sign == "and" else ", or ").join(inner) or "always"
    if sign == "not":
        return f"it is not so that {_inside(scheme, parts[0], 'not')}"
    name = parts[0] if isinstance(parts[0], str) else parts[0][1]
    found = scheme.named(name)
    called = f"“{found.name if found else name}”"
    if sign == "has any":
        return f"{called} includes {_either(found, parts[1])}"
    if not isinstance(parts[0], str):
        called = f"age by {called}"
    if sign == "known":
        return f"{called} is answered"
    if sign == "in":
        return f"{called} is {_either(found, parts[1])}"
    return f"{called} {COMPARED[sign].format(_value(found, parts[1]))}"


def _together(sign: str, parts: list[Condition]) -> list[Condition]:
    """Say several answers of one question at once: includes A or B."""
    found: list[Condition] = []
    for part in parts:
        last = found[-1] if found else ("",)
        if sign == "or" and part[0] == "has" and last[0] == "has any" and last[1] == part[1]:
            found[-1] = ("has any", part[1], (*last[2], part[2]))
        else:
            found.append(("has any", part[1], (part[2],)) if part[0] == "has" else part)
    return found


def _either(found: Question | Score | None, values: tuple[object, ...]) -> str:
    *most, last = [_value(found, each) for each in values]
    return f"{', '.join(most)} or {last}" if most else last


def _inside(scheme: Naming, part: Condition, outer: str) -> str:
    words = condition(scheme, part)
    return f"({words})" if part[0] in {"and", "or"} and part[0] != outer else words


def _value(found: Question | Score | None, value: object) -> str:
    if isinstance(found, Question) and str(value) in found.options:
        return found.options[str(value)]
    unit = f" {found.unit}" if found is not None and found.unit else ""
    return f"{value}{unit}"


def reason(rule: When) -> str:
    """Return the reason of a rule as it stands, with a gap for each answer that is filled in."""
    return re.sub(r"\{\w+\}", "…", rule.reason)


def referrers(scheme: Scheme) -> list[str]:
    """Return who may refer, in words."""
    return [REFERRERS[each] for each in scheme.referrers]


@dataclass(frozen=True)
class Asked:
    """A question as a row: what is asked, what may be answered, when."""

    question: Question
    answers: str
    when: str


def asked(scheme: Naming, question: Question) -> Asked:
    """Return a question in words."""
    if question.options and question.kind is not Kind.YES_NO:
        words = f"{KINDS[question.kind]}: {'; '.join(question.options.values())}"
    else:
        words = KINDS[question.kind]
    if question.kind is Kind.NUMBER and question.low is not None and question.high is not None:
        words += f" from {question.low:g} to {question.high:g} {question.unit}".rstrip()
    when = []
    if question.show_if:
        when.append(f"Only if {condition(scheme, question.show_if)}.")
    if question.required_if == ("and",):
        when.append("Must be answered.")
    elif question.required_if and question.required_if != question.show_if:
        when.append(f"Must be answered if {condition(scheme, question.required_if)}.")
    elif question.required_if:
        when.append("Then it must be answered.")
    return Asked(question, words, " ".join(when))


def targets(scheme: Scheme) -> Iterator[tuple[str, str, str]]:
    """Give for each tier how soon first contact and the visit are to be."""
    for tier, target in scheme.targets.items():
        yield tier.capitalize(), said_duration(target.first_contact), said_duration(target.visit)


def points(scheme: Scheme) -> Iterator[tuple[str, int]]:
    """Give the tiers by points, the highest first."""
    for tier in reversed(Tier):
        if tier in scheme.risk.thresholds:
            yield tier, scheme.risk.thresholds[tier]


def text(scheme: Scheme) -> str:
    """Return a scheme as plain text, for the command line."""
    lines = [
        f"{scheme.name} ({scheme.id}, version {scheme.version})",
        scheme.summary,
        "",
        f"Led by {REFERRERS[scheme.lead]}, for the purpose of {scheme.purpose}.",
        f"May refer: {', '.join(referrers(scheme))}.",
        "",
        "How soon",
        *(f"  {tier}: first contact within {contact}, visit within {visit}"
          for tier, contact, visit in targets(scheme)),
        "",
        "How great the risk is",
        *(f"  {one.tier}: if {condition(scheme, one.rule.condition)}"
          for one in scheme.risk.triggers),
        *(f"  {one.points:+d}: {reason(one.rule)}" for one in scheme.risk.weights),
        *(f"  {least} points or more: {tier}" for tier, least in points(scheme)),
        "",
        "Triage",
        *(f"  {OUTCOMES[row.outcome]} if {condition(scheme, row.rule.condition)}"
          for row in scheme.triage),
        "  Take it on otherwise.",
    ]  # fmt: skip
    for form in scheme.forms.values():
        lines += ["", form.title]
        for part in form.parts:
            lines += [f"  {part.title}"]
            lines += [_line(asked(scheme, form.by_id[name])) for name in part.questions]
    lines += ["", "Published figures"]
    lines += [
        f"  {fact.text}: {'' if fact.value is None else f'{fact.value:,g} {fact.unit}'} "
        f"({fact.source})"
        for fact in scheme.facts.values()
    ]
    return "\n".join(lines)


def _line(row: Asked) -> str:
    return f"    {row.question.id}: {row.question.text} [{row.answers}] {row.when}".rstrip()


def triggers(scheme: Scheme) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give the tiers that hold at once, the highest first, with reasons and conditions."""
    for tier in reversed(Tier):
        rules = [one.rule for one in scheme.risk.triggers if one.tier is tier]
        if rules:
            yield tier, [(reason(one), condition(scheme, one.condition)) for one in rules]


def weights(scheme: Scheme) -> list[tuple[str, int]]:
    """Return what gives points, and how many."""
    return [(f"{reason(one.rule)}: {condition(scheme, one.rule.condition)}", one.points)
            for one in scheme.risk.weights]  # fmt: skip


def where(scheme: Scheme, row: TriageRule) -> str:
    """Return to whom a referral is sent instead."""
    route = scheme.routes.get(row.where)
    return f"{route.name}: {route.service}" if route else row.where


def route(scheme: Scheme, one: Route) -> list[tuple[str, str]]:
    """Return a route as labels and values."""
    rows = [
        ("Service", f"{one.service} ({one.to})"),
        ("For whom", one.eligible or "Whoever needs it"),
        ("Sent along", ", ".join(one.shares) or "Nothing about a person"),
        ("Consent", scheme.consents[one.consent].name if one.consent else "Not asked"),
    ]
    if one.within:
        urgent = "By telephone at once, in writing " if one.urgent else ""
        rows.append(("Sent", f"{urgent}within {said_duration(one.within)}"))
    if one.chase_after:
        rows.append(("Chased", f"after {said_duration(one.chase_after)} without an answer"))
    return [(label, text[:1].upper() + text[1:]) for label, text in rows]


def scores(scheme: Scheme) -> list[tuple[str, str, str, str]]:
    """Return each score with its least and greatest value and its bands."""
    rows = []
    for one in scheme.scores.values():
        span = Sheet(scheme.questions, scheme.scores, {}, date.min).span(one)
        bands = "; ".join(f"from {band.low:g}: {band.name}" for band in one.bands)
        rows.append((one.name, f"{span.low:g}", f"{span.high:g}", bands or "–"))
    return rows


def figure(fact: Fact) -> str:
    """Return a published figure with its unit; "In words only" for one that is none."""
    if fact.value is None:
        return "In words only"
    number = f"{fact.value:,.10f}".rstrip("0").rstrip(".")
    return f"£{number}" if fact.unit == "£" else f"{number} {fact.unit}".strip()


def assessed(
    scheme: Scheme, form: Form, found: Assessment, eligible: Eligible
) -> list[tuple[str, str]]:
    """Return what answers come to, as labels and values."""
    tier = found.tier if found.at_most is found.tier else (
        f"{found.tier} so far; {found.at_most} at most when all is answered"
    )  # fmt: skip
    rows: list[tuple[str, str]] = [("Risk", tier[:1].upper() + tier[1:])]
    rows += [("Because", str(why)) for why in found.reasons]
    if form.id == "referral":
        whys = "; ".join(map(str, eligible.reasons))
        rows.append(("Triage", f"{OUTCOMES[eligible.outcome]}{f': {whys}' if whys else ''}"))
    rows += [(one.name, f"{one}{f' ({one.band})' if one.band else ''}")
             for one in found.scores.values()]  # fmt: skip
    rows += [
        ("Need", f"{one.need.name}: {'; '.join(map(str, one.reasons))}") for one in found.needs
    ]
    if found.unknown:
        names = [form.by_id[name].name for name in found.unknown]
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        rows.append(("Could change it", f"Not known yet: {', '.join(names[:SHOWN])}{more}"))
    return rows


PAPER_LINES: dict[Kind, tuple[str, ...]] = {
    Kind.PERSON: ("Full name", "Date of birth", "Telephone", "Email"),
    Kind.ADDRESS: ("Address", "Postcode"),
    Kind.DATE: ("Day, month, year",),
    Kind.SIGNATURE: ("Name", "Signature"),
    Kind.PHOTO: ("Number of photos taken",),
}


def paper_lines(question: Question) -> tuple[str, ...]:
    """Return what stands before each line to write on."""
    if question.kind is Kind.NUMBER:
        return (question.unit or "Number",)
    return PAPER_LINES.get(question.kind, ("",) * (3 if question.longest > 500 else 1))

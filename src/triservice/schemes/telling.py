"""A scheme in plain words: for its page, for print and for the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from triservice.schemes.conditions import Condition
from triservice.schemes.scheme import Question, Scheme, Score, When
from triservice.schemes.words import Kind, Outcome, Tier, said_duration

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


def condition(scheme: Scheme, one: Condition) -> str:
    """Return a condition in words: “Smoking in the home” is Yes, and …"""
    sign, *parts = one
    if sign in {"and", "or"}:
        inner = [_inside(scheme, part, sign) for part in parts]
        return (", and " if sign == "and" else ", or ").join(inner) or "always"
    if sign == "not":
        return f"it is not so that {_inside(scheme, parts[0], 'not')}"
    name = parts[0] if isinstance(parts[0], str) else parts[0][1]
    found = scheme.named(name)
    called = f"“{found.name if found else name}”"
    if not isinstance(parts[0], str):
        called = f"age by {called}"
    if sign == "known":
        return f"{called} is answered"
    if sign == "in":
        return f"{called} is {' or '.join(_value(found, each) for each in parts[1])}"
    return f"{called} {COMPARED[sign].format(_value(found, parts[1]))}"


def _inside(scheme: Scheme, part: Condition, outer: str) -> str:
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


def asked(scheme: Scheme, question: Question) -> Asked:
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
        yield tier, said_duration(target.first_contact), said_duration(target.visit)


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

"""Forms: answers checked the same way from a page, a phone, a system and a sheet; then assessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from triservice.kernel import clock
from triservice.kernel.errors import InputError
from triservice.schemes import answers
from triservice.schemes.scheme import Form, Need, Question, Scheme
from triservice.schemes.scoring import (
    Ranked,
    Reason,
    Sheet,
    Worked,
    rank,
    reason,
    unanswered,
    worked,
)
from triservice.schemes.words import NOT_KNOWN, Kind, Tier

HERE = ZoneInfo("Europe/London")
_ASKED = {Kind.PHOTO: "Add", Kind.SIGNATURE: "Sign:", Kind.MULTI: "Select", Kind.CHOICE: "Select",
          Kind.YES_NO: "Select", Kind.PLAN: "Mark"}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """Answers as they count.

    `hidden` are the questions that do not apply; `aside` holds answers that were given to them,
    which are kept and shown but count for nothing. `errors` are sentences by question.
    """

    values: Mapping[str, Any]
    errors: Mapping[str, str]
    hidden: frozenset[str]
    aside: Mapping[str, Any]

    @property
    def right(self) -> bool:
        """Whether nothing is wrong and nothing is missing."""
        return not self.errors


@dataclass(frozen=True)
class Found:
    """A need that the answers show, and why."""

    need: Need
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Assessment:
    """What answers come to. `unknown` are questions of the form whose answer could change it.

    `at_most` is the highest tier that the unanswered questions could still lead to. `answered` is
    the tier by all answers, which is lower than `tier` where that holds by itself (Stands).
    """

    scores: Mapping[str, Worked]
    needs: tuple[Found, ...]
    tier: Tier
    answered: Tier
    at_most: Tier
    points: int
    reasons: tuple[Reason, ...]
    unknown: tuple[str, ...]


def today() -> date:
    """Return the day that it is in the place."""
    return clock.now().astimezone(HERE).date()


def check(form: Form, given: Mapping[str, Any], *, draft: bool = False) -> Checked:
    """Check answers to a form. A `draft` may leave out what must be answered in the end."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in given:
        if name not in form.by_id:
            errors[str(name)[:80]] = f"“{str(name)[:80]}” is no question of {form.title}."
    for question in form.questions:
        try:
            value = answers.read(question, given.get(question.id))
        except InputError as wrong:
            errors[question.id] = str(wrong)
        else:
            if value is not None:
                values[question.id] = value
    sheet = Sheet(form.by_id, form.scores, values, today())
    aside = {
        name: given[name]
        for name in form.by_id
        if name in sheet.hidden and given.get(name) not in answers.EMPTY
    }
    for name in sheet.hidden:
        values.pop(name, None)
        errors.pop(name, None)
    if not draft:
        for question in form.questions:
            if question.id not in values and question.id not in errors and _asked(sheet, question):
                errors[question.id] = missing(question)
    return Checked(values, errors, frozenset(sheet.hidden), aside)


def _with_what_stands(found: Ranked, alone: Ranked, stands: Stands) -> Ranked:
    """Return the tier of all that is known, never below one that holds by itself."""
    own = {str(each) for each in alone.reasons}
    said = tuple(
        each if str(each) in own else Reason(f"{each}, as known otherwise", each.classes)
        for each in found.reasons
    )
    tier, at_most = (max(one, stands.tier, key=_rank) for one in (found.tier, found.at_most))
    reasons = (*stands.reasons, *said)
    return replace(found, tier=tier, at_most=at_most, reasons=reasons)


def _rank(tier: Tier) -> int:
    return tier.rank


def _asked(sheet: Sheet, question: Question) -> bool:
    """Whether an answer must be there: the question certainly applies, and so does the demand."""
    if question.required_if is None or not sheet.holds(question.required_if):
        return False
    return question.show_if is None or sheet.holds(question.show_if) is True


def missing(question: Question) -> str:
    """Return the sentence for a question that must be answered."""
    if question.text.endswith("?"):
        return f"Answer: {question.text}"
    text = question.text.rstrip(".")
    label = text if text[:2].isupper() else text[:1].lower() + text[1:]
    return f"{_ASKED.get(question.kind, 'Enter')} {label}."


@dataclass(frozen=True)
class Stands:
    """What is known beside the answers of one form, and counts until it is answered otherwise.

    `before` are the answers that were given before, `later` those given since. `tier` holds by
    itself, for its `reasons`: a person judged so, or it cannot be worked out anew.
    """

    before: Mapping[str, Any] = field(default_factory=dict)
    later: Mapping[str, Any] = field(default_factory=dict)
    tier: Tier = Tier.LOW
    reasons: tuple[Reason, ...] = ()


def together(forms: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answers of several forms as they stand, the earliest form first.

    The latest answer to a question stands. "Not known" answers nothing: what was known stays, and
    among several answers stays beside them.
    """
    found: dict[str, Any] = {}
    for values in forms:
        for name, value in values.items():
            found[name] = _answered(found.get(name), value)
    return found


def _answered(was: Any, now: Any) -> Any:
    if was in answers.EMPTY or (now != NOT_KNOWN and not _partly(now)):
        return now
    return [*dict.fromkeys([*was, *now])] if _partly(now) and isinstance(was, list) else was


def _partly(value: Any) -> bool:
    return isinstance(value, list) and NOT_KNOWN in value


def assess(
    scheme: Scheme, form: Form, values: Mapping[str, Any], stands: Stands | None = None
) -> Assessment:
    """Work out scores and needs from checked values, and the tier from these and what `stands`.

    A reason that holds by what was known alone says so.
    """
    questions = {**form.by_id, **{k: v for k, v in scheme.questions.items() if k not in form.by_id}}
    sheet = Sheet(questions, scheme.scores, values, today())
    found = ranked = rank(scheme, sheet)
    if stands is not None:
        known = together((stands.before, values, stands.later))
        found = rank(scheme, Sheet(questions, scheme.scores, known, today()))
        ranked = _with_what_stands(found, ranked, stands)
    needs, open_rules = [], []
    for need in scheme.needs.values():
        truths = [(rule, sheet.holds(rule.condition)) for rule in need.rules]
        why = tuple(reason(scheme, sheet, rule) for rule, holds in truths if holds)
        if why:
            needs.append(Found(need, why))
        else:
            open_rules += [rule.condition for rule, holds in truths if holds is None]
    ask = ranked.ask.union(unanswered(sheet, open_rules))
    return Assessment(
        {score.id: worked(sheet, score) for score in form.scores.values()},
        tuple(needs),
        ranked.tier,
        found.tier,
        ranked.at_most,
        ranked.points,
        ranked.reasons,
        tuple(name for name in form.by_id if name in ask),
    )

"""Answers of an older version of a scheme, carried into a newer one: nothing is lost.

What no longer fits is kept aside with the reason, to be shown and, if wanted, entered anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triservice.kernel.errors import InputError
from triservice.schemes import answers
from triservice.schemes.scheme import Question, Scheme


@dataclass(frozen=True)
class Aside:
    """An answer that has no place in the newer version. `question` is the one it was given to."""

    question: Question
    value: Any
    why: str

    def __str__(self) -> str:
        """Return the question, its answer and why it does not count."""
        return f"{self.question.name}: {answers.said(self.question, self.value)} ({self.why})"


@dataclass(frozen=True)
class Carried:
    """Answers for the newer version, and those kept aside."""

    values: Mapping[str, Any]
    aside: tuple[Aside, ...]


def carry(old: Scheme, new: Scheme, form: str, given: Mapping[str, Any]) -> Carried:
    """Carry the answers of a form from one version into the next.

    Raises InputError when the versions do not follow each other, or have no such form.
    """
    change = new.change
    if change is None or change.from_version != old.version or old.id != new.id:
        raise InputError(f"{new.id}@{new.version} does not follow {old.id}@{old.version}")
    if form not in old.forms or form not in new.forms:
        raise InputError(f"{form!r} is no form of both versions of {new.id}")
    values: dict[str, Any] = {}
    aside = []
    asked = new.forms[form].by_id
    for name, value in given.items():
        question = old.forms[form].by_id.get(name)
        target = asked.get(change.renamed.get(name, name))
        if question is None:
            values[name] = value  # no answer of the old version either: the page will say so
        elif target is None or name in change.removed:
            aside.append(Aside(question, value, "this is no longer asked"))
        else:
            moved = _moved(value, change.answers.get(target.id, {}))
            why = _unfit(question, value, target, moved)
            if why:
                aside.append(Aside(question, value, why))
            else:
                values[target.id] = moved
    return Carried(values, tuple(aside))


def _moved(value: Any, words: Mapping[str, str]) -> Any:
    """Return an answer with its options renamed."""
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, list):
        return list(dict.fromkeys(words.get(one, one) for one in value))
    if isinstance(value, dict):
        return {words.get(key, key): note for key, note in value.items()}
    return value


def _unfit(old: Question, value: Any, new: Question, moved: Any) -> str:
    """Return why an answer that was right is so no longer; "" where it is, or never was."""
    try:
        answers.read(old, value)
    except InputError:
        return "" if old.kind is new.kind else "the question now takes another kind of answer"
    try:
        answers.read(new, moved)
    except InputError as wrong:
        return str(wrong).rstrip(".")
    return ""


def check_change(old: Scheme, new: Scheme) -> None:
    """Raise InputError where a newer version does not say what becomes of an old question."""
    change = new.change
    assert change is not None
    before = {name for form in old.forms.values() for name in form.by_id}
    after = {name for form in new.forms.values() for name in form.by_id}
    wrong = {
        "renamed: no such question before": set(change.renamed) - before,
        "renamed to no question": set(change.renamed.values()) - after,
        "removed: no such question before": set(change.removed) - before,
        "removed, yet still asked": set(change.removed) & after,
        "answers of no question": set(change.answers) - after,
        "neither asked, renamed nor removed": before
        - after
        - set(change.renamed)
        - set(change.removed),
    }
    for what, names in wrong.items():
        if names:
            raise InputError(
                f"{what}: {', '.join(sorted(names))}", do="Say it under renamed or removed."
            )
    for name, words in change.answers.items():
        if unknown := set(words.values()) - set(new.questions[name].options):
            raise InputError(f"answers of {name}: {', '.join(sorted(unknown))} is no answer there")

"""Reading a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from triservice.kernel.access_words import DataClass
from triservice.schemes.age import LOOKS_LIKE_AGE
from triservice.schemes.checking import WITH_OPTIONS
from triservice.schemes.conditions import ALWAYS, Condition, both
from triservice.schemes.reading.keys import condition_of, id_of, number_of, word_of
from triservice.schemes.scheme import Question
from triservice.schemes.words import NONE, NOT_KNOWN, Kind
from triservice.toml_reader import Table

OPTION = re.compile(r"[a-z0-9][a-z0-9 _+-]{0,59}")
YES_NO = {"yes": "Yes", "no": "No", NOT_KNOWN: "Not known"}
NUMBERED = {Kind.NUMBER: ("low", "high", "decimals", "unit"), Kind.TEXT: ("longest",)}


@dataclass
class Asking:
    """What holds for all questions of a part unless one says otherwise."""

    data_class: str = ""
    show_if: Condition | None = None
    required: bool = False
    instrument: str = ""


def read_question(table: Table, asking: Asking) -> Question:
    """Read one question."""
    name, kind = id_of(table), word_of(table, "kind", Kind, "yes/no")
    text = table.need_text("text", '"Does anyone smoke in the home?"')
    if not table.has("data_class") and not asking.data_class:
        raise table.refuse("data_class", "is missing", do="Say which data class the answer is.")
    data_class = table.choice("data_class", tuple(DataClass), asking.data_class)
    required = table.take("required", bool, asking.required)
    question = Question(
        id=name,
        text=text,
        kind=kind,
        data_class=DataClass(data_class),
        name=table.text_of("name", text.rstrip("?.")),
        options=_options(table, kind),
        hint=table.text_of("hint"),
        unit=table.text_of("unit"),
        low=number_of(table, "low"),
        high=number_of(table, "high"),
        decimals=table.take("decimals", int, 0),
        longest=table.take("longest", int, 500),
        show_if=both(asking.show_if, condition_of(table, "show_if")),
        required_if=ALWAYS if required else condition_of(table, "required_if"),
        age=_age(table, name, kind, text),
        instrument=asking.instrument,
    )
    _check_question(table, question)
    table.finish()
    return question


def _age(table: Table, name: str, kind: Kind, text: str) -> bool:
    """Whether the answer is an age: of a person always; else the file says what looks like one."""
    if kind is Kind.PERSON:
        return True
    aged = kind in {Kind.NUMBER, Kind.DATE, Kind.CHOICE, Kind.MULTI, Kind.YES_NO}
    if aged and not table.has("age") and LOOKS_LIKE_AGE.search(f"{name} {text}"):
        raise table.refuse(
            "text",
            "looks as if it asks somebody's age",
            do="Add age = true, or age = false. Age alone is never the highest tier.",
        )
    return bool(table.take("age", bool, False))


def _check_question(table: Table, question: Question) -> None:
    for kind, keys in NUMBERED.items():
        for key in keys:
            if table.has(key) and question.kind is not kind:
                raise table.refuse(key, f"is for {kind} questions, not for {question.kind}")
    if question.low is not None and question.high is not None and question.low >= question.high:
        raise table.refuse("high", f"is {question.high:g}, not more than low")
    if not 0 <= question.decimals <= 6 or not 1 <= question.longest <= 10_000:
        key = "longest" if table.has("longest") else "decimals"
        raise table.refuse(key, "is out of range", do="Use decimals 0 to 6, longest 1 to 10,000.")


def _options(table: Table, kind: Kind) -> Mapping[str, str]:
    """Read the answers to choose from: a list of words, or a table of id = words."""
    if kind is Kind.YES_NO or kind not in WITH_OPTIONS:
        if table.has("options"):
            raise table.refuse("options", f"is not for a {kind} question")
        return YES_NO if kind is Kind.YES_NO else {}
    given = table.values.get("options")
    if isinstance(given, list):
        options = {text: text[:1].upper() + text[1:] for text in table.texts("options")}
    else:
        options = table.words("options")
    if len(options) < 2:
        raise table.refuse(
            "options", "has fewer than two answers", do='Add for example: options.gas = "Gas"'
        )
    for key, words in options.items():
        if not OPTION.fullmatch(key) or not words.strip():
            raise table.refuse(f"options.{key}", f"{key!r} is no short answer in small letters")
    if kind is Kind.PLAN and {NONE, NOT_KNOWN} & set(options):
        raise table.refuse("options", "of a plan are places only")
    return options

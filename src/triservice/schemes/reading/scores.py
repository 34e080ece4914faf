"""Reading scores, and instruments: questions with their scores in a file of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from triservice.kernel.errors import InputError
from triservice.schemes.checking import WITH_OPTIONS, check_condition
from triservice.schemes.conditions import Condition, names
from triservice.schemes.reading.keys import checked, file_id, id_of, number_of, one_of, unique
from triservice.schemes.reading.questions import Asking, read_question
from triservice.schemes.scheme import Band, Instrument, Question, Score
from triservice.schemes.words import NOT_KNOWN, Kind
from triservice.toml_reader import Table, near

WHOSE_TEXT = ("own words", "as licensed", "score only")


def read_scores(
    tables: Iterable[Table], questions: Mapping[str, Question], instrument: str = ""
) -> dict[str, Score]:
    """Read scores over questions that are known."""
    found: dict[str, Score] = {}
    for table in tables:
        score = _score(table, questions, instrument)
        unique(table, "id", score.id, {**found, **questions})
        found[score.id] = score
    return found


def _score(table: Table, questions: Mapping[str, Question], instrument: str) -> Score:
    points_table = table.table("points")
    points = {name: _points(points_table, name, questions) for name in points_table.values} if (
        points_table
    ) else {}  # fmt: skip
    values = table.texts("values")
    for name in values:
        question = questions.get(name)
        if question is None or question.kind is not Kind.NUMBER or None in (
            question.low, question.high
        ):  # fmt: skip
            raise table.refuse(
                "values", f"{name!r} is no number question with low and high",
                do=near(name, questions) or None,
            )  # fmt: skip
    if not points and not values:
        raise table.refuse("points", "is missing", do="Add for example: points.fallen.yes = 1")
    bands = tuple(_band(each) for each in table.tables("band"))
    if [one.low for one in bands] != sorted({one.low for one in bands}):
        raise table.refuse("band", "are not in rising order")
    score = Score(
        id=id_of(table),
        name=table.need_text("name", '"Falls risk"'),
        points=points,
        values=values,
        combine=table.choice("combine", ("sum", "greatest"), "sum"),
        bands=bands,
        unit=table.text_of("unit"),
        instrument=instrument,
    )
    table.finish()
    return score


def _points(table: Table, name: str, questions: Mapping[str, Question]) -> Mapping[str, float]:
    question = questions.get(name)
    if question is None or question.kind not in WITH_OPTIONS:
        raise table.refuse(
            name,
            f"{name!r} is no question with answers to choose",
            do=near(name, questions) or None,
        )
    inner = table.table(name)
    assert inner is not None
    points = {}
    for answer in inner.values:
        if answer not in question.options or answer == NOT_KNOWN:
            raise inner.refuse(
                answer, f"{answer!r} is no answer of “{name}”",
                do=near(answer, question.options) or None,
            )  # fmt: skip
        points[answer] = float(inner.take(answer, float))
    return points


def _band(table: Table) -> Band:
    low = number_of(table, "from")
    if low is None:
        raise table.refuse("from", "is missing", do="Add for example: from = 3")
    band = Band(low, table.need_text("name", '"high"'))
    table.finish()
    return band


def read_instrument(root: Table) -> Instrument:
    """Read an instrument file."""
    name, version = file_id(root, "instrument")
    text = one_of(root, "text", WHOSE_TEXT, "own words")
    reference = f"{name}@{version}"
    questions: dict[str, Question] = {}
    for table in root.tables("question"):
        question = read_question(table, Asking(instrument=reference))
        unique(table, "id", question.id, questions)
        questions[question.id] = question
    scores = read_scores(root.tables("score"), questions, reference)
    for table in root.tables("question"):
        check_asked(table, questions[table.values["id"]], questions, scores)
    instrument = Instrument(
        id=name,
        version=version,
        name=root.need_text("name", '"Falls risk: five questions"'),
        text=text,
        licence=root.need_text("licence", '"free to use; see source"'),
        source=root.need_text("source", '"Nandy 2004"'),
        summary=root.need_text("summary", '"…"'),
        questions=tuple(questions.values()),
        scores=tuple(scores.values()),
    )
    root.finish()
    if not questions:
        raise root.refuse("question", "is missing", do="Add [[question]].")
    return instrument


def check_asked(
    table: Table,
    question: Question,
    before: Mapping[str, Question],
    scores: Mapping[str, Score],
) -> None:
    """Check show_if and required_if: they may ask only what stands before the question."""
    earlier: dict[str, Question] = {}
    for name, one in before.items():
        if name == question.id:
            break
        earlier[name] = one
    ready = {k: s for k, s in scores.items() if all(name in earlier for name in s.questions)}
    for key, condition in (("show_if", question.show_if), ("required_if", question.required_if)):
        if condition is not None:
            checked(table, key, _check_earlier, condition, earlier, ready, {**before, **scores})


def _check_earlier(
    condition: Condition,
    earlier: Mapping[str, Question],
    ready: Mapping[str, Score],
    everything: Mapping[str, Any],
) -> None:
    for name in names(condition):
        if name in everything and name not in earlier and name not in ready:
            raise InputError(f"asks “{name}”, which is not answered before this question")
    check_condition(condition, earlier, ready)

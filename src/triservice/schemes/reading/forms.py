"""Reading forms: parts of questions, of an instrument, or of questions that another form asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from triservice.kernel.access_words import DataClass
from triservice.schemes.conditions import ALWAYS, both
from triservice.schemes.reading.keys import condition_of, id_of, unique
from triservice.schemes.reading.questions import Asking, read_question
from triservice.schemes.scheme import Form, Instrument, Part, Question
from triservice.toml_reader import Table, near


@dataclass
class FormReading:
    """One form being read; `others` are the forms read before, for questions asked again."""

    instruments: Callable[[Table, str], Instrument]
    others: Mapping[str, Form]
    questions: dict[str, Question] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    def read(self, name: str, table: Table) -> Form:
        """Read a form; its conditions are checked later, when all scores are known."""
        parts = tuple(self.part(each) for each in table.tables("part"))
        if not self.questions:
            raise table.refuse("part", "asks nothing", do=f"Add [[forms.{name}.part]].")
        form = Form(
            id=name,
            title=table.need_text("title", '"Home visit"'),
            hint=table.text_of("hint"),
            parts=parts,
            by_id=self.questions,
            scores={},
        )
        table.finish()
        return form

    def part(self, table: Table) -> Part:
        """Read one part, and the questions that it adds."""
        title, hint = table.need_text("title", '"Alarms"'), table.text_of("hint")
        asking = Asking(
            table.choice("data_class", ("", *DataClass), ""),
            condition_of(table, "show_if"),
            table.take("required", bool, False),
        )
        reference = table.text_of("instrument")
        before = len(self.questions)
        if reference:
            for question in self.instruments(table, reference).questions:
                self.add(
                    table,
                    replace(
                        question,
                        show_if=both(asking.show_if, question.show_if),
                        required_if=ALWAYS if asking.required else question.required_if,
                    ),
                )
        for each in table.tables("question"):
            self.add(each, self.again(each, asking) or read_question(each, asking))
        table.finish()
        added = tuple(self.questions)[before:]
        if not added:
            raise table.refuse("question", "is missing", do="Add a question or an instrument.")
        return Part(title, added, hint, reference)

    def again(self, table: Table, asking: Asking) -> Question | None:
        """Return a question that another form asks as well: `as_in` names the form."""
        form = table.text_of("as_in")
        if not form:
            return None
        name = id_of(table)
        known = self.others[form].by_id if form in self.others else {}
        if name not in known:
            raise table.refuse(
                "as_in", f"{name!r} is no question of a form {form!r} above this one",
                do=near(name, known) or None,
            )  # fmt: skip
        required = table.take("required", bool, asking.required)
        question = replace(
            known[name],
            show_if=both(asking.show_if, condition_of(table, "show_if")),
            required_if=ALWAYS if required else condition_of(table, "required_if"),
        )
        table.finish()
        return question

    def add(self, table: Table, question: Question) -> None:
        """Add a question, unless its id means another one."""
        unique(table, "id" if table.has("id") else "instrument", question.id, self.questions)
        for other in self.others.values():
            if (same := other.by_id.get(question.id)) and not _same(same, question):
                raise table.refuse(
                    "id", f"{question.id!r} is another question in the form {other.id!r}",
                    do=f'Write as_in = "{other.id}", or give it an id of its own.',
                )  # fmt: skip
        self.questions[question.id], self.tables[question.id] = question, table


def _same(one: Question, other: Question) -> bool:
    return replace(one, show_if=None, required_if=None) == replace(
        other, show_if=None, required_if=None
    )

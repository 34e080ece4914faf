"""The browser evaluates as the server does, on random conditions, forms and answers."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_conditions import ANSWERS, KNOWN, LEAVES, NAMES, TODAY, trees

from triservice.schemes import catalogue, exporting
from triservice.schemes.age import sample
from triservice.schemes.conditions import HIDDEN, Span, evaluate
from triservice.schemes.scoring import Sheet

HERE = Path(__file__).resolve()
LIB = HERE.parents[2] / "src" / "triservice" / "web" / "front" / "src" / "lib"
Ask = Callable[[dict[str, Any]], Any]
SPANS = st.tuples(st.integers(0, 4), st.integers(1, 5)).map(lambda p: Span(p[0], p[0] + p[1]))
ODD = st.sampled_from([None, "not known", [], {}, ["not known"], ["gas", "not known"], HIDDEN])


@pytest.fixture(scope="module")
def node() -> Iterator[Ask]:
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node here (apt-get install nodejs)")
    command = [program, str(HERE.with_name("conditions_in_node.mjs")), str(LIB)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdin is not None
        assert run.stdout is not None

        def ask(case: dict[str, Any]) -> Any:
            run.stdin.write(json.dumps(case) + "\n")  # type: ignore[union-attr]
            run.stdin.flush()  # type: ignore[union-attr]
            return json.loads(run.stdout.readline())  # type: ignore[union-attr]

        yield ask
        run.stdin.close()


def encoded(value: Any) -> Any:
    if value is HIDDEN:
        return {"hidden": True}
    return {"low": value.low, "high": value.high} if isinstance(value, Span) else value


@settings(deadline=None, max_examples=300)
@given(
    tree=trees(LEAVES | KNOWN),
    answers=ANSWERS,
    odd=st.dictionaries(st.sampled_from(NAMES), ODD),
    spans=st.dictionaries(st.sampled_from(["s", "n"]), SPANS),
)
def test_conditions(
    node: Ask, tree: Any, answers: dict[str, Any], odd: dict[str, Any], spans: dict[str, Span]
) -> None:
    values = {**answers, **spans, **odd}
    sent = {name: encoded(value) for name, value in values.items()}
    case = {"what": "condition", "tree": tree, "values": sent, "today": TODAY.isoformat()}
    assert node(case) is evaluate(tree, values.get, TODAY)


@pytest.mark.parametrize("name", catalogue.names())
def test_forms_of_every_scheme(node: Ask, name: str) -> None:
    chance = random.Random(name)
    for form in catalogue.scheme(name).forms.values():
        sent = exporting.form(form)
        for share in (0.0, 0.3, 0.7, 0.9, 1.0, 1.0):
            values = {
                one.id: sample(one, chance) for one in form.questions if chance.random() < share
            }
            sheet = Sheet(form.by_id, form.scores, values, date(2026, 3, 27))
            case = {"what": "sheet", "form": sent, "values": values, "today": "2026-03-27"}
            assert node(case) == {
                "hidden": sorted(sheet.hidden),
                "scores": {one.id: encoded(sheet.span(one)) for one in form.scores.values()},
            }

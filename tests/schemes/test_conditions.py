"""Conditions: the language, and three-valued logic in which unknown is never no."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.kernel.errors import InputError
from triservice.schemes.conditions import (
    ALWAYS,
    DEEPEST,
    HIDDEN,
    Span,
    conjunction,
    evaluate,
    names,
    negation,
    parse,
    spelled,
    years_since,
)

TODAY = date(2026, 3, 27)
TRUTHS = (True, False, None)


def holds(text, **values):
    return evaluate(parse(text), values.get, TODAY)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("a = yes", {"a": "yes"}, True),
        ("a = yes", {"a": "no"}, False),
        ("a = yes", {}, None),
        ("a = yes", {"a": "not known"}, None),
        ("a != yes", {"a": "not known"}, None),
        ("not a = yes", {}, None),
        ("a = yes or b = yes", {"b": "yes"}, True),
        ("a = yes and b = yes", {"b": "no"}, False),
        ("a = yes or b = yes and c = yes", {"a": "yes", "b": "no"}, True),  # and binds closer
        ("(a = yes or b = yes) and c = yes", {"a": "yes", "c": "no"}, False),
        ("n >= 3", {"n": 3}, True),
        ("n < 18", {"n": 17.9}, True),
        ("n in [1, 2, 3]", {"n": 2}, True),
        ('a in [gas, "solid fuel"]', {"a": "solid fuel"}, True),
        ("a in [gas, oil]", {}, None),
        ("m has oxygen", {"m": ["oxygen", "creams"]}, True),
        ("m has oxygen", {"m": ["creams"]}, False),
        ("m has oxygen", {"m": ["creams", "not known"]}, None),
        ("m has oxygen", {"m": []}, None),
        ("m has kitchen", {"m": {"kitchen": "a heater"}}, True),
        ("known(a)", {"a": "no"}, True),
        ("known(a)", {"a": "not known"}, False),
        ("not known(a)", {}, True),
        ("years(born) >= 80", {"born": "1946-03-27"}, True),
        ("years(born) >= 80", {"born": "1946-03-28"}, False),
        ("years(born) >= 80", {"born": {"name": "A", "born": "1940-01-01"}}, True),
        ("years(born) >= 80", {"born": {"name": "A"}}, None),
        ("d < 2026-01-01", {"d": "2025-12-31"}, True),
        ("s >= 3", {"s": Span(3, 5)}, True),
        ("s >= 3", {"s": Span(0, 2)}, False),
        ("s >= 3", {"s": Span(2, 4)}, None),
        ("s = 3", {"s": Span(4, 5)}, False),
        ("s != 3", {"s": Span(4, 5)}, True),
        ("s = 3", {"s": Span(3, 5)}, None),
        ("h = yes", {"h": HIDDEN}, False),
        ("h != yes", {"h": HIDDEN}, True),
        ("known(h)", {"h": HIDDEN}, False),
        ("years(h) > 3", {"h": HIDDEN}, False),
        ("n > 3", {"n": "many"}, None),  # what cannot be compared is unknown, never a crash
    ],
)
def test_what_conditions_mean(text, values, expected):
    assert holds(text, **values) is expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expects the name of a question"),
        ("a", "expects =, !="),
        ("a = ", "expects a value here (character"),
        ("a = yes b = no", "expects “and”, “or” or the end here (character 9)"),
        ("(a = yes", "expects ')' here"),
        ("a = yes and", "expects the name"),
        ("a in gas", "expects '[' here (character 6)"),
        ("a in []", "expects a value"),
        ("known a", "expects '(' here"),
        ("and = yes", "expects the name"),
        ("a == yes", "expects a value here"),
        ("a = yes; import os", "';' is not understood (character 8)"),
        ('a = "yes', "is not understood"),
        ("__import__('os') = 1", "expects =, !="),
        ("not " * (DEEPEST + 1) + "a = yes", "too deep"),
        ("(" * (DEEPEST + 1) + "a = yes", "too deep"),
    ],
)
def test_what_is_no_condition_is_told_with_its_character(text, said):
    with pytest.raises(InputError) as refusal:
        parse(text)
    assert said in str(refusal.value)


def test_the_logic_is_kleenes():
    assert [conjunction(pair) for pair in product(TRUTHS, TRUTHS)] == [
        True, False, None, False, False, False, None, False, None,
    ]  # fmt: skip
    assert [negation(truth) for truth in TRUTHS] == [False, True, None]


def test_nothing_to_fulfil_is_fulfilled():
    assert evaluate(ALWAYS, {}.get, TODAY) is True


# ---- Random conditions -------------------------------------------------------------------------
NAMES = ("a", "b", "n", "m", "s", "born")
WORDS = ("yes", "no", "gas", "solid fuel")
NUMBERS = st.integers(0, 9) | st.sampled_from([2.5, 18.5])
LEAVES = st.one_of(
    st.tuples(st.sampled_from(["=", "!="]), st.sampled_from(["a", "b"]), st.sampled_from(WORDS)),
    st.tuples(
        st.just("in"),
        st.sampled_from(["a", "b"]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple),
    ),
    st.tuples(
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.sampled_from(["n", "s"]), NUMBERS
    ),
    st.tuples(st.just("has"), st.just("m"), st.sampled_from(WORDS)),
    st.tuples(st.sampled_from(["<", ">="]), st.just(("years", "born")), st.integers(0, 99)),
)
KNOWN = st.tuples(st.just("known"), st.sampled_from(NAMES))


def trees(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(lambda one: ("not", one)),
            st.lists(inner, min_size=2, max_size=3).map(lambda some: ("and", *some)),
            st.lists(inner, min_size=2, max_size=3).map(lambda some: ("or", *some)),
        ),
        max_leaves=8,
    )


ANSWERS = st.fixed_dictionaries(
    {
        "a": st.sampled_from(WORDS),
        "b": st.sampled_from(WORDS),
        "n": NUMBERS,
        "m": st.lists(st.sampled_from(WORDS), min_size=1, unique=True),
        "s": NUMBERS,
        "born": st.dates(date(1920, 1, 1), TODAY).map(date.isoformat),
    }
)


@settings(deadline=None, max_examples=150)
@given(trees(LEAVES | KNOWN))
def test_a_condition_spelled_out_parses_to_itself(tree):
    assert parse(spelled(tree)) == tree
    assert names(tree) <= set(NAMES)


@settings(deadline=None, max_examples=200)
@given(trees(LEAVES), ANSWERS, st.sets(st.sampled_from(NAMES)))
def test_an_answer_that_comes_later_never_turns_what_was_certain(tree, answers, missing):
    some = {name: value for name, value in answers.items() if name not in missing}
    before, after = (evaluate(tree, values.get, TODAY) for values in (some, answers))
    assert after is not None
    assert before in (None, after)


@settings(deadline=None, max_examples=100)
@given(trees(LEAVES | KNOWN), trees(LEAVES), ANSWERS, st.sets(st.sampled_from(NAMES)))
def test_laws(one, other, answers, missing):
    values = {name: value for name, value in answers.items() if name not in missing}

    def truth(tree):
        return evaluate(tree, values.get, TODAY)

    assert truth(("not", ("not", one))) is truth(one)
    assert truth(("and", one, other)) is truth(("and", other, one))
    assert truth(("not", ("and", one, other))) is truth(("or", ("not", one), ("not", other)))
    assert truth(("or", one, ("and", one, other))) is truth(one)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_a_refusal(text):
    try:
        tree = parse(text)
    except InputError:
        return
    assert parse(spelled(tree)) == tree


def test_years_are_whole_and_never_of_the_future():
    assert years_since("2000-02-29", date(2025, 2, 28)) == 24
    assert years_since("2000-02-29", date(2025, 3, 1)) == 25
    assert years_since("2030-01-01", TODAY) is None
    assert years_since("spring", TODAY) is None

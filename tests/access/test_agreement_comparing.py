"""Who gains and who loses: against terms whose difference is known, and against the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triservice.access.agreements.comparing import START, What, compare
from triservice.access.agreements.text import PartyText, TermText, VersionText
from triservice.access.agreements.wording import change_sentence, term_sentences
from triservice.access.compiling import (
    FOREVER,
    TermSaid,
    VersionSaid,
    bind,
    compile_terms,
    grants_for,
)
from triservice.access.rules import NOBODY, Item, decide
from triservice.kernel.access_words import Purpose, Reader, Role, Vetting

NAMES = {1: "Police", 2: "Fire", 3: "Health"}
PARTIES = tuple(PartyText(pk, name, "uk gdpr", "6(1)(e)") for pk, name in NAMES.items())
TERM = TermText(1, 1, 2, "officer", "open", ("police",), ("response",), every_field=True,
                everywhere=True)  # fmt: skip


def version(*terms: TermText) -> VersionText:
    numbered = tuple(replace(term, number=i + 1) for i, term in enumerate(terms))
    return VersionText("Invented", 1, parties=PARTIES, terms=numbered)


def said(before: VersionText | None, after: VersionText) -> list[str]:
    return [change_sentence(change, NAMES) for change in compare(before, after)]


def test_the_same_terms_change_nothing_however_they_are_written() -> None:
    assert compare(version(TERM), version(TERM)) == []
    halves = [replace(TERM, to_role=""), replace(TERM, note="in other words")]
    assert compare(version(TERM, halves[0]), version(halves[0], halves[1], TERM)) == []


def test_a_gain_and_a_loss() -> None:
    assert said(None, version(TERM)) == [
        "Officers of Fire may now see police data of Police for response."
    ]
    assert said(version(TERM), version(replace(TERM, mode="on approval"))) == [
        "Officers of Fire must now ask to see police data of Police for response."
    ]
    assert said(version(TERM), version()) == [
        "Officers of Fire may no longer see police data of Police for response."
    ]


def test_what_another_term_still_opens_is_not_lost() -> None:
    wider = replace(TERM, to_role="", data_classes=("police", "risk"))
    assert all(change.gains for change in compare(version(TERM), version(wider)))
    assert compare(version(TERM, wider), version(wider)) == []


def test_a_never_takes_away_what_stays_written() -> None:
    never = replace(TERM, mode="never")
    assert said(version(TERM), version(TERM, never)) == [
        "Officers of Fire may no longer see police data of Police for response."
    ]


def test_fields_areas_and_conditions_are_told() -> None:
    narrow = replace(TERM, every_field=False, fields=("phone",), everywhere=False, areas=("E01",))
    (change,) = compare(version(), version(narrow))
    assert (change.fields.names, change.areas.names) == (("phone",), ("E01",))
    fewer = [each for each in compare(version(TERM), version(narrow)) if not each.gains]
    blocks = {(c.fields.others, c.fields.names, c.areas.others, c.areas.names) for c in fewer}
    assert blocks == {  # together: every field elsewhere, and there every field but the phone
        (True, (), True, ("E01",)),
        (True, ("phone",), False, ("E01",)),
    } or blocks == {
        (True, ("phone",), True, ()),
        (False, ("phone",), True, ("E01",)),
    }
    asked = replace(TERM, needs_training=True, min_vetting=2)
    texts = said(version(TERM), version(asked))
    assert texts
    assert all("no longer" in text for text in texts if "SENSITIVE" not in text)
    assert any("not vetted to NPPV2" in text for text in texts)
    assert any("whose training is not current" in text for text in texts)


def test_dropping_two_conditions_at_once_is_found() -> None:
    trained, duty = replace(TERM, needs_training=True), replace(TERM, needs_duty=True)
    (change,) = compare(version(trained, duty), version(trained, duty, TERM))
    assert change.conditions == ("whose training is not current", "off duty")


def test_counts_thresholds_and_existence() -> None:
    counts = replace(TERM, to_role="analyst", purposes=("evaluation",), counts_only=True)
    at_five, at_ten = (version(replace(counts, small_number=n)) for n in (5, 10))
    (change,) = compare(at_ten, at_five)
    assert (change.what, change.gains) == (What.COUNT, True)
    assert said(at_five, at_ten) == [
        "Analysts of Fire may now count police data of Police, 10 or more (before: 5 or more) "
        "for evaluation."
    ]
    known = replace(TERM, mode="on approval", existence=True)
    (change,) = compare(version(replace(known, existence=False)), version(known))
    assert (change.what, change.gains) == (What.KNOW, True)


def test_what_may_be_kept_on_a_phone_is_told() -> None:
    kept = replace(TERM, offline=True)
    gain = "Officers of Fire may now keep on a phone police data of Police for response."
    assert said(version(TERM), version(kept)) == [gain]
    assert said(version(kept), version(TERM)) == [gain.replace("may now", "may no longer")]
    assert len(said(version(), version(kept))) == 2  # to see, and to keep
    assert gain in said(version(), version(kept))
    (lost,) = compare(version(kept), version())  # that nothing is kept goes without saying
    assert lost.what is What.READ


def test_dates_of_terms_are_told() -> None:
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    assert said(version(TERM), version(replace(TERM, valid_until=moment))) == [
        "Officers of Fire may no longer see police data of Police for response, "
        "from 1 September 2026."
    ]


def test_a_party_without_a_lawful_basis_opens_nothing() -> None:
    text = version(TERM)
    lawless = replace(text, parties=(replace(PARTIES[0], lawful_basis=" "), *PARTIES[1:]))
    assert compare(None, lawless) == []


terms = st.builds(
    TermText,
    number=st.just(1),
    from_agency=st.sampled_from([1, 3]),
    to_agency=st.sampled_from([2, None]),
    to_role=st.sampled_from(["officer", "analyst"]),
    mode=st.sampled_from(["open", "on approval", "never"]),
    data_classes=st.sampled_from([("police",), ("police", "health")]),
    purposes=st.sampled_from([("response",), ("response", "tasking")]),
    every_field=st.booleans(),
    fields=st.just(("phone",)),
    everywhere=st.booleans(),
    areas=st.just(("E01",)),
    needs_training=st.booleans(),
    min_vetting=st.sampled_from([0, 2]),
)


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(st.lists(terms, max_size=3), st.lists(terms, max_size=3))
def test_changes_are_exactly_what_the_rules_answer_differently(
    before: list[TermText], after: list[TermText]
) -> None:
    """Asked one by one, every question is in a change where the answers differ, else in none."""
    old, new = version(*before), version(*after)
    changes = [change for change in compare(old, new) if change.what is What.READ]
    for agency, role, owner, data_class, purpose, field, area, trained in product(
        NAMES, ("officer", "analyst"), (1, 3), ("police", "health"), ("response", "tasking"),
        ("phone", "name"), ("E01", "E02"), (True, False),
    ):  # fmt: skip
        if agency == owner:
            continue
        asked = (agency, role, purpose, trained, owner, data_class, area, field)
        answers = [_ask(text, *asked) for text in (old, new)]
        there = [
            change for change in changes
            if agency in change.agencies and role in change.roles and owner in change.owners
            and data_class in change.data_classes and purpose in change.purposes
            and (field in change.fields.names) != change.fields.others
            and (area in change.areas.names) != change.areas.others
            and "not vetted to NPPV2" not in change.conditions
            and "for records marked OFFICIAL-SENSITIVE" not in change.conditions
            and ("whose training is not current" not in change.conditions or not trained)
            and ("whose training is current" not in change.conditions or trained)
        ]  # fmt: skip
        assert len(there) == (answers[0] != answers[1]), (asked, answers, there)


def _ask(text: VersionText, agency: int, role: str, purpose: str, trained: bool, owner: int,
         data_class: str, area: str, field: str) -> str:  # fmt: skip
    said = [
        TermSaid(t.number, 1, t.from_agency, t.to_agency, t.to_role, t.mode, t.data_classes,
                 None if t.every_field else frozenset(t.fields), frozenset(t.purposes),
                 None if t.everywhere else frozenset(t.areas), min_vetting=t.min_vetting,
                 needs_training=t.needs_training)
        for t in text.terms
    ]  # fmt: skip
    book = bind([VersionSaid(1, 1, 1, "in force", START, FOREVER, frozenset(NAMES))], said)
    reader = Reader(0, agency, frozenset({Role(role)}), Purpose(purpose), START,
                    vetting=Vetting.NPPV2, training_current=trained)  # fmt: skip
    grants = grants_for(compile_terms(book, reader), NOBODY, reader)
    return str(decide(grants, Item("x", None, owner, data_class, area), field).outcome)


def test_a_term_in_plain_words() -> None:
    term = replace(TERM, mode="on approval", needs_case=True, existence=True, every_field=False,
                   fields=("date_of_birth",), everywhere=False, areas=("E01",))  # fmt: skip
    assert term_sentences(term, NAMES, {"E01": "Invented ward"}) == [
        "Police lets officers of Fire see police data for response, each time after it has "
        "approved.",
        "Only these fields: date of birth.",
        "Only in Invented ward.",
        "The reader must work on a case of the person.",
        "That a record exists may be known, and whom to call.",
    ]

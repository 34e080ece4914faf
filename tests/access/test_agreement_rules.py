"""The life of a version and what it needs, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from triservice.access.agreements import rules
from triservice.access.agreements.checklist import checklist
from triservice.access.agreements.rules import Due, State, Verb
from triservice.access.agreements.text import (
    SECTIONS,
    PartyText,
    SignatoryText,
    TermText,
    VersionText,
    digest,
)
from triservice.kernel.access_words import Role

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WHOLE = VersionText(
    title="Invented",
    number=1,
    **{name: "said" for name, _, _ in SECTIONS},
    until=NOW + 365 * DAY,
    review_on=date(2026, 12, 1),
    parties=(
        PartyText(1, "Police", "part 3", "s35", special_condition="Sch 8", gateway="s115",
                  contact="Desk", kind="police"),
        PartyText(2, "Health", "uk gdpr", "6(1)(e)", special_condition="9(2)(h)", gateway="s45",
                  contact="Desk", kind="health"),
    ),
    terms=(
        TermText(1, 2, 1, "", "on approval", ("health",), ("safeguarding",), every_field=True,
                 everywhere=True),
        TermText(2, 1, 2, "", "open", ("identity",), ("response",), every_field=True,
                 everywhere=True),
    ),
)  # fmt: skip


def signed(text: VersionText) -> VersionText:
    name = digest(text)
    signatory = SignatoryText("Invented Signatory", "Chief", date(2026, 5, 1), name)
    return replace(
        text, parties=tuple(replace(party, signatories=(signatory,)) for party in text.parties)
    )


def test_what_was_signed_before_phones_kept_anything_is_still_signed() -> None:
    """The digest of this text as it was before a term could say so; and saying so changes it."""
    assert digest(WHOLE) == "9d4bc364776159529b6c0d3898ac5ac06e173141945ef960241bc1b9519a5822"
    kept = tuple(replace(term, offline=True) for term in WHOLE.terms)
    assert digest(replace(WHOLE, terms=kept)) != digest(WHOLE)


STANDING = [  # stored, starts, until, replaced, at noon it is
    ("draft", None, None, None, State.DRAFT),
    ("agreed", None, NOW - DAY, None, State.AGREED),
    ("in force", NOW - DAY, NOW + DAY, None, State.IN_FORCE),
    ("in force", NOW, NOW + DAY, None, State.IN_FORCE),  # from its first moment
    ("in force", NOW + DAY, NOW + 2 * DAY, None, State.NOT_YET),
    ("in force", NOW - DAY, NOW, None, State.EXPIRED),  # the last moment is not in it
    ("in force", NOW - DAY, None, None, State.EXPIRED),  # without an end nothing holds
    ("suspended", NOW - DAY, NOW + DAY, None, State.SUSPENDED),
    ("suspended", NOW - DAY, NOW, None, State.EXPIRED),
    ("in force", NOW - DAY, NOW + DAY, NOW, State.REPLACED),
    ("in force", NOW - DAY, NOW + DAY, NOW + DAY, State.IN_FORCE),
    ("suspended", NOW - DAY, NOW + DAY, NOW - DAY, State.REPLACED),
    ("ended", NOW - DAY, NOW + DAY, NOW - DAY, State.ENDED),
]


@pytest.mark.parametrize(("state", "starts", "until", "replaced", "is_now"), STANDING)
def test_how_a_version_stands(
    state: str,
    starts: datetime | None,
    until: datetime | None,
    replaced: datetime | None,
    is_now: State,
) -> None:
    assert rules.standing(state, starts, until, replaced, NOW) is is_now


def test_nothing_comes_back_from_the_end_and_only_a_draft_is_edited() -> None:
    assert not [verb for state, verb in rules.NEXT if state in {State.ENDED, State.REPLACED}]
    assert [state for state, verb in rules.NEXT if verb is Verb.EDIT] == [State.DRAFT]
    assert [state for state, verb in rules.NEXT if verb is Verb.BRING_IN_FORCE] == [State.AGREED]
    to_force = {(s, v) for (s, v), after in rules.NEXT.items() if after is State.IN_FORCE}
    assert to_force == {
        (State.AGREED, Verb.BRING_IN_FORCE),
        (State.IN_FORCE, Verb.REVIEW),
        (State.SUSPENDED, Verb.RESUME),
    }


def test_a_suspension_stands_until_its_own_party_lifts_it() -> None:
    said: list[tuple[str, int | None]] = [("suspend", 1), ("review", 1), ("suspend", 2)]
    assert rules.suspenders(said) == [1, 2]
    assert rules.suspenders([*said, ("resume", 1)]) == [2]
    assert rules.suspenders([*said, ("resume", 2), ("suspend", 2), ("resume", 1)]) == [2]
    assert rules.suspenders([*said, ("resume", 1), ("resume", 2)]) == []
    assert rules.suspenders([("suspend", None)]) == []


@pytest.mark.parametrize("verb", rules.MAY)
def test_officers_and_administrators_change_no_agreement(verb: Verb) -> None:
    assert not rules.may(verb, {Role.OFFICER, Role.ADMINISTRATOR, Role.ANALYST})
    assert rules.may(verb, {Role.DATA_PROTECTION_LEAD})


def test_a_whole_text_lacks_nothing() -> None:
    assert rules.lacks(WHOLE) == []
    assert rules.in_force_lacks(signed(WHOLE), digest(WHOLE), NOW) == []


LACKING = [
    ({"aim": " "}, "aim", "Say what the sharing is for"),
    ({"dpia_reference": ""}, "dpia_reference", "impact assessment"),
    ({"parties": WHOLE.parties[:1]}, "parties", "at least two parties"),
    ({"parties": (replace(WHOLE.parties[0], lawful_basis=""), WHOLE.parties[1])}, "parties",
     "on which lawful basis Police shares"),
    ({"parties": (WHOLE.parties[0], replace(WHOLE.parties[1], special_condition=""))}, "parties",
     "Health shares health data; say under which condition"),
    ({"parties": (WHOLE.parties[0], replace(WHOLE.parties[1], contact=""))}, "parties",
     "whom to call at Health"),
    ({"terms": ()}, "terms", "at least one term"),
    ({"terms": (replace(WHOLE.terms[0], from_agency=9),)}, "terms", "not a party"),
    ({"terms": (replace(WHOLE.terms[0], every_field=False),)}, "terms", "name the fields"),
    ({"rights_contact": "The office [of whom]"}, "rights_contact", "Rights: fill in [of whom]"),
    ({"review_on": None}, "dates", "when the agreement is reviewed"),
    ({"until": None}, "dates", "until when"),
    ({"starts": NOW, "until": NOW}, "dates", "ends before it starts"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "section", "said"), LACKING)
def test_what_is_missing_is_said_with_its_section(
    change: dict[str, object], section: str, said: str
) -> None:
    found = rules.lacks(replace(WHOLE, **change))  # type: ignore[arg-type]
    assert any(lack.section == section and said in lack.sentence for lack in found), found


def test_a_signature_is_of_one_wording() -> None:
    text = signed(WHOLE)
    assert rules.unsigned(text, digest(text)) == []
    changed = replace(text, retention="for ever")
    said = [lack.sentence for lack in rules.unsigned(changed, digest(changed))]
    assert said == [f"{name} signed an earlier wording; it needs to sign again"
                    for name in ("Police", "Health")]  # fmt: skip
    assert next(lack.sentence for lack in rules.unsigned(WHOLE, digest(WHOLE))) == (
        "Police has not signed"
    )


def test_every_word_is_signed_and_names_of_agencies_are_not() -> None:
    seen = {digest(WHOLE)}
    for name, _, _ in SECTIONS:
        seen.add(digest(replace(WHOLE, **{name: "other"})))
    seen.add(digest(replace(WHOLE, until=NOW)))
    seen.add(digest(replace(WHOLE, terms=WHOLE.terms[:1])))
    seen.add(digest(replace(WHOLE, terms=(replace(WHOLE.terms[0], note="other"),))))
    seen.add(digest(replace(WHOLE, parties=(replace(WHOLE.parties[0], contact="other"),))))
    assert len(seen) == len(SECTIONS) + 5
    renamed = replace(WHOLE, parties=tuple(replace(p, name="New") for p in WHOLE.parties))
    assert digest(renamed) == digest(WHOLE)
    assert digest(replace(WHOLE, starts=NOW)) == digest(WHOLE)


DUES = [
    (State.IN_FORCE, date(2026, 6, 1), None, [Due.REVIEW_LATE]),
    (State.IN_FORCE, date(2026, 7, 31), None, [Due.REVIEW_SOON]),
    (State.IN_FORCE, date(2026, 8, 1), None, []),
    (State.IN_FORCE, None, NOW + 60 * DAY, [Due.ENDS_SOON]),
    (State.SUSPENDED, date(2026, 5, 1), NOW + DAY, [Due.REVIEW_LATE, Due.ENDS_SOON]),
    (State.ENDED, date(2026, 5, 1), NOW + DAY, []),
    (State.DRAFT, date(2026, 5, 1), NOW + DAY, []),
]


@pytest.mark.parametrize(("state", "review", "until", "expected"), DUES)
def test_reminders(
    state: State, review: date | None, until: datetime | None, expected: list[Due]
) -> None:
    assert [due for due, _ in rules.due(state, review, until, NOW)] == expected


def test_the_checklist_leads_to_the_section() -> None:
    assert [each.text for each in checklist(signed(WHOLE)) if not each.met] == []
    bare = VersionText("Invented", 2)
    missing = {each.section for each in checklist(bare) if not each.met}
    assert missing == {
        "aim", "benefits", "risks", "necessity", "dpia_reference", "transparency", "parties",
        "subjects", "terms", "method", "quality", "retention", "security", "rights_contact",
        "breach_contact", "termination", "dates", "why_changed",
    }  # fmt: skip


WIDE = replace(WHOLE.terms[0], mode="open")
CHECKED = [
    (WIDE, "Is the least data shared that does it?"),
    (replace(WIDE, purposes=("evaluation",), note="x"), "Would counts without names do?"),
    (replace(WIDE, counts_only=True, small_number=4), "Would counts without names do?"),
]


@pytest.mark.parametrize(("term", "question"), CHECKED)
def test_the_checklist_asks_for_less(term: TermText, question: str) -> None:
    text = replace(WHOLE, terms=(term,))
    assert question in [each.text for each in checklist(text) if not each.met]

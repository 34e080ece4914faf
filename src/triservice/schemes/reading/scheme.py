"""Reading a whole scheme: each table by its reader, then what must agree across tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from triservice.kernel.access_words import Purpose
from triservice.kernel.errors import InputError
from triservice.schemes.age import reaches_highest
from triservice.schemes.checking import check_condition, check_fact, check_reason
from triservice.schemes.conditions import Condition
from triservice.schemes.reading import lists
from triservice.schemes.reading.forms import FormReading
from triservice.schemes.reading.keys import checked, condition_of, file_id, one_of, word_of
from triservice.schemes.reading.lists import length_of, listed, when_of
from triservice.schemes.reading.scores import check_asked, read_instrument, read_scores
from triservice.schemes.scheme import (
    Change,
    Form,
    Instrument,
    Question,
    Risk,
    Scheme,
    Score,
    Target,
    TriageRule,
    Trigger,
    Weight,
)
from triservice.schemes.words import AGENCY_KINDS, OTHER_REFERRERS, Outcome, Tier
from triservice.toml_reader import Table, near

ABOUT = ("person", "household", "premises")
NEEDED_FORMS = ("referral", "visit")
FindInstrument = Callable[[str], tuple[Instrument, str]]  # by reference: it, and its digest


def read_scheme(file: Path, find_instrument: FindInstrument) -> Scheme:
    """Read and check a scheme. Raises InputError that names file, line and key."""
    reading = SchemeReading(Table.read(file), find_instrument, {}, [])
    scheme = reading.scheme()
    reading.check(scheme)
    return scheme


def read_instrument_file(file: Path) -> tuple[Instrument, str]:
    """Read and check an instrument; return it with the digest of its file."""
    root = Table.read(file)
    return read_instrument(root), hashlib.sha256(root.text.encode()).hexdigest()


@dataclass
class SchemeReading:
    """One scheme being read."""

    root: Table
    find_instrument: FindInstrument
    instruments: dict[str, Instrument]
    digests: list[str]

    def scheme(self) -> Scheme:
        """Read every table."""
        root = self.root
        name, version = file_id(root, "scheme")
        forms, scores = self.forms()
        made = Scheme(
            id=name,
            version=version,
            digest=self.digest(),
            name=root.need_text("name", '"Safe and well visit"'),
            summary=root.need_text("summary", '"One visit for …"'),
            place=root.text_of("place"),
            lead=one_of(root, "lead", AGENCY_KINDS, "fire"),
            purpose=word_of(root, "purpose", Purpose, "prevention visit"),
            purposes=self.words("agreement_purposes", tuple(Purpose), Purpose),
            about=one_of(root, "about", ABOUT, "household"),
            referrers=self.words("referrers", (*AGENCY_KINDS, *OTHER_REFERRERS), str),
            targets=self.targets(),
            forms=forms,
            scores=scores,
            risk=self.risk(),
            triage=self.triage(),
            needs=listed(root, "need", lists.read_need),
            actions=listed(root, "action", lists.read_action),
            routes=listed(root, "route", lists.read_route),
            consents=listed(root, "consent", lists.read_consent),
            activities=listed(root, "activity", lists.read_activity),
            measures=listed(root, "measure", lists.read_measure),
            equipment=listed(root, "equipment", lists.read_equipment),
            retention=lists.read_retention(root),
            facts=listed(root, "fact", lists.read_fact),
            instruments=self.instruments,
            sources=root.texts("sources"),
            change=self.change(version),
        )
        root.finish()
        return made

    def words(self, key: str, known: tuple[str, ...], kind: Callable[[str], Any]) -> Any:
        """Read a list of words that must not be empty."""
        found = self.root.texts(key)
        if not found:
            raise self.root.refuse(key, "is missing", do=f"Name some of {', '.join(known)}.")
        for word in found:
            if word not in known:
                do = near(word, known) or f"Use {', '.join(known)}."
                raise self.root.refuse(key, f"{word!r} is not known", do=do)
        return tuple(kind(word) for word in found)

    def digest(self) -> str:
        """Return the digest of the file and of the instruments that it includes."""
        whole = "\n".join([self.root.text, *sorted(self.digests)])
        return hashlib.sha256(whole.encode()).hexdigest()

    def instrument(self, table: Table, reference: str) -> Instrument:
        """Return an instrument that a part names."""
        if reference not in self.instruments:
            try:
                found, digest = self.find_instrument(reference)
            except InputError as wrong:
                if wrong.file is not None:
                    raise
                raise table.refuse("instrument", wrong.what, wrong.do) from None
            self.instruments[reference] = found
            self.digests.append(digest)
        return self.instruments[reference]

    def forms(self) -> tuple[Mapping[str, Form], Mapping[str, Score]]:
        """Read all forms, then the scores over their questions, then their own conditions."""
        table = self.root.table("forms")
        for name in NEEDED_FORMS:
            if table is None or name not in table.values:
                raise self.root.refuse("forms", f"has no {name}", do=f"Add [forms.{name}].")
        assert table is not None
        forms: dict[str, Form] = {}
        readings: dict[str, FormReading] = {}
        for name in table.values:
            inner = table.table(name)
            assert inner is not None
            readings[name] = FormReading(self.instrument, forms)
            forms[name] = readings[name].read(name, inner)
        questions = {k: q for form in forms.values() for k, q in form.by_id.items()}
        scores = {one.id: one for each in self.instruments.values() for one in each.scores}
        for each in self.root.tables("score"):
            if each.values.get("id") in scores:
                raise each.refuse("id", "is the id of a score of an instrument")
        scores |= read_scores(self.root.tables("score"), questions)
        for name, reading in readings.items():
            for one, where in reading.tables.items():
                check_asked(where, forms[name].by_id[one], forms[name].by_id, scores)
            forms[name] = replace(forms[name], scores=_within(forms[name], scores))
        return forms, scores

    def targets(self) -> Mapping[Tier, Target]:
        """Read the target of every tier; a higher tier never waits longer."""
        table = self.root.table("targets")
        found: dict[Tier, Target] = {}
        for tier in reversed(Tier):
            inner = table.table(tier) if table else None
            if table is None or inner is None:
                where = table or self.root
                raise where.refuse(
                    tier if table else "targets", "is missing",
                    do=f'Add [targets."{tier}"] with first_contact and visit.',
                )  # fmt: skip
            lengths = {}
            for key in ("first_contact", "visit"):
                lengths[key] = length_of(inner, key)
                if lengths[key] is None:
                    raise inner.refuse(key, "is missing", do=f'Add {key} = "24 hours".')
                if found and lengths[key] < getattr(list(found.values())[-1], key):
                    raise inner.refuse(key, "is sooner than for a higher tier")
            inner.finish()
            found[tier] = Target(**lengths)
        if table:
            table.finish()
        return found

    def risk(self) -> Risk:
        """Read triggers, points and thresholds."""
        table = self.root.table("risk")
        if table is None:
            raise self.root.refuse("risk", "is missing", do="Add [[risk.trigger]] and its if.")
        triggers, weights = [], []
        for each in table.tables("trigger"):
            triggers.append(Trigger(word_of(each, "tier", Tier, "high"), when_of(each)))
            each.finish()
        for each in table.tables("points"):
            points = each.take("points", int, 0)
            if not 1 <= points <= 1_000:
                raise each.refuse("points", "must be from 1 to 1,000", do="Add points = 1")
            weights.append(Weight(points, when_of(each)))
            each.finish()
        limits = table.table("thresholds")
        thresholds = {tier: limits.take(tier, int) for tier in Tier if limits and limits.has(tier)}
        if limits:
            limits.finish()
        _check_thresholds(table, weights, thresholds)
        table.finish()
        return Risk(tuple(triggers), tuple(weights), thresholds)

    def triage(self) -> tuple[TriageRule, ...]:
        """Read the triage table."""
        rules = []
        for table in self.root.tables("triage"):
            outcome = word_of(table, "outcome", Outcome, "decline")
            where = table.text_of("where")
            if outcome is Outcome.SIGNPOST and not where:
                raise table.refuse("where", "is missing", do="Say to whom the person is sent.")
            rules.append(TriageRule(outcome, when_of(table), where))
            table.finish()
        return tuple(rules)

    def change(self, version: int) -> Change | None:
        """Read how answers of the version before come along."""
        table = self.root.table("change")
        if table is None:
            if version > 1:
                raise self.root.refuse(
                    "change", "is missing", do=f"Add [change] with from = {version - 1}."
                )
            return None
        answers = table.table("answers")
        found = Change(
            from_version=table.take("from", int, 0),
            renamed=table.words("renamed"),
            removed=table.texts("removed"),
            answers={name: answers.words(name) for name in answers.values} if answers else {},
        )
        if found.from_version != version - 1:
            raise table.refuse("from", f"must be {version - 1}, the version before this one")
        table.finish()
        return found

    def check(self, scheme: Scheme) -> None:
        """Check what must agree across tables."""
        for table, key, condition in self.conditions():
            checked(table, key, check_condition, condition, scheme.questions, scheme.scores)
        for table in self.reasons():
            known: Mapping[str, Any] = {**scheme.questions, **scheme.scores}
            checked(table, "reason", check_reason, table.text_of("reason"), known)
        for key, field, ids, what in (
            ("need", "actions", scheme.actions, "action"),
            ("need", "routes", scheme.routes, "route"),
            ("need", "settled_by", {**scheme.equipment, **scheme.actions},
             "piece of equipment or action"),
            ("action", "equipment", scheme.equipment, "piece of equipment"),
            ("route", "consent", scheme.consents, "consent"),
            ("measure", "of", {**scheme.questions, **scheme.scores}, "question or score"),
        ):  # fmt: skip
            lists.known_ids(self.root, key, field, ids, what)
        for table in self.root.tables("fact"):
            fact = scheme.facts[table.text_of("id")]
            checked(table, "works_out", check_fact, fact, scheme.facts)
        if scheme.purpose not in scheme.purposes:
            raise self.root.refuse("agreement_purposes", f"lacks “{scheme.purpose}”")
        if alone := reaches_highest(scheme):
            raise self.root.refuse(
                "risk", f"age alone ({alone}) reaches the highest tier",
                do="Join it by “and” with what makes the age a danger.",
            )  # fmt: skip

    def _rules(self) -> Iterator[Table]:
        risk = self.root.table("risk")
        if risk is not None:
            yield from risk.tables("trigger")
            yield from risk.tables("points")
        yield from self.root.tables("triage")
        for need in self.root.tables("need"):
            yield need
            yield from need.tables("when")

    def conditions(self) -> Iterator[tuple[Table, str, Condition]]:
        """Give every condition that may ask anything of the scheme."""
        others = [*self.root.tables("route"), *self.root.tables("consent")]
        for table in (*self._rules(), *others):
            if (condition := condition_of(table, "if")) is not None:
                yield table, "if", condition

    def reasons(self) -> Iterator[Table]:
        """Give every table with a reason."""
        return (table for table in self._rules() if table.has("reason"))


def _within(form: Form, scores: Mapping[str, Score]) -> Mapping[str, Score]:
    """Return the scores of which a form asks every question."""
    asked: Mapping[str, Question] = form.by_id
    return {k: s for k, s in scores.items() if all(name in asked for name in s.questions)}


def _check_thresholds(table: Table, weights: list[Weight], thresholds: Mapping[Tier, int]) -> None:
    """Refuse points without thresholds, thresholds that do not rise, and ones out of reach."""
    if bool(weights) != bool(thresholds):
        raise table.refuse("thresholds", "and points go together", do="Add [risk.thresholds].")
    if Tier.LOW in thresholds:
        raise table.refuse("thresholds", "has low, which needs no points")
    rising = [thresholds[tier] for tier in Tier if tier in thresholds]
    if rising != sorted(set(rising)) or any(least < 1 for least in rising):
        raise table.refuse("thresholds", "must rise from medium to very high")
    most = sum(one.points for one in weights)
    if rising and rising[-1] > most:
        raise table.refuse("thresholds", f"reach {rising[-1]}, but all points together are {most}")

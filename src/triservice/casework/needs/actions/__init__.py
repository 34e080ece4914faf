"""Needs found and settled, actions set and ended, outcomes measured."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from triservice.access.errors import Refused
from triservice.access.models import Notice
from triservice.access.notices.actions import To, tell
from triservice.access.queries import require
from triservice.access.record import Record
from triservice.access.rules import UNKNOWN
from triservice.casework.answers.rules import guard
from triservice.casework.cases.actions.acting import (
    KEPT,
    own_of,
    with_agreement,
    worker,
    working,
)
from triservice.casework.cases.queries.naming import merged_with
from triservice.casework.cases.rules import ACTIONS, NEEDS
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Action, Case, Need, Outcome, Plan
from triservice.casework.needs.actions import settling
from triservice.casework.words import ActionState, NeedState
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue
from triservice.schemes.forms import Found
from triservice.schemes.scheme import Scheme

Changed = dict[str, Any]


def add_need(reader: Reader, pk: int, kind: str, why: str = "") -> int:
    """Add one of the scheme's needs that somebody found; return its key."""
    with working(reader, pk, "add a need", anew=True) as (record, case):
        scheme = catalogue.scheme(case.scheme, case.version)
        if kind not in scheme.needs:
            raise InputError(f"{scheme.name} knows no such need", kept=KEPT)
        reasons = [why.strip()] if why.strip() else []
        return need_found(record, case, scheme, kind, reasons).pk


def needs_found(
    record: Record, case: Case, scheme: Scheme, found: Iterable[Found], submission: int
) -> list[Need]:
    """Add the needs that a filled form shows; one that is open already is not added again."""
    return [
        need_found(
            record, case, scheme, each.need.id, [str(reason) for reason in each.reasons],
            {word for reason in each.reasons for word in reason.classes}, submission,
        )
        for each in found
    ]  # fmt: skip


def need_found(
    record: Record, case: Case, scheme: Scheme, kind: str, reasons: list[str],
    classes: Iterable[str] = (), submission: int | None = None,
) -> Need:  # fmt: skip
    """Return the open need of a kind of a case that is locked, made when it was not there.

    It is of the most guarded class that its reasons, or else its rules, tell of.
    """
    there = Need.objects.filter(case=case, kind=kind, state=NeedState.OPEN).first()
    if there is not None:
        return there
    need = scheme.needs[kind]
    told = set(classes) or {w for rule in need.rules for w in scheme.classes(rule.condition)}
    row = Need.objects.create(
        case=case,
        kind=kind,
        label=need.name[:200],
        reasons=reasons,
        submission_id=submission,
        found_at=record.reader.at,
        found_by_id=record.reader.officer or None,
        data_class=guard(told),
        **own_of(case).columns(),
    )
    note(
        record, "find need", row, case=case, text=f"Need found: {need.name}", why=". ".join(reasons)
    )
    return row


def settle_need(reader: Reader, pk: int, need: int, state: str, why: str) -> None:
    """Say what became of a need."""
    with working(reader, pk, "settle a need") as (record, case):
        row = of_case(record, Need, case, need)
        NEEDS.after("settle", row.state)
        if state not in {str(each) for each in NeedState} - {str(NeedState.OPEN)}:
            raise InputError("Say what became of the need", kept=KEPT)
        before, after = change(row, state=state, settled_at=record.reader.at)
        text = f"{row.label}: {state}"
        note(
            record, settling.SETTLED, row, case=case, text=text, before=before, after=after, why=why
        )


def add_action(
    reader: Reader, pk: int, what: str, *, due: datetime, agency: int, officer: int | None = None,
    need: int | None = None,
) -> int:  # fmt: skip
    """Set something to be done, by the own agency or one with an agreement in force."""
    with working(reader, pk, "set an action", anew=True) as (record, case):
        found = of_case(record, Need, case, need) if need is not None else None
        row = set_action(
            record, what, due, agency, officer, case=case, need=found,
            data_class=found.data_class if found else str(DataClass.RISK),
            **own_of(case).columns(),
        )  # fmt: skip
        note(record, "set action", row, case=case, text=f"To do: {row.what}")
        path = f"/casework/cases/{case.pk}"
        tell_of_action(record, row, f"case {case.reference}", path, f"case:{case.pk}")
        return row.pk


def set_action(
    record: Record, what: str, due: datetime, agency: int, officer: int | None, **on: Any
) -> Action:
    """Make the row of something to be done; `on` says on what, and whose row it is.

    Raises InputError for what cannot be asked of an agency or an officer.
    """
    if len(what.strip()) < 3:
        raise InputError("Say what is to be done", kept=KEPT)
    if due <= record.reader.at:
        raise InputError("The day by which it is to be done has passed", kept=KEPT)
    if agency != record.reader.agency:
        with_agreement(record, agency)
    if officer is not None:
        worker(officer, agency)
    return Action.objects.create(
        what=what.strip()[:300],
        agency_id=agency,
        officer_id=officer,
        due_at=due,
        made_at=record.reader.at,
        made_by_id=record.reader.officer,
        **on,
    )


def tell_of_action(record: Record, row: Action, of: str, path: str, key: str) -> None:
    """Give notice of an action to whoever is to do it; `of` what it is, and where its page is."""
    if row.officer_id == record.reader.officer:
        return
    to = To.officer_or_leaders(row.agency_id, row.officer_id)
    if row.officer_id is not None or row.agency_id != record.reader.agency:
        text = f"There is something to do in {of}"
        tell([to], Notice.Kind.CASEWORK, text, path, f"{key}:action:{row.pk}")


def end_action(reader: Reader, pk: int, action: int, *, done: bool, result: str) -> None:
    """Finish an action with what came of it, or cancel it with the reason."""
    with working(reader, pk, "end an action") as (record, case):
        row = of_case(record, Action, case, action)
        text, before, after = ended(record, row, done, result)
        note(record, "end action", row, case=case, text=text, before=before, after=after)
        if done:
            settling.by_action(record, case, row)


def ended(record: Record, row: Action, done: bool, result: str) -> tuple[str, Changed, Changed]:
    """End an action; return what the history says of it, and what changed, before and after."""
    state = ACTIONS.after("finish" if done else "cancel", row.state)
    if len(result.strip()) < 3:
        raise InputError("Say what came of it" if done else "Say why", kept=KEPT)
    before, after = change(
        row, state=ActionState(state), result=result.strip(), ended_at=record.reader.at,
        ended_by_id=record.reader.officer,
    )  # fmt: skip
    return f"{'Done' if done else 'Cancelled'}: {row.what}", before, after


def add_outcome(
    reader: Reader, pk: int, measure: str, *, before: float | None, after: float | None,
    own_view: str = "", need: int | None = None,
) -> int:  # fmt: skip
    """Record one of the scheme's measures before and after, and what the person says."""
    with working(reader, pk, "record an outcome") as (record, case):
        scheme = catalogue.scheme(case.scheme, case.version)
        if measure not in scheme.measures:
            raise InputError(f"{scheme.name} knows no such measure", kept=KEPT)
        if before is None and after is None and not own_view.strip():
            raise InputError("Say what was measured, or what the person says", kept=KEPT)
        known = scheme.measures[measure]
        found = of_case(record, Need, case, need) if need is not None else None
        classes = scheme.classes_of(known.of) if known.of else ()
        row = Outcome.objects.create(
            case=case,
            need=found,
            measure=measure,
            before=before,
            after=after,
            own_view=own_view.strip(),
            at=record.reader.at,
            by_id=reader.officer,
            data_class=guard(classes),
            **own_of(case).columns(),
        )
        note(record, "measure", row, case=case, text=f"Outcome recorded: {known.name}")
        return row.pk


def of_case(record: Record, model: Any, case: Case | Plan, pk: int, to: str = "case") -> Any:
    """Return a row of a case that the reader may read, locked. Raises Refused, hidden.

    `to` is the way from the row to its case, or to its plan. What is of a case that was merged into
    this one is worked on here.
    """
    there = merged_with(case.pk) if isinstance(case, Case) else [case.pk]
    rows = model.objects.select_for_update(of=("self",))
    row = rows.filter(pk=pk, **{f"{to}__in": there}).first()
    if row is None:
        raise Refused(UNKNOWN, f"{model._meta.label_lower} {pk}", hidden=True)
    require(record, row)
    if isinstance(case, Case) and getattr(row, "case_id", None) == case.pk:
        row.case = case  # the one that is locked
    return row

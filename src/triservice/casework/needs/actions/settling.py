"""Needs that something settles, as the scheme says: what was fitted, or an action that was done."""

from __future__ import annotations

from collections.abc import Iterable

from triservice.access.record import Record
from triservice.casework.answers.queries import scheme_of
from triservice.casework.entries.actions import change, note
from triservice.casework.models import Action, Case, Entry, Equipment, Need
from triservice.casework.words import NeedState
from triservice.kernel.words import long_date
from triservice.schemes.forms import Found
from triservice.schemes.scheme import Scheme

SETTLED = "settle need"  # the verb of the entry, whoever or whatever settles it
FITTED = "fitted"  # in what that entry says was after: the kind of equipment that settled it


def by_fitted(record: Record, case: Case, scheme: Scheme, rows: Iterable[Equipment]) -> None:
    """Settle the open needs that a piece of equipment answers, with what and when as the reason."""
    for row in rows:
        known = scheme.equipment.get(row.kind)
        name = known.name if known else row.kind
        where = f", {row.place}" if row.place else ""
        said = f"Fitted: {name}{where}, on {long_date(row.fitted_on)}"
        _settle(record, case, scheme, {row.kind}, said, {FITTED: row.kind})


def by_action(record: Record, case: Case, row: Action) -> None:
    """Settle the open need that an action was set for, where the scheme says that this does."""
    scheme = scheme_of(case.scheme, case.version)
    if scheme is None or row.need is None:
        return
    done = {
        word
        for each in scheme.actions.values()
        if each.name[:300] == row.what
        for word in (each.id, each.equipment)
    }
    _settle(record, case, scheme, done, f"Done: {row.what}", {}, row.need.kind)


def _settle(
    record: Record, case: Case, scheme: Scheme, by: set[str], said: str, after: dict[str, str],
    only: str = "",
) -> None:  # fmt: skip
    """Settle the open needs that any of `by` answers, or `only` the one of a kind."""
    kinds = {need.id for need in scheme.needs.values() if by & set(need.settled_by)}
    kinds &= {only} if only else kinds
    there = Need.objects.select_for_update(of=("self",)).filter(case=case, kind__in=kinds)
    for need in there.filter(state=NeedState.OPEN):
        before, now = change(
            need, state=NeedState.MET, settled_at=record.reader.at, reasons=[*need.reasons, said]
        )
        text, now = f"{need.label}: {NeedState.MET}", now | after
        note(record, SETTLED, need, case=case, text=text, before=before, after=now, why=said)


def not_settled(case: Case, found: Iterable[Found], rows: Iterable[Equipment]) -> list[Found]:
    """Return the needs that a visit's form shows, but those that something fitted there met."""
    fitted = {row.kind for row in rows}
    met = set(Need.objects.filter(case=case, state=NeedState.MET).values_list("kind", flat=True))
    return [
        each for each in found if each.need.id not in met or not fitted & set(each.need.settled_by)
    ]


def open_again(record: Record, case: Case, row: Equipment, why: str) -> None:
    """Open the needs again that this settled, where nothing else of its kind is there still."""
    others = Equipment.objects.filter(visit__case=case, kind=row.kind, removed_on__isnull=True)
    if others.exclude(pk=row.pk).exists():
        return
    for need in Need.objects.filter(case=case, state=NeedState.MET).order_by("pk"):
        if _settled_by(need) != row.kind or _is_open(case, need.kind):
            continue
        said = "Open again: what was fitted is no longer there"
        before, after = change(
            need, state=NeedState.OPEN, settled_at=None, reasons=[*need.reasons, said]
        )
        text = f"Need open again: {need.label}"
        note(record, "open need", need, case=case, text=text, before=before, after=after, why=why)


def _settled_by(need: Need) -> str:
    """Return the kind of equipment that settled a need; blank where a person or an action did."""
    history = Entry.objects.filter(label="need", row=need.pk, verb=SETTLED)
    latest = history.order_by("-at", "-pk").first()
    return str(latest.after.get(FITTED, "")) if latest else ""


def _is_open(case: Case, kind: str) -> bool:
    return Need.objects.filter(case=case, kind=kind, state=NeedState.OPEN).exists()

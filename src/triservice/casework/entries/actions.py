"""Writing an entry of the chronology, in the transaction of what it tells."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from triservice.access.models import Protected
from triservice.access.record import Record
from triservice.casework.models import Case, Entry, Plan, Referral
from triservice.kernel.access_words import Marking


def note(
    record: Record,
    verb: str,
    row: Model,
    *,
    case: Case | None = None,
    referral: Referral | None = None,
    plan: Plan | None = None,
    text: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> Entry:
    """Write what was done to a row, and note in the record that the row was touched.

    The entry is of the owner, class, area, marking and restriction of the row; of a row that is
    not protected itself, of what it hangs on. What is done with a row of a case that was merged
    into `case` stands in that one's chronology, which this one's page shows.
    """
    hangs: Protected = row if isinstance(row, Protected) else _host(case or referral or plan)
    reader = record.reader
    entry = Entry.objects.create(
        case_id=(getattr(row, "case_id", None) or case.pk) if case else None,
        referral=referral,
        plan=plan,
        at=reader.at,
        by_id=reader.officer or None,
        by_name=reader.name or "Somebody of the public",
        agency_id=reader.agency or None,
        verb=verb,
        label=str(row._meta.model_name),
        row=row.pk,
        text=text,
        before=plain(before or {}),
        after=plain(after or {}),
        why=why.strip(),
        owner_id=hangs.owner_id,
        data_class=hangs.data_class,
        area=hangs.area,
        marking=hangs.marking or str(Marking.OFFICIAL),
        restriction_id=hangs.restriction_id,
        subject_key=hangs.subject_key,
    )
    record.did(str(row._meta.label_lower), row.pk, hangs.data_class)
    return entry


def change(row: Model, **columns: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set columns of a row and save them; return what changed, before and after."""
    before = {name: getattr(row, _attname(row, name)) for name in columns}
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    after = {name: getattr(row, _attname(row, name)) for name in columns}
    changed = [name for name in columns if before[name] != after[name]]
    return {n: before[n] for n in changed}, {n: after[n] for n in changed}


def _attname(row: Model, name: str) -> str:
    return str(getattr(row._meta.get_field(name), "attname", name))


def _host(host: Protected | None) -> Protected:
    if host is None:
        raise ValueError("an entry hangs on a case, a referral or a plan")
    return host


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as JSON can hold them: moments and days as ISO, rows as their key."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value.pk if isinstance(value, Model) else value

"""What an officer takes along for a shift. All of it is read for use on a phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import timezone

from triservice.access.queries import Seen, seen
from triservice.access.record import Record
from triservice.agencies.models import Agency
from triservice.casework.answers.queries import answers_of, form_of, scheme_of
from triservice.casework.cases.queries import parts
from triservice.casework.cases.queries.cautions import Caution, cautions_of_visits
from triservice.casework.cases.queries.joint import planned_visits, who_comes
from triservice.casework.cases.queries.lists import plan_references, rows_of
from triservice.casework.cases.queries.naming import Names, officer_names
from triservice.casework.cases.queries.shown import CaseRow, VisitSeen
from triservice.casework.cases.queries.standing import judged_since
from triservice.casework.directory.choosing import taken_along
from triservice.casework.directory.queries import (
    ServiceRow,
    age_seen,
    current_services,
    offered_at,
)
from triservice.casework.models import Action, Case, Equipment, Need
from triservice.casework.phones import forms
from triservice.casework.referrals.rules import may_refer
from triservice.kernel.words import many
from triservice.offline.kinds import Deed, PackItem, pack_part
from triservice.schemes import catalogue
from triservice.schemes.scheme import Scheme

MOST = 60  # visits or actions in a pack
Facts = tuple[tuple[str, str], ...]


def _when(moment: Any) -> str:
    return f"{timezone.localtime(moment):%a %-d %B, %H:%M}" if moment else "No time set"


def _planned(record: Record) -> list[Seen]:
    """Return the officer's planned visits until the shift is over, late ones among them."""
    until = record.reader.at + timedelta(hours=settings.OFFLINE_HOURS)
    return planned_visits(record, MOST, until)


def _due(record: Record) -> list[Seen]:
    rows = Action.objects.filter(officer=record.reader.officer, ended_at__isnull=True)
    return seen(record, rows.order_by("due_at", "pk"), MOST)


@pack_part("briefing", title="Briefing")
def briefing(record: Record) -> Iterator[PackItem]:
    """Take along what the day asks for: how much there is, and each action that is due."""
    visits, due = _planned(record), _due(record)
    cases, plans = _cases(record, [*visits, *due]), plan_references(record, due)
    late = sum(row.due_at <= record.reader.at for row in due)
    first = _when(visits[0].planned_at) if visits else "None"
    yield PackItem(
        "briefing",
        f"Today: {many(len(visits), 'visit')}, {many(len(due), 'thing')} to do",
        (("First visit", first), ("Things to do that are late", str(late))),
    )
    for row in due:
        case = cases.get(row.case_id)
        of = ("Case", case.reference if case else "Withheld")
        if row.plan_id:
            of = ("Plan", plans.get(row.plan_id, "Withheld"))
        facts = (("By", _when(row.due_at)), of)
        deed = Deed("action.ended", forms.RESULT.title, forms.as_json(forms.RESULT))
        yield PackItem(f"action {row.pk}", row.get("what") or "Action withheld", facts, (deed,))


def _cases(record: Record, rows: Iterable[Seen]) -> dict[int, CaseRow]:
    found = seen(record, Case.objects.filter(pk__in={row.case_id for row in rows}))
    return {row.pk: row for row in rows_of(record, found)}


@pack_part("visits", title="Visits")
def visits(record: Record) -> Iterator[PackItem]:
    """Take along each visit with what terms allow of its case, and the scheme's own form."""
    rows = _planned(record)
    told = {row.pk: row for row in seen(record, Case.objects.filter(
        pk__in={row.case_id for row in rows}))}  # fmt: skip
    cases = {row.pk: row for row in rows_of(record, list(told.values()))}
    places, services = Names(record, rows), current_services()
    cautions, joint = cautions_of_visits(record, rows), who_comes(rows)
    officers = officer_names(row.get("officer_id") for row in rows if row.pk in joint)
    for row in rows:
        case = cases.get(row.case_id)
        if case is None:
            continue
        whole = told[row.case_id]
        scheme = scheme_of(whole.get("scheme") or "", whole.version)
        where = places.place(row.get("premises_id")).name or "Place withheld"
        yield PackItem(
            f"visit {row.key}",
            f"{timezone.localtime(row.planned_at):%H:%M} {where}",
            (
                *_facts(record, row, case, whole, scheme, cautions.get(row.pk, ())),
                *_together(parts.visit(row, officers, joint)),
            ),
            tuple(_deeds(scheme, _places(record, whole, scheme, services))) if scheme else (),
        )


def _together(visit: VisitSeen) -> Facts:
    """Return who makes a joint visit."""
    return (("Joint visit", visit.who),) if visit.joint else ()


def _facts(
    record: Record, row: Seen, case: CaseRow, whole: Seen, scheme: Scheme | None,
    cautions: Iterable[Caution],
) -> Facts:  # fmt: skip
    """Return what the officer knows at the door: whom, what to beware of, how much at risk, why."""
    answers = _answers(record, whole, scheme)
    needs = seen(record, Need.objects.filter(case=row.case_id, state="open").order_by("pk"))
    fitted = seen(record, Equipment.objects.filter(
        visit__case=row.case_id, removed_on__isnull=True).order_by("pk"))  # fmt: skip
    facts = [
        ("Planned", _when(row.planned_at)),
        ("Who", case.about.name or "Name withheld"),
        *(
            (name, f"{one.who.name}: {line}" if one.who.name else line)
            for one in cautions
            for name, line in one.known.lines
        ),
        ("Risk", case.tier.capitalize()),
        ("Why", "; ".join((*judged_since(record, whole), *answers.reasons))),
        *answers.rows,
        ("Needs", "; ".join(need.get("label") or "Need withheld" for need in needs)),
        ("Fitted before", "; ".join(_said(each, scheme) for each in fitted)),
        ("Scheme", case.scheme),
        ("Case", case.reference),
    ]
    return tuple((name, value) for name, value in facts if value)


def _places(
    record: Record, whole: Seen, scheme: Scheme, services: Iterable[ServiceRow]
) -> dict[str, str]:
    """Return whereto somebody may be referred on, by their age where terms let it go along."""
    age = age_seen(record, whole, scheme) if any(one.ages for one in services) else None
    offered = offered_at(services, scheme, whole.area, age)
    return taken_along(offered, scheme, age_known=age is not None)


def _answers(record: Record, whole: Seen, scheme: Scheme | None) -> Any:
    filled = whole.assessed_id
    return answers_of(record, filled, scheme, form_of(filled) or forms.REFERRAL)


def _said(row: Seen, scheme: Scheme | None) -> str:
    kind = row.get("kind") or ""
    known = scheme.equipment.get(kind) if scheme else None
    return " ".join(filter(None, (known.name if known else kind, row.get("place"))))


def _deeds(scheme: Scheme, places: Mapping[str, str]) -> Iterator[Deed]:
    """Yield what may be done at a visit. The first merges with what somebody else recorded."""
    form = forms.visit_form(scheme)
    yield Deed("visit.recorded", "Record the visit", forms.as_json(form, scheme), {}, 0)
    fitted = forms.fitted_form(scheme)
    if fitted is not None:
        yield Deed("visit.fitted", fitted.title, forms.as_json(fitted, scheme))
    onward = forms.onward_form(places)
    if onward is not None:  # visits with the same services, said the same, share a form
        of = f"{sha256(repr(sorted(places.items())).encode()).hexdigest()[:16]}/"
        yield Deed("onward.sent", onward.title, forms.as_json(onward, scheme, of))
    yield Deed("visit.no access", forms.NO_ACCESS.title, forms.as_json(forms.NO_ACCESS))
    yield Deed("note.written", forms.NOTE.title, forms.as_json(forms.NOTE))


@pack_part("refer", title="Refer somebody you meet")
def referrals(record: Record) -> Iterator[PackItem]:
    """Take along the referral forms of the schemes that the officer's own agency runs."""
    own = Agency.objects.get(pk=record.reader.agency)
    for scheme in map(catalogue.scheme, catalogue.names()):
        if scheme.lead == own.kind and may_refer(scheme.referrers, own.kind):
            form = forms.as_json(scheme.forms[forms.REFERRAL], scheme)
            yield PackItem(
                f"scheme {scheme.id}", scheme.name, (("What it is", scheme.summary),),
                (Deed("referral.sent", "Refer somebody", form),),
            )  # fmt: skip

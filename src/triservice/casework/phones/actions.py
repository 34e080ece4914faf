"""What was done at doors without signal, done here: each by the action that a page would take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from triservice.access.errors import Refused
from triservice.access.models import Notice, Protected
from triservice.access.notices.actions import To, tell
from triservice.access.queries import seen
from triservice.access.rules import UNKNOWN
from triservice.casework.answers.rules import together
from triservice.casework.cases.actions.acting import working
from triservice.casework.entries.actions import change, note
from triservice.casework.files.actions import keep_phone_photo
from triservice.casework.models import Action, AnswerPart, Referral, Submission, Visit
from triservice.casework.needs.actions import end_action, of_case
from triservice.casework.notes.actions import add_note
from triservice.casework.phones import forms
from triservice.casework.phones.forms import ADVICE, DANGER, LONG, NEXT, PHOTOS
from triservice.casework.plans.actions import end_response
from triservice.casework.referrals.actions import refer
from triservice.casework.visits.actions.doing import (
    Done,
    Fitted,
    answered,
    assessed,
    danger,
    danger_told,
    fit,
    needs_of_visit,
    no_access,
    record_visit,
)
from triservice.casework.visits.actions.finishing import Follows, need_for, refer_on
from triservice.casework.visits.actions.photos import agree_to_photos
from triservice.casework.words import Capacity, VisitState
from triservice.kernel.access_words import DataClass, Role
from triservice.kernel.errors import InputError
from triservice.offline.actions.photos import take_photo
from triservice.offline.kinds import Current, Work, operation_kind
from triservice.schemes import catalogue
from triservice.schemes.forms import check

PHONE = Submission.Door.PHONE


def _visit(work: Work) -> Visit:
    found = Visit.objects.filter(key=_named(work, "visit")).first()
    if found is None:
        raise _not_there(work)
    return found


def _concerned(work: Work) -> Protected | None:
    """Return the visit, the action or the referral that something was done about, if it is here."""
    noun, _, name = work.about.partition(" ")
    if noun == "scheme":  # a referral has the number of the operation that sent it
        return Referral.objects.filter(key=work.number).first()
    if noun == "action":
        return _action(name)
    key = _key(work.about)
    return Visit.objects.filter(key=key).first() if key else None


def _action(name: str) -> Action | None:
    short = name.isdecimal() and len(name) < 20
    return Action.objects.filter(pk=name).first() if short else None


def _not_there(work: Work) -> Refused:
    """Say what is said of a thing that is not open to who sends, too."""
    return Refused(UNKNOWN, work.about, hidden=True)


def _named(work: Work, noun: str) -> str:
    said, _, name = work.about.partition(" ")
    if said != noun or not name:
        raise InputError(f"This is about no {noun}", field="about")
    return name


def _recorded(work: Work) -> Current:
    """Return what is recorded of a visit, as far as who sends may read it; none: version 0."""
    row = _visit(work)
    if row.submission_id is None:
        return Current(0, {})
    found = seen(work.record, Visit.objects.filter(pk=row.pk))
    if not found:
        raise _not_there(work)
    visit = found[0]
    parts = seen(work.record, AnswerPart.objects.filter(submission=row.submission_id))
    kept = {
        ADVICE: visit.get("advice"),
        DANGER: visit.get("danger"),
        NEXT: row.next_on and row.next_on.isoformat(),
    }
    values = together(part.get("answers") or {} for part in parts)
    return Current(row.submission_id, values | {n: v for n, v in kept.items() if v})


def _danger_at_once(work: Work) -> None:
    """Tell of the danger in a visit's form that waits: for consent to a photo, or whatever else.

    It is written down on the visit where that can be done; told it is in any case.
    """
    said = work.values.get(DANGER)
    if not isinstance(said, str) or not said.strip():
        return
    key = _key(work.about)
    row = Visit.objects.filter(key=key).first() if key else None
    if row is not None and said.strip() in row.danger:
        return  # told already
    try:
        if row is not None:
            danger(work.reader, row.case_id, row.pk, said[:LONG])
            return
    except (Refused, InputError):
        pass  # not theirs any more, or over: their own leaders look at what waits
    tell(
        [To(work.reader.agency, role=Role.TEAM_LEADER)], Notice.Kind.CASEWORK,
        "Immediate danger was found at a visit, and its form waits for a person",
        "/offline/waiting/", f"danger waits:{work.number}",
    )  # fmt: skip


def _key(about: str) -> UUID | None:
    try:
        return UUID(about.partition(" ")[2])
    except ValueError:
        return None


@operation_kind(
    "visit.recorded", doing="recorded a visit", data_class=DataClass.RISK, current=_recorded,
    at_once=_danger_at_once, concerns=_concerned,
)  # fmt: skip
def record(work: Work) -> None:
    """Record a visit; or put right, with both sides merged, one that is recorded already."""
    row = _visit(work)
    given, closing = forms.parted(work.answers)
    if work.photos and closing.get(PHOTOS) == "yes":
        agree_to_photos(work.reader, row.case_id, str(Capacity.HAS))
    _keep_photos(work, row, given)
    if row.state == VisitState.DONE:
        _correct(work, row, given, closing)
        return
    day = closing.get(NEXT)
    done = Done(
        work.number, given, work.began, work.ended, (), closing.get(ADVICE, ""),
        closing.get(DANGER, ""), date.fromisoformat(day) if day else None,
    )  # fmt: skip
    record_visit(work.reader, row.case_id, row.pk, done, door=PHONE)


def _keep_photos(work: Work, row: Visit, given: Mapping[str, Any]) -> None:
    form = catalogue.scheme(row.case.scheme, row.case.version).forms[forms.VISIT]
    for number in work.photos:
        path, _ = take_photo(work.record, work.phone, number)
        keep_phone_photo(work.reader, row.case_id, row.pk, number, path, form, given)


def _correct(work: Work, row: Visit, given: Mapping[str, Any], closing: Mapping[str, Any]) -> None:
    """Keep the answers anew beside those before, and let the visit have these."""
    with working(work.reader, row.case_id, "correct a visit's form") as (inner, case):
        row = of_case(inner, Visit, case, row.pk)
        scheme = catalogue.scheme(row.case.scheme, row.case.version)
        ended = row.ended_at or inner.reader.at
        kept, result = answered(inner, case, scheme, given, row, ended, key=work.number, door=PHONE)
        day = closing.get(NEXT)
        before, after = change(
            row,
            submission=kept,
            advice=closing.get(ADVICE, ""),
            danger=closing.get(DANGER, ""),
            next_on=date.fromisoformat(day) if day else None,
        )
        text = "Visit's form corrected"
        note(inner, "correct visit", row, case=case, text=text, before=before, after=after)
        if row.danger and "danger" in after:
            danger_told(inner, case, row)
        needs_of_visit(inner, row.case, scheme, row, result.needs, kept)
        assessed(inner, case, kept, result, ended, again=True)


@operation_kind(
    "visit.fitted", doing="noted what was fitted", data_class=DataClass.HOUSEHOLD,
    concerns=_concerned,
)  # fmt: skip
def fitted(work: Work) -> None:
    """Note one thing that was fitted or left at a visit."""
    row = _visit(work)
    with working(work.reader, row.case_id, "note what was fitted") as (inner, case):
        row = of_case(inner, Visit, case, row.pk)
        scheme = catalogue.scheme(row.case.scheme, row.case.version)
        form = forms.fitted_form(scheme)
        if form is None:
            raise InputError(f"{scheme.name} fits nothing")
        said = forms.checked(form, work.answers)
        day = said.get("expires")
        each = Fitted(
            said["kind"], said.get("place", ""), said.get("serial", ""),
            date.fromisoformat(day) if day else None,
        )  # fmt: skip
        fit(inner, case, row, scheme, [each], timezone.localdate(work.ended))


@operation_kind(
    "onward.sent", doing="referred somebody on", data_class=DataClass.RISK, concerns=_concerned
)
def sent_on(work: Work) -> None:
    """Refer on from a visit, for the first open need that the place takes."""
    row, said = _visit(work), forms.checked(forms.ONWARD, work.answers)
    with working(work.reader, row.case_id, "refer on from a visit", anew=True) as (_, case):
        scheme = catalogue.scheme(case.scheme, case.version)
        to = said[forms.TO]
        follows = Follows(
            routes=[(need_for(case, scheme, to), to)], agreed=said.get(forms.AGREED_BY, ""),
            given_by=said.get("given_by", ""), why=said.get("why", ""),
        )  # fmt: skip
        refer_on(work.reader, case, scheme, follows, work.number)


@operation_kind(
    "visit.no access", doing="was at a door in vain", data_class=DataClass.RISK, concerns=_concerned
)
def in_vain(work: Work) -> None:
    """Record that nobody could be visited."""
    row, said = _visit(work), forms.checked(forms.NO_ACCESS, work.answers)
    no_access(work.reader, row.case_id, row.pk, work.ended, card_left=said["card"] == "yes")


@operation_kind(
    "note.written", doing="wrote a note", data_class=DataClass.RISK, concerns=_concerned
)
def written(work: Work) -> None:
    """Write a note on the case of a visit."""
    row, said = _visit(work), forms.checked(forms.NOTE, work.answers)
    contact = said.get("contact") == "yes"
    add_note(work.reader, row.case_id, said["text"], str(DataClass.RISK), contact=contact)


@operation_kind(
    "action.ended", doing="ended an action", data_class=DataClass.RISK, concerns=_concerned
)
def ended(work: Work) -> None:
    """Say what came of an action."""
    said = forms.checked(forms.RESULT, work.answers)
    name = _named(work, "action")
    row = _action(name)
    if row is None:
        raise _not_there(work)
    done = said["done"] == "yes"
    if row.plan_id is not None:
        end_response(work.reader, row.plan_id, row.pk, done=done, result=said["result"])
    elif row.case_id is not None:
        end_action(work.reader, row.case_id, row.pk, done=done, result=said["result"])


@operation_kind(
    "referral.sent", doing="referred somebody", data_class=DataClass.IDENTITY, concerns=_concerned
)
def referred(work: Work) -> dict[str, Any]:
    """Refer somebody to a scheme that the officer's own agency runs.

    Whom it is about is somebody new until people judge: who they may be the same as is proposed.
    """
    scheme = _named(work, "scheme")
    version, given = _as_asked(scheme, forms.version_of(work.form, scheme), work.answers)
    receipt = refer(
        work.reader, work.number, scheme, given, to=work.reader.agency, door=PHONE, version=version
    )
    return {"reference": receipt.reference}


def _as_asked(
    scheme: str, version: int | None, given: Mapping[str, Any]
) -> tuple[int | None, Mapping[str, Any]]:
    """Return what was filled in as the newest version asks it, where all of that fits there.

    Else as it was asked: nobody is at the phone any more to say where an answer belongs.
    """
    newest = catalogue.scheme(scheme)
    if version in (None, newest.version):
        return None, given
    moved = catalogue.carry(scheme, version or 0, forms.REFERRAL, given)
    if moved.aside or check(newest.forms[forms.REFERRAL], moved.values).errors:
        return version, given
    return None, moved.values

"""The life of a version: make, revise, sign, agree, bring in force, suspend, resume, end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from triservice.access.agreements import queries, rules
from triservice.access.agreements.acting import (
    NOTHING_CHANGED,
    acting,
    local_day,
    move,
    must_may,
    note,
)
from triservice.access.agreements.rules import Lack, State, Verb
from triservice.access.agreements.saving import make_version
from triservice.access.agreements.text import VersionText, digest
from triservice.access.models import (
    Agreement,
    AgreementVersion,
    Notice,
    Party,
    Signatory,
    Term,
)
from triservice.access.notices.actions import To, deal_with, tell
from triservice.access.record import Kind, Record, recording
from triservice.kernel.access_words import Mode, Reader, Role
from triservice.kernel.errors import InputError


class Incomplete(InputError):
    """A version that still needs something; `lacks` says what and where."""

    def __init__(self, doing: str, lacks: list[Lack]) -> None:
        """Say everything that is missing, not only the first."""
        self.lacks = lacks
        said = ". ".join(lack.sentence for lack in lacks)
        super().__init__(f"The version cannot {doing} yet: {said}", kept=NOTHING_CHANGED)


def new_agreement(reader: Reader, text: VersionText, template: str = "") -> int:
    """Make an agreement with its first version as a draft; return the version's key.

    The reader's agency must be a party. Raises InputError for a title that is taken.
    """
    doing = "make an agreement"
    with recording(reader, Kind.ALTERATION, doing) as record:
        must_may(reader, Verb.MAKE, doing)
        if reader.agency not in {party.agency for party in text.parties}:
            raise InputError(
                "Your own agency is not among the parties",
                kept="Nothing was made",
                do="Name it, or ask a party to make the agreement",
            )
        title = text.title.strip()
        if not title:
            raise InputError("The agreement has no title", do="Give it one")
        try:
            with transaction.atomic():
                agreement = Agreement.objects.create(title=title, template=template)
        except IntegrityError:
            raise InputError(
                f"There is already an agreement called {title}",
                kept="Nothing was made",
                do="Choose another title, or revise that one",
            ) from None
        version = make_version(agreement, replace(text, title=title, number=1))
        note(record, version, Verb.MAKE, "")
        return version.pk


def revise(reader: Reader, pk: int, why: str) -> int:
    """Return the key of a draft to edit: this version if it is one, else a new version like it.

    Raises InputError when another draft of the agreement is already open.
    """
    with acting(reader, pk, Verb.EDIT, "revise an agreement", any_state=True) as (record, version):
        if version.state == State.DRAFT:
            return version.pk
        if not why.strip():
            raise InputError("Say why the agreement is changed", kept=NOTHING_CHANGED)
        # Whoever drafts next waits here, so that two drafts cannot begin from one version.
        Agreement.objects.select_for_update().get(pk=version.agreement_id)
        family = AgreementVersion.objects.filter(agreement=version.agreement_id)
        begun = family.filter(state__in=(State.DRAFT, State.AGREED)).exclude(pk=version.pk).first()
        if begun is not None:
            raise InputError(
                f"Version {begun.number} is already being prepared",
                kept=NOTHING_CHANGED,
                do="Go on with that one, or end it first",
            )
        if version.state == State.AGREED:
            raise InputError(
                "This version is agreed and not yet in force",
                kept=NOTHING_CHANGED,
                do="Bring it in force first, or end it and start again",
            )
        number = (family.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        text = replace(
            queries.load_text(version), number=number, starts=None, why_changed=why.strip()
        )
        made = make_version(version.agreement, text)
        note(record, made, Verb.MAKE, f"From version {version.number}: {why.strip()}")
        return made.pk


def sign(reader: Reader, pk: int, job_title: str, seen: str) -> None:
    """Sign for the reader's agency the text whose digest is `seen`.

    Raises InputError when the text has changed since it was shown.
    """
    with acting(reader, pk, Verb.SIGN, "sign an agreement") as (record, version):
        text = queries.load_text(version)
        now = digest(text)
        if seen != now:
            raise InputError(
                "The text was changed while you were reading it",
                kept="You have not signed",
                do="Read it again and sign then",
            )
        if missing := rules.lacks(text):
            raise Incomplete("be signed", missing)
        if not job_title.strip():
            raise InputError("Say in which office you sign", kept="You have not signed")
        party = Party.objects.get(version=version, agency=reader.agency)
        if Signatory.objects.filter(party=party, officer=reader.officer, digest=now).exists():
            raise InputError("You have signed this text already", kept="Your signature")
        Signatory.objects.create(
            party=party,
            name=reader.name,
            job_title=job_title.strip(),
            signed_on=local_day(reader.at),
            officer_id=reader.officer,
            digest=now,
        )
        note(record, version, Verb.SIGN, job_title.strip())


def agree(reader: Reader, pk: int) -> None:
    """Fix the text: complete, and signed by every party. Raises Incomplete with what is missing."""
    with acting(reader, pk, Verb.AGREE, "agree an agreement") as (record, version):
        text = queries.load_text(version)
        missing = rules.lacks(text) + rules.unsigned(text, digest(text))
        if missing := missing + _lost_nevers(version, text):
            raise Incomplete("be agreed", missing)
        move(record, version, Verb.AGREE, "")


def bring_in_force(reader: Reader, pk: int, starts: datetime | None = None) -> None:
    """Let an agreed version hold from `starts` (now if None); the version before it ends then.

    Raises Incomplete with everything that is missing, InputError for a start in the past.
    """
    with acting(reader, pk, Verb.BRING_IN_FORCE, "bring an agreement in force") as (rec, version):
        at = rec.reader.at
        starts = starts or at
        if starts < at:
            raise InputError("An agreement starts now or later", kept=NOTHING_CHANGED)
        text = replace(queries.load_text(version), starts=starts)
        missing = rules.in_force_lacks(text, digest(text), at) + _lost_nevers(version, text)
        if missing:
            raise Incomplete("come in force", missing)
        if text.until is not None and text.until <= starts:
            raise InputError("The agreement would end before it starts", kept=NOTHING_CHANGED)
        version.starts = starts
        move(rec, version, Verb.BRING_IN_FORCE, "")
        if starts <= at:
            _end_earlier(rec, version)


def suspend(reader: Reader, pk: int, why: str) -> None:
    """Close at once all that a version opens; any party may, by itself. Nevers go on holding.

    Also what another party has suspended already: each then has its own to lift.
    """
    with acting(reader, pk, Verb.SUSPEND, "suspend an agreement") as (record, version):
        _need(why)
        if reader.agency in queries.suspended_by(version):
            raise InputError("Your agency has suspended this already", kept="It stays suspended")
        move(record, version, Verb.SUSPEND, why)
        _tell_parties(version, "suspended", record.reader.at)


def resume(reader: Reader, pk: int, why: str) -> None:
    """Lift the suspension of the reader's agency; what the last one lifts is open again."""
    with acting(reader, pk, Verb.RESUME, "resume an agreement") as (record, version):
        _need(why)
        closing = queries.suspended_by(version)
        others = [agency for agency in closing if agency != reader.agency]
        if closing and reader.agency not in closing:
            raise InputError(
                f"{_names(others)} suspended this agreement",
                kept="It stays suspended",
                do=f"Ask {_names(others)} to resume it",
            )
        if others:
            note(record, version, Verb.RESUME, why)
        else:
            move(record, version, Verb.RESUME, why)
            _tell_parties(version, "resumed", record.reader.at)


def end(reader: Reader, pk: int, why: str) -> None:
    """End a version for good, or give up a draft; a draft leaves the version before it as it is."""
    with acting(reader, pk, Verb.END, "end an agreement") as (record, version):
        _need(why)
        held = version.state not in (State.DRAFT, State.AGREED)
        if held and (others := sorted(_who_closes([version.pk]) - {reader.agency})):
            raise InputError(
                f"{_names(others)} says here what is never open, and would lose that",
                kept=NOTHING_CHANGED,
                do="Suspend the version: it opens nothing then, and its nevers go on holding",
            )
        if not held:
            version.starts = None  # else it would count as having replaced the one before
        move(record, version, Verb.END, why)
        if held:
            _tell_parties(version, "ended", record.reader.at)


def review(reader: Reader, pk: int, next_on: date, why: str) -> None:
    """Say that a version was reviewed and goes on as it is; `next_on` is the next review."""
    with acting(reader, pk, Verb.REVIEW, "review an agreement") as (record, version):
        _need(why)
        if next_on <= local_day(record.reader.at):
            raise InputError("The next review is not in the future", kept=NOTHING_CHANGED)
        was, version.review_on = version.review_on, next_on
        version.save(update_fields=["review_on"])
        note(record, version, Verb.REVIEW, f"{why.strip()} Next review {next_on:%d %B %Y}.")
        for due in (rules.Due.REVIEW_SOON, rules.Due.REVIEW_LATE):
            deal_with(reader, f"agreement:{version.pk}:{due}:{was}")


def _need(why: str) -> None:
    if not why.strip():
        raise InputError("Say why", kept=NOTHING_CHANGED)


def _names(agencies: Iterable[int]) -> str:
    """Return agencies by name."""
    known = queries.agency_names()
    return " and ".join(known[agency] for agency in agencies)


def _who_closes(versions: Iterable[int]) -> set[int]:
    """Return the agencies that say `never` in these versions."""
    nevers = Term.objects.filter(version__in=versions, mode=str(Mode.NEVER))
    return set(nevers.values_list("from_agency", flat=True))


def _lost_nevers(version: AgreementVersion, text: VersionText) -> list[Lack]:
    """Return what is missing where a version replaces nevers of an agency that is no party to it.

    What an agency closes stays closed until it signs otherwise, or ends it.
    """
    before = _holding_before(version).values_list("pk", flat=True)
    lost = sorted(_who_closes(before) - {party.agency for party in text.parties})
    said = f"{_names(lost)} says in an earlier version what is never open; make it a party"
    return [Lack("parties", said)] if lost else []


def _holding_before(version: AgreementVersion) -> QuerySet[AgreementVersion]:
    """Return the earlier versions whose nevers still hold."""
    return AgreementVersion.objects.filter(
        agreement=version.agreement_id,
        number__lt=version.number,
        state__in=(State.IN_FORCE, State.SUSPENDED, State.EXPIRED),
    )


def _end_earlier(record: Record, version: AgreementVersion) -> None:
    """End the earlier versions, which the new one has replaced."""
    for each in _holding_before(version):
        each.state = str(State.ENDED)
        each.save(update_fields=["state"])
        note(record, each, Verb.END, f"Replaced by version {version.number}")


def _tell_parties(version: AgreementVersion, what: str, at: datetime) -> None:
    agencies = Party.objects.filter(version=version).values_list("agency", flat=True)
    tell(
        [To(agency, role=Role.DATA_PROTECTION_LEAD) for agency in agencies],
        Notice.Kind.AGREEMENT,
        f"An agreement of your agency was {what}",
        reverse("access:agreement", args=[version.pk]),
        f"agreement:{version.pk}:{what}:{at:%Y%m%d%H%M%S}",
    )


def as_said(error: InputError) -> list[str]:
    """Return the sentences of a refusal, for a list on a page."""
    lacks: Any = getattr(error, "lacks", None)
    return [lack.sentence for lack in lacks] if lacks else [str(error)]

"""Reading agreements. They hold no personal data; those of the reader's agency are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, Q, QuerySet

from triservice.access.agreements import rules
from triservice.access.agreements.rules import Due, State, Verb
from triservice.access.agreements.text import (
    SECTIONS,
    PartyText,
    SignatoryText,
    TermText,
    VersionText,
    digest,
)
from triservice.access.compiling import LEFT_DRAFTING
from triservice.access.models import AgreementVersion, Party, Signatory, Term
from triservice.access.prepared import Given, Prepared
from triservice.agencies.models import Agency, Area
from triservice.kernel.access_words import Reader

PROSE = tuple(name for name, _, _ in SECTIONS)
TERM_PLAIN = (
    "number", "to_role", "mode", "every_field", "everywhere", "counts_only", "small_number",
    "min_vetting", "needs_training", "needs_duty", "needs_case", "existence", "offline",
    "valid_from", "valid_until", "note",
)  # fmt: skip
CLOSED_LATELY = timedelta(days=30)
TERM_LISTS = ("data_classes", "purposes", "fields", "areas")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in a list."""

    pk: int
    title: str
    number: int
    standing: State
    starts: datetime | None
    until: datetime | None
    review_on: date | None
    parties: tuple[str, ...]
    dues: tuple[tuple[Due, date], ...] = ()


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to a version."""

    at: datetime
    verb: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A version as its page shows it: the text, how it stands, and what this reader may do."""

    pk: int
    agreement: int
    text: VersionText
    digest: str
    standing: State
    state: str
    template: str
    events: tuple[EventRow, ...]
    others: tuple[VersionRow, ...]  # the versions of the agreement, the newest first
    may: frozenset[Verb]
    may_revise: bool
    names: dict[int, str]
    suspended_by: tuple[str, ...]  # the agencies that each have to lift their own
    term_pks: dict[int, int]  # number → key
    party_pks: dict[int, int]  # agency → key
    signed_by_us: bool

    @property
    def editable(self) -> bool:
        """Whether this reader may change the text in place."""
        return Verb.EDIT in self.may


def load_text(version: AgreementVersion) -> VersionText:
    """Return what a version says."""
    parties = Party.objects.filter(version=version).select_related("agency")
    signed: dict[int, list[SignatoryText]] = {}
    for each in Signatory.objects.filter(party__version=version).order_by("pk"):
        row = SignatoryText(each.name, each.job_title, each.signed_on, each.digest)
        signed.setdefault(each.party_id, []).append(row)
    return VersionText(
        title=version.agreement.title,
        number=version.number,
        **{name: getattr(version, name) for name in PROSE},
        why_changed=version.why_changed,
        starts=version.starts,
        until=version.until,
        review_on=version.review_on,
        parties=tuple(
            PartyText(
                agency=party.agency_id,
                name=party.agency.name,
                kind=party.agency.kind,
                regime=party.regime,
                lawful_basis=party.lawful_basis,
                controller=party.controller,
                special_condition=party.special_condition,
                gateway=party.gateway,
                contact=party.contact,
                signatories=tuple(signed.get(party.pk, ())),
            )
            for party in parties.order_by("agency__name")
        ),
        terms=tuple(map(term_text, Term.objects.filter(version=version).order_by("number"))),
    )


def term_text(term: Term) -> TermText:
    """Return what a term says."""
    said: dict[str, Any] = {name: getattr(term, name) for name in TERM_PLAIN}
    said |= {name: tuple(getattr(term, name)) for name in TERM_LISTS}
    return TermText(from_agency=term.from_agency_id, to_agency=term.to_agency_id, **said)


def replaced_at(version: AgreementVersion) -> datetime | None:
    """Return when a later version of the agreement that has left drafting starts, or None."""
    later = AgreementVersion.objects.filter(
        agreement=version.agreement_id,
        number__gt=version.number,
        state__in=LEFT_DRAFTING,
        starts__isnull=False,
    )
    return later.order_by("starts").values_list("starts", flat=True).first()


def standing_of(version: AgreementVersion, at: datetime) -> State:
    """Return how a version stands."""
    replaced = replaced_at(version)
    return rules.standing(version.state, version.starts, version.until, replaced, at)


def suspended_by(version: AgreementVersion) -> list[int]:
    """Return the agencies that hold a version suspended; none when it is not."""
    if version.state != State.SUSPENDED:
        return []
    return rules.suspenders(version.events.order_by("at", "pk").values_list("verb", "agency"))


def _reached(reader: Reader) -> QuerySet[AgreementVersion]:
    """Return the versions that the reader may open: of their agency, drafts for those who write."""
    rows = AgreementVersion.objects.filter(parties__agency=reader.agency)
    works = rules.MAY[Verb.EDIT] | rules.MAY[Verb.SIGN]
    if not works & reader.roles:
        rows = rows.exclude(state__in=("draft", "agreed")).exclude(Q(starts__isnull=True))
    return rows.distinct()


def agreements(reader: Reader) -> tuple[VersionRow, ...]:
    """Return the versions that the reader may open, by agreement, the newest first."""
    rows = _reached(reader).select_related("agreement").order_by("agreement__title", "-number")
    return _rows(rows, reader.at)


def closed_lately(reader: Reader) -> tuple[VersionRow, ...]:
    """Return versions of the reader's agency that are suspended, or ran out in the last 30 days.

    Pages of data name them, so that who read under one yesterday is told why nothing is open.
    """
    found_closed = _closed(agency=reader.agency, since=reader.at - CLOSED_LATELY, at=reader.at)
    if not found_closed:  # as on nearly every page
        return ()
    rows = AgreementVersion.objects.filter(pk__in=[pk for (pk,) in found_closed])
    found = _rows(rows.select_related("agreement").order_by("agreement__title"), reader.at)
    return tuple(row for row in found if row.standing is not State.REPLACED)


@Prepared
def _closed() -> QuerySet[Any, Any]:
    since, at = Given("since", DateTimeField()), Given("at", DateTimeField())
    ran_out = Q(until__lte=at, until__gt=since)
    return AgreementVersion.objects.filter(
        Q(state="suspended") | Q(state__in=("in force", "expired", "ended")) & ran_out,
        parties__agency=Given("agency", BigIntegerField()),
    ).values_list("pk")


def due_now(at: datetime, agency: int | None = None) -> tuple[VersionRow, ...]:
    """Return the versions that need a review or run out soon; of one agency, or of all."""
    rows = AgreementVersion.objects.filter(state__in=("in force", "suspended"))
    if agency is not None:
        rows = rows.filter(parties__agency=agency).distinct()
    found = _rows(rows.select_related("agreement").order_by("agreement__title", "-number"), at)
    return tuple(row for row in found if row.dues)


def _rows(versions: Iterable[AgreementVersion], at: datetime) -> tuple[VersionRow, ...]:
    versions = list(versions)
    names: dict[int, list[str]] = {}
    for party_to, name in (
        Party.objects.filter(version__in=versions)
        .values_list("version", "agency__short_name")
        .order_by("agency__short_name")
    ):
        names.setdefault(party_to, []).append(name)
    found = []
    for version in versions:
        now = standing_of(version, at)
        found.append(
            VersionRow(
                version.pk,
                version.agreement.title,
                version.number,
                now,
                version.starts,
                version.until,
                version.review_on,
                tuple(names.get(version.pk, ())),
                tuple(rules.due(now, version.review_on, version.until, at)),
            )
        )
    return tuple(found)


def version_page(reader: Reader, pk: int) -> VersionPage | None:
    """Return a version with all that its pages show; None when the reader may not open it."""
    version = _reached(reader).select_related("agreement").filter(pk=pk).first()
    if version is None:
        return None
    text = load_text(version)
    now = standing_of(version, reader.at)
    others = _reached(reader).filter(agreement=version.agreement_id).select_related("agreement")
    events = version.events.select_related("officer", "agency")
    fits = {verb for state, verb in rules.NEXT if state is now}
    signs = digest(text)
    closing = suspended_by(version)
    fits -= {Verb.SUSPEND if reader.agency in closing else Verb.RESUME} if closing else set()
    return VersionPage(
        pk=version.pk,
        agreement=version.agreement_id,
        text=text,
        digest=signs,
        standing=now,
        state=version.state,
        template=version.agreement.template,
        events=tuple(
            EventRow(
                each.at,
                each.verb,
                f"{each.officer.name}, {each.agency}" if each.officer else "the clock",
                each.why,
            )
            for each in events
        ),
        others=_rows(others.order_by("-number"), reader.at),
        may=frozenset(v for v in fits if v in rules.MAY and rules.may(v, reader.roles)),
        may_revise=now in rules.REVISED_AS_NEW and rules.may(Verb.EDIT, reader.roles),
        names=(names := agency_names()),
        suspended_by=tuple(names[agency] for agency in closing),
        term_pks=dict(Term.objects.filter(version=version).values_list("number", "pk")),
        party_pks=dict(Party.objects.filter(version=version).values_list("agency", "pk")),
        signed_by_us=any(
            each.digest == signs and each.signed_on
            for party in text.parties
            if party.agency == reader.agency
            for each in party.signatories
        ),
    )


def agency_names() -> dict[int, str]:
    """Return the names of all agencies by id."""
    return dict(Agency.objects.values_list("pk", "name"))


def agencies_of_kinds() -> list[tuple[int, str, str]]:
    """Return (id, name, kind) of all agencies, for making an agreement from a template."""
    return list(Agency.objects.values_list("pk", "name", "kind"))


def area_names() -> list[tuple[str, str]]:
    """Return (code, name) of all areas, for choosing in a term."""
    return list(Area.objects.values_list("code", "name"))

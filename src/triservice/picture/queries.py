"""The only readers of pictures. Each view is one reading and one record of it.

What a reader may see of a picture is decided anew at every reading, source by source, through
`access`: a suspension, an expiry or a higher threshold acts on the next page, map or file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from triservice.access import queries as access
from triservice.access.models import Party
from triservice.access.record import Kind, Record, Refused, reading
from triservice.access.rules import UNKNOWN, Item, Use
from triservice.agencies.models import Agency, Contact
from triservice.kernel.access_words import Decision, Reader
from triservice.kernel.errors import InputError
from triservice.picture import lakes
from triservice.picture.lakes import Event, read_events
from triservice.picture.models import LakeSource, StoredPicture
from triservice.picture.rules import MAKES, Parameters, place_decision, read_parameters
from triservice.picture.shown import Answer, Shown, show

EVENT = "picture.event"  # the label of an event of the lake in the record
MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A stored picture without its numbers. `own`: the reader's agency asked for it."""

    pk: int
    title: str
    parameters: Parameters
    marking: str
    state: str
    state_said: str
    progress: int
    step: str
    error: str
    agency: str
    made_by: str
    asked_at: datetime
    started_at: datetime | None
    made_at: datetime | None
    own: bool
    may_change: bool
    shared_with: tuple[str, ...]
    stale: bool  # the lake has changed since it was read

    @property
    def waiting(self) -> bool:
        """Whether it is still to be worked out."""
        return self.state in (StoredPicture.State.QUEUED, StoredPicture.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture as its reader sees it now; `shown` None while nothing was worked out."""

    row: Row
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """A source of the lake that a picture can count, and whether this reader may count it."""

    pk: int
    label: str
    service: str
    owner_name: str
    data_class: str
    categories: tuple[str, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one source and month, the newest first; `more` than are shown."""

    row: Row
    label: str
    marking: str
    month: str
    months: tuple[str, ...]
    events: tuple[Event, ...]
    more: bool


def listed(reader: Reader) -> list[Row]:
    """Return the pictures that the reader's agency asked for or was given, the newest first."""
    with reading(reader, Kind.CONSULTATION, "list the pictures") as record:
        rows = [
            _row(record, picture) for picture in _within_reach(reader).defer("result", "shapes")
        ]
        record.searched("pictures", len(rows))
        return rows


def status(reader: Reader, pk: int) -> Row | None:
    """Return how far a picture is, or None. No number of it is read, so nothing is recorded."""
    picture = _within_reach(reader).defer("result", "shapes").filter(pk=pk).first()
    return None if picture is None else _plain_row(reader, picture, stale=False)


def opened(
    reader: Reader,
    pk: int,
    doing: str = "open a picture",
    kind: Kind = Kind.CONSULTATION,
    *,
    drawn: bool = False,
) -> Opened:
    """Return a picture as the reader may see it now; `drawn` with the outlines of its places.

    Raises Refused (hidden) when there is none, or it is neither the reader's agency's nor shared.
    """
    with reading(reader, kind, doing) as record:
        return _opened(record, pk, drawn=drawn)


def compared(reader: Reader, before: int, after: int) -> tuple[Opened, Opened]:
    """Return two pictures for a comparison, in one reading. Raises Refused as `opened`.

    Raises InputError when their places are not the same.
    """
    with reading(reader, Kind.CONSULTATION, "compare two pictures") as record:
        first, second = _opened(record, before), _opened(record, after)
        if first.shown is None or second.shown is None:
            raise InputError("one of the pictures is not ready", do="Wait until both are.")
        if [p.code for p in first.shown.places] != [p.code for p in second.shown.places]:
            raise InputError(
                "the two pictures are not of the same places",
                do="Choose pictures of one area, unit and size.",
            )
        return first, second


def comparable(reader: Reader, row: Row) -> list[tuple[int, str]]:
    """Return other finished pictures of the same places, as (key, title). No number is read."""
    return [
        (pk, f"{title} ({parameters['since']} to {parameters['until']})")
        for pk, title, parameters in _within_reach(reader)
        .filter(state=StoredPicture.State.DONE)
        .exclude(pk=row.pk)
        .values_list("pk", "title", "parameters")
        if _ground(read_parameters(parameters)) == _ground(row.parameters)
    ]


def _ground(wanted: Parameters) -> tuple[str, str, int]:
    """Return what two pictures must have in common to be of the same places."""
    return wanted.area.casefold(), wanted.unit, wanted.size_m if wanted.grid else 0


def choices(reader: Reader) -> list[SourceChoice]:
    """Return the sources of the lake, and whether the reader may count each.

    That an agency shares a feed of events is no secret between partners; a source restricted to
    named people is left out for others.
    """
    with reading(reader, Kind.CONSULTATION, "see what pictures can be made of") as record:
        found = LakeSource.objects.select_related("owner")
        return [
            SourceChoice(
                source.pk,
                source.label,
                source.service,
                source.owner.name,
                source.data_class,
                tuple(map(str, source.categories)),
                _ask(record, source, Use.COUNT, source.area),
            )
            for source in found
            if _is_named(record, source)
        ]


def agencies(reader: Reader, *, own: bool = False) -> list[tuple[int, str]]:
    """Return the other agencies (with `own` all): their names are open to every officer."""
    found = Agency.objects.order_by("name")
    if not own:
        found = found.exclude(pk=reader.agency)
    return list(found.values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source of the lake and whose it is."""

    source: str
    service: str
    label: str
    owner_name: str
    data_class: str
    area: str
    marking: str


def sources(reader: Reader) -> list[SourceRow]:
    """Return the sources with their owners, for who keeps the system. No event is read."""
    with reading(reader, Kind.CONSULTATION, "list the sources of the lake"):
        columns = ("source", "service", "label", "owner__name", "data_class", "area", "marking")
        return [SourceRow(*row) for row in LakeSource.objects.values_list(*columns)]


def events(reader: Reader, pk: int, source: int, month: str | None = None) -> Events:
    """Return single events of one source of a picture, for a month of it (the last one if None).

    Only where the agreement opens rows. Raises Refused when it opens counts only, or nothing.
    """
    with reading(reader, Kind.CONSULTATION, "read events of a picture") as record:
        picture = _required(record, pk)
        chosen = LakeSource.objects.filter(pk=source).first()
        known = {layer["source"] for layer in (picture.result or {}).get("layers", ())}
        if chosen is None or source not in known or not _is_named(record, chosen):
            raise Refused(UNKNOWN, f"source {source} of picture {pk}", hidden=True)
        decision = place_decision(
            lambda area: _ask(record, chosen, Use.READ, area), chosen.area, ""
        )
        if not decision.allowed:
            raise Refused(decision, f"events of {chosen.label}")
        wanted = read_parameters(picture.parameters)
        month = month if month in wanted.months else wanted.months[-1]
        bounds = (picture.result or {})["bounds"]
        found, more = read_events(
            chosen.source, chosen.service, wanted.categories, month, bounds, MOST_EVENTS
        )
        for key, _ in found:
            record.saw(
                Item(EVENT, key, chosen.owner_id, chosen.data_class, chosen.area, chosen.marking),
                decision,
            )
        return Events(
            _row(record, picture),
            chosen.label,
            max(chosen.marking, picture.marking, key=len),
            month,
            tuple(wanted.months),
            tuple(event for _, event in found),
            more,
        )


# ---- Within a reading ---------------------------------------------------------------------------


def _within_reach(reader: Reader) -> QuerySet[StoredPicture]:
    """Return the pictures of the reader's agency, and those shared with it."""
    given = StoredPicture.shared_with.through.objects.filter(agency_id=reader.agency)
    reach = Q(agency=reader.agency) | Q(pk__in=given.values("storedpicture_id"))
    found = StoredPicture.objects.filter(reach).defer("shapes")
    return found.select_related("agency", "made_by").prefetch_related("shared_with")


def _required(record: Record, pk: int) -> StoredPicture:
    picture = _within_reach(record.reader).filter(pk=pk).first()
    if picture is None:
        raise Refused(UNKNOWN, f"picture {pk}", hidden=True)
    record.did("picture.storedpicture", pk)
    return picture


def _opened(record: Record, pk: int, *, drawn: bool = False) -> Opened:
    picture = _required(record, pk)
    row = _row(record, picture)
    if picture.result is None or row.waiting:
        return Opened(row, None)
    answers = _answers(record, picture.result)
    least = row.parameters.small_number
    shapes = picture.shapes if drawn else ()  # deferred: read from the database only here
    shown = show(picture.result, answers, least, picture.marking, _secret(), shapes)
    for layer in shown.layers:
        record.counted(f"{LakeSource._meta.label_lower} {layer.source}", layer.total)
    if shown.withheld:
        record.note("withheld", [f"{w.label}: {w.decision.reason}" for w in shown.withheld])
    return Opened(row, shown)


def _answers(record: Record, result: dict[str, Any]) -> dict[int, Answer]:
    """Decide on every source of a result, and on every place of it that has a code."""
    keys = [layer["source"] for layer in result["layers"]]
    codes = result["cells"]["codes"] if result["coded"] else []
    answers = {}
    for source in LakeSource.objects.filter(pk__in=keys).select_related("owner"):
        if not _is_named(record, source):
            continue
        answer = _answer(record, source, codes)
        answers[source.pk] = answer
        opened = {answer.whole, *answer.by_code.values()} if codes else {answer.whole}
        for decision in sorted((d for d in opened if d.allowed), key=str):
            record.decisions[decision] = None
        if answer.best.allowed:
            record.did(LakeSource._meta.label_lower, source.pk, source.data_class)
    return answers


def _answer(record: Record, source: LakeSource, codes: Iterable[str]) -> Answer:
    asked: dict[tuple[Use, str], Decision] = {}

    def ask(use: Use, area: str) -> Decision:
        if (use, area) not in asked:
            asked[use, area] = _ask(record, source, use, area)
        return asked[use, area]

    def on(use: Use, code: str) -> Decision:
        return place_decision(lambda area: ask(use, area), source.area, code)

    whole = on(Use.COUNT, "")
    by_code = {code: on(Use.COUNT, code) for code in codes}
    closed = not whole.allowed and not any(d.allowed for d in by_code.values())
    return Answer(
        source=source.pk,
        label=source.label,
        service=source.service,
        owner=source.owner_id,
        owner_name=source.owner.name,
        data_class=source.data_class,
        marking=source.marking,
        whole=whole,
        rows=on(Use.READ, ""),
        by_code=by_code,
        contact=_contact(source, whole) if closed else "",
    )


def _ask(record: Record, source: LakeSource, use: Use, area: str) -> Decision:
    """Decide on the events of a source in an area: an opening of the source covers them too."""
    item = access.item_of(source)
    return access.decide(
        record.reader,
        Item(item.label, item.pk, item.owner, item.data_class, area, item.marking,
             item.restriction, item.subject_key),
        use=use,
    )  # fmt: skip


def _secret() -> bytes:
    """Return what orders the covers of small numbers: one for all pictures, known to nobody."""
    return salted_hmac("picture.covers", "", algorithm="sha256").digest()


def _is_named(record: Record, source: LakeSource) -> bool:
    """Whether the reader may know that the source is there: not when it is for named people."""
    return source.restriction_id is None or source.restriction_id in record.grants.lists


def _contact(source: LakeSource, decision: Decision) -> str:
    """Return whom to ask: as the agreement says, else the owner's sharing desk."""
    said = (
        Party.objects.filter(version=decision.version, agency=source.owner_id)
        .values_list("contact", flat=True)
        .first()
    )
    if said:
        return said
    desk = Contact.objects.filter(agency=source.owner_id).order_by("kind").last()
    return "" if desk is None else ", ".join(filter(None, (desk.name, desk.phone, desk.email)))


def _row(record: Record, picture: StoredPicture) -> Row:
    try:
        now = lakes.fingerprint()
    except InputError:
        now = picture.fingerprint  # nothing to compare with
    stale = bool(picture.made_at) and bool(now) and now != picture.fingerprint
    return _plain_row(record.reader, picture, stale=stale)


def _plain_row(reader: Reader, picture: StoredPicture, *, stale: bool) -> Row:
    own = picture.agency_id == reader.agency
    return Row(
        pk=picture.pk,
        title=picture.title,
        parameters=read_parameters(picture.parameters),
        marking=picture.marking,
        state=picture.state,
        state_said=str(StoredPicture.State(picture.state).label),
        progress=picture.progress,
        step=picture.step,
        error=picture.error,
        agency=picture.agency.name,
        made_by=picture.made_by.name,
        asked_at=picture.asked_at,
        started_at=picture.started_at,
        made_at=picture.made_at,
        own=own,
        may_change=own and bool(MAKES & reader.roles),
        shared_with=tuple(agency.name for agency in picture.shared_with.all()),
        stale=stale,
    )

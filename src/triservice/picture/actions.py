"""The only writers of pictures: ask, work out, ask again, share, delete; sources of the lake."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from triservice.access import queries as access
from triservice.access.readers import reader_for
from triservice.access.record import Kind, Record, Refused, recording
from triservice.access.rules import NO_ROLE, UNKNOWN, Use
from triservice.agencies.models import Agency, Officer
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Marking, Purpose, Reader, Reason, Role
from triservice.kernel.errors import InputError
from triservice.kernel.service import Service
from triservice.picture import lakes, working
from triservice.picture.models import LakeSource, StoredPicture
from triservice.picture.rules import MAKES, MOST_WAITING, Parameters, read_parameters

_LOG = logging.getLogger(__name__)
LOST_AFTER = timedelta(minutes=30)  # a job that has not ended by then was lost with its process
State = StoredPicture.State


def register_source(
    reader: Reader,
    *,
    source: str,
    service: str,
    label: str,
    owner: int,
    data_class: str,
    area: str = "",
    marking: str = str(Marking.OFFICIAL),
) -> int:
    """Say whose the events of a source and service of the lake are; return its key.

    For the system administrator, who reads no event: an agency naming its own would take others'.
    Saying it again changes it. Raises InputError for words that are not known.
    """
    with recording(reader, Kind.ALTERATION, "say whose a source of the lake is") as record:
        if Role.ADMINISTRATOR not in reader.roles:
            raise Refused(NO_ROLE, "sources of the lake")
        for field, word, words in (
            ("service", service, Service),
            ("data_class", data_class, DataClass),
            ("marking", marking, Marking),
        ):
            if word not in {str(each) for each in words}:
                raise InputError(f"{word!r} is not known", field=field)
        if not source.strip() or not label.strip():
            raise InputError("a source needs its name in the lake and a label")
        if len(label.strip()) > 200 or len(source.strip()) > 100 or len(area.strip()) > 20:
            raise InputError("a label has up to 200 characters, a source 100, an area's code 20")
        if not Agency.objects.filter(pk=owner).exists():
            raise InputError("there is no such agency", field="owner")
        row, _ = LakeSource.objects.update_or_create(
            source=source.strip(),
            service=service,
            defaults={
                "label": label.strip(),
                "owner_id": owner,
                "data_class": data_class,
                "area": area.strip(),
                "marking": marking,
                "categories": _categories(source.strip(), service),
            },
        )
        record.did(LakeSource._meta.label_lower, row.pk, data_class)
        return row.pk


def request_picture(
    reader: Reader, title: str, given: Mapping[str, Any], marking: str = str(Marking.OFFICIAL)
) -> int:
    """Ask for a picture; a background job works it out. Returns its key.

    Raises InputError (a sentence, with the field) when it cannot be worked out, and when the
    reader may count no event of the services at all, or has as many waiting as one may.
    """
    wanted = read_parameters(given)
    with recording(reader, Kind.COMBINATION, "ask for a picture") as record:
        _must_make(reader)
        if not title.strip():
            raise InputError("give the picture a title", field="title")
        if len(title) > 200:
            raise InputError("the title is longer than 200 characters", field="title")
        if marking not in {str(word) for word in Marking}:
            raise InputError(f"{marking!r} is not a marking", field="marking")
        if reader.purpose is None:
            raise InputError("choose why you are reading first")
        _must_count_something(record, wanted)
        _within_limit(record)
        picture = StoredPicture.objects.create(
            title=title.strip(),
            parameters=wanted.as_json(),
            marking=marking,
            purpose=str(reader.purpose),
            made_by_id=reader.officer,
            agency_id=reader.agency,
            asked_at=clock.now(),
        )
        record.did("picture.storedpicture", picture.pk)
        record.note("parameters", wanted.as_json())
        _enqueue(picture)
        return picture.pk


def rerun(reader: Reader, pk: int) -> None:
    """Ask for the same picture from the lake as it is now.

    Raises InputError while it, or as many as one may have, are worked out; Refused when it is not
    the reader's to change.
    """
    with recording(reader, Kind.COMBINATION, "ask for a picture again") as record:
        picture = _own(record, pk)
        since = picture.started_at or picture.asked_at
        if picture.state in (State.QUEUED, State.RUNNING) and clock.now() < since + LOST_AFTER:
            raise InputError("the picture is being worked out already", do="Wait until it is done.")
        if reader.purpose is None:
            raise InputError("choose why you are reading first")
        _must_count_something(record, read_parameters(picture.parameters))
        _within_limit(record, besides=pk)
        picture.state, picture.run = State.QUEUED, picture.run + 1
        picture.progress, picture.step, picture.error = 0, "", ""
        picture.made_by_id, picture.purpose = reader.officer, str(reader.purpose)
        picture.asked_at, picture.started_at = clock.now(), None
        picture.save()
        _enqueue(picture)


def share(reader: Reader, pk: int, agencies: Iterable[int]) -> None:
    """Let officers of these agencies, and no others, open a picture of the reader's agency.

    It opens no data: each of them sees of it what the agreements open to them.
    Raises InputError for an agency that is not there.
    """
    with recording(reader, Kind.DISCLOSURE, "share a picture") as record:
        picture = _own(record, pk)
        wanted = set(agencies) - {reader.agency}
        found = list(Agency.objects.filter(pk__in=wanted))
        if len(found) != len(wanted):
            raise InputError("one of these agencies is not there", field="agencies")
        picture.shared_with.set(found)
        record.note("shared with", sorted(agency.name for agency in found))


def delete(reader: Reader, pk: int) -> None:
    """Delete a picture of the reader's agency. The lake and the record are as they were."""
    with recording(reader, Kind.ERASURE, "delete a picture") as record:
        _own(record, pk).delete()


# ---- The job ------------------------------------------------------------------------------------


def run(pk: int, number: int) -> None:
    """Work out run `number` of a picture: the background job. A failure is kept as a sentence.

    The numbers are combined for whoever asked, and recorded so, in the transaction that makes
    them readable. A run that was asked for again, or deleted, meanwhile changes nothing.
    """
    mine = StoredPicture.objects.filter(pk=pk, run=number)
    if not mine.filter(state=State.QUEUED).update(
        state=State.RUNNING, started_at=clock.now(), progress=1
    ):
        return

    def tell(per_cent: int, step: str) -> None:
        mine.filter(state=State.RUNNING).update(progress=per_cent, step=step[:200])

    try:
        _work(pk, number, tell)
    except InputError as error:
        _fail(pk, number, str(error).replace(str(settings.LAKE), "the lake"))
    except Exception:
        _LOG.exception("picture %s, run %s", pk, number)
        _fail(
            pk,
            number,
            "Something went wrong that is not about what you asked. Ask for it again; if it "
            f"happens again, tell your system administrator: picture {pk}, run {number}.",
        )


def _work(pk: int, number: int, tell: working.Tell) -> None:
    picture = StoredPicture.objects.select_related("made_by").defer("result", "shapes").get(pk=pk)
    wanted = read_parameters(picture.parameters)
    root, fingerprint = lakes.lake_folder(), lakes.fingerprint()
    sources = [
        working.Source(row.pk, row.source, row.service, row.label)
        for row in LakeSource.objects.filter(service__in=wanted.services).order_by("pk")
    ]
    result = working.work_out(root, wanted, sources, tell)
    tell(97, "Keeping what was found")
    reader = reader_for(picture.made_by, Purpose(picture.purpose), source="background job")
    if reader is None:
        raise InputError(
            "whoever asked for this holds no post any more", do="Someone else may ask again."
        )
    with recording(reader, Kind.COMBINATION, "work out a picture") as record:
        done = StoredPicture.objects.filter(pk=pk, run=number, state=State.RUNNING).update(
            shapes=result.pop("shapes"),
            result=result,
            fingerprint=fingerprint,
            made_at=clock.now(),
            state=State.DONE,
            progress=100,
            step="",
            error="",
        )
        if done:
            record.did("picture.storedpicture", pk)
            record.note("sources", [source.key for source in sources])


def _fail(pk: int, number: int, sentence: str) -> None:
    StoredPicture.objects.filter(pk=pk, run=number).update(
        state=State.FAILED, error=sentence[:1].upper() + sentence[1:], step=""
    )


def _categories(source: str, service: str) -> list[str]:
    """Return the categories that a source holds, for the form; none while there is no lake."""
    try:
        return working.categories(lakes.lake_folder(), source, service)
    except InputError:
        return []


# ---- Checks -------------------------------------------------------------------------------------


def _enqueue(picture: StoredPicture) -> None:
    """Put the job into the queue, in the transaction that asked for it."""
    from triservice.picture.tasks import work_out

    work_out.enqueue(picture.pk, picture.run)


def _must_make(reader: Reader) -> None:
    if not MAKES & reader.roles:
        raise Refused(NO_ROLE, "asking for a picture")


def _within_limit(record: Record, besides: int = 0) -> None:
    """Raise InputError when as many of the officer's pictures wait as may; two at once count.

    There is one queue for everybody's. One that was lost while it was worked out holds no place.
    """
    Officer.objects.select_for_update().get(pk=record.reader.officer)
    at_work = Q(state=State.RUNNING, started_at__gt=clock.now() - LOST_AFTER)
    mine = StoredPicture.objects.filter(made_by=record.reader.officer).exclude(pk=besides)
    waiting = mine.filter(Q(state=State.QUEUED) | at_work).count()
    if waiting >= MOST_WAITING:
        raise InputError(
            f"{waiting} of your pictures are being worked out, the most that one may have",
            kept="Nothing was asked",
            do="Wait until one is ready, or delete one that waits.",
        )


def _own(record: Record, pk: int) -> StoredPicture:
    """Return a picture that the reader may change. Raises Refused."""
    _must_make(record.reader)
    picture = StoredPicture.objects.filter(pk=pk, agency=record.reader.agency).first()
    if picture is None:
        raise Refused(UNKNOWN, f"picture {pk}", hidden=True)
    record.did("picture.storedpicture", pk)
    return picture


def _must_count_something(record: Record, wanted: Parameters) -> None:
    """Raise InputError when no source of the services may be counted by the reader."""
    named = Q(restriction=None) | Q(restriction__in=record.grants.lists)
    found = list(LakeSource.objects.filter(named, service__in=wanted.services))
    decisions = [access.decide(record.reader, source, use=Use.COUNT) for source in found]
    # A term may open some of the areas only; which, each reading decides.
    in_part = not wanted.grid and any(d.reason is Reason.AREA for d in decisions)
    if in_part or any(decision.allowed for decision in decisions):
        return
    why = f": {decisions[0].reason}" if decisions else ", because none is registered"
    raise InputError(
        f"no events of these services are open to you{why[:2]}{why[2:3].lower()}{why[3:]}",
        field="services",
        do="Choose another service, or ask the agency that holds them.",
    )

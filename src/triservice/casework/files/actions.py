"""Adding files to a case and removing them. Content is on the disk before its row is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from triservice.access.errors import Refused
from triservice.access.record import Kind, Record
from triservice.access.rules import NO_ROLE, Use
from triservice.casework.cases.actions.acting import KEPT, working, written_by
from triservice.casework.entries.actions import change, note
from triservice.casework.files import pictures, rules, scanning, store
from triservice.casework.models import Case, File, Visit
from triservice.casework.needs.actions import of_case
from triservice.casework.visits.actions.photos import require_consent_to_photos
from triservice.casework.words import FileKind, Scan
from triservice.kernel.access_words import DataClass, Marking, Reader
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.offline import sealing
from triservice.schemes.scheme import Form
from triservice.schemes.words import Kind as Asked


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came: `size` is larger than the content when that was not taken."""

    name: str
    content: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a case a file belongs: at a visit, as the answer to a question of its form."""

    visit: int | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file that lies on the disk and has no row yet."""

    key: UUID
    name: str
    kind: FileKind
    size: int
    digest: str
    scan: Scan
    content: str
    seal: str


def add_file(
    reader: Reader, pk: int, sent: Sent, data_class: str, *, sensitive: bool = False,
    at: Place = Place(), key: UUID | None = None, phone: bool = False,
) -> UUID:  # fmt: skip
    """Add a file to a case, and return its key; the same content in the same place is added once.

    Of a picture what is seen is kept, not where, when and by what it was taken.

    Raises InputError for what is not taken. A file with a virus is refused, and the chronology says
    so. From a `phone`, one is kept though the scanner is silent: the phone will not send it again.
    """
    kind = rules.checked(sent.content, sent.size, settings.FILE_BYTES, image=bool(at.question))
    scan = _scanned(reader, pk, sent.content, phone=phone)
    key = key or new_key()
    plain = pictures.without_traces(sent.content, kind)
    content, seal = store.keep(plain, key)
    kept = _Kept(
        key, rules.clean_name(sent.name, kind), kind, len(plain), sha256(sent.content).hexdigest(),
        scan, content, seal,
    )  # fmt: skip
    try:
        opened = working(reader, pk, "add a file", kind=Kind.COLLECTION, anew=not at.visit)
        with opened as (record, case):
            if not at.question and data_class not in record.grants.own[Use.READ]:
                raise InputError("Choose what the file tells of", kept=rules.NOTHING)
            if at.visit:
                require_consent_to_photos(record, case)
            row = _row(record, case, kept, data_class, sensitive, at)
    except BaseException:
        store.drop(content)
        raise
    if row.content != content:
        store.drop(content)
    return row.key


def _scanned(reader: Reader, pk: int, content: bytes, *, phone: bool) -> Scan:
    try:
        found = scanning.found_in(content)
    except scanning.Silent:
        if not phone:
            raise
        found = None
    if found:
        with working(reader, pk, "refuse a file") as (record, case):
            text = f"A file was refused: the virus scanner found {found} in it"
            note(record, "refuse file", case, case=case, text=text)
        raise InputError(
            f"The virus scanner found {found} in this file", kept=rules.NOTHING,
            do="Tell whoever looks after your agency’s computers",
        )  # fmt: skip
    return Scan.NOT_SCANNED if found is None else Scan.CLEAN


def _row(
    record: Record, case: Case, kept: _Kept, data_class: str, sensitive: bool, at: Place
) -> File:
    visit = of_case(record, Visit, case, at.visit) if at.visit else None
    case = visit.case if visit else case  # of one that was merged, as its other rows are
    again = File.objects.filter(
        case=case, visit=visit, question=at.question, sha256=kept.digest, data_class=data_class,
        owner=record.reader.agency, removed_at__isnull=True,
    ).first()  # fmt: skip
    if again is not None:
        return again
    row = File.objects.create(
        key=kept.key,
        case=case,
        visit=visit,
        question=at.question,
        name=kept.name,
        kind=kept.kind,
        size=kept.size,
        sha256=kept.digest,
        scan=kept.scan,
        content=kept.content,
        seal=kept.seal,
        secret=sealing.secret_name(),
        at=record.reader.at,
        by_id=record.reader.officer,
        data_class=str(data_class),
        **written_by(record.reader, case).columns()
        | ({"marking": str(Marking.OFFICIAL_SENSITIVE)} if sensitive else {}),
    )
    note(record, "add file", row, case=case, text=f"File added: {row.name}, {row.scan}")
    return row


def add_photos(
    reader: Reader, pk: int, visit: int, form: Form, given: dict[str, Any],
    sent: Mapping[str, Sequence[Sent]],
) -> dict[str, str]:  # fmt: skip
    """Add the photographs that came with a visit's form, and put their keys among the answers.

    Returns what is wrong, by question. Keys that the page sent back stay only where they are of
    photographs of this visit.
    """
    wrong: dict[str, str] = {}
    known = {str(key) for key in File.objects.filter(visit=visit).values_list("key", flat=True)}
    for question in (each for each in form.questions if each.kind is Asked.PHOTO):
        keys = [key for key in given.get(question.id, ()) if key in known]
        for one in sent.get(question.id, ()):
            try:
                place = Place(visit, question.id)
                added = add_file(reader, pk, one, str(question.data_class), at=place)
                keys.append(str(added))
            except InputError as error:
                wrong[question.id] = str(error)
        given[question.id] = keys
    return wrong


def keep_phone_photo(
    reader: Reader, pk: int, visit: int, number: UUID, path: Path, form: Form,
    given: Mapping[str, Any],
) -> None:  # fmt: skip
    """Keep a photograph that came from a phone, at the question whose answer names it."""
    asked = (each for each in form.questions if each.kind is Asked.PHOTO)
    question = next((one for one in asked if str(number) in given.get(one.id, ())), None)
    data_class = question.data_class if question else DataClass.RISK
    content = path.read_bytes()
    add_file(
        reader, pk, Sent("photo", content, len(content)), str(data_class), key=number, phone=True,
        at=Place(visit, question.id if question else ""),
    )  # fmt: skip


def remove_file(reader: Reader, pk: int, file: int, why: str) -> None:
    """Remove a file, by the agency that added it. That it was there, and why it went, is kept."""
    with working(reader, pk, "remove a file") as (record, case):
        row = of_case(record, File, case, file)
        if row.owner_id != reader.agency:
            raise Refused(NO_ROLE, f"casework.file {file}")
        if row.removed_at is not None:
            raise InputError("This file was removed already", kept=KEPT)
        if len(why.strip()) < 3:
            raise InputError("Say why it is removed", kept=KEPT)
        before, after = change(row, removed_at=record.reader.at, removed_by_id=reader.officer)
        text = f"File removed: {row.name}"
        note(record, "remove file", row, case=case, text=text, before=before, after=after, why=why)

"""Save a batch in few statements, in the order in which rows refer to each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Model, Q

from triservice.kernel import clock
from triservice.subjects.intake import Batch
from triservice.subjects.models import (
    AccessibleNeed,
    Link,
    RecordPart,
    Relation,
    SearchKey,
    SourceRecord,
    WarningMarker,
    WordForm,
)
from triservice.subjects.search_words import all_forms, vocabulary
from triservice.subjects.words import Kept

IN_ONE = 2_000  # rows in one statement; each database cuts it further when it must


def save(batch: Batch) -> None:
    """Save everything new of a batch. Inside the caller's transaction."""
    for rows in (
        batch.new_people,
        batch.new_premises,
        batch.new_households,
        batch.numbers,
        batch.records,
        batch.parts,
        batch.links,
        batch.keys,
    ):
        _create(rows)
    AccessibleNeed.objects.bulk_create(batch.needs, IN_ONE, ignore_conflicts=True)
    _save_markers(batch.markers)
    _save_relations(batch.relations)
    add_words(batch.keys)


def _create(rows: Sequence[Model]) -> None:
    if rows:
        type(rows[0])._default_manager.bulk_create(rows, IN_ONE)


def add_words(keys: Iterable[SearchKey]) -> None:
    """Keep the forms of words that were not met before, for a search that forgives slips."""
    words = {word for key in keys for word in vocabulary(Kept(key.kind), key.text)}
    known = set(
        WordForm.objects.filter(form__in=words, word__in=words).values_list("word", flat=True)
    )
    WordForm.objects.bulk_create(
        [
            WordForm(form=form, word=word)
            for word in sorted(words - known)
            for form in all_forms(word)
        ],
        IN_ONE,
        ignore_conflicts=True,
    )


def replace(records: list[int]) -> None:
    """Make records past: their parts are kept, but are neither shown as current nor found."""
    if not records:
        return
    SourceRecord.objects.filter(pk__in=records).update(current=False)
    RecordPart.objects.filter(record__in=records).update(current=False)
    SearchKey.objects.filter(part__record__in=records).delete()


def make_past(batch: Batch, record: SourceRecord) -> None:
    """Make a record of the batch itself past, before it is saved."""
    record.current = False
    for part in batch.parts:
        if part.record is record:
            part.current = False
    batch.keys = [key for key in batch.keys if key.part.record is not record]


def _save_markers(markers: list[WarningMarker]) -> None:
    """Save markers; one that came before is reviewed, not told twice."""
    for marker in markers:
        same = WarningMarker.objects.filter(
            owner=marker.owner,
            person=marker.person,
            premises=marker.premises,
            kind=marker.kind,
            ended_at__isnull=True,
        )
        if same.filter(review_on=marker.review_on, source=marker.source).exists():
            continue
        same.update(ended_at=clock.now(), ended_why="Told again with a new review date")
        marker.save()


def _save_relations(relations: list[Relation]) -> None:
    for relation in relations:
        told = Q(person=relation.person, other=relation.other, kind=relation.kind)
        if not Relation.objects.filter(told, owner=relation.owner, ended_at__isnull=True).exists():
            relation.save()


def move_keys(records: list[int], person: int, subject_key: object) -> None:
    """Let what is found by the records' parts lead to another person."""
    SearchKey.objects.filter(part__record__in=records).update(
        person=person, subject_key=subject_key
    )
    RecordPart.objects.filter(record__in=records).update(subject_key=subject_key)
    Link.objects.filter(record__in=records, ended_at__isnull=True).update(subject_key=subject_key)

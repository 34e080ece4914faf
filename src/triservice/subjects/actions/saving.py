"""Save a batch in few statements, in the order in which rows refer to each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from triservice.kernel import clock
from triservice.subjects.actions.bulk import insert
from triservice.subjects.intake import Batch, Row
from triservice.subjects.models import (
    AccessibleNeed,
    AgencyNumber,
    Household,
    Link,
    MarkerReview,
    Organisation,
    Person,
    Premises,
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
ORDER = (
    Person,
    Premises,
    Household,
    Organisation,
    AgencyNumber,
    SourceRecord,
    RecordPart,
    Link,
    SearchKey,
)


def save(batch: Batch) -> None:
    """Save everything new of a batch. Inside the caller's transaction."""
    for model in ORDER:
        insert(model, batch.of(model))
    for site in sorted(set(batch.sites.values())):
        units = [unit for unit, of in batch.sites.items() if of == site]
        Premises.objects.filter(pk__in=units, parent__isnull=True).update(parent=site)
    AccessibleNeed.objects.bulk_create(
        [AccessibleNeed(**row) for row in batch.of(AccessibleNeed)], IN_ONE, ignore_conflicts=True
    )
    insert(WarningMarker, _new_markers(batch.of(WarningMarker)))
    insert(Relation, _new_relations(batch.of(Relation)))
    add_words((Kept(row["kind"]), row["text"]) for row in batch.of(SearchKey))


def add_words(texts: Iterable[tuple[Kept, str]]) -> None:
    """Keep the forms of words that were not met before, for a search that forgives slips."""
    words = sorted({word for kind, text in texts for word in vocabulary(kind, text)})
    known: set[str] = set()
    for start in range(0, len(words), IN_ONE):
        some = words[start : start + IN_ONE]
        known |= set(WordForm.objects.filter(form__in=some).values_list("word", flat=True))
    WordForm.objects.bulk_create(
        [
            WordForm(form=form, word=word)
            for word in words
            if word not in known
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


def rows_of(versions: list[int]) -> tuple[QuerySet[Any], ...]:
    """Return the protected rows that versions of a record consist of."""
    return (
        RecordPart.objects.filter(record__in=versions),
        Link.objects.filter(record__in=versions),
        SearchKey.objects.filter(part__record__in=versions),
    )


def _new_markers(rows: list[Row]) -> list[Row]:
    """Return the markers that are new; one told again under a new review date ends the old.

    What an officer wrote stands beside what records tell; what one has reviewed or ended is not
    undone by a row that says no more than what they looked at.
    """
    kept: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        kept[row["owner_id"], row["person_id"], row["premises_id"], row["kind"]] = row
    ends = Q(person__in={row["person_id"] for row in rows if row["person_id"]})
    ends |= Q(premises__in={row["premises_id"] for row in rows if row["premises_id"]})
    told = WarningMarker.objects.filter(
        ends, Q(ended_at__isnull=True) | Q(ended_by__isnull=False), made_by__isnull=True
    ).annotate(reviewed=Exists(MarkerReview.objects.filter(marker=OuterRef("pk"))))
    same: list[int] = []
    for marker in told if rows else ():
        key = (marker.owner_id, marker.person_id, marker.premises_id, marker.kind)
        if key not in kept:
            continue
        again, live = kept[key], marker.ended_at is None
        looked_at = (marker.reviewed or not live) and marker.review_on > again["review_on"]
        if marker.source == again["source"] and (
            looked_at or marker.review_on == again["review_on"]
        ):
            del kept[key]
        elif live:
            same.append(marker.pk)
    WarningMarker.objects.filter(pk__in=same).update(
        ended_at=clock.now(), ended_why="Told again with a new review date"
    )
    return list(kept.values())


def _new_relations(rows: list[Row]) -> list[Row]:
    """Return the relations that the agency had not told before."""
    found = Relation.objects.filter(
        person__in={row["person_id"] for row in rows}, ended_at__isnull=True
    )
    told = set(found.values_list("owner", "person", "other", "kind")) if rows else set()
    new: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        new.setdefault((row["owner_id"], row["person_id"], row["other_id"], row["kind"]), row)
    return [row for key, row in new.items() if key not in told]


def move_keys(records: list[int], person: int, subject_key: object) -> None:
    """Let what is found by the records' parts lead to another person."""
    SearchKey.objects.filter(part__record__in=records).update(
        person=person, subject_key=subject_key
    )
    RecordPart.objects.filter(record__in=records).update(subject_key=subject_key)
    Link.objects.filter(record__in=records, ended_at__isnull=True).update(subject_key=subject_key)

"""Reading rows: lists, withheld columns, counts, and what stays locked."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, UUIDField
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext
from protected_things import Thing, make_thing, subject

from partnership import Partnership, make_opening
from triservice.access import answers
from triservice.access.errors import Withheld
from triservice.access.grants import current
from triservice.access.models import Disclosure, Kind, Party
from triservice.access.prepared import PreparedRows, Several
from triservice.access.queries import (
    count_seen,
    counts_seen,
    decide,
    locked,
    require,
    seen,
    visible_to,
)
from triservice.access.record import Refused, recording
from triservice.access.rules import Item, Use
from triservice.kernel.access_words import DataClass, Mode, Outcome, Purpose, Reader, Reason, Role

IDENTITY, POLICE, HEALTH = DataClass.IDENTITY, DataClass.POLICE, DataClass.HEALTH


def read(reader, queryset=None, **rest):
    with recording(reader, Kind.CONSULTATION, "look") as record:
        return seen(record, Thing.objects.order_by("pk") if queryset is None else queryset, **rest)


def test_reader_sees_own_rows_and_what_a_term_opens(partnership: Partnership) -> None:
    own = make_thing(partnership.agencies["fire"], IDENTITY)
    opened = make_thing(partnership.agencies["police"], POLICE)
    make_thing(partnership.agencies["council"], IDENTITY)
    rows = read(partnership.reader("fire"))
    assert [row.pk for row in rows] == [own.pk, opened.pk]
    assert [row.decision.reason for row in rows] == [Reason.OWN_DATA, Reason.TERM_OPEN]
    assert rows[1].decision.version == partnership.version.pk


def test_a_withheld_column_never_leaves_the_database_and_raises(bare: Partnership) -> None:
    term = bare.term("police", "fire", [IDENTITY], fields=["name"])
    keeper = bare.agencies["council"]
    make_thing(bare.agencies["police"], IDENTITY, name="Ann Example", keeper=keeper)
    make_thing(bare.agencies["fire"], IDENTITY, name="Ben Example", keeper=keeper)
    reader = bare.reader("fire")
    with recording(reader, Kind.CONSULTATION, "look") as record:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            theirs, own = seen(record, Thing.objects.order_by("pk"))
        sql = next(q["sql"] for q in queries if "CASE WHEN" in q["sql"])
        with connection.cursor() as cursor:
            cursor.execute(sql)
            first = cursor.fetchone()
    assert theirs.name == "Ann Example"
    assert str(keeper.pk) not in map(str, first[-3:])
    assert set(theirs.withheld) == {"born", "details", "keeper", "keeper_id"}
    assert theirs.withheld["born"].reason is Reason.FIELD
    assert theirs.withheld["born"].term == term.pk
    for name in ("born", "details", "keeper", "keeper_id"):
        with pytest.raises(Withheld) as caught:
            getattr(theirs, name)
        assert caught.value.decision.reason is Reason.FIELD
        assert theirs.get(name, "hidden") == "hidden"
    assert (own.withheld, own.details, own.keeper_id) == ({}, {"invented": True}, keeper.pk)
    with pytest.raises(AttributeError):
        theirs.no_such_column  # noqa: B018


def test_each_term_that_opened_a_column_is_on_the_record(bare: Partnership) -> None:
    terms = [bare.term("police", "fire", [IDENTITY], fields=[name]) for name in ("name", "born")]
    make_thing(bare.agencies["police"], IDENTITY)
    with recording(bare.reader("fire"), Kind.CONSULTATION, "look") as record:
        (row,) = seen(record, Thing.objects.all())
    assert (row.name, row.born) == ("Invented Person", None)
    assert {decision.term for decision in record.decisions} == {term.pk for term in terms}


ASKING = {
    "filter": Thing.objects.filter(name="Ann Example"),
    "filter on part": Thing.objects.filter(name__istartswith="ann"),
    "exclude": Thing.objects.exclude(name="Ben Example"),
    "either": Thing.objects.filter(Q(name="Ann Example") | Q(pk__lt=0)),
    "function": Thing.objects.annotate(low=Lower("name")).filter(low="ann example"),
    "compared": Thing.objects.filter(note=F("name")),
    "inside JSON": Thing.objects.filter(details__invented=True),
    "order": Thing.objects.order_by("-name"),
    "order by expression": Thing.objects.order_by(Lower("name").desc()),
    "order by column": Thing.objects.order_by("keeper_id"),
    "by foreign key": Thing.objects.filter(keeper__isnull=True),
}


@pytest.mark.parametrize("asked", ASKING.values(), ids=ASKING.keys())
def test_asking_by_a_withheld_field_finds_nothing(
    bare: Partnership, asked: QuerySet[Thing]
) -> None:
    bare.term("police", "fire", [IDENTITY], fields=["born"])
    make_thing(bare.agencies["police"], IDENTITY, name="Ann Example", note="Ann Example")
    own = make_thing(bare.agencies["fire"], IDENTITY, name="Ann Example", note="Ann Example")
    reader = bare.reader("fire")
    assert [row.pk for row in read(reader, asked.all())] == [own.pk]
    with recording(reader, Kind.CONSULTATION, "look") as record:
        assert count_seen(record, asked.all()) == 1
        with pytest.raises(ValueError, match="cannot be found by"):
            locked(record, asked.all())


def test_asking_by_a_field_that_is_open_finds_the_row(bare: Partnership) -> None:
    bare.term("police", "fire", [IDENTITY], fields=["name"])
    row = make_thing(bare.agencies["police"], IDENTITY, name="Ann Example")
    assert [r.pk for r in read(bare.reader("fire"), ASKING["filter"].all())] == [row.pk]
    assert read(bare.reader("fire"), ASKING["filter"].all(), by=["born"]) == []
    assert read(bare.reader("fire"), by=["no such field"]) == []


def test_limit_counts_visible_rows(partnership: Partnership) -> None:
    for _ in range(3):
        make_thing(partnership.agencies["council"], IDENTITY)
        make_thing(partnership.agencies["fire"], IDENTITY)
    assert len(read(partnership.reader("fire"), limit=2)) == 2


def test_each_read_is_recorded_with_rows_terms_and_reader(partnership: Partnership) -> None:
    row = make_thing(partnership.agencies["police"], POLICE)
    reader = partnership.reader("fire")
    (got,) = read(reader)
    kept = Disclosure.objects.get()
    assert (kept.officer, kept.agency, kept.purpose) == (
        reader.officer,
        reader.agency,
        "prevention visit",
    )
    assert kept.what == f'{{"rows":{{"access.thing":{{"police":["{row.pk}"]}}}}}}'
    assert (kept.term, kept.version) == (got.decision.term, got.decision.version)
    assert kept.outcome == "allow"


def test_decide_answers_for_a_row_a_field_and_a_class(bare: Partnership) -> None:
    term = bare.term("police", "fire", [IDENTITY], fields=["name"])
    row = make_thing(bare.agencies["police"], IDENTITY)
    reader = bare.reader("fire")
    assert decide(reader, row).term == term.pk
    assert decide(reader, row, "name").allowed
    assert decide(reader, row, "born").reason is Reason.FIELD
    assert decide(reader, row, "note").reason is Reason.UNKNOWN  # not declared
    police = bare.agencies["police"].pk
    assert decide(reader, Item("", None, police, IDENTITY)).allowed
    assert decide(reader, Item("", None, police, HEALTH)).reason is Reason.NO_TERM


def test_require_refuses_records_and_hides_existence(partnership: Partnership) -> None:
    health = make_thing(partnership.agencies["health"], HEALTH)
    council = make_thing(partnership.agencies["council"], POLICE)
    reader = partnership.reader("fire")
    for row, hidden in ((health, False), (council, True)):
        with (
            pytest.raises(Refused) as caught,
            recording(reader, Kind.CONSULTATION, "open") as record,
        ):
            require(record, row)
        assert caught.value.hidden is hidden
    assert [d.outcome for d in Disclosure.objects.all()] == ["needs approval", "deny"]


def test_locked_says_who_knows_and_whom_to_call_but_not_how_much(partnership: Partnership) -> None:
    someone = subject(1)
    for _ in range(3):
        make_thing(partnership.agencies["health"], HEALTH, subject_key=someone)
    make_thing(partnership.agencies["council"], POLICE, subject_key=someone)  # no existence
    reader = partnership.reader("fire")
    rows = Thing.objects.filter(subject_key=someone)
    with recording(reader, Kind.CONSULTATION, "open") as record:
        (only,) = locked(record, rows)
    assert (only.owner_name, only.data_class) == ("Penmarric Health Trust", "health")
    assert only.contact == "Duty desk of Penmarric Health Trust"
    assert only.decision.outcome is Outcome.NEEDS_APPROVAL
    assert "locked" in Disclosure.objects.get().what


@PreparedRows
def of_subjects() -> QuerySet[Thing]:
    return Thing.objects.filter(subject_key__among=Several("subjects", UUIDField())).order_by("pk")


def both_ways(reader: Reader, subjects: list[UUID]) -> list[object]:
    """Return what is seen and locked of subjects, asked anew; the prepared rows are the same."""
    found = []
    for rows in (
        Thing.objects.filter(subject_key__in=subjects).order_by("pk"),
        of_subjects(subjects=subjects),
    ):
        with recording(reader, Kind.CONSULTATION, "look") as record:
            shown = [
                (row.pk, row.get("name"), row.decision, row.withheld) for row in seen(record, rows)
            ]
            found.append((shown, locked(record, rows), record.what()))
    assert found[0] == found[1]
    return found[0][0]


def test_prepared_rows_are_those_of_the_same_query_until_a_term_changes(
    bare: Partnership,
) -> None:
    term = bare.term("police", "fire", [IDENTITY], fields=["born"])
    bare.term("health", "fire", [HEALTH], mode=Mode.ON_APPROVAL, existence=True)
    someone, other = subject(1), subject(2)
    for owner, data_class in (("police", IDENTITY), ("fire", IDENTITY), ("health", HEALTH)):
        for key in (someone, other):
            make_thing(bare.agencies[owner], data_class, subject_key=key)
    reader = bare.reader("fire")
    for subjects, rows in (([someone], 2), ([], 0), ([someone, other], 4)):
        assert len(both_ways(reader, subjects)) == rows
    term.delete()
    assert len(both_ways(bare.reader("fire"), [someone, other])) == 2


def test_what_is_kept_hangs_on_nobodys_cases(bare: Partnership) -> None:
    bare.term("police", "fire", [POLICE], needs_case=True)
    subjects = [subject(1), subject(2)]
    rows = [make_thing(bare.agencies["police"], POLICE, subject_key=key) for key in subjects]
    reader = bare.reader("fire")
    works_on = [replace(reader, cases=frozenset(map(str, some))) for some in ([], *zip(subjects))]
    assert len({id(current(each).memo) for each in works_on}) == 1  # what is made once is shared
    for _ in range(2):
        found = [[row[0] for row in both_ways(each, subjects)] for each in works_on]
        assert found == [[], [rows[0].pk], [rows[1].pk]]
        assert [list(visible_to(each, Thing.objects.all())) for each in works_on] == [
            [], rows[:1], rows[1:],
        ]  # fmt: skip


def test_a_term_that_asks_for_a_case_in_an_area_opens_where_both_hold(bare: Partnership) -> None:
    bare.term("police", "fire", [POLICE], areas=["E1"], needs_case=True)
    ours, other = subject(1), subject(2)
    rows = {
        (key, area): make_thing(bare.agencies["police"], POLICE, subject_key=key, area=area).pk
        for key in (ours, other)
        for area in ("E1", "E2")
    }
    reader = replace(bare.reader("fire"), cases=frozenset({str(ours)}))
    assert [row.pk for row in read(reader)] == [rows[ours, "E1"]]


def test_a_field_that_asks_for_a_case_is_withheld_from_who_works_on_none(bare: Partnership) -> None:
    bare.term("police", "fire", [POLICE], fields=["name"])
    bare.term("police", "fire", [POLICE], needs_case=True, fields=["born"])
    subjects = [subject(1), subject(2)]
    for key in subjects:
        make_thing(bare.agencies["police"], POLICE, subject_key=key)
    reader = bare.reader("fire")
    for some in ([], *zip(subjects, strict=False), []):
        rows = read(replace(reader, cases=frozenset(map(str, some))))
        assert ["born" not in row.withheld for row in rows] == [key in some for key in subjects]


def test_no_more_answers_are_kept_than_a_number(
    partnership: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST", 2)
    areas = ["E1", "E2", "E3", "E1"]
    for area in areas:
        make_thing(partnership.agencies["police"], POLICE, area=area)
    reader = partnership.reader("fire")
    assert [row.area for row in read(reader)] == areas
    assert 0 < len(current(reader).memo["answers", Thing, Use.READ]) <= 2


def test_what_is_about_nobody_is_locked_under_a_term_that_asks_for_a_case(
    bare: Partnership,
) -> None:
    bare.term("police", "fire", [POLICE], needs_case=True)
    bare.term("police", "fire", [POLICE], mode=Mode.ON_APPROVAL, existence=True)
    make_thing(bare.agencies["police"], POLICE)
    with recording(bare.reader("fire"), Kind.CONSULTATION, "look") as record:
        assert [each.data_class for each in locked(record, Thing.objects.all())] == [POLICE]


def test_prepared_rows_asked_by_a_withheld_field_are_not_found(bare: Partnership) -> None:
    bare.term("police", "fire", [IDENTITY], fields=["name"])
    keeper = bare.agencies["council"]
    make_thing(bare.agencies["police"], IDENTITY, keeper=keeper)
    own = make_thing(bare.agencies["fire"], IDENTITY, keeper=keeper)
    kept_by = PreparedRows(
        lambda: Thing.objects.filter(keeper__among=Several("keepers", BigIntegerField()))
    )
    asked = kept_by(keepers=[keeper.pk])
    assert [row.pk for row in read(bare.reader("fire"), asked)] == [own.pk]
    with (
        recording(bare.reader("fire"), Kind.CONSULTATION, "look") as record,
        pytest.raises(ValueError, match="cannot be found by"),
    ):
        locked(record, asked)


def test_what_an_opening_opened_is_no_longer_locked(partnership: Partnership) -> None:
    row = make_thing(partnership.agencies["health"], HEALTH)
    approver = partnership.officer("health", Role.CALDICOTT_GUARDIAN)
    make_opening(partnership.officer("fire"), [row], decided_by=approver)
    with recording(partnership.reader("fire"), Kind.CONSULTATION, "open") as record:
        assert locked(record, Thing.objects.all()) == []
        assert [each.pk for each in seen(record, Thing.objects.all())] == [row.pk]


@pytest.mark.parametrize(("rows", "shown"), [(0, None), (4, None), (5, 5), (7, 7)])
def test_counts_below_the_threshold_are_not_shown(
    partnership: Partnership, rows: int, shown: int | None
) -> None:
    for _ in range(rows):
        make_thing(partnership.agencies["police"], POLICE)
    reader = partnership.reader("council", Role.ANALYST, Purpose.EVALUATION)
    police = partnership.agencies["police"].pk
    only = Thing.objects.filter(owner=police)
    with recording(reader, Kind.CONSULTATION, "count") as record:
        assert counts_seen(record, only)[police] == shown
        assert seen(record, only) == []
    bare_version = partnership.version
    bare_version.terms.exclude(from_agency=police).delete()
    with recording(reader, Kind.CONSULTATION, "count") as record:
        assert count_seen(record, only) == shown


def test_a_small_part_of_a_large_count_is_not_told_by_subtraction(bare: Partnership) -> None:
    bare.term("police", "council", [POLICE], purposes=[Purpose.EVALUATION], small_number=5)
    for _ in range(10):
        make_thing(bare.agencies["council"], POLICE)
    for _ in range(2):
        make_thing(bare.agencies["police"], POLICE)
    reader = bare.reader("council", Role.ANALYST, Purpose.EVALUATION)
    with recording(reader, Kind.CONSULTATION, "count") as record:
        assert count_seen(record, Thing.objects.all()) is None
        counts = counts_seen(record, Thing.objects.all())
    assert counts == {bare.agencies["council"].pk: 10, bare.agencies["police"].pk: None}


def test_an_analyst_reads_rows_only_when_a_term_names_the_role(bare: Partnership) -> None:
    row = make_thing(bare.agencies["police"], POLICE)
    analyst = bare.reader("fire", Role.ANALYST)
    bare.term("police", "fire", [POLICE])
    assert decide(analyst, row).reason is Reason.ROLE
    bare.term("police", "fire", [POLICE], to_role=Role.ANALYST)
    assert decide(analyst, row).reason is Reason.TERM_OPEN


def test_nothing_is_read_outside_an_open_record(partnership: Partnership) -> None:
    with recording(partnership.reader("fire"), Kind.CONSULTATION, "look") as record:
        pass
    for read_rows in (seen, count_seen, locked):
        with pytest.raises(RuntimeError, match="inside the recording"):
            read_rows(record, Thing.objects.all())


def test_visible_to_is_a_queryset_like_any(partnership: Partnership) -> None:
    wanted = make_thing(partnership.agencies["fire"], IDENTITY, area="E1")
    make_thing(partnership.agencies["fire"], IDENTITY, area="E2")
    rows = visible_to(partnership.reader("fire"), Thing.objects.filter(area="E1"))
    assert rows.get() == wanted
    assert Party.objects.count() == 5


def test_needs_approval_until_a_mode_says_never(bare: Partnership) -> None:
    row = make_thing(bare.agencies["health"], HEALTH)
    bare.term("health", "fire", [HEALTH], mode=Mode.ON_APPROVAL)
    assert decide(bare.reader("fire"), row).outcome is Outcome.NEEDS_APPROVAL
    bare.term("health", "fire", [HEALTH], mode=Mode.NEVER)
    assert decide(bare.reader("fire"), row).reason is Reason.NEVER


def test_visible_rows_inside_a_larger_query(bare: Partnership) -> None:
    """As a sub-query, in EXISTS and in a union: the condition follows its table."""
    bare.term("police", "fire", [POLICE], areas=["E1"])
    opened = make_thing(bare.agencies["police"], POLICE, area="E1", subject_key=subject(1))
    make_thing(bare.agencies["police"], POLICE, area="E2", subject_key=subject(1))
    mine = visible_to(bare.reader("fire"), Thing.objects.all())
    assert list(Thing.objects.filter(pk__in=mine.values("pk"))) == [opened]
    same = mine.filter(subject_key=OuterRef("subject_key"))
    assert Thing.objects.filter(Exists(same)).count() == 2
    assert list(mine.union(mine.filter(area="E2"))) == [opened]
    with pytest.raises(TypeError):
        visible_to(bare.reader("fire"), Thing.objects.all()[:5])

"""Looking into the record: each sees their part of it, filtered, exported, found by subject."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from asking import ANNA
from django.test import Client
from invented_record import LEAD, read
from protected_things import Thing, make_thing

from partnership import NOON, Partnership, make_list
from signing_in import sign_in
from triservice.access import jobs
from triservice.access.emergency.actions import break_glass
from triservice.access.errors import Refused
from triservice.access.explorer import indexing, queries
from triservice.access.explorer.jobs import look_for_patterns
from triservice.access.explorer.queries import Filter, what_words
from triservice.access.models import (
    ConflictOfInterest,
    Disclosure,
    Notice,
    Touched,
    TouchedUpTo,
)
from triservice.access.reads.queries import of_subject
from triservice.access.record import Kind, recording
from triservice.agencies.models import AgencyArea, Area
from triservice.kernel.access_words import Purpose, Reason, Role


def doings(found: queries.Found) -> list[str]:
    return [row.doing for row in reversed(found.rows) if "record of disc" not in row.doing]


def test_an_officer_sees_their_own_reads(made: Partnership, history: dict[str, Thing]) -> None:
    found = queries.explore(made.reader("fire"), Filter("mine"))
    assert doings(found) == ["list things", "open a thing", "open a thing", "search people"]
    assert queries.views_of(made.reader("fire")) == ("mine",)
    with pytest.raises(Refused):
        queries.explore(made.reader("fire"), Filter("ours"))


def test_an_owner_sees_who_read_its_rows_and_no_more(
    made: Partnership, history: dict[str, Thing]
) -> None:
    owner = made.reader("police", Role.DATA_OWNER)
    found = queries.explore(owner, Filter("ours"))
    assert doings(found) == ["list things", "own look"]
    by_fire = next(row for row in found.rows if row.doing == "list things")
    assert (by_fire.officer_name, by_fire.purpose) == ("officer of fire", "prevention visit")
    assert (by_fire.rows, by_fire.ours, by_fire.what, by_fire.source) == (2, 2, (), "")
    assert "The agreement opens this to you (term" in by_fire.basis
    with pytest.raises(Refused):
        queries.explore(owner, Filter("officers"))


def test_refused_reads_reach_the_owner(made: Partnership, history: dict[str, Thing]) -> None:
    found = queries.explore(made.reader("council", LEAD), Filter("ours"))
    (row,) = [row for row in found.rows if row.outcome == "deny"]
    assert (row.officer_name, row.ours) == ("officer of fire", 1)


def test_a_lead_sees_own_officers_and_own_rows_not_what_others_search(
    made: Partnership, history: dict[str, Thing]
) -> None:
    fire = queries.explore(made.reader("fire", LEAD), Filter())
    assert doings(fire) == ["list things", "open a thing", "open a thing", "search people"]
    (search,) = [row for row in fire.rows if row.doing == "search people"]
    assert search.what == ("searched: Secretname; 0 shown",)
    police = queries.explore(made.reader("police", LEAD), Filter())
    assert doings(police) == ["list things", "own look"]
    assert not any("Secretname" in said for row in police.rows for said in row.what)
    assert doings(queries.explore(made.reader("health", LEAD), Filter())) == []


def test_an_owner_is_not_told_what_others_opened_to_the_same_reading(made: Partnership) -> None:
    """Else each would learn that the others hold something about the same person."""
    fire, police, health = made.reader("fire"), made.agencies["police"], made.agencies["health"]
    rows = [
        make_thing(police, "police", subject_key=ANNA),
        make_thing(health, "health", subject_key=ANNA),
        make_thing(made.agencies["fire"], "fire", subject_key=ANNA),
    ]
    break_glass(fire, health.pk, "health", subject=ANNA, reason="threat to life",
                text="Her inhaler is needed to plan a safe visit", minutes=30)  # fmt: skip
    read(fire, rows, "opened a person")

    def basis(agency: str) -> str:
        found = queries.explore(made.reader(agency, LEAD), Filter(view="ours" if agency != "fire"
                                else "officers")).rows  # fmt: skip
        (row,) = [row for row in found if row.doing == "opened a person"]
        return row.basis

    assert [str(reason) in basis("fire") for reason in TOLD] == [True, True, True]
    assert [str(reason) in basis("police") for reason in TOLD] == [True, False, False]
    assert [str(reason) in basis("health") for reason in TOLD] == [False, True, False]
    (handed,) = of_subject(made.reader("fire", LEAD, Purpose.SUBJECT_RIGHTS), ANNA).rows
    assert handed.row.basis == str(Reason.OWN_DATA)  # nor the subject by the fire service


TOLD = (Reason.TERM_OPEN, Reason.BREAK_GLASS, Reason.OWN_DATA)
FILTERS = [
    (Filter(officer="OF FIRE"), 4),
    (Filter(officer="nobody"), 0),
    (Filter(purpose="prevention visit"), 4),
    (Filter(purpose="response"), 0),
    (Filter(outcome="deny"), 1),
    (Filter(kind="erasure"), 0),
    (Filter(since=NOON.date(), until=NOON.date()), 4),
    (Filter(until=NOON.date() - timedelta(days=1)), 0),
    (Filter(since=NOON.date() + timedelta(days=1)), 0),
]


@pytest.mark.parametrize(("asked", "count"), FILTERS)
def test_filters(made: Partnership, history: dict[str, Thing], asked: Filter, count: int) -> None:
    found = queries.explore(made.reader("fire", LEAD), asked)
    assert len(doings(found)) == count


def test_pages_are_disjoint_and_whole(
    made: Partnership, history: dict[str, Thing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    lead = made.reader("fire", LEAD)
    asked = Filter(officer="officer of fire")
    first, second = (queries.explore(lead, asked, n) for n in (1, 2))
    assert (len(first.rows), first.has_next(), first.has_previous()) == (3, True, False)
    assert (len(second.rows), second.has_next(), second.has_previous()) == (1, False, True)
    assert not {row.seq for row in first.rows} & {row.seq for row in second.rows}


def test_looking_is_recorded_too(made: Partnership, history: dict[str, Thing]) -> None:
    queries.explore(made.reader("fire", LEAD), Filter(officer="anna"))
    last = Disclosure.objects.latest("seq")
    assert last.officer_name == "data protection lead of fire"
    assert '"officer":"anna"' in last.what
    queries.export(made.reader("fire", LEAD), Filter())
    assert Disclosure.objects.latest("seq").kind == "disclosure"


def test_the_export_is_the_same_and_runs_no_formula(
    made: Partnership, history: dict[str, Thing]
) -> None:
    fire = made.officer("fire")
    fire.name = "=HYPERLINK(1)"
    fire.save()
    with recording(made.reader("fire"), Kind.CONSULTATION, "@SUM(1)"):
        pass
    text = queries.export(made.reader("fire", LEAD), Filter())
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["doing"] for row in rows if row["officer"] == "'=HYPERLINK(1)"] == ["'@SUM(1)"]
    assert len(rows) == 5


def test_the_record_is_searched_by_person_and_by_record(
    made: Partnership, history: dict[str, Thing]
) -> None:
    """Which rows of the own agency each read touched is in the export; nobody else's are."""
    lead, owner = made.reader("police", LEAD), made.reader("police", Role.DATA_OWNER)
    for reader in (lead, owner):
        found = queries.explore(reader, Filter("ours", about=ANNA))
        assert doings(found) == ["list things", "own look"]
        row = f"access.thing {history['p2'].pk}"
        assert doings(queries.explore(reader, Filter("ours", row=row))) == ["list things"]
        text = queries.export(reader, Filter("ours", about=ANNA))
        (first, *_) = [each for each in csv.DictReader(io.StringIO(text))
                       if each["doing"] == "list things"]  # fmt: skip
        assert first["records"].split("; ") == [
            f"access.thing {history[each].pk}" for each in ("p1", "p2")
        ]
    fire = made.reader("fire", LEAD)
    assert doings(queries.explore(fire, Filter(about=ANNA))) == ["open a thing"]
    theirs = Filter(row=f"access.thing {history['p1'].pk}")
    assert doings(queries.explore(fire, theirs)) == []
    listed = make_list(made.officer("police", Role.DATA_OWNER))
    Thing.objects.filter(pk=history["p1"].pk).update(restriction=listed)
    for asked in (Filter(about=ANNA), Filter(row=f"access.thing {history['p1'].pk}")):
        assert doings(queries.explore(lead, asked)) == []  # what is on a list is not found so
    with pytest.raises(Refused):
        queries.explore(made.reader("fire"), Filter("mine", about=ANNA))
    assert "records" not in queries.export(made.reader("fire"), Filter("mine")).splitlines()[0]
    client = sign_in(Client(), made.officer("fire", LEAD))
    wrong = client.get("/access/disclosures/disclosures.csv?since=31&row=x")
    assert (wrong.status_code, wrong.url) == (302, "/access/disclosures/?since=31&row=x")
    page = client.get(f"/access/disclosures/?about={ANNA}").content.decode()
    assert "Only what touched records of your agency" in page
    assert "search people" not in page
    wrong = client.get("/access/disclosures/?row=access.thing+x").content.decode()
    assert "such as subjects.recordpart 123" in wrong
    assert "There is a problem" in wrong


def test_the_index_is_made_once_and_can_be_made_again(
    made: Partnership, history: dict[str, Thing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH", 2)
    assert indexing.catch_up(1) == 2
    assert indexing.catch_up(None) == 3
    assert indexing.catch_up(None) == 0
    first = sorted(Touched.objects.values_list("seq", "label", "pk_text", "owner"))
    assert len(first) == 5
    Touched.objects.all().delete()
    TouchedUpTo.objects.all().delete()
    indexing.catch_up(None)
    assert sorted(Touched.objects.values_list("seq", "label", "pk_text", "owner")) == first


ODD = [
    "not json", "{}", '{"rows":{"gone.model":{"police":["1"]}}}', '{"refused":"nothing here"}',
    '{"rows":{"access.thing":{"police":["not a number","1"]}}}',
]  # fmt: skip


@pytest.mark.parametrize("what", ODD)
@pytest.mark.django_db
def test_odd_records_are_indexed_as_far_as_they_tell(what: str) -> None:
    rows = [(each["label"], each["pk_text"]) for each in indexing.touches(what)]
    assert indexing.owners_of(rows) == {}


def test_rows_of_one_class_are_said_once_whichever_tables_they_stand_in() -> None:
    what = '{"rows":{"a.case":{"risk":["1"],"":["1"]},"a.visit":{"risk":["1","2"],"fire":["1"]}}}'
    assert list(what_words(what)) == ["3 risk rows", "1 fire row"]


def test_patterns_are_told_to_the_lead_once(made: Partnership) -> None:
    fire = made.agencies["fire"]
    area = Area.objects.create(kind="county", code="E02", name="Invented county")
    Area.objects.create(kind="ward", code="E03", name="Invented ward", parent=area)
    AgencyArea.objects.create(agency=fire, area=area, since=NOON.date())
    away = [make_thing(fire, "fire", area="E09", subject_key=ANNA) for _ in range(6)]
    near = [make_thing(fire, "fire", area=code) for code in ("E02", "E03")]
    reader = made.reader("fire")
    read(reader, away + near)
    ConflictOfInterest.objects.create(
        officer=made.officer("fire"), subject_key=ANNA, why="Sister", declared_at=NOON
    )
    assert look_for_patterns() == 2
    assert look_for_patterns() == 0
    texts = sorted(Notice.objects.values_list("text", flat=True))
    assert texts[0].startswith("Records of someone with a tie to the officer, by an officer of you")
    assert texts[1].startswith("Records outside the areas of the officer's agency")
    assert ": 6, 1 June 2026" in texts[1]
    notice = Notice.objects.first()
    assert (notice.agency, notice.role) == (fire, "data protection lead")
    assert not any("officer of fire" in text for text in texts)
    client = sign_in(Client(), made.officer("fire", LEAD))
    page = client.get(notice.path).content.decode()
    assert "open a thing" in page


def test_all_jobs_run_on_an_empty_and_on_a_full_system(
    made: Partnership, history: dict[str, Thing]
) -> None:
    assert set(jobs.run_due() or {}) == set(jobs.JOBS)
    assert not any((jobs.run_due() or {"another": 1}).values())


def test_the_pages(made: Partnership, history: dict[str, Thing]) -> None:
    lead = sign_in(Client(), made.officer("fire", LEAD))
    page = lead.get("/access/disclosures/?officer=of+fire&outcome=deny").content.decode()
    assert "Deny" in page
    assert "list things" not in page
    wrong = lead.get("/access/disclosures/?since_day=99&since_month=1&since_year=2026&page=x")
    assert wrong.status_code == 200
    assert "There is a problem" in wrong.content.decode()
    answer = lead.get("/access/disclosures/disclosures.csv?outcome=deny")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert b"list things" not in answer.content
    officer = sign_in(Client(), made.officer("fire"))
    page = officer.get("/access/disclosures/?view=all&officer=police").content.decode()
    assert "What you did" in page
    assert "own look" not in page


def test_notices_are_for_whom_they_are(made: Partnership) -> None:
    from triservice.access.notices.actions import To, tell

    fire = made.agencies["fire"].pk
    with recording(made.reader("fire"), Kind.ALTERATION, "tell"):
        tell([To(fire, role=LEAD)], Notice.Kind.PATTERN, "To the lead", "/x", "1")
        officer = made.officer("fire").pk
        tell([To(fire, officer=officer)], Notice.Kind.REQUEST, "To the officer", "/y", "1")
    pk = Notice.objects.get(text="To the lead").pk
    lead, one = (sign_in(Client(), made.officer("fire", role), None) for role in
                 (LEAD, Role.OFFICER))  # fmt: skip
    other = sign_in(Client(), made.officer("police", LEAD), None)
    assert "To the lead" in lead.get("/access/notices/").content.decode()
    assert "To the lead" not in one.get("/access/notices/").content.decode()
    assert "To the officer" in one.get("/access/notices/").content.decode()
    assert "To the" not in other.get("/access/notices/").content.decode()
    assert other.post(f"/access/notices/{pk}/dismiss").status_code == 404
    assert lead.post(f"/access/notices/{pk}/dismiss").status_code == 302
    assert "To the lead" not in lead.get("/access/notices/").content.decode()
    assert "To the lead" in lead.get("/access/notices/?dealt").content.decode()


def test_how_many_notices_wait_is_said_on_every_page(made: Partnership) -> None:
    from triservice.access.notices.actions import To, tell

    lead = sign_in(Client(), made.officer("fire", LEAD), None)
    assert "Notices (" not in lead.get("/").content.decode()
    to = [To(made.agencies["fire"].pk, role=LEAD)]
    for key in "ab":
        tell(to, Notice.Kind.PATTERN, "Invented", "/x", key)
    assert "Notices (2)" in lead.get("/").content.decode()
    assert (
        "Notices (" not in sign_in(Client(), made.officer("fire"), None).get("/").content.decode()
    )

"""Who read about somebody: told to the data-protection lead, as a page and as a file."""

from __future__ import annotations

import csv
import io

import pytest
from asking import ANNA
from django.test import Client
from invented_record import LEAD
from protected_things import Thing, subject

from partnership import NOON, Partnership
from signing_in import sign_in
from triservice.access.errors import Refused
from triservice.access.explorer import queries
from triservice.access.explorer.queries import Filter
from triservice.access.models import ConflictOfInterest, Disclosure
from triservice.access.queries import seen
from triservice.access.reads.queries import of_subject
from triservice.access.record import Kind, recording
from triservice.kernel.access_words import Purpose, Reason, Role


def test_who_read_about_a_subject(made: Partnership, history: dict[str, Thing]) -> None:
    rights = Purpose.SUBJECT_RIGHTS

    def told(agency: str) -> list[tuple[str, str, tuple[str, ...], int]]:
        found = of_subject(made.reader(agency, LEAD, rights), ANNA)
        assert found.holder == made.agencies[agency].name
        return [(one.row.doing, one.row.officer_name, one.classes, one.count)
                for one in found.rows]  # fmt: skip

    assert told("police") == [  # of the other row that was read with hers, nothing
        ("list things", "officer of fire", ("police",), 1),
        ("own look", "officer of police", ("police",), 1),
    ]
    assert [each[0] for each in told("fire")] == ["open a thing"]
    assert told("council") == []  # refused: nothing was read
    lead = made.reader("police", LEAD, rights)
    first = of_subject(lead, ANNA, named=False).rows[0].row
    assert (first.officer_name, first.roles, first.agency_name) == (
        "", "officer", "Penmarric Fire and Rescue Service",
    )  # fmt: skip
    for reader in (made.reader("police", Role.DATA_OWNER, rights), made.reader("police", LEAD)):
        with pytest.raises(Refused):
            of_subject(reader, ANNA)
    ConflictOfInterest.objects.create(
        officer=made.officer("police", LEAD), subject_key=ANNA, why="Sister", declared_at=NOON
    )
    for asks in (lambda: of_subject(lead, ANNA), lambda: queries.explore(lead, Filter(about=ANNA))):
        with pytest.raises(Refused) as refused:
            asks()
        assert refused.value.decision.reason is Reason.CONFLICT


def test_a_row_that_was_named_and_seen_in_one_doing_is_one_record(
    made: Partnership, history: dict[str, Thing]
) -> None:
    thing = history["p1"]
    with recording(made.reader("police"), Kind.CONSULTATION, "name and see") as record:
        record.did("access.thing", thing.pk)
        seen(record, Thing.objects.filter(pk=thing.pk))
        record.did("access.thing", thing.pk, "risk")
    lead = made.reader("police", LEAD, Purpose.SUBJECT_RIGHTS)
    last = of_subject(lead, ANNA).rows[-1]
    assert (last.row.doing, last.classes, last.count) == ("name and see", ("police", "risk"), 1)
    row = queries.explore(lead, Filter(seq=last.row.seq)).rows[0]
    assert (row.rows, row.ours, len(row.records)) == (1, 1, 1)
    assert row.what == ("1 police row", "1 risk row")


def test_the_report_on_a_subject_as_page_and_file(
    made: Partnership, history: dict[str, Thing]
) -> None:
    lead = made.officer("police", LEAD)
    address, anywhere = f"/access/disclosures/about/{ANNA}", sign_in(Client(), lead)
    asked = anywhere.get(address)
    assert asked.status_code == 302  # for another purpose: asked to choose it
    assert asked["Location"].startswith("/access/purpose?next=")
    assert anywhere.get(f"{address}/who-read.csv").status_code == 403
    client = sign_in(Client(), lead, Purpose.SUBJECT_RIGHTS)
    page = client.get(address).content.decode()
    for said in ("officer of fire, officer, Penmarric Fire", "list things, for prevention visit",
                 "1 record: police", "OFFICIAL-SENSITIVE", "The agreement opens this"):  # fmt: skip
        assert said in page, said
    assert "officer of fire" not in client.get(f"{address}?unnamed").content.decode()
    answer = client.get(f"{address}/who-read.csv")
    assert "OFFICIAL-SENSITIVE.csv" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["doing"], row["officer"], row["classes"], row["records"]) for row in rows[:2]] == [
        ("list things", "officer of fire", "police", "1"),
        ("own look", "officer of police", "police", "1"),
    ]
    assert {row["marking"] for row in rows} == {"OFFICIAL-SENSITIVE"}
    last = Disclosure.objects.latest("seq")
    assert (last.kind, last.doing) == ("disclosure", "export who read about a subject")
    assert f'"{history["p1"].pk}"' in last.what
    unnamed = client.get(f"{address}/who-read.csv?unnamed").content.decode()
    assert "officer of fire" not in unnamed
    assert "officer" not in next(csv.reader(io.StringIO(unnamed)))
    nobody = client.get(f"/access/disclosures/about/{subject(99)}").content.decode()
    assert "Nobody read about them" in nobody

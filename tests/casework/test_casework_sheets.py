"""Referrals in a spreadsheet: rows sent once, faults by row and column, bad rows given back."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_referrals import SCHEME
from openpyxl import Workbook, load_workbook

import signing_in
from partnership import Partnership
from triservice.access.models import Disclosure
from triservice.casework.models import AnswerPart, Referral
from triservice.casework.sheets import files
from triservice.casework.sheets.actions import send_sheet
from triservice.casework.sheets.rules import MOST_ROWS, columns_of, given_of, text_of
from triservice.kernel.access_words import Reader, Role
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue

GOOD = {
    "your_reference": "A1",
    "person.name": "Morwenna Trevanion",
    "person.born": "12/3/1948",
    "person.phone": "01632 960001",
    "address.line": "14 Invented Lane, Nowhere",
    "address.postcode": "tr1 1aa",
    "why": "=She no longer hears the bell",
    "alarms": "No",
}
BAD = GOOD | {"your_reference": "A2", "person.born": "31/2/1948", "alarms": "perhaps"}


@pytest.fixture
def columns() -> Any:
    return columns_of(catalogue.scheme(SCHEME).forms["referral"])


def sheet(kind: str, rows: list[dict[str, str]], columns: Any) -> bytes:
    return files.write_sheet(kind, catalogue.scheme(SCHEME).forms["referral"], columns, rows)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_good_rows_are_sent_and_bad_ones_come_back(
    town: Partnership, columns: Any, kind: str
) -> None:
    client = signing_in.sign_in(Client(), town.officer("police", Role.REFERRER))
    address = f"/casework/refer/{SCHEME}/{town.agencies['fire'].pk}/sheet"
    assert client.get(f"{address}/{kind}").content[:4] in (b"PK\x03\x04", b"\xef\xbb\xbfy")

    def send(data: bytes) -> str:
        answer = client.post(address, {"sheet": SimpleUploadedFile(f"mine.{kind}", data)})
        return re.sub(r"\s+", " ", answer.content.decode())

    first = send(sheet(kind, [GOOD, BAD], columns))
    (row,) = Referral.objects.all()
    assert row.reference in first
    assert row.tier == "high"
    kept = {p.data_class: p.answers for p in AnswerPart.objects.all()}
    assert kept["risk"] == {"why": "=She no longer hears the bell"}
    assert kept["identity"]["person"]["born"] == "1948-03-12"
    assert re.search(r">3</td> ?<td[^>]*>person.born</td>", first)
    assert "perhaps" in first
    link = re.search(r'href="data:[^"]*base64,([^"]+)"', first)
    assert link
    back = files.read_sheet(f"again.{kind}", b64decode(link[1]), columns)
    assert [(number, one["your_reference"], one["why"]) for number, one in back] == [
        (2, "A2", GOOD["why"])
    ]
    right = [one | {"person.born": "1948-02-28", "alarms": "no"} for _, one in back]
    again = send(sheet(kind, [GOOD, *right], columns))
    assert "received before" in again
    assert Referral.objects.count() == 2
    changed = send(sheet(kind, [GOOD | {"why": "Something else"}], columns))
    assert "with this reference and other answers" in changed
    assert Referral.objects.count() == 2


def test_a_reference_met_twice_or_missing_is_a_fault(sender: Reader, town: Partnership) -> None:
    rows = [(2, GOOD), (3, GOOD | {"why": "x"}), (4, GOOD | {"your_reference": ""})]
    receipt = send_sheet(sender, SCHEME, town.agencies["fire"].pk, rows)
    assert [(each.row, each.column) for each in receipt.faults] == [
        (3, "your_reference"), (4, "your_reference"),
    ]  # fmt: skip
    assert Referral.objects.count() == 1
    assert "Morwenna" not in " ".join(Disclosure.objects.values_list("what", flat=True))


def test_who_is_missing_is_said_in_the_column_of_the_name(
    sender: Reader, town: Partnership
) -> None:
    rows = [
        (2, GOOD | {"person.name": ""}),
        (3, GOOD | {"your_reference": "B", "address.postcode": "no"}),
    ]
    receipt = send_sheet(sender, SCHEME, town.agencies["fire"].pk, rows)
    assert [each.column for each in receipt.faults] == ["person.name", "address.postcode"]


def workbook(rows: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", b"%PDF", "ends in .csv or .xlsx"),
        ("a.xlsx", b"not a zip", "not a workbook"),
        ("a.csv", b"", "no rows below a header"),
        ("a.csv", b"name\nMorwenna\n", "no column 'your_reference'"),
        ("a.csv", b"your_reference,shoe\nA,42\n", "nothing called 'shoe'"),
        ("a.csv", b"your_reference,why\nA\n", "Row 2 has 1 fields"),
        ("a.csv", b"your_reference,why\n" + b"A,b\n" * (MOST_ROWS + 1), "301 rows"),
        ("a.xlsx", workbook([["your_reference", "why"]]), "no row below"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_a_sentence(
    name: str, data: bytes, said: str, columns: Any
) -> None:
    with pytest.raises(InputError, match=re.escape(said)) as wrong:
        files.read_sheet(name, data, columns)
    assert "Nothing was sent." in str(wrong.value)
    assert "/tmp" not in str(wrong.value)


def test_a_workbook_that_unpacks_to_very_much_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch, columns: Any
) -> None:
    monkeypatch.setattr(files, "MOST_UNPACKED", 1_000)
    with pytest.raises(InputError, match="far too large"):
        files.read_sheet("a.xlsx", workbook([["your_reference"], ["A"]]), columns)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20))
def test_a_text_comes_back_as_it_was(said: str) -> None:
    form = catalogue.scheme("home-fire-safety").forms["referral"]
    columns = columns_of(form)
    row = {"your_reference": "A", columns[0].name: said.strip() or "x"}
    for kind in files.KINDS:
        ((_, back),) = files.read_sheet(
            f"a.{kind}", files.write_sheet(kind, form, columns, [row]), columns
        )
        assert given_of(columns, back) == given_of(columns, {n: text_of(t) for n, t in row.items()})


def test_the_workbook_says_what_to_enter(columns: Any) -> None:
    book = load_workbook(io.BytesIO(sheet("xlsx", [], columns)))
    told = {row[0]: row for row in book["What to enter"].iter_rows(values_only=True)}
    assert set(told) == {"column", "your_reference", *(each.name for each in columns)}
    assert told["alarms"][2] == "Yes; No; Not known"

"""Search finds what people mean, among what the reader may see and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from partnership import NOON, Partnership, make_opening
from triservice.access.models import ConflictOfInterest, Disclosure, Opening
from triservice.kernel import clock
from triservice.kernel.access_words import DataClass, Mode, Role
from triservice.subjects.actions.joins import confirm_same
from triservice.subjects.actions.records import receive_records
from triservice.subjects.models import Candidate, Person, RecordPart, SearchKey, WordForm
from triservice.subjects.queries.people import person_view
from triservice.subjects.queries.search import search_people, suggest
from triservice.subjects.search_words import Asked, understand

pytestmark = pytest.mark.django_db
Row = Callable[..., dict[str, Any]]
WHO = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION)

MORE = {
    "uprn": "100000001",
    "address": "14 Invented Lane, Nowhere",
    "postcode": "ZZ1 1AA",
    "phone": "+44 1632 960001",
    "email": "mo.tre@invented.example",
    "nhs_number": "9434765919",
    "aliases": "Wenna Kestle",
    "identifier.custody number": "CN/12 345",
}


def send(invented: Partnership, kind: str, *rows: dict[str, Any]) -> None:
    receive_records(invented.reader(kind, Role.DATA_OWNER), invented.agencies[kind], "s", rows)


def names(invented: Partnership, text: str, kind: str = "fire", **more: Any) -> list[str]:
    results = search_people(invented.reader(kind), text, **more)
    return [name for found in results.people for name in found.names]


@pytest.mark.parametrize(
    "text",
    [
        "morwenna trevanion",
        "Trevanion, Morwenna",
        "TREVANION",
        "trevan",  # unfinished
        "trevanoin",  # two letters swapped
        "trevannion",
        "morwena trevanion",
        "wenna kestle",  # an alias
        "14 invented lane",
        "ZZ1 1AA",
        "zz11aa trevanion",  # in two places
        "100000001",
        "01632 960001",
        "+44 1632 960001",
        "mo.tre@invented.example",
        "943 476 5919",
        "CN/12 345",
        "m trevanion",
        "morwenna 12/03/1948",
        "ZZ1 1AA 12/03/1948",
        "lane 12/03/1948 morwenna",
        "trevanion invented lane",  # a name and an address
    ],
)
def test_found_by(invented: Partnership, row: Row, text: str) -> None:
    send(
        invented,
        "fire",
        row("1", **MORE),
        row("2", given_name="Jory", family_name="Bosquite", date_of_birth="1990-01-01"),
    )
    assert names(invented, text) == ["Morwenna Trevanion"]


@pytest.mark.parametrize("text", ["morwenna ann trevanion", "Ann Trevanion", "anne trevanion"])
def test_found_by_names_in_the_middle_where_they_are_open(
    invented: Partnership, row: Row, text: str
) -> None:
    invented.term("fire", "police", [DataClass.IDENTITY], fields=["given_name", "family_name"])
    send(invented, "fire", row("1", middle_names="Ann"))
    assert names(invented, text) == ["Morwenna Ann Trevanion"]
    assert names(invented, text, "police") == []
    assert names(invented, "morwenna trevanion", "police") == ["Morwenna Trevanion"]


def test_who_was_received_before_is_found_by_names_in_the_middle(
    invented: Partnership, row: Row
) -> None:
    send(invented, "fire", row("1", middle_names="Rosewall"), row("2"))
    SearchKey.objects.filter(kind="names").delete()
    WordForm.objects.filter(word="rosewall").delete()
    assert names(invented, "rosewall trevanion") == []
    migration = import_module("triservice.subjects.migrations.0006_names_in_full_of_those_before")
    for _ in range(2):  # a second time adds nothing
        migration.keep_names_in_full(apps, None)
        assert names(invented, "rosewal trevanion") == ["Morwenna Rosewall Trevanion"]
        assert SearchKey.objects.filter(kind="names").count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "zzzz",
        "morwenna bosquite",
        "ZZ9 9ZZ",
        "morwenna 13/03/1948",
        "lane 13/03/1948",
        "",
        "1",
        "' OR 1=1 --",
    ],
)
def test_not_found_by(invented: Partnership, row: Row, text: str) -> None:
    send(invented, "fire", row("1", **MORE), row("2", family_name="Bosquite", given_name="Jory"))
    assert names(invented, text) == []


def test_a_short_form_finds_the_long_name(invented: Partnership, row: Row) -> None:
    send(invented, "fire", row("1", given_name="Robert"))
    assert names(invented, "bob trevanion") == ["Robert Trevanion"]


def test_as_written_comes_before_alike(invented: Partnership, row: Row) -> None:
    send(
        invented,
        "fire",
        row("1", given_name="Jon", family_name="Smyth"),
        row("2", given_name="John", family_name="Smith"),
        row("3", given_name="John", family_name="Smythe"),
    )
    assert names(invented, "john smith")[0] == "John Smith"
    assert set(names(invented, "john smith")) == {"John Smith", "Jon Smyth", "John Smythe"}


def test_what_is_withheld_takes_no_part(invented: Partnership, row: Row) -> None:
    """The twin of the rule: adding rows that the reader may not see changes nothing at all."""
    send(invented, "fire", row("1", **MORE), row("2", family_name="Trevanian"))
    reader = invented.reader("fire")
    asked = ["trevanion", "trevannion", "ZZ1 1AA", "morwenna trevanion 12/03/1948", "tre"]
    before = [search_people(reader, text) for text in asked]
    typed = [suggest(reader, text) for text in asked]
    many = [row(str(n), **MORE | {"family_name": "Trevanion"}) for n in range(40)]
    near = [row(f"n{n}", family_name=f"Trevan{chr(97 + n)}on") for n in range(26)]
    send(invented, "health", *many, *near)
    assert [search_people(reader, text) for text in asked] == before
    assert [suggest(reader, text) for text in asked] == typed
    assert names(invented, "trevanion", kind="health") != []


def test_a_crowd_that_is_withheld_does_not_push_anyone_out(invented: Partnership, row: Row) -> None:
    send(invented, "health", *(row(str(n)) for n in range(350)))
    send(invented, "fire", row("1"))
    assert names(invented, "trevanion") == ["Morwenna Trevanion"]


def test_a_withheld_field_is_not_searched_by(invented: Partnership, row: Row) -> None:
    invented.term("police", "fire", [DataClass.IDENTITY], fields=["given_name", "family_name"])
    send(invented, "police", row("1", **MORE))
    assert names(invented, "trevanion") == ["Morwenna Trevanion"]
    for text in ("943 476 5919", "wenna kestle", "CN/12 345", "ZZ1 1AA", "01632 960001"):
        assert names(invented, text) == []
    assert names(invented, "trevanion", born=date(1948, 3, 12)) == []
    [found] = search_people(invented.reader("fire"), "trevanion").people
    assert found.born == ()
    assert found.addresses == ()


def test_an_expired_right_finds_nothing(invented: Partnership, row: Row) -> None:
    term = invented.term("police", "fire", WHO)
    send(invented, "police", row("1", **MORE))
    assert names(invented, "trevanion") == ["Morwenna Trevanion"]
    term.delete()
    assert names(invented, "trevanion") == []


@pytest.mark.parametrize("kind", list(Opening.Kind))
def test_what_was_opened_is_found_while_it_is_open(
    invented: Partnership, row: Row, kind: Opening.Kind
) -> None:
    if kind == Opening.Kind.APPROVAL:
        invented.term("police", "fire", WHO, mode=Mode.ON_APPROVAL)
    send(invented, "police", row("1", **MORE), row("2", given_name="Jory"))
    assert names(invented, "trevanion") == []
    opening = make_opening(
        invented.officer("fire"), RecordPart.objects.filter(data_class="identity")[:1], kind=kind,
        decided_by=invented.officer("police", Role.DATA_OWNER), ends=NOON + timedelta(minutes=15),
    )  # fmt: skip
    assert names(invented, "trevanion") == ["Morwenna Trevanion"]  # and not the other
    assert names(invented, "trevannion") == names(invented, "wenna kestle") != []
    assert names(invented, "01632 960001") == names(invented, "14 invented lane") == []
    assert suggest(invented.reader("fire"), "trevan") == ("Morwenna Trevanion",)
    with clock.frozen(NOON + timedelta(minutes=15)):
        assert names(invented, "trevanion") == []
    with clock.frozen(NOON + timedelta(minutes=14, seconds=59)):
        assert names(invented, "trevanion") != []
    Opening.objects.filter(pk=opening.pk).update(revoked_at=NOON)
    assert names(invented, "trevanion") == []


def test_only_what_was_named_of_an_opened_part_is_searched_by(
    invented: Partnership, row: Row
) -> None:
    invented.term("police", "fire", WHO, mode=Mode.ON_APPROVAL)
    send(invented, "police", row("1", **MORE))
    make_opening(
        invented.officer("fire"), RecordPart.objects.filter(data_class="identity"),
        decided_by=invented.officer("police", Role.DATA_OWNER),
        fields=["given_name", "family_name"],
    )  # fmt: skip
    assert names(invented, "trevanion") == ["Morwenna Trevanion"]
    assert names(invented, "wenna kestle") == names(invented, "943 476 5919") == []
    assert names(invented, "trevanion", born=date(1948, 3, 12)) == []


def test_those_who_are_one_are_found_once(invented: Partnership, row: Row) -> None:
    for giver, taker in (("police", "fire"), ("fire", "police")):
        invented.term(giver, taker, WHO)
    send(invented, "police", row("1", **MORE))
    send(invented, "fire", row("1", **MORE | {"family_name": "Trevanian"}))
    people = list(Person.objects.order_by("pk"))
    from triservice.subjects.actions.linkage import link_exact

    link_exact(invented.reader("fire"), [people[1].pk])
    for pair in Candidate.objects.all():
        for kind in ("police", "fire"):
            confirm_same(invented.reader(kind), pair.pk, "Compared side by side, the same")
    results = search_people(invented.reader("fire"), "trevanion ZZ1 1AA")
    [found] = results.people
    assert set(found.names) == {"Morwenna Trevanion", "Morwenna Trevanian"}
    assert found.agencies == ("fire", "police")


def test_a_conflict_of_interest_closes_all_who_are_one(invented: Partnership, row: Row) -> None:
    from triservice.access.errors import Refused
    from triservice.subjects.actions.linkage import link_exact

    invented.term("police", "fire", WHO)
    send(invented, "police", row("1", **MORE))
    send(invented, "fire", row("1", **MORE))
    one, two = Person.objects.order_by("pk")
    link_exact(invented.reader("fire"), [two.pk])
    two.refresh_from_db()
    assert two.root == one
    reader = invented.reader("fire")
    assert names(invented, "trevanion")
    ConflictOfInterest.objects.create(
        officer=invented.officer("fire"), subject_key=one.key, why="An invented cousin"
    )
    assert names(invented, "trevanion") == []
    with pytest.raises(Refused) as refused:
        person_view(invented.reader("fire"), two.key)
    assert refused.value.hidden
    assert reader.officer


def test_every_search_is_on_the_record_with_its_terms(invented: Partnership, row: Row) -> None:
    send(invented, "fire", row("1"))
    names(invented, "trevanion")
    told = Disclosure.objects.latest("seq")
    assert "trevanion" in told.what
    assert "recordpart" in told.what


def test_a_search_without_a_purpose_finds_nothing(invented: Partnership, row: Row) -> None:
    send(invented, "fire", row("1"))
    assert search_people(invented.reader("fire", purpose=None), "trevanion").people == ()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("j smith TR13 1AB 12/03/1948", Asked(("j", "smith"), ("tr131ab",), date(1948, 3, 12))),
        ("14 Fore Street", Asked(("14", "fore", "street"))),
        ("943 476 5919", Asked((), ("9434765919",))),
        ("31/02/1948 smith", Asked(("31", "02", "1948", "smith"))),
        ("", Asked()),
    ],
)
def test_what_is_understood(text: str, asked: Asked) -> None:
    assert understand(text) == asked


def test_an_unfinished_word_is_found_whatever_words_others_hold(
    invented: Partnership, row: Row
) -> None:
    mine = row("1", given_name="Jory", family_name="Bosquite", aliases="trel1")
    send(invented, "fire", mine)
    alone = [names(invented, text) for text in ("trel", "jory bosquite trel", "j bosq")]
    send(invented, "council", row("9", given_name="Trelawney", family_name="Trelissick"))
    assert alone == [["Jory Bosquite"]] * 3
    assert alone == [names(invented, text) for text in ("trel", "jory bosquite trel", "j bosq")]

"""Names and addresses for rows about people and places, as far as the reader may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Q, QuerySet

from triservice.access.prepared import Given, Prepared, Several
from triservice.access.record import Record
from triservice.agencies.models import Officer
from triservice.casework.models import Case
from triservice.subjects.models import Household, Person, Premises
from triservice.subjects.queries.people import names_of

WITHHELD = "Name withheld"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or somewhere on a page: what kind, key and name. No key: nothing to open."""

    kind: str  # person, household, premises
    key: str
    name: str


NOBODY = Named("", "", "")


class Names:
    """Names for the rows of one page, fetched together; asked for one by one."""

    def __init__(self, record: Record, rows: Iterable[Any]) -> None:
        """Fetch the names of people and places that the rows seen lead to."""
        rows = list(rows)
        self.people = names_of(record, _ends(rows, "person_id"))
        places, homes = _ends(rows, "premises_id"), _ends(rows, "household_id")
        found = _places(some=places) if places else ()
        self.places = {pk: (str(key), _address(a, p)) for pk, key, a, p in found}
        self.homes = {pk: str(key) for pk, key in (_homes(some=homes) if homes else ())}

    def person(self, pk: int | None) -> Named:
        """Return a person, by name where the reader may see it."""
        if pk is None:
            return NOBODY
        key, name = self.people.get(pk, ("", ""))
        return Named("person", key, name or WITHHELD)

    def place(self, pk: int | None) -> Named:
        """Return a place."""
        return Named("premises", *self.places[pk]) if pk in self.places else NOBODY

    def about(self, row: Any) -> Named:
        """Return whom, or else where, a row seen is about."""
        if row.get("person_id"):
            return self.person(row.get("person_id"))
        home = self.homes.get(row.get("household_id") or 0)
        if home:
            place = self.place(row.get("premises_id")).name
            return Named("household", home, f"Household{f' at {place}' if place else ''}")
        return self.place(row.get("premises_id"))


def _ends(rows: list[Any], column: str) -> set[int]:
    found = set()
    for row in rows:
        try:
            value = row.get(column)
        except AttributeError:  # a kind of row that has no such column
            continue
        if value:
            found.add(value)
    return found


def _address(address: str, postcode: str) -> str:
    return address if not postcode or postcode in address else f"{address}, {postcode}"


CASES = Several("cases", BigIntegerField())  # for what is asked of each case with those in it
SOME = Several("some", BigIntegerField())
OFFICER = Given("officer", BigIntegerField())


@Prepared
def _places() -> QuerySet[Any, Any]:
    rows = Premises.objects.filter(pk__among=SOME)
    return rows.values_list("pk", "key", "address", "postcode")


@Prepared
def _homes() -> QuerySet[Any, Any]:
    return Household.objects.filter(pk__among=SOME).values_list("pk", "key")


@Prepared
def _officers() -> QuerySet[Any, Any]:
    return Officer.objects.filter(pk__among=SOME).values_list("pk", "name")


def officer_names(officers: Iterable[int | None]) -> dict[int, str]:
    """Return the names of officers."""
    wanted = {pk for pk in officers if pk}
    return dict(_officers(some=wanted)) if wanted else {}


@Prepared
def _roots() -> QuerySet[Any, Any]:
    return Person.objects.filter(pk__among=SOME).values_list("pk", "root")


@Prepared
def _joined() -> QuerySet[Any, Any]:
    some = Q(pk__among=SOME) | Q(root__among=SOME)
    return Person.objects.filter(some).values_list("pk", "root")


@Prepared
def _merged() -> QuerySet[Any, Any]:
    return Case.objects.filter(merged_into__among=SOME).values_list("pk", "merged_into")


def group_of(people: Iterable[int]) -> list[int]:
    """Return all who are one with any of these people, themselves among them."""
    return list(tops_of(people))


def tops_of(people: Iterable[int]) -> dict[int, int]:
    """Return all who are one with any of these people, each with whom stands for their group."""
    wanted = set(people)
    tops = {root or pk for pk, root in _roots(some=wanted)} if wanted else set()
    return {pk: root or pk for pk, root in _joined(some=tops)} if tops else {}


def standing(case: Case) -> Case:
    """Return the case that stands for one that was merged; any other as it is."""
    while case.merged_into is not None:
        case = case.merged_into
    return case


def merged_with(pk: int) -> list[int]:
    """Return a case and all that were merged into it, directly or through others."""
    return merged_with_each([pk])[pk]


def merged_with_each(cases: Iterable[int]) -> dict[int, list[int]]:
    """Return cases, each with what `merged_with` returns of it."""
    wanted = set(cases)
    into: dict[int, list[int]] = {}
    new = wanted
    while new:
        into |= {whole: [] for whole in new}
        merged = _merged(some=new)
        for part, whole in merged:
            into[whole].append(part)
        new = {part for part, _ in merged} - into.keys()
    return {pk: _with_parts(pk, into) for pk in wanted}


def _with_parts(pk: int, into: dict[int, list[int]]) -> list[int]:
    found = [pk]
    for whole in found:  # which grows meanwhile
        found += [part for part in into[whole] if part not in found]
    return found


def one_with(pk: int) -> set[int]:
    """Return a case and all that are one with it by merging, whichever went into which."""
    found, new = {pk}, {pk}
    while new:
        merged = Case.objects.filter(Q(pk__in=new) | Q(merged_into__in=new))
        pairs = merged.filter(merged_into__isnull=False).values_list("pk", "merged_into")
        new = {case for pair in pairs for case in pair if case is not None} - found
        found |= new
    return found

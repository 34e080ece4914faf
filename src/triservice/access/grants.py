"""Grants of a reader, compiled from the database and kept while nothing that decides changes.

Two tokens tell whether something changed: one of all agreements, one of what concerns the officer
(`access.models.Epoch`; database triggers renew them). They are read at the start of every read, so
a change acts on the next one, in every process.
"""

from __future__ import annotations

from bisect import bisect_right as bisect
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import CharField, QuerySet

from triservice.access.compiling import (
    FOREVER,
    Book,
    Compiled,
    Profile,
    TermSaid,
    VersionSaid,
    bind,
    compile_terms,
    grants_for,
    profile_of,
)
from triservice.access.models import (
    AgreementVersion,
    ConflictOfInterest,
    Epoch,
    Opening,
    Party,
    Restriction,
    RestrictionMember,
    Term,
)
from triservice.access.prepared import Given, Prepared
from triservice.access.rules import NOBODY, Grants, Pass, Standing
from triservice.access.same import keys_of
from triservice.kernel.access_words import Reader

AGREEMENTS = "agreements"
V = TypeVar("V")


class _Kept(Generic[V]):
    """A few thousand values by key; the one not asked for longest goes first."""

    def __init__(self, size: int) -> None:
        self.size, self.values, self.lock = size, OrderedDict[object, V](), Lock()

    def get(self, key: object) -> V | None:
        with self.lock:
            value = self.values.get(key)
            if value is not None:
                self.values.move_to_end(key)
            return value

    def put(self, key: object, value: V) -> V:
        with self.lock:
            self.values[key] = value
            while len(self.values) > self.size:
                self.values.popitem(last=False)
        return value


_BOOKS: _Kept[Book] = _Kept(2)
_COMPILED: _Kept[Compiled] = _Kept(4096)
_STANDINGS: _Kept[tuple[Standing, list[datetime]]] = _Kept(4096)
_MEMOS: _Kept[dict[Any, Any]] = _Kept(4096)


def current(reader: Reader) -> Grants:
    """Return what the reader may do at `reader.at`. One query when nothing has changed."""
    tokens = _tokens(reader)
    agreements = tokens.get(AGREEMENTS)
    if agreements is None:  # no triggers to trust: keep nothing
        compiled = compile_terms(load_book(), reader)
        return grants_for(compiled, _of_all_who_are_one(load_standing(reader.officer)), reader)
    compiled = _compiled(agreements, reader)
    standing, same = _same(agreements, tokens, compiled, reader)
    memo = _MEMOS.get(same)
    if memo is None:
        memo = _MEMOS.put(same, {})
    return grants_for(compiled, standing, reader, memo)


def mark(reader: Reader, *, rows: bool = False) -> str:
    """Return a digest that is another as soon as anything that decides for the reader is.

    For what was taken away: while the mark is the same, the same is open. `rows`: it is another
    also when a row has gone on a list, anybody's. Blank where there are no triggers to trust: then
    nothing may be taken for the same.
    """
    tokens = _tokens(reader)
    agreements = tokens.get(AGREEMENTS)
    if agreements is None:
        return ""
    _, same = _same(agreements, tokens, _compiled(agreements, reader), reader)
    said = [sorted(map(str, each)) if isinstance(each, frozenset) else each for each in same[1]]
    put = Epoch.objects.filter(name=Epoch.ROWS).values_list("token") if rows else ()
    whole = (said, *same[:1], *same[2:6], sorted(reader.cases), *put)
    return sha256(repr(whole).encode()).hexdigest()


def _tokens(reader: Reader) -> dict[str, str]:
    return dict(_epochs(officer=f"officer:{reader.officer}"))


@Prepared
def _epochs() -> QuerySet[Any, Any]:
    names = (AGREEMENTS, Given("officer", CharField()))
    return Epoch.objects.filter(name__in=names).values_list("name", "token")


def _same(
    agreements: str, tokens: dict[str, str], compiled: Compiled, reader: Reader
) -> tuple[Standing, tuple[Any, ...]]:
    """Return what concerns the officer, and all that grants share that are equal but for cases."""
    key = (agreements, tokens.get(f"officer:{reader.officer}", ""), reader.officer)
    kept = _STANDINGS.get(key)
    if kept is None:
        loaded = load_standing(reader.officer)
        kept = _STANDINGS.put(key, (loaded, loaded.moments()))
    standing, moments = _of_all_who_are_one(kept[0]), kept[1]
    return standing, (
        agreements,
        profile_of(reader),
        bisect(compiled.moments, reader.at),
        key if standing is not NOBODY else None,
        bisect(moments, reader.at),
        standing.conflicts,
    )


def _of_all_who_are_one(standing: Standing) -> Standing:
    """Return a standing whose conflicts are with everybody who is one with whom they name.

    Looked up at every read, and not kept: joining people changes no token of access.
    """
    if not standing.conflicts:
        return standing
    conflicts = tuple(
        (str(key), since, until)
        for subject, since, until in standing.conflicts
        for key in sorted(keys_of(UUID(subject)))
    )
    return replace(standing, conflicts=conflicts)


def _compiled(token: str, reader: Reader) -> Compiled:
    profile: Profile = profile_of(reader)
    compiled = _COMPILED.get((token, profile))
    if compiled is None:
        book = _BOOKS.get(token)
        if book is None:
            book = _BOOKS.put(token, load_book())
        compiled = _COMPILED.put((token, profile), compile_terms(book, reader))
    return compiled


def load_book() -> Book:
    """Read all versions that have left drafting, their parties and terms. Four queries."""
    parties: dict[int, set[int]] = {}
    for version, agency in (
        Party.objects.exclude(lawful_basis="").values_list("version", "agency").order_by()
    ):
        parties.setdefault(version, set()).add(agency)
    found = AgreementVersion.objects.order_by().values_list(
        "pk", "agreement", "number", "state", "starts", "until"
    )
    versions = [VersionSaid(*row, frozenset(parties.get(row[0], ()))) for row in found]
    return bind(versions, (_said(term) for term in Term.objects.order_by("pk").iterator()))


def _said(term: Term) -> TermSaid:
    return TermSaid(
        id=term.pk,
        version=term.version_id,
        from_agency=term.from_agency_id,
        to_agency=term.to_agency_id,
        to_role=term.to_role,
        mode=term.mode,
        data_classes=_words(term.data_classes),
        fields=None if term.every_field else frozenset(_words(term.fields)),
        purposes=frozenset(_words(term.purposes)),
        areas=None if term.everywhere else frozenset(_words(term.areas)) - {""},
        counts_only=term.counts_only,
        small_number=term.small_number,
        min_vetting=term.min_vetting,
        needs_training=term.needs_training,
        needs_duty=term.needs_duty,
        needs_case=term.needs_case,
        existence=term.existence,
        offline=term.offline,
        valid_from=term.valid_from,
        valid_until=term.valid_until,
    )


def _words(given: object) -> tuple[str, ...]:
    """Return a list of words from a JSON column; anything else is no words."""
    return tuple(map(str, given)) if isinstance(given, list) else ()


def load_standing(officer: int) -> Standing:
    """Read what concerns one officer: openings, lists that name them, conflicts."""
    lists: list[tuple[int, datetime, datetime]] = [
        (restriction, since, until or FOREVER)
        for restriction, since, until in RestrictionMember.objects.filter(
            officer=officer
        ).values_list("restriction", "since", "until")
    ]
    lists += [
        (restriction, lifted, FOREVER)
        for restriction, lifted in Restriction.objects.filter(lifted_at__isnull=False).values_list(
            "pk", "lifted_at"
        )
        if lifted is not None
    ]
    conflicts = tuple(
        (str(subject), declared, ended or FOREVER)
        for subject, declared, ended in ConflictOfInterest.objects.filter(
            officer=officer
        ).values_list("subject_key", "declared_at", "ended_at")
    )
    openings = Opening.objects.filter(officer=officer).prefetch_related("items")
    passes = tuple(_passes(openings))
    return Standing(passes, tuple(lists), conflicts) if passes or lists or conflicts else NOBODY


def _passes(openings: Iterable[Opening]) -> Iterable[Pass]:
    for each in openings:
        ends = min(each.ends, each.revoked_at or each.ends)
        yield Pass(
            each.pk,
            each.kind == Opening.Kind.BREAK_GLASS,
            each.agency_id,
            each.owner_id,
            each.data_class,
            None if each.every_field else frozenset(_words(each.fields)),
            each.purpose,
            each.starts,
            ends,
            frozenset((item.label, item.pk_text) for item in each.items.all()),
        )

"""Reading protected rows: decide about one, list, count, and say what stays locked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import BigIntegerField, Case, Count, IntegerField, Q, QuerySet, Value, When

from triservice.access import grants as grants_of
from triservice.access import rules, where
from triservice.access.answers import Answers, Seen, item_in
from triservice.access.clauses import clauses
from triservice.access.columns import Select, fetch, select_of, statement_for
from triservice.access.errors import Refused, TwinsDisagree
from triservice.access.leaning import fields_asked
from triservice.access.models import Party, Protected
from triservice.access.prepared import (
    Asked,
    Prepared,
    Several,
    Statement,
    statement_of,
)
from triservice.access.record import Record, open_record
from triservice.access.rules import UNKNOWN, Grants, Item, Use
from triservice.agencies.models import Agency
from triservice.kernel.access_words import Decision, Outcome, Reader

P = TypeVar("P", bound=Protected)
T = TypeVar("T")
LOCKED_LIMIT = 500  # distinct owners, classes and places that a list of locked records looks at


@dataclass(frozen=True, slots=True)
class Locked:
    """That an agency knows something of a class, where a term lets it be known; whom to call."""

    owner: int
    owner_name: str
    data_class: str
    decision: Decision
    contact: str


def item_of(row: Protected) -> Item:
    """Return what the rules need to know of a row."""
    return Item(
        row._meta.label_lower,
        str(row.pk) if row.pk is not None else None,
        row.owner_id,
        row.data_class,
        row.area,
        row.marking,
        row.restriction_id,
        str(row.subject_key) if row.subject_key is not None else None,
    )


def grants(reader: Reader) -> Grants:
    """Return what the reader may do: as the open record holds it, else as it stands now."""
    record = open_record()
    if record is not None and (record.given is reader or record.reader is reader):
        return record.grants
    return grants_of.current(reader)


def use_of(reader: Reader) -> Use:
    """Return what the reader's open record is for; reading where there is none."""
    record = open_record()
    ours = record is not None and (record.given is reader or record.reader is reader)
    return record.use if record is not None and ours else Use.READ


def decide(
    reader: Reader, what: Protected | Item, field: str | None = None, use: Use | None = None
) -> Decision:
    """Answer whether the reader may read a row (or its field), with the reason and the term.

    An Item without a primary key asks about any row of an owner and class. A field that is not
    declared in FIELDS is not known, and so denied. `use`: else what the open record is for.
    """
    held, use = grants(reader), use or use_of(reader)
    if isinstance(what, Item):
        return rules.decide(held, what, field, use)
    if field is not None and field not in what.FIELDS:
        return UNKNOWN
    return rules.decide(held, item_of(what), field, use)


def require(record: Record, row: Protected, field: str | None = None) -> Decision:
    """Note that the row is read, and return the decision. Raises Refused when it is not allowed.

    The refusal is hidden (404) unless a term lets the reader know that the row exists.
    """
    decision = decide(record.reader, row, field)
    item = item_of(row)
    if not decision.allowed:
        hidden = rules.may_know(record.grants, item) is None
        raise Refused(decision, f"{item.label} {item.pk} {field or ''}".strip(), hidden=hidden)
    record.saw(item, decision)
    return decision


def visible_to(
    reader: Reader,
    queryset: QuerySet[P],
    *,
    by: Iterable[str] = (),
    use: Use | None = None,
    few: bool = False,
) -> QuerySet[P]:
    """Return the rows of `queryset` that the reader may read: the twin of `decide`, in SQL.

    A row whose field is withheld is left out of a query that filters or orders by that field, for
    finding it so would tell the field. Name in `by` more such fields, when a sub-query or a join
    asks about them. `use`: else what the open record is for. `few`: as `where.condition`.
    """
    model, held, use = queryset.model, grants(reader), use or use_of(reader)
    conditions = [where.condition(held, model, None, use, few=few)]
    for name in sorted({*by, *fields_asked(queryset, model.FIELDS)}):
        known = name in model.FIELDS
        conditions.append(where.condition(held, model, name, use) if known else where.nothing())
    rows = queryset
    for asked in where.each_once(conditions):  # most fields are open where the row is
        rows = where.restrict(rows, asked)
    return rows


def seen(
    record: Record,
    rows: QuerySet[P] | Asked,
    limit: int | None = None,
    *,
    by: Iterable[str] = (),
) -> list[Seen]:
    """Read the rows that the reader may see, at most `limit`, and note each in the record.

    Withheld columns come back as NULL from the database. `by` as in `visible_to`; what may be seen
    hangs on what the record is for. Raises TwinsDisagree when SQL returned a row that `decide`
    denies: then nothing is shown.
    """
    _must_be_open(record)
    held, use, few, by = record.grants, record.use, isinstance(rows, Asked), tuple(by)

    def made(queryset: QuerySet[P]) -> tuple[Select, Statement | None]:
        select = select_of(held, queryset.model, use)
        visible = visible_to(record.reader, queryset, by=by, use=use, few=few)
        some = visible if limit is None else visible[:limit]
        return select, statement_for(select, some, kept=few)

    model, (select, statement), given = _ready(record, rows, ("seen", limit, *by), made)
    answers = Answers(held, model, use)
    result = []
    for row in fetch(select, statement, given):
        item = item_in(model, row)
        decision, withheld, opened = answers.on(item)
        if not decision.allowed:
            raise TwinsDisagree(f"{item.label} {item.pk}: {decision.reason}")
        for name in withheld:
            row.pop(name, None)
        record.saw(item, decision)
        record.decisions |= opened
        result.append(Seen(row, decision, withheld, row[model._meta.pk.attname]))
    return result


def _ready(
    record: Record,
    rows: QuerySet[P] | Asked,
    what: tuple[object, ...],
    make: Callable[[QuerySet[P]], T],
) -> tuple[type[P], T, Mapping[str, Any]]:
    """Return the model of the rows, what is made of their query, and the values it is asked with.

    Of prepared rows it is made once for grants that are equal but for the moment and the cases, as
    the conditions are (`where.condition`) that it is made of.
    """
    own = where.own(record.grants)
    if isinstance(rows, QuerySet):
        return rows.model, make(rows), own
    key, memo = (rows.rows, record.use, *what), record.grants.memo
    known = memo.get(key)
    if known is None:
        queryset = rows.rows.make()
        known = memo[key] = (queryset.model, make(queryset))
    return *known, {**rows.given, **own}


def opened(record: Record, queryset: QuerySet[P], pk: int) -> Seen:
    """Read one row by its key. Raises Refused, hidden unless a term lets the reader know of it."""
    rows = queryset.filter(pk=pk)
    there = rows.first()
    if there is None:
        raise Refused(UNKNOWN, f"{queryset.model._meta.label_lower} {pk}", hidden=True)
    require(record, there)
    (row,) = seen(record, rows)
    return row


def count_seen(record: Record, queryset: QuerySet[P]) -> int | None:
    """Count the rows that the reader may count; None when too few to show.

    Each term's threshold holds for the rows that it opens, none (0) included, so that a count
    over one person never tells whether they are known.
    """
    return _total(counts_seen(record, queryset))


def _total(counts: dict[int, int | None]) -> int | None:
    shown = [count for count in counts.values() if count is not None]
    return sum(shown) if len(shown) == len(counts) else None


def counts_seen(record: Record, queryset: QuerySet[P]) -> dict[int, int | None]:
    """Count by owner (agency id) the rows that the reader may count; None when too few to show."""
    _must_be_open(record)
    held, model = record.grants, queryset.model
    found = list(clauses(held, model._meta.label_lower, None, Use.COUNT))
    least: dict[int, set[int]] = {}
    for clause in found:
        least.setdefault(clause.owner, set()).add(clause.small_number)
    thresholds = sorted({clause.small_number for clause in found})
    whens = []
    for threshold in thresholds:
        condition = where.in_sql((c for c in found if c.small_number == threshold), held, model)
        whens.append(When(condition, then=Value(threshold)))
    rows = visible_to(record.reader, queryset, use=Use.COUNT).order_by()
    if not whens:
        return {}
    grouped = (
        rows.annotate(threshold=Case(*whens, default=Value(0), output_field=IntegerField()))
        .values_list("owner", "threshold")
        .annotate(rows=Count("pk"))
    )
    counted = {(owner, threshold): rows for owner, threshold, rows in grouped}
    result: dict[int, int | None] = {}
    for owner, its in least.items():
        parts = {threshold: counted.get((owner, threshold), 0) for threshold in its}
        enough = all(rows >= threshold for threshold, rows in parts.items())
        result[owner] = sum(parts.values()) if enough else None
    record.counted(model._meta.label_lower, _total(result))
    return result


def locked(record: Record, rows: QuerySet[P] | Asked) -> list[Locked]:
    """Say which agencies know something that the reader may not see but may know of.

    One for each owner and data class of `rows`, never how many of them. Raises ValueError when they
    are asked by a withholdable field: whoever is locked must not be found by what is withheld.
    """
    _must_be_open(record)
    held = record.grants
    kept = isinstance(rows, Asked)
    model, statement, given = _ready(
        record, rows, ("locked",), lambda all_of: _closed(held, all_of, kept)
    )
    decisions: dict[tuple[int, str], Decision] = {}
    found = statement.rows(given) if statement else ()
    for owner, data_class, area, marking, restriction, subject in found:
        key = str(subject) if subject is not None else None
        label = model._meta.label_lower
        item = Item(label, None, owner, data_class, area, marking, restriction, key)
        decision = rules.may_know(held, item)
        if decision is not None:
            known = decisions.get((owner, data_class))
            if known is None or decision.outcome is Outcome.NEEDS_APPROVAL:
                decisions[owner, data_class] = decision
    record.note("locked", [f"{owner} {data_class}" for owner, data_class in sorted(decisions)])
    return _with_contacts(decisions)


def _closed(held: Grants, queryset: QuerySet[P], kept: bool) -> Statement | None:
    """Return the statement that tells of rows which may be known of and are not open."""
    asked = fields_asked(queryset, queryset.model.FIELDS)
    if asked:
        raise ValueError(f"locked rows cannot be found by {', '.join(sorted(asked))}")
    model = queryset.model
    knowable, opened = where.may_exist(held, model), where.condition(held, model, few=True)
    closed = queryset.filter(knowable).exclude(Q(opened)).order_by()
    columns = ("owner", "data_class", "area", "marking", "restriction", "subject_key")
    query = closed.values_list(*columns).distinct()[:LOCKED_LIMIT].query
    return statement_of(query, kept=kept)


def _with_contacts(decisions: dict[tuple[int, str], Decision]) -> list[Locked]:
    if not decisions:
        return []
    owners = {owner for owner, _ in decisions}
    names = dict(_names(owners=owners))
    versions = {decision.version for decision in decisions.values()} - {None}
    contacts = {
        (version, agency): contact
        for version, agency, contact in _contacts(versions=versions, owners=owners)
    }
    return [
        Locked(
            owner,
            names.get(owner, ""),
            data_class,
            decision,
            contacts.get((decision.version or 0, owner), ""),
        )
        for (owner, data_class), decision in sorted(decisions.items())
    ]


@Prepared
def _names() -> QuerySet[Any, Any]:
    owners = Several("owners", BigIntegerField())
    return Agency.objects.filter(pk__among=owners).values_list("pk", "name")


@Prepared
def _contacts() -> QuerySet[Any, Any]:
    whole = BigIntegerField()
    told = Party.objects.filter(
        version__among=Several("versions", whole), agency__among=Several("owners", whole)
    )
    return told.values_list("version", "agency", "contact")


def _must_be_open(record: Record) -> None:
    if not record.open:
        raise RuntimeError("Data is read inside the recording block, before its record is written.")


__all__: Sequence[str] = (
    "Locked",
    "Seen",
    "count_seen",
    "counts_seen",
    "decide",
    "grants",
    "item_of",
    "locked",
    "require",
    "seen",
    "visible_to",
)

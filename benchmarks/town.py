"""A large invented town in little time: one small one by the usual doors, then copies of it in SQL.

Each copy is of other people: other numbers, keys, postcodes, UPRNs and telephones; in every second
copy also other family names (an ending is added), so that names are as uneven as real ones: the
commonest is about one in a hundred people, and most names are rare. Only what a search or a list
reads is copied: people, premises, records, parts, links and search keys.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

BASE = 25_000  # people of the small town
ENDINGS = (
    *("ek", "an", "ow", "is", "eth", "ma", "sky", "ley", "by", "ton", "ham", "wyn", "ick", "ard"),
    *("son", "den", "ney", "ock", "ell", "ops"),
)


def family(random: Random) -> str:
    """Return a family name: some halves are much commoner than others, and one in eight is rare."""
    from triservice.subjects.invented_words import NAME_BEGINS, NAME_ENDS

    def some(halves: list[str], how_many: int = 1) -> list[str]:
        weights = [1 / (2 + place) for place in range(len(halves))]
        return random.choices(halves, weights, k=how_many)

    begin, *middle = some(NAME_BEGINS, 2 if random.random() < 0.12 else 1)
    [end] = some(NAME_ENDS)
    return begin + "".join(middle).lower() + end


def build(people: int, say: Callable[[str], None] = print, base: int = BASE) -> int:
    """Fill an empty, migrated database with `people` (a multiple of `base`); return the records."""
    from triservice.subjects.models import SourceRecord

    start = time.perf_counter()
    _small_town(min(people, base))
    say(f"small town: {time.perf_counter() - start:.0f} s")
    _copy(people // base)
    records = SourceRecord.objects.count()
    say(f"{people:,} people, {records:,} records in {time.perf_counter() - start:.0f} s")
    return records


def _small_town(people: int) -> None:
    from partnership import make_partnership
    from triservice.kernel.access_words import Role
    from triservice.subjects.actions.linkage import link_exact
    from triservice.subjects.actions.records import receive_records
    from triservice.subjects.invented import invent

    made = make_partnership()
    for kind, rows in invent(people, family=family).rows.items():
        sender = made.reader(kind, Role.DATA_OWNER)
        receipt = receive_records(sender, made.agencies[kind], "system 0", rows)
        link_exact(sender, receipt.people)


def _copy(copies: int) -> None:
    """Copy the small town until there are `copies` of it."""
    from django.db import connection

    from triservice.subjects import models as m
    from triservice.subjects.actions.saving import add_words
    from triservice.subjects.words import Kept

    tables = (m.Person, m.Premises, m.SourceRecord, m.RecordPart, m.Link, m.SearchKey)
    names = (str(Kept.NAME), str(Kept.ALIAS))
    texts = list(
        m.SearchKey.objects.filter(kind__in=names).values_list("text", flat=True).distinct()
    )
    with connection.cursor() as cursor:
        with in_bulk(cursor, tables):
            offsets = {}
            for model in tables:
                cursor.execute(f"SELECT max(id) FROM {model._meta.db_table}")
                offsets[model] = cursor.fetchone()[0]
            for copy in range(1, copies):
                for model in tables:
                    cursor.execute(_one_more(model, copy, offsets))
            for ending in ENDINGS[: copies // 2]:
                add_words((Kept.NAME, text + ending) for text in texts)
        if connection.vendor == "postgresql":
            for model in (*tables, m.WordForm):
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
            cursor.execute("VACUUM ANALYZE")
        else:
            texts_of = "subjects_searchtext"
            cursor.execute(f"INSERT INTO {texts_of}({texts_of}) VALUES ('rebuild')")
            cursor.execute("ANALYZE")


@contextmanager
def in_bulk(cursor: Any, tables: Iterable[Any]) -> Iterator[None]:
    """Write rows of these models without indexes and keys to other tables; make the indexes again.

    What a row says of itself is checked as ever.
    """
    _say_less(cursor)
    again = _without_indexes(cursor, [model._meta.db_table for model in tables])
    yield
    for sql in again:
        cursor.execute(sql)
    postgresql = cursor.db.vendor == "postgresql"
    cursor.execute(
        "SET session_replication_role = DEFAULT" if postgresql else "PRAGMA foreign_keys = ON"
    )


def _say_less(cursor: Any) -> None:
    """Stop what checks the keys of each row to other tables."""
    if cursor.db.vendor == "postgresql":
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
    else:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("PRAGMA cache_size = -1000000")


def _without_indexes(cursor: Any, tables: Iterable[str]) -> list[str]:
    """Drop the indexes and triggers of the tables; return the SQL that makes them again."""
    named = ", ".join(f"'{table}'" for table in tables)
    if cursor.db.vendor == "postgresql":
        cursor.execute(
            "SELECT 'INDEX', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
            f"AND tablename IN ({named}) "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
    else:
        cursor.execute(
            "SELECT upper(type), name, sql FROM sqlite_master WHERE sql IS NOT NULL "
            f"AND type IN ('index', 'trigger') AND tbl_name IN ({named})"
        )
    found = cursor.fetchall()
    for kind, name, _ in found:
        cursor.execute(f"DROP {kind} {name}")
    return [sql for _, _, sql in found]


def check_keys(cursor: Any, tables: Iterable[Any]) -> None:
    """Check that every key of these models leads to a row; raises AssertionError."""
    for model in tables:
        for field in model._meta.concrete_fields:
            if field.related_model is None:
                continue
            target = field.related_model._meta
            cursor.execute(
                f"SELECT count(*) FROM {model._meta.db_table} AS one "
                f"WHERE one.{field.column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
                f"{target.db_table} AS other WHERE other.{target.pk.column} = one.{field.column})"
            )
            (astray,) = cursor.fetchone()
            assert not astray, f"{field}: {astray} keys lead nowhere"


# What a column of a copy holds, in SQL over the column {c} of the original. {ending} goes behind
# family names, {place} for ZZ in postcodes; {uprn}, {phone} and {nhs} are beginnings of numbers.
CHANGED = {
    "system": "'system {copy}'",
    "sent": "'{{}}'",
    "family_name": "CASE {c} WHEN '' THEN '' ELSE {c} || '{ending}' END",
    "aliases": """CAST(replace(CAST({c} AS text), '"]', '{ending}"]') AS {json})""",
    "postcode": "CASE {c} WHEN '' THEN '' ELSE upper('{place}') || substr({c}, 3) END",
    "uprn": "replace({c}, '9999000', '{uprn}')",
    "phone": "replace({c}, '1632', '{phone}')",
    "other_phone": "replace({c}, '1632', '{phone}')",
    "nhs_number": "CASE {c} WHEN '' THEN '' ELSE '{nhs}' || substr({c}, 4) END",
    "address_key": "'{place}' || substr({c}, 3)",
    "text": """CASE kind
        WHEN 'name' THEN {c} || '{ending}'
        WHEN 'alias' THEN {c} || '{ending}'
        WHEN 'address' THEN replace(replace({c}, ' zz', ' {place}'), '9999000', '{uprn}')
        WHEN 'phone' THEN replace({c}, '1632', '{phone}')
        WHEN 'nhs' THEN '{nhs}' || substr({c}, 4)
        ELSE {c} END""",
}


def _one_more(model: Any, copy: int, offsets: dict[Any, int]) -> str:
    """Return the SQL that adds the copy of one table's rows of the small town."""
    columns, values = [], []
    for field in model._meta.concrete_fields:
        columns.append(f'"{field.column}"')
        values.append(_value(field, columns[-1], copy, offsets))
    table = model._meta.db_table
    of_people = " AND household_id IS NULL" if model._meta.model_name == "link" else ""
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM {table} WHERE id <= {offsets[model]}{of_people}"
    )


def _value(field: Any, column: str, copy: int, offsets: dict[Any, int]) -> str:
    """Return what a column of the copy holds: SQL over the column of the original."""
    from django.db import connection

    postgresql = connection.vendor == "postgresql"
    if field.primary_key:
        return f"{column} + {copy * offsets[field.model]}"
    if field.related_model in offsets:
        return f"{column} + {copy * offsets[field.related_model]}"
    if field.get_internal_type() == "UUIDField":  # the digits that say the version become ours
        at, kind = (15, "uuid") if postgresql else (13, "text")
        text = f"CAST({column} AS text)"
        new = f"substr({text}, 1, {at - 1}) || '{160 + copy:02x}' || substr({text}, {at + 2})"
        return f"CAST({new} AS {kind})"
    return CHANGED.get(field.name, "{c}").format(
        c=column,
        copy=copy,
        ending=ENDINGS[copy // 2] if copy % 2 else "",
        place=f"z{chr(97 + copy % 25)}{copy // 25 or ''}",
        uprn=f"99990{copy:02}",
        phone=1632 + copy,
        nhs=f"9{copy:02}",
        json="jsonb" if postgresql else "text",
    )

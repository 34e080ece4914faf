"""The application as a role that owns nothing: it works, and the database keeps the record."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

import signing_in
from partnership import Partnership, make_partnership
from triservice.access.models import Disclosure
from triservice.kernel.access_words import Role
from triservice.kernel.errors import InputError
from triservice.subjects.actions.records import receive_records
from triservice.web.operations import doctor
from triservice.web.operations.database_role import ONLY_GROW, grant, may_change, statements

ROW = {
    "source_key": "1",
    "person_number": "P1",
    "given_name": "Morwenna",
    "family_name": "Trevanion",
    "address": "14 Invented Lane",
    "postcode": "ZZ1 1AA",
    "police.summary": "Invented",
}
postgresql = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles"),
]


@pytest.fixture
def role() -> Iterator[tuple[str, str]]:
    """A role that may sign in to the database, and its password."""
    name, password = f"app_{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    yield name, password
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {name}")
        cursor.execute(f"DROP ROLE {name}")


@pytest.fixture
def become(role: tuple[str, str]) -> Iterator[Callable[[], None]]:
    """Return a function after which the application is connected as the role."""
    own = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}

    def change(values: dict[str, str]) -> None:
        connection.close()
        connection.settings_dict.update(values)

    yield lambda: change({"USER": role[0], "PASSWORD": role[1]})
    change(own)


def use(made: Partnership) -> None:
    """Send a record, sign in, find the person and open them."""
    owner = made.reader("police", Role.DATA_OWNER)
    receive_records(owner, made.agencies["police"], "invented", [ROW])
    police = signing_in.sign_in(Client(), made.officer("police"))
    found = police.post(reverse("subjects:search"), {"text": "trevanion"}).content.decode()
    assert "1 person found" in found
    person = re.search(r"/people/[0-9a-f-]{36}", found)
    assert person is not None
    assert "Invented Lane" in police.get(person[0]).content.decode()


class TestOnPostgres:
    """What only a database with roles shows."""

    pytestmark = postgresql

    def test_the_application_works_and_is_refused_when_it_alters(
        self, role: tuple[str, str], become: Callable[[], None]
    ) -> None:
        made = make_partnership(roles=(Role.OFFICER, Role.DATA_OWNER))
        grant(role[0])
        become()
        use(made)
        assert Disclosure.objects.count() >= 3
        models = {model._meta.db_table: model for model in apps.get_models()}
        for table in ONLY_GROW:
            key = models[table]._meta.pk.column
            for change in (
                f"UPDATE {table} SET {key} = {key}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
                f"ALTER TABLE {table} DISABLE TRIGGER USER",
                f"DROP TABLE {table} CASCADE",
            ):
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    _run(change)
        with pytest.raises(ProgrammingError, match="permission denied"):
            _run("DELETE FROM django_migrations")

    def test_the_doctor_tells_owner_and_application_apart(
        self, role: tuple[str, str], become: Callable[[], None]
    ) -> None:
        owner = {f.said: f.state for f in doctor.examine() if f.about == "database"}
        assert any("may change access_agreementevent" in said for said in owner)
        assert doctor.State.GOOD not in {s for said, s in owner.items() if "the role" in said}
        grant(role[0])
        become()
        told = [f for f in doctor.examine() if "the role" in f.said]
        assert [(f.state, f.said) for f in told] == [
            (doctor.State.GOOD, f"the role {role[0]} adds to the record and cannot change it")
        ]

    def test_what_was_given_before_is_taken(self, role: tuple[str, str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role[0]}")
            assert may_change(cursor, role[0]) == sorted(ONLY_GROW)
            grant(role[0])
            assert may_change(cursor, role[0]) == []

    def test_the_owner_and_who_is_not_there_are_refused(self, role: tuple[str, str]) -> None:
        with pytest.raises(InputError, match="owns the record"):
            grant(connection.settings_dict["USER"])
        with pytest.raises(InputError, match="has no role nobody"):
            grant("nobody")
        _run(f"ALTER ROLE {role[0]} CREATEROLE")
        with pytest.raises(InputError, match="may take what it is not given"):
            grant(role[0])


def _run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has roles")
def test_sqlite_says_that_it_has_no_roles() -> None:
    with pytest.raises(InputError, match="SQLite has no roles"):
        grant("triservice_app")


def test_no_statement_lets_the_record_be_changed() -> None:
    given = list(statements('"app"', [*ONLY_GROW, "django_migrations", "other"]))
    for table in ONLY_GROW:
        assert f'GRANT SELECT, INSERT ON "{table}" TO "app"' in given
    assert 'GRANT SELECT ON "django_migrations" TO "app"' in given
    assert 'GRANT SELECT, INSERT, UPDATE, DELETE ON "other" TO "app"' in given
    assert not any("TRUNCATE" in statement for statement in given)

"""What the environment says, and what production refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triservice.kernel.errors import InputError
from triservice.web import environ
from triservice.web.environ import READERS, database_of, mail_of, read, unsafe

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"
SAFE = {
    "TRISERVICE_ENV": "production",
    "TRISERVICE_SECRET_KEY": "kV3x9!qLw0Zt7RmYp2sBn5HdJc8fGa1UeTiXoKlMvQyWzPbE4r",
    "TRISERVICE_HOSTS": "triservice.example",
    "TRISERVICE_ORIGINS": "https://triservice.example",
    "TRISERVICE_DATABASE": "postgres://app:secret@db.example/triservice?sslmode=verify-full",
    "TRISERVICE_DATA": "/var/lib/triservice",
}
UNSAFE = [
    ("TRISERVICE_DEBUG", "1", "TRISERVICE_DEBUG"),
    ("TRISERVICE_DEMO", "yes", "TRISERVICE_DEMO"),
    ("TRISERVICE_SECRET_KEY", None, "TRISERVICE_SECRET_KEY is not set"),
    ("TRISERVICE_SECRET_KEY", environ.DEVELOPMENT_KEY, "TRISERVICE_SECRET_KEY is not set"),
    ("TRISERVICE_SECRET_KEY", "short", "TRISERVICE_SECRET_KEY is too short"),
    ("TRISERVICE_SECRET_KEY", "ab" * 40, "TRISERVICE_SECRET_KEY is too short or too regular"),
    ("TRISERVICE_OLD_SECRET_KEYS", "short", "TRISERVICE_OLD_SECRET_KEYS"),
    ("TRISERVICE_ORIGINS", None, "TRISERVICE_ORIGINS is not set"),
    ("TRISERVICE_ORIGINS", "http://triservice.example", "without HTTPS"),
    ("TRISERVICE_ORIGINS", "https://a.example,http://b.example", "without HTTPS"),
    ("TRISERVICE_SIGN_IN_ORIGINS", "http://directory.example", "without HTTPS"),
    ("TRISERVICE_HOSTS", None, "TRISERVICE_HOSTS is not set"),
    ("TRISERVICE_HOSTS", "*", "wildcard"),
    ("TRISERVICE_DATABASE", None, "TRISERVICE_DATABASE is not set"),
    ("TRISERVICE_DATABASE", "here.sqlite3", "relative path"),
    ("TRISERVICE_DATABASE", "sqlite:here.sqlite3", "relative path"),
    ("TRISERVICE_DATABASE", "postgres://a:b@db.example/n", "sslmode=verify-full"),
    ("TRISERVICE_DATABASE", "postgres://a:b@db.example/n?sslmode=require", "sslmode=verify-full"),
    ("TRISERVICE_DATABASE", "postgres:///n?host=db.example", "sslmode=verify-full"),
    ("TRISERVICE_DATA", "data", "TRISERVICE_DATA is a relative path"),
    ("TRISERVICE_BREACHED_PASSWORDS", "pwned.txt", "BREACHED_PASSWORDS is a relative path"),
    ("TRISERVICE_WEAKNESSES", "/srv/PyPI.zip,npm.zip", "WEAKNESSES is a relative path"),
    ("TRISERVICE_LAKE", "lake", "TRISERVICE_LAKE is a relative path"),
    ("TRISERVICE_SEND_CA", "ca.pem", "TRISERVICE_SEND_CA is a relative path"),
]


def test_the_defaults_are_a_developers_machine() -> None:
    env = read({})
    assert not env.production
    assert not env.debug
    assert not env.demo
    assert database_of(env)["ENGINE"] == "triservice.web.sqlite"
    assert database_of(env)["NAME"] == Path("data/triservice.sqlite3")


def test_a_safe_production_is_accepted() -> None:
    assert unsafe(read(SAFE)) == []


@pytest.mark.parametrize(
    "address",
    [
        "postgres:///n",
        "postgres://a:b@localhost/n",
        "postgres://a:b@[::1]/n",
        "postgres:///n?host=/run/postgresql",
        "/srv/a.sqlite3",
    ],
)
def test_a_database_on_this_machine_needs_no_tls(address: str) -> None:
    assert unsafe(read({**SAFE, "TRISERVICE_DATABASE": address})) == []


@pytest.mark.parametrize(("name", "value", "said"), UNSAFE)
def test_each_unsafe_setting_is_named(name: str, value: str | None, said: str) -> None:
    changed = {k: v for k, v in SAFE.items() if k != name} | ({name: value} if value else {})
    sentences = unsafe(read(changed))
    assert len(sentences) == 1, sentences
    assert said in sentences[0]
    assert sentences[0].endswith(".")


def test_the_key_itself_is_never_repeated() -> None:
    sentences = unsafe(read({**SAFE, "TRISERVICE_SECRET_KEY": "hunter2"}))
    assert "hunter2" not in " ".join(sentences)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRISERVICE_ENV", "prod"),
        ("TRISERVICE_DEBUG", "maybe"),
        ("TRISERVICE_IDLE_MINUTES", "0"),
        ("TRISERVICE_IDLE_MINUTES", "1e3"),
        ("TRISERVICE_IDLE_MINUTES", "٣"),
        ("TRISERVICE_SESSION_HOURS", "25"),
        ("TRISERVICE_ORIGINS", "triservice.example"),
        ("TRISERVICE_ORIGINS", "https://triservice.example/path"),
        ("TRISERVICE_LOG_LEVEL", "LOUD"),
    ],
)
def test_what_cannot_be_understood_is_refused(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name):
        read({name: value})


def test_blank_is_not_set() -> None:
    assert read({"TRISERVICE_DEMO": " ", "TRISERVICE_IDLE_MINUTES": ""}) == read({})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgres://u:p@h:5433/n", ("u", "p", "h", 5433, "n")),
        ("postgresql://u%40x:p%2Fq@h/n%20m", ("u@x", "p/q", "h", "", "n m")),
        ("postgres:///n", ("", "", "", "", "n")),
    ],
)
def test_postgres_addresses(address: str, expected: tuple[object, ...]) -> None:
    found = database_of(read({"TRISERVICE_DATABASE": address}))
    assert tuple(found[k] for k in ("USER", "PASSWORD", "HOST", "PORT", "NAME")) == expected


def test_postgres_compiles_nothing_and_keeps_statements_unless_the_address_says_so() -> None:
    address = "postgres://a:b@localhost/n"
    chosen = f"{address}?options=-c%20jit%3Don&prepare=no"
    usual = database_of(read({"TRISERVICE_DATABASE": address}))["OPTIONS"]
    assert "-c jit=off" in usual["options"]
    assert usual["prepare_threshold"] == 0
    assert database_of(read({"TRISERVICE_DATABASE": chosen}))["OPTIONS"] == {
        "options": "-c jit=on", "prepare_threshold": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "path"),
    [("/a/b.db", "/a/b.db"), ("sqlite:///a/b.db", "/a/b.db"), ("sqlite:b.db", "b.db")],
)
def test_sqlite_addresses(address: str, path: str) -> None:
    assert database_of(read({"TRISERVICE_DATABASE": address}))["NAME"] == Path(path)


@pytest.mark.parametrize("address", ["mysql://u@h/n", "postgres://u@h"])
def test_other_databases_are_refused(address: str) -> None:
    with pytest.raises(InputError, match="TRISERVICE_DATABASE"):
        database_of(read({"TRISERVICE_DATABASE": address}))


def test_mail_servers() -> None:
    assert mail_of(read({}))["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    starttls = mail_of(read({"TRISERVICE_MAIL": "smtp://u:p@h"}))
    assert (starttls["EMAIL_PORT"], starttls["EMAIL_USE_TLS"]) == (587, True)
    whole = mail_of(read({"TRISERVICE_MAIL": "smtps://u:p@h"}))
    assert (whole["EMAIL_PORT"], whole["EMAIL_USE_SSL"]) == (465, True)
    with pytest.raises(InputError, match="TRISERVICE_MAIL"):
        mail_of(read({"TRISERVICE_MAIL": "mailhost"}))


def test_every_setting_is_documented_and_no_other() -> None:
    told = set(
        re.findall(r"^\| `(TRISERVICE_\w+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    elsewhere = {
        "TRISERVICE_TRACEBACK",
        "TRISERVICE_OPEN_DATA",
        "TRISERVICE_CHROMIUM",
        "TRISERVICE_PG_TOOLS",
        "TRISERVICE_SCHEMES",  # the catalogue needs no web application
    }
    assert told - elsewhere == {f"TRISERVICE_{name.upper()}" for name in READERS}

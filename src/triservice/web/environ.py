"""What the environment says, read once and checked: plain Python, so that it is easily tested.

Every name is documented in docs/reference/settings.md; a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from triservice.kernel.errors import InputError

PREFIX = "TRISERVICE_"
DEVELOPMENT_KEY = "not secret: for development and tests only"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")
_TRUTH = {"1": True, "true": True, "yes": True, "on": True}
_FALSEHOOD = {"0": False, "false": False, "no": False, "off": False, "": False}


@dataclass(frozen=True, slots=True)
class Environ:
    """The settings that a deployment may choose."""

    env: str = "development"
    data: Path = Path("data")
    lake: Path | None = None  # of events, as `triservice import … --lake` wrote it
    database: str = ""  # empty: data/triservice.sqlite3
    secret_key: str = DEVELOPMENT_KEY
    old_secret_keys: tuple[str, ...] = ()
    hosts: tuple[str, ...] = LOCAL_HOSTS
    origins: tuple[str, ...] = ()
    sign_in_origins: tuple[str, ...] = ()
    demo: bool = False
    debug: bool = False
    proxy: bool = False
    weaknesses: tuple[Path, ...] = ()  # of components, as OSV lists them
    breached_passwords: Path | None = None  # SHA-1 hashes, sorted, as Pwned Passwords has them
    idle_minutes: int = 30
    session_hours: int = 12
    open_requests: int = 20
    pages_per_minute: int = 180
    offline_hours: int = 14
    file_mb: int = 12  # of one file on a case; at least what a phone may send
    clamd: str = ""  # where the virus scanner listens; empty: files are not scanned
    send_to: tuple[str, ...] = ()  # hosts of services' systems; empty: nothing is sent to any
    send_ca: Path | None = None  # certificates that are trusted there besides the machine's
    mail: str = ""
    mail_from: str = "triservice@localhost"
    basemap: str = ""
    log_level: str = "INFO"

    @property
    def production(self) -> bool:
        """Whether real people's data may be kept here."""
        return self.env == "production"


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return text

    return read


def _truth(text: str) -> bool:
    try:
        return (_TRUTH | _FALSEHOOD)[text.lower()]
    except KeyError:
        raise ValueError("is neither yes nor no (1, true, yes, on; 0, false, no, off)") from None


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _files(text: str) -> tuple[Path, ...]:
    return tuple(map(Path, _several(text)))


def _origins(text: str) -> tuple[str, ...]:
    for origin in _several(text):
        parts = urlsplit(origin)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.path not in {"", "/"}
        ):
            raise ValueError(f"{origin} is no origin such as https://triservice.example")
    return tuple(origin.rstrip("/") for origin in _several(text))


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"is no whole number from {least} to {most}")
        return int(text)

    return read


def _places(text: str) -> tuple[str, ...]:
    for place in _several(text):
        host, _, port = place.partition(":")
        named = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", host)
        if not (_network(place) or (named and (port == "" or port.isdecimal()))):
            raise ValueError(f"{place} is neither a host, nor host:port, nor a network")
    return _several(text)


def _network(text: str) -> bool:
    try:
        return bool(ip_network(text))
    except ValueError:
        return False


def _scanner(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not text.startswith("/") and not (host and colon and port.isascii() and port.isdigit()):
        raise ValueError("is neither the path of a socket nor host:port")
    return text


READERS: dict[str, Callable[[str], Any]] = {
    "env": _one_of("development", "production"),
    "data": Path,
    "lake": Path,
    "database": str,
    "secret_key": str,
    "old_secret_keys": _several,
    "hosts": _several,
    "origins": _origins,
    "sign_in_origins": _origins,
    "demo": _truth,
    "debug": _truth,
    "proxy": _truth,
    "weaknesses": _files,
    "breached_passwords": Path,
    "idle_minutes": _whole(1, 8 * 60),
    "session_hours": _whole(1, 24),
    "open_requests": _whole(1, 1_000),
    "pages_per_minute": _whole(10, 10_000),
    "offline_hours": _whole(1, 72),
    "file_mb": _whole(12, 50),
    "clamd": _scanner,
    "send_to": _places,
    "send_ca": Path,
    "mail": str,
    "mail_from": str,
    "basemap": str,
    "log_level": _one_of("DEBUG", "INFO", "WARNING", "ERROR"),
}


def read(environ: Mapping[str, str]) -> Environ:
    """Read the settings. Raises InputError for a value that cannot be understood."""
    found: dict[str, Any] = {}
    for name, reader in READERS.items():
        key = PREFIX + name.upper()
        if (text := environ.get(key, "").strip()) == "":
            continue
        try:
            found[name] = reader(text)
        except ValueError as refusal:
            raise InputError(f"{key} {refusal}", do="Correct it, or unset it.") from None
    return Environ(**found)


def unsafe(env: Environ) -> list[str]:
    """Return a sentence for each reason why this must not hold real people's data."""
    rules = {
        "TRISERVICE_DEBUG is on: error pages would show data. Unset it.": env.debug,
        "TRISERVICE_DEMO is on: anybody could sign in by one click. Unset it.": env.demo,
        "TRISERVICE_SECRET_KEY is not set: sessions could be forged. Set it to 50 or more random "
        "characters and keep it secret.": env.secret_key == DEVELOPMENT_KEY,
        "TRISERVICE_SECRET_KEY is too short or too regular: set it to 50 or more random "
        "characters.": env.secret_key != DEVELOPMENT_KEY and _weak(env.secret_key),
        "TRISERVICE_OLD_SECRET_KEYS holds a key that is too short or too regular. Remove it.": any(
            map(_weak, env.old_secret_keys)
        ),
        "TRISERVICE_ORIGINS is not set: name the address that people use, such as "
        "https://triservice.example.": not env.origins,
        "TRISERVICE_ORIGINS names an address without HTTPS: what people read would cross the "
        "network in the open.": any(urlsplit(o).scheme != "https" for o in env.origins),
        "TRISERVICE_SIGN_IN_ORIGINS names a directory without HTTPS: sign-in could be "
        "listened to.": any(urlsplit(o).scheme != "https" for o in env.sign_in_origins),
        "TRISERVICE_HOSTS is not set: name the hosts that this answers to.": (
            env.hosts == LOCAL_HOSTS
        ),
        "TRISERVICE_HOSTS holds a wildcard: name each host.": any("*" in h for h in env.hosts),
        "TRISERVICE_DATABASE is not set: say where the records are kept, as an absolute path or a "
        "postgres:// address.": not env.database,
        "TRISERVICE_DATABASE is a relative path: another working directory would be another "
        "database. Make it absolute.": _relative(env.database),
        "TRISERVICE_DATABASE is on another machine without sslmode=verify-full: what is read would "
        "cross the network in the open, or come from an impostor. Add it.": _open_line(
            env.database
        ),
        "TRISERVICE_CLAMD is on another machine: files would cross the network in the open. Run "
        "the scanner on this one.": _far(env.clamd),
        "TRISERVICE_DATA is a relative path: make it absolute.": not env.data.is_absolute(),
        "TRISERVICE_BREACHED_PASSWORDS is a relative path: make it absolute.": (
            env.breached_passwords is not None and not env.breached_passwords.is_absolute()
        ),
        "TRISERVICE_WEAKNESSES is a relative path: make it absolute.": not all(
            file.is_absolute() for file in env.weaknesses
        ),
        "TRISERVICE_SEND_CA is a relative path: make it absolute.": (
            env.send_ca is not None and not env.send_ca.is_absolute()
        ),
        "TRISERVICE_LAKE is a relative path: make it absolute.": (
            env.lake is not None and not env.lake.is_absolute()
        ),
    }
    return [sentence for sentence, holds in rules.items() if holds]


def _weak(key: str) -> bool:
    return len(key) < 50 or len(set(key)) < 10


def _relative(database: str) -> bool:
    path = sqlite_path(database)
    return path is not None and not path.is_absolute()


def _open_line(database: str) -> bool:
    parts = urlsplit(database)
    if parts.scheme not in {"postgres", "postgresql"}:
        return False
    chosen = dict(parse_qsl(parts.query))
    hosts = {parts.hostname or "", chosen.get("host", "")} - {""}
    near = all(host in LOCAL_HOSTS or host == "::1" or host.startswith("/") for host in hosts)
    return not near and chosen.get("sslmode") != "verify-full"


def _far(clamd: str) -> bool:
    host = clamd.rpartition(":")[0]
    return not clamd.startswith("/") and host not in {"", *LOCAL_HOSTS, "::1"}


def sqlite_path(database: str) -> Path | None:
    """Return the file of an SQLite database; None for a PostgreSQL address or nothing at all."""
    if not database or urlsplit(database).scheme in {"postgres", "postgresql"}:
        return None
    return Path(database.removeprefix("sqlite://").removeprefix("sqlite:"))


# Seconds. A new connection reads the whole schema and prepares everything anew, which a page waits
# for; in an hour that is made up for, and what the database kept for a connection is let go.
KEPT = 3600


def database_of(env: Environ) -> dict[str, Any]:
    """Return Django's settings of the database. Raises InputError for an address that is none."""
    parts = urlsplit(env.database)
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgres(parts)
    if parts.scheme not in {"", "sqlite"} and "://" in env.database:
        raise InputError(
            f"TRISERVICE_DATABASE has the unknown kind {parts.scheme}",
            do="Use a path of an SQLite file or postgres://user:password@host:port/name.",
        )
    return {
        "ENGINE": "triservice.web.sqlite",
        "NAME": sqlite_path(env.database) or env.data / "triservice.sqlite3",
        "CONN_MAX_AGE": KEPT,
        # A deferred transaction that reads and then writes fails under load; an immediate waits.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "cached_statements": 512,  # each reader's are others, and long
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA foreign_keys=ON; PRAGMA mmap_size=268435456;"
            ),
        },
    }


# What an agreement opens makes long conditions, which PostgreSQL would compile for longer than it
# runs them; and a page's statements are many and short, so each is left to one process. Those that
# are kept find few rows by an index, whatever is asked: one plan will do.
PLAINLY = "-c jit=off -c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_generic_plan"


def _postgres(parts: SplitResult) -> dict[str, Any]:
    name = parts.path.strip("/")
    if not name:
        raise InputError(
            "TRISERVICE_DATABASE names no database",
            do="Use postgres://user:password@host:port/name.",
        )
    options = dict(parse_qsl(parts.query))  # sslmode and its kin
    kept = options.pop("prepare", "yes") != "no"  # a pooler may not know statements that are kept
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(name),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": KEPT,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": PLAINLY, "prepare_threshold": 0 if kept else None} | options,
    }


def mail_of(env: Environ) -> dict[str, Any]:
    """Return Django's settings of outgoing mail; without a server it is kept as files."""
    if not env.mail:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": env.data / "mail",
        }
    parts = urlsplit(env.mail)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise InputError(
            "TRISERVICE_MAIL is no mail server",
            do="Use smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465.",
        )
    whole = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if whole else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": whole,
        "EMAIL_USE_TLS": not whole,
        "EMAIL_TIMEOUT": 20,
    }

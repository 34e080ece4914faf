"""Look whether everything that triservice needs is there and sound; say each in a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from triservice.kernel.errors import InputError
from triservice.web.operations import database_role, encryption, postgres
from triservice.web.operations.start import is_sqlite, waiting_migrations

LEAST_FREE = 1 << 30  # bytes on the disk of the data
RENEW = timedelta(days=14)  # before a certificate ends
QUARTER = timedelta(days=92)  # after which all components are chosen anew (model.md)
FETCH = timedelta(days=7)  # after a list of weaknesses was made


class State(StrEnum):
    """How a thing is."""

    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    state: State
    said: str

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


Findings = Iterator[tuple[State, str]]


def examine() -> list[Finding]:
    """Look at everything; a look that itself fails is a finding too."""
    findings = []
    for about, look in LOOKS.items():
        try:
            findings += [Finding(about, state, said) for state, said in look()]
        except InputError as refusal:
            findings.append(Finding(about, State.WRONG, str(refusal)))
        except Exception as fault:
            said = f"could not be looked at ({type(fault).__name__})"
            findings.append(Finding(about, State.WRONG, said))
    return findings


def _settings() -> Findings:
    from django.conf import settings
    from django.core.checks import ERROR, WARNING, run_checks

    kind = "production" if settings.PRODUCTION else "development: only for invented people"
    yield State.GOOD if settings.PRODUCTION else State.NOTE, f"TRISERVICE_ENV is {kind}"
    for issue in run_checks(include_deployment_checks=True):
        if issue.level >= WARNING and not issue.is_silenced():
            yield State.WRONG if issue.level >= ERROR else State.NOTE, str(issue.msg)


def _database() -> Findings:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if is_sqlite() else "SHOW server_version")
        (version,) = cursor.fetchone()
    yield State.GOOD, f"{connection.display_name} {version} answers"
    if is_sqlite():
        yield from _sqlite()
    else:
        yield from _role()
        if postgres.tool("pg_dump") is None:
            yield State.NOTE, "pg_dump is not here: backups are made by COPY through the driver"


def _role() -> Findings:
    """Say whether the role that connects could change the record."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
        changes = database_role.may_change(cursor)
    if changes:
        yield (
            State.NOTE,
            f"the role {role} may change {', '.join(changes)}, as the migrations need; let the "
            "application connect as another: triservice migrate --grant-to ROLE",
        )
    else:
        yield State.GOOD, f"the role {role} adds to the record and cannot change it"


def _sqlite() -> Findings:
    from django.db import connection

    with connection.cursor() as cursor:
        for pragma, wanted in (("quick_check", "ok"), ("journal_mode", "wal")):
            cursor.execute(f"PRAGMA {pragma}")
            (answer,) = cursor.fetchone()
            state = State.GOOD if str(answer).lower() == wanted else State.WRONG
            yield state, f"{pragma.replace('_', ' ')}: {answer}"
        cursor.execute("PRAGMA foreign_key_check")
        if broken := len(cursor.fetchall()):
            yield State.WRONG, f"{broken:,} rows point at rows that are not there"
    file = Path(connection.settings_dict["NAME"])
    if file.is_file() and file.stat().st_mode & 0o077:
        yield State.NOTE, f"{file} can be read by other accounts of this machine: chmod 600 {file}"


def _migrations() -> Findings:
    waiting = waiting_migrations()
    if waiting:
        yield State.WRONG, f"{len(waiting)} wait, {waiting[0]} first. Run: triservice migrate"
    else:
        yield State.GOOD, "none waits"


def _pages() -> Findings:
    from triservice.web.health import style_is_built

    if style_is_built():
        yield State.GOOD, "the style and script are built"
    else:
        yield State.WRONG, "the style is not built. Run: tools/build_front.sh, or make demo"


def _disk() -> Findings:
    from django.conf import settings

    folder = Path(settings.DATA)
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free
    state = State.GOOD if free >= LEAST_FREE else State.WRONG
    yield state, f"{free / 1e9:,.1f} GB free for {folder}"


def _mail() -> Findings:
    from django.conf import settings

    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield State.GOOD, "goes to the server that TRISERVICE_MAIL names"
    else:
        said = "is kept as files, and nobody gets it. Set TRISERVICE_MAIL"
        yield State.WRONG if settings.PRODUCTION else State.NOTE, said


def _clock() -> Findings:
    """Say when what goes by the clock was done: lone officers are looked for by nothing else."""
    from django.utils import timezone

    from triservice.access import jobs

    ran = jobs.last_run()
    how = "triservice serve does it every minute, or let a scheduler run triservice due"
    if ran is None or ran.ran_at is None:
        yield State.NOTE, f"was never done: {how}"
        return
    at = f"{timezone.localtime(ran.ran_at):%d %B %Y, %H:%M}"
    if jobs.is_late(ran):
        yield State.WRONG, f"was done last on {at}. Nobody is alarmed or reminded since: {how}"
    else:
        yield State.GOOD, f"was done last on {at}"
    for trouble in jobs.troubles():
        yield State.WRONG, f"{trouble}. The log says where"


def _passwords() -> Findings:
    from django.conf import settings

    from triservice.agencies.sign_in.breached import fault

    file = settings.BREACHED_PASSWORDS
    if file is None:
        yield (
            State.NOTE,
            (
                "new passwords are not compared with breached ones. "
                "Name a file in TRISERVICE_BREACHED_PASSWORDS"
            ),
        )
    elif wrong := fault(file):
        yield State.WRONG, f"{file} {wrong}: no new password is taken, or a breached one is"
    else:
        yield State.GOOD, "new passwords are compared with breached ones"


def _encryption() -> Findings:
    """Say how the addresses that people use are encrypted, by whatever stands before us."""
    from django.conf import settings
    from django.utils import timezone

    for origin in settings.CSRF_TRUSTED_ORIGINS:
        parts = urlsplit(origin)
        if parts.scheme != "https":
            continue
        try:
            line = encryption.ask(parts.hostname or "", parts.port or 443)
        except OSError as silent:
            why = f"was not looked at: no answer from here ({type(silent).__name__})"
            yield State.NOTE, f"{origin} {why}"
            continue
        for fault in line.faults:
            yield State.WRONG, f"{origin}: {fault}"
        if line.until is None:
            continue
        day = f"{timezone.localtime(line.until):%d %B %Y}"
        soon = line.until < timezone.now() + RENEW
        said = f"{origin}: the certificate is trusted until {day}{': renew it' if soon else ''}"
        yield State.NOTE if soon else State.GOOD, said


def _components() -> Findings:
    from django.conf import settings

    from triservice.web.operations import weaknesses

    chosen = f"versions were chosen on {weaknesses.pinned():%d %B %Y}"
    if date.today() > weaknesses.pinned() + QUARTER:
        yield State.NOTE, f"{chosen}, more than a quarter ago: take a newer release of triservice"
    else:
        yield State.GOOD, chosen
    if not settings.WEAKNESSES:
        said = "nothing compares them with known weaknesses. Name lists in TRISERVICE_WEAKNESSES"
        yield State.NOTE, said
        return
    there = weaknesses.installed()
    found, day = weaknesses.look(settings.WEAKNESSES, there)
    for one in found:
        yield State.WRONG, f"{one}: take a newer release of triservice, or tell who makes it"
    known = f"{len(there):,} compared with weaknesses known on {day:%d %B %Y}"
    if date.today() > day + FETCH:
        yield State.NOTE, f"{known}: fetch a newer list"
    elif not found:
        yield State.GOOD, f"{known}: none has any"


LOOKS: dict[str, Callable[[], Findings]] = {
    "settings": _settings,
    "database": _database,
    "migrations": _migrations,
    "pages": _pages,
    "disk": _disk,
    "mail": _mail,
    "what goes by the clock": _clock,
    "passwords": _passwords,
    "encryption": _encryption,
    "components": _components,
}

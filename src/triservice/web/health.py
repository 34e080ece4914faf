"""Whether this server lives, and whether it can answer: for probes, without any detail."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from triservice.access import jobs
from triservice.access.pages import page
from triservice.web.operations import beside

log = logging.getLogger("triservice.health")


@page(title="Live", public=True)
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process answers at all."""
    return JsonResponse({"live": True})


@page(title="Ready", public=True)
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every part is ready, else 503; the parts are named, not their faults.

    `clock` says whether what goes by the clock was done lately, `beside` whether no process beside
    this server ended untold of late. Where not, pages can be served all the same, and are needed
    the more.
    """
    parts = {name: _holds(name, holds) for name, holds in PARTS.items()}
    is_ready = all(parts.values())
    told = {name: _holds(name, holds) for name, holds in TOLD.items()}
    return JsonResponse({"ready": is_ready, "parts": parts} | told, status=200 if is_ready else 503)


def _holds(name: str, holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except Exception:
        log.warning("not ready: %s", name, exc_info=True)
        return False


def database_answers() -> bool:
    """Whether the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


_known_migrated = False


def database_is_migrated() -> bool:
    """Whether no migration waits. Once true it stays true for the life of this process."""
    global _known_migrated
    if not _known_migrated:
        executor = MigrationExecutor(connection)
        _known_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _known_migrated


def style_is_built() -> bool:
    """Whether the style of the pages is there."""
    if settings.PRODUCTION:
        return (settings.STATIC_ROOT / "triservice.css").is_file()
    return finders.find("triservice.css") is not None


def clock_is_kept() -> bool:
    """Whether what goes by the clock was done in the last minutes."""
    return not jobs.is_late(jobs.last_run())


PARTS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "migrations": database_is_migrated,
    "pages": style_is_built,
}
TOLD: dict[str, Callable[[], bool]] = {"clock": clock_is_kept, "beside": beside.is_sound}

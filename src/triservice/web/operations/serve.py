"""Serve the web application: gunicorn in this process; beside it background jobs and the clock."""

from __future__ import annotations

import gc
from typing import Any

from triservice.kernel.errors import InputError
from triservice.terminal import say
from triservice.web.operations.beside import Beside
from triservice.web.operations.start import make_room, waiting_migrations


def refuse_unready() -> None:
    """Raise InputError when the settings are wrong, migrations wait or the pages are not built."""
    from django.core.checks import ERROR, run_checks

    found = [i for i in run_checks(include_deployment_checks=True) if not i.is_silenced()]
    if serious := [str(issue.msg) for issue in found if issue.level >= ERROR]:
        raise InputError("triservice does not start: " + " ".join(serious))
    for issue in found:
        say(f"triservice: note: {issue.msg}")
    if waiting := waiting_migrations():
        raise InputError(
            f"{len(waiting)} changes of the database wait ({waiting[0]} first)",
            do="Run: triservice migrate",
        )
    refuse_unbuilt()


def refuse_unbuilt() -> None:
    """Raise InputError when the style of the pages is not there; gather it in production."""
    from django.conf import settings
    from django.contrib.staticfiles import finders
    from django.core.management import call_command

    if finders.find("triservice.css") is None:
        raise InputError(
            "The style of the pages is not built", do="Run: make demo, or tools/build_front.sh"
        )
    if settings.PRODUCTION:
        call_command("collectstatic", interactive=False, verbosity=0)


def serve(host: str, port: int, workers: int, threads: int, jobs: bool) -> None:
    """Serve until stopped. Raises InputError when it is not ready to."""
    make_room()
    refuse_unready()
    with Beside(jobs) as beside:
        _gunicorn(f"{host}:{port}", workers, threads, beside)


def _settle() -> None:
    """Load what every page needs, and let the collector of garbage leave it alone from then on.

    It would look through all of that again and again in the middle of a page: 140 ms on busy cores.
    """
    from django.urls import reverse

    reverse("home")  # reads the addresses and views of all rooms
    gc.collect()
    gc.freeze()


def _gunicorn(bind: str, workers: int, threads: int, beside: Beside) -> None:
    import gunicorn
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter

    gunicorn.SERVER = "triservice"  # the header tells nobody what to attack

    class Watching(Arbiter):  # type: ignore[misc]
        def manage_workers(self) -> None:  # each second, and when a process ended
            super().manage_workers()
            beside.look()

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from triservice.web.wsgi import application

            return application

        def run(self) -> None:
            Watching(self).run()

    options = {
        "bind": bind,
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 20,
        "max_requests": 50_000,  # a new process meets every page, and reads every term, at first
        "max_requests_jitter": 5_000,
        "post_worker_init": lambda _: _settle(),
        "limit_request_line": 4094,
        "limit_request_fields": 60,
        "accesslog": None,  # RequestRecord writes one line without personal data
        "errorlog": "-",
        "loglevel": "warning",
        "control_socket_disable": True,
        "proc_name": "triservice",
    }
    Server().run()

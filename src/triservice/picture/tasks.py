"""Background jobs of the picture room."""

from __future__ import annotations

from django_tasks import task

from triservice.picture import actions


@task()
def work_out(pk: int, run: int) -> None:
    """Work out a picture."""
    actions.run(pk, run)

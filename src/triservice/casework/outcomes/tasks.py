"""Background jobs of outcomes."""

from __future__ import annotations

from django_tasks import task

from triservice.casework.outcomes import actions


@task()
def work_out_year(pk: int, run: int) -> None:
    """Work out a year's outcomes."""
    actions.run(pk, run)

"""An opening is for an officer at an agency: whoever changes agency does not take it along."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def say_for_which(apps: Any, editor: Any) -> None:
    """Fill the agency of each opening: of its request or emergency, else the officer's employer."""
    openings = apps.get_model("access", "Opening").objects
    for opening in openings.select_related("request", "glass", "officer").iterator():
        said = getattr(opening, "request", None) or getattr(opening, "glass", None)
        opening.agency_id = said.agency_id if said else opening.officer.employer_id
        opening.save(update_fields=["agency"])
    if editor.connection.vendor == "postgresql":  # else its checks wait, and bar the next change
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    """Add the column, fill it, and let it be empty no more."""

    dependencies = (
        ("agencies", "0001_initial"),
        ("access", "0005_notices_of_casework"),
    )
    operations = (
        migrations.AddField(
            "opening",
            "agency",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agencies.agency",
            ),
        ),
        migrations.RunPython(say_for_which, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            "opening",
            "agency",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agencies.agency",
            ),
        ),
    )

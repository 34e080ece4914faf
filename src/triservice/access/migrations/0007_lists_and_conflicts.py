"""A need-to-know list is an agency's; who lifts it, and who ends a conflict of interest, is kept."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OFFICER = settings.AUTH_USER_MODEL


def reference(to: str, *, null: bool = False) -> models.ForeignKey[Any, Any]:
    """Return a reference that keeps what it leads to."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to, null=null, blank=null
    )


def say_whose(apps: Any, editor: Any) -> None:
    """Fill the owner of each list: who made it acted for their employer."""
    lists = apps.get_model("access", "Restriction").objects
    for one in lists.select_related("made_by").iterator():
        one.owner_id = one.made_by.employer_id
        one.save(update_fields=["owner"])
    if editor.connection.vendor == "postgresql":  # else its checks wait, and bar the next change
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    """Add the columns, fill the owner, and let it be empty no more."""

    dependencies = (
        ("agencies", "0001_initial"),
        ("access", "0006_openings_of_an_agency"),
        migrations.swappable_dependency(OFFICER),
    )
    operations = (
        migrations.AddField("restriction", "owner", reference("agencies.agency", null=True)),
        migrations.RunPython(say_whose, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("restriction", "owner", reference("agencies.agency")),
        migrations.AddField("restriction", "lifted_by", reference(OFFICER, null=True)),
        migrations.AddField(
            "restriction",
            "lifted_why",
            models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.CreateModel(
            "RestrictionSubject",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject_key", models.UUIDField(db_index=True)),
                (
                    "restriction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subjects",
                        to="access.restriction",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "restrictionsubject",
            models.UniqueConstraint(
                fields=("restriction", "subject_key"), name="a_subject_is_on_a_list_once"
            ),
        ),
        migrations.AddField(
            "conflictofinterest",
            "page",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField("conflictofinterest", "declared_by", reference(OFFICER, null=True)),
        migrations.AddField("conflictofinterest", "ended_by", reference(OFFICER, null=True)),
        migrations.AddField(
            "conflictofinterest",
            "ended_why",
            models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "conflictofinterest",
            models.CheckConstraint(
                condition=models.Q(("ended_by__isnull", True))
                | ~models.Q(("ended_by", models.F("officer"))),
                name="conflict_is_ended_by_another",
            ),
        ),
        migrations.AlterField(
            "notice",
            "kind",
            models.CharField(
                choices=[
                    ("emergency access", "Emergency access"),
                    ("review", "Review of emergency access"),
                    ("request", "Request for access"),
                    ("agreement", "Agreement"),
                    ("pattern", "Unusual pattern of reading"),
                    ("casework", "Referrals and cases"),
                    ("conflict", "Conflict of interest"),
                ],
                max_length=20,
            ),
        ),
    )

"""The tables: each model whole, with its indexes and constraints."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from triservice.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("picture", "0001_initial"),
        ("picture", "0002_open_by_area"),
    ]

    dependencies = [
        ("access", "0001_squashed"),
        ("agencies", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="LakeSource",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "data_class",
                            models.CharField(
                                choices=[
                                    ("identity", "Identity"),
                                    ("contact", "Contact"),
                                    ("location", "Location"),
                                    ("police", "Police"),
                                    ("fire", "Fire"),
                                    ("ambulance", "Ambulance"),
                                    ("health", "Health"),
                                    ("social care", "Social care"),
                                    ("safeguarding", "Safeguarding"),
                                    ("household", "Household"),
                                    ("risk", "Risk"),
                                    ("operational", "Operational"),
                                    ("workforce", "Workforce"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("area", models.CharField(blank=True, default="", max_length=20)),
                        (
                            "marking",
                            models.CharField(
                                choices=[
                                    ("OFFICIAL", "OFFICIAL"),
                                    ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"),
                                ],
                                default="OFFICIAL",
                                max_length=20,
                            ),
                        ),
                        (
                            "restriction",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.restriction",
                            ),
                        ),
                        ("subject_key", models.UUIDField(blank=True, db_index=True, null=True)),
                        ("source", models.CharField(max_length=100)),
                        (
                            "service",
                            models.CharField(
                                choices=[
                                    ("police", "Police"),
                                    ("fire", "Fire"),
                                    ("ambulance", "Ambulance"),
                                    ("health", "Health"),
                                    ("council", "Council"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("label", models.CharField(max_length=200)),
                        ("categories", models.JSONField(blank=True, default=list)),
                    ],
                    options={
                        "ordering": ("service", "label", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="lakesource_cell_area"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "service"), name="lake_source_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StoredPicture",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("title", models.CharField(max_length=200)),
                        ("parameters", models.JSONField()),
                        (
                            "marking",
                            models.CharField(
                                choices=[
                                    ("OFFICIAL", "OFFICIAL"),
                                    ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"),
                                ],
                                default="OFFICIAL",
                                max_length=20,
                            ),
                        ),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("prevention visit", "Prevention visit"),
                                    ("safeguarding", "Safeguarding"),
                                    ("response", "Response"),
                                    ("tasking", "Tasking"),
                                    ("evaluation", "Evaluation"),
                                    ("administration", "Administration"),
                                    ("subject rights", "Subject rights"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting to be worked out"),
                                    ("running", "Being worked out"),
                                    ("done", "Ready"),
                                    ("failed", "Could not be worked out"),
                                ],
                                default="queued",
                                max_length=10,
                            ),
                        ),
                        ("run", models.PositiveIntegerField(default=1)),
                        ("progress", models.PositiveSmallIntegerField(default=0)),
                        ("step", models.CharField(blank=True, max_length=200)),
                        ("error", models.TextField(blank=True)),
                        ("result", models.JSONField(blank=True, null=True)),
                        ("shapes", models.JSONField(blank=True, default=list)),
                        ("fingerprint", models.CharField(blank=True, max_length=64)),
                        ("asked_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("made_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "shared_with",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="agencies.agency"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("-asked_at", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "done"), _negated=True),
                                    ("made_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="picture_done_has_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "failed"), _negated=True),
                                    models.Q(("error", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="picture_failed_says_why",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]

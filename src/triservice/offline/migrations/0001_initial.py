"""The tables: each model whole, with its indexes and constraints."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from triservice.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("access", "0001_squashed"),
        ("agencies", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Phone",
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
                        ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="phones",
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
                        ("name", models.CharField(max_length=60)),
                        ("sealed_key", models.TextField(blank=True)),
                        ("made_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField()),
                        ("pack_made_at", models.DateTimeField(blank=True, null=True)),
                        ("pack_until", models.DateTimeField(blank=True, null=True)),
                        ("pack_mark", models.CharField(blank=True, max_length=64)),
                        ("pack_purpose", models.CharField(blank=True, max_length=20)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "ended_how",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("signed out", "Signed out"),
                                    ("revoked", "Revoked"),
                                    ("left", "Left"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("wiped_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("officer__name", "name", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("ended_how", "")),
                                    models.Q(
                                        ("ended_at__isnull", False),
                                        models.Q(("ended_how", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_phone_that_ended_says_how",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("wiped_at__isnull", True),
                                    models.Q(("ended_at__isnull", False), ("sealed_key", "")),
                                    _connector="OR",
                                ),
                                name="a_wiped_phone_has_no_key",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Operation",
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
                        (
                            "phone",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="operations",
                                to="offline.phone",
                            ),
                        ),
                        ("number", models.UUIDField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("kind", models.CharField(max_length=60)),
                        ("about", models.CharField(blank=True, max_length=80)),
                        ("payload", models.JSONField()),
                        ("base", models.JSONField(null=True)),
                        ("theirs", models.JSONField(null=True)),
                        ("made_at", models.DateTimeField()),
                        ("received_at", models.DateTimeField()),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("applied", "Applied"),
                                    ("conflict", "Conflict"),
                                    ("refused", "Refused"),
                                    ("settled", "Settled"),
                                    ("let go", "Let go"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("said", models.TextField(blank=True)),
                        ("answer", models.JSONField(default=dict)),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "settled_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("settled_how", models.JSONField(null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="operation_cell_area"
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ("conflict", "refused"))),
                                fields=["owner", "officer"],
                                name="operations_that_wait",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("phone", "number", "sha256"),
                                name="an_operation_is_taken_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("settled_at__isnull", False),
                                        ("state__in", ("settled", "let go")),
                                    ),
                                    models.Q(
                                        ("settled_at__isnull", True),
                                        ("state__in", ("applied", "conflict", "refused")),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_operation_settled_says_when",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Photo",
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
                            "phone",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="offline.phone",
                            ),
                        ),
                        ("number", models.UUIDField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("size", models.PositiveIntegerField()),
                        ("received", models.PositiveIntegerField(default=0)),
                        ("kind", models.CharField(blank=True, max_length=20)),
                        ("begun_at", models.DateTimeField()),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        ("taken_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("phone", "number"), name="a_photo_has_one_number"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]

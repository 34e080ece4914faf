"""The tables: each model whole, with its indexes and constraints."""

import django.db.models.deletion
import triservice.casework.words
import triservice.kernel.access_words
from django.conf import settings
from django.db import migrations, models

from triservice.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("casework", "0001_initial"),
        ("casework", "0002_open_by_area"),
        ("casework", "0003_concerns_have_results"),
        ("casework", "0004_visits_drafts_and_checks"),
        ("casework", "0005_filters_and_calendars"),
        ("casework", "0006_files_of_cases"),
        ("casework", "0007_plans_for_places"),
        ("casework", "0008_read_by_index"),
        ("casework", "0009_directory_of_services"),
        ("casework", "0010_sending_to_services"),
    ]

    dependencies = [
        ("access", "0001_squashed"),
        ("agencies", "0001_initial"),
        ("subjects", "0001_squashed"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Submission",
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
                        ("key", models.UUIDField(unique=True)),
                        ("scheme", models.CharField(max_length=60)),
                        ("version", models.PositiveIntegerField()),
                        ("form", models.CharField(max_length=30)),
                        (
                            "door",
                            models.CharField(
                                choices=[
                                    ("page", "Page"),
                                    ("api", "System of an agency"),
                                    ("sheet", "Spreadsheet"),
                                    ("public", "The person's own referral"),
                                    ("phone", "Phone"),
                                ],
                                max_length=6,
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Case",
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
                        ("key", models.UUIDField(unique=True)),
                        ("reference", models.CharField(max_length=12, unique=True)),
                        ("scheme", models.CharField(max_length=60)),
                        ("version", models.PositiveIntegerField()),
                        ("opened_at", models.DateTimeField()),
                        (
                            "opened_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("offered", "Offered"),
                                    ("closed", "Closed"),
                                    ("merged", "Merged"),
                                ],
                                default=triservice.casework.words.CaseState["OPEN"],
                                max_length=8,
                            ),
                        ),
                        (
                            "tier",
                            models.CharField(
                                choices=[
                                    ("very high", "Very high"),
                                    ("high", "High"),
                                    ("medium", "Medium"),
                                    ("low", "Low"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "assessed",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.submission",
                            ),
                        ),
                        ("contact_due_at", models.DateTimeField()),
                        ("visit_due_at", models.DateTimeField()),
                        ("contacted_at", models.DateTimeField(blank=True, null=True)),
                        ("visited_at", models.DateTimeField(blank=True, null=True)),
                        ("next_step", models.CharField(blank=True, max_length=120)),
                        ("next_due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.premises",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.team",
                            ),
                        ),
                        (
                            "offered_to",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("offered_why", models.TextField(blank=True)),
                        (
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged",
                                to="casework.case",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("needs met", "Needs met"),
                                    ("needs partly met", "Needs partly met"),
                                    ("the person did not want it", "The person did not want it"),
                                    ("could not be reached", "Could not be reached"),
                                    (
                                        "passed on to another service",
                                        "Passed on to another service",
                                    ),
                                    ("moved away", "Moved away"),
                                    ("died", "Died"),
                                    ("opened in error", "Opened in error"),
                                ],
                                max_length=40,
                            ),
                        ),
                        ("closed_why", models.TextField(blank=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="case_cell_area"
                            ),
                            models.Index(
                                fields=["owner", "next_due_at"], name="cases_by_what_is_due"
                            ),
                            models.Index(
                                fields=["officer", "next_due_at"], name="cases_of_an_officer"
                            ),
                            models.Index(
                                fields=["owner", "closed_at"], name="cases_by_when_closed"
                            ),
                            models.Index(fields=["premises"], name="cases_of_a_place"),
                            models.Index(
                                condition=models.Q(
                                    ("next_due_at__isnull", False), ("officer__isnull", True)
                                ),
                                fields=["owner", "next_due_at"],
                                name="cases_that_nobody_has",
                            ),
                            models.Index(
                                condition=models.Q(("closed_at__isnull", False)),
                                fields=["officer", "closed_at"],
                                name="closed_cases_of_an_officer",
                            ),
                            models.Index(
                                condition=models.Q(("closed_at__isnull", False)),
                                fields=["owner", "scheme", "closed_at"],
                                name="closed_cases_of_a_scheme",
                            ),
                            models.Index(
                                condition=models.Q(("offered_to__isnull", False)),
                                fields=["offered_to"],
                                name="cases_offered",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["open", "offered", "closed", "merged"])
                                ),
                                name="case_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("next_due_at__isnull", False),
                                        ("state__in", ["open", "offered"]),
                                    ),
                                    models.Q(
                                        models.Q(("state__in", ["open", "offered"]), _negated=True),
                                        ("next_due_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_open_case_has_something_due",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("offered_to__isnull", False),
                                        ("state", triservice.casework.words.CaseState["OFFERED"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state",
                                                triservice.casework.words.CaseState["OFFERED"],
                                            ),
                                            _negated=True,
                                        ),
                                        ("offered_to__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_offered_case_says_to_whom",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("merged_into__isnull", False),
                                        ("state", triservice.casework.words.CaseState["MERGED"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state",
                                                triservice.casework.words.CaseState["MERGED"],
                                            ),
                                            _negated=True,
                                        ),
                                        ("merged_into__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_merged_case_says_into_which",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("merged_into__isnull", True),
                                    models.Q(("merged_into", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="a_case_is_not_merged_into_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", triservice.casework.words.CaseState["CLOSED"]),
                                        _negated=True,
                                    ),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_closed_case_has_an_outcome",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DirectoryService",
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
                        ("name", models.CharField(max_length=120)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("organisation", models.CharField(blank=True, max_length=120)),
                        ("domains", models.JSONField(default=list)),
                        ("eligible", models.TextField(blank=True)),
                        ("age_from", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("age_to", models.PositiveSmallIntegerField(blank=True, null=True)),
                        (
                            "takes",
                            models.CharField(
                                choices=[
                                    ("here", "here"),
                                    ("letter", "letter"),
                                    ("telephone", "telephone"),
                                    ("FHIR", "FHIR"),
                                    ("API", "API"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("shares", models.JSONField(default=list)),
                        ("address", models.URLField(blank=True, max_length=300)),
                        ("post_to", models.TextField(blank=True)),
                        ("phone", models.CharField(blank=True, max_length=30)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("since", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                        ("areas", models.ManyToManyField(related_name="+", to="agencies.area")),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("takes__in", ["here", "letter", "telephone", "FHIR", "API"])
                                ),
                                name="how_a_service_takes_referrals_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "takes__in",
                                            [
                                                triservice.casework.words.Takes["FHIR"],
                                                triservice.casework.words.Takes["API"],
                                            ],
                                        ),
                                        _negated=True,
                                    ),
                                    models.Q(("address", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="a_system_has_an_address",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until__isnull", True),
                                    ("until__gte", models.F("since")),
                                    _connector="OR",
                                ),
                                name="a_service_ends_after_it_begins",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("agency__isnull", True), ("organisation", ""), _connector="XOR"
                                ),
                                name="a_service_is_of_an_agency_or_an_organisation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("age_from__isnull", True),
                                    ("age_to__isnull", True),
                                    ("age_to__gte", models.F("age_from")),
                                    _connector="OR",
                                ),
                                name="ages_of_a_service_in_order",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("agency__isnull", False), ("until__isnull", True)
                                ),
                                fields=("name", "agency"),
                                name="a_service_of_an_agency_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("agency__isnull", True), ("until__isnull", True)
                                ),
                                fields=("name", "organisation"),
                                name="a_service_outside_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Need",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="needs",
                                to="casework.case",
                            ),
                        ),
                        ("kind", models.CharField(max_length=60)),
                        ("label", models.CharField(max_length=200)),
                        ("reasons", models.JSONField(default=list)),
                        (
                            "submission",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.submission",
                            ),
                        ),
                        ("found_at", models.DateTimeField()),
                        (
                            "found_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("met", "Met"),
                                    ("partly met", "Partly met"),
                                    ("not met", "Not met"),
                                    ("declined by the person", "Declined by the person"),
                                ],
                                default=triservice.casework.words.NeedState["OPEN"],
                                max_length=24,
                            ),
                        ),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="need_cell_area"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "open",
                                            "met",
                                            "partly met",
                                            "not met",
                                            "declined by the person",
                                        ],
                                    )
                                ),
                                name="need_state_is_known",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state", triservice.casework.words.NeedState["OPEN"])
                                ),
                                fields=("case", "kind"),
                                name="a_need_is_open_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Note",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notes",
                                to="casework.case",
                            ),
                        ),
                        ("text", models.TextField()),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="note_cell_area"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OnwardReferral",
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
                        ("key", models.UUIDField(unique=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="onward",
                                to="casework.case",
                            ),
                        ),
                        (
                            "need",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="onward",
                                to="casework.need",
                            ),
                        ),
                        ("route", models.CharField(blank=True, max_length=60)),
                        (
                            "service",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.directoryservice",
                            ),
                        ),
                        ("to_name", models.CharField(max_length=200)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("how", models.CharField(max_length=20)),
                        ("why", models.TextField(blank=True)),
                        (
                            "submission",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.submission",
                            ),
                        ),
                        ("sent_at", models.DateTimeField()),
                        (
                            "sent_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("handed_on", models.DateField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("sent", "Sent"),
                                    ("accepted", "Accepted"),
                                    ("completed", "Completed"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default=triservice.casework.words.OnwardState["SENT"],
                                max_length=10,
                            ),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        ("completed_at", models.DateTimeField(blank=True, null=True)),
                        ("chase_at", models.DateTimeField(blank=True, null=True)),
                        ("chased", models.PositiveSmallIntegerField(default=0)),
                        ("result", models.TextField(blank=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"],
                                name="onwardreferral_cell_area",
                            ),
                            models.Index(
                                condition=models.Q(("chase_at__isnull", False)),
                                fields=["chase_at"],
                                name="onward_to_chase",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["sent", "accepted", "completed", "declined", "withdrawn"],
                                    )
                                ),
                                name="onward_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("route", ""), _negated=True),
                                    ("service__isnull", False),
                                    _connector="OR",
                                ),
                                name="sent_on_to_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("chase_at__isnull", False),
                                        ("state__in", ["sent", "accepted"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["sent", "accepted"]), _negated=True
                                        ),
                                        ("chase_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="what_is_under_way_is_chased",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Dispatch",
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
                            "onward",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dispatch",
                                to="casework.onwardreferral",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("sent", "Sent"),
                                    ("given up", "Given up"),
                                ],
                                default=triservice.casework.words.Dispatched["WAITING"],
                                max_length=10,
                            ),
                        ),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("next_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("said", models.CharField(blank=True, max_length=300)),
                        ("payload", models.JSONField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name_plural": "dispatches",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="dispatch_cell_area"
                            ),
                            models.Index(
                                condition=models.Q(("next_at__isnull", False)),
                                fields=["next_at"],
                                name="dispatch_due",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["waiting", "sent", "given up"])),
                                name="dispatch_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", True),
                                        ("next_at__isnull", False),
                                        ("state", triservice.casework.words.Dispatched["WAITING"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state",
                                                triservice.casework.words.Dispatched["WAITING"],
                                            ),
                                            _negated=True,
                                        ),
                                        ("ended_at__isnull", False),
                                        ("next_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="what_waits_is_tried_again",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Outcome",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="outcomes",
                                to="casework.case",
                            ),
                        ),
                        (
                            "need",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="outcomes",
                                to="casework.need",
                            ),
                        ),
                        ("measure", models.CharField(max_length=60)),
                        ("before", models.FloatField(blank=True, null=True)),
                        ("after", models.FloatField(blank=True, null=True)),
                        ("own_view", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="outcome_cell_area"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Plan",
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
                        ("key", models.UUIDField(unique=True)),
                        ("reference", models.CharField(max_length=12, unique=True)),
                        ("title", models.CharField(max_length=120)),
                        ("place", models.CharField(max_length=300)),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.premises",
                            ),
                        ),
                        ("harm", models.TextField()),
                        ("times", models.TextField(blank=True)),
                        ("victims", models.TextField(blank=True)),
                        ("offenders", models.TextField(blank=True)),
                        ("setting", models.TextField(blank=True)),
                        ("causes", models.TextField(blank=True)),
                        ("aims", models.TextField(blank=True)),
                        (
                            "moved",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("looked, not seen", "Looked, not seen"),
                                    ("partly moved", "Partly moved"),
                                    ("moved", "Moved"),
                                    ("better nearby too", "Better nearby too"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("moved_what", models.TextField(blank=True)),
                        ("learned", models.TextField(blank=True)),
                        ("opened_at", models.DateTimeField()),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.team",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "Open"), ("closed", "Closed")],
                                default=triservice.casework.words.PlanState["OPEN"],
                                max_length=8,
                            ),
                        ),
                        ("review_on", models.DateField(blank=True, null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("solved", "Solved"),
                                    ("reduced", "Reduced"),
                                    ("unchanged", "Unchanged"),
                                    ("worse", "Worse"),
                                    ("not known", "Not known"),
                                    ("given up", "Given up"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("closed_why", models.TextField(blank=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="plan_cell_area"
                            ),
                            models.Index(fields=["review_on"], name="plans_by_review"),
                            models.Index(fields=["premises"], name="plans_of_a_place"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", True),
                                        ("review_on__isnull", False),
                                        ("state", triservice.casework.words.PlanState["OPEN"]),
                                    ),
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("review_on__isnull", True),
                                        ("state", triservice.casework.words.PlanState["CLOSED"]),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_plan_is_reviewed_or_closed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("officer__isnull", True),
                                    ("team__isnull", True),
                                    _connector="OR",
                                ),
                                name="a_plan_is_one_officers_or_a_teams",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Finding",
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="findings",
                                to="casework.plan",
                            ),
                        ),
                        ("text", models.TextField()),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="finding_cell_area"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Action",
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
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="casework.case",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="casework.plan",
                            ),
                        ),
                        (
                            "need",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="casework.need",
                            ),
                        ),
                        ("what", models.CharField(max_length=300)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("due_at", models.DateTimeField()),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("done", "Done"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default=triservice.casework.words.ActionState["OPEN"],
                                max_length=10,
                            ),
                        ),
                        ("result", models.TextField(blank=True)),
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
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="action_cell_area"
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["agency", "due_at"],
                                name="actions_of_an_agency",
                            ),
                            models.Index(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=["officer", "due_at"],
                                name="actions_of_an_officer",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "done", "cancelled"])),
                                name="action_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("case__isnull", False), ("plan__isnull", True)),
                                    models.Q(("case__isnull", True), ("plan__isnull", False)),
                                    _connector="OR",
                                ),
                                name="an_action_is_of_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", True),
                                        ("state", triservice.casework.words.ActionState["OPEN"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state",
                                                triservice.casework.words.ActionState["OPEN"],
                                            ),
                                            _negated=True,
                                        ),
                                        ("ended_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_action_that_ended_says_when",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanCase",
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="casework.plan",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.case",
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("until", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("until__isnull", True)),
                                fields=("plan", "case"),
                                name="a_case_is_in_a_plan_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanMeasure",
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
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="measures",
                                to="casework.plan",
                            ),
                        ),
                        ("what", models.CharField(max_length=200)),
                        ("source", models.CharField(max_length=200)),
                        ("before", models.PositiveIntegerField()),
                        ("before_from", models.DateField()),
                        ("before_to", models.DateField()),
                        ("after", models.PositiveIntegerField(blank=True, null=True)),
                        ("after_from", models.DateField(blank=True, null=True)),
                        ("after_to", models.DateField(blank=True, null=True)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="planmeasure_cell_area"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("before_to__gte", models.F("before_from"))),
                                name="before_ends_after_it_begins",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("after__isnull", True),
                                        ("after_from__isnull", True),
                                        ("after_to__isnull", True),
                                    ),
                                    models.Q(
                                        ("after__isnull", False),
                                        ("after_from__gt", models.F("before_to")),
                                        ("after_to__gte", models.F("after_from")),
                                    ),
                                    _connector="OR",
                                ),
                                name="after_comes_after_before",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Referral",
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
                        ("key", models.UUIDField(unique=True)),
                        ("reference", models.CharField(max_length=12, unique=True)),
                        ("scheme", models.CharField(max_length=60)),
                        ("version", models.PositiveIntegerField()),
                        (
                            "about",
                            models.CharField(
                                choices=[
                                    ("person", "Person"),
                                    ("household", "Household"),
                                    ("premises", "Premises"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.household",
                            ),
                        ),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.premises",
                            ),
                        ),
                        (
                            "submission",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.submission",
                            ),
                        ),
                        (
                            "sender",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("received_at", models.DateTimeField()),
                        (
                            "tier",
                            models.CharField(
                                choices=[
                                    ("very high", "Very high"),
                                    ("high", "High"),
                                    ("medium", "Medium"),
                                    ("low", "Low"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("unknown", models.JSONField(default=list)),
                        ("contact_due_at", models.DateTimeField()),
                        ("visit_due_at", models.DateTimeField()),
                        ("waits_until", models.DateTimeField(blank=True, null=True)),
                        ("first_seen_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "Received"),
                                    ("need more", "Need more"),
                                    ("accepted", "Accepted"),
                                    ("signposted", "Signposted"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default=triservice.casework.words.ReferralState["RECEIVED"],
                                max_length=12,
                            ),
                        ),
                        ("state_at", models.DateTimeField()),
                        (
                            "state_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("why", models.TextField(blank=True)),
                        ("signposted_to", models.CharField(blank=True, max_length=200)),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referrals",
                                to="casework.case",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="referral_cell_area"
                            ),
                            models.Index(
                                fields=["owner", "waits_until"], name="referrals_that_wait"
                            ),
                            models.Index(
                                condition=models.Q(("waits_until__isnull", False)),
                                fields=["waits_until"],
                                name="waits_at_all",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "received",
                                            "need more",
                                            "accepted",
                                            "signposted",
                                            "declined",
                                            "withdrawn",
                                        ],
                                    )
                                ),
                                name="referral_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["received", "need more"]),
                                        ("waits_until__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["received", "need more"]), _negated=True
                                        ),
                                        ("waits_until__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_open_referral_waits_until",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state",
                                            triservice.casework.words.ReferralState["ACCEPTED"],
                                        ),
                                        _negated=True,
                                    ),
                                    ("case__isnull", False),
                                    _connector="OR",
                                ),
                                name="an_accepted_referral_has_a_case",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("person__isnull", False),
                                    ("household__isnull", False),
                                    ("premises__isnull", False),
                                    _connector="OR",
                                ),
                                name="a_referral_is_about_someone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("sender__isnull", False),
                                    ("sent_by__isnull", True),
                                    _connector="OR",
                                ),
                                name="who_sends_has_an_agency",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
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
                            "referral",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="casework.referral",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="casework.case",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="casework.plan",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("by_name", models.CharField(max_length=200)),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("verb", models.CharField(max_length=40)),
                        ("label", models.CharField(max_length=40)),
                        ("row", models.BigIntegerField()),
                        ("text", models.TextField(blank=True)),
                        ("before", models.JSONField(default=dict)),
                        ("after", models.JSONField(default=dict)),
                        ("why", models.TextField(blank=True)),
                    ],
                    options={
                        "verbose_name_plural": "entries",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="entry_cell_area"
                            ),
                            models.Index(fields=["case", "at", "id"], name="chronology_of_a_case"),
                            models.Index(
                                fields=["referral", "at", "id"], name="chronology_of_a_referral"
                            ),
                            models.Index(fields=["label", "row"], name="history_of_a_row"),
                            models.Index(
                                condition=models.Q(("plan__isnull", False)),
                                fields=["plan", "at", "id"],
                                name="history_of_a_plan",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("case__isnull", False),
                                    ("referral__isnull", False),
                                    ("plan__isnull", False),
                                    _connector="OR",
                                ),
                                name="an_entry_hangs_on_something",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Acknowledgement",
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
                            "referral",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acknowledgement",
                                to="casework.referral",
                            ),
                        ),
                        ("reference", models.CharField(max_length=12, unique=True)),
                        ("scheme", models.CharField(max_length=60)),
                        (
                            "to",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"],
                                name="acknowledgement_cell_area",
                            ),
                            models.Index(fields=["sent_by", "-at"], name="referrals_i_sent"),
                            models.Index(fields=["owner", "-at"], name="referrals_we_sent"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedFilter",
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
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.team",
                            ),
                        ),
                        (
                            "of",
                            models.CharField(
                                choices=[
                                    ("queue", "Referrals that wait for triage"),
                                    ("cases", "Cases of your agency"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        ("said", models.JSONField()),
                        ("made_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("officer", "of", "name"), name="a_filter_named_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AnswerPart",
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
                            "submission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="casework.submission",
                            ),
                        ),
                        ("answers", models.JSONField()),
                        ("reasons", models.JSONField(default=list)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="answerpart_cell_area"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("submission", "data_class"),
                                name="one_part_of_a_class_of_answers",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Visit",
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
                        ("key", models.UUIDField(unique=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="casework.case",
                            ),
                        ),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.premises",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("no access", "No access"),
                                    ("done", "Done"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default=triservice.casework.words.VisitState["PLANNED"],
                                max_length=10,
                            ),
                        ),
                        ("planned_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("began_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("safe_by", models.DateTimeField(blank=True, null=True)),
                        ("safe_at", models.DateTimeField(blank=True, null=True)),
                        ("card_left", models.BooleanField(default=False)),
                        (
                            "submission",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.submission",
                            ),
                        ),
                        (
                            "draft",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="casework.submission",
                            ),
                        ),
                        ("danger", models.TextField(blank=True)),
                        ("advice", models.TextField(blank=True)),
                        ("next_on", models.DateField(blank=True, null=True)),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="visit_cell_area"
                            ),
                            models.Index(
                                fields=["officer", "planned_at"], name="visits_of_an_officer"
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state", triservice.casework.words.VisitState["PLANNED"])
                                ),
                                fields=["officer", "planned_at"],
                                name="visits_before_an_officer",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("safe_at__isnull", True), ("safe_by__isnull", False)
                                ),
                                fields=["safe_by"],
                                name="visits_not_yet_safe",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["planned", "no access", "done", "cancelled"])
                                ),
                                name="visit_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", triservice.casework.words.VisitState["PLANNED"]),
                                        _negated=True,
                                    ),
                                    ("planned_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="a_planned_visit_says_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", triservice.casework.words.VisitState["DONE"]),
                                        _negated=True,
                                    ),
                                    ("ended_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="a_visit_that_is_done_ended",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("began_at__isnull", True),
                                    ("ended_at__isnull", True),
                                    ("ended_at__gte", models.F("began_at")),
                                    _connector="OR",
                                ),
                                name="a_visit_ends_after_it_began",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="File",
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
                        ("key", models.UUIDField(unique=True)),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="casework.case",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="casework.visit",
                            ),
                        ),
                        ("question", models.CharField(blank=True, max_length=60)),
                        ("name", models.CharField(max_length=100)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("jpeg", "Jpeg"),
                                    ("png", "Png"),
                                    ("webp", "Webp"),
                                    ("pdf", "Pdf"),
                                    ("text", "Text"),
                                    ("word", "Word"),
                                    ("excel", "Excel"),
                                    ("powerpoint", "Powerpoint"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("size", models.PositiveIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "scan",
                            models.CharField(
                                choices=[("scanned", "Scanned"), ("not scanned", "Not scanned")],
                                max_length=12,
                            ),
                        ),
                        ("content", models.CharField(max_length=32, unique=True)),
                        ("seal", models.TextField()),
                        ("secret", models.CharField(db_index=True, max_length=16)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="file_cell_area"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "jpeg",
                                            "png",
                                            "webp",
                                            "pdf",
                                            "text",
                                            "word",
                                            "excel",
                                            "powerpoint",
                                        ],
                                    )
                                ),
                                name="a_file_is_of_a_known_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("scan__in", ["scanned", "not scanned"])),
                                name="a_file_was_scanned_or_not",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("removed_at__isnull", False), ("removed_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="who_removed_a_file_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Equipment",
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
                            "visit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="equipment",
                                to="casework.visit",
                            ),
                        ),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.premises",
                            ),
                        ),
                        ("kind", models.CharField(max_length=60)),
                        ("place", models.CharField(blank=True, max_length=80)),
                        ("serial", models.CharField(blank=True, max_length=60)),
                        ("fitted_on", models.DateField()),
                        ("expires_on", models.DateField(blank=True, null=True)),
                        ("check_by", models.DateField(blank=True, null=True)),
                        ("removed_on", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name_plural": "equipment",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="equipment_cell_area"
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("expires_on__isnull", False), ("removed_on__isnull", True)
                                ),
                                fields=["owner", "expires_on"],
                                name="equipment_that_expires",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("check_by__isnull", False), ("removed_on__isnull", True)
                                ),
                                fields=["owner", "check_by"],
                                name="equipment_to_check",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarAddress",
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
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64, unique=True)),
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
                        ("made_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name_plural": "calendar addresses",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_at__isnull", True)),
                                fields=("officer",),
                                name="an_officer_has_one_calendar",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseAgency",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joint",
                                to="casework.case",
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
                            "officer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name_plural": "case agencies",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("until__isnull", True)),
                                fields=["officer"],
                                name="joint_cases_of_officer",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("until__isnull", True)),
                                fields=("case", "agency"),
                                name="an_agency_joins_a_case_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseLink",
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
                            "left",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.case",
                            ),
                        ),
                        (
                            "right",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="casework.case",
                            ),
                        ),
                        ("why", models.CharField(max_length=500)),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "undone_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("left__lt", models.F("right"))),
                                name="lower_case_left",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("undone_at__isnull", True)),
                                fields=("left", "right"),
                                name="two_cases_are_linked_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaseSubject",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subjects",
                                to="casework.case",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.household",
                            ),
                        ),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.premises",
                            ),
                        ),
                        (
                            "part",
                            models.CharField(
                                choices=[
                                    ("subject", "Subject"),
                                    ("lives there", "Lives there"),
                                    ("carer", "Carer"),
                                    ("family", "Family"),
                                    ("neighbour", "Neighbour"),
                                    ("landlord", "Landlord"),
                                    ("professional", "Professional"),
                                    ("place", "Place"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="casesubject_cell_area"
                            ),
                            models.Index(fields=["person", "case"], name="cases_of_a_person"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("household__isnull", True),
                                        ("person__isnull", False),
                                        ("premises__isnull", True),
                                    ),
                                    models.Q(
                                        ("household__isnull", False),
                                        ("person__isnull", True),
                                        ("premises__isnull", True),
                                    ),
                                    models.Q(
                                        ("household__isnull", True),
                                        ("person__isnull", True),
                                        ("premises__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_case_subject_is_one",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("person__isnull", False), ("until__isnull", True)
                                ),
                                fields=("case", "person"),
                                name="a_person_is_in_a_case_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Concern",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="concerns",
                                to="casework.case",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        ("child", models.BooleanField(default=False)),
                        ("kinds", models.JSONField(default=list)),
                        ("what", models.TextField()),
                        ("own_view", models.TextField(blank=True)),
                        ("care_needs", models.BooleanField(null=True)),
                        ("at_risk", models.BooleanField(null=True)),
                        ("cannot_protect", models.BooleanField(null=True)),
                        ("danger_now", models.BooleanField(default=False)),
                        ("raised_at", models.DateTimeField()),
                        (
                            "raised_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "sent_to",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("result", models.TextField(blank=True)),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="concern_cell_area"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "data_class",
                                        triservice.kernel.access_words.DataClass["SAFEGUARDING"],
                                    ),
                                    (
                                        "marking",
                                        triservice.kernel.access_words.Marking[
                                            "OFFICIAL_SENSITIVE"
                                        ],
                                    ),
                                ),
                                name="a_concern_has_its_own_marking",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
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
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="casework.case",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        ("scope", models.CharField(max_length=300)),
                        ("given", models.BooleanField()),
                        (
                            "capacity",
                            models.CharField(
                                choices=[
                                    ("has capacity", "Has capacity"),
                                    ("a parent consents", "A parent consents"),
                                    (
                                        "an attorney or deputy consents",
                                        "An attorney or deputy consents",
                                    ),
                                    (
                                        "lacks capacity: in their best interests",
                                        "Lacks capacity: in their best interests",
                                    ),
                                    ("not assessed", "Not assessed"),
                                ],
                                max_length=40,
                            ),
                        ),
                        ("given_by", models.CharField(blank=True, max_length=120)),
                        ("asked_on", models.DateField()),
                        ("expires_on", models.DateField(blank=True, null=True)),
                        (
                            "override",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "serious risk of harm to them or others",
                                        "Serious risk of harm to them or others",
                                    ),
                                    ("a child is at risk of harm", "A child is at risk of harm"),
                                    (
                                        "to prevent or detect a serious crime",
                                        "To prevent or detect a serious crime",
                                    ),
                                    (
                                        "they are under the control of another",
                                        "They are under the control of another",
                                    ),
                                    (
                                        "a law or a court requires it",
                                        "A law or a court requires it",
                                    ),
                                ],
                                max_length=60,
                            ),
                        ),
                        ("why", models.TextField(blank=True)),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "withdrawn_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ask_again", models.BooleanField(default=False)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="consent_cell_area"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("override", ""),
                                    models.Q(
                                        ("given", False), models.Q(("why", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="an_override_says_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_on__isnull", True),
                                    ("expires_on__gt", models.F("asked_on")),
                                    _connector="OR",
                                ),
                                name="consent_ends_after_it_begins",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]

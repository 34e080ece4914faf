"""The tables: each model whole, with its indexes and constraints."""

import django.db.models.deletion
import triservice.kernel.access_words
import triservice.kernel.clock
import uuid
from django.conf import settings
from django.db import migrations, models

from triservice.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("access", "0001_initial"),
        ("access", "0002_checkpoints"),
        ("access", "0003_agreements_requests_emergencies"),
        ("access", "0004_tokens"),
        ("access", "0005_notices_of_casework"),
        ("access", "0006_openings_of_an_agency"),
        ("access", "0007_lists_and_conflicts"),
        ("access", "0008_mail_of_notices"),
        ("access", "0009_terms_offline"),
    ]

    dependencies = [
        # The libraries first: each of their many changes would render all of ours anew.
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("agencies", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Agreement",
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
                        ("title", models.CharField(max_length=200, unique=True)),
                        ("template", models.CharField(blank=True, max_length=60)),
                    ],
                    options={
                        "ordering": ("title",),
                    },
                ),
                migrations.CreateModel(
                    name="Checkpoint",
                    fields=[
                        ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("hash", models.CharField(max_length=64)),
                        ("at", models.DateTimeField()),
                        ("key", models.CharField(max_length=16)),
                        ("signature", models.CharField(max_length=128)),
                    ],
                    options={
                        "ordering": ("seq",),
                    },
                ),
                migrations.CreateModel(
                    name="Epoch",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=40, primary_key=True, serialize=False),
                        ),
                        ("token", models.CharField(max_length=36)),
                    ],
                ),
                migrations.CreateModel(
                    name="AgreementVersion",
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
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="access.agreement",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("agreed", "Agreed"),
                                    ("in force", "In force"),
                                    ("suspended", "Suspended"),
                                    ("expired", "Expired"),
                                    ("ended", "Ended"),
                                ],
                                default="draft",
                                max_length=10,
                            ),
                        ),
                        ("starts", models.DateTimeField(blank=True, null=True)),
                        ("until", models.DateTimeField(blank=True, null=True)),
                        ("review_on", models.DateField(blank=True, null=True)),
                        ("aim", models.TextField(blank=True)),
                        ("subjects", models.TextField(blank=True)),
                        ("benefits", models.TextField(blank=True)),
                        ("risks", models.TextField(blank=True)),
                        ("necessity", models.TextField(blank=True)),
                        ("method", models.TextField(blank=True)),
                        ("quality", models.TextField(blank=True)),
                        ("transparency", models.TextField(blank=True)),
                        ("termination", models.TextField(blank=True)),
                        ("dpia_reference", models.CharField(blank=True, max_length=200)),
                        ("retention", models.TextField(blank=True)),
                        ("security", models.TextField(blank=True)),
                        ("rights_contact", models.TextField(blank=True)),
                        ("breach_contact", models.TextField(blank=True)),
                        ("why_changed", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ("agreement", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agreement", "number"), name="version_number_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ("in force", "suspended", "expired")),
                                        _negated=True,
                                    ),
                                    models.Q(("starts__isnull", False), ("until__isnull", False)),
                                    _connector="OR",
                                ),
                                name="version_in_force_has_dates",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until__isnull", True),
                                    ("until__gt", models.F("starts")),
                                    _connector="OR",
                                ),
                                name="version_ends_after_it_starts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementEvent",
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
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="events",
                                to="access.agreementversion",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("verb", models.CharField(max_length=20)),
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
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("why", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ("version", "at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
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
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tokens",
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
                        ("system", models.CharField(max_length=80)),
                        ("prefix", models.CharField(max_length=12, unique=True)),
                        ("sha256", models.CharField(max_length=64, unique=True)),
                        ("scopes", models.JSONField(default=list)),
                        ("purposes", models.JSONField(default=list)),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("expires_at", models.DateTimeField()),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "revoked_by",
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
                        "ordering": ("agency", "system", "-made_at"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("made_at"))),
                                name="token_expires_after_it_is_made",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChainHead",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("seq", models.BigIntegerField()),
                        ("hash", models.CharField(max_length=64)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="chain_has_one_head"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConflictOfInterest",
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
                        ("subject_key", models.UUIDField(db_index=True)),
                        ("why", models.TextField()),
                        ("page", models.CharField(blank=True, max_length=200)),
                        ("declared_at", models.DateTimeField(default=triservice.kernel.clock.now)),
                        (
                            "declared_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
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
                        ("ended_why", models.TextField(blank=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_by__isnull", True),
                                    models.Q(("ended_by", models.F("officer")), _negated=True),
                                    _connector="OR",
                                ),
                                name="conflict_is_ended_by_another",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Disclosure",
                    fields=[
                        ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(db_index=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("collection", "Collection"),
                                    ("alteration", "Alteration"),
                                    ("consultation", "Consultation"),
                                    ("disclosure", "Disclosure"),
                                    ("combination", "Combination"),
                                    ("erasure", "Erasure"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("officer", models.BigIntegerField()),
                        ("officer_name", models.CharField(blank=True, max_length=200)),
                        ("officer_roles", models.CharField(blank=True, max_length=400)),
                        ("agency", models.BigIntegerField()),
                        ("agency_name", models.CharField(blank=True, max_length=200)),
                        ("purpose", models.CharField(blank=True, max_length=20)),
                        ("basis", models.TextField(blank=True)),
                        ("term", models.BigIntegerField(blank=True, null=True)),
                        ("version", models.BigIntegerField(blank=True, null=True)),
                        ("doing", models.CharField(max_length=200)),
                        ("what", models.TextField(default="{}")),
                        ("source", models.CharField(blank=True, max_length=200)),
                        ("outcome", models.CharField(max_length=16)),
                        ("reason", models.CharField(blank=True, max_length=120)),
                        ("previous", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64, unique=True)),
                    ],
                    options={
                        "ordering": ("seq",),
                        "indexes": [
                            models.Index(fields=["officer", "seq"], name="disclosure_officer"),
                            models.Index(fields=["agency", "seq"], name="disclosure_agency"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NoMail",
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
                                    ("safety", "Safety of an officer"),
                                ],
                                max_length=20,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("officer", "kind"), name="no_mail_said_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["emergency access", "safety"]), _negated=True
                                ),
                                name="what_cannot_wait_is_mailed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
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
                                    ("safety", "Safety of an officer"),
                                ],
                                max_length=20,
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
                            "role",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("officer", "Officer"),
                                    ("team leader", "Team leader"),
                                    ("tasking lead", "Tasking lead"),
                                    ("referrer", "Referrer"),
                                    ("data owner", "Data owner"),
                                    ("caldicott guardian", "Caldicott guardian"),
                                    ("data protection lead", "Data protection lead"),
                                    ("analyst", "Analyst"),
                                    ("trainer", "Trainer"),
                                    ("programme manager", "Programme manager"),
                                    ("board member", "Board member"),
                                    ("finance and evaluation", "Finance and evaluation"),
                                    ("system administrator", "System administrator"),
                                ],
                                max_length=30,
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
                        ("text", models.CharField(max_length=300)),
                        ("path", models.CharField(max_length=200)),
                        ("key", models.CharField(max_length=160)),
                        ("made_at", models.DateTimeField()),
                        ("dealt_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "dealt_by",
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
                        "ordering": ("-made_at", "-pk"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(("dealt_at__isnull", True)),
                                fields=["agency", "role"],
                                name="notices_open",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("officer__isnull", True)),
                                fields=("key", "agency", "role"),
                                name="notice_to_a_role_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("officer__isnull", False)),
                                fields=("key", "officer"),
                                name="notice_to_an_officer_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("officer__isnull", False),
                                    models.Q(("role", ""), _negated=True),
                                    _connector="XOR",
                                ),
                                name="notice_is_to_someone",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Opening",
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
                            "kind",
                            models.CharField(
                                choices=[("approval", "Approval"), ("break glass", "Break-glass")],
                                max_length=12,
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
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
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
                        ("every_field", models.BooleanField(default=False)),
                        ("fields", models.JSONField(blank=True, default=list)),
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
                        ("starts", models.DateTimeField()),
                        ("ends", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
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
                        ("why", models.TextField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends__gt", models.F("starts"))),
                                name="opening_ends",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("officer")), _negated=True),
                                    _connector="OR",
                                ),
                                name="opening_is_decided_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "approval"), _negated=True),
                                    ("decided_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="approval_has_an_approver",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GlassBreak",
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
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "opening",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="glass",
                                to="access.opening",
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
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("subject_key", models.UUIDField(blank=True, null=True)),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("threat to life", "Immediate threat to life"),
                                    ("child at risk", "Child at risk of serious harm now"),
                                    ("adult at risk", "Adult at risk of serious harm now"),
                                    ("missing person", "Missing person at high risk"),
                                    ("crew safety", "Danger to a crew on its way or at the scene"),
                                    ("major incident", "Declared major incident"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("text", models.TextField()),
                        ("rows", models.PositiveIntegerField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ended_how",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("time", "Its time was over"),
                                    ("officer", "Ended by the officer"),
                                    ("owner", "Ended by the owner"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("review_due", models.DateTimeField()),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "finding",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("justified", "Justified"),
                                    ("not justified", "Not justified"),
                                ],
                                max_length=14,
                            ),
                        ),
                        ("finding_text", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ("-pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("reviewed_by__isnull", True),
                                    models.Q(("reviewed_by", models.F("officer")), _negated=True),
                                    _connector="OR",
                                ),
                                name="glass_is_reviewed_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("finding", ""),
                                    models.Q(
                                        ("reviewed_at__isnull", False),
                                        ("reviewed_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="finding_has_a_reviewer",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccessRequest",
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
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
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
                        ("subject_key", models.UUIDField(blank=True, null=True)),
                        ("every_field", models.BooleanField(default=False)),
                        ("fields", models.JSONField(blank=True, default=list)),
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
                        ("case", models.CharField(max_length=120)),
                        ("why", models.TextField()),
                        ("told", models.TextField()),
                        ("until", models.DateTimeField()),
                        ("asked_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting for the owner"),
                                    ("asked back", "Waiting for an answer"),
                                    ("approved", "Approved"),
                                    ("refused", "Refused"),
                                    ("withdrawn", "Withdrawn"),
                                    ("lapsed", "Lapsed"),
                                ],
                                default="waiting",
                                max_length=12,
                            ),
                        ),
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
                        ("answer", models.TextField(blank=True)),
                        ("narrowed", models.BooleanField(default=False)),
                        (
                            "opening",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="request",
                                to="access.opening",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("due_at", "pk"),
                        "indexes": [
                            models.Index(
                                fields=["owner", "state", "due_at"], name="requests_to_owner"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("officer")), _negated=True),
                                    _connector="OR",
                                ),
                                name="request_is_decided_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ("approved", "refused")), _negated=True),
                                    models.Q(
                                        ("decided_at__isnull", False), ("decided_by__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="decision_has_an_approver",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "approved"), _negated=True),
                                    ("opening__isnull", False),
                                    _connector="OR",
                                ),
                                name="approval_has_an_opening",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OpeningItem",
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
                            "opening",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="access.opening",
                            ),
                        ),
                        ("label", models.CharField(max_length=100)),
                        ("pk_text", models.CharField(max_length=64)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("opening", "label", "pk_text"), name="opening_item_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Party",
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
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="parties",
                                to="access.agreementversion",
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
                            "controller",
                            models.CharField(
                                choices=[
                                    ("controller", "Controller"),
                                    ("joint controller", "Joint controller"),
                                    ("processor", "Processor"),
                                    ("recipient", "Recipient"),
                                ],
                                default="controller",
                                max_length=20,
                            ),
                        ),
                        (
                            "regime",
                            models.CharField(
                                choices=[
                                    ("uk gdpr", "UK GDPR"),
                                    ("part 3", "Law enforcement processing (DPA 2018 Part 3)"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("lawful_basis", models.CharField(max_length=200)),
                        ("special_condition", models.CharField(blank=True, max_length=200)),
                        ("gateway", models.CharField(blank=True, max_length=300)),
                        ("contact", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "verbose_name_plural": "parties",
                        "ordering": ("version", "agency"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "agency"), name="party_once_per_version"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("lawful_basis", ""), _negated=True),
                                name="party_has_lawful_basis",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RequestItem",
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="access.accessrequest",
                            ),
                        ),
                        ("label", models.CharField(max_length=100)),
                        ("pk_text", models.CharField(max_length=64)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("request", "label", "pk_text"), name="request_item_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RequestMessage",
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="messages",
                                to="access.accessrequest",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("text", models.TextField()),
                    ],
                    options={
                        "ordering": ("at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Restriction",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("why", models.TextField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=triservice.kernel.clock.now)),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("lifted_why", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="RestrictionMember",
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
                            "restriction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="access.restriction",
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
                        ("since", models.DateTimeField(default=triservice.kernel.clock.now)),
                        ("until", models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="RestrictionSubject",
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
                            "restriction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="subjects",
                                to="access.restriction",
                            ),
                        ),
                        ("subject_key", models.UUIDField(db_index=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("restriction", "subject_key"),
                                name="a_subject_is_on_a_list_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Signatory",
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
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="signatories",
                                to="access.party",
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("job_title", models.CharField(max_length=200)),
                        ("signed_on", models.DateField(blank=True, null=True)),
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
                        ("digest", models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        "verbose_name_plural": "signatories",
                    },
                ),
                migrations.CreateModel(
                    name="Term",
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
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="terms",
                                to="access.agreementversion",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "from_agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "to_agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "to_role",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("officer", "Officer"),
                                    ("team leader", "Team leader"),
                                    ("tasking lead", "Tasking lead"),
                                    ("referrer", "Referrer"),
                                    ("data owner", "Data owner"),
                                    ("caldicott guardian", "Caldicott guardian"),
                                    ("data protection lead", "Data protection lead"),
                                    ("analyst", "Analyst"),
                                    ("trainer", "Trainer"),
                                    ("programme manager", "Programme manager"),
                                    ("board member", "Board member"),
                                    ("finance and evaluation", "Finance and evaluation"),
                                    ("system administrator", "System administrator"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("on approval", "On approval"),
                                    ("never", "Never"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("data_classes", models.JSONField(default=list)),
                        ("every_field", models.BooleanField(default=False)),
                        ("fields", models.JSONField(blank=True, default=list)),
                        ("purposes", models.JSONField(default=list)),
                        ("everywhere", models.BooleanField(default=False)),
                        ("areas", models.JSONField(blank=True, default=list)),
                        ("counts_only", models.BooleanField(default=False)),
                        ("small_number", models.PositiveIntegerField(default=0)),
                        (
                            "min_vetting",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "NONE"), (1, "NPPV1"), (2, "NPPV2"), (3, "NPPV3")],
                                default=triservice.kernel.access_words.Vetting["NONE"],
                            ),
                        ),
                        ("needs_training", models.BooleanField(default=False)),
                        ("needs_duty", models.BooleanField(default=False)),
                        ("needs_case", models.BooleanField(default=False)),
                        ("existence", models.BooleanField(default=False)),
                        ("offline", models.BooleanField(default=False)),
                        ("valid_from", models.DateTimeField(blank=True, null=True)),
                        ("valid_until", models.DateTimeField(blank=True, null=True)),
                        ("note", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ("version", "number"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "number"), name="term_number_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("to_agency__isnull", False),
                                    models.Q(("to_role", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="term_is_to_someone",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("to_agency__isnull", True),
                                    models.Q(("to_agency", models.F("from_agency")), _negated=True),
                                    _connector="OR",
                                ),
                                name="term_is_to_another_agency",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("mode", "never"), _negated=True),
                                    models.Q(
                                        ("valid_from__isnull", True), ("valid_until__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="never_has_no_dates",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("offline", False),
                                    models.Q(
                                        models.Q(("mode", "never"), _negated=True),
                                        ("counts_only", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="only_what_is_open_is_kept_offline",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Touched",
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
                        ("seq", models.BigIntegerField()),
                        ("label", models.CharField(max_length=100)),
                        ("pk_text", models.CharField(max_length=64)),
                        ("data_class", models.CharField(blank=True, max_length=20)),
                        ("owner", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "verbose_name_plural": "touched",
                        "indexes": [
                            models.Index(fields=["owner", "seq"], name="touched_owner"),
                            models.Index(fields=["label", "pk_text", "seq"], name="touched_row"),
                            models.Index(fields=["seq"], name="touched_seq"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TouchedUpTo",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("seq", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="index_has_one_head"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]

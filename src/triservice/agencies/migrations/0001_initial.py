"""The tables: each model whole, with its indexes and constraints."""

import django.db.models.deletion
import django.db.models.functions.text
import triservice.agencies.models.officers
import triservice.kernel.access_words
from django.conf import settings
from django.db import migrations, models

from triservice.migrating import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Agency",
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
                        ("name", models.CharField(max_length=200, unique=True)),
                        ("short_name", models.CharField(max_length=40, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("police", "Police force"),
                                    ("fire", "Fire and rescue service"),
                                    ("ambulance", "Ambulance trust"),
                                    ("health", "Health trust"),
                                    ("council", "Council"),
                                    ("charity", "Charity"),
                                ],
                                max_length=12,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "agencies",
                        "ordering": ("name",),
                    },
                ),
                migrations.CreateModel(
                    name="Officer",
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
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        (
                            "employer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="officers",
                                to="agencies.agency",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        ("left_on", models.DateField(blank=True, null=True)),
                        (
                            "vetting",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "NONE"), (1, "NPPV1"), (2, "NPPV2"), (3, "NPPV3")],
                                default=triservice.kernel.access_words.Vetting["NONE"],
                            ),
                        ),
                        ("vetting_until", models.DateField(blank=True, null=True)),
                        ("training_until", models.DateField(blank=True, null=True)),
                        (
                            "access_key",
                            models.CharField(
                                default=triservice.agencies.models.officers.new_access_key,
                                editable=False,
                                max_length=32,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("name",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("left_on__isnull", True), ("is_active", False), _connector="OR"
                                ),
                                name="who_left_is_not_active",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("email", django.db.models.functions.text.Lower("email"))
                                ),
                                name="email_in_small_letters",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Area",
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
                                    ("police area", "Police force area"),
                                    ("fire area", "Fire and rescue authority area"),
                                    ("ambulance area", "Ambulance trust area"),
                                    ("health area", "Health board area"),
                                    ("county", "County or unitary authority"),
                                    ("district", "District"),
                                    ("neighbourhood", "Policing neighbourhood"),
                                    ("station ground", "Fire station ground"),
                                    ("ward", "Ward"),
                                    ("msoa", "Middle layer output area"),
                                    ("lsoa", "Lower layer output area"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("code", models.CharField(max_length=40, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="agencies.area",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("kind", "name"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("code", ""), _negated=True),
                                name="area_has_a_code",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent__isnull", True),
                                    models.Q(("parent", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="area_is_not_its_own_parent",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgencyArea",
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
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="covers",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "area",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="covered_by",
                                to="agencies.area",
                            ),
                        ),
                        ("since", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("agency", "area", "since"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until__isnull", True),
                                    ("until__gte", models.F("since")),
                                    _connector="OR",
                                ),
                                name="cover_ends_after_it_begins",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("until__isnull", True)),
                                fields=("agency", "area"),
                                name="area_is_covered_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Capability",
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
                            "service",
                            models.CharField(
                                choices=[
                                    ("police", "Police"),
                                    ("fire", "Fire"),
                                    ("ambulance", "Ambulance"),
                                    ("health", "Health"),
                                    ("council", "Council"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                    ],
                    options={
                        "verbose_name_plural": "capabilities",
                        "ordering": ("service", "name"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("service", "name"), name="capability_is_named_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
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
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contacts",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("data protection officer", "Data protection officer"),
                                    ("data protection lead", "Data protection lead"),
                                    ("risk owner", "Senior information risk owner"),
                                    ("caldicott guardian", "Caldicott guardian"),
                                    ("sharing desk", "Information sharing desk"),
                                ],
                                max_length=30,
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                help_text="A person, or the name of a desk", max_length=200
                            ),
                        ),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("phone", models.CharField(blank=True, max_length=30)),
                        ("hours", models.CharField(blank=True, max_length=100)),
                    ],
                    options={
                        "ordering": ("agency", "kind", "name"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("email", ""), ("phone", ""), _negated=True),
                                name="contact_can_be_reached",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Duty",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="duties",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts", models.DateTimeField()),
                        ("ends", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name_plural": "duties",
                        "ordering": ("-starts",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends__isnull", True),
                                    ("ends__gte", models.F("starts")),
                                    _connector="OR",
                                ),
                                name="duty_ends_after_it_starts",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ends__isnull", True)),
                                fields=("officer",),
                                name="one_open_duty",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Team",
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
                        ("name", models.CharField(max_length=200)),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teams",
                                to="agencies.agency",
                            ),
                        ),
                        ("base", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "ordering": ("agency", "name"),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agency", "name"), name="team_is_named_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Post",
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
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="posts",
                                to="agencies.agency",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
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
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="posts",
                                to="agencies.team",
                            ),
                        ),
                        (
                            "team_leader",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="leads",
                                to="agencies.post",
                            ),
                        ),
                        (
                            "tasking_lead",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="agencies.post",
                            ),
                        ),
                        ("base", models.CharField(blank=True, max_length=200)),
                        (
                            "places",
                            models.PositiveSmallIntegerField(
                                default=1, help_text="How many may hold it at once"
                            ),
                        ),
                        (
                            "capabilities",
                            models.ManyToManyField(
                                blank=True, related_name="posts", to="agencies.capability"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("agency", "title"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("team_leader__isnull", True),
                                    models.Q(("team_leader", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="post_does_not_lead_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("tasking_lead__isnull", True),
                                    models.Q(("tasking_lead", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="post_does_not_task_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("places__gte", 1)), name="post_has_a_place"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Holding",
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
                                related_name="holdings",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "post",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holdings",
                                to="agencies.post",
                            ),
                        ),
                        ("since", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ("-since",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until__isnull", True),
                                    ("until__gte", models.F("since")),
                                    _connector="OR",
                                ),
                                name="holding_ends_after_it_begins",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PowerGrant",
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
                                related_name="powers",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="powers_given",
                                to="agencies.agency",
                            ),
                        ),
                        ("power", models.CharField(max_length=60)),
                        ("conditions", models.TextField(blank=True)),
                        ("since", models.DateField()),
                        ("until", models.DateField(blank=True, null=True)),
                        ("reference", models.CharField(blank=True, max_length=100)),
                    ],
                    options={
                        "ordering": ("officer", "agency", "power", "since"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until__isnull", True),
                                    ("until__gte", models.F("since")),
                                    _connector="OR",
                                ),
                                name="power_ends_after_it_begins",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignInDirectory",
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
                            "agency",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="directories",
                                to="agencies.agency",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        (
                            "server",
                            models.URLField(
                                help_text="The issuer, without /.well-known/openid-configuration"
                            ),
                        ),
                        ("client", models.CharField(max_length=200)),
                        ("domains", models.JSONField(default=list)),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "verbose_name_plural": "sign-in directories",
                        "ordering": ("agency",),
                    },
                ),
                migrations.CreateModel(
                    name="WorkforceChange",
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
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes_made",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("by_name", models.CharField(max_length=200)),
                        ("verb", models.CharField(max_length=40)),
                        (
                            "about",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="agencies.agency",
                            ),
                        ),
                        ("label", models.CharField(max_length=40)),
                        ("row", models.BigIntegerField()),
                        ("before", models.JSONField(default=dict)),
                        ("after", models.JSONField(default=dict)),
                        ("why", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ("-at", "-id"),
                        "indexes": [
                            models.Index(fields=["about", "at"], name="changes_about_an_officer")
                        ],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name="agency",
            name="areas",
            field=models.ManyToManyField(
                related_name="agencies", through="agencies.AgencyArea", to="agencies.area"
            ),
        ),
    ]

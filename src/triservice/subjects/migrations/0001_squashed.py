"""The tables: each model whole, with its indexes and constraints."""

from typing import Any
import django.db.models.deletion
import triservice.subjects.words
import uuid
from django.conf import settings
from django.db import migrations, models

from triservice.migrating import CreateModels

# Words in the full-text index are each under their owner: `3§jane` is Jane in a row of agency 3. So a
# search walks what agencies open to the reader and nothing else: what is withheld costs no time that
# could tell of it. No word that is typed can hold the sign.
WORDS = "replace(' ' || {0}text, ' ', ' ' || {0}owner_id || '§')"
_NEW, _OLD = WORDS.format("new."), WORDS.format("old.")
_ADD = f"INSERT INTO subjects_searchtext(rowid, words) VALUES (new.id, {_NEW});"
_REMOVE = f"""INSERT INTO subjects_searchtext(subjects_searchtext, rowid, words)
        VALUES ('delete', old.id, {_OLD});"""
SEARCH = {
    "sqlite": (
        f"""CREATE VIEW subjects_searchwords AS
        SELECT id, {WORDS.format("")} AS words FROM subjects_searchkey""",
        # detail=none: no phrases, half the size; ascii: letters and digits, and all that is not ASCII
        """CREATE VIRTUAL TABLE subjects_searchtext USING fts5(
        words, content='subjects_searchwords', content_rowid='id',
        tokenize='ascii', detail='none')""",
        f"""CREATE TRIGGER subjects_searchkey_added AFTER INSERT ON subjects_searchkey
        BEGIN {_ADD} END""",
        f"""CREATE TRIGGER subjects_searchkey_removed AFTER DELETE ON subjects_searchkey
        BEGIN {_REMOVE} END""",
        f"""CREATE TRIGGER subjects_searchkey_changed AFTER UPDATE OF text, owner_id
        ON subjects_searchkey BEGIN {_REMOVE} {_ADD} END""",
    ),
    "postgresql": (
        f"""CREATE INDEX subjects_searchtext ON subjects_searchkey
        USING gin (array_to_tsvector(string_to_array(ltrim({WORDS.format("")}), ' ')))""",
    ),
}


def index_words(apps: Any, schema_editor: Any) -> None:
    """Make the full-text index of search keys: FTS5 on SQLite, a text search vector on PostgreSQL.

    Both hold the same words and match the same rows: a key matches when it has every word asked for.
    """
    for statement in SEARCH[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_words(apps: Any, schema_editor: Any) -> None:
    """Drop what does not go with the table of the keys: on PostgreSQL the index does."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE subjects_searchtext")
        schema_editor.execute("DROP VIEW subjects_searchwords")


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("subjects", "0001_initial"),
        ("subjects", "0002_search"),
        ("subjects", "0003_organisations"),
        ("subjects", "0004_open_by_area"),
        ("subjects", "0005_search_by_owner"),
    ]

    dependencies = [
        ("access", "0001_squashed"),
        ("agencies", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Premises",
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
                            "uprn",
                            models.CharField(
                                blank=True,
                                max_length=12,
                                null=True,
                                unique=True,
                                verbose_name="UPRN",
                            ),
                        ),
                        ("address", models.CharField(max_length=300)),
                        ("postcode", models.CharField(blank=True, max_length=8)),
                        ("address_key", models.CharField(db_index=True, max_length=320)),
                        ("easting", models.FloatField(blank=True, null=True)),
                        ("northing", models.FloatField(blank=True, null=True)),
                        ("area", models.CharField(blank=True, db_index=True, max_length=20)),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="units",
                                to="subjects.premises",
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name_plural": "premises",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("parent__isnull", True),
                                    models.Q(("parent", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="no_place_is_a_unit_of_itself",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Household",
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
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="households",
                                to="subjects.premises",
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="LinkageModel",
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
                        ("settings", models.JSONField()),
                        ("trained_at", models.DateTimeField()),
                        ("people", models.PositiveIntegerField()),
                        ("seen_to", models.BigIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="Organisation",
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
                        ("name_key", models.CharField(blank=True, max_length=200)),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="organisations",
                                to="subjects.premises",
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("premises__isnull", False),
                                    models.Q(("name_key", ""), _negated=True),
                                ),
                                fields=("premises", "name_key"),
                                name="a_name_at_a_place_is_one_organisation",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Person",
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
                            "root",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joined",
                                to="subjects.person",
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name_plural": "people",
                    },
                ),
                migrations.CreateModel(
                    name="Candidate",
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
                                to="subjects.person",
                            ),
                        ),
                        (
                            "right",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        ("evidence", models.JSONField()),
                        ("method", models.CharField(max_length=20)),
                        ("probability", models.FloatField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("proposed", "Proposed"),
                                    ("confirmed by one person", "Confirmed by one person"),
                                    ("linked", "Linked"),
                                    ("confirmed different", "Confirmed different"),
                                ],
                                default=triservice.subjects.words.State["PROPOSED"],
                                max_length=30,
                            ),
                        ),
                        ("proposed_at", models.DateTimeField()),
                        ("settled_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["state", "-probability"], name="candidates_to_review"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("left", "right"), name="a_pair_is_proposed_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("left__lt", models.F("right"))),
                                name="lower_person_left",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgencyNumber",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("system", models.CharField(max_length=60)),
                        (
                            "of",
                            models.CharField(
                                choices=[
                                    ("person", "Person"),
                                    ("household", "Household"),
                                    ("organisation", "Organisation"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("number", models.CharField(max_length=120)),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.household",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.organisation",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agency", "system", "of", "number"),
                                name="a_number_names_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccessibleNeed",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="needs",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("language", "Language"),
                                    ("interpreter", "Interpreter"),
                                    ("hearing", "Hearing"),
                                    ("sight", "Sight"),
                                    ("speech", "Speech"),
                                    ("reading", "Reading"),
                                    ("other", "Other"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("need", models.CharField(max_length=200)),
                        ("made_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"],
                                name="accessibleneed_cell_area",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("person", "owner", "kind", "need"),
                                name="a_need_is_told_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Quarantined",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("system", models.CharField(max_length=60)),
                        ("row_number", models.PositiveIntegerField()),
                        ("sent", models.JSONField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("wrong", models.JSONField()),
                        ("received_at", models.DateTimeField()),
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
                        ("settled_how", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("settled_at__isnull", True)),
                                fields=("agency", "system", "sha256"),
                                name="a_bad_row_waits_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SourceRecord",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agencies.agency",
                            ),
                        ),
                        ("system", models.CharField(max_length=60)),
                        ("source_key", models.CharField(max_length=120)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("kind", models.CharField(max_length=80)),
                        ("reference", models.CharField(blank=True, max_length=120)),
                        ("happened_at", models.DateTimeField(blank=True, null=True)),
                        ("received_at", models.DateTimeField()),
                        ("sent", models.JSONField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("current", models.BooleanField(default=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("reference", ""), _negated=True),
                                fields=["agency", "reference"],
                                name="records_of_one_incident",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agency", "system", "source_key", "version"),
                                name="a_version_comes_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("current", True)),
                                fields=("agency", "system", "source_key"),
                                name="one_version_is_current",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RecordPart",
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
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="subjects.sourcerecord",
                            ),
                        ),
                        ("current", models.BooleanField(default=True)),
                        ("given_name", models.CharField(blank=True, max_length=100)),
                        ("middle_names", models.CharField(blank=True, max_length=100)),
                        ("family_name", models.CharField(blank=True, max_length=100)),
                        ("aliases", models.JSONField(blank=True, null=True)),
                        ("date_of_birth", models.DateField(blank=True, null=True)),
                        ("birth_year", models.PositiveSmallIntegerField(blank=True, null=True)),
                        ("sex", models.CharField(blank=True, max_length=20)),
                        (
                            "nhs_number",
                            models.CharField(blank=True, max_length=10, verbose_name="NHS number"),
                        ),
                        ("identifiers", models.JSONField(blank=True, null=True)),
                        (
                            "deceased",
                            models.CharField(
                                choices=[("yes", "Yes"), ("no", "No"), ("not known", "Not known")],
                                default=triservice.subjects.words.Known["UNKNOWN"],
                                max_length=10,
                            ),
                        ),
                        ("died_on", models.DateField(blank=True, null=True)),
                        ("phone", models.CharField(blank=True, max_length=20)),
                        ("other_phone", models.CharField(blank=True, max_length=20)),
                        ("email", models.CharField(blank=True, max_length=254)),
                        ("organisation", models.CharField(blank=True, max_length=200)),
                        ("organisation_kind", models.CharField(blank=True, max_length=80)),
                        ("uprn", models.CharField(blank=True, max_length=12, verbose_name="UPRN")),
                        ("address", models.CharField(blank=True, max_length=300)),
                        ("postcode", models.CharField(blank=True, max_length=8)),
                        ("easting", models.FloatField(blank=True, null=True)),
                        ("northing", models.FloatField(blank=True, null=True)),
                        ("summary", models.CharField(blank=True, max_length=500)),
                        ("details", models.JSONField(blank=True, null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="recordpart_cell_area"
                            ),
                            models.Index(
                                condition=models.Q(("nhs_number", ""), _negated=True),
                                fields=["nhs_number"],
                                name="parts_by_nhs_number",
                            ),
                            models.Index(
                                condition=models.Q(("phone", ""), _negated=True),
                                fields=["phone"],
                                name="parts_by_phone",
                            ),
                            models.Index(
                                condition=models.Q(("email", ""), _negated=True),
                                fields=["email"],
                                name="parts_by_email",
                            ),
                            models.Index(
                                condition=models.Q(("uprn", ""), _negated=True),
                                fields=["uprn"],
                                name="parts_by_uprn",
                            ),
                            models.Index(
                                condition=models.Q(("postcode", ""), _negated=True),
                                fields=["postcode"],
                                name="parts_by_postcode",
                            ),
                            models.Index(
                                condition=models.Q(("date_of_birth__isnull", False)),
                                fields=["date_of_birth", "family_name"],
                                name="parts_by_birth",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("record", "data_class"), name="one_part_of_a_class"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Relation",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="relations",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="relations_back",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("parent", "Parent"),
                                    ("child", "Child"),
                                    ("partner", "Partner"),
                                    ("former partner", "Former partner"),
                                    ("brother or sister", "Brother or sister"),
                                    ("carer", "Carer"),
                                    ("cared for", "Cared for"),
                                    ("friend", "Friend"),
                                    ("neighbour", "Neighbour"),
                                    ("associate", "Associate"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("evidence", models.CharField(max_length=300)),
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
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="relation_cell_area"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("person", models.F("other")), _negated=True),
                                name="nobody_is_related_to_themselves",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SearchKey",
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
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="search_keys",
                                to="subjects.recordpart",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "premises",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.premises",
                            ),
                        ),
                        ("subject_key", models.UUIDField(blank=True, null=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("name", "name"),
                                    ("alias", "alias"),
                                    ("nhs", "nhs"),
                                    ("number", "number"),
                                    ("phone", "phone"),
                                    ("email", "email"),
                                    ("address", "address"),
                                    ("body", "body"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("text", models.CharField(max_length=500)),
                        ("born", models.DateField(null=True)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="searchkey_cell_area"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Link",
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
                            "record",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="subjects.sourcerecord",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="subjects.premises",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="subjects.household",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="subjects.organisation",
                            ),
                        ),
                        (
                            "involved",
                            models.CharField(
                                choices=[
                                    ("victim", "Victim"),
                                    ("suspect", "Suspect"),
                                    ("witness", "Witness"),
                                    ("at risk", "At risk"),
                                    ("resident", "Resident"),
                                    ("patient", "Patient"),
                                    ("caller", "Caller"),
                                    ("carer", "Carer"),
                                    ("member of the household", "Member of the household"),
                                    ("where it happened", "Where it happened"),
                                    ("home address", "Home address"),
                                    ("otherwise involved", "Otherwise involved"),
                                    ("involvement not said", "Involvement not said"),
                                ],
                                default=triservice.subjects.words.Involved["NOT_SAID"],
                                max_length=30,
                            ),
                        ),
                        ("evidence", models.JSONField(default=dict)),
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
                        ("ended_why", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"], name="link_cell_area"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("household__isnull", True),
                                        ("organisation__isnull", True),
                                        ("person__isnull", False),
                                        ("premises__isnull", True),
                                    ),
                                    models.Q(
                                        ("household__isnull", True),
                                        ("organisation__isnull", True),
                                        ("person__isnull", True),
                                        ("premises__isnull", False),
                                    ),
                                    models.Q(
                                        ("household__isnull", False),
                                        ("organisation__isnull", True),
                                        ("person__isnull", True),
                                        ("premises__isnull", True),
                                    ),
                                    models.Q(
                                        ("household__isnull", True),
                                        ("organisation__isnull", False),
                                        ("person__isnull", True),
                                        ("premises__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_link_has_one_end",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("ended_at__isnull", True), ("person__isnull", False)
                                ),
                                fields=("record",),
                                name="a_record_is_about_one_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WarningMarker",
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
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="markers",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "premises",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="markers",
                                to="subjects.premises",
                            ),
                        ),
                        ("kind", models.CharField(max_length=80)),
                        ("relevance", models.CharField(max_length=300)),
                        ("advice", models.CharField(blank=True, max_length=500)),
                        ("source", models.CharField(max_length=200)),
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
                        ("review_on", models.DateField()),
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
                        ("ended_why", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["owner", "data_class", "area"],
                                name="warningmarker_cell_area",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("person__isnull", False), ("premises__isnull", True)),
                                    models.Q(("person__isnull", True), ("premises__isnull", False)),
                                    _connector="OR",
                                ),
                                name="a_marker_is_on_a_person_or_a_place",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WordForm",
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
                        ("form", models.CharField(max_length=40)),
                        ("word", models.CharField(max_length=40)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("form", "word"), name="a_form_of_a_word_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WrongLink",
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
                            "record",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.sourcerecord",
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
                        ("why", models.CharField(max_length=1000)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("page", models.CharField(blank=True, max_length=200)),
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
                        ("settled_how", models.CharField(blank=True, max_length=500)),
                    ],
                ),
                migrations.CreateModel(
                    name="Confirmation",
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
                            "candidate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="confirmations",
                                to="subjects.candidate",
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
                        ("same", models.BooleanField()),
                        ("why", models.CharField(max_length=500)),
                        ("at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn_at__isnull", True)),
                                fields=("candidate", "officer"),
                                name="one_word_a_person",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Merge",
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
                                to="subjects.person",
                            ),
                        ),
                        (
                            "right",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merges",
                                to="subjects.candidate",
                            ),
                        ),
                        ("evidence", models.JSONField(default=dict)),
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
                            "second_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
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
                        ("undone_why", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("undone_at__isnull", True)),
                                fields=("left", "right"),
                                name="a_pair_is_merged_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("left__lt", models.F("right"))),
                                name="merge_lower_left",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("second_by__isnull", True),
                                    models.Q(("second_by", models.F("made_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="two_people_are_two",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Difference",
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
                                to="subjects.person",
                            ),
                        ),
                        (
                            "right",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="subjects.person",
                            ),
                        ),
                        ("why", models.CharField(max_length=500)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn_at__isnull", True)),
                                fields=("left", "right"),
                                name="different_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("left__lt", models.F("right"))),
                                name="difference_lower_left",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(index_words, drop_words),
    ]

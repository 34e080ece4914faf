"""Organisations in what agencies send: their numbers, links and names."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_tokens"),
        ("agencies", "0001_initial"),
        ("subjects", "0002_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="link",
            name="a_link_has_one_end",
        ),
        migrations.RemoveField(
            model_name="organisation",
            name="name",
        ),
        migrations.AddField(
            model_name="agencynumber",
            name="organisation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subjects.organisation",
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="links",
                to="subjects.organisation",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="name_key",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="recordpart",
            name="organisation",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="recordpart",
            name="organisation_kind",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AlterField(
            model_name="agencynumber",
            name="of",
            field=models.CharField(
                choices=[
                    ("person", "Person"),
                    ("household", "Household"),
                    ("organisation", "Organisation"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="searchkey",
            name="kind",
            field=models.CharField(
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
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("premises__isnull", False), models.Q(("name_key", ""), _negated=True)
                ),
                fields=("premises", "name_key"),
                name="a_name_at_a_place_is_one_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="premises",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    models.Q(("parent", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="no_place_is_a_unit_of_itself",
            ),
        ),
    ]

"""The tables, that of the cache among them: one command makes every table."""

from typing import Any
from django.core.management import call_command
from django.db import migrations, models


def make_cache(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def drop_cache(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE IF EXISTS web_cache")


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("web", "0001_initial"),
        ("web", "0002_cache_table"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RateWindow",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("begins", models.BigIntegerField(db_index=True)),
                ("used", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunPython(make_cache, drop_cache),
    ]

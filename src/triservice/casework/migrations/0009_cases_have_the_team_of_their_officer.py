"""Open cases that an officer has get the team of the officer's post there, as allocating gives it."""

from datetime import date
from typing import Any

from django.db import migrations
from django.db.models import Q


def give_teams(apps: Any, schema_editor: Any) -> None:
    Case, Holding = apps.get_model("casework", "Case"), apps.get_model("agencies", "Holding")
    day = date.today()
    held = Holding.objects.filter(
        Q(until__isnull=True) | Q(until__gt=day), since__lte=day, post__team__isnull=False
    )
    teams: dict[tuple[int, int], int] = {}
    for officer, agency, team in held.order_by("since", "pk").values_list(
        "officer", "post__agency", "post__team"
    ):
        teams.setdefault((officer, agency), team)
    for (officer, agency), team in teams.items():
        Case.objects.filter(
            officer=officer, owner=agency, team__isnull=True, next_due_at__isnull=False
        ).update(team=team)


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0001_initial"),
        ("casework", "0008_case_lists_by_officer_team_and_area"),
    ]

    operations = [migrations.RunPython(give_teams, migrations.RunPython.noop)]

"""The demonstration's directory of services, and its plans for places: through the actions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from importlib import resources
from typing import Any

from triservice.agencies.models import Agency, Officer
from triservice.casework.directory.actions import Said, add_service
from triservice.casework.plans import actions as plans
from triservice.casework.plans.queries import plan_view
from triservice.casework.plans.rules import Counted
from triservice.kernel import clock
from triservice.kernel.access_words import Purpose, Reader
from triservice.kernel.keys import new_key
from triservice.web.demo.people import COUNTY_CODE, reader

SHARES = ("identity", "contact", "location")  # what a service is told that says nothing else
SINCE = timedelta(days=90)
Row = Mapping[str, Any]


def read(name: str) -> dict[str, Any]:
    """Return one of the demonstration's files."""
    file = resources.files("triservice.web.demo") / name
    return tomllib.loads(file.read_text(encoding="utf-8"))


def make_directory(agencies: Mapping[str, Agency], by: Officer) -> int:
    """Enter the services of directory.toml, as the administrator; return how many."""
    said = read("directory.toml")
    parts = said["parts"] | {"county": [COUNTY_CODE]}
    acts, today = reader(by), clock.now().date()
    for row in said["service"]:
        agency = agencies.get(row["of"])
        least, most = (*row.get("ages", ()), None, None)[:2]
        add_service(acts, Said(
            row["name"], agency.pk if agency else None, "" if agency else row["of"],
            tuple(row["domains"]), row["takes"], today - SINCE, row["eligible"], least, most,
            tuple(parts.get(row.get("areas"), ())), tuple(row.get("shares", SHARES)),
            post_to=row.get("post_to", ""), phone=row.get("phone", ""),
        ))  # fmt: skip
    return len(said["service"])


def make_plans(agencies: Mapping[str, Agency], officers: Mapping[str, Officer]) -> int:
    """Take each plan of plans.toml as far as it says; return how many."""
    rows = read("plans.toml")["plan"]
    for row in rows:
        acts = reader(officers[row["officer"]], Purpose.PREVENTION_VISIT)
        made = plans.start(
            acts, plans.Problem(**row["problem"]), _day(-row["review"]), key=new_key()
        )
        _analysed(acts, made, row, officers)
        _acted(acts, made, row, agencies)
        _assessed(acts, made, row)
    return len(rows)


def _analysed(acts: Reader, plan: int, row: Row, officers: Mapping[str, Officer]) -> None:
    measure = row["measure"]
    plans.add_measure(acts, plan, measure["what"], measure["source"], _counted(measure["before"]))
    if analysis := row.get("analysis"):
        plans.write(acts, plan, analysis, "The analysis was written anew")
    for who, data_class, text in row.get("findings", ()):
        plans.add_finding(reader(officers[who], Purpose.PREVENTION_VISIT), plan, text, data_class)


def _acted(acts: Reader, plan: int, row: Row, agencies: Mapping[str, Agency]) -> None:
    if aims := row.get("aims"):
        plans.write(acts, plan, {"aims": aims}, "The objectives were written anew")
    for agency, what, days, result in row.get("responses", ()):
        due = clock.now() + timedelta(days=days)
        made = plans.add_response(acts, plan, what, due=due, agency=agencies[agency].pk)
        if result:
            plans.end_response(acts, plan, made, done=True, result=result)


def _assessed(acts: Reader, plan: int, row: Row) -> None:
    if after := row["measure"].get("after"):
        (measure,) = plan_view(acts, plan).measures
        plans.count_again(acts, plan, measure.pk, _counted(after))
    if assess := row.get("assess"):
        plans.write(acts, plan, assess, "The assessment was written anew")
    if close := row.get("close"):
        plans.close(acts, plan, *close)


def _counted(said: list[int]) -> Counted:
    count, first, last = said
    return Counted(count, _day(first), _day(last))


def _day(ago: int) -> date:
    return clock.now().date() - timedelta(days=ago)

"""What may be done on a plan's page: each step with its title, form and action, as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from triservice.access.agreements.forms import end_of
from triservice.agencies.queries import agency_choices
from triservice.casework.cases.forms import OtherCaseForm, ResultForm, WhyForm
from triservice.casework.plans import actions, queries
from triservice.casework.plans import forms as f
from triservice.casework.plans.rules import Counted
from triservice.casework.plans.shown import PlanView
from triservice.casework.stepping import Said, Step, plain
from triservice.kernel.access_words import Reader


@dataclass(frozen=True, slots=True)
class About:
    """What a step is taken about: the reader, the plan as they see it, and a row of it."""

    reader: Reader
    plan: PlanView
    row: int = 0

    @property
    def pk(self) -> int:
        """The key of the plan."""
        return self.plan.row.pk


def _filled(form: type[forms.Form]) -> Callable[[About, Any], forms.Form]:
    """Return how a form is made that begins with what the plan says."""

    def make(about: About, data: Any) -> forms.Form:
        row = about.plan.row
        return form(data, initial={"title": row.title, "place": row.place, **about.plan.texts})

    return make


def _write(what: str) -> Callable[[About, Said], object]:
    return lambda about, said: actions.write(about.reader, about.pk, said, what)


def _response(about: About, data: Any) -> forms.Form:
    mine = str(about.reader.agency)
    own_first = sorted(agency_choices(), key=lambda pair: pair[0] != mine)
    return f.ResponseForm(own_first, mine, data)


def _add_response(about: About, said: Said) -> None:
    mine = said["who"] == "me" and said["agency"] == str(about.reader.agency)
    actions.add_response(
        about.reader, about.pk, said["what"], due=end_of(said["due"]),
        agency=int(said["agency"]), officer=about.reader.officer if mine else None,
    )  # fmt: skip


def _hand(about: About, said: Said) -> None:
    kind, _, pk = said["who"].partition("-")
    actions.hand(about.reader, about.pk, **{kind: int(pk)})


def _count(said: Said) -> Counted:
    return Counted(said["count"], said["first"], said["last"])


STEPS: dict[str, Step[About]] = {
    "scan": Step(
        "The problem", _filled(f.ScanForm), _write("The problem was written anew"), "Saved.",
    ),
    "place": Step(
        "The address", plain(f.PlaceForm),
        lambda a, s: actions.set_place(a.reader, a.pk, s["address"]), "Saved.",
        text="The plan is then shown on the page of the address too.",
    ),
    "measure": Step(
        "Count the problem", plain(f.MeasureForm),
        lambda a, s: actions.add_measure(a.reader, a.pk, s["what"], s["source"], _count(s)),
        "Counted.",
        text="Count over a period before anything is done. Long enough that chance evens out: a "
        "year takes the seasons along.",
    ),
    "count-again": Step(
        "Count the same again", plain(f.PeriodForm),
        lambda a, s: actions.count_again(a.reader, a.pk, a.row, _count(s)), "Counted.", row=True,
        text="From the same source, over a period as long as the one before, at the same time of "
        "the year.",
    ),
    "analyse": Step(
        "Analysis", _filled(f.AnalyseForm), _write("The analysis was written anew"), "Saved.",
        text="Three things come together in a problem: somebody or something harmed, somebody who "
        "causes it, and a place. Take one away and it ends.",
    ),
    "finding": Step(
        "What your agency knows", plain(f.FindingForm),
        lambda a, s: actions.add_finding(a.reader, a.pk, s["text"], s["data_class"]),
        "Kept. It is your agency’s; who else reads it, the agreements say.", may="add",
    ),
    "aims": Step(
        "Objectives", _filled(f.AimsForm), _write("The objectives were written anew"), "Saved.",
    ),
    "response": Step(
        "Set a response", _response, _add_response, "The response is set.",
    ),
    "end-response": Step(
        "End a response", plain(ResultForm),
        lambda a, s: actions.end_response(
            a.reader, a.pk, a.row, done=s["done"] == "yes", result=s["result"]),
        "Recorded.", may="add", row=True,
    ),
    "assess": Step(
        "Assessment", _filled(f.AssessForm), _write("The assessment was written anew"), "Saved.",
        text="Look around the place, at other times, and at other kinds of harm: a problem that "
        "went elsewhere is not solved.",
    ),
    "link-case": Step(
        "Link a case", plain(OtherCaseForm),
        lambda a, s: actions.link_case(a.reader, a.pk, s["reference"], s["why"]),
        "The case is linked.",
    ),
    "unlink-case": Step(
        "Take the link with the case back", plain(WhyForm),
        lambda a, s: actions.unlink_case(a.reader, a.pk, a.row, s["why"]),
        "The link is taken back.", warning=True, row=True,
    ),
    "hand": Step(
        "Hand the plan on", lambda a, d: f.HandForm(queries.takers(a.reader), d), _hand, "Done.",
    ),
    "review": Step(
        "Review the plan", plain(f.ReviewForm),
        lambda a, s: actions.review(a.reader, a.pk, s["found"], s["again_on"]), "Reviewed.",
    ),
    "close": Step(
        "Close the plan", plain(f.CloseForm),
        lambda a, s: actions.close(a.reader, a.pk, s["outcome"], s["why"]), "The plan is closed.",
    ),
    "reopen": Step(
        "Open the plan again", plain(f.ReopenForm),
        lambda a, s: actions.reopen(a.reader, a.pk, s["why"], s["review_on"]),
        "The plan is open again.", may="reopen",
    ),
}  # fmt: skip

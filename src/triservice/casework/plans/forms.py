"""Forms of plans. They check shape; the actions and rules decide."""

from __future__ import annotations

from typing import Any

from django import forms

from triservice.access.agreements.forms import day_field, long_text
from triservice.casework.cases.forms import TELLS, Pairs, WhyForm, choice
from triservice.casework.words import Moved, PlanOutcome, PlanStage
from triservice.kernel.words import choices

MOST = 2_000_000_000  # what the databases hold of a count
ADDRESS = "House and postcode, or its UPRN, for example 14 Invented Lane ZZ1 1AA"
NO_NAMES = "Name nobody here: people are named in cases, which you can link"


def _text(label: str, most: int, hint: str = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, help_text=hint, required=required)


class ScanForm(forms.Form):
    """Scanning: the problem in words that can be measured."""

    title = _text("What is the problem?", 120, "For example: deliberate fires behind the shops")
    place = _text("Where is it?", 300, "The premises, street or area")
    harm = long_text("What happens, and who is harmed?", required=True, hint=NO_NAMES)
    times = long_text("When does it happen, and how often?")


class StartForm(ScanForm):
    """A plan to start. Sent twice it is one: its key is in the form."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    address = _text(
        "If it is about one address: which?", 300,
        f"{ADDRESS}. Leave it empty for a street or area", required=False,
    )  # fmt: skip
    case = _text("Does it come from a case?", 20, "Its reference, for example C-7K2M-9QXP",
                 required=False)  # fmt: skip
    review_on = day_field("On which day is the plan looked at again?", required=True)


class PlaceForm(forms.Form):
    """The address of a plan."""

    address = _text("Which address is it about?", 300, f"{ADDRESS}. Leave it empty for none",
                    required=False)  # fmt: skip


class AnalyseForm(forms.Form):
    """Analysis: the three sides of the problem, and what lies behind it."""

    victims = long_text("Who or what is harmed, and who could protect them?", hint=NO_NAMES)
    offenders = long_text("Who causes it, and who has influence on them?", hint=NO_NAMES)
    setting = long_text("What about the place makes it possible, and who manages the place?")
    causes = long_text("What lies behind it, and how do you know?")


class AimsForm(forms.Form):
    """What is to be reached."""

    aims = long_text(
        "What is to be reached, by how much and by when?", required=True,
        hint="In the same counts as the problem, for example: half the fires by September",
    )  # fmt: skip


class FindingForm(forms.Form):
    """What an agency knows."""

    text = forms.CharField(
        label="What does your agency know of it?", max_length=10_000, help_text=NO_NAMES,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    data_class = choice(
        "What does it tell of?", [(str(c), str(c).capitalize()) for c in TELLS],
        "Who may read it follows from this",
    )  # fmt: skip


class PeriodForm(forms.Form):
    """A count over a period."""

    count = forms.IntegerField(label="How many?", min_value=0, max_value=MOST)
    first = day_field("First day of the period", required=True)
    last = day_field("Last day of the period", required=True)


class MeasureForm(PeriodForm):
    """A count of the problem, before anything is done about it."""

    what = _text("What is counted?", 200, "For example: deliberate fires within 200 metres")
    source = _text("Where does the count come from?", 200, "System, report or survey")
    field_order = ("what", "source", "count", "first", "last")


class ResponseForm(forms.Form):
    """Something that is done about the problem."""

    what = _text("What is to be done?", 300)
    due = day_field("By which day?", required=True)

    def __init__(self, agencies: Pairs, mine: str, data: Any = None) -> None:
        """Offer the agencies of the partnership; the own one first."""
        super().__init__(data, initial={"agency": mine, "who": ""})
        self.fields["agency"] = choice("Which agency does it?", agencies)
        self.fields["who"] = choice(
            "Who there?", [("me", "I do"), ("", "Whoever they choose")], required=False
        )
        self.order_fields(["what", "agency", "who", "due"])


class AssessForm(forms.Form):
    """Assessment: whether the problem went elsewhere, and what was learned."""

    moved = choice(
        "Did the problem move elsewhere, or change into another?",
        [*choices(Moved), ("", "Nobody has looked yet")], required=False,
    )  # fmt: skip
    moved_what = long_text("Where did you look, and what did you see?")
    learned = long_text("What worked, what did not, and why?")


class HandForm(forms.Form):
    """Who has the plan."""

    def __init__(self, takers: Pairs, data: Any = None) -> None:
        """Offer officers and teams."""
        super().__init__(data)
        self.fields["who"] = choice("Who has the plan?", takers)


class ReviewForm(forms.Form):
    """A review."""

    found = long_text("What did the review find?", required=True)
    again_on = day_field("On which day is the plan looked at again?", required=True)


class CloseForm(forms.Form):
    """Why a plan is closed."""

    outcome = choice("What came of the problem?", choices(PlanOutcome))
    why = long_text("What was done, and what was learned?", required=True)


class ReopenForm(WhyForm):
    """Why a plan is opened again."""

    review_on = day_field("On which day is it looked at?", required=True)


class FilterForm(forms.Form):
    """Which plans are shown."""

    narrows = True

    stage = forms.ChoiceField(
        label="How far", required=False,
        choices=[("", "All that are open"), *choices(PlanStage)],
    )  # fmt: skip
    area = forms.ChoiceField(
        label="Area", required=False, help_text="Of the address, for plans about one address"
    )
    mine = forms.BooleanField(label="Mine and my team’s", required=False)
    due = forms.BooleanField(label="To be reviewed", required=False)

    def __init__(self, areas: Pairs, data: Any = None) -> None:
        """Offer the areas."""
        super().__init__(data)
        self.fields["area"].choices = [("", "Everywhere"), *areas]  # type: ignore[attr-defined]


class FindForm(forms.Form):
    """Words to look for."""

    narrows = True

    text = _text("Words of the problem or place, an address, or a reference", 200)

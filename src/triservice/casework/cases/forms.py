"""Forms of cases. They check shape; the actions and rules decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from triservice.access.agreements.forms import day_field, long_text, today
from triservice.casework.cases.rules import ABUSE
from triservice.casework.models.columns import TIER_CHOICES
from triservice.casework.onward.rules import PLEASE
from triservice.casework.references import read_reference
from triservice.casework.triage.forms import offer, takers
from triservice.casework.triage.rules import Proposal
from triservice.casework.words import Capacity, Closing, NeedState, Override
from triservice.kernel.access_words import DataClass
from triservice.kernel.keys import new_key
from triservice.kernel.words import choices

KNOWN = [("yes", "Yes"), ("no", "No"), ("", "Not known")]
Pairs = Iterable[tuple[str, str]]
TELLS = (
    DataClass.RISK, DataClass.HOUSEHOLD, DataClass.POLICE, DataClass.FIRE, DataClass.AMBULANCE,
    DataClass.HEALTH, DataClass.SOCIAL_CARE,
)  # fmt: skip


def choice(label: str, pairs: Pairs, hint: str = "", *, required: bool = True) -> forms.ChoiceField:
    """Return a choice of one, as radios."""
    return forms.ChoiceField(
        label=label, choices=list(pairs), widget=forms.RadioSelect, help_text=hint,
        required=required,
    )  # fmt: skip


def who(label: str, people: Pairs) -> forms.ChoiceField:
    """Return a choice of one of the people of a case; of one alone it is chosen."""
    known = list(people)
    asked = choice(label, known)
    asked.initial = known[0][0] if len(known) == 1 else None
    return asked


def moment_field(label: str) -> forms.DateTimeField:
    """Return a day with a time, local."""
    return forms.DateTimeField(
        label=label, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )


class TextForm(forms.Form):
    """The text of a note."""

    text = forms.CharField(
        label="Note", widget=forms.Textarea(attrs={"rows": 6}), max_length=10_000
    )


class NoteForm(TextForm):
    """A note."""

    data_class = choice(
        "What does it tell of?", [(str(c), str(c).capitalize()) for c in TELLS],
        "Who may read it follows from this",
    )  # fmt: skip
    contact = forms.BooleanField(label="I spoke with the person", required=False)


class CorrectForm(TextForm):
    """A note as it should have been, and why."""

    why = long_text("Why is it corrected?", required=True)


class NeedForm(forms.Form):
    """A need that was found."""

    why = long_text("What makes you say so?")

    def __init__(self, needs: Pairs, data: Any = None) -> None:
        """Offer the needs of the scheme."""
        super().__init__(data)
        self.fields["kind"] = choice("Which need?", needs)
        self.order_fields(["kind", "why"])


class RiskForm(forms.Form):
    """How great the risk is, as a person judges it."""

    tier = choice("How great is the risk?", TIER_CHOICES)
    why = long_text("Why?", required=True, hint="It holds until somebody judges the risk again")

    def __init__(self, lower: str, data: Any = None) -> None:
        """Propose the lower tier that was found, if one was."""
        super().__init__(data, initial={"tier": lower})


class SettleForm(forms.Form):
    """What became of a need."""

    state = choice(
        "What became of it?", [c for c in choices(NeedState) if c[0] != str(NeedState.OPEN)]
    )
    why = long_text("How do you know?")


class ActionForm(forms.Form):
    """Something to be done."""

    what = forms.CharField(label="What is to be done?", max_length=300)
    due = day_field("By which day?", required=True)

    def __init__(self, agencies: Pairs, needs: Pairs, mine: str, data: Any = None) -> None:
        """Offer the agencies with an agreement in force, and the open needs."""
        super().__init__(data, initial={"agency": mine, "who": "me"})
        self.fields["agency"] = choice("Which agency does it?", agencies)
        self.fields["who"] = choice(
            "Who there?", [("me", "I do"), ("", "Whoever they choose")], required=False
        )
        known = list(needs)
        if known:
            self.fields["need"] = choice(
                "For which need?", [*known, ("", "None of these")], required=False
            )
        self.order_fields(["what", "need", "agency", "who", "due"])


class ResultForm(forms.Form):
    """How an action ended."""

    done = choice("Is it done?", [("yes", "Yes, it is done"), ("no", "No, it is cancelled")])
    result = long_text("What came of it, or why is it cancelled?", required=True)


class ConsentForm(forms.Form):
    """What somebody agreed to or refused."""

    scope = forms.CharField(
        label="If something else: what for, and with whom is it shared?", max_length=300,
        help_text="For example: onward referral to the falls service", required=False,
    )  # fmt: skip
    given = choice("Do they agree?", [("yes", "Yes"), ("no", "No, or could not be asked")])
    capacity = choice("Who decides, and can they?", choices(Capacity))
    given_by = forms.CharField(
        label="If another decides: who, and as what?", max_length=120, required=False
    )
    asked_on = day_field("When were they asked?", required=True)
    expires_on = day_field("Until which day does it hold?")
    override = choice(
        "Done without consent?", [("", "No"), *choices(Override)], required=False,
        hint="Only for one of these reasons",
    )  # fmt: skip
    why = long_text("Why is it done without consent?")

    def __init__(self, people: Pairs, texts: Pairs, data: Any = None) -> None:
        """Offer the people of the case, and what the scheme asks them to agree to."""
        super().__init__(data, initial={"asked_on": today()})
        self.fields["person"] = who("Who?", people)
        self.fields["text"] = choice(
            "What are they asked to agree to?", [*texts, ("", "Something else")], required=False
        )
        self.order_fields(["person", "text"])

    def clean(self) -> dict[str, Any]:
        """Let the text of the scheme be what is agreed to, where one was chosen."""
        said: dict[str, Any] = super().clean() or {}
        said["scope"] = said.get("text") or said.get("scope") or ""
        return said


class ConcernForm(forms.Form):
    """A safeguarding concern."""

    child = choice("Is it about a child?", [("no", "No, an adult"), ("yes", "Yes, under 18")])
    danger_now = choice(
        "Is anybody in danger now?", [("no", "No"), ("yes", "Yes")],
        "If yes, call 999 first, then write this",
    )  # fmt: skip
    what = forms.CharField(
        label="What did you see, or what were you told?", max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}), help_text="In their own words where you can",
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label="What kind of abuse or neglect?", choices=list(ABUSE.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    care_needs = choice("Do they have needs for care and support?", KNOWN, required=False)
    at_risk = choice("Do they suffer, or risk, abuse or neglect?", KNOWN, required=False)
    cannot_protect = choice(
        "Because of those needs, are they unable to protect themselves?", KNOWN, required=False
    )
    own_view = long_text("What do they want to happen?")

    def __init__(self, people: Pairs, agencies: Pairs, data: Any = None) -> None:
        """Offer the people of the case and the councils it may go to."""
        super().__init__(data)
        self.fields["person"] = who("Who is it about?", people)
        self.fields["sent_to"] = choice(
            "Which council decides?", [*agencies, ("", "I tell them another way")], required=False
        )
        self.order_fields(["person", "child", "danger_now"])


class DecisionForm(forms.Form):
    """What was decided about a concern."""

    decision = long_text("Who decided what?", required=True)


class WhyForm(forms.Form):
    """A reason."""

    why = long_text("Why?", required=True)


class NothingForm(forms.Form):
    """Nothing to fill."""


class AllocateForm(forms.Form):
    """Who takes a case."""

    def __init__(self, proposals: Iterable[Proposal], data: Any = None) -> None:
        """Offer the proposals, the best first."""
        super().__init__(data)
        offered = [pair for pair in takers(proposals) if pair[0]]
        self.fields["officer"] = choice("Who takes the case?", offered)


class AgencyForm(WhyForm):
    """Another agency, and why."""

    def __init__(self, agencies: Pairs, data: Any = None) -> None:
        """Offer the agencies with an agreement in force."""
        super().__init__(data)
        self.fields["agency"] = choice("Which agency?", agencies)
        self.order_fields(["agency", "why"])


class CloseForm(forms.Form):
    """Why a case is closed."""

    outcome = choice("What came of it?", choices(Closing))
    why = long_text("What was done, and what has changed?", required=True)


class OtherCaseForm(WhyForm):
    """Another case, by its reference."""

    reference = forms.CharField(
        label="Reference of the other case", max_length=20, help_text="For example, C-7K2M-9QXP"
    )
    field_order = ("reference", "why")

    def clean_reference(self) -> str:
        """Return the reference as it is kept."""
        found = read_reference(self.cleaned_data["reference"])
        if found is None:
            raise forms.ValidationError("Enter a reference such as C-7K2M-9QXP")
        return found


class PlanForm(forms.Form):
    """When a visit is."""

    at = moment_field("When?")


class JointForm(forms.Form):
    """Who comes along to a visit."""

    def __init__(self, people: Pairs, data: Any = None, initial: Any = None) -> None:
        """Offer those of the agencies that work on the case."""
        super().__init__(data, initial=initial)
        self.fields["joint"] = forms.MultipleChoiceField(
            label="Who else comes along?", choices=list(people), required=False,
            widget=forms.CheckboxSelectMultiple, help_text=(
                "They are told. Officers of another agency stand here once it works on the case"
                " jointly"),
        )  # fmt: skip


class VisitForm(JointForm, PlanForm):
    """When a visit is, and who comes along."""

    field_order = ("at", "joint")


class NoAccessForm(forms.Form):
    """A visit in vain."""

    at = moment_field("When were you there?")
    card_left = forms.BooleanField(label="I left a card", required=False)


HOW = [
    ("", "As the service takes it, or by letter"),
    ("letter", "A letter that I print"),
    ("telephone", "By telephone"),
    ("other", "Otherwise"),
]


class OnwardForm(forms.Form):
    """To whom, and for what."""

    why = long_text(
        "What are they asked to do?",
        hint=f"They are told it in your words. Left empty, it says: {PLEASE.lower()}",
    )
    how = choice("How is it sent?", HOW, required=False)
    key = forms.UUIDField(  # pressed twice, it is sent once
        required=False, widget=forms.HiddenInput, initial=new_key
    )

    def __init__(self, to: Pairs, needs: Pairs, about: Pairs, data: Any = None) -> None:
        """Offer the services that may be right, the routes of the scheme, and the open needs.

        `about` are the case and those that were merged into it.
        """
        super().__init__(data)
        self.fields["route"] = choice("Where to?", to)
        cases = list(about)
        if len(cases) > 1:
            self.fields["about"] = choice("Whom is it about?", cases)
        known = list(needs)
        if known:
            self.fields["need"] = choice(
                "For which need?", [*known, ("", "None of these")], required=False
            )
        self.order_fields(["about", "route", "need", "why", "how"])


class HandedForm(forms.Form):
    """When a letter left."""

    on = day_field("On which day was it posted or given by hand?", required=True)


class AnswerForm(forms.Form):
    """What a service answered."""

    step = choice(
        "What did they say?",
        [("accept", "They accept it"), ("complete", "It is completed"),
         ("decline", "They decline it"), ("withdraw", "We withdraw it"),
         ("chase", "No answer: I asked again")],
    )  # fmt: skip
    result = long_text("What was said, or what came of it?")


class OutcomeForm(forms.Form):
    """A measure before and after."""

    before = forms.FloatField(label="Before", required=False)
    after = forms.FloatField(label="After", required=False)
    own_view = long_text("What does the person say has changed?")

    def __init__(self, measures: Pairs, data: Any = None) -> None:
        """Offer the measures of the scheme."""
        super().__init__(data)
        self.fields["measure"] = choice("What was measured?", measures)
        self.order_fields(["measure", "before", "after", "own_view"])


class FilterForm(forms.Form):
    """What of the cases is shown."""

    narrows = True

    reference = forms.CharField(label="Reference", required=False, max_length=20)
    scheme = forms.ChoiceField(label="Scheme", required=False)
    tier = forms.ChoiceField(label="Risk", required=False, choices=[("", "All"), *TIER_CHOICES])
    officer = forms.TypedChoiceField(label="Officer", required=False, coerce=int)
    team = forms.ChoiceField(label="Team", required=False)
    area = forms.ChoiceField(label="Area", required=False)
    nobody = forms.BooleanField(label="Without an officer", required=False)
    late = forms.BooleanField(label="Late only", required=False)
    closed = forms.BooleanField(label="Closed cases", required=False)

    def __init__(self, offered: Mapping[str, Pairs], data: Any = None) -> None:
        """Offer the schemes, officers, teams and areas."""
        super().__init__(data)
        offer(self, offered)

    def clean_reference(self) -> str:
        """Return the reference as it is kept; what is none finds nothing."""
        said = self.cleaned_data["reference"].strip()
        return (read_reference(said) or said) if said else ""

"""Forms of the workforce pages. They check shape only; the actions decide."""

from __future__ import annotations

from django import forms

from triservice.access.forms import OfficerField
from triservice.agencies import queries
from triservice.agencies.models import Agency, Post
from triservice.agencies.powers import powers
from triservice.kernel.access_words import Role, Vetting


def day_field(label: str, *, required: bool = False, hint: str = "") -> forms.DateField:
    """Return a date as three boxes."""
    return forms.DateField(
        label=label, required=required, help_text=hint, widget=forms.SelectDateWidget()
    )


def why_field(label: str = "Why", *, required: bool = False) -> forms.CharField:
    """Return a box for the reason that the history keeps."""
    return forms.CharField(
        label=label, required=required, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class SearchForm(forms.Form):
    """What to look for."""

    q = forms.CharField(label="Search", required=False, max_length=100)


class AgencyField(forms.TypedChoiceField):
    """An agency of the partnership, of some kinds or of any."""

    def __init__(self, *, label: str, kinds: tuple[str, ...] = ()) -> None:
        """Offer the agencies as they are when the form is shown."""
        super().__init__(
            label=label,
            choices=lambda: queries.agency_choices(kinds),
            coerce=lambda pk: queries.handle(Agency, int(pk)),
        )


class LeadField(forms.TypedChoiceField):
    """A post of a role, or nobody."""

    def __init__(self, *, label: str, role: Role) -> None:
        """Offer the posts as they are when the form is shown."""
        super().__init__(
            label=label,
            required=False,
            choices=lambda: queries.lead_choices(role),
            coerce=lambda pk: queries.handle(Post, int(pk)),
            empty_value=None,
        )


class EngageForm(forms.Form):
    """A new officer."""

    name = forms.CharField(label="Full name", max_length=200)
    email = forms.EmailField(label="E-mail address at work")
    employer = AgencyField(label="Employer")


class LinesForm(forms.Form):
    """Whom a post answers to."""

    team_leader = LeadField(label="Team leader", role=Role.TEAM_LEADER)
    tasking_lead = LeadField(label="Neighbourhood policing lead who tasks", role=Role.TASKING_LEAD)


class AppointForm(forms.Form):
    """Who is to hold a post, and when."""

    officer = OfficerField(label="E-mail address of the officer")
    since = day_field("First day", hint="Leave empty for today.")
    until = day_field("First day that they no longer hold it", hint="Leave empty if it is open.")
    why = why_field("Note for the history")


class EndForm(forms.Form):
    """From when something no longer holds."""

    until = day_field("First day without it", hint="Leave empty for today.")
    why = why_field()


class WhyForm(forms.Form):
    """A reason that must be given."""

    why = why_field(required=True)


class LeaveForm(forms.Form):
    """A reason that may be given."""

    why = why_field("Note for the history")


class VettingForm(forms.Form):
    """Vetting level and its end."""

    level = forms.TypedChoiceField(
        label="Level",
        choices=[(level.value, level.name) for level in Vetting],
        coerce=lambda value: Vetting(int(value)),
        widget=forms.RadioSelect,
    )
    until = day_field("First day that it no longer holds")
    why = why_field("Certificate or note")


class TrainingForm(forms.Form):
    """Training in information sharing and its end."""

    until = day_field("First day that it no longer holds", hint="Leave empty to take it away.")
    why = why_field("Course or note")


class GrantForm(forms.Form):
    """A power, who gives it, and for how long."""

    power = forms.ChoiceField(
        label="Power", choices=lambda: [(one.code, one.title) for one in powers().values()]
    )
    agency = AgencyField(label="Given by", kinds=("police", "fire"))
    since = day_field("First day", hint="Leave empty for today.")
    until = day_field("First day that it no longer holds", required=True)
    conditions = forms.CharField(
        label="Conditions",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reference = forms.CharField(label="Accreditation number", required=False, max_length=100)

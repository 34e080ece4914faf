"""Forms of agencies, areas, teams and directories. They check shape only; the actions decide."""

from __future__ import annotations

from django import forms

from triservice.agencies import queries
from triservice.agencies.models import Agency, Area, Contact
from triservice.kernel.access_words import Role

from .forms import day_field


class AreaField(forms.CharField):
    """An area by its code."""

    def __init__(self, *, label: str, required: bool = True) -> None:
        """Make a short box."""
        super().__init__(label=label, required=required, max_length=40)

    def clean(self, value: object) -> Area | None:
        """Return the area. Raises ValidationError for a code that no area has."""
        code = super().clean(value)
        if not code:
            return None
        area = queries.area_by_code(code)
        if area is None:
            raise forms.ValidationError("No area has this code: enter the area first")
        return area


class AgencyForm(forms.Form):
    """An agency of the partnership."""

    name = forms.CharField(label="Name", max_length=200)
    short_name = forms.CharField(label="Short name", max_length=40)
    kind = forms.ChoiceField(label="Kind", choices=Agency.Kind.choices)


class AreaForm(forms.Form):
    """An area of the map."""

    kind = forms.ChoiceField(label="Kind", choices=Area.Kind.choices)
    code = forms.CharField(label="Code", max_length=40)
    name = forms.CharField(label="Name", max_length=200)
    parent = AreaField(label="Code of the area that it lies in", required=False)


class ContactForm(forms.Form):
    """Whom to ask about data."""

    kind = forms.ChoiceField(label="Kind", choices=Contact.Kind.choices)
    name = forms.CharField(label="Name of the person or desk", max_length=200)
    email = forms.EmailField(label="E-mail address", required=False)
    phone = forms.CharField(label="Telephone", max_length=30, required=False)
    hours = forms.CharField(label="Hours", max_length=100, required=False)


class CoverForm(forms.Form):
    """An area that an agency covers."""

    area = AreaField(label="Code of the area")
    since = day_field("First day", hint="Leave empty for today.")
    until = day_field("First day that it no longer covers it", hint="Leave empty if it is open.")


class UncoverForm(forms.Form):
    """From when an area is no longer covered."""

    until = day_field("First day without it", hint="Leave empty for today.")


class TeamForm(forms.Form):
    """A team."""

    name = forms.CharField(label="Name", max_length=200)
    base = forms.CharField(label="Base", max_length=200, required=False)


class PostForm(forms.Form):
    """A new post at an agency."""

    title = forms.CharField(label="Title", max_length=200)
    role = forms.ChoiceField(
        label="What it does here",
        choices=[(str(role), str(role).capitalize()) for role in Role],
    )
    base = forms.CharField(label="Base", max_length=200, required=False)
    places = forms.IntegerField(label="How many may hold it at once", min_value=1, initial=1)


class DirectoryForm(forms.Form):
    """An agency's own OpenID Connect directory."""

    slug = forms.CharField(
        label="Short name for its address here",
        max_length=50,
        help_text="Small letters, digits and hyphens, for example penrose-fire",
    )
    server = forms.CharField(
        label="Address of the issuer", max_length=200, help_text="Begins with https://"
    )
    client = forms.CharField(label="Name of this client there", max_length=200)
    domains = forms.CharField(
        label="E-mail domains that it may speak for",
        max_length=500,
        help_text="Separated by spaces, for example penrosefire.example",
    )

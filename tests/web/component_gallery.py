"""A page with every component and every kind of field, for tests only. Everybody is invented."""

from __future__ import annotations

from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from triservice.access.pages import page
from triservice.kernel.access_words import Purpose
from triservice.web import urls

CHOICES = [(str(p), str(p).capitalize()) for p in Purpose]


class Everything(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Full name", max_length=80, help_text="As the person says it")
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    phone = forms.CharField(
        label="Phone", required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    minutes = forms.IntegerField(label="Minutes spent", min_value=1)
    cost = forms.DecimalField(label="Cost", required=False)
    why = forms.CharField(label="Why do you need it?", widget=forms.Textarea, max_length=500)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    purpose = forms.ChoiceField(label="Purpose", choices=CHOICES, widget=forms.RadioSelect)
    fields_wanted = forms.MultipleChoiceField(
        label="UPRN and the like", choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )
    team = forms.ChoiceField(label="Team", choices=[("", "Choose a team"), ("w", "West")])
    told = forms.BooleanField(label="The person was told")
    born = forms.DateField(label="Date of birth", widget=forms.SelectDateWidget)
    at = forms.DateTimeField(label="Visit at")
    letter = forms.FileField(label="Letter")
    step = forms.CharField(widget=forms.HiddenInput)


PAGE = """
{% extends "web/page.html" %}
{% from "web/components.html" import withheld, empty, pages, facts, table, marking_tag %}
{% set breadcrumbs = [("People", "/people")] %}
{% set marking = "OFFICIAL-SENSITIVE" %}
{% block title %}Gallery{% endblock %}
{% block content %}
<h1 class="govuk-heading-l">Every component</h1>
{{ form_page(form, submit="Send", cancel="/", fields={
  "minutes": {"width": 4, "suffix": {"text": "minutes"}},
  "purpose": {"conditional": {"response": "<p class='govuk-body'>Say which incident.</p>"}},
}) }}
<h2 class="govuk-heading-m">What is known</h2>
{{ facts([
  ("Name", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch-Invented " * 2),
  ("Health", withheld("Penrose Health Trust", "No agreement opens this to your agency",
    ask="/ask", what="Health")),
  ("Language", none),
]) }}
{{ table("Incidents by month with a long caption", ["Month", "Service", "Incidents", "Rate",
  "Low", "High", "Rank", "Worst"], [["January 2026", "Fire", 1, 2, 3, 4, 5, "no"]],
  numeric=[2, 3]) }}
{{ empty("No incidents in this period", "Choose a longer period.", "Choose a period", "/") }}
{{ pages(listing, "?from=2026&") }}
<p class="govuk-body">{{ marking_tag("OFFICIAL-SENSITIVE") }} {{ marking_tag("OFFICIAL") }}</p>
{% endblock %}
"""


@page(title="Gallery", purpose=False)
def gallery(request: HttpRequest) -> HttpResponse:
    if "said" in request.GET:
        messages.success(request, "The request was sent <b>to</b> Penrose Health Trust")
        messages.warning(request, "Your training ends on 1 June")
    form = Everything(request.POST or None, request.FILES or None)
    form.is_valid()
    listing = Paginator(range(60), 20).page(2)
    context = {"form": form, "listing": listing, "extra": SimpleNamespace()}
    return HttpResponse(engines["jinja2"].from_string(PAGE).render(context, request))


urlpatterns = [*urls.urlpatterns, path("gallery", gallery, name="gallery")]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500

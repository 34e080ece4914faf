"""Django forms become GOV.UK components, with errors that lead to their fields."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from component_gallery import Everything
from django import forms
from django.template import engines
from django.test import Client, RequestFactory


def render(source: str, **context: Any) -> str:
    return engines["jinja2"].from_string(source).render(context, RequestFactory().get("/"))


class Ids(HTMLParser):
    """Collects ids, names, and what labels and descriptions refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.names: list[str] = []
        self.referred: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.names += [found["name"]] if found.get("name") and tag != "meta" else []
        self.referred.update((found.get("aria-describedby") or "").split())
        if tag == "label" and found.get("for"):
            self.referred.add(str(found["for"]))
        if tag == "a" and (found.get("href") or "").startswith("#"):
            self.referred.add(str(found["href"])[1:])


@pytest.fixture
def sent() -> Everything:
    typed = {"name": "<Ann>", "born_day": "31", "born_month": "2", "born_year": "1990"}
    return Everything({**typed, "minutes": "x", "purpose": "response", "phone": "01209 000000"}, {})


def test_every_reference_leads_to_one_id(sent: Everything) -> None:
    page = Ids(render("{{ form_page(form) }}", form=sent))
    assert len(page.ids) == len(set(page.ids))
    assert page.referred <= set(page.ids), page.referred - set(page.ids)


def test_every_field_is_sent_back_under_its_name(sent: Everything) -> None:
    page = Ids(render("{{ form_page(form) }}", form=sent))
    dated = {"born_day", "born_month", "born_year"}
    assert set(page.names) == set(sent.fields) - {"born"} | dated | {"csrfmiddlewaretoken"}


def test_what_was_typed_stays_and_is_escaped(sent: Everything) -> None:
    text = render("{{ form_page(form) }}", form=sent)
    assert 'value="&lt;Ann&gt;"' in text
    assert "<Ann>" not in text
    for part, value in (("day", "31"), ("month", "2"), ("year", "1990")):
        assert re.search(rf'name="born_{part}"[^>]*value="{value}"', text), part
    assert re.search(r'value="response"[^>]*checked', text)


def test_errors_say_what_to_enter(sent: Everything) -> None:
    text = render("{{ error_summary(form) }}", form=sent)
    for sentence in ("Enter e-mail address", "Select UPRN and the like", "Select letter"):
        assert f">{sentence}</a>" in text
    assert ">Answer: Why do you need it?</a>" in text
    assert 'href="#id_born_day"' in text
    assert "required" not in text


def test_a_password_is_never_sent_back() -> None:
    form = Everything({"password": "hunter2"})
    assert "hunter2" not in render('{{ field(form["password"]) }}', form=form)


def test_optional_fields_say_so_and_others_do_not() -> None:
    text = render('{{ field(form["phone"]) }}{{ field(form["name"]) }}', form=Everything())
    assert "Phone (optional)" in text
    assert "Full name (optional)" not in text
    assert 'inputmode="tel"' in text


def test_a_form_that_only_narrows_a_list_marks_no_field() -> None:
    class Narrowing(Everything):
        narrows = True

    assert "Phone" in (text := render('{{ field(form["phone"]) }}', form=Narrowing()))
    assert "(optional)" not in text


def test_a_long_text_is_counted_and_a_number_has_no_spinner() -> None:
    form = Everything()
    assert 'data-maxlength="500"' in render('{{ field(form["why"]) }}', form=form)
    minutes = render('{{ field(form["minutes"], width=4) }}', form=form)
    assert 'inputmode="numeric"' in minutes
    assert 'type="number"' not in minutes
    assert "govuk-input--width-4" in minutes


def test_dates_go_round() -> None:
    form = Everything({"born_day": "7", "born_month": "3", "born_year": "1950"})
    form.is_valid()
    assert str(form.cleaned_data["born"]) == "1950-03-07"
    text = render('{{ field(form["born"]) }}', form=Everything(initial=form.cleaned_data))
    assert re.search(r'name="born_day"[^>]*value="7"', text)


def test_a_label_may_be_the_heading() -> None:
    text = render('{{ field(form["purpose"], heading=true, size="xl") }}', form=Everything())
    assert re.search(r'<h1 class="govuk-fieldset__heading">\s*Purpose', text)
    assert "govuk-fieldset__legend--xl" in text


def test_a_form_carries_its_token_and_its_files() -> None:
    text = render("{{ form_page(form) }}", form=Everything())
    assert "csrfmiddlewaretoken" in text
    assert 'enctype="multipart/form-data"' in text
    assert "csrfmiddlewaretoken" not in render(
        '{{ form_page(form, method="get") }}', form=Everything()
    )


def test_an_unknown_widget_is_refused() -> None:
    class Strange(forms.Form):
        x = forms.CharField(widget=forms.Widget)

    with pytest.raises(TypeError, match=r"x: no GOV\.UK component for Widget"):
        render('{{ field(form["x"]) }}', form=Strange())


@pytest.mark.urls("component_gallery")
def test_a_page_with_errors_says_so_in_its_title(signed_in: Client) -> None:
    wrong = signed_in.post("/gallery?said", {"name": ""}).content.decode()
    assert "<title>Error: Gallery – triservice</title>" in wrong
    assert "&lt;b&gt;to&lt;/b&gt;" in wrong  # messages are text
    assert "<title>Gallery – triservice</title>" in signed_in.get("/gallery").content.decode()

"""Pages that change the workforce: a form, one action, its record; a refusal is a form error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from triservice.access.pages import page
from triservice.access.record import Kind, recording
from triservice.agencies import actions, queries
from triservice.agencies.models import Holding, Officer, Post, PowerGrant
from triservice.agencies.sign_in.confirming import confirmed
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError

from .forms import (
    AppointForm,
    EndForm,
    EngageForm,
    GrantForm,
    LeaveForm,
    LinesForm,
    TrainingForm,
    VettingForm,
    WhyForm,
)
from .views import CHANGES, WORKFORCE, reader_of

View = Callable[..., HttpResponse]
Act = Callable[[Officer, dict[str, Any]], Any]
METHODS = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Change:
    """One page of change: what it says, the action it does, and where it leads."""

    title: str
    act: Act
    done: str
    back: str
    submit: str = "Save"
    warning: bool = False
    text: str = ""
    about: int | None = None  # the officer whom it is about


def changing(title: str, kind: str) -> Callable[[View], View]:
    """Declare a page of change: for roles that make this kind, who confirmed lately who they are.

    The roles only say who is offered the page; the action decides (rules.may_change).
    """

    def declared(view: View) -> View:
        guarded = require_http_methods(METHODS)(confirmed(view))
        return page(title=title, roles=CHANGES[kind], data=WORKFORCE)(guarded)

    return declared


def answer(request: HttpRequest, form: forms.Form, change: Change) -> HttpResponse:
    """Show the form, or do the change in one transaction with its record in the disclosures."""
    if request.method == "POST" and form.is_valid():
        reader = reader_of(request)
        try:
            doing = request.rule.title.lower()  # type: ignore[attr-defined]  # names nobody
            with recording(reader, Kind.ALTERATION, doing) as record:
                change.act(queries.acting(reader), form.cleaned_data)
                if change.about is not None:
                    record.did("agencies.officer", change.about, DataClass.WORKFORCE)
        except InputError as error:
            field = error.field if error.field in form.fields else None
            form.add_error(field, _said(error, form))
        else:
            messages.success(request, change.done)
            return redirect(change.back)
    context = {"form": form, "change": change}
    return render(request, "web/people/change.html", context, status=422 if form.errors else 200)


def _said(error: InputError, form: forms.Form) -> str:
    """Return a refusal as sentences for the page: the field by its label, not by its name."""
    label = form.fields[error.field].label if error.field in form.fields else ""
    parts = (f"{label} {error.what}".strip(), error.do)
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def given(request: HttpRequest) -> Any:
    """Return what was posted, though it be empty; None when nothing was."""
    return request.POST if request.method == "POST" else None


def found(row: Any) -> Any:
    """Return a row, or answer 404."""
    if row is None:
        raise Http404("There is no such thing.")
    return row


def _officer(pk: int) -> Officer:
    officer: Officer = found(queries.handle(Officer, pk))
    return officer


def _page_of(officer: Officer) -> str:
    return reverse("agencies:officer", args=[officer.pk])


@changing("Engage an officer", "people")
def engage(request: HttpRequest) -> HttpResponse:
    """Make an officer."""
    form = EngageForm(given(request))
    return answer(
        request,
        form,
        Change(
            title="Engage an officer",
            act=lambda by, said: actions.engage(by, **said),
            done="The officer is registered. Tell them to set a password through the sign-in page.",
            back=reverse("agencies:people"),
            submit="Engage",
        ),
    )


@changing("Say whom a post answers to", "people")
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the team leader and the tasking lead of a post."""
    post = found(queries.handle(Post, pk))
    initial = {"team_leader": post.team_leader_id, "tasking_lead": post.tasking_lead_id}
    return answer(
        request,
        LinesForm(given(request), initial=initial),
        Change(
            title=f"Whom does {post.title} answer to?",
            act=lambda by, said: actions.set_line_management(by, post, **said),
            done="Line management is set.",
            back=reverse("agencies:post", args=[pk]),
        ),
    )


@changing("Appoint", "people")
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a post to an officer."""
    post = found(queries.handle(Post, pk))
    return answer(
        request,
        AppointForm(given(request)),
        Change(
            title=f"Appoint to {post.title}",
            act=lambda by, said: actions.appoint(by, said.pop("officer"), post, **said),
            done="The appointment is entered.",
            back=reverse("agencies:post", args=[pk]),
            submit="Appoint",
        ),
    )


@changing("End an appointment", "people")
def end_holding(request: HttpRequest, pk: int) -> HttpResponse:
    """End an appointment."""
    holding = found(queries.handle(Holding, pk))
    return answer(
        request,
        EndForm(given(request)),
        Change(
            title="End an appointment",
            act=lambda by, said: actions.end_holding(by, holding, **said),
            done="The end of the appointment is entered.",
            back=reverse("agencies:post", args=[holding.post_id]),
            submit="End it",
            about=holding.officer_id,
        ),
    )


@changing("Record that an officer leaves", "leaving")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that an officer leaves, now."""
    officer = _officer(pk)
    return answer(
        request,
        LeaveForm(given(request)),
        Change(
            title=f"{officer.name} leaves",
            text="They are signed out at once, everywhere. Their posts and powers end today.",
            act=lambda by, said: actions.leave(by, officer, **said),
            done=f"{officer.name} has left: nothing is open to them any more.",
            back=reverse("agencies:leavers"),
            submit="End their access now",
            warning=True,
            about=pk,
        ),
    )


@changing("Reinstate an officer", "people")
def reinstate(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the account of somebody who left."""
    officer = _officer(pk)
    return answer(
        request,
        WhyForm(given(request)),
        Change(
            title=f"Reinstate {officer.name}",
            text="They set a new password and a second step, and hold no post until appointed.",
            act=lambda by, said: actions.reinstate(by, officer, **said),
            done=f"The account of {officer.name} is open again.",
            back=_page_of(officer),
            submit="Reinstate",
            about=pk,
        ),
    )


@changing("Take away lost keys", "people")
def factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the second factors of an officer who lost them."""
    officer = _officer(pk)
    return answer(
        request,
        WhyForm(given(request)),
        Change(
            title=f"Take away the second steps of {officer.name}",
            text="Make sure who is asking: ring them on a number that you know, or see them.",
            act=lambda by, said: actions.withdraw_second_factor(by, officer, **said),
            done="They set up a new second step when they next sign in.",
            back=_page_of(officer),
            submit="Take them away",
            warning=True,
            about=pk,
        ),
    )


@changing("Record vetting", "clearance")
def vetting(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the vetting of an officer."""
    officer = _officer(pk)

    def act(by: Officer, said: dict[str, Any]) -> None:
        actions.record_vetting(by, officer, said["level"], until=said["until"], why=said["why"])

    change = Change(
        f"Vetting of {officer.name}", act, "Vetting is recorded.", _page_of(officer), about=pk
    )
    return answer(request, VettingForm(given(request)), change)


@changing("Record training", "training")
def training(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the training in information sharing of an officer."""
    officer = _officer(pk)
    change = Change(
        title=f"Training of {officer.name} in information sharing",
        act=lambda by, said: actions.record_training(by, officer, **said),
        done="Training is recorded.",
        back=_page_of(officer),
        about=pk,
    )
    return answer(request, TrainingForm(given(request)), change)


@changing("Give a power", "clearance")
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a power that a force or fire authority gives to an officer."""
    officer = _officer(pk)
    change = Change(
        title=f"A power for {officer.name}",
        text="Enter what the chief officer or the authority has given in writing.",
        act=lambda by, said: actions.grant_power(by, officer, **said),
        done="The power is recorded.",
        back=_page_of(officer),
        about=pk,
    )
    return answer(request, GrantForm(given(request)), change)


@changing("End a power", "clearance")
def end_power(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a power back."""
    row = found(queries.handle(PowerGrant, pk))
    change = Change(
        title="End a power",
        act=lambda by, said: actions.end_power(by, row, **said),
        done="The end of the power is entered.",
        back=reverse("agencies:officer", args=[row.officer_id]),
        submit="End it",
        about=row.officer_id,
    )
    return answer(request, EndForm(given(request)), change)


@page(title="On and off duty", purpose=False, data=WORKFORCE)
@require_POST
def duty(request: HttpRequest) -> HttpResponse:
    """Book oneself on or off duty."""
    reader = reader_of(request)
    on = request.POST.get("on") == "yes"
    act = actions.start_duty if on else actions.end_duty
    with recording(reader, Kind.ALTERATION, f"go {'on' if on else 'off'} duty") as record:
        officer = queries.acting(reader)
        act(officer, officer)
        record.did("agencies.officer", reader.officer, DataClass.WORKFORCE)
    messages.success(request, f"You are {'on' if on else 'off'} duty.")
    return redirect("agencies:account")

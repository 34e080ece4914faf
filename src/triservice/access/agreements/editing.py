"""Pages that change agreements: one form, one action; a refusal is an error of the form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements import actions, rules, saving
from triservice.access.agreements import templates as agreement_templates
from triservice.access.agreements.forms import (
    BlankForm,
    ForceForm,
    NoForm,
    PartyForm,
    ProseForm,
    ReviewForm,
    SignForm,
    StartForm,
    TermForm,
    WhyForm,
    begin_of,
    end_of,
    today,
)
from triservice.access.agreements.rules import Verb
from triservice.access.agreements.text import PartyText, VersionText
from triservice.access.agreements.views import STEPS, WARNINGS, reader_of, shown
from triservice.access.pages import page
from triservice.agencies.sign_in.confirming import confirmed
from triservice.kernel.errors import InputError

METHODS = ("GET", "POST")
WRITES = rules.MAY[Verb.EDIT]


@dataclass(frozen=True, slots=True)
class Change:
    """A page of change: what it says, and where it leads."""

    title: str
    back: str
    done: str
    submit: str = "Save"
    warning: bool = False
    text: str = ""


def answer(
    request: HttpRequest,
    form: forms.Form,
    change: Change,
    act: Callable[[dict[str, Any]], str | None],
    template: str = "access/change.html",
    **shown: Any,
) -> HttpResponse:
    """Show the form, or act; `act` may return the address to go to. `shown`: what else is shown."""
    if request.method == "POST" and form.is_valid():
        try:
            went = act(form.cleaned_data)
        except InputError as error:
            for said in actions.as_said(error):
                form.add_error(None, said)
        else:
            if change.done:
                messages.success(request, change.done)
            return redirect(went or change.back)
    status = 422 if form.errors else 200
    context = {"form": form, "change": change} | shown
    return render(request, template, context, status=status)


def _to(pk: int, part: str = "") -> str:
    return reverse("access:agreement", args=[pk]) + part


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@page(title="Choose what to start from", roles=WRITES, purpose=False)
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """List the templates."""
    found = agreement_templates.templates()
    return render(request, "access/agreements/templates.html", {"templates": found})


@page(title="New agreement", roles=WRITES, purpose=False)
@require_http_methods(METHODS)
def start(request: HttpRequest, name: str) -> HttpResponse:
    """Make an agreement from a template."""
    try:
        chosen = agreement_templates.template(name)
    except InputError as error:
        raise Http404(str(error)) from None
    form = StartForm(chosen, _data(request))

    def act(said: dict[str, Any]) -> str:
        until = end_of(said["until"])
        text = agreement_templates.fill(chosen, form.agencies(), said["title"], today(), until)
        return _to(actions.new_agreement(reader_of(request), text, chosen.name))

    change = Change(
        "New agreement",
        reverse("access:agreement_templates"),
        "The draft is made. Read it through, and say what is still missing.",
        submit="Make the draft",
        text=chosen.summary,
    )
    return answer(request, form, change, act)


@page(title="New agreement without a template", roles=WRITES, purpose=False)
@require_http_methods(METHODS)
def start_blank(request: HttpRequest) -> HttpResponse:
    """Make an agreement that names the own agency and says nothing yet."""
    reader = reader_of(request)

    def act(said: dict[str, Any]) -> str:
        until = end_of(said["until"]) if said["until"] else None
        own = PartyText(reader.agency, "", said["regime"], said["lawful_basis"])
        text = VersionText(title=said["title"], number=1, until=until, parties=(own,))
        return _to(actions.new_agreement(reader, text))

    change = Change(
        "New agreement without a template",
        reverse("access:agreement_templates"),
        "The draft is made, with your own agency as its first party. "
        "The page says what it still needs.",
        submit="Make the draft",
        text="You write everything yourself: the text, the parties with their lawful basis, and "
        "the terms. Nothing is open until every party has signed and it is in force.",
    )
    return answer(request, BlankForm(_data(request)), change, act)


@page(title="Edit the text", roles=WRITES, purpose=False)
@require_http_methods(METHODS)
def prose(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the sections of prose, the last day and the review date."""
    version = shown(request, pk)
    form = ProseForm(version.text, _data(request))

    def act(said: dict[str, Any]) -> None:
        saving.edit_prose(
            reader_of(request), pk, form.prose(), until=form.until(), review_on=said["review_on"]
        )

    return answer(request, form, Change("Edit the text", _to(pk), "The text is saved."), act)


@page(title="Edit a party", roles=WRITES, purpose=False)
@require_http_methods(METHODS)
def party(request: HttpRequest, pk: int, agency: int | None = None) -> HttpResponse:
    """Add a party, or edit one."""
    version = shown(request, pk)
    found = next((each for each in version.text.parties if each.agency == agency), None)
    if agency is not None and found is None:
        raise Http404("There is no such party.")
    form = PartyForm(found, (each.agency for each in version.text.parties), _data(request))
    title = f"Edit {found.name}" if found else "Add a party"
    change = Change(title, _to(pk, "#parties"), "The party is saved.")
    return answer(
        request, form, change, lambda _: saving.save_party(reader_of(request), pk, form.party())
    )


@page(title="Remove a party", roles=WRITES, purpose=False)
@require_http_methods(METHODS)
def no_party(request: HttpRequest, pk: int, agency: int) -> HttpResponse:
    """Remove a party."""
    version = shown(request, pk)
    name = next((each.name for each in version.text.parties if each.agency == agency), None)
    if name is None:
        raise Http404("There is no such party.")
    change = Change(
        f"Remove {name}?", _to(pk, "#parties"), "The party is removed.", "Remove", warning=True
    )
    return answer(
        request,
        NoForm(_data(request)),
        change,
        lambda _: saving.remove_party(reader_of(request), pk, agency),
    )


@page(title="Edit a term", roles=WRITES, purpose=False)
@require_http_methods(METHODS)
def term(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """Add a term, or edit one."""
    version = shown(request, pk)
    found = next((each for each in version.text.terms if each.number == number), None)
    if number is not None and found is None:
        raise Http404("There is no such term.")
    parties = {each.agency: each.name for each in version.text.parties}
    form = TermForm(found, parties, _data(request))

    def act(_: dict[str, Any]) -> None:
        saving.save_term(reader_of(request), pk, form.text())

    title = f"Edit term {number}" if found else "Add a term"
    return answer(request, form, Change(title, _to(pk, "#terms"), "The term is saved."), act)


@page(title="Remove a term", roles=WRITES, purpose=False)
@require_http_methods(METHODS)
def no_term(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Remove a term."""
    shown(request, pk)
    change = Change(
        f"Remove term {number}?", _to(pk, "#terms"), "The term is removed.", "Remove", warning=True
    )
    return answer(
        request,
        NoForm(_data(request)),
        change,
        lambda _: saving.remove_term(reader_of(request), pk, number),
    )


@page(title="Sign the agreement", roles=rules.MAY[Verb.SIGN], purpose=False)
@require_http_methods(METHODS)
@confirmed
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the text as it was shown."""
    version = shown(request, pk)
    form = SignForm(_data(request), initial={"seen": version.digest})
    reader = reader_of(request)
    change = Change(
        "Sign the agreement",
        _to(pk),
        "You have signed.",
        submit="Sign",
        text=f"You sign “{version.text.title}”, version {version.text.number}, "
        f"for {version.names[reader.agency]}, as it stands now. When the text changes, your "
        "signature falls.",
    )
    return answer(
        request,
        form,
        change,
        lambda said: actions.sign(reader, pk, said["job_title"], said["seen"]),
    )


TEXTS = {
    Verb.AGREE: "The text is then fixed: complete, and signed by every party.",
    Verb.BRING_IN_FORCE: "From then on the terms decide what is read. The version before it ends.",
    Verb.SUSPEND: "At once nothing is open under this agreement. What it never opens stays closed.",
    Verb.RESUME: "Your agency’s suspension is lifted. Where no other party has suspended the "
    "agreement, what it opens is open again.",
    Verb.REVIEW: "Say what the review found, and when the next one is.",
    Verb.END: "This cannot be taken back. A draft is given up; a version in force opens nothing.",
    Verb.EDIT: "The version in force stays as it is; you draft the next one.",
}


@page(title="A step in the life of an agreement", roles=WRITES | rules.MAY[Verb.SUSPEND],
      purpose=False)  # fmt: skip
@require_http_methods(METHODS)
@confirmed
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Agree, bring in force, review, suspend, resume or end a version, or draft the next."""
    chosen = next(
        (each for each in (*STEPS, Verb.EDIT) if str(each).replace(" ", "-") == verb), None
    )
    if chosen is None:
        raise Http404("There is no such step.")
    shown(request, pk)
    reader, data = reader_of(request), _data(request)
    forms_by_verb: dict[Verb, type[forms.Form]] = {
        Verb.AGREE: NoForm,
        Verb.BRING_IN_FORCE: ForceForm,
        Verb.REVIEW: ReviewForm,
    }

    def act(said: dict[str, Any]) -> str | None:
        if chosen is Verb.AGREE:
            actions.agree(reader, pk)
        elif chosen is Verb.BRING_IN_FORCE:
            actions.bring_in_force(reader, pk, begin_of(said["starts"]) if said["starts"] else None)
        elif chosen is Verb.REVIEW:
            actions.review(reader, pk, said["next_on"], said["why"])
        elif chosen is Verb.EDIT:
            return _to(actions.revise(reader, pk, said["why"]))
        else:
            by_verb = {Verb.SUSPEND: actions.suspend, Verb.RESUME: actions.resume,
                       Verb.END: actions.end}  # fmt: skip
            by_verb[chosen](reader, pk, said["why"])
        return None

    title = STEPS.get(chosen, "Draft a new version")
    change = Change(title, _to(pk), "Done.", title, chosen in WARNINGS, TEXTS[chosen])
    return answer(request, forms_by_verb.get(chosen, WhyForm)(data), change, act)

"""Pages of who refers: choose a scheme, fill its form, follow what was sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS, Change
from triservice.access.agreements.editing import answer as answer_page
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework.answers.forms import SchemeForm
from triservice.casework.answers.rules import subject_of
from triservice.casework.referrals import actions, queries, rules
from triservice.casework.referrals.forms import SayForm
from triservice.casework.referrals.queries import Choice
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.schemes import catalogue
from triservice.subjects.queries.search import search_people

RISK = frozenset({DataClass.RISK})
WHO = frozenset({DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION})


@page(title="Refer somebody for a visit or help", roles=rules.REFERS, purpose=False, nav="Refer")
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """List the schemes that the reader's agency may refer to."""
    found = queries.choices(reader_of(request))
    return render(request, "casework/referrals/choose.html", {"choices": found})


def chosen(found: tuple[Choice, ...], scheme: str, agency: int) -> Choice:
    """Return the scheme of an agency among those that may be chosen; else 404."""
    for one in found:
        if (one.scheme, one.agency) == (scheme, agency):
            return one
    raise Http404("There is no such scheme to refer to.")


@page(title="Refer to a scheme", roles=rules.REFERS, data=WHO | RISK)
@require_http_methods(METHODS)
def new(request: HttpRequest, scheme: str, agency: int) -> HttpResponse:
    """Fill a scheme's referral form, look whether the person is known already, and send it."""
    reader = reader_of(request)
    choice = chosen(queries.choices(reader), scheme, agency)
    asked = catalogue.scheme(scheme).forms[actions.FORM]
    form = SchemeForm(asked, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "choice": choice, "asked": asked, "key": new_key()}
    if request.method != "POST":
        return render(request, "casework/referrals/new.html", context)
    context["key"] = key = _key(request)
    if form.follows(set(request.POST.getlist("shown"))):
        return render(request, "casework/referrals/new.html", context | {"follows": True})
    checked = form.checked()
    if form.errors:
        return render(request, "casework/referrals/new.html", context, status=422)
    person = request.POST.get("is", "")
    if not person:
        known = _known(request, checked.values, asked)
        if known:
            return render(request, "casework/referrals/known.html", context | {"known": known})
    try:
        receipt = actions.refer(reader, key, scheme, form.given, to=agency, person=_person(person))
    except InputError as error:
        form.add_error(None, str(error))
        return render(request, "casework/referrals/new.html", context, status=422)
    return redirect(f"{reverse('casework:sent', args=[receipt.acknowledgement])}?new")


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return new_key()


def _person(said: str) -> UUID | None:
    try:
        return UUID(said)
    except ValueError:
        return None


def _known(request: HttpRequest, values: Any, asked: Any) -> Any:
    """Return people already known, among those the reader may see, with a name like this."""
    who = subject_of(asked, values)
    name = f"{who.get('given_name', '')} {who.get('family_name', '')}".strip()
    if not name:
        return ()
    return search_people(reader_of(request), name).people[:5]


@page(title="What you have referred", roles=rules.REFERS, data=RISK, nav="Sent")
@require_safe
def sent_list(request: HttpRequest) -> HttpResponse:
    """List what the reader, or all of the agency, has sent."""
    everyone = "everyone" in request.GET
    rows = queries.sent_list(reader_of(request), mine=not everyone)
    context = {"rows": rows, "everyone": everyone}
    return render(request, "casework/referrals/sent_list.html", context)


@page(title="A referral that was sent", roles=rules.REFERS, data=RISK)
@require_safe
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a referral, and say how it stands."""
    found = queries.sent_page(reader_of(request), pk)
    context = {"sent": found, "new": "new" in request.GET}
    return render(request, "casework/referrals/sent.html", context)


STEPS = {
    "answer": ("Answer the question", "Your answer", "Your answer has been sent."),
    "withdraw": ("Withdraw the referral?", "Why is it not needed?", "The referral is withdrawn."),
}


@page(title="A step of a referral that was sent", roles=rules.REFERS, data=RISK)
@require_http_methods(METHODS)
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Answer what was asked, or withdraw a referral."""
    if step not in STEPS:
        raise Http404("There is no such step.")
    reader = reader_of(request)
    queries.sent_page(reader, pk)
    title, label, done = STEPS[step]
    take = actions.answer if step == "answer" else actions.withdraw
    form = SayForm(label, request.POST if request.method == "POST" else None)
    back = reverse("casework:sent", args=[pk])
    change = Change(title, back, done, title.rstrip("?"), step == "withdraw")
    return answer_page(request, form, change, lambda said: take(reader, pk, said["why"]))

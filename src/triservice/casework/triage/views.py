"""Pages of triage: the queue, one referral, and each decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from triservice.access.agreements.editing import METHODS, Change
from triservice.access.agreements.editing import answer as answer_page
from triservice.access.agreements.views import reader_of
from triservice.access.pages import LAST, number_in, page
from triservice.casework import paging
from triservice.casework.filters.views import box, form_of, kept
from triservice.casework.referrals import rules
from triservice.casework.referrals.forms import SayForm
from triservice.casework.referrals.rules import Step
from triservice.casework.triage import actions, queries
from triservice.casework.triage.forms import AcceptForm, SignpostForm
from triservice.casework.triage.queries import Filter, Several
from triservice.kernel.access_words import DataClass, Reader

OF_PEOPLE = frozenset(DataClass) - {DataClass.WORKFORCE}
SHOWN = frozenset({DataClass.RISK, DataClass.IDENTITY, DataClass.LOCATION})


@page(title="Referrals that wait for triage", roles=rules.TRIAGES, data=SHOWN, nav="Triage")
@require_http_methods(METHODS[:1])
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits, the least time left first, to decide on one or on several at once."""
    reader = reader_of(request)
    form = form_of(request, "queue")
    said = kept(form)
    found = queries.queue(reader, Filter(**said, after=request.GET.get("after", "")))
    context = {"queue": found, "filter": form, "several": SEVERAL, **box(request, "queue", said)}
    return render(request, "casework/triage/queue.html", context)


@page(title="Referral", roles=rules.TRIAGES, data=OF_PEOPLE)
@require_http_methods(METHODS[:1])
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one referral: whom, why, how urgent, and what may be done."""
    reader = reader_of(request)
    actions.look_at(reader, pk)
    before = paging.read(request.GET.get("before", ""))
    found = queries.referral_page(reader, pk, before[0] if before else None)
    context = {"page": found, "titles": TITLES}
    return render(request, "casework/triage/referral.html", context)


READ = "Who sent it reads this"
BETTER = "Why does it suit better?"
Say = Callable[[Any, int, str], None]
SAYS: dict[str, tuple[str, str, str, Say]] = {
    # step: label, hint, what is said when done, action
    "ask more about": (
        "What do you need to know?", READ, "Your question has been sent.",
        actions.ask_more,
    ),
    "decline": (
        "Why is it declined?", READ, "Declined. Who sent it has been told.",
        actions.decline,
    ),
    "reconsider": (
        "What has changed?", "", "It waits for triage again.", actions.reconsider,
    ),
}  # fmt: skip
TITLES = {
    "accept": "Accept",
    "ask more about": "Ask for more",
    "signpost": "Signpost",
    "decline": "Decline",
    "reconsider": "Take up again",
}


@page(title="Decide on a referral", roles=rules.TRIAGES, data=OF_PEOPLE)
@require_http_methods(METHODS)
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Accept, ask for more, signpost, decline or take up again."""
    taken = step.replace("-", " ")
    if taken not in TITLES:
        raise Http404("There is no such step.")
    found = queries.referral_page(reader_of(request), pk)
    if taken not in found.steps:
        messages.warning(request, f"This referral is {found.row.state}.")
        return redirect("casework:referral", pk)
    data = request.POST if request.method == "POST" else None
    back = reverse("casework:referral", args=[pk])
    if taken == "accept":
        return _accept(request, found, data, back)
    if taken == "signpost":
        return _signpost(request, found, data, back)
    label, hint, done, act = SAYS[taken]
    change = Change(TITLES[taken], back, done, TITLES[taken], taken == "decline")
    return answer_page(
        request, SayForm(label, data, hint), change,
        lambda said: act(reader_of(request), pk, said["why"]),
    )  # fmt: skip


def _accept(request: HttpRequest, found: Any, data: Any, back: str) -> HttpResponse:
    cases = [
        (str(case.pk), f"{case.reference}: {case.scheme}, {case.tier} risk")
        for case in found.open_cases
        if case.own
    ]
    form = AcceptForm(found.proposals, cases, data)

    def act(_: dict[str, Any]) -> str:
        case = actions.accept(
            reader_of(request), found.row.pk, officer=form.chosen("officer"),
            into=form.chosen("into"),
        )  # fmt: skip
        return reverse("casework:case", args=[case])

    text = "Proposed by skills, area and the risk that each carries; you decide."
    change = Change("Accept the referral", back, "Accepted.", "Accept", text=text)
    return answer_page(request, form, change, act)


def _signpost(request: HttpRequest, found: Any, data: Any, back: str) -> HttpResponse:
    form = SignpostForm(BETTER, data, READ)
    if found.advice and found.advice.outcome == "signpost" and data is None:
        form.fields["where"].initial = found.advice.where
        form.fields["why"].initial = ". ".join(found.advice.reasons)
    change = Change("Signpost to another service", back, "Signposted. Who sent it has been told.",
                    "Signpost")  # fmt: skip
    return answer_page(
        request, form, change,
        lambda said: actions.signpost(
            reader_of(request), found.row.pk, said["where"], said["why"]
        ),
    )  # fmt: skip


# What may be decided on several at once: what the page and the button say, and what is then so.
SEVERAL = {
    "accept": ("Accept", "accepted"),
    "ask more about": ("Ask for more about", "asked about"),
    "signpost": ("Signpost", "signposted"),
    "decline": ("Decline", "declined"),
}


@page(title="Decide on several referrals", roles=rules.TRIAGES, data=OF_PEOPLE)
@require_http_methods(METHODS)
def several(request: HttpRequest, step: str) -> HttpResponse:
    """Say what would become of the referrals chosen; then decide on each, and say what was done."""
    taken = step.replace("-", " ")
    if taken not in SEVERAL:
        raise Http404("There is no such step.")
    chosen = list({number_in(pk, 0, LAST) for pk in request.GET.getlist("referral")} - {0})
    if not 0 < len(chosen) <= actions.AT_ONCE:
        most = f"Choose the referrals first, at most {actions.AT_ONCE} at a time."
        messages.warning(request, most)
        return redirect("casework:queue")
    reader = reader_of(request)
    found = queries.several(reader, chosen, taken)
    form, decide = _deciding(taken, found, request.POST if request.method == "POST" else None)
    verb, done = SEVERAL[taken]
    context = {"found": found, "form": form, "verb": verb, "done": done, "results": None}
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        faults = rules.step_faults(Step(taken), said.get("why", ""), said.get("where", ""))
        for name, fault in faults.items():
            form.add_error(name, fault)
        if not faults:
            pks = [one.row.pk for one in found.open_to_it]
            results = actions.each(reader, pks, lambda pk: decide(reader, pk, form))
            context["results"] = {one.referral: one for one in results}
    status = 422 if form.errors else 200
    return render(request, "casework/triage/several.html", context, status=status)


Decide = Callable[[Reader, int, Any], int | None]


def _deciding(taken: str, found: Several, data: Any) -> tuple[Form, Decide]:
    """Return what is asked once for all of them, and what is then done with each."""
    if taken == "accept":
        joins = {one.row.pk: one.joins[0] for one in found.open_to_it if one.joins}
        made: dict[int, int] = {}

        def accept(reader: Reader, pk: int, form: Any) -> int:
            into = made.get(joins.get(pk, 0))
            made[pk] = actions.accept(reader, pk, officer=form.chosen("officer"), into=into)
            return made[pk]

        return AcceptForm(found.proposals, (), data), accept
    if taken == "signpost":
        return SignpostForm(BETTER, data, READ), lambda reader, pk, form: actions.signpost(
            reader, pk, form.cleaned_data["where"], form.cleaned_data["why"]
        )
    label, hint, _, act = SAYS[taken]
    return SayForm(label, data, hint), lambda reader, pk, form: act(
        reader, pk, form.cleaned_data["why"]
    )

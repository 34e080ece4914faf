"""Pages of triage: the queue, one referral, and each decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from triservice.access.agreements.editing import METHODS, Change
from triservice.access.agreements.editing import answer as answer_page
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework import paging
from triservice.casework.filters.views import box, kept
from triservice.casework.referrals import rules
from triservice.casework.referrals.forms import SayForm
from triservice.casework.triage import actions, queries
from triservice.casework.triage.forms import AcceptForm, FilterForm, SignpostForm, scheme_choices
from triservice.casework.triage.queries import Filter
from triservice.kernel.access_words import DataClass
from triservice.kernel.errors import InputError
from triservice.kernel.words import many
from triservice.subjects.views import ask_address, glass_address

OF_PEOPLE = frozenset(DataClass) - {DataClass.WORKFORCE}
SHOWN = frozenset({DataClass.RISK, DataClass.IDENTITY, DataClass.LOCATION})


@page(title="Referrals that wait for triage", roles=rules.TRIAGES, data=SHOWN, nav="Triage")
@require_http_methods(METHODS)
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits, the least time left first; accept several at once."""
    reader = reader_of(request)
    if request.method == "POST":
        return _accept_many(request)
    form = FilterForm(scheme_choices(), request.GET)
    said = kept(form)
    found = queries.queue(reader, Filter(**said, after=request.GET.get("after", "")))
    context = {"queue": found, "filter": form, **box(request, "queue", said)}
    return render(request, "casework/triage/queue.html", context)


def _accept_many(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    chosen = [int(pk) for pk in request.POST.getlist("referral") if pk.isdigit()]
    mine = reader.officer if request.POST.get("take") else None
    try:
        done = actions.accept_many(reader, chosen, officer=mine)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("casework:queue")
    accepted = [one for one in done if one.case is not None]
    if accepted:
        messages.success(request, f"{many(len(accepted), 'referral')} accepted.")
    for one in done:
        if one.wrong:
            messages.warning(request, one.wrong)
    if not done:
        messages.warning(request, "Choose the referrals that you accept.")
    return redirect("casework:queue")


@page(title="Referral", roles=rules.TRIAGES, data=OF_PEOPLE)
@require_http_methods(METHODS[:1])
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one referral: whom, why, how urgent, and what may be done."""
    reader = reader_of(request)
    actions.look_at(reader, pk)
    before = paging.read(request.GET.get("before", ""))
    found = queries.referral_page(reader, pk, before[0] if before else None)
    context = {"page": found, "ask": ask_address, "glass": glass_address, "titles": TITLES}
    return render(request, "casework/triage/referral.html", context)


Say = Callable[[Any, int, str], None]
SAYS: dict[str, tuple[str, str, str, Say]] = {
    # step: label, hint, what is said when done, action
    "ask more about": (
        "What do you need to know?", "Who sent it reads this", "Your question has been sent.",
        actions.ask_more,
    ),
    "decline": (
        "Why is it declined?", "Who sent it reads this", "Declined. Who sent it has been told.",
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
    form = SignpostForm("Why does it suit better?", data, "Who sent it reads this")
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

"""Pages of the access room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from triservice.access.forms import PurposeForm
from triservice.access.pages import SESSION_KEY, page, purpose_of, safe_next
from triservice.kernel.access_words import Purpose

# What each purpose covers, in words that help to choose.
PURPOSE_HINTS = {
    Purpose.PREVENTION_VISIT: "Prepare or make a visit to keep someone safe and well",
    Purpose.SAFEGUARDING: "Protect a child or an adult at risk",
    Purpose.RESPONSE: "Attend an incident now",
    Purpose.TASKING: "Decide who goes where and does what",
    Purpose.EVALUATION: "Count and compare; no names",
    Purpose.ADMINISTRATION: "Keep agencies, posts and agreements in order",
    Purpose.SUBJECT_RIGHTS: "Answer someone who asks what is held about them",
}


@page(title="Why are you reading?", purpose=False)
@require_http_methods(["GET", "POST"])
def purpose(request: HttpRequest) -> HttpResponse:
    """Choose the purpose of the task; it stays in the session until changed."""
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        request.session[SESSION_KEY] = form.cleaned_data["purpose"]
        return redirect(safe_next(request, form.cleaned_data["next"]))
    context = {
        "form": form,
        "problem": next(iter(form.errors.get("purpose", ())), ""),
        "chosen": form["purpose"].value() or purpose_of(request),
        "purposes": PURPOSE_HINTS,
        "next": safe_next(request, request.POST.get("next") or request.GET.get("next")),
    }
    return render(request, "access/purpose.html", context, status=422 if form.errors else 200)

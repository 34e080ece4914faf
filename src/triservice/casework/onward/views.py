"""Pages of onward referrals: the letter to print."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework.cases.rules import WORKS
from triservice.casework.onward import queries
from triservice.casework.triage.views import OF_PEOPLE
from triservice.kernel.errors import InputError


@page(title="Letter of an onward referral", roles=WORKS, data=OF_PEOPLE)
@require_safe
def letter(request: HttpRequest, pk: int, onward: int) -> HttpResponse:
    """Show the letter to print; without consent go back to the case and say so."""
    try:
        found = queries.letter(reader_of(request), pk, onward)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("casework:case", pk)
    context = {"letter": found, "sheet": found.sheet, "pk": pk, "onward": onward}
    return render(request, "casework/onward/letter.html", context)

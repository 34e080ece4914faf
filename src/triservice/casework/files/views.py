"""Pages of files: adding one to a case, and sending one to who may read it."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework.cases.forms import TELLS, choice
from triservice.casework.cases.queries.view import case_view
from triservice.casework.cases.rules import WORKS
from triservice.casework.files import actions, queries, rules
from triservice.casework.triage.views import OF_PEOPLE
from triservice.kernel.errors import InputError
from triservice.subjects.views import READERS

SANDBOX = "default-src 'none'; sandbox"


class AddForm(forms.Form):
    """A file to add."""

    file = forms.FileField(
        label="File", max_length=400, allow_empty_file=True,
        help_text=f"{rules.ALLOWED}. At most {settings.FILE_BYTES // 1024**2} MB.",
        widget=forms.FileInput(attrs={
            "accept": ",".join(f".{told.ending}" for told in rules.KINDS.values()) + ",.jpeg"}),
        error_messages={"required": "Choose a file"},
    )  # fmt: skip
    data_class = choice(
        "What does it tell of?", [(str(c), str(c).capitalize()) for c in TELLS],
        "Who may see the file follows from this.",
    )  # fmt: skip
    marking = choice(
        "Marking", [("official", "Official"), ("sensitive", "Official-sensitive")],
        "Sensitive where it would harm somebody if the wrong people saw it.",
    )  # fmt: skip


@page(title="Add a file to a case", roles=WORKS, data=OF_PEOPLE, files=settings.FILE_BYTES)
@require_http_methods(METHODS)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file to a case."""
    reader = reader_of(request)
    shown = case_view(reader, pk)
    if not shown.may.work:
        raise Http404("This step is not yours to take now.")
    posted = request.method == "POST"
    data, came = (request.POST, request.FILES) if posted else (None, None)
    form = AddForm(data, came, initial={"marking": "official"})
    back = reverse("casework:case", args=[pk])
    if posted and form.is_valid():
        said = form.cleaned_data
        try:
            actions.add_file(
                reader, pk, sent(said["file"]), said["data_class"],
                sensitive=said["marking"] == "sensitive",
            )  # fmt: skip
        except InputError as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, "The file is kept.")
            return redirect(f"{back}#files")
    context = {"form": form, "case": shown, "back": back, "scanned": bool(settings.CLAMD)}
    status = 422 if form.errors else 200
    return render(request, "casework/files/add.html", context, status=status)


def sent(file: object) -> actions.Sent:
    """Return an uploaded file as the action takes it."""
    return actions.Sent(file.name or "", file.read(), file.size)  # type: ignore[attr-defined]


@page(title="A file of a case", roles=READERS, data=OF_PEOPLE)
@require_safe
def content(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Send a file to be saved: never to be run or shown as a page of ours."""
    try:
        found = queries.open_file(reader_of(request), pk, file)
    except InputError as error:
        return render(request, "casework/files/missing.html", {"why": str(error)}, status=410)
    headers = {
        "Content-Disposition": content_disposition_header(True, found.name) or "attachment",
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store, private",
    }
    return HttpResponse(found.data, content_type=found.content_type, headers=headers)

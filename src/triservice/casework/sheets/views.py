"""Pages of sheets: the template of a scheme, and sending a filled one."""

from __future__ import annotations

from base64 import b64encode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework.referrals import queries, rules
from triservice.casework.referrals.actions import FORM
from triservice.casework.referrals.views import RISK, WHO, chosen
from triservice.casework.sheets import files
from triservice.casework.sheets.actions import send_sheet
from triservice.casework.sheets.rules import MOST_ROWS, columns_of
from triservice.kernel.errors import InputError
from triservice.schemes import catalogue


class SheetForm(forms.Form):
    """A filled sheet."""

    sheet = forms.FileField(
        label="Filled sheet", help_text=f".xlsx or .csv, at most {MOST_ROWS} rows and 2 MB",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "Choose the filled sheet", "empty": "The file is empty"},
    )  # fmt: skip


@page(title="Refer several people by a sheet", roles=rules.REFERS, data=WHO | RISK,
      files=files.MOST_BYTES)  # fmt: skip
@require_http_methods(METHODS)
def upload(request: HttpRequest, scheme: str, agency: int) -> HttpResponse:
    """Take a filled sheet: good rows are sent, bad ones come back with what is wrong."""
    reader = reader_of(request)
    choice = chosen(queries.choices(reader), scheme, agency)
    posted = request.method == "POST"
    form = SheetForm(*((request.POST, request.FILES) if posted else ()))
    context = {"choice": choice, "form": form}
    if not posted or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "casework/sheets/upload.html", context, status=status)
    asked = catalogue.scheme(scheme).forms[FORM]
    columns = columns_of(asked)
    sheet = form.cleaned_data["sheet"]
    try:
        if sheet.size > files.MOST_BYTES:
            raise InputError("The file is larger than 2 MB", kept=files.NOTHING)
        rows = files.read_sheet(sheet.name, sheet.read(), columns)
    except InputError as error:
        form.add_error("sheet", str(error))
        return render(request, "casework/sheets/upload.html", context, status=422)
    receipt = send_sheet(reader, scheme, agency, rows)
    kind = files.kind_of(sheet.name)
    bad = files.write_sheet(kind, asked, columns, receipt.bad) if receipt.bad else b""
    # Nothing of what was wrong is kept here: the file goes back with the page.
    link = f"data:{files.KINDS[kind].replace(' ', '')};base64,{b64encode(bad).decode()}"
    context = {"choice": choice, "receipt": receipt, "bad": link if bad else "", "kind": kind}
    status = 422 if receipt.bad and not (receipt.sent or receipt.again) else 200
    return render(request, "casework/sheets/done.html", context, status=status)


@page(title="Template of a sheet of referrals", roles=rules.REFERS, purpose=False)
@require_safe
def template(request: HttpRequest, scheme: str, agency: int, kind: str) -> HttpResponse:
    """Send the empty sheet of a scheme; a workbook says beside what to enter."""
    chosen(queries.choices(reader_of(request)), scheme, agency)
    if kind not in files.KINDS:
        raise Http404("There is no such template.")
    asked = catalogue.scheme(scheme).forms[FORM]
    content = files.write_sheet(kind, asked, columns_of(asked))
    headers = {"Content-Disposition": f'attachment; filename="{scheme}-referrals.{kind}"'}
    return HttpResponse(content, content_type=files.KINDS[kind], headers=headers)

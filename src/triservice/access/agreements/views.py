"""Pages that show agreements: list, version in plain words, checklist, comparison, document."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from triservice.access import document as documents
from triservice.access.agreements import checklist as ico
from triservice.access.agreements import queries, rules
from triservice.access.agreements.comparing import compare as compare_texts
from triservice.access.agreements.queries import VersionPage
from triservice.access.agreements.rules import Verb
from triservice.access.agreements.text import SECTIONS
from triservice.access.agreements.wording import change_sentence, ends, term_sentences
from triservice.access.models import Party
from triservice.access.pages import page
from triservice.kernel.access_words import Reader

# What each step is called on a button, in the order of a life.
STEPS = {
    Verb.AGREE: "Agree the text",
    Verb.BRING_IN_FORCE: "Bring in force",
    Verb.REVIEW: "Record a review",
    Verb.SUSPEND: "Suspend",
    Verb.RESUME: "Resume",
    Verb.END: "End",
}
WARNINGS = frozenset({Verb.SUSPEND, Verb.END})


def reader_of(request: HttpRequest) -> Reader:
    """Return who reads; the rule of the page has made sure that there is one."""
    return request.reader  # type: ignore[attr-defined, no-any-return]


def shown(request: HttpRequest, pk: int) -> VersionPage:
    """Return a version that the reader may open; else 404."""
    found = queries.version_page(reader_of(request), pk)
    if found is None:
        raise Http404("There is no such agreement.")
    return found


@page(title="What the agencies have agreed to share", purpose=False, nav="Agreements")
@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """List the agreements of the reader's agency."""
    reader = reader_of(request)
    rows = queries.agreements(reader)
    by_title: dict[str, list[queries.VersionRow]] = {}
    for row in rows:
        by_title.setdefault(row.title, []).append(row)
    context: dict[str, object] = {
        "agreements": by_title,
        "may_make": rules.may(Verb.MAKE, reader.roles),
    }
    context |= {"ends": ends}
    return render(request, "access/agreements/list.html", context)


@page(title="Agreement", purpose=False)
@require_safe
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a version in plain words, how it stands and what can be done."""
    version = shown(request, pk)
    context = _words(version) | {
        "steps": [(v, STEPS[v], v in WARNINGS) for v in STEPS if v in version.may],
        "may_sign": Verb.SIGN in version.may and not version.signed_by_us,
        "lacks": rules.lacks(version.text) + rules.unsigned(version.text, version.digest),
        "drafting": version.state in {"draft", "agreed"},
    }
    return render(request, "access/agreements/version.html", context)


def _words(version: VersionPage) -> dict[str, object]:
    areas = dict(queries.area_names())
    return {
        "version": version,
        "ends": ends,
        "text": version.text,
        "sections": [(name, head, getattr(version.text, name)) for name, head, _ in SECTIONS],
        "terms": [
            (term, term_sentences(term, version.names, areas)) for term in version.text.terms
        ],
        "regimes": dict(Party.Regime.choices),
        "controllers": dict(Party.Controller.choices),
    }


@page(title="Checklist of the agreement", purpose=False)
@require_safe
def checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ICO's questions with what is missing, and where it is mended."""
    version = shown(request, pk)
    parts: dict[str, list[ico.Answered]] = {}
    for each in ico.checklist(version.text):
        parts.setdefault(each.part, []).append(each)
    missing = sum(not each.met for found in parts.values() for each in found)
    context = {"version": version, "parts": parts, "missing": missing}
    return render(request, "access/agreements/checklist.html", context)


@page(title="What changes between versions", purpose=False)
@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who gains and who loses access between this version and another (?with=number)."""
    version = shown(request, pk)
    others = [row for row in version.others if row.pk != pk]
    asked = request.GET.get("with", "")
    earlier = next((row for row in others if row.number < version.text.number), None)
    chosen = next((row for row in others if str(row.number) == asked), earlier)
    before = shown(request, chosen.pk).text if chosen and asked != "nothing" else None
    changes = compare_texts(before, version.text)
    context = {
        "version": version,
        "others": others,
        "before": before,
        "gains": [change_sentence(each, version.names) for each in changes if each.gains],
        "losses": [change_sentence(each, version.names) for each in changes if not each.gains],
    }
    return render(request, "access/agreements/compare.html", context)


@page(title="Agreement as a document", purpose=False)
@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole agreement on one page, to be read or printed."""
    return render(request, "access/agreements/document.html", _words(shown(request, pk)))


@page(title="Agreement as a PDF", purpose=False)
@require_safe
def document_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the whole agreement as a PDF."""
    version = shown(request, pk)
    content = documents.agreement_pdf(version, dict(queries.area_names()))
    name = documents.file_name(version.text.title, version.text.number)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)

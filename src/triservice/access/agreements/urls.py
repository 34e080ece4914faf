"""Addresses of the agreement pages, within the access room."""

from __future__ import annotations

from django.urls import path

from triservice.access.agreements import editing, views

urlpatterns = [
    path("", views.agreements, name="agreements"),
    path("new", editing.choose, name="agreement_templates"),
    path("new/blank", editing.start_blank, name="agreement_start_blank"),
    path("new/<slug:name>", editing.start, name="agreement_start"),
    path("<int:pk>", views.agreement, name="agreement"),
    path("<int:pk>/checklist", views.checklist, name="agreement_checklist"),
    path("<int:pk>/compare", views.compare, name="agreement_compare"),
    path("<int:pk>/document", views.document, name="agreement_document"),
    path("<int:pk>/document.pdf", views.document_pdf, name="agreement_pdf"),
    path("<int:pk>/text", editing.prose, name="agreement_text"),
    path("<int:pk>/parties/new", editing.party, name="agreement_party_new"),
    path("<int:pk>/parties/<int:agency>", editing.party, name="agreement_party"),
    path("<int:pk>/parties/<int:agency>/remove", editing.no_party, name="agreement_party_remove"),
    path("<int:pk>/terms/new", editing.term, name="agreement_term_new"),
    path("<int:pk>/terms/<int:number>", editing.term, name="agreement_term"),
    path("<int:pk>/terms/<int:number>/remove", editing.no_term, name="agreement_term_remove"),
    path("<int:pk>/sign", editing.sign, name="agreement_sign"),
    path("<int:pk>/<slug:verb>", editing.step, name="agreement_step"),
]

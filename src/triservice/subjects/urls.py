"""Addresses of people and places. No name is ever in an address: searches are posted."""

from __future__ import annotations

from django.urls import path

from triservice.subjects import views, views_known, views_restricting, views_review

app_name = "subjects"
urlpatterns = [
    path("", views.search, name="search"),
    path("suggest", views.suggestions, name="suggest"),
    path("places", views.places, name="places"),
    path("places/<uuid:key>", views.premises, name="premises"),
    path("places/organisations/<uuid:key>", views.organisation, name="organisation"),
    path("households/<uuid:key>", views.household, name="household"),
    path("pairs", views_review.pairs, name="pairs"),
    path("pairs/<int:pk>", views_review.pair, name="pair"),
    path("reports", views_review.reports, name="reports"),
    path("reports/<int:pk>", views_review.settle, name="settle"),
    path("unread", views_review.unread, name="unread"),
    path("unread/<int:pk>", views_review.settle_row, name="settle_row"),
    path("warnings", views_known.due, name="due"),
    path("warnings/<int:pk>", views_known.review, name="review"),
    path("needs/<int:pk>", views_known.change_need, name="change_need"),
    path("needs/<int:pk>/end", views_known.end_need, name="end_need"),
    path("relations/<int:pk>/end", views_known.end_relation, name="end_relation"),
    path("places/<uuid:key>/wrong", views_review.wrong_place, name="wrong_place"),
    path("places/<uuid:key>/warn", views_known.warn_of_place, name="warn_of_place"),
    path("<uuid:key>/warn", views_known.warn_of_person, name="warn_of_person"),
    path("<uuid:key>/needs", views_known.needs_of, name="needs"),
    path("<uuid:key>/relations", views_known.relations_of, name="relations"),
    path("lists/<int:pk>/later", views_restricting.list_later, name="list_later"),
    path("records/<int:pk>/list", views_restricting.restrict_record, name="restrict_record"),
    path("records/<int:pk>/marking", views_restricting.mark, name="mark"),
    path("<uuid:key>/list", views_restricting.restrict_person, name="restrict_person"),
    path("<uuid:key>", views.person, name="person"),
    path("<uuid:key>/joins", views_review.joins, name="joins"),
    path("<uuid:key>/joins/<int:pk>", views_review.undo, name="undo"),
    path("<uuid:key>/wrong", views_review.wrong, name="wrong"),
]

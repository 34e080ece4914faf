"""Addresses of referrals and cases. None holds a name: people are found by posted searches."""

from __future__ import annotations

from django.urls import path

from triservice.casework.calendar import views as calendar
from triservice.casework.cases import views as cases
from triservice.casework.dashboards import views as dashboards
from triservice.casework.directory import views as directory
from triservice.casework.exports import views as exports
from triservice.casework.files import views as files
from triservice.casework.filters import views as filters
from triservice.casework.finding import views as finding
from triservice.casework.onward import views as onward
from triservice.casework.outcomes import views as outcomes
from triservice.casework.plans import views as plans
from triservice.casework.referrals import views as referrals
from triservice.casework.sheets import views as sheets
from triservice.casework.triage import views as triage
from triservice.casework.visits import views as visits

app_name = "casework"
urlpatterns = [
    path("", cases.my_day, name="my_day"),
    path("refer", referrals.choose, name="refer"),
    path("refer/<slug:scheme>/<int:agency>", referrals.new, name="refer_to"),
    path("refer/<slug:scheme>/<int:agency>/sheet", sheets.upload, name="sheet"),
    path(
        "refer/<slug:scheme>/<int:agency>/sheet/<slug:kind>", sheets.template, name="sheet_template"
    ),
    path("self-refer", referrals.self_choose, name="self_refer"),
    path("self-refer/<slug:scheme>/<int:agency>", referrals.self_new, name="self_refer_to"),
    path("sent", referrals.sent_list, name="sent_list"),
    path("sent/<int:pk>", referrals.sent, name="sent"),
    path("sent/<int:pk>/<slug:step>", referrals.step, name="sent_step"),
    path("triage", triage.queue, name="queue"),
    path("triage/several/<slug:step>", triage.several, name="several"),
    path("triage/<int:pk>", triage.referral, name="referral"),
    path("triage/<int:pk>/<slug:step>", triage.step, name="referral_step"),
    path("filters/<slug:of>/save", filters.save, name="filter_save"),
    path("filters/<int:pk>/remove", filters.remove, name="filter_remove"),
    path("numbers", dashboards.numbers, name="numbers"),
    path("outcomes", outcomes.year, name="outcomes"),
    path("outcomes/status.json", outcomes.status, name="outcomes_status"),
    path("outcomes/again", outcomes.again, name="outcomes_again"),
    path("export/<slug:of>.<slug:kind>", exports.export, name="export"),
    path("calendar", calendar.own, name="calendar_own"),
    path("calendar/end", calendar.revoke, name="calendar_revoke"),
    path("calendar/<slug:secret>.ics", calendar.feed, name="calendar"),
    path("services", directory.services, name="services"),
    path("services/new", directory.new, name="service_new"),
    path("services/<int:pk>/change", directory.edit, name="service_edit"),
    path("services/<int:pk>/end", directory.end, name="service_end"),
    path("find", finding.search, name="find"),
    path("cases", cases.case_list, name="cases"),
    path("cases/<int:pk>", cases.case, name="case"),
    path("cases/<int:pk>/visits/<int:visit>", visits.visit, name="visit"),
    path("cases/<int:pk>/visits/<int:visit>/record", visits.record, name="record_visit"),
    path("cases/<int:pk>/visits/<int:visit>/finish", visits.finish_visit, name="finish_visit"),
    path("cases/<int:pk>/visits/<int:visit>/card", visits.card, name="card"),
    path("cases/<int:pk>/add-file", files.add, name="add_file"),
    path("cases/<int:pk>/files/<int:file>", files.content, name="file"),
    path("plans", plans.plan_list, name="plans"),
    path("plans/new", plans.start, name="start_plan"),
    path("plans/at/<uuid:key>", plans.at, name="plans_at"),
    path("plans/<int:pk>", plans.plan, name="plan"),
    path("plans/<int:pk>/<slug:step>", plans.step, name="plan_step"),
    path("plans/<int:pk>/<slug:step>/<int:row>", plans.step, name="plan_part_step"),
    path("order", visits.order, name="order"),
    path("pack", visits.pack, name="pack"),
    path("equipment", visits.equipment, name="equipment"),
    path("inside", visits.inside, name="inside"),
    path("cases/<int:pk>/onward/<int:onward>/letter", onward.letter, name="letter"),
    path("cases/<int:pk>/<slug:step>", cases.step, name="case_step"),
    path("cases/<int:pk>/<slug:step>/<int:row>", cases.step, name="case_part_step"),
]

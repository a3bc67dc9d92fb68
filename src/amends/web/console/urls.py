"""The console's addresses; each is named as its place is called."""

from django.urls import path

from amends.web.console.views import (
    acts,
    approvals,
    cases,
    customers,
    failures,
    incidents,
    learn,
    notices,
    overview,
    preferences,
    search,
)

app_name = "console"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("incidents/", incidents.inbox, name="incidents"),
    path("incidents/<int:incident_id>/", incidents.page, name="incident"),
    path("failures/", failures.inbox, name="failures"),
    path("failures/<int:failure_id>/", failures.page, name="failure"),
    path("cases/", cases.inbox, name="cases"),
    path("cases/<int:case_id>/", cases.page, name="case"),
    path("cases/<int:case_id>/<str:act>/", acts.on_case, name="case_act"),
    path("actions/<int:action_id>/<str:act>/", acts.on_action, name="action_act"),
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/<int:approval_id>/<str:act>/", acts.on_approval, name="approval_act"),
    path("escalations/", notices.escalations, name="escalations"),
    path("notices/", notices.inbox, name="notices"),
    path("notices/seen/", notices.all_seen, name="notices_seen"),
    path("notices/<int:notice_id>/open/", notices.open_notice, name="notice_open"),
    path("customers/", customers.inbox, name="customers"),
    path("customers/<int:customer_id>/", customers.page, name="customer"),
    path("learn/", learn.costs_and_causes, name="learn"),
    path("learn/lessons/", learn.lessons, name="lessons"),
    path("learn/lessons/<int:lesson_id>/", learn.lesson, name="lesson"),
    path("learn/lessons/<int:lesson_id>/<str:act>/", learn.on_lesson, name="lesson_act"),
    path("search/", search.results, name="search"),
    path("palette/", search.palette, name="palette"),
    path("theme/", preferences.theme, name="theme"),
]

"""The console's addresses; each is named as its place is called."""

from django.urls import path

from amends.web.console.views import (
    absences,
    acts,
    approvals,
    budgets,
    cases,
    customers,
    failures,
    incidents,
    learn,
    leave,
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
    path("cases/<int:case_id>/authority/", leave.explain, name="authority"),
    path("cases/<int:case_id>/complaint/", leave.complaint, name="complaint"),
    path("cases/<int:case_id>/gesture/<str:gesture_id>/", leave.gesture, name="gesture"),
    path("cases/<int:case_id>/<str:act>/", acts.on_case, name="case_act"),
    path("actions/<int:action_id>/<str:act>/", acts.on_action, name="action_act"),
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/<int:approval_id>/<str:act>/", acts.on_approval, name="approval_act"),
    path("splits/", leave.splits, name="splits"),
    path("splits/<int:split_id>/<str:act>/", leave.on_split, name="split_act"),
    path("budgets/", budgets.inbox, name="budgets"),
    path("budgets/set/", budgets.put, name="budget_set"),
    path("absences/", absences.inbox, name="absences"),
    path("absences/enter/", absences.enter, name="absence_enter"),
    path("absences/shift/", absences.shift, name="absence_shift"),
    path("absences/<int:absence_id>/withdraw/", absences.withdraw, name="absence_withdraw"),
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

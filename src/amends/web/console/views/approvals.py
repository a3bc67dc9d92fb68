"""Approvals: what waits for leave from someone of the right level, decided right in the list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.recover.core.approval import APPROVAL
from amends.recover.selectors import approvals_for
from amends.web.console import words
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import staff_of, staff_page
from amends.web.console.leave import with_leave


@staff_page("approve")
def inbox(request: HttpRequest) -> HttpResponse:
    """The longest waiting first."""
    staff = staff_of(request)
    state = one_of(request, "state", APPROVAL.states, otherwise="waiting")
    page = approvals_for(staff, state=state, after=cursor(request))
    context = {
        "page": page,
        "rows": with_leave(staff, page.rows),
        "state": state,
        "states": [(code, words.state_word("approval", code)) for code in APPROVAL.states],
    }
    return render(request, "console/approvals.html", context)

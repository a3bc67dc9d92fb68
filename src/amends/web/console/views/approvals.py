"""Approvals: what waits for leave from someone of the right level, one's own first, decided right in the list."""

from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.recover.core.approval import APPROVAL
from amends.recover.selectors import approvals_for, asked_by, assigned_to, passed_up_from, splits_for
from amends.web.console import words
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.leave import with_leave

PASSED_UP_SHOWN: Final = timedelta(days=7)
MOST_SPLITS: Final = 99


@staff_page("approve")
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this person, what runs out first at the top; then all others, the longest waiting first."""
    staff, now = staff_of(request), now_of(request)
    state = one_of(request, "state", APPROVAL.states, otherwise="waiting")
    waiting, first = state == "waiting", cursor(request) is None
    page = approvals_for(staff, state=state, but_mine=waiting, after=cursor(request))
    context = {
        "page": page,
        "mine": with_leave(staff, assigned_to(staff)) if waiting and first else [],
        "asked": [one for one in asked_by(staff, limit=5) if one.state == "waiting"] if waiting and first else [],
        "passed_up": passed_up_from(staff, since=now - PASSED_UP_SHOWN) if waiting and first else [],
        "splits": len(splits_for(staff, limit=MOST_SPLITS).rows) if waiting and first else 0,
        "rows": with_leave(staff, page.rows),
        "state": state,
        "states": [(code, words.state_word("approval", code)) for code in APPROVAL.states],
    }
    return render(request, "console/approvals.html", context)

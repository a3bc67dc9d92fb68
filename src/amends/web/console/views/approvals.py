"""Approvals: what waits for leave from someone of the right level, one's own first and of those what just came,
decided right in the list."""

from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.recover.core.approval import APPROVAL
from amends.recover.selectors import (
    approvals_for,
    asked_by,
    assigned_to,
    just_given_to,
    passed_up_from,
    splits_for,
)
from amends.web.console import words
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.leave import with_leave

PASSED_UP_SHOWN: Final = timedelta(days=7)
JUST_CAME: Final = timedelta(hours=1)
MOST_SPLITS: Final = 99


@staff_page("approve")
def inbox(request: HttpRequest) -> HttpResponse:
    """What just came to this person, the latest first; what else waits for them, what runs out first at the top; then
    all others, the longest waiting first. Who has more than fit there may page through all that waits for them."""
    staff, now = staff_of(request), now_of(request)
    state = one_of(request, "state", APPROVAL.states, otherwise="waiting")
    waiting = state == "waiting"
    only_mine = waiting and one_of(request, "whose", {"mine"}) == "mine"
    first = cursor(request) is None and not only_mine
    page = approvals_for(
        staff, state=state, whose="mine" if only_mine else "others" if waiting else "", after=cursor(request)
    )
    just_came = just_given_to(staff, since=now - JUST_CAME) if waiting and first else []
    assigned, more_mine = assigned_to(staff) if waiting and first else ([], False)
    mine = [one for one in assigned if one not in just_came]
    context = {
        "page": page,
        "just_came": with_leave(staff, just_came),
        "mine": with_leave(staff, mine),
        "more_mine": more_mine,
        "only_mine": only_mine,
        "asked": [one for one in asked_by(staff, limit=5) if one.state == "waiting"] if waiting and first else [],
        "passed_up": passed_up_from(staff, since=now - PASSED_UP_SHOWN) if waiting and first else [],
        "splits": len(splits_for(staff, limit=MOST_SPLITS).rows) if waiting and first else 0,
        "rows": with_leave(staff, page.rows),
        "state": state,
        "states": [(code, words.state_word("approval", code)) for code in APPROVAL.states],
    }
    return render(request, "console/approvals.html", context)

"""Notices, and what came up to me: each person's own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.recover.core.notices import NOTICES
from amends.recover.selectors import access_notice, clock_marks, notices_for
from amends.recover.services import see_notices
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.times import language
from amends.web.console.views.preferences import back_to


@staff_page("see_cases")
def inbox(request: HttpRequest) -> HttpResponse:
    """What the person was told, newest first."""
    what = one_of(request, "what", NOTICES)
    unseen = request.GET.get("unseen") == "1"
    context = {
        "page": notices_for(staff_of(request), what=what, unseen=unseen, after=cursor(request)),
        "what": what,
        "unseen": unseen,
        "whats": [(code, word.in_(language())) for code, word in NOTICES.items()],
        "now": now_of(request),
    }
    return render(request, "console/notices.html", context)


@staff_page("see_cases")
def escalations(request: HttpRequest) -> HttpResponse:
    """What came up to the person because a clock ran out, of cases that are still open, newest first."""
    page = notices_for(staff_of(request), what="escalated", to_do=True, after=cursor(request))
    marks = clock_marks([notice.case for notice in page.rows])
    context = {
        "page": page,
        "rows": [(notice, marks.get(notice.case_id)) for notice in page.rows],
        "now": now_of(request),
    }
    return render(request, "console/escalations.html", context)


@require_POST
@staff_page("see_cases")
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Go to the case, or to the list of what it tells of; the notice is seen."""
    staff = staff_of(request)
    notice = access_notice(staff, notice_id)
    see_notices(acting_user=staff, now=now_of(request), notice_id=notice.pk)
    if notice.is_of_many:
        return redirect("console:approvals")
    return redirect("console:case", notice.case_id)


@require_POST
@staff_page("see_cases")
def all_seen(request: HttpRequest) -> HttpResponse:
    """All are seen."""
    see_notices(acting_user=staff_of(request), now=now_of(request))
    messages.success(request, _("All notices are marked as seen."))
    return redirect(back_to(request, reverse("console:notices")))

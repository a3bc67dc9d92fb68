"""One act on many cases: chosen in the inbox, looked over, run in the background with its results row by row."""

from typing import Any, Final

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.people.core.rights import may
from amends.people.keyset import page_of
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, units_below
from amends.recover import services
from amends.recover.core.bulk import BULK, MOST, ROW
from amends.recover.core.canned import VARIABLES
from amends.recover.models import BulkRun, Team
from amends.recover.selectors import cases_for, replies_for
from amends.recover.selectors.bulk import rows_of
from amends.recover.selectors.replies import SPOKEN_OF
from amends.recover.selectors.staffing import WORKERS
from amends.recover.services.bulk import ACTS
from amends.web.console.asked import cursor, one_of
from amends.web.console.desk_forms import Bulk
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.times import language
from amends.web.inbox_address import chosen_of

ACT_NAMES: Final[dict[str, str | Promise]] = {
    "take": gettext_lazy("Take them"),
    "hand_over": gettext_lazy("Hand over"),
    "assign": gettext_lazy("Assign"),
    "message": gettext_lazy("Write a message"),
    "close": gettext_lazy("Close them"),
    "watch": gettext_lazy("Handle with care"),
}
AT_ONCE: Final = frozenset({"take", "close"})  # need nothing but the cases
MOST_COLLEAGUES: Final = 300


def acts_for(staff: Staff) -> list[tuple[str, str | Promise]]:
    """What this person can do to many cases."""
    return [(act, name) for act, name in ACT_NAMES.items() if may(staff.role, ACTS[act].right)]


@require_POST
@staff_page("work_cases")
def prepare(request: HttpRequest) -> HttpResponse:
    """From the chosen rows and an act to its preview, by way of what the act needs."""
    staff, now = staff_of(request), now_of(request)
    form = Bulk(request.POST)
    if not form.is_valid():
        messages.error(request, _("That could not be read. Please choose again."))
        return redirect("console:cases")
    given: dict[str, Any] = form.cleaned_data
    act, query = given["act"], given["query"]
    if act not in ACT_NAMES:
        raise Http404
    ids = _matching(staff, query, now=now) if given["every"] else given["cases"]
    if not ids:
        messages.info(request, _("Choose some cases first: tick their boxes, or press X on a row."))
        return redirect(f"{reverse('console:cases')}?{query}")
    if act not in AT_ONCE and not given["ready"]:
        return _asked(request, staff, act, ids, query)
    to = given["to"] or {}
    needed = {name: given[name] for name in ("note", "reply", "subject", "body", "days") if given[name]} | to
    if act == "watch":
        needed["reason"] = given["note"]
    try:
        run = services.prepare(act, ids, given=needed, acting_user=staff, now=now)
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
        return _asked(request, staff, act, ids, query) if act not in AT_ONCE else redirect("console:cases")
    return redirect("console:bulk", run.pk)


@require_safe
@staff_page("work_cases")
def page(request: HttpRequest, run_id: int) -> HttpResponse:
    """The preview, the progress, the results: one page, drawn anew while it runs."""
    staff = staff_of(request)
    run = _own(staff, run_id)
    state = one_of(request, "state", ROW.states)
    rows = rows_of(run).select_related(*(f"case__{name}" for name in SPOKEN_OF))
    if state:
        rows = rows.filter(state=state)
    counts = dict(rows_of(run).order_by().values_list("state").annotate(number=Count("pk")))
    total = sum(counts.values())
    settled = total - counts.get("waiting", 0)
    shown = page_of(rows, order=("place", "id"), after=cursor(request), limit=100)
    if run.act == "message":
        letters = services.letters_of(run.given, staff, [row.case for row in shown.rows if row.state == "waiting"])
        for row in shown.rows:
            row.letter = letters.get(row.case_id)
    context = {
        "run": run,
        "act_name": ACT_NAMES[run.act],
        "run_state": BULK.state_labels[run.state],
        "page": shown,
        "counts": counts,
        "total": total,
        "settled": settled,
        "state": state,
        "moves": BULK.moves_from(run.state),
    }
    whole = not asks_for_part(request, "run")
    return render(request, "console/bulk.html" if whole else "parts/desk/run.html", context)


@require_POST
@staff_page("work_cases")
def act(request: HttpRequest, run_id: int, act: str) -> HttpResponse:
    """Run it, stop it, or let it go on."""
    staff, now = staff_of(request), now_of(request)
    run = _own(staff, run_id)
    try:
        if act in {"run", "resume"}:
            services.start_bulk(run.pk, acting_user=staff, now=now)
        elif act == "cancel":
            services.cancel_bulk(run.pk, acting_user=staff, now=now)
        else:
            raise Http404
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
    return redirect("console:bulk", run.pk)


def _own(staff: Staff, run_id: int) -> BulkRun:
    run = BulkRun.objects.filter(pk=run_id, by=staff).first()
    if run is None:
        raise NotFound(f"There is no run {run_id} here.")
    return run


def _matching(staff: Staff, query: str, *, now: Any) -> list[int]:
    """All that the inbox's filter finds, up to the bound."""
    given = QueryDict(query)
    owner = staff if given.get("mine") == "1" else None
    found = cases_for(staff, owner=owner, now=now, limit=MOST, **chosen_of(given))
    return [case.pk for case in found.rows]


def _asked(request: HttpRequest, staff: Staff, act: str, ids: list[int], query: str) -> HttpResponse:
    """What the act needs besides the cases."""
    reached = units_below(staff)
    people = Staff.objects.filter(is_active=True, role__in=WORKERS).exclude(pk=staff.pk).order_by("name", "pk")
    teams = Team.objects.filter(is_active=True).order_by("name_en", "pk")
    if reached is not None:
        people = people.filter(unit_id__in=reached)
        teams = teams.filter(unit_id__in=reached)
    context = {
        "act": act,
        "act_name": ACT_NAMES[act],
        "ids": ",".join(map(str, ids)),
        "number": len(ids),
        "query": query,
        "people": people[:MOST_COLLEAGUES],
        "teams": teams[:100],
        "all_units": Unit.objects.order_by("path")[:100] if act == "hand_over" else [],
        "given": request.POST,
        "replies": list(replies_for(staff)) if act == "message" else [],
        "variables": [(name, said.in_(language())) for name, said in VARIABLES.items()],
    }
    return render(request, "console/bulk_new.html", context)

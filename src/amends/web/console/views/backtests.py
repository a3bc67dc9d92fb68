"""Back-tests: what is on record, which drafts were tried on it, and what each would have found."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.kernel.lifecycle import IllegalMove
from amends.monitor.core.backtest import BACKTEST
from amends.monitor.core.threshold import PRECISION
from amends.monitor.drafting import access_backtest, backtests_for, ever_declared, in_force
from amends.monitor.models import Backtest
from amends.monitor.recorded import history_now
from amends.monitor.services import backtests as trials
from amends.policy.selectors import blueprint_of
from amends.web.console.asked import cursor, leave_out, row_id, text
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.refusals import in_words
from amends.web.console.times import language
from amends.web.console.trial_words import WISHED, curves_of, quality_of
from amends.web.console.views.drafts import NEW
from amends.web.console.words import STAGE, standard_name

SIDES: Final[Mapping[str, str | Promise]] = {
    "only_draft": gettext_lazy("Only the draft finds"),
    "only_in_force": gettext_lazy("Only what is in force finds"),
    "moved": gettext_lazy("Both find, at another time"),
}
WHAT: Final[Mapping[str, str | Promise]] = {
    **STAGE,
    "out_of_control": gettext_lazy("out of control"),
    "back_in_control": gettext_lazy("back in control"),
}


@require_safe
@staff_page("work_standards")
def inbox(request: HttpRequest) -> HttpResponse:
    """The standards to change, the history to try them on, and what was tried, the latest first."""
    staff = staff_of(request)
    standard = text(request, "standard", most=100)
    page = backtests_for(staff, standard=standard, after=cursor(request))
    base = in_force()
    if standard and not page.rows and not base.declared(standard):  # one that is only a draft has its back-tests alone
        leave_out(request, "standard")
        standard, page = "", backtests_for(staff, after=cursor(request))
    for run in page.rows:
        run.title = standard_name(run.against_id, run.standard)
        run.state_label = BACKTEST.state_labels[run.state]
    context = {
        "page": page,
        "standard": standard,
        "recorded": history_now(),
        "standards": [(one.id, standard_name(base.version.pk, one.id)) for one in base.pack.standards],
    }
    return render(request, "console/backtests.html", context)


@require_safe
@staff_page("work_standards")
def page(request: HttpRequest, number: int) -> HttpResponse:
    """Progress while it runs, then what was found: one page, drawn anew by itself."""
    run = access_backtest(staff_of(request), number)
    context: dict[str, Any] = {
        "run": run,
        "title": standard_name(run.against_id, run.standard),
        "state_label": BACKTEST.state_labels[run.state],
        "moves": BACKTEST.moves_from(run.state),
        "percent": 100 * run.parts_done // max(1, run.parts),
        "said": run.said_zh if language() == "zh" else run.said_en,
        "stale": in_force().version.pk != run.against_id,
        "edit_at": run.standard if ever_declared(run.standard) else NEW,
    }
    if run.result is not None:
        wished = wished_in(request)
        context |= {**_found(run), "wished": wished, "wishes": WISHED}
        context |= quality_of(run.result, lambda name: _named(run, name))
        context["curves"] = curves_of(run.result, wished, lambda name: _named(run, name))
    whole = not asks_for_part(request, "backtest")
    return render(request, "console/backtest.html" if whole else "parts/drafts/backtest.html", context)


@require_POST
@staff_page("work_standards")
def act(request: HttpRequest, number: int, act: str) -> HttpResponse:
    """Stop it, or let it go on."""
    acts = {"cancel": trials.stop_backtest, "resume": trials.resume_backtest}
    staff = staff_of(request)
    access_backtest(staff, number)
    if act not in acts:
        raise Http404
    try:
        acts[act](number, acting_user=staff, now=now_of(request))
    except IllegalMove as refusal:
        messages.error(request, in_words(refusal))
    return redirect("console:backtest", number)


def wished_in(request: HttpRequest) -> int:
    """The precision that is wished, in per cent; one that is none of those offered is the usual one."""
    given = row_id(request, "precision")
    return given if given in WISHED else round(100 * PRECISION)


def _found(run: Backtest) -> dict[str, Any]:
    """The result as the page shows it."""
    counts: Sequence[dict[str, Any]] = run.result["counts"]
    rows = [
        {
            **row,
            "name": _named(run, row["standard"]),
            "said": WHAT.get(row["what"], row["what"]),
            "draft": row["both"] + row["only_draft"],
            "in_force": row["both"] + row["only_in_force"],
        }
        for row in counts
    ]
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in run.result["examples"]:
        shown = {
            **one,
            **{at: datetime.fromisoformat(one[at]) if one[at] else None for at in ("at_draft", "at_in_force")},
        }
        groups.setdefault((one["side"], one["standard"], one["what"]), []).append(shown)
    examples = [
        (SIDES[side], _named(run, standard), WHAT.get(what, what), found)
        for (side, standard, what), found in sorted(groups.items(), key=lambda group: list(SIDES).index(group[0][0]))
    ]
    totals = {side: sum(row[side] for row in counts) for side in (*SIDES, "both")}
    return {"rows": rows, "examples": examples, "totals": totals, "differs": any(totals[side] for side in SIDES)}


def _named(run: Backtest, standard: str) -> str:
    """As the draft calls it, else as it is called in force."""
    for one in run.draft["standards"]:
        if one["id"] == standard and one.get("name"):
            return str(one["name"][language()])
    pack = blueprint_of(run.against_id)
    return standard_name(run.against_id, standard) if any(one.id == standard for one in pack.standards) else standard

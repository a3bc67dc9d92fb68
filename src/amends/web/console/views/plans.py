"""Acts on an assessment and a plan, and the list of claims on suppliers."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover import services
from amends.recover.core.recharge import RECHARGE
from amends.recover.core.refusals import Unfit
from amends.recover.models import Action
from amends.recover.selectors import access_case, access_recharge, recharges_for
from amends.web.console import facts_asked, words
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.plan_file import supplier_code
from amends.web.console.plan_forms import ClaimMove
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.views.preferences import back_to


def judge(case_id: int, *, changes: dict[str, Any], acting_user: Staff, **given: Any) -> object:
    """Judge a case anew; a supplier may be named in the reader's language."""
    if changes.get("supplier"):
        changes["supplier"] = supplier_code(access_case(acting_user, case_id), changes["supplier"])
    return services.reassess(case_id, changes=changes, acting_user=acting_user, **given)


def correct(case_id: int, *, entered: dict[str, str], acting_user: Staff, **given: Any) -> object:
    """Put facts right; what is asked for and left empty is not known."""
    case = access_case(acting_user, case_id)
    pack = blueprint_of(case.blueprint_id)
    facts, wrong = facts_asked.given(pack, case.kind, entered)
    for field, said in wrong.items():
        raise Unfit(field, Localised(en=said, zh=said))
    asked = [one for one in facts_asked.asked_of(pack, case.kind, {}) if one.field in entered]
    changes = {one.name: facts.get(one.name) for one in asked}
    return services.correct_facts(case_id, changes=changes, acting_user=acting_user, **given)


def alter(action_id: int, *, due_at: datetime | None, amount: Decimal | None, **given: Any) -> object:
    """Alter an action; a time that is the same to the minute is no other time."""
    action = Action.objects.get(pk=action_id)
    if due_at is not None and due_at == action.due_at.replace(second=0, microsecond=0):
        due_at = None
    return services.alter_action(action_id, due_at=due_at, amount=amount, **given)


@staff_page("recharge")
def recharges(request: HttpRequest) -> HttpResponse:
    """Claims on suppliers, the newest first."""
    state = one_of(request, "state", RECHARGE.states)
    page = recharges_for(staff_of(request), state=state, after=cursor(request))
    context = {
        "page": page,
        "rows": [(claim, _supplier(claim), list(RECHARGE.moves_from(claim.state))) for claim in page.rows],
        "state": state,
        "states": [(code, words.state_word("recharge", code)) for code in RECHARGE.states],
    }
    return render(request, "console/recharges.html", context)


@require_POST
@staff_page("recharge")
def on_recharge(request: HttpRequest, claim_id: int, act: str) -> HttpResponse:
    """One move of a claim."""
    staff = staff_of(request)
    claim = access_recharge(staff, claim_id)
    if act not in RECHARGE.move_labels:
        raise Http404
    form = ClaimMove(request.POST)
    if form.is_valid():
        try:
            services.move_recharge(claim.pk, act, acting_user=staff, now=now_of(request), **form.cleaned_data)
        except REFUSALS as refusal:
            messages.error(request, in_words(refusal))
        else:
            messages.success(request, _("The claim is up to date."))
    else:
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
    return redirect(back_to(request, reverse("console:recharges")))


def _supplier(claim: Any) -> str:
    return words.supplier_name(claim.case.blueprint_id, claim.supplier)

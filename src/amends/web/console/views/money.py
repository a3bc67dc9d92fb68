"""Money: payouts on their way, the bank's answer, the books and their daily reconciliation, vouchers at the till."""

from decimal import Decimal
from typing import Any, Final

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from amends.kernel.lifecycle import IllegalMove
from amends.people.core.rights import may
from amends.people.selectors import NotFound, has_whole_company, unit_for
from amends.recover.core.books import ACCOUNTS, CHECKS
from amends.recover.core.payout import PAYOUT
from amends.recover.core.refusals import NotReversible, VoucherEnded
from amends.recover.models import Reconciliation, Remedy, Voucher
from amends.recover.payouts.answers import LARGEST, NoAnswer, read_answer
from amends.recover.selectors.money import balances, payout_sums, payouts_for, reconciliations, unsent_batches
from amends.recover.services.reconciling import reconcile
from amends.recover.services.reversing import reverse_remedy
from amends.recover.services.settling import pay_again, reference_of, settle
from amends.recover.services.vouchers import redeem
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.refusals import in_words
from amends.web.console.times import language
from amends.web.console.units import units_to_choose
from amends.web.console.views.doors import too_many_requests

TOLD: Final = 20  # rows of an answer that could not be read, and references that are none of ours


class AtTheTill(forms.Form):
    """A voucher as it is shown at a till."""

    code = forms.CharField(
        max_length=60, strip=True, error_messages={"required": gettext_lazy("Please enter the code of the voucher.")}
    )
    unit = forms.CharField(max_length=64, required=False)
    reference = forms.CharField(max_length=100, required=False, strip=True)


@require_safe
@staff_page("see_money")
def inbox(request: HttpRequest) -> HttpResponse:
    """What is owed and on its way; for whoever has the whole company, also the books."""
    staff = staff_of(request)
    state = one_of(request, "state", PAYOUT.states)
    page = payouts_for(staff, state=state, after=cursor(request))
    context: dict[str, Any] = {
        "rows": [(payout, reference_of(payout.pk, payout.round)) for payout in page.rows],
        "page": page,
        "state": state,
        "states": [(code, label.in_(language())) for code, label in PAYOUT.state_labels.items()],
        "sums": payout_sums(staff),
        "works": may(staff.role, "work_money"),
        "now": now_of(request),
    }
    if has_whole_company(staff):
        found = reconciliations(staff, limit=10)
        context |= {
            "books": [(ACCOUNTS[one.account].in_(language()), one) for one in balances(staff)],
            "unsent": unsent_batches(staff),
            "reports": found,
            "checks": _checks(found[0]) if found else [],
        }
    return render(request, "console/money.html", context)


@require_POST
@staff_page("work_money")
def take_answer(request: HttpRequest) -> HttpResponse:
    """The bank's answer as a file: each row once, whatever is sent twice."""
    sent = request.FILES.get("file")
    if sent is None:
        messages.error(request, _("Please choose a file first."))
        return redirect("console:money")
    try:
        results, bad = read_answer(bytes(sent.read(LARGEST + 1)))
    except NoAnswer as refusal:
        messages.error(request, refusal.said.in_(language()))
        return redirect("console:money")
    done = settle(results, now=now_of(request), acting_user=staff_of(request))
    messages.success(
        request,
        _("%(paid)d paid, %(returned)d came back, %(already)d known before.")
        % {"paid": done.paid, "returned": done.returned, "already": done.already},
    )
    for row in bad[:TOLD]:
        messages.error(request, _("Row %(row)d: %(said)s") % {"row": row.row, "said": row.said.in_(language())})
    if done.unknown:
        names = ", ".join(done.unknown[:TOLD])
        said = ngettext(
            "%(count)d row names no payout that was sent: %(names)s",
            "%(count)d rows name no payout that was sent: %(names)s",
            len(done.unknown),
        )
        messages.error(request, said % {"count": len(done.unknown), "names": names})
    return redirect("console:money")


@require_POST
@staff_page("work_money")
def hold_against(request: HttpRequest) -> HttpResponse:
    """Reconcile now."""
    found = reconcile(now=now_of(request), acting_user=staff_of(request))
    if found.differences:
        messages.error(request, _("The books and the records differ. See below where."))
    else:
        messages.success(request, _("The books come to zero."))
    return redirect("console:money")


@require_POST
@staff_page("work_money")
def again(request: HttpRequest, payout_id: int) -> HttpResponse:
    """Pay once more what came back."""
    try:
        pay_again(payout_id, acting_user=staff_of(request), now=now_of(request))
    except IllegalMove as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(request, _("It is due again and leaves with the next batch."))
    return redirect("console:money")


@require_POST
@staff_page("work_money")
def reverse(request: HttpRequest, remedy_id: int) -> HttpResponse:
    """Take back what is not with the customer yet."""
    try:
        back = reverse_remedy(
            remedy_id, reason=request.POST.get("reason", ""), acting_user=staff_of(request), now=now_of(request)
        )
    except NotReversible as refusal:
        messages.error(request, refusal.said.in_(language()))
        return redirect("console:case", Remedy.objects.values_list("case_id", flat=True).get(pk=remedy_id))
    messages.success(request, _("It is taken back."))
    return redirect("console:case", back.case_id)


@staff_page("work_cases")
def vouchers(request: HttpRequest) -> HttpResponse:
    """Redeem a voucher that a customer shows."""
    staff = staff_of(request)
    used: Voucher | None = None
    wrong = ""
    form = AtTheTill(request.POST or None)
    if request.method == "POST":
        if not ratelimit.consume(request, action="voucher", key=str(staff.pk)):
            return too_many_requests(request)
        if form.is_valid():
            used, wrong = _redeemed(request, form.cleaned_data)
        else:
            wrong = next(iter(form.errors.values()))[0]
    units = units_to_choose(staff)
    context = {"units": units, "used": used, "wrong": wrong, "given": request.POST if wrong else {}}
    return render(request, "console/vouchers.html", context, status=422 if wrong else 200)


def _redeemed(request: HttpRequest, given: dict[str, Any]) -> tuple[Voucher | None, str]:
    staff = staff_of(request)
    try:
        unit = unit_for(staff, given["unit"]) if given["unit"] else staff.unit
        used = redeem(given["code"], unit=unit, reference=given["reference"], acting_user=staff, now=now_of(request))
    except VoucherEnded as refusal:
        return None, refusal.said.in_(language())
    except NotFound:
        return None, _("There is no voucher with this code. Please look at it again.")
    return used, ""


def _checks(report: Reconciliation) -> list[dict[str, object]]:
    return [
        {
            "what": CHECKS[one["what"]].in_(language()),
            "currency": one["currency"],
            "books": Decimal(one["books"]),
            "records": Decimal(one["records"]),
            "difference": Decimal(one["books"]) - Decimal(one["records"]),
        }
        for one in report.checks
        if one["what"] in CHECKS
    ]

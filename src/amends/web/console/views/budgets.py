"""Unit budgets: what each unit may give away, what is spent and left, and setting them."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.people.core.rights import may
from amends.people.selectors import NotFound, unit_for
from amends.policy.selectors import blueprint_of, version_in_force
from amends.recover.models import Budget
from amends.recover.selectors import budgets_for
from amends.recover.services import set_budget
from amends.recover.services.budgeting import BadBudget, month_of
from amends.web.console.forms import SumField
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.units import units_to_choose


class Given(forms.Form):
    """A budget as a manager enters it."""

    unit = forms.CharField(max_length=64)
    amount = SumField(min_value=Decimal(0), max_digits=14, decimal_places=2)
    from_day = forms.DateField(widget=forms.DateInput)
    to_day = forms.DateField(widget=forms.DateInput)
    note = forms.CharField(max_length=500, required=False, strip=True)


@staff_page("see_budgets")
def inbox(request: HttpRequest) -> HttpResponse:
    """Each unit's budget, spent and left."""
    staff, now = staff_of(request), now_of(request)
    first, after = month_of(now)
    context = {
        "rows": [_row(budget) for budget in budgets_for(staff, now=now)],
        "may_set": may(staff.role, "set_budgets"),
        "units": units_to_choose(staff),
        "currency": _currency(request),
        "from_day": timezone.localtime(first).date(),
        "to_day": timezone.localtime(after - timedelta(seconds=1)).date(),
        "now": now,
    }
    return render(request, "console/budgets.html", context)


@require_POST
@staff_page("set_budgets")
def put(request: HttpRequest) -> HttpResponse:
    """Set one."""
    staff = staff_of(request)
    form = Given(request.POST)
    if not form.is_valid():
        if form["amount"].errors and form["amount"].value():
            messages.error(request, _("A budget is a sum of 0 or more, such as 1500 or 1,500.00."))
        else:
            messages.error(request, _("Please give a unit, a sum, and the first and the last day."))
        return redirect("console:budgets")
    given = form.cleaned_data
    try:
        unit = unit_for(staff, given.pop("unit"))
        set_budget(unit.pk, currency=_currency(request), acting_user=staff, now=now_of(request), **given)
    except NotFound:
        messages.error(request, _("There is no such unit here."))
    except BadBudget:
        messages.error(
            request, _("That is no budget: the days are in the wrong order, or overlap another one of the unit.")
        )
    else:
        messages.success(request, _("The budget is set. What was given on these days before counts."))
    return redirect("console:budgets")


def _row(budget: Budget) -> dict[str, object]:
    share = budget.spent / budget.amount if budget.amount else Decimal(1 if budget.spent else 0)
    return {
        "budget": budget,
        "left": budget.amount - budget.spent,
        "last": budget.ends_at - timedelta(seconds=1),
        "depth": budget.unit.path.count("/") - 2,
        "width": float(min(share, Decimal(1)) * 100),
        "tone": "failed" if share >= 1 else "risk" if share >= Decimal("0.8") else "plain",
        "percent": float(share),
    }


def _currency(request: HttpRequest) -> str:
    name = frame_of(request).deployment.blueprint_name
    return blueprint_of(version_in_force(name).pk).currency

"""What belongs to a case's claim on its page: receipts, demands beyond what can be given, and the closer look."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.people.models import Staff
from amends.recover import services
from amends.recover.models import Case
from amends.recover.selectors import closer_look_for
from amends.web.console.forms import Act, SumField


class Asked(Act):
    """A demand beyond what can be given."""

    asked = forms.CharField(
        max_length=5000, strip=True, error_messages={"required": _("Please write down what the customer asks for.")}
    )
    amount = SumField(required=False, min_value=0, max_digits=14, decimal_places=2)


class Evidence(Act):
    """The number of a receipt."""

    reference = forms.RegexField(
        r"[^\W_]", max_length=100, strip=True, error_messages={"required": _("A receipt needs a number.")}
    )


class Look(Act):
    """What a closer look found."""

    in_order = forms.TypedChoiceField(
        choices=(("yes", ""), ("no", "")),
        coerce=lambda value: value == "yes",
        error_messages={"required": _("Please say what you found.")},
    )
    note = forms.CharField(max_length=2000, strip=True, error_messages={"required": _("Please say what you found.")})


ON_CASE: Final[Mapping[str, tuple[type[forms.Form], Callable[..., object], str | Promise]]] = {
    "demand": (Asked, services.mark_demand, _("It is on record, and somebody senior is asked to call.")),
    "receipt": (Evidence, services.note_receipt, _("The receipt is kept with the case.")),
    "look": (Look, services.look_closer, _("Your look is on record. The plan stays as it is.")),
}


def on_page(staff: Staff, case: Case, *, now: datetime) -> dict[str, Any]:
    """What the whole page of a case shows of its claim."""
    looked = closer_look_for(staff, case, now=now)
    return {"looked": looked, "receipts": looked.receipts, "demands": looked.demands}

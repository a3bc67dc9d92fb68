"""What happened between a customer and us before: how often we failed them, how it was made good, what they said of it.

Only what lies in the person's units is counted, so two people may see different figures; the page says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import Avg, Count, Q, Sum

from amends.channels.models import Message
from amends.kernel.money import Money
from amends.people.models import Customer, CustomerChange, Staff
from amends.people.selectors import require, units_below
from amends.recover.core.case import SETTLED
from amends.recover.models import Case, Clock, Demand, Outcome, Remedy

MOST_SAID: Final = 12  # of their own messages
MOST_CHANGES: Final = 10
MOST_CLOCKS: Final = 20


@dataclass(frozen=True, kw_only=True)
class History:
    """Figures and words."""

    cases: int
    under_way: int  # of the cases: open and not made good yet
    severe: int
    objected: int  # cases that stand at an objection, or whose answer was no
    made_good: int  # cases of which the customer said yes, and nothing since took it back
    given: list[Money]  # a sum a currency
    satisfaction: float | None  # mean of what they said after, themselves
    said: list[Message] = field(default_factory=list)  # their own words, the latest first
    promised: list[Clock] = field(default_factory=list)  # what we promised in open cases and owe still
    demands: list[Demand] = field(default_factory=list)
    changes: list[CustomerChange] = field(default_factory=list)
    everything: bool = True  # false: only what lies in the person's units


def history_for(staff: Staff, customer: Customer) -> History:
    """In a fixed number of queries, however long the history."""
    require(staff, "see_cases")
    reached = units_below(staff)
    cases = Case.objects.filter(customer=customer)
    if reached is not None:
        cases = cases.filter(unit_id__in=reached)
    own = Q(outcome__source=Outcome.Source.CUSTOMER)
    by_staff = Q(outcome__source=Outcome.Source.STAFF)
    said_yes = Q(state="made_good") & ~by_staff | Q(state="closed", outcome__accepted=True) & own
    figures = cases.aggregate(
        cases=Count("pk"),
        under_way=Count("pk", filter=Q(is_open=True) & ~Q(state="made_good")),
        severe=Count("pk", filter=Q(severity=3)),
        objected=Count("pk", filter=Q(state="objected") | (own & Q(outcome__accepted=False))),
        made_good=Count("pk", filter=said_yes),
        satisfaction=Avg("outcome__satisfaction_after", filter=own),
    )
    ids = list(cases.order_by("-opened_at").values_list("pk", flat=True)[:500])
    threads = [f"case:{pk}" for pk in ids]
    said = Message.objects.filter(customer=customer, direction=Message.Direction.IN)
    return History(
        **figures,
        given=_given(cases),
        said=list(said.filter(thread__in=threads).order_by("-created_at", "-id")[:MOST_SAID]),
        promised=list(
            Clock.objects.filter(case_id__in=ids, state="running")
            .exclude(case__state__in=SETTLED)
            .select_related("case")
            .order_by("due_at")[:MOST_CLOCKS]
        ),
        demands=list(Demand.objects.filter(case_id__in=ids).select_related("marked_by").order_by("-id")),
        changes=list(
            CustomerChange.objects.filter(customer=customer).select_related("by").order_by("-at", "-id")[:MOST_CHANGES]
        ),
        everything=reached is None,
    )


def _given(cases: Any) -> list[Money]:
    rows: Sequence[tuple[str, Decimal]] = (
        Remedy.objects.filter(case__in=cases).values_list("currency").annotate(total=Sum("amount")).order_by("currency")
    )
    return [Money(total, currency) for currency, total in rows]

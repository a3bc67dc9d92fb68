"""How cases were made good, one by one: what was given, what else was done, and what the customer said of it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Sum

from amends.kernel.money import Money
from amends.recover.models import Case, Outcome, Remedy

FELT: Final = ("reinstatement", "substitute", "apology", "explanation", "call", "follow_up")
"""What a customer has of an action besides worth, in the order in which it is told."""

Answer = Literal["", "accepted", "objected"]


@dataclass(frozen=True, kw_only=True)
class MadeGood:
    """What one case came to, so far."""

    given: tuple[Money, ...]  # a sum a currency
    done: tuple[str, ...]  # kinds of actions
    answer: Answer
    simulated: bool  # nobody real said so
    by_staff: bool  # colleagues put it on record, not the customer


def made_good(cases: Collection[Case]) -> dict[int, MadeGood]:
    """The same two queries for one case or many, which whoever asks for it may see; by their numbers."""
    states = {case.pk: case.state for case in cases}
    given: dict[int, list[Money]] = {}
    sums = Remedy.objects.filter(case__in=states).values_list("case_id", "currency").annotate(sum=Sum("amount"))
    for pk, currency, amount in sums.order_by("case_id", "currency"):
        given.setdefault(pk, []).append(Money(amount, currency))
    felt = ArrayAgg("actions__kind", filter=Q(actions__state="done", actions__kind__in=FELT), distinct=True, default=[])
    rows = Case.every.filter(pk__in=states).order_by().annotate(felt=felt)
    return {
        pk: MadeGood(
            given=tuple(given.get(pk, ())),
            done=tuple(kind for kind in FELT if kind in kinds),
            answer=_answer(states[pk], accepted),
            simulated=source == Outcome.Source.SIMULATED,
            by_staff=source == Outcome.Source.STAFF,
        )
        for pk, accepted, source, kinds in rows.values_list("pk", "outcome__accepted", "outcome__source", "felt")
    }


def _answer(state: str, accepted: bool | None) -> Answer:
    """An objection stands against an earlier yes, until it is made good."""
    if state == "objected" or (accepted is False and state != "made_good"):
        return "objected"
    return "accepted" if accepted or state == "made_good" else ""

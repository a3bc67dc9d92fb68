"""Times that one may promise with one press, and how the clocks of a case are put before people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.policy.selectors import blueprint_of
from amends.recover.core.case import CASE
from amends.recover.core.clocks import due_time
from amends.recover.core.leaving import coarse, in_words
from amends.recover.models import Case, Clock
from amends.recover.selectors import clocks_of, escalations_of, holds_of, ladder_of, time_held
from amends.recover.services.ticking import rule_of
from amends.web.console.times import language

TEN = time(10)
ENDED: Final = frozenset({"met", "met_late", "stopped"})


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A time with a word for it."""

    label: str | Promise
    at: datetime


def quick_times(case: Case, *, now: datetime) -> list[Choice]:
    """In two hours, tomorrow at ten, and what the playbook's calendar gives for news; no time is offered twice."""
    tomorrow = timezone.localtime(now).date() + timedelta(days=1)
    ten = timezone.make_aware(datetime.combine(tomorrow, TEN))
    pack = blueprint_of(case.blueprint_id)
    rule = rule_of(pack, case.plan.playbook, "inform")
    choices = [Choice(label=_("in 2 h"), at=now + timedelta(hours=2)), Choice(label=_("tomorrow at 10:00"), at=ten)]
    if rule is not None:
        due = due_time(rule, now, pack.calendars)
        same = next((choice for choice in choices if choice.at == due), Choice(label=_("by the calendar"), at=due))
        choices = [choice for choice in choices if choice is not same] + [same]  # the last is the usual one
    return choices


def leaving_words(case: Case, now: datetime) -> Localised | None:
    """Why the case stands where it does in the inbox."""
    pack = blueprint_of(case.blueprint_id)
    horizon = pack.economics.delay_cost.horizon
    return in_words(case.leaving, age=now - case.opened_at, horizon=horizon, currency=pack.currency)


def leaving_figures(case: Case, now: datetime) -> tuple[str, str]:
    """The same for a column: what leaving it costs, empty if nothing, and how long the case waits."""
    pack = blueprint_of(case.blueprint_id)
    horizon = pack.economics.delay_cost.horizon
    waited = coarse(now - case.opened_at).in_(language())
    if case.leaving <= 0:
        return "", waited
    worth = Money(Decimal(max(1, round(case.leaving))), pack.currency).in_(language()).replace(".00", "", 1)
    if horizon == timedelta(days=1):
        return gettext("{sum} a day").format(sum=worth), waited
    return gettext("{sum} in {span}").format(sum=worth, span=coarse(horizon).in_(language())), waited


def clocks_beside(case: Case, contents: Collection[str], *, works: bool, now: datetime) -> dict[str, Any]:
    """What the panel beside a case says of its clocks, and what this person may do with them."""
    clocks, holds = clocks_of(case), holds_of(case) if "holds" in contents else []
    promised = any(clock.kind == "inform" and clock.state in {"running", "missed"} for clock in clocks)
    moves = CASE.moves_from(case.state)
    return {
        "clocks": clocks,
        "clocks_open": [clock for clock in clocks if clock.state not in ENDED],
        "clocks_ended": [clock for clock in clocks if clock.state in ENDED],
        "objection": next((one for one in clocks if one.kind == "ladder" and one.state not in ENDED), None),
        "may_promise": works and case.is_open,
        "asks_for_promise": works and case.is_open and not promised and case.state in {"in_progress", "objected"},
        "quick": quick_times(case, now=now),
        "may_wait": works and "wait" in moves,
        "hold": next((hold for hold in holds if hold.ended_at is None), None),
        "held": time_held(holds, now=now),
        "leaving": leaving_words(case, now),
    }


def clocks_whole(case: Case, contents: Collection[str], clocks: list[Clock]) -> dict[str, Any]:
    """What the whole page says besides."""
    called = escalations_of(case) if "escalations" in contents else []
    return {"ladder": ladder_of(case, clocks), "escalations": called}

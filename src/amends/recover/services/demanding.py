"""Mark a case whose customer demands more than can be given: the pack's answer to that is added to the plan."""

from datetime import datetime
from decimal import Decimal

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import Money
from amends.kernel.severity import SEVERITY_NAMES
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.core.case import SETTLED
from amends.recover.core.clocks import due_time
from amends.recover.core.demand import actions_for, why_marked
from amends.recover.models import Action, Case, Demand
from amends.recover.queue import defer_carry_out
from amends.recover.services.holding import holding, save_case


class NothingToMark(ValueError):
    """A demand on a case that is settled, or without words."""


def mark_demand(
    case_id: int,
    *,
    asked: str,
    amount: Decimal | None = None,
    currency: str = "",
    acting_user: Staff,
    now: datetime,
    version: int | None = None,
) -> Demand:
    """Write down what is asked for, and add what the pack has prepared for it: a revision of the plan, with reasons.

    What was planned stays; a second demand on the same case is written down too, and adds what is still missing.

    Raises:
        NothingToMark: nothing is said of what is asked, or the case is settled.
    """
    if not asked.strip():
        raise NothingToMark("Please write down what the customer asks for.")
    with holding("mark_demand", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        if case.state in SETTLED:
            raise NothingToMark("The case is settled; open it again first.")
        pack = blueprint_of(case.plan.blueprint_id)
        money = None if amount is None else Money(amount, currency or pack.currency)
        why = why_marked(money, _given(case, pack))
        explained = keep_explanations([why], version_id=case.plan.blueprint_id)
        demand = Demand.objects.create(
            case=case,
            asked=asked.strip(),
            amount=money.amount if money else None,
            currency=money.currency if money else "",
            why_id=explained[why.digest(case.plan.blueprint_id)],
            marked_at=now,
            marked_by=person,
        )
        _add_actions(case, pack, now=now)
        save_case(case)
    return demand


def _given(case: Case, pack: Blueprint) -> Money:
    amounts = Action.objects.filter(case=case, amount__isnull=False, currency=pack.currency)
    planned = amounts.exclude(state__in=("skipped", "refused")).values_list("amount", flat=True)
    return Money(sum((amount for amount in planned if amount), Decimal(0)), pack.currency)


def _add_actions(case: Case, pack: Blueprint, *, now: datetime) -> None:
    version_id = case.plan.blueprint_id
    there = set(Action.objects.filter(case=case).values_list("step", flat=True))
    personal = {"vulnerable": case.customer.vulnerable, **({"tier": case.customer.tier} if case.customer.tier else {})}
    facts = {
        **personal,
        **case.facts,
        "kind": case.kind,
        "severity": SEVERITY_NAMES[case.severity],
        "responsible": case.responsible,
        "controllable": case.controllable,
    }
    added = [one for one in actions_for(facts, pack) if one.action.id not in there]
    if not added:
        return
    explained = keep_explanations((one.why for one in added), version_id=version_id)
    rows = []
    for one in added:
        action = one.action
        due_at = due_time(action.due, now, pack.calendars)
        at_once = action.phase == "immediate"
        rows.append(
            Action(
                plan=case.plan,
                case=case,
                step=action.id,
                kind=action.kind,
                phase=action.phase,
                performer=action.performer,
                channel=action.channel or "",
                template=action.template or "",
                justice=list(action.justice),
                why_id=explained[one.why.digest(version_id)],
                state=ACTION.after(ACTION.initial, "release" if at_once else "schedule"),
                ready_at=now if at_once else now + (due_at - now) / 2,
                due_at=due_at,
            )
        )
    made = Action.objects.bulk_create(rows)
    case.plan.revision += 1
    case.plan.save(update_fields=["revision"])
    automatic = [row.pk for row in made if row.performer == "automatic" and row.state == "ready"]
    defer_carry_out((pk, pk) for pk in automatic)

"""Unit budgets: set by a manager, or by the blueprint for each month. What is spent, the database counts by itself."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from amends.kernel.blueprint.leave import UnitBudget
from amends.kernel.money import known_currency, quantise
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover import ledger
from amends.recover.acting import acting
from amends.recover.models import Budget, BudgetChange

MOST = Decimal(10) ** 12 - 1


class _Span(NamedTuple):
    """A unit and a span of time."""

    unit_id: int
    starts_at: datetime
    ends_at: datetime


class BadBudget(ValueError):
    """A budget that cannot be; says why."""


def set_budget(
    unit_id: int,
    *,
    amount: Decimal,
    currency: str,
    from_day: date,
    to_day: date,
    acting_user: Staff,
    now: datetime,
    note: str = "",
) -> Budget:
    """Set what a unit and all below it may give away from one day to another; set again for the same days, it changes.

    What was given before within these days counts.

    Raises:
        NotFound: the unit is out of the person's reach.
        BadBudget: a sum below nothing, days that end before they begin, or that overlap another budget of the unit.
    """
    person = Staff.objects.get(pk=acting_user.pk)
    require(person, "set_budgets")
    reached = units_below(person)
    if (reached is not None and unit_id not in reached) or not Unit.objects.filter(pk=unit_id).exists():
        raise NotFound(f"There is no unit {unit_id} here.")
    if not (amount.is_finite() and 0 <= amount <= MOST):
        raise BadBudget("A budget is at least nothing and less than a million million.")
    try:
        amount = quantise(amount, known_currency(currency))
    except ValueError as error:
        raise BadBudget(str(error)) from None
    if to_day < from_day:
        raise BadBudget("The last day is before the first.")
    starts_at, ends_at = span_of(from_day, to_day)
    with acting("set_budget", person):
        _hold_the_ledger()
        same = Budget.objects.filter(unit_id=unit_id, currency=currency)
        found = same.filter(starts_at=starts_at, ends_at=ends_at).first()
        if found is None and same.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            raise BadBudget("The unit has another budget on some of these days.")
        budget = found or Budget(unit_id=unit_id, currency=currency, starts_at=starts_at, ends_at=ends_at)
        budget.amount, budget.source = amount, Budget.Source.STAFF
        if found is None:
            budget.spent = spent_by(unit_id, currency, starts_at, ends_at)
            budget.save()
        else:
            budget.save(update_fields=["amount", "source"])
        BudgetChange.objects.create(budget=budget, amount=amount, at=now, by=person, note=note[:500])
    return budget


def keep_blueprint_budgets(*, now: datetime) -> int:
    """Make this month's budgets of the blueprint, for each unit on the days that have none; how many.

    A part of the month has its share of the sum, by days, so that all parts together come to the month's.
    """
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    made = 0
    for rule in pack.leave.budgets:
        month = month_of(now)
        if not _without(rule, *month):
            continue
        with acting("keep_blueprint_budgets"):
            _hold_the_ledger()
            spans = _without(rule, *month)
            spent = _spent_by(spans, rule.currency)
            budgets = Budget.objects.bulk_create(
                Budget(
                    unit_id=span.unit_id,
                    currency=rule.currency,
                    starts_at=span.starts_at,
                    ends_at=span.ends_at,
                    amount=quantise(rule.amount * _days(span.starts_at, span.ends_at) / _days(*month), rule.currency),
                    spent=spent[span],
                    source=Budget.Source.BLUEPRINT,
                )
                for span in spans
            )
            BudgetChange.objects.bulk_create(
                BudgetChange(budget=budget, amount=budget.amount, at=now) for budget in budgets
            )
            made += len(budgets)
    return made


def spent_by(unit_id: int, currency: str, starts_at: datetime, ends_at: datetime) -> Decimal:
    """What the ledger says a unit and all below it gave away in a span of time."""
    span = _Span(unit_id, starts_at, ends_at)
    return _spent_by([span], currency)[span]


def _spent_by(spans: Sequence[_Span], currency: str) -> dict[_Span, Decimal]:
    """The same for many units, each in a span of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            with span as (
                select * from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])
                    as span (unit_id, starts_at, ends_at)
            )
            select span.*, coalesce(sum(given.amount), 0) from span
            join people_unit as above on above.id = span.unit_id
            left join (
                select times.starts_at, times.ends_at, unit.path, sum(line.amount) as amount
                from (select distinct starts_at, ends_at from span) as times
                join {ledger.counted("case_id", "currency")} as line
                    on line.currency = %s and line.counts_at >= times.starts_at and line.counts_at < times.ends_at
                join recover_case as cases on cases.id = line.case_id
                join people_unit as unit on unit.id = cases.unit_id
                group by 1, 2, 3
            ) as given
                on given.starts_at = span.starts_at and given.ends_at = span.ends_at
                and starts_with(given.path, above.path)
            group by 1, 2, 3
            """,
            [*(list(column) for column in zip(*spans, strict=True)), currency],
        )
        return {_Span(*row[:3]): Decimal(row[3]) for row in cursor.fetchall()}


def span_of(from_day: date, to_day: date) -> tuple[datetime, datetime]:
    """From the first moment of a day to the last of another, as the deployment's zone has them."""
    zone = ZoneInfo(deployment().timezone)
    after = date.fromordinal(to_day.toordinal() + 1)
    return (
        datetime.combine(from_day, time(), zone).astimezone(UTC),
        datetime.combine(after, time(), zone).astimezone(UTC),
    )


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """The calendar month of a moment, in the deployment's zone."""
    local = now.astimezone(ZoneInfo(deployment().timezone)).date()
    first = local.replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return span_of(first, date.fromordinal(following.toordinal() - 1))


def _hold_the_ledger() -> None:
    """No line is written while a budget begins: none is counted twice and none is missed."""
    assert transaction.get_connection().in_atomic_block  # noqa: S101 -- the lock lasts as long as the act
    with connection.cursor() as cursor:
        cursor.execute("lock table recover_remedy in share row exclusive mode")


def _days(starts_at: datetime, ends_at: datetime) -> int:
    """Of the calendar; a day on which the clocks change is shorter or longer than others."""
    return round((ends_at - starts_at) / timedelta(days=1))


def _without(rule: UnitBudget, starts_at: datetime, ends_at: datetime) -> list[_Span]:
    """The units at the rule's depth, with each part of the time that no budget of theirs covers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select unit.id, lower(free), upper(free) from people_unit as unit
            cross join lateral unnest(
                tstzmultirange(tstzrange(%s, %s)) - coalesce((
                    select range_agg(tstzrange(budget.starts_at, budget.ends_at)) from recover_budget as budget
                    where budget.unit_id = unit.id and budget.currency = %s
                ), tstzmultirange())
            ) as free
            where length(unit.path) - length(replace(unit.path, '/', '')) - 2 = %s
            order by unit.id, free
            """,
            [starts_at, ends_at, rule.currency, rule.depth],
        )
        return [_Span(*row) for row in cursor.fetchall()]

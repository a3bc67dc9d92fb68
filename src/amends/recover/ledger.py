"""The ledger of remedies: append-only lines of worth given. Its totals are what every authority is held against."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Sum

from amends.kernel.blueprint.parts import AuthorityLevel
from amends.people.core.authority import Spent
from amends.people.models import Unit
from amends.recover.core.splits import Line
from amends.recover.models import Budget, CaseFamily, Remedy

GESTURE: Final = "gesture:"  # begins the level of a line that rests on no level but on a gesture of the pack


def by_case(case_ids: Iterable[int]) -> dict[int, Decimal]:
    """What each case was given so far, by anybody; cases that were merged or split are one, or splitting a case would
    get a sum around its limit."""
    asked = list(case_ids)
    roots = dict(CaseFamily.objects.filter(case_id__in=asked).values_list("case_id", "root_id"))
    kin = dict(CaseFamily.objects.filter(root_id__in=set(roots.values())).values_list("case_id", "root_id"))
    given: dict[int, Decimal] = {}
    for case_id, total in _sums("case_id", Remedy.objects.filter(case_id__in={*asked, *kin})).items():
        of = kin.get(case_id, case_id)
        given[of] = given.get(of, Decimal(0)) + total
    totals = {case_id: given.get(roots.get(case_id, case_id)) for case_id in asked}
    return {case_id: total for case_id, total in totals.items() if total is not None}


def by_customer(customer_ids: Iterable[int], *, since: datetime, until: datetime) -> dict[int, Decimal]:
    """What each customer was given in a span of time, by anybody, on all cases."""
    return _sums("customer_id", _standing(since, until).filter(customer_id__in=list(customer_ids)))


def of_level(level: str, *, since: datetime, until: datetime) -> Decimal:
    """What was granted under an authority level in a span of time, by anybody."""
    rows = _standing(since, until).filter(level=level)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def spent(
    levels: Sequence[AuthorityLevel],
    *,
    case_id: int,
    customer_id: int,
    at: datetime,
    household: Collection[int] = (),
    split: Decimal = Decimal(0),
    budget_left: Decimal | None = None,
) -> dict[str, Spent]:
    """What each level's limits are held against for one case; call it while holding `lock_totals`.

    Args:
        levels: whose limits.
        case_id: the case.
        customer_id: its customer.
        at: when; the periods end there.
        household: other customers who share an address with this one.
        split: what the granter gave the same household in other cases lately.
        budget_left: in the tightest budget over the case's unit.
    """
    given = by_case([case_id]).get(case_id, Decimal(0))
    return {
        level.id: Spent(
            case=given,
            customer=by_customer([customer_id], since=at - level.per_customer.period, until=at).get(
                customer_id, Decimal(0)
            ),
            household=to_household(household, since=at - level.per_customer.period, until=at),
            split=split,
            level=of_level(level.id, since=at - level.per_period.period, until=at),
            budget_left=budget_left,
        )
        for level in levels
    }


def to_household(customer_ids: Collection[int], *, since: datetime, until: datetime) -> Decimal:
    """What people gave to customers who share an address. What the tariff gave each of a family by itself is no split
    of anything, since nobody chose those sums."""
    if not customer_ids:
        return Decimal(0)
    rows = _standing(since, until).filter(customer_id__in=list(customer_ids))
    return rows.filter(granted_by__isnull=False).aggregate(total=Sum("amount"))["total"] or Decimal(0)


def own_lines(granter_id: int, *, since: datetime, until: datetime) -> list[Line]:
    """What a person granted on their own authority in a span of time, gestures apart, the earliest first."""
    rows = _standing(since, until).filter(granted_by_id=granter_id, approval=None)
    return [
        Line(id=pk, case_id=case, customer_id=customer, amount=amount, at=at)
        for pk, case, customer, amount, at, level in rows.order_by("granted_at", "id").values_list(
            "id", "case_id", "customer_id", "amount", "granted_at", "level"
        )
        if not level.startswith(GESTURE)
    ]


def gestures_to(customer_id: int, *, since: datetime, until: datetime) -> Decimal:
    """What a customer was given in gestures in a span of time."""
    rows = _standing(since, until).filter(customer_id=customer_id)
    return rows.filter(level__startswith=GESTURE).aggregate(total=Sum("amount"))["total"] or Decimal(0)


def counted(*columns: str) -> str:
    """As a table in SQL: these columns of the lines, what each comes to (`amount`) and when it counts (`counts_at`).

    One that takes another back counts when that one was granted, as in the budgets: or it would make room in a later
    period for what that period never gave. No column more than asked for, so that an index alone can answer.
    """
    line, back = (", ".join(f"{table}.{column}" for column in (*columns, "amount")) for table in ("line", "back"))
    return f"""(
        select {line}, line.granted_at as counts_at from recover_remedy as line where line.amount > 0
        union all
        select {back}, line.granted_at from recover_remedy as back
        join recover_remedy as line on line.id = back.reverses_id where back.reverses_id is not null
    )"""


def lock_totals(
    *, customer_ids: Sequence[int], level_ids: Iterable[str], unit_id: int | None = None, at: datetime | None = None
) -> None:
    """Let nobody else grant anything to these customers, under these levels, or from the budgets over this unit until
    this transaction ends.

    Always in this order, customers by id, levels by name, budgets by id, so that two grants never wait for each other
    in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from people_customer where id = any(%s) order by id for no key update", [list(customer_ids)]
        )
        for level in sorted(level_ids):
            cursor.execute("select pg_advisory_xact_lock(hashtext('authority level'), hashtext(%s))", [level])
        if unit_id is not None and at is not None:
            ids = [budget.pk for budget in budgets_over(unit_id, at=at)]
            cursor.execute("select id from recover_budget where id = any(%s) order by id for no key update", [ids])


def budgets_over(unit_id: int | None, *, at: datetime, currency: str = "") -> list[Budget]:
    """The budgets in force of a unit and of those above it, the nearest first."""
    if unit_id is None or not Budget.objects.exists():
        return []
    path = Unit.objects.values_list("path", flat=True).get(pk=unit_id)
    rows = Budget.objects.filter(unit__code__in=codes_of(path), starts_at__lte=at, ends_at__gt=at)
    if currency:
        rows = rows.filter(currency=currency)
    return sorted(rows.select_related("unit"), key=lambda budget: (-len(budget.unit.path), budget.pk))


def left_in(budgets: Iterable[Budget]) -> Decimal | None:
    """What the tightest of these budgets has left; None: there is none."""
    return min((budget.amount - budget.spent for budget in budgets), default=None)


def codes_of(path: str) -> list[str]:
    """The units of a path from the root down."""
    return [code for code in path.split("/") if code]


def _standing(since: datetime, until: datetime) -> QuerySet[Remedy]:
    """The lines granted in a span of time that nobody took back: they come to what `counted` says of it."""
    back = Remedy.objects.filter(reverses=OuterRef("pk"), reverses__isnull=False)  # said for the sake of its index
    rows = Remedy.objects.filter(granted_at__gt=since, granted_at__lte=until, amount__gt=0)
    return rows.filter(~Exists(back))


def _sums(key: str, rows: object) -> dict[int, Decimal]:
    return dict(rows.order_by().values_list(key).annotate(total=Sum("amount")))  # type: ignore[attr-defined]  # a queryset of any model with an amount

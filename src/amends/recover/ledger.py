"""The ledger of remedies: append-only lines of worth given. Its totals are what every authority is held against."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from amends.kernel.blueprint.parts import AuthorityLevel
from amends.people.core.authority import Spent
from amends.recover.models import CaseFamily, Remedy


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
    rows = Remedy.objects.filter(customer_id__in=list(customer_ids), granted_at__gt=since, granted_at__lte=until)
    return _sums("customer_id", rows)


def of_level(level: str, *, since: datetime, until: datetime) -> Decimal:
    """What was granted under an authority level in a span of time, by anybody."""
    rows = Remedy.objects.filter(level=level, granted_at__gt=since, granted_at__lte=until)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def spent(levels: Sequence[AuthorityLevel], *, case_id: int, customer_id: int, at: datetime) -> dict[str, Spent]:
    """What each level's limits are held against for one case; call it while holding `lock_totals`."""
    given = by_case([case_id]).get(case_id, Decimal(0))
    return {
        level.id: Spent(
            case=given,
            customer=by_customer([customer_id], since=at - level.per_customer.period, until=at).get(
                customer_id, Decimal(0)
            ),
            level=of_level(level.id, since=at - level.per_period.period, until=at),
        )
        for level in levels
    }


def lock_totals(*, customer_ids: Sequence[int], level_ids: Iterable[str]) -> None:
    """Let nobody else grant anything to these customers or under these levels until this transaction ends.

    Always in this order, customers by id and then levels by name, so that two grants never wait for each other in a
    circle.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from people_customer where id = any(%s) order by id for no key update", [list(customer_ids)]
        )
        for level in sorted(level_ids):
            cursor.execute("select pg_advisory_xact_lock(hashtext('authority level'), hashtext(%s))", [level])


def _sums(key: str, rows: object) -> dict[int, Decimal]:
    return dict(rows.order_by().values_list(key).annotate(total=Sum("amount")))  # type: ignore[attr-defined]

"""What is known of a claim, gathered for one case in one statement of bounded, indexed reads, and what it advises."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import Money
from amends.kernel.taxonomy import currency_among
from amends.people.models import Customer, Staff
from amends.people.selectors import require
from amends.policy.selectors import blueprint_of
from amends.recover.core.closer_look import Advice, Evidence, LikeCustomers, advice
from amends.recover.models import Case, CloserLook, Demand, Receipt

MOST_LOOKED_AT: Final = 200  # rows of a sort; a claim that has more has signs enough


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The advice on one case, what it rests on, and who looked already."""

    advice: Advice
    looks: list[CloserLook]
    receipts: list[Receipt]
    demands: list[Demand]
    stands: bool  # advised, and nobody has looked since the signs became these

    @property
    def last(self) -> CloserLook | None:
        """The latest look."""
        return self.looks[-1] if self.looks else None


def advice_on(case: Case, *, now: datetime) -> Advice:
    """What the signs of this case add up to, by the version of the pack that decided it."""
    return _advice(case, _known(case, now=now))


def closer_look_for(staff: Staff, case: Case, *, now: datetime) -> Looked:
    """The advice on a case that the person may see, with what is on record of its claim."""
    require(staff, "see_cases")
    known = _known(case, now=now)
    found = _advice(case, known)
    looks = list(case.closer_looks.select_related("looked_by").order_by("id")) if known["looks"] else []
    demands = case.demands.select_related("marked_by", "why").order_by("id")
    seen = {sign for look in looks for sign in look.signs}
    return Looked(
        advice=found,
        looks=looks,
        receipts=list(case.receipts.order_by("id")) if known["receipts"] else [],
        demands=list(demands) if known["demands"] else [],
        stands=found.advised and not {one.sign for one in found.found} <= seen,
    )


def looks_at(customer: Customer, case_ids: list[int]) -> list[CloserLook]:
    """The looks on record at these cases of a customer, the latest first."""
    rows = CloserLook.objects.filter(case_id__in=case_ids, case__customer=customer)
    return list(rows.select_related("looked_by").order_by("-id")[:MOST_LOOKED_AT])


def _advice(case: Case, known: dict[str, Any]) -> Advice:
    pack = blueprint_of(case.blueprint_id)
    like = known["claims"] and LikeCustomers(
        claims=known["claims"], median=known["median"], deviation=known["deviation"]
    )
    evidence = Evidence(
        claimed=_claimed(case, pack, known["demanded"]),
        like=like or None,
        receipts_elsewhere=tuple((reference, case_id) for reference, case_id in json.loads(known["elsewhere"] or "[]")),
        on_roster=known["on_roster"],
        strangers=known["strangers"] or 0,
        refused=known["refused"],
        objected=known["objected"],
    )
    return advice(evidence, pack.care.closer_look)


def _claimed(case: Case, pack: Blueprint, demanded: Decimal | None) -> Money | None:
    own = currency_among(case.facts, usual=pack.currency) == pack.currency
    named = [case.facts.get(name) for name in pack.care.closer_look.claims if own]
    sums = [Decimal(str(sum_)) for sum_ in named if isinstance(sum_, int | float) and not isinstance(sum_, bool)]
    top = max([*sums, demanded or Decimal(0)])
    return Money(top, pack.currency) if top > 0 else None


def _known(case: Case, *, now: datetime) -> dict[str, Any]:
    pack = blueprint_of(case.blueprint_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _KNOWN,
            {
                "case": case.pk,
                "customer": case.customer_id,
                "subject": case.subject,
                "kind": case.kind,
                "currency": pack.currency,
                "since": now - pack.care.closer_look.within,
                "most": MOST_LOOKED_AT,
            },
        )
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


_KNOWN: Final = """
    with roster as materialized (
        select not exists (select from monitor_rosterentry where subject = %(subject)s) or exists (
            select from monitor_rosterentry where subject = %(subject)s and customer_id = %(customer)s) as on_it
    )
    select
        peers.claims, peers.median, peers.deviation,
        (select max(amount) from recover_demand where case_id = %(case)s and currency = %(currency)s) as demanded,
        exists (select from recover_demand where case_id = %(case)s) as demands,
        exists (select from recover_receipt where case_id = %(case)s) as receipts,
        exists (select from recover_closerlook where case_id = %(case)s) as looks,
        (select jsonb_agg(jsonb_build_array(reference, case_id) order by case_id)::text from (
            select distinct on (other.case_id)
                coalesce(nullif(own.reference, ''), left(own.digest, 12)) as reference, other.case_id
            from recover_receipt as own
            cross join lateral (
                (select case_id from recover_receipt where normal = own.normal and normal <> '' limit %(most)s)
                union
                (select case_id from recover_receipt where digest = own.digest and digest <> '' limit %(most)s)
            ) as other
            where own.case_id = %(case)s and other.case_id <> own.case_id
            order by other.case_id limit %(most)s
        ) as twice) as elsewhere,
        roster.on_it as on_roster,
        -- those who told us of the subject and are not on its roster; nobody is looked for where the customer is on it
        case when roster.on_it then 0 else (
            select cardinality(array_agg(distinct affected.customer_id)) from (
                select id from monitor_failure where subject = %(subject)s and stage = 'reported' limit %(most)s
            ) as told
            join monitor_affected as affected on affected.failure_id = told.id
            where not exists (
                select from monitor_rosterentry as entry
                where entry.subject = %(subject)s and entry.customer_id = affected.customer_id)
        ) end as strangers,
        answers.refused, answers.objected
    from people_customer as customer
    cross join roster
    left join recover_peers as peers on peers.kind = %(kind)s and peers.tier = customer.tier
    cross join lateral (
        select coalesce(sum(refused), 0)::int as refused, coalesce(sum(objected::int), 0)::int as objected
        from (
            select id, state, opened_at from recover_case
            where customer_id = customer.id and (not confidential or id = %(case)s) limit %(most)s
        ) as one
        cross join lateral (
            select coalesce(sum(1), 0) as refused from recover_action where case_id = one.id and state = 'refused'
        ) as action
        cross join lateral (
            select one.state = 'objected' or exists (
                select from recover_outcome
                where case_id = one.id and accepted is false and source <> 'simulated') as objected
        ) as answer
        where one.opened_at > %(since)s
    ) as answers
    where customer.id = %(customer)s
"""

"""What is known of a claim, gathered for one case in a fixed number of indexed queries, and what it advises."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection

from amends.kernel.money import Money
from amends.people.models import Customer, Staff
from amends.people.selectors import require
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.core.closer_look import Advice, Evidence, LikeCustomers, advice
from amends.recover.models import Case, CloserLook, Peers

MOST_LOOKED_AT: Final = 200  # rows of a sort; a claim that has more has signs enough


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The advice on one case, and who looked already."""

    advice: Advice
    looks: list[CloserLook]
    stands: bool  # advised, and nobody has looked since the signs became these

    @property
    def last(self) -> CloserLook | None:
        """The latest look."""
        return self.looks[-1] if self.looks else None


def advice_on(case: Case, *, now: datetime) -> Advice:
    """What the signs of this case add up to."""
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    return advice(evidence_on(case, now=now), pack.care.closer_look)


def closer_look_for(staff: Staff, case: Case, *, now: datetime) -> Looked:
    """The advice on a case that the person may see, with the looks on record."""
    require(staff, "see_cases")
    found = advice_on(case, now=now)
    looks = list(case.closer_looks.select_related("looked_by").order_by("id"))
    seen = {sign for look in looks for sign in look.signs}
    return Looked(advice=found, looks=looks, stands=found.advised and not {one.sign for one in found.found} <= seen)


def looks_at(customer: Customer, case_ids: list[int]) -> list[CloserLook]:
    """The looks on record at these cases of a customer, the latest first."""
    rows = CloserLook.objects.filter(case_id__in=case_ids, case__customer=customer)
    return list(rows.select_related("looked_by").order_by("-id")[:MOST_LOOKED_AT])


def evidence_on(case: Case, *, now: datetime) -> Evidence:
    """Everything the signs rest on."""
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    rules = pack.care.closer_look
    claimed = _claimed(case, rules.claims, pack.currency)
    tier = Customer.objects.values_list("tier", flat=True).get(pk=case.customer_id)
    like = Peers.objects.filter(kind=case.kind, tier=tier).first() if claimed else None
    on_roster, strangers = _strangers(case)
    refused, objected = _refusals(case.customer_id, since=now - rules.within)
    return Evidence(
        claimed=claimed,
        like=like and LikeCustomers(claims=like.claims, median=like.median, deviation=like.deviation),
        receipts_elsewhere=_receipts(case),
        on_roster=on_roster,
        strangers=strangers,
        refused=refused,
        objected=objected,
    )


def _claimed(case: Case, names: tuple[str, ...], currency: str) -> Money | None:
    sums = [
        Decimal(str(value))
        for name in names
        if isinstance(value := case.facts.get(name), int | float) and not isinstance(value, bool)
    ]
    sums += [
        demand.amount for demand in case.demands.all() if demand.amount is not None and demand.currency == currency
    ]
    top = max(sums, default=Decimal(0))
    return Money(top, currency) if top > 0 else None


def _receipts(case: Case) -> tuple[tuple[str, int], ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select distinct on (own.id, other.case_id)
                coalesce(nullif(own.reference, ''), left(own.digest, 12)), other.case_id
            from recover_receipt as own
            cross join lateral (
                (select case_id from recover_receipt where normal = own.normal and normal <> '' limit %(most)s)
                union
                (select case_id from recover_receipt where digest = own.digest and digest <> '' limit %(most)s)
            ) as other
            where own.case_id = %(case)s and other.case_id <> own.case_id
            order by own.id, other.case_id limit %(most)s
            """,
            {"case": case.pk, "most": MOST_LOOKED_AT},
        )
        return tuple((reference, case_id) for reference, case_id in cursor.fetchall())


def _strangers(case: Case) -> tuple[bool, int]:
    """Whether the customer is on the subject's roster (true if it has none), and how many are not who claim for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select
                not exists (select from monitor_rosterentry where subject = %(subject)s)
                or exists (
                    select from monitor_rosterentry where subject = %(subject)s and customer_id = %(customer)s)
            """,
            {"subject": case.subject, "customer": case.customer_id},
        )
        if cursor.fetchone()[0]:
            return True, 0
        cursor.execute(
            """
            select count(distinct affected.customer_id) from (
                select id from monitor_failure where subject = %(subject)s and stage = 'reported' limit %(most)s
            ) as told
            join monitor_affected as affected on affected.failure_id = told.id
            where not exists (
                select from monitor_rosterentry as roster
                where roster.subject = %(subject)s and roster.customer_id = affected.customer_id)
            """,
            {"subject": case.subject, "most": MOST_LOOKED_AT},
        )
        return False, cursor.fetchone()[0]


def _refusals(customer_id: int, *, since: datetime) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(sum(refused), 0), count(*) filter (where objected)
            from (
                select id, state, opened_at from recover_case where customer_id = %(customer)s limit %(most)s
            ) as one
            cross join lateral (
                select count(*) as refused from recover_action where case_id = one.id and state = 'refused'
            ) as action
            cross join lateral (
                select one.state = 'objected' or exists (
                    select from recover_outcome where case_id = one.id and accepted is false
                        and source <> 'simulated') as objected
            ) as answer
            where one.opened_at > %(since)s
            """,
            {"customer": customer_id, "since": since, "most": MOST_LOOKED_AT},
        )
        refused, objected = cursor.fetchone()
    return int(refused), int(objected)

"""Looking closer at a claim: receipts noted, the look put on record, what like customers claim reckoned set-wise."""

import re
from datetime import datetime

from django.db import connection

from amends.people.models import Staff
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.models import CloserLook, Peers, Receipt
from amends.recover.selectors.closer_look import advice_on
from amends.recover.services.holding import holding, save_case

LONGEST = 100


def note_receipt(
    case_id: int,
    *,
    reference: str = "",
    digest: str = "",
    acting_user: Staff | None,
    now: datetime,
    version: int | None = None,
) -> Receipt:
    """Keep a receipt's number, or the digest of its file, with the case; the same one twice is one.

    Raises:
        ValueError: neither has a letter or digit.
    """
    normal = normal_reference(reference)
    if not normal and not digest:
        raise ValueError("A receipt needs a number.")
    with holding("note_receipt", case_id, acting_user=acting_user, version=version) as (case, person):
        receipt, new = Receipt.objects.get_or_create(
            case=case,
            normal=normal,
            digest=digest[:64],
            defaults={"reference": reference.strip()[:LONGEST], "noted_at": now, "noted_by": person},
        )
        if new:
            save_case(case)
    return receipt


def look_closer(
    case_id: int, *, in_order: bool, note: str, acting_user: Staff, now: datetime, version: int | None = None
) -> CloserLook:
    """Put on record that somebody looked at the claim and what they found; the plan stays as it is.

    Raises:
        ValueError: no note.
    """
    if not note.strip():
        raise ValueError("A closer look needs a note of what was found.")
    with holding("look_closer", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        look = CloserLook.objects.create(
            case=case,
            signs=[one.sign for one in advice_on(case, now=now).found],
            in_order=in_order,
            note=note.strip(),
            looked_at=now,
            looked_by=person,
        )
        save_case(case)
    return look


def reckon_peers(*, now: datetime) -> int:
    """What like customers claim, anew for every kind of failure and tier, in one statement; how many groups."""
    version = version_in_force(deployment().blueprint_name)
    pack = blueprint_of(version.pk)
    rules = pack.care.closer_look
    if not rules.claims:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with claim as (
                select one.kind, customer.tier, greatest(named.amount, demand.amount) as amount
                from recover_case as one
                join people_customer as customer on customer.id = one.customer_id
                left join lateral (
                    select max((one.facts ->> name)::numeric) as amount from unnest(%(claims)s::text[]) as name
                    where jsonb_typeof(one.facts -> name) = 'number'
                        and coalesce(one.facts ->> 'currency', %(currency)s) = %(currency)s
                ) as named on true
                left join lateral (
                    select max(amount) as amount from recover_demand where case_id = one.id and currency = %(currency)s
                ) as demand on true
                where one.opened_at > %(since)s and (one.facts ?| %(claims)s or demand.amount is not null)
            ), middle as (
                select kind, tier, count(*) as claims,
                    percentile_cont(0.5) within group (order by amount) as median
                from claim where amount > 0 group by kind, tier
            )
            insert into recover_peers (kind, tier, claims, median, deviation, reckoned_at)
            select kind, tier, middle.claims, round(middle.median::numeric, 2), round((
                percentile_cont(0.5) within group (order by abs(claim.amount - middle.median::numeric)))::numeric, 2),
                %(now)s
            from middle join claim using (kind, tier) where claim.amount > 0
            group by kind, tier, middle.claims, middle.median
            on conflict (kind, tier) do update set claims = excluded.claims, median = excluded.median,
                deviation = excluded.deviation, reckoned_at = excluded.reckoned_at
            """,
            {
                "claims": list(rules.claims),
                "currency": pack.currency,
                "since": now - rules.within,
                "now": now,
            },
        )
        Peers.objects.filter(reckoned_at__lt=now).delete()
        return int(cursor.rowcount)


def normal_reference(reference: str) -> str:
    """A receipt's number as it counts: letters and digits, in capitals."""
    return re.sub(r"[\W_]", "", reference).upper()[:LONGEST]

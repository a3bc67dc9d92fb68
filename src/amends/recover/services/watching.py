"""Failed recently: handle with care. The watch is set by itself for those whose cases were opened, set-wise.

It ends so long after the failure as the pack says for its severity; it is extended and never shortened. What failed
before somebody lifted a watch does not set it again, so a job that is done twice does no more than once.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import connection

from amends.kernel.reason import Reason
from amends.kernel.severity import SEVERITIES, Severity
from amends.kernel.text import Localised
from amends.people import services as people
from amends.people.models import Customer, Staff
from amends.people.selectors import NotAllowed, access_customer
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.selectors.watching import may_lift_watch

WORDS: Final[dict[Severity, Localised]] = {
    "light": Localised(
        en="We failed this customer lately. Handle what comes next with care.",
        zh="我们最近对这位顾客有过失误，接下来的服务请多加留意。",
    ),
    "moderate": Localised(
        en="We failed this customer lately, and it hurt. See that what comes next goes right.",
        zh="我们最近的失误给这位顾客造成了影响，请确保接下来的服务不再出错。",
    ),
    "severe": Localised(
        en="We failed this customer badly not long ago. A second failure would weigh double.",
        zh="不久前我们对这位顾客有过严重失误，再次失误的影响将会加倍。",
    ),
}


def watch_failed(incident_ids: Iterable[int], *, now: datetime) -> int:
    """Watch the customers whose cases belong to these incidents; how many watches began or were extended."""
    version = version_in_force(deployment().blueprint_name)
    watch = blueprint_of(version.pk).care.watch
    reasons = {name: Reason(rule=f"care.watch.{name}", text=text) for name, text in WORDS.items() if watch.span(name)}
    if not reasons:
        return 0
    explained = keep_explanations(reasons.values(), version_id=version.pk)
    spans = [(SEVERITIES[name], watch.span(name), explained[why.digest(version.pk)]) for name, why in reasons.items()]
    with acting("watch_failed"), connection.cursor() as cursor:
        cursor.execute(
            """
            with spans as (
                select * from unnest(%(ranks)s::smallint[], %(spans)s::interval[], %(whys)s::bigint[])
                    as span (severity, length, why_id)
            ), latest as (
                select distinct on (one.customer_id) one.customer_id, one.opened_at,
                    one.opened_at + spans.length as until, spans.why_id
                from recover_case as one join spans using (severity)
                where one.incident_id = any(%(incidents)s) and one.opened_at + spans.length > %(now)s
                order by one.customer_id, until desc
            ), held as (
                -- in the order of the reference, as imports lock customers
                select customer.id from people_customer as customer join latest on latest.customer_id = customer.id
                where (customer.watch_until is null or customer.watch_until < latest.until)
                    and (customer.watch_lifted_at is null or customer.watch_lifted_at < latest.opened_at)
                order by customer.reference for no key update of customer
            )
            update people_customer as customer
            set watch_until = latest.until, watch_why_id = latest.why_id, watch_reason = ''
            from latest join held on held.id = latest.customer_id
            where customer.id = latest.customer_id
                and (customer.watch_until is null or customer.watch_until < latest.until)
            """,
            {
                "ranks": [rank for rank, _, _ in spans],
                "spans": [span for _, span, _ in spans],
                "whys": [why for _, _, why in spans],
                "incidents": list(incident_ids),
                "now": now,
            },
        )
        return int(cursor.rowcount)


def lift_watch(customer_id: int, *, reason: str, acting_user: Staff, now: datetime) -> Customer:
    """End a customer's watch, with the reason, by somebody who reaches what it was set for.

    Raises:
        NotAllowed: the failures that hold it up lie in units of others.
        ValueError: no reason.
    """
    if not may_lift_watch(acting_user, access_customer(acting_user, customer_id), now=now):
        raise NotAllowed("What this customer is handled with care for lies in units of others; they lift it.")
    return people.lift_watch(customer_id, reason=reason, acting_user=acting_user, now=now)

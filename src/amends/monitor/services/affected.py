"""Who was hit by a failure and how badly: the roster of its subject, judged once for each class of equal facts."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITIES
from amends.kernel.taxonomy import CURRENCY, Taxonomy
from amends.monitor.core.assessment import SeverityJudge, facts_of_severity
from amends.people.core.reserved import INSIDE
from amends.policy.models import BlueprintVersion
from amends.policy.scratch import know
from amends.policy.services import keep_explanations

CUSTOMER_FACTS = {
    "tier": "nullif(customer.tier, '')",
    "vulnerable": "customer.vulnerable",
    "prior_failures": "coalesce(earlier.failures, 0)",
}
ROSTER_LOCK = 7_201_307  # advisory: see hold_roster
LATELY = "365 days"  # how far back an earlier failure still makes a new one weigh more (double deviation)

# a customer has few failures; without this fence the planner may try all failures for each
PAST = "select subject, found_at, confidential from monitor_failure where id = past.failure_id offset 0"
# what happened between colleagues is known to those alone who answer it
EARLIER = f"""not before.confidential and before.subject <> {{now}}.subject and before.found_at < {{now}}.found_at
    and before.found_at >= {{now}}.found_at - interval '{LATELY}'"""


def earlier_failures(customer: str, now: str) -> str:
    """A subquery with one column `failures`: how many other subjects failed this customer lately, before this failure.

    Args:
        customer: SQL for the customer's id.
        now: an alias with the columns `subject` and `found_at` of this failure.
    """
    return f"""(
        select count(distinct before.subject) as failures
        from monitor_affected as past cross join lateral ({PAST}) as before
        where past.customer_id = {customer} and {EARLIER.format(now=now)}
    )"""


def hold_roster(cursor: Any, *, alone: bool = False) -> None:
    """Keep rosters as they are, or for oneself `alone`, until the transaction ends: so either who records a failure
    sees whom a roster names, or who keeps the roster sees the failure. Comes before any failure is locked."""
    cursor.execute(f"select pg_advisory_xact_lock{'' if alone else '_shared'}(%s)", [ROSTER_LOCK])


def record_affected(
    broken: Mapping[int, str | None],
    *,
    pack: Blueprint,
    version: BlueprintVersion,
    now: datetime,
    alone: Collection[int] = (),
    late: bool = False,
) -> None:
    """Put on record everyone whom these failures hit. What a person put right of one stays, whatever the roster says.
    Must be called within a transaction that holds the roster.

    Args:
        broken: failure -> reference of the customer whom its signal named, if any; the subject's roster is hit too.
        pack: says by which facts of failure and customer the severity is judged.
        version: of the pack.
        now: since when a customer whom only a signal names is known.
        alone: failures that hit the customer whom their signal names and nobody else on the roster.
        late: only those who are not on record yet, since the roster names them only now.
    """
    if not broken:
        return
    with connection.cursor() as cursor:
        _name_customers(cursor, broken, pack.currency, now)
        # the facts of a customer that any severity rule looks at; all others make no difference to the class
        names = sorted(_personal_facts(pack.taxonomy))
        members = ", ".join(
            f"'{name}', {CUSTOMER_FACTS.get(name, f'roster.facts -> {_quoted(name)}')}" for name in names
        )
        personal = f"jsonb_strip_nulls(jsonb_build_object({members}))"
        cursor.execute(
            """
            create temp table roster on commit drop as
            select failure.id as failure_id, failure.subject, failure.found_at, entry.customer_id, entry.facts
            from monitor_failure as failure join monitor_rosterentry as entry on entry.subject = failure.subject
            where failure.id = any(%s)
            """,
            [list(broken)],
        )
        if alone:
            cursor.execute(
                """
                delete from roster using unnest(%s::bigint[], %s::text[]) as alone (failure_id, reference)
                where roster.failure_id = alone.failure_id and not exists (
                    select from people_customer as customer
                    where customer.id = roster.customer_id and customer.reference = alone.reference
                )
                """,
                [list(alone), [broken[failure] for failure in alone]],
            )
        if late:
            cursor.execute(
                """
                delete from roster using monitor_affected as known
                where known.failure_id = roster.failure_id and known.customer_id = roster.customer_id
                """
            )
        know(cursor, "roster")
        cursor.execute(
            f"""
            create temp table hit on commit drop as
            with earlier as (
                select roster.failure_id, roster.customer_id, count(distinct before.subject) as failures
                from roster join monitor_affected as past on past.customer_id = roster.customer_id
                join monitor_failure as before on before.id = past.failure_id
                where {EARLIER.format(now="roster")}
                group by 1, 2
            )
            select roster.failure_id, roster.customer_id,
                roster.facts || coalesce(known.corrected, '{{}}') as facts,
                {personal} || coalesce(known.corrected, '{{}}') as personal
            from roster join people_customer as customer on customer.id = roster.customer_id
            left join earlier using (failure_id, customer_id)
            left join (
                select failure_id, customer_id, corrected from monitor_affected
                where failure_id = any(%s) and corrected <> '{{}}'
            ) as known using (failure_id, customer_id)
            """,
            [list(broken)],
        )
        cursor.execute(
            """
            select failure.id, failure.kind, failure.facts::text, class.personal::text
            from (select distinct failure_id, personal from hit) as class
            join monitor_failure as failure on failure.id = class.failure_id
            """
        )
        _judge(cursor, cursor.fetchall(), pack, version)
        cursor.execute(
            """
            insert into monitor_affected as old (failure_id, customer_id, severity, severity_why_id, facts, named_at)
            select hit.failure_id, hit.customer_id, judged.severity, judged.why_id, hit.facts, %s::timestamptz
            from hit join judged using (failure_id, personal)
            on conflict (failure_id, customer_id) do update
                set severity = excluded.severity, severity_why_id = excluded.severity_why_id, facts = excluded.facts
                where (old.severity, old.severity_why_id) <> (excluded.severity, excluded.severity_why_id)
            """,
            [now if late else None],
        )
        # a failure is as grave as it is for the one whom it hit worst
        cursor.execute(
            """
            update monitor_failure as failure
            set customers = worst.customers,
                severity = greatest(failure.severity, worst.severity),
                severity_why_id = case when worst.severity > failure.severity
                    then worst.why_id else failure.severity_why_id end
            from (
                select failure_id, count(*) as customers, max(severity) as severity,
                    (array_agg(severity_why_id order by severity desc, customer_id))[1] as why_id
                from monitor_affected where failure_id = any(%s) group by failure_id
            ) as worst
            where failure.id = worst.failure_id
            """,
            [list(broken)],
        )
        cursor.execute("drop table roster, hit, judged")


def _name_customers(cursor: Any, broken: Mapping[int, str | None], currency: str, now: datetime) -> None:
    """A customer whom the signal itself names is served by its subject, and known from now on; an employee is none."""
    named = [
        (failure, reference) for failure, reference in broken.items() if reference and not reference.startswith(INSIDE)
    ]
    if not named:
        return
    failures, references = [failure for failure, _ in named], [reference for _, reference in named]
    cursor.execute(
        """
        insert into people_customer (reference, kind, name, locale, tier, value, currency, vulnerable,
            vulnerable_reason, consent_contact, watch_reason, synthetic, created_at)
        select distinct reference, 'external', reference, 'en', '', 0, %s, false,
            '', true, '', false, %s::timestamptz
        from unnest(%s::text[]) as reference
        on conflict (reference) do nothing
        """,
        [currency, now, references],
    )
    cursor.execute(
        """
        insert into monitor_rosterentry (subject, customer_id, facts)
        select distinct failure.subject, customer.id, '{}'::jsonb
        from unnest(%s::bigint[], %s::text[]) as named (failure_id, reference)
        join monitor_failure as failure on failure.id = named.failure_id
        join people_customer as customer on customer.reference = named.reference and customer.staff_id is null
        on conflict (subject, customer_id) do nothing
        """,
        [failures, references],
    )


def _judge(cursor: Any, classes: list[tuple[int, str, str, str]], pack: Blueprint, version: BlueprintVersion) -> None:
    """Make the table `judged`: how badly each class of equal facts was hit, and why."""
    known: dict[int, dict[str, Any]] = {}
    persons: dict[str, dict[str, Any]] = {}
    judges: dict[str, SeverityJudge] = {}
    judged = []
    for failure_id, kind, facts, personal in classes:
        if failure_id not in known:
            known[failure_id] = pack.taxonomy.worded(json.loads(facts), currency=pack.currency)
        if personal not in persons:
            persons[personal] = pack.taxonomy.worded(json.loads(personal), currency=pack.currency)
        if kind not in judges:
            judges[kind] = SeverityJudge(pack.taxonomy.kinds[kind])
        severity, why = judges[kind](pack.taxonomy.with_derived({**known[failure_id], **persons[personal]}))
        judged.append((failure_id, personal, SEVERITIES[severity], why))
    whys = {id(why): why for *_, why in judged}
    digests = {key: why.digest(version.pk) for key, why in whys.items()}
    explanations = keep_explanations(whys.values(), version_id=version.pk)
    cursor.execute(
        "create temp table judged (failure_id bigint, personal jsonb, severity smallint, why_id bigint) on commit drop"
    )
    with cursor.copy("copy judged from stdin") as copy:
        for failure_id, personal, rank, why in judged:
            copy.write_row((failure_id, personal, rank, explanations[digests[id(why)]]))
    know(cursor, "judged")


def _personal_facts(taxonomy: Taxonomy) -> set[str]:
    """Facts that severity rests on, derived ones taken back to those that they are derived from."""
    wanted = {name for kind in taxonomy.kinds.values() for name in facts_of_severity(kind)}
    base: set[str] = set()
    while wanted:
        name = wanted.pop()
        fact = taxonomy.facts.get(name)
        if fact is not None and fact.derived is not None:
            wanted |= set(fact.derived.facts_used()) - base
        base.add(name)
    return base | {CURRENCY} if base & taxonomy.sums else base


def _quoted(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name of a fact")
    return f"'{name}'"

"""Whom an incident hit badly enough for a case of their own, and with which facts: one temporary table, `opening`.

A customer whom several failures of one incident hit has one row. The gravest failure gives it kind, subject, unit and
cause; of the facts the worst counts: the highest number, true before false, and of texts those of the gravest failure.
Sums are held against each other in one currency: one that is not the pack's comes first, for there a person decides.
What a person put right in a case that is there already counts before all of them, and so does what they judged of it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITY_NAMES
from amends.kernel.taxonomy import CURRENCY, DECISION_FACTS
from amends.monitor.services.affected import EARLIER
from amends.monitor.services.findings import BROKEN as STAGES_BROKEN
from amends.policy.scratch import know
from amends.recover.core import priority
from amends.recover.core.correcting import FACT
from amends.recover.core.leaving import cost_at_opening_sql, urgency_sql
from amends.recover.core.plan import facts_shared, facts_that_decide, facts_told
from amends.recover.services.locale_defaults import locale_default_fact

BROKEN = str(STAGES_BROKEN)  # as SQL; a mere risk and an averted one hit nobody yet
OF_CUSTOMER = {
    "tier": "to_jsonb(nullif(customer.tier, ''))",
    "vulnerable": "to_jsonb(customer.vulnerable)",
    "prior_failures": "to_jsonb(coalesce(prior.failures, 0))",
}
SEVERITY_WORD = "case {column} " + " ".join(f"when {n} then '{word}'" for n, word in SEVERITY_NAMES.items()) + " end"
JUDGED = ("kind", "severity", "responsible", "controllable", "stable")  # what plans rest on and people judge
PRIORITY = f"""
    {priority.SEVERITY_WEIGHT} * gravest.severity
    + {priority.VULNERABLE_WEIGHT} * customer.vulnerable::int
    + {priority.WATCH_WEIGHT} * (coalesce(customer.watch_until > merged.opened_at, false))::int
    + {priority.PRIOR_WEIGHT} * least(coalesce(prior.failures, 0), {priority.PRIOR_MOST})
    + {priority.VALUE_WEIGHT} * log((1 + greatest(customer.value, 0))::double precision)
"""


def gather(cursor: Any, pack: Blueprint, *, scope: str, own: int, zone: str, told_at: datetime | None = None) -> None:
    """Make the table `opening` for the incidents and customers in the table `scope`.

    Each row has its classes: equal `class_no`, equal plan; equal `told_no`, equal words about what happened. Where a
    person judged the case, its `class` is as they judged it, and `found` as the facts have it.

    Args:
        cursor: of the transaction.
        pack: says what matters.
        scope: the table's name.
        own: from which severity on somebody has a case.
        zone: of the company.
        told_at: when the customers themselves told of it: what is promised to them counts from then; None: they
            did not, and it counts from when it was found.
    """
    deciding, told = facts_that_decide(pack) - set(DECISION_FACTS), facts_told(pack) - set(DECISION_FACTS)
    shared = facts_shared(pack)
    every = sorted((deciding | told | shared) & set(pack.taxonomy.facts))
    _put_right(cursor, scope)
    _keep_said(cursor, scope)
    cursor.execute(
        f"""
        create temp table hit on commit drop as
        with failing as materialized (
            select * from monitor_failure
            where incident_id in (select incident_id from {scope}) and stage in {BROKEN}
        )
        select failure.incident_id, affected.customer_id, affected.failure_id, affected.severity, failure.kind,
            failure.subject, failure.unit_id, failure.responsible, failure.controllable, failure.stable,
            failure.stage_at, failure.found_at, failure.attribution_why_id,
            greatest(failure.stage_at, affected.named_at) as counts_from,
            failure.facts || affected.facts || coalesce(put_right.facts, '{{}}') as facts,
            row_number() over (
                partition by failure.incident_id, affected.customer_id
                order by affected.severity desc, failure.stage_at, failure.id
            ) as rank
        from failing as failure join monitor_affected as affected on affected.failure_id = failure.id
        join {scope} as scope
            on scope.incident_id = failure.incident_id and scope.customer_id = affected.customer_id
        left join put_right
            on put_right.incident_id = scope.incident_id and put_right.customer_id = scope.customer_id
        """
    )
    cursor.execute("drop table put_right")
    know(cursor, "hit")
    _count_earlier(cursor, own)
    money = _money(cursor, pack)
    merged = "".join(f", {_worst(name, pack, apart=bool(money))} as fact_{place}" for place, name in enumerate(every))
    every_fact = [(name, OF_CUSTOMER.get(name, f"merged.fact_{place}")) for place, name in enumerate(every)]
    there = [(f"has_{name}", f"to_jsonb(merged.fact_{every.index(name)} is not null)") for name in sorted(shared)]
    deciding_facts = [pair for pair in every_fact if pair[0] in deciding]

    def of_class(decision_facts: list[tuple[str, str]]) -> str:
        return f"{_object([*decision_facts, *deciding_facts])} || {_object(there)}"

    leaving = cost_at_opening_sql(
        pack.economics, value="customer.value", severity="gravest.severity", inside="customer.staff_id is not null"
    )
    cursor.execute(
        f"""
        create temp table opening on commit drop as
        select opening.*,
            dense_rank() over (order by opening.class, opening.found) as class_no,
            dense_rank() over (order by opening.kind, opening.subject, opening.told) as told_no,
            existing.id is null as is_new,
            coalesce(existing.id, nextval('recover_case_id_seq')) as case_id
        from (
            select gravest.incident_id, gravest.customer_id, gravest.failure_id, gravest.severity, gravest.kind,
                gravest.subject, gravest.unit_id, gravest.responsible, gravest.controllable,
                gravest.attribution_why_id as cause_id, merged.opened_at, customer.locale,
                {_object(every_fact)} as facts,
                {of_class(_decision_facts(pack, judged=True))} as class,
                case when said.case_id is not null then {of_class(_decision_facts(pack, judged=False))} end as found,
                {_object([pair for pair in every_fact if pair[0] in told])} as told,
                {PRIORITY} + {urgency_sql(leaving)} as priority, {leaving} as leaving
            from (
                select * from hit where rank = 1 and severity >= %(own)s
            ) as gravest
            join people_customer as customer on customer.id = gravest.customer_id
            join (
                select incident_id, customer_id,
                    greatest(min(counts_from) filter (where severity >= %(own)s), %(told_at)s::timestamptz)
                        as opened_at{merged}
                from (select *{money} from hit) as hit group by 1, 2
            ) as merged using (incident_id, customer_id)
            left join prior using (incident_id, customer_id)
            left join said using (incident_id, customer_id)
        ) as opening
        left join recover_case as existing using (customer_id, incident_id)
        """,
        {
            "own": own,
            "told_at": told_at,
            "zone": zone,
            "economic": [kind.id for kind in pack.taxonomy.kinds.values() if kind.loss == "outcome"],
        },
    )
    know(cursor, "opening")
    cursor.execute("drop table prior, said")


def _put_right(cursor: Any, scope: str) -> None:
    """Make the table `put_right`: the facts that people corrected in cases that are there, each as it stands now."""
    cursor.execute(
        f"""
        create temp table put_right on commit drop as
        select incident_id, customer_id, jsonb_object_agg(name, value) as facts
        from (
            select distinct on (cases.id, edit.after ->> 'name') cases.incident_id, cases.customer_id,
                edit.after ->> 'name' as name, edit.after -> 'value' as value
            from {scope} as scope
            join recover_case as cases
                on cases.incident_id = scope.incident_id and cases.customer_id = scope.customer_id
            join recover_edit as edit on edit.case_id = cases.id and edit.aspect = '{FACT}'
            order by cases.id, edit.after ->> 'name', edit.id desc
        ) as latest
        group by 1, 2
        """
    )
    know(cursor, "put_right")


def _keep_said(cursor: Any, scope: str) -> None:
    """Make the table `said`: what people judged, of that which plans rest on, in cases that are there."""
    cursor.execute(
        f"""
        create temp table said on commit drop as
        select cases.incident_id, cases.customer_id, said.case_id, nullif(said.kind, '') as kind, said.severity,
            nullif(said.responsible, '') as responsible, said.controllable, said.stable
        from {scope} as scope
        join recover_case as cases
            on cases.incident_id = scope.incident_id and cases.customer_id = scope.customer_id
        join recover_assessment as said on said.case_id = cases.id
        """
    )
    know(cursor, "said")


def _count_earlier(cursor: Any, own: int) -> None:
    """Make the table `prior`: how many other subjects failed these customers lately; those whom none did are left out.

    It has an index, for the planner can't guess how few rows remain where it is looked up.
    """
    cursor.execute(
        f"""
        create temp table prior on commit drop as
        select hit.incident_id, hit.customer_id, count(distinct before.subject) as failures
        from hit join monitor_affected as past on past.customer_id = hit.customer_id
        join monitor_failure as before on before.id = past.failure_id
        where hit.rank = 1 and hit.severity >= %s and {EARLIER.format(now="hit")}
        group by 1, 2;
        create index on prior (incident_id, customer_id)
        """,
        [own],
    )


def epochs(pack: Blueprint) -> list[str]:
    """The days on which some tariff begins or has just ended: between two of them the tariffs in force are the same."""
    days = {tariff.effective_from for tariff in pack.tariffs}
    days |= {next_day(tariff.effective_to) for tariff in pack.tariffs if tariff.effective_to is not None}
    return [day.isoformat() for day in sorted(days)]


def next_day(day: Any) -> Any:
    """The day after."""
    return day.fromordinal(day.toordinal() + 1)


def _decision_facts(pack: Blueprint, *, judged: bool) -> list[tuple[str, str]]:
    of = {name: f"coalesce(said.{name}, gravest.{name})" if judged else f"gravest.{name}" for name in JUDGED}
    boundaries = ", ".join(f"'{day}'::date" for day in epochs(pack))
    day = "(gravest.stage_at at time zone %(zone)s)::date"
    loss = f"case when {of['kind']} = any(%(economic)s) then 'outcome' else 'process' end"
    return [
        ("kind", f"to_jsonb({of['kind']})"),
        ("loss", f"to_jsonb({loss})"),
        ("severity", f"to_jsonb({SEVERITY_WORD.format(column=of['severity'])})"),
        ("responsible", f"to_jsonb({of['responsible']})"),
        ("controllable", f"to_jsonb({of['controllable']})"),
        ("stable", f"to_jsonb({of['stable']})"),
        (
            "tariff_epoch",
            f"to_jsonb(width_bucket({day}, array[{boundaries}]::date[]))" if boundaries else "to_jsonb(0)",
        ),
        *locale_default_fact(pack),
    ]


def _currency(pack: Blueprint) -> str:
    return f"coalesce(nullif(facts ->> '{CURRENCY}', ''), '{pack.currency}')"


def _money(cursor: Any, pack: Blueprint) -> str:
    """As a column in SQL, in which currency the sums of a customer's failures are held against each other; empty where
    all are in the pack's."""
    sums, own = sorted(pack.taxonomy.sums), _currency(pack)
    cursor.execute(f"select exists (select from hit where facts ? '{CURRENCY}' and {own} <> '{pack.currency}')")
    if not sums or not cursor.fetchone()[0]:
        return ""
    named = ", ".join(f"'{name}'" for name in sums)
    return f""", first_value({own}) over (
        partition by incident_id, customer_id
        order by facts ?| array[{named}] desc, {own} = '{pack.currency}', rank) as money"""


def _worst(name: str, pack: Blueprint, *, apart: bool) -> str:
    """The SQL aggregate that joins one fact of several failures of one customer; `apart`: of sums those in `money`."""
    kind = pack.taxonomy.facts[name].type
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name of a fact")
    if kind == "number":
        of_money = f" and {_currency(pack)} = money" if apart and name in pack.taxonomy.sums else ""
        counted = f"jsonb_typeof(facts -> '{name}') = 'number'{of_money}"
        return f"to_jsonb(max((facts -> '{name}')::numeric) filter (where {counted}))"
    if apart and name == CURRENCY:
        return f"to_jsonb(min(money) filter (where facts ->> '{CURRENCY}' = money))"
    if kind == "boolean":
        boolean = f"filter (where jsonb_typeof(facts -> '{name}') = 'boolean')"
        return f"to_jsonb(bool_or((facts -> '{name}')::boolean) {boolean})"
    return (
        f"(array_agg(facts -> '{name}' order by rank)"
        f" filter (where jsonb_typeof(facts -> '{name}') = 'string' and facts ->> '{name}' <> ''))[1]"
    )


def _object(members: Iterable[tuple[str, str]]) -> str:
    """A JSON object of what is not null. Its names come from a checked pack."""
    pairs = ", ".join(f"'{name}', {value}" for name, value in members)
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))" if pairs else "'{}'::jsonb"

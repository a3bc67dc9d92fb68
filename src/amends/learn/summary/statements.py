"""The statements that make the summary, in the order in which they run, one transaction for all.

Each step lands in a temporary table that is analysed at once: the planner then knows how many rows it has, for one day
as for all. `%(days)s` is the list of local days to make, or null for all of them. The rule by which a case is weighed
is not here: learn/core/loyalty.py gives the weight of every class, and a case finds its class by key.
"""

from typing import Final

DATED: Final = """
    select f.*,
           (coalesce(f.opened_at, f.found_at) at time zone %(zone)s)::date as day,
           extract(hour from coalesce(f.due, f.found_at) at time zone %(zone)s)::int as hour
    from monitor_failure f where not f.confidential
"""

FAILURES: Final = f"""
create temporary table summary_failure on commit drop as
select id, day, hour, unit_id, kind, step, responsible, stage, controllable, stable, incident_id, joined_id
from ({DATED}) f
where %(days)s::date[] is null or day = any(%(days)s::date[])
"""

# every case that may stand on these days, with the cell of its gravest failure
CASES: Final = f"""
create temporary table summary_case on commit drop as
select * from (
    select distinct on (cf.case_id)
           cf.case_id, f.day, f.hour, f.unit_id, f.kind, f.step, f.responsible,
           c.customer_id, c.state, c.is_open
    from recover_casefailure cf
    join ({DATED}) f on f.id = cf.failure_id
    join recover_case c on c.id = cf.case_id
    where cf.case_id in (select case_id from recover_casefailure join summary_failure s on s.id = failure_id)
      and (cf.moved_to_id is null or c.state = 'merged')
    order by cf.case_id, f.severity desc, f.found_at, f.id
) placed
where %(days)s::date[] is null or day = any(%(days)s::date[])
"""

# messages of an incident's response stand where the gravest stands of the failures that were born or joined there: one
# that was split off, or that a person made of several, has none born into it
INCIDENTS: Final = f"""
create temporary table summary_incident on commit drop as
select * from (
    select distinct on (f.thread) f.thread as incident_id, f.day, f.hour, f.unit_id, f.kind, f.step, f.responsible
    from (
        select born.*, born.incident_id as thread from ({DATED}) born
        where born.incident_id in (select incident_id from summary_failure union select joined_id from summary_failure)
        union all
        select came.*, came.joined_id from ({DATED}) came
        where came.joined_id in (select incident_id from summary_failure union select joined_id from summary_failure)
    ) f
    order by f.thread, f.severity desc, f.found_at, f.id
) placed
where %(days)s::date[] is null or day = any(%(days)s::date[])
"""

# a customer leaves once, so their other cases matter too
CUSTOMERS_CASES: Final = """
create temporary table summary_history on commit drop as
select c.id as case_id, c.customer_id, c.opened_at, c.state
from recover_case c
where c.customer_id in (select customer_id from summary_case)
"""

# a step that was left out or refused and begun anew is there twice, and is worth what it is worth once
_AGAIN: Final = """
    a.state in ('skipped', 'refused') and exists (
        select from recover_action other
        where other.case_id = a.case_id and other.id <> a.id
          and split_part(other.step, '@', 1) = split_part(a.step, '@', 1)
          and (other.state not in ('skipped', 'refused') or other.id > a.id))
"""

ACTIONS: Final = f"""
create temporary table summary_action on commit drop as
select a.case_id,
       count(*) as actions,
       count(*) filter (where a.state = 'done') as actions_done,
       coalesce(sum(m.minutes) filter (where a.state = 'done' and a.performer <> 'automatic'), 0) as minutes,
       coalesce(sum(a.amount) filter (where a.currency = %(currency)s and not ({_AGAIN})), 0) as loss,
       case when bool_and(a.phase <> 'immediate' or a.state in ('done', 'refused', 'skipped'))  -- none is owed still
            then max(a.done_at) filter (where a.phase = 'immediate' and a.state = 'done') end as made_good_at
from summary_history h
join recover_action a on a.case_id = h.case_id
left join unnest(%(action_kinds)s::text[], %(action_minutes)s::numeric[]) as m(kind, minutes) on m.kind = a.kind
group by a.case_id
"""

WEIGHED: Final = """
create temporary table summary_weighed on commit drop as
select h.case_id, h.customer_id, h.opened_at, w.leaves, w.dissatisfied,
       case when u.value > 0 and u.currency = %(currency)s then u.value else %(default_value)s end as value,
       (u.value > 0 and u.currency = %(currency)s) is not true as valued_by_default,
       -- the chance that none of the earlier cases has driven them away
       exp(coalesce(sum(ln(greatest(1 - w.leaves, 1e-9))) over (
           partition by h.customer_id order by h.opened_at, h.case_id
           rows between unbounded preceding and 1 preceding), 0)) as still_here
from summary_history h
join people_customer u on u.id = h.customer_id
left join summary_action a on a.case_id = h.case_id
left join recover_outcome o on o.case_id = h.case_id and o.source <> 'staff'  -- what colleagues think is no answer
join unnest(%(class_keys)s::text[], %(class_leaves)s::float8[], %(class_dissatisfied)s::float8[])
     as w(key, leaves, dissatisfied)
  on w.key = concat_ws('|',
       greatest(1, width_bucket(coalesce(a.loss, 0), %(loss_from)s::numeric[])),
       coalesce(o.accepted::text, '-'), coalesce(o.satisfaction_after::text, '-'),
       coalesce(o.stays::text, '-'), coalesce(o.told_others::text, '-'),
       coalesce(a.made_good_at - h.opened_at <= %(quick_within)s::interval, false)::text)
where h.state not in ('withdrawn', 'merged')
  and u.staff_id is null  -- our own people do not leave as customers do
"""

# what people recorded themselves; where they recorded nothing, the minutes that the pack assumes for each action count
TIME: Final = """
create temporary table summary_time on commit drop as
select t.case_id, sum(t.minutes) as minutes
from summary_case c join recover_timespent t on t.case_id = c.case_id
group by t.case_id
"""

MESSAGES: Final = """
create temporary table summary_message on commit drop as
select about, about_id, count(*) as messages
from (select 'case' as about, case_id as about_id from summary_case
      union all select 'incident', incident_id from summary_incident) threads
join channels_message m on m.thread = about || ':' || about_id
where m.direction = 'out' and m.state <> 'failed'
group by about, about_id
"""

# a reversal is of one line of the same case: neither of the two was given
REMEDIES: Final = """
create temporary table summary_remedy on commit drop as
select r.case_id, r.currency, count(*) - 2 * count(r.reverses_id) as remedies, sum(r.amount) as amount
from summary_case c join recover_remedy r on r.case_id = c.case_id
group by r.case_id, r.currency
"""

CELL: Final = "day, hour, unit_id, kind, step, responsible"

_BROKEN: Final = "f.stage not in ('at_risk', 'averted')"

COUNTS: Final = (
    *("findings", "failures", "at_risk", "averted", "controllable", "stable", "affected"),
    *("cases", "cases_open", "cases_made_good", "cases_closed", "plans", "actions", "actions_done", "messages"),
    *("remedies", "remedy_amount", "minutes", "value_lost", "tellers", "weighed", "valued_by_default"),
    *(
        "outcomes",
        "simulated",
        "accepted",
        "accepted_by_staff",
        "before_sum",
        "before_count",
        "after_sum",
        "after_count",
    ),
)

# what each of the three sources counts; what it does not name is 0
_OF_FAILURES: Final = {
    "findings": "coalesce(n.findings, 0)",
    "failures": f"({_BROKEN})::int",
    "at_risk": "(f.stage = 'at_risk')::int",
    "averted": "(f.stage = 'averted')::int",
    "controllable": f"({_BROKEN} and f.controllable)::int",
    "stable": f"({_BROKEN} and f.stable)::int",
    "affected": f"case when {_BROKEN} then coalesce(h.affected, 0) else 0 end",
}
# what was given, written and spent in a case that was merged stays counted; the case and its open work are the other's
_OWN: Final = "c.state <> 'merged'"
# what the customer said themselves (a demo: whom the simulation plays), and a yes that nothing later took back
_SAID: Final = f"{_OWN} and o.source <> 'staff'"
_STANDS: Final = "o.accepted and c.state in ('made_good', 'closed')"
_OF_CASES: Final = {
    "cases": f"({_OWN})::int",
    "cases_open": "(c.is_open and c.state <> 'made_good')::int",
    "cases_made_good": "(c.state = 'made_good')::int",
    "cases_closed": "(c.state = 'closed')::int",
    "plans": f"(p.id is not null and {_OWN})::int",
    "actions": f"coalesce(case when {_OWN} then a.actions else a.actions_done end, 0)",
    "actions_done": "coalesce(a.actions_done, 0)",
    "messages": "coalesce(m.messages, 0)",
    "remedies": "coalesce(r.remedies, 0)",
    "remedy_amount": "coalesce(r.amount, 0)",
    "minutes": "coalesce(t.minutes, a.minutes, 0)",
    "value_lost": "coalesce(w.value * %(baseline)s * w.leaves * w.still_here, 0)",
    "tellers": "coalesce(w.dissatisfied * w.still_here, 0)",
    "weighed": "(w.case_id is not null)::int",
    "valued_by_default": "coalesce(w.valued_by_default, false)::int",
    "outcomes": f"({_OWN} and o.id is not null)::int",
    "simulated": f"({_OWN} and o.source = 'simulated')::int",
    "accepted": f"({_SAID} and {_STANDS})::int",
    "accepted_by_staff": f"({_OWN} and o.source = 'staff' and {_STANDS})::int",
    "before_sum": f"case when {_SAID} then o.satisfaction_before end",
    "before_count": f"({_SAID} and o.satisfaction_before is not null)::int",
    "after_sum": f"case when {_SAID} then o.satisfaction_after end",
    "after_count": f"({_SAID} and o.satisfaction_after is not null)::int",
}
_OF_INCIDENTS: Final = {"messages": "m.messages"}


def _counted(counts: dict[str, str]) -> str:
    return ", ".join(f"coalesce(({counts.get(name, '0')})::float8, 0) as {name}" for name in COUNTS)


_SUMS: Final = ", ".join(f"sum({name})" for name in COUNTS)

CELLS: Final = f"""
insert into learn_summarycell ({CELL}, {", ".join(COUNTS)})
select {CELL}, {_SUMS}
from (
    select {CELL}, {_counted(_OF_FAILURES)}
    from summary_failure f
    left join (select failure_id, count(*) as findings from monitor_finding
               where failure_id in (select id from summary_failure) group by failure_id) n on n.failure_id = f.id
    left join (select failure_id, count(*) as affected from monitor_affected
               where failure_id in (select id from summary_failure) group by failure_id) h on h.failure_id = f.id
  union all
    select {", ".join(f"c.{name}" for name in CELL.split(", "))}, {_counted(_OF_CASES)}
    from summary_case c
    left join recover_plan p on p.case_id = c.case_id
    left join summary_action a on a.case_id = c.case_id
    left join summary_time t on t.case_id = c.case_id
    left join summary_message m on m.about = 'case' and m.about_id = c.case_id
    left join (select case_id, sum(remedies) as remedies, sum(amount) filter (where currency = %(currency)s) as amount
               from summary_remedy group by case_id) r on r.case_id = c.case_id
    left join summary_weighed w on w.case_id = c.case_id
    left join recover_outcome o on o.case_id = c.case_id
  union all
    select {CELL}, {_counted(_OF_INCIDENTS)}
    from summary_incident
    join summary_message m on m.about = 'incident' and m.about_id = incident_id
) counted
group by {CELL}
"""

REMEDY_DAYS: Final = """
insert into learn_summaryremedies (day, unit_id, kind, step, responsible, currency, remedies, amount)
select c.day, c.unit_id, c.kind, c.step, c.responsible, r.currency, sum(r.remedies), sum(r.amount)
from summary_remedy r join summary_case c on c.case_id = r.case_id
group by 1, 2, 3, 4, 5, 6
"""

FORGET: Final = tuple(
    f"delete from {table} where %(days)s::date[] is null or day = any(%(days)s::date[])"
    for table in ("learn_summarycell", "learn_summaryremedies")
)

STEPS: Final = (
    ("summary_failure", FAILURES),
    ("summary_case", CASES),
    ("summary_incident", INCIDENTS),
    ("summary_history", CUSTOMERS_CASES),
    ("summary_action", ACTIONS),
    ("summary_weighed", WEIGHED),
    ("summary_time", TIME),
    ("summary_message", MESSAGES),
    ("summary_remedy", REMEDIES),
)

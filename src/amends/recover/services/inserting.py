"""Rows of what was decided: cases, plans, actions and clocks, each by one INSERT … SELECT.

A row is inserted in the state to which legal moves lead from the initial one within this very act.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import MINOR_UNITS
from amends.policy.models import BlueprintVersion
from amends.policy.scratch import know
from amends.recover.core.action import ACTION
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK, deadlines, due_time
from amends.recover.core.leaving import wakes_first
from amends.recover.core.plan import Decision
from amends.recover.core.step_names import ANEW
from amends.recover.moves import next_state, reached, states_with
from amends.recover.search import KNOWN
from amends.recover.services.repairing import promise_repair

PLANNED = ACTION.initial
SCHEDULED = reached(ACTION, "schedule")
READY = reached(ACTION, "release")
WAITING = reached(ACTION, "ask")
OPENED = reached(CASE, "plan")


def keep_times(cursor: Any, decided: Mapping[int, Decision], pack: Blueprint, *, now: datetime) -> None:
    """Work out clocks and due times once for each playbook and moment of finding, due times for the present, too:
    `clock_time` and `due_time`.

    Round-the-clock due times of actions need no row: SQL adds them up itself.
    """
    playbooks = {decision.playbook: decision.clocks for decision in decided.values()}
    rules = {step.due for decision in decided.values() for step in decision.steps if step.due.calendar != "always"}
    cursor.execute("select distinct playbook, opened_at from opening join decided using (class_no)")
    moments = cursor.fetchall()
    cursor.execute(
        """
        create temp table clock_time (playbook text, opened_at timestamptz, kind text, due_at timestamptz,
            wake_at timestamptz, owner text, escalate_to text) on commit drop;
        create temp table due_time (calendar text, within interval, opened_at timestamptz, due_at timestamptz) on
        commit drop
        """
    )
    with cursor.copy("copy clock_time from stdin") as copy:
        for playbook, opened_at in moments:
            for deadline in deadlines(playbooks[playbook], opened_at, pack.calendars):
                wake_at = wakes_first(deadline, opened_at, pack.economics)
                copy.write_row(
                    (playbook, opened_at, deadline.kind, deadline.due_at, wake_at, deadline.owner, deadline.escalate_to)
                )
    with cursor.copy("copy due_time from stdin") as copy:
        for opened_at in {now, *(opened_at for _, opened_at in moments)}:
            for rule in rules:
                copy.write_row((rule.calendar, rule.within, opened_at, due_time(rule, opened_at, pack.calendars)))
    know(cursor, "clock_time", "due_time")


def insert_cases(cursor: Any, version: BlueprintVersion) -> int:
    """The cases that are not there yet, and which failures each of all of them makes good."""
    cursor.execute(
        f"""
        insert into recover_case (id, customer_id, incident_id, unit_id, subject, kind, severity, responsible,
            controllable,
            facts, what_happened_id, cause_id, state, is_open, priority, leaving, opened_at, next_due, version,
            blueprint_id, confidential)
        select case_id, customer_id, incident_id, unit_id, subject, kind, severity, responsible, controllable,
            facts, told_words.why_id, cause_id, '{OPENED}', true, priority, leaving, opened_at, first.due_at, 1, %s,
            coalesce((
                select incident.confidential from monitor_incident as incident where incident.id = incident_id), false)
        from opening
        join told_words using (told_no)
        join decided using (class_no)
        join (select playbook, opened_at, min(due_at) as due_at from clock_time group by 1, 2) as first
            using (playbook, opened_at)
        where is_new order by case_id
        """,
        [version.pk],
    )
    cases = int(cursor.rowcount)
    cursor.execute(
        """
        insert into recover_casefailure (case_id, failure_id)
        select opening.case_id, hit.failure_id from opening join hit using (incident_id, customer_id)
        on conflict (case_id, failure_id) do nothing
        """
    )
    if cases:
        cursor.execute(
            f"""
            insert into recover_casesearch (case_id, words)
            select cases.id, {KNOWN}
            from (select case_id as id, customer_id, subject from opening where is_new) as cases
            join people_customer as customer on customer.id = cases.customer_id order by cases.id
            """
        )
        cursor.execute(
            """
            insert into recover_plan (case_id, playbook, strategy, revision, why_id, created_at, blueprint_id)
            select case_id, playbook, strategy, 1, why_id, opened_at, %s from opening join decided using (class_no)
            where is_new order by case_id
            """,
            [version.pk],
        )
        cursor.execute(
            f"""
            insert into recover_clock (case_id, kind, state, started_at, due_at, wake_at, owner, escalate_to)
            select case_id, clock_time.kind, '{CLOCK.initial}', opened_at, due_at, wake_at, owner, escalate_to
            from opening join decided using (class_no) join clock_time using (playbook, opened_at)
            where is_new order by case_id
            """
        )
    return cases


def worth_sql(pack: Blueprint) -> str:
    """What a row `step` of `decided_step` gives to a row of `opening`, in SQL; null: nothing, or a person says it."""
    digits = " ".join(
        f"when '{currency}' then {MINOR_UNITS[currency]}" for currency in {t.currency for t in pack.tariffs}
    )
    return f"""
        case when step.fixed is not null or step.share_of is not null then
            round(least(greatest(
                coalesce(step.fixed, (opening.facts ->> step.share_of)::numeric * step.percent / 100),
                step.at_least), step.at_most), case step.currency {digits} else 2 end)
        end"""


SAME_REMEDY: Final = f"""
    (split_part(there.step, '{ANEW}', 1) = step.step
        or there.tariff = step.tariff and step.tariff <> '' and not exists (select from decided_step as called
        where called.class_no = step.class_no and called.step = split_part(there.step, '{ANEW}', 1)))
"""  # whether the action `there` gives what a `step` gives, if under another name as its playbook was another, in SQL
AUTHORITY: Final = """
    case when planned.amount is null then ''
        else coalesce((
            select role from level
            where planned.kind = any(level.may) and level.currency = planned.currency
                and planned.amount <= least(per_case, per_customer, per_period)
            order by place limit 1), '') end
"""  # the lowest role whose authority covers a row of `planned`, in SQL


def plan_work(cursor: Any, pack: Blueprint) -> None:
    """Make the table `work`: every action that a case should have and has not, with its times and its own amount.
    What is `there` already and only gives more, `growing.py` adds.

    A follow-up comes no sooner than half its time has passed, so that the customer has seen what was done.
    """
    cursor.execute(
        f"""
        create temp table work on commit drop as
        select nextval('recover_action_id_seq') as id, planned.*,
            {AUTHORITY} as authority,
            null::text as beyond, false as there
        from (
            select opening.case_id, opening.customer_id, opening.unit_id, opening.is_new, step.*,
                case phase when 'immediate' then opened_at else opened_at + (times.due_at - opened_at) / 2 end as
                    ready_at,
                times.due_at,
                {worth_sql(pack)} as amount
            from opening
            join decided_step as step using (class_no)
            left join due_time using (calendar, within, opened_at)
            cross join lateral (select coalesce(due_time.due_at, opened_at + step.within) as due_at) as times
            where opening.is_new or not exists (
                select from recover_action as there where there.case_id = opening.case_id and (there.step = step.step
                    or step.tariff <> '' and there.tariff = step.tariff and {SAME_REMEDY}))
            order by opening.case_id, step.place
        ) as planned
        where amount is null or amount > 0
        """
    )
    know(cursor, "work")


def insert_work(cursor: Any) -> list[int]:
    """The actions; those that are ready for the system itself are returned, in order.

    What asks the customer how it went waits until our part is done; other later steps, such as the news that we
    promised,
    wait for their time only.
    """
    cursor.execute(
        f"""
        insert into recover_action (id, plan_id, case_id, step, kind, phase, performer, channel, template, remedy,
            amount,
            currency, tariff, authority, justice, why_id, state, ready_at, due_at, note)
        select work.id, plan.id, case_id, step, kind, phase, performer, channel, template, remedy, amount,
            currency, tariff, authority, justice, work.why_id,
            case when kind = 'follow_up' and phase = 'follow_up' then '{PLANNED}'
                when phase = 'follow_up' then '{SCHEDULED}' when beyond is not null then '{WAITING}' else '{READY}' end,
            ready_at, due_at, ''
        from work join recover_plan as plan using (case_id) where not work.there order by work.id
        """
    )
    cursor.execute(
        "select id from work where performer = 'automatic' and beyond is null and phase <> 'follow_up' order by id"
    )
    return [row[0] for row in cursor.fetchall()]


def revise(cursor: Any, *, now: datetime) -> int:
    """Cases that were there and got more work: their plan is revised, they look as their gravest failure does now.

    What was finished is owed again, and promised anew; not where all that is more is a later step's sum.
    """
    cursor.execute("select distinct case_id from work where not is_new order by 1")
    ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    cursor.execute("update recover_plan set revision = revision + 1 where case_id = any(%s)", [ids])
    cursor.execute(
        "select distinct case_id from work where not is_new and not (there and phase = 'follow_up') order by 1"
    )
    again = [row[0] for row in cursor.fetchall()]
    back = {"reopen": states_with(CASE, "reopen"), "resume": ("awaiting_customer", "made_good")}
    cursor.execute(
        "select id from recover_case where id = any(%s) and state = any(%s) order by id",
        [again, [*back["reopen"], *back["resume"]]],
    )
    finished = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        f"""
        update recover_case as old set severity = opening.severity, kind = opening.kind, subject = opening.subject,
            facts = opening.facts, responsible = opening.responsible, controllable = opening.controllable,
            what_happened_id = told_words.why_id, cause_id = opening.cause_id, priority = opening.priority,
            leaving = opening.leaving,
            version = old.version + 1,
            is_open = old.is_open or old.id = any(%(again)s),
            closed_at = case when old.id = any(%(again)s) then null else old.closed_at end,
            state = case when old.id <> all(%(again)s) then old.state
                when old.state = any(%(reopen)s) then {next_state(CASE, "reopen", column="old.state")}
                when old.state = any(%(resume)s) then {next_state(CASE, "resume", column="old.state")}
                else old.state end
        from opening join told_words using (told_no)
        where old.id = opening.case_id and old.id = any(%(ids)s)
        """,
        {"ids": ids, "again": again, "reopen": list(back["reopen"]), "resume": list(back["resume"])},
    )
    promise_repair(cursor, finished, now=now)
    return len(ids)

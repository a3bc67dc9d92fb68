"""Open the cases that incidents call for, with plans, actions, clocks and approvals: a few statements for any number
of them.

A plan is decided once for each class of equal facts and joined back. Called again after more failures have joined, it
opens the cases that are missing and adds to the others what is missing; what was done stays done.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITIES
from amends.monitor.models import Affected
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.acting import acting
from amends.recover.core.plan import Decision, plan_for, what_happened
from amends.recover.queue import CHUNK, defer_carry_out, defer_watch
from amends.recover.services.assessing import keep_judgements, remember_judged
from amends.recover.services.authorising import ask_leave, hold_back, keep_levels
from amends.recover.services.candidates import BROKEN, epochs, gather
from amends.recover.services.deciding import keep_decisions, keep_told
from amends.recover.services.growing import grow, take_sums
from amends.recover.services.inserting import insert_cases, insert_work, keep_times, plan_work, revise
from amends.recover.services.opening_inside import circle_for, let_in, split_inside, waiting_inside, waits
from amends.recover.services.recharging import open_claims
from amends.recover.services.refreshing import show_as_known
from amends.recover.services.responding import respond

_OPENING = 7_201_306  # advisory lock: one opening at a time
AT_ONCE = 20_000  # customers a round: bounds the memory of this process and of the database's


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What one call led to."""

    cases: int = 0
    actions: int = 0
    approvals: int = 0
    revised: int = 0  # cases that were there and got more actions
    responses: int = 0  # incidents whose lightly hit customers are being told

    def __add__(self, other: "Opened") -> "Opened":
        return Opened(
            cases=self.cases + other.cases,
            actions=self.actions + other.actions,
            approvals=self.approvals + other.approvals,
            revised=self.revised + other.revised,
            responses=self.responses + other.responses,
        )


def open_cases(incident_ids: Sequence[int], *, now: datetime) -> Opened:
    """Open or extend the cases of these incidents, and answer the lightly hit; in one transaction, safe to repeat. What
    is between colleagues opens after that, case by case.

    Args:
        incident_ids: incidents that failures have joined.
        now: when approvals are asked for and responses are made; a case itself opens when its failure was found.
    """
    if not incident_ids:
        return Opened()
    version = version_in_force(deployment().blueprint_name)
    pack = blueprint_of(version.pk)
    with acting("open_cases"), connection.cursor() as cursor:
        # two at once: the second waits, then sees the first's cases. Not the incidents are locked: this may take
        # seconds, and the monitor goes on counting what joins them
        cursor.execute("select pg_advisory_xact_lock(%s)", [_OPENING])
        incident_ids, inside = split_inside(incident_ids)
        _scope(cursor, incident_ids, pack, version)
        total = _open_scope(cursor, pack, version, own=SEVERITIES[pack.cases.own_case_from], now=now)
        cursor.execute("drop table scope")
        defer_watch(incident_ids if total.cases or total.revised else ())
        total += Opened(responses=respond(cursor, incident_ids, pack, version, now=now))
    for hurt in waiting_inside(inside):  # each by itself, for a flood of them is not held
        with acting("open_cases"), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_OPENING])
            if waits(hurt):
                total += _open_inside(cursor, hurt, pack, version, now=now)
    return total


def open_for(
    cursor: Any,
    incident_id: int,
    customer_id: int,
    pack: Blueprint,
    version: BlueprintVersion,
    *,
    now: datetime,
    told: bool = False,
) -> Opened:
    """Open or extend the case of one customer, however lightly they were hit; if they `told` of it, as of now."""
    cursor.execute(
        f"create temp table scope on commit drop as select hit.*, {_VERSION} as blueprint_id"
        f" from (select %s::bigint as incident_id, %s::bigint as customer_id) as hit {_THERE}",
        [version.pk, incident_id, customer_id],
    )
    opened = _open_scope(cursor, pack, version, own=min(SEVERITIES.values()), now=now, told=told)
    cursor.execute("drop table scope")
    defer_watch([incident_id])
    return opened


def _open_inside(cursor: Any, hurt: Affected, pack: Blueprint, version: BlueprintVersion, *, now: datetime) -> Opened:
    """Open the case of one employee whom colleagues failed, in confidence; none where nobody could answer it."""
    circle = circle_for(hurt, pack)
    if not circle or hurt.failure.incident_id is None:
        return Opened()
    opened = open_for(cursor, hurt.failure.incident_id, hurt.customer_id, pack, version, now=now)
    let_in(hurt, circle, now=now)
    return opened


_VERSION: Final = "coalesce(cases.blueprint_id, %s)"  # what opened a case decides what is added to it
_THERE: Final = "left join recover_case as cases using (incident_id, customer_id)"


def _open_scope(
    cursor: Any, pack: Blueprint, version: BlueprintVersion, *, own: int, now: datetime, told: bool = False
) -> Opened:
    """Open the cases of all in the table `scope`, and extend each that is there by the version that opened it."""
    total = Opened()
    for version_id in _versions(cursor, version):
        of_version = pack if version_id == version.pk else blueprint_of(version_id)
        cursor.execute(
            """
            create temp table part on commit drop as
            select incident_id, customer_id, row_number() over (order by incident_id, customer_id) as place
            from scope where blueprint_id = %s
            """,
            [version_id],
        )
        number = int(cursor.rowcount)
        total += _open_all(cursor, number, of_version, BlueprintVersion(pk=version_id), own=own, now=now, told=told)
        cursor.execute("drop table part")
    return total


def _versions(cursor: Any, version: BlueprintVersion) -> list[int]:
    """The versions that decide what is in `scope`; where one does not know a kind of failure, the present one does."""
    cursor.execute(
        f"""
        select scope.blueprint_id, failure.incident_id, array_agg(distinct failure.kind)
        from scope join monitor_failure as failure on failure.incident_id = scope.incident_id
            and failure.stage in {BROKEN}
        where scope.blueprint_id <> %s group by 1, 2
        """,
        [version.pk],
    )
    unknown = [
        (version_id, incident_id)
        for version_id, incident_id, kinds in cursor.fetchall()
        if not set(kinds) <= blueprint_of(version_id).taxonomy.kinds.keys()
    ]
    cursor.execute(
        """
        update scope set blueprint_id = %s
        from unnest(%s::bigint[], %s::bigint[]) as unknown (blueprint_id, incident_id)
        where (scope.blueprint_id, scope.incident_id) = (unknown.blueprint_id, unknown.incident_id)
        """,
        [version.pk, [row[0] for row in unknown], [row[1] for row in unknown]],
    )
    cursor.execute("select distinct blueprint_id from scope order by 1")
    return [row[0] for row in cursor.fetchall()]


def _open_all(
    cursor: Any, number: int, pack: Blueprint, version: BlueprintVersion, *, own: int, now: datetime, told: bool
) -> Opened:
    """Open the cases of all in the table `part`, round by round."""
    total = Opened()
    zone = deployment().timezone
    keep_levels(cursor, pack)
    cursor.execute("set local work_mem = '64MB'")  # a round's sorts fit, on disk they take longer than all the rest
    for start in range(0, number, AT_ONCE):
        cursor.execute(
            "create temp table round on commit drop as"
            " select incident_id, customer_id from part where place > %s and place <= %s",
            [start, start + AT_ONCE],
        )
        # whoever writes rows of a case has locked it first: the worker may be acting on those that are there already,
        # and people may be judging them
        cursor.execute(
            """
            select cases.id from recover_case as cases join round using (incident_id, customer_id)
            order by cases.id for no key update of cases
            """
        )
        gather(cursor, pack, scope="round", own=own, zone=zone, told_at=now if told else None)
        total += _open_round(cursor, pack, version, now=now)
        _know_growth(cursor)
        cursor.execute("drop table round, hit, opening")
        # check the keys now and then, so that the list of keys to check does not grow with the number of cases
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
    cursor.execute("drop table level")
    return total


def _scope(cursor: Any, incident_ids: Sequence[int], pack: Blueprint, version: BlueprintVersion) -> None:
    """The customers whom the incidents hit badly enough for a case, each with the version that decides."""
    cursor.execute(
        f"""
        create temp table scope on commit drop as
        select hit.*, {_VERSION} as blueprint_id
        from (
            select distinct failure.incident_id, affected.customer_id
            from monitor_failure as failure join monitor_affected as affected on affected.failure_id = failure.id
            where failure.incident_id = any(%s) and failure.stage in {BROKEN} and affected.severity >= %s
        ) as hit {_THERE}
        """,
        [version.pk, list(incident_ids), SEVERITIES[pack.cases.own_case_from]],
    )


def _open_round(cursor: Any, pack: Blueprint, version: BlueprintVersion, *, now: datetime) -> Opened:
    decided, by_facts = _decide(cursor, pack)
    if not decided:
        return Opened()
    keep_decisions(cursor, decided, version)
    keep_told(cursor, _told(cursor, pack), version)
    keep_times(cursor, decided, pack, now=now)
    cases = insert_cases(cursor, version)
    plan_work(cursor, pack)
    grow(cursor, decided, by_facts, pack, version, now=now)
    hold_back(cursor, "work", pack, at="ready_at")
    ready = insert_work(cursor)
    take_sums(cursor, now=now)
    approvals = ask_leave(cursor, "work", pack, version, now=now)
    remember_judged(cursor)
    revised = revise(cursor, now=now)
    keep_judgements(cursor)
    show_as_known(cursor, now=now)
    open_claims(cursor, pack)
    defer_carry_out(_ranges(ready))
    cursor.execute("select count(*) from work where not there")
    actions = cursor.fetchone()[0]
    cursor.execute("drop table decided, decided_step, told_words, clock_time, due_time, work, grown")
    return Opened(cases=cases, actions=actions, approvals=approvals, revised=revised)


def _decide(cursor: Any, pack: Blueprint) -> tuple[dict[int, Decision], dict[int, Decision]]:
    """Each class of equal facts is decided once; and once by the facts alone, where a person judged it.

    Where a person judged a case otherwise than the facts do, their judgement counts. Worth that it alone calls for is
    not given by itself: the case's page proposes it, and a person takes it over (`replanning.accept_replan`).
    """
    cursor.execute("select distinct class_no, class::text, found::text from opening order by 1")
    boundaries = epochs(pack)
    decided, by_facts = {}, {}
    for number, text, found in cursor.fetchall():
        decision = _decision(text, pack, boundaries)
        if found is not None:
            by_facts[number] = _decision(found, pack, boundaries)
            owed = {step.id for step in by_facts[number].steps if step.owed}
            steps = tuple(step for step in decision.steps if not step.owed or step.id in owed)
            decision = replace(decision, steps=steps)
        decided[number] = decision
    return decided, by_facts


def _decision(text: str, pack: Blueprint, boundaries: Sequence[str]) -> Decision:
    facts = json.loads(text)
    epoch = facts.pop("tariff_epoch")
    on = date.fromisoformat(boundaries[epoch - 1]) if epoch else date.min
    shared = {name.removeprefix("has_"): 0 for name, there in facts.items() if name.startswith("has_") and there}
    facts = {name: value for name, value in facts.items() if not name.startswith("has_")}
    # a share is reckoned later from the customer's own figure; here it counts only that there is one
    return plan_for({**shared, **facts}, pack, on=on)


def _told(cursor: Any, pack: Blueprint) -> dict[int, Any]:
    cursor.execute("select distinct told_no, kind, subject, told::text from opening")
    return {
        number: what_happened(subject, {**json.loads(told), "kind": kind}, pack)
        for number, kind, subject, told in cursor.fetchall()
    }


def _know_growth(cursor: Any) -> None:
    """Statistics that say "nearly empty" after a bulk insert lead to plans that read whole tables row by row."""
    cursor.execute(
        "select reltuples < (select count(*) from opening where is_new)"
        " from pg_class where oid = 'recover_case'::regclass"
    )
    if cursor.fetchone()[0]:
        cursor.execute("analyze recover_case, recover_plan, recover_action, recover_clock, recover_casefailure")


def _ranges(ids: Sequence[int]) -> list[tuple[int, int]]:
    return [(ids[start], ids[min(start + CHUNK, len(ids)) - 1]) for start in range(0, len(ids), CHUNK)]

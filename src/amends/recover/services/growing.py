"""A failure turned graver after its plan was made: what the tariff now gives beyond what the plan holds is owed, too.

Nothing is lowered or taken back. What a person altered, left out, refused or took back stays as they left it. No case
gets more by itself that was withdrawn or split, that goes on for another harm as well, or whose facts a person
corrected. What was given stays given: the rest is an action of its own, with a line of its own in the ledger.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from amends.kernel.blueprint import Blueprint
from amends.kernel.reason import Reason
from amends.policy.models import BlueprintVersion
from amends.policy.scratch import know
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.correcting import FACT, OF_CUSTOMER
from amends.recover.core.coverage import GIVEN_UP
from amends.recover.core.plan import Decision
from amends.recover.core.replan import Growth, Part, graver, growth
from amends.recover.core.step_names import ANEW
from amends.recover.models import CaseLink
from amends.recover.moves import move_rows, states_with
from amends.recover.services.inserting import AUTHORITY, SAME_REMEDY, worth_sql


class _Held(NamedTuple):
    """A remedy that a plan holds, and which is owed more; columns in the order of the query below."""

    case_id: int
    class_no: int
    step: str
    currency: str
    owed: Decimal
    facts: str | None  # where a person judged the case
    ids: list[int]
    states: list[str]
    amounts: list[Decimal | None]


def grow(
    cursor: Any,
    decided: Mapping[int, Decision],
    by_facts: Mapping[int, Decision],
    pack: Blueprint,
    version: BlueprintVersion,
    *,
    now: datetime,
) -> None:
    """Add to `work` what graver failures owe beyond what the plans that are there hold; the cases are locked.

    An undone action takes the higher sum and is `there`; on top of what was given comes a further action. Leave that
    was asked for less is withdrawn, and asked for anew.

    Args:
        cursor: the open cursor; `opening`, `decided_step`, `due_time`, `level` and `work` are there.
        decided: the decision of each class.
        by_facts: the same by the facts alone, where a person judged the case: worth that only the judgement calls for
            is not given by itself.
        pack: that decides, of this version.
        version: cases that another one opened stay as they are.
        now: when what is added counts as ready.
    """
    cursor.execute(
        """
        create temp table grown (case_id bigint, class_no bigint, step text, action_id bigint, instead_of bigint,
            amount numeric, held numeric, owed numeric, why_id bigint) on commit drop
        """
    )
    rows = []
    for held in _held(cursor, pack, version):
        step = next(one for one in decided[held.class_no].steps if one.id == held.step)
        owed = min(held.owed, _by_facts(held, by_facts))
        parts = [Part(id=id_, state=state, amount=amount) for id_, state, amount in zip(*held[-3:], strict=True)]
        if (more := growth(parts, owed)) is not None:
            rows.append((held, more, graver(step.why, more, held.currency)))
    if rows:
        _keep(cursor, rows, version)
        _end_asked(cursor, now)
        _add_work(cursor, now)


def take_sums(cursor: Any, *, now: datetime) -> None:
    """After `hold_back`: what is there gives its new sum, or waits for leave; and all that grew goes on record."""
    cursor.execute(
        """
        update recover_action as action set amount = work.amount, tariff = work.tariff, performer = work.performer,
            authority = work.authority, why_id = work.why_id
        from work where work.there and action.id = work.id
        """
    )
    cursor.execute("select id from work where there and beyond is not null and phase <> 'follow_up' order by id")
    move_rows(cursor, ACTION, "ask", ids=[row[0] for row in cursor.fetchall()])
    cursor.execute(
        """
        insert into recover_edit (case_id, action_id, aspect, before, after, reason, why_id, at)
        select work.case_id, work.id, 'amount', to_jsonb(grown.held::text), to_jsonb(grown.owed::text), '', work.why_id,
            %s
        from grown join work on (work.case_id, work.why_id) = (grown.case_id, grown.why_id) order by work.id
        """,
        [now],
    )


_GRAVER: Final = f"""
    ((opening.severity, opening.kind) is distinct from (cases.severity, cases.kind)
        or opening.facts - %(of_customer)s::text[] is distinct from cases.facts - %(of_customer)s::text[])
    and not cases.confidential and cases.state <> 'withdrawn'
    and not exists (
        select from recover_edit as put_right where put_right.case_id = cases.id and put_right.aspect = '{FACT}')
    and not exists (
        select from recover_caselink as link join recover_case as other on other.id = link.case_id
        where link.other_id = cases.id and (link.kind = '{CaseLink.Kind.SPLIT_FROM}' or
            link.kind = '{CaseLink.Kind.MERGED_INTO}' and (other.kind, other.subject) <> (cases.kind, cases.subject)))
"""
_AS_PLANNED: Final = """
    not exists (
        select from recover_edit as edit
        where edit.case_id = cases.id and edit.action_id = any(held.ids) and edit.by_id is not null)
    and not exists (
        select from recover_remedy as back
        where back.case_id = cases.id and back.action_id = any(held.ids) and back.reverses_id is not null)
"""  # nobody altered it or took it back


def _held(cursor: Any, pack: Blueprint, version: BlueprintVersion) -> list[_Held]:
    """The remedies that plans hold and that are owed more by now."""
    cursor.execute(
        f"""
        select cases.id, step.class_no, step.step, step.currency, {worth_sql(pack)} as owed,
            case when opening.found is not null then opening.facts::text end, held.ids, held.states, held.amounts
        from opening
        join recover_case as cases on cases.id = opening.case_id
        join recover_plan as plan on plan.case_id = cases.id and plan.blueprint_id = %(version)s
        join decided_step as step using (class_no)
        cross join lateral (
            select array_agg(there.id order by there.id) as ids, array_agg(there.state order by there.id) as states,
                array_agg(there.amount order by there.id) as amounts,
                bool_and((there.remedy, there.currency) = (step.remedy, step.currency)) as alike,
                sum(there.amount) filter (where there.state <> all(%(given_up)s)) as given
            from recover_action as there where there.case_id = cases.id and {SAME_REMEDY}
        ) as held
        where not opening.is_new and step.remedy <> '' and held.alike and {worth_sql(pack)} > held.given
            and {_GRAVER} and {_AS_PLANNED}
        order by cases.id, step.place
        """,
        {"version": version.pk, "given_up": sorted(GIVEN_UP), "of_customer": sorted(OF_CUSTOMER)},
    )
    return [_Held(*row) for row in cursor.fetchall()]


def _by_facts(held: _Held, by_facts: Mapping[int, Decision]) -> Decimal:
    """What the facts alone give, whatever a person judged."""
    if held.facts is None:
        return held.owed
    found = next(one.owed for one in by_facts[held.class_no].steps if one.id == held.step)
    if found is None or found.currency != held.currency:
        return Decimal(0)
    return found.amount(json.loads(held.facts, parse_float=Decimal)) or Decimal(0)


def _keep(cursor: Any, rows: list[tuple[_Held, Growth, Reason]], version: BlueprintVersion) -> None:
    """Fill the table `grown`."""
    explained = keep_explanations({why.digest(version.pk): why for *_, why in rows}.values(), version_id=version.pk)
    with cursor.copy("copy grown from stdin") as copy:
        for held, more, why in rows:
            why_id = explained[why.digest(version.pk)]
            copy.write_row(
                (
                    held.case_id,
                    held.class_no,
                    held.step,
                    more.action,
                    more.instead_of,
                    more.amount,
                    more.held,
                    more.given + more.amount,
                    why_id,
                )
            )
    know(cursor, "grown")


def _end_asked(cursor: Any, now: datetime) -> None:
    """Leave that was asked for less is no longer needed, nor is the action that waited for it."""
    cursor.execute("select instead_of from grown where instead_of is not null order by 1")
    ended = [row[0] for row in cursor.fetchall()]
    note = "trim(note || ' → ' || (select amount from grown where instead_of = {action}))"
    cursor.execute(
        "select id from recover_approval where action_id = any(%s) and state = any(%s) order by id",
        [ended, list(states_with(APPROVAL, "withdraw"))],
    )
    waiting = [row[0] for row in cursor.fetchall()]
    assign = f"decided_at = %s, note = {note.format(action='recover_approval.action_id')}"
    move_rows(cursor, APPROVAL, "withdraw", ids=waiting, assign=assign, params=[now])
    assign = f"done_at = %s, note = {note.format(action='recover_action.id')}"
    move_rows(cursor, ACTION, "skip", ids=ended, assign=assign, params=[now])


def _add_work(cursor: Any, now: datetime) -> None:
    cursor.execute(
        f"""
        insert into work (id, case_id, customer_id, unit_id, is_new, class_no, place, step, kind, phase, performer,
            channel, template, justice, calendar, within, tariff, remedy, currency, why_id, ready_at, due_at, amount,
            there, authority)
        select planned.*, {AUTHORITY}
        from (
            select coalesce(action.id, nextval('recover_action_id_seq')) as id, grown.case_id, opening.customer_id,
                opening.unit_id, false as is_new, step.class_no, step.place,
                coalesce(action.step, grown.step || (
                    select coalesce('{ANEW}' || nullif(count(*), 0) + 1, '') from recover_action as other
                    where other.case_id = grown.case_id and split_part(other.step, '{ANEW}', 1) = grown.step)) as step,
                coalesce(action.kind, step.kind) as kind, coalesce(action.phase, step.phase) as phase,
                case when coalesce(action.performer, 'automatic') = 'automatic' then step.performer
                    else action.performer end as performer,
                step.channel, step.template, step.justice, step.calendar, step.within, step.tariff, step.remedy,
                step.currency, grown.why_id, coalesce(action.ready_at, %(now)s) as ready_at,
                coalesce(action.due_at, due_time.due_at, %(now)s + step.within) as due_at, grown.amount,
                action.id is not null as there
            from grown
            join opening using (case_id)
            join decided_step as step on (step.class_no, step.step) = (grown.class_no, grown.step)
            left join recover_action as action on action.id = grown.action_id
            left join due_time on (due_time.calendar, due_time.within, due_time.opened_at)
                = (step.calendar, step.within, %(now)s)
            order by grown.case_id, step.place
        ) as planned
        """,
        {"now": now},
    )

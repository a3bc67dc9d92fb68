"""What should be told, and reaches the customer by no letter and no text: somebody calls them instead."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from amends.kernel.reason import Reason
from amends.kernel.repairs import REPAIRS
from amends.kernel.text import Localised
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.core.step_names import TO_CALL
from amends.recover.moves import reached
from amends.recover.services.telling import Untold

WHY: Final = Reason(
    rule="reach.call",
    text=Localised(
        en="No letter and no text reaches you at the number that we have, so one of us calls you.",
        zh="我们只有您的电话号码，信函和短信都无法送达，因此由专人致电告知。",
    ),
)


def call_instead(
    cursor: Any, untold: Sequence[Untold], *, now: datetime | None, reason: Reason = WHY
) -> frozenset[int]:
    """A call to each customer who should have been told of this, unless one is to be made already; the cases.

    Args:
        cursor: in the transaction that holds the cases.
        untold: what nobody has told them, as of `telling.unheard`.
        now: the present; None: as of when they should have been told.
        reason: why we call; the customer reads it, too.
    """
    for version in {one.blueprint_id for one in untold}:
        due = [one for one in untold if one.blueprint_id == version]
        why = keep_explanations([reason], version_id=version)[reason.digest(version)]
        levels = blueprint_of(version).authority
        callers = {
            kind: next((one.role for one in levels if kind in one.may and one.role != "automatic"), "front_line")
            for kind in ("call", "follow_up")
        }
        cursor.execute(
            f"""
            insert into recover_action (plan_id, case_id, step, kind, phase, performer, channel, template, remedy,
                currency, tariff, authority, justice, why_id, state, ready_at, due_at, note)
            select plan.id, told.case_id, '{TO_CALL}' || (
                    select count(*) + 1 from recover_action as earlier
                    where earlier.case_id = told.case_id and earlier.step like '{TO_CALL}%%'),
                told.kind, told.phase, case told.kind when 'call' then %(call)s else %(follow_up)s end, 'phone', '', '',
                '', '', '', array['interactional'], %(why)s, '{reached(ACTION, "release")}', told.at,
                told.at + %(within)s, ''
            from (
                select case_id, min(at) as at,
                    case when bool_and(asks) then 'follow_up' else 'call' end as kind,
                    case when bool_and(asks) then 'follow_up' else 'immediate' end as phase
                from unnest(%(cases)s::bigint[], %(at)s::timestamptz[], %(asks)s::boolean[]) as due (case_id, at, asks)
                group by 1
            ) as told
            join recover_plan as plan on plan.case_id = told.case_id
            where not exists (
                select from recover_action as there where there.case_id = told.case_id
                    and there.step like '{TO_CALL}%%' and there.state = '{reached(ACTION, "release")}')
            """,
            {
                "why": why,
                "within": REPAIRS["listen"].within,
                "cases": [one.case_id for one in due],
                "at": [now or one.at for one in due],
                "asks": [one.kind == "follow_up" for one in due],
                **callers,
            },
        )
    return frozenset(one.case_id for one in untold)

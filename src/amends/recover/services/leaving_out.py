"""Steps that the system itself leaves out when their time has come, each with the reason on record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from amends.kernel.reason import Reason
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.core.clocks import CLOCK, OPEN
from amends.recover.models import Edit
from amends.recover.moves import move_rows, next_state
from amends.recover.services.reckoning import reckon

WITHHELD: Final = "withheld"  # the aspect of a change by which a step was left out
# what a person added to the plan was thought about and stays
ADDED: Final = """exists (
    select from recover_edit as edit
    where edit.case_id = action.case_id and edit.action_id = action.id and edit.aspect = 'added'
        and edit.by_id is not null)"""


def leave_out(cursor: Any, actions: Mapping[int, tuple[int, int]], why: Reason, *, now: datetime) -> int:
    """Skip these actions; how many.

    Args:
        cursor: of the transaction that holds their cases.
        actions: the case and the version of the blueprint of each.
        why: for all of them.
        now: when.
    """
    if not actions:
        return 0
    reasons = kept(why, (version for _, version in actions.values()))
    moved = move_rows(cursor, ACTION, "skip", ids=sorted(actions), assign="done_at = %s", params=[now])
    Edit.objects.bulk_create(
        [
            Edit(case_id=case_id, action_id=pk, aspect=WITHHELD, why_id=reasons[version], at=now)
            for pk, (case_id, version) in sorted(actions.items())
        ]
    )
    return moved


def leave_out_follow_ups(cursor: Any, actions: Mapping[int, tuple[int, int]], why: Reason, *, now: datetime) -> int:
    """Leave out steps that ask how it went, as `leave_out` does, and stop the clocks that waited for them."""
    moved = leave_out(cursor, actions, why, now=now)
    if moved:
        cases = sorted({case_id for case_id, _ in actions.values()})
        _stop_clocks(cursor, cases, now=now)
        reckon(cursor, dict.fromkeys(cases, now))
    return moved


def kept(why: Reason, versions: Iterable[int]) -> dict[int, int]:
    """The rows that keep a reason, by version of the blueprint."""
    return {
        version: keep_explanations([why], version_id=version)[why.digest(version)] for version in sorted(set(versions))
    }


def _stop_clocks(cursor: Any, cases: Sequence[int], *, now: datetime) -> None:
    """Nothing is left that would meet the clock of the follow-up, unless another one is still to be done."""
    cursor.execute(
        f"""
        update recover_clock as clock set ended_at = %s, wake_at = null,
            state = {next_state(CLOCK, "stop", column="clock.state")}
        where clock.case_id = any(%s) and clock.kind = 'follow_up' and clock.state = any(%s) and not exists (
            select from recover_action as action where action.case_id = clock.case_id and action.kind = 'follow_up'
                and action.state = any(%s))
        """,
        [now, cases, list(OPEN), [state for state in ACTION.states if state not in ACTION.final]],
    )

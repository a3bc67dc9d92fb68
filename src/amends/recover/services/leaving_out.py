"""Steps that the system itself leaves out when their time has come, each with the reason on record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from amends.kernel.reason import Reason
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.models import Edit
from amends.recover.moves import move_rows

WITHHELD: Final = "withheld"  # the aspect of a change by which a step was left out


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


def kept(why: Reason, versions: Iterable[int]) -> dict[int, int]:
    """The rows that keep a reason, by version of the blueprint."""
    return {
        version: keep_explanations([why], version_id=version)[why.digest(version)] for version in sorted(set(versions))
    }

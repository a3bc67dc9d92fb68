"""Moves of many rows at once, only as the transition tables allow (Law 4): the SQL is made from the table.

A row that is in a state from which the move is not legal makes the whole act fail; none is passed over in silence.
"""

from collections.abc import Sequence
from typing import Any

from amends.kernel.lifecycle import IllegalMove, Lifecycle
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK
from amends.recover.core.payout import PAYOUT
from amends.recover.core.voucher import VOUCHER

TABLES = {
    "case": "recover_case",
    "action": "recover_action",
    "approval": "recover_approval",
    "clock": "recover_clock",
    "payout": "recover_payout",
    "voucher": "recover_voucher",
}
LIFECYCLES = {
    "case": CASE,
    "action": ACTION,
    "approval": APPROVAL,
    "clock": CLOCK,
    "payout": PAYOUT,
    "voucher": VOUCHER,
}


def reached(lifecycle: Lifecycle, *moves: str, start: str | None = None) -> str:
    """Where several moves lead, one after another, from the initial state or from `start`; each must be legal."""
    state = lifecycle.initial if start is None else start
    for move in moves:
        state = lifecycle.after(state, move)
    return state


def states_with(lifecycle: Lifecycle, *moves: str) -> tuple[str, ...]:
    """All states from which these moves are legal, one after another."""
    legal = []
    for state in lifecycle.states_with(moves[0]):
        try:
            reached(lifecycle, *moves, start=state)
        except IllegalMove:
            continue
        legal.append(state)
    return tuple(legal)


def next_state(lifecycle: Lifecycle, *moves: str, column: str = "state") -> str:
    """An SQL expression: the state after the moves. It is null, which the column refuses, where they are not legal."""
    arms = " ".join(
        f"when '{state}' then '{reached(lifecycle, *moves, start=state)}'" for state in states_with(lifecycle, *moves)
    )
    return f"case {column} {arms} end"


def move_rows(
    cursor: Any, lifecycle: Lifecycle, *moves: str, ids: Sequence[int], assign: str = "", params: Sequence[Any] = ()
) -> int:
    """Move rows by id and set other columns along (`assign`: further SQL assignments with `params`).

    Raises:
        IllegalMove: some row is not in a state that allows it; nothing was moved then, once the transaction rolls back.
    """
    if not ids:
        return 0
    table, legal = TABLES[lifecycle.name], list(states_with(lifecycle, *moves))
    cursor.execute(
        f"update {table} set state = {next_state(lifecycle, *moves)}{', ' + assign if assign else ''}"
        " where id = any(%s) and state = any(%s)",
        [*params, list(ids), legal],
    )
    moved = int(cursor.rowcount)
    if moved != len(set(ids)):
        # those that were moved just now stand where the moves lead; one that stands elsewhere was in the way for sure
        led_to = [lifecycle.after(state, move) for move in moves for state in lifecycle.states_with(move)]
        cursor.execute(
            f"select state from {table} where id = any(%s) and state <> all(%s) order by state = any(%s) limit 1",
            [list(ids), legal, led_to],
        )
        found = cursor.fetchone()
        raise IllegalMove(lifecycle, found[0] if found else None, moves[0])
    return moved

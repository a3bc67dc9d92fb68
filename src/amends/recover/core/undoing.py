"""Taking an act back: how long that is possible, and the legal moves that lead a row to where it stood."""

from collections import deque
from datetime import timedelta
from typing import Final, Literal

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

UNDO_FOR: Final = timedelta(minutes=10)

CannotUndo = Literal["late", "followed", "undone", "other", "way"]
WHY_NOT: Final = {
    "late": Localised(
        en="An act can be undone for ten minutes only, and these are over.", zh="操作只能在十分钟内撤销，现已超时。"
    ),
    "followed": Localised(
        en="Something else has happened in this case since, so this can't be undone any more.",
        zh="此案件之后又有新的操作，因此不能再撤销。",
    ),
    "undone": Localised(en="This has been undone already.", zh="该操作已经撤销过了。"),
    "other": Localised(en="Only whoever did it can undo it.", zh="只有操作者本人可以撤销。"),
    "way": Localised(en="There is no way back from how this case stands now.", zh="按案件目前的状态，已无法退回。"),
}


def way(lifecycle: Lifecycle, state: str, wanted: str) -> tuple[str, ...] | None:
    """The fewest legal moves from one state to another; none at all where it stands there already; None: no way."""
    ahead: deque[tuple[str, tuple[str, ...]]] = deque([(state, ())])
    seen = {state}
    while ahead:
        at, moves = ahead.popleft()
        if at == wanted:
            return moves
        for move, after in lifecycle.moves_from(at).items():
            if after not in seen:
                seen.add(after)
                ahead.append((after, (*moves, move)))
    return None

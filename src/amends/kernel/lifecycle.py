"""A lifecycle as a literal transition table: what may happen next, and nothing else (Law 4).

The table is checked when it is made; diagrams and buttons are drawn from it, so they cannot disagree with the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from amends.kernel.text import Localised

GONE: Final = Localised(en="Gone", zh="已不存在")  # where the row of a lifecycle is no more


class IllegalMove(ValueError):
    """A move that the table does not have from this state; the table's labels say so to whoever asked for it.

    The labels are quoted: some are verbs, some are not, and a sentence around them has to be right for all.
    """

    def __init__(self, lifecycle: "Lifecycle", state: str | None, move: str) -> None:
        self.lifecycle, self.state, self.move = lifecycle, state, move
        if state is None:
            super().__init__(f"This {lifecycle.name} is not there any more.")
            return
        wanted, legal = _quoted(lifecycle.move_labels[move]), lifecycle.moves_from(state)
        first = f"This {lifecycle.name} stands at {_quoted(lifecycle.state_labels[state])}: {wanted} is not possible."
        if legal:
            *others, last = (_quoted(lifecycle.move_labels[one]) for one in legal)
            second = f"Only {', '.join(others)} or {last} is possible." if others else f"Only {last} is possible."
        else:
            second = "Nothing more can be done with it."
        super().__init__(f"{first} {second}")

    @property
    def state_label(self) -> Localised:
        """What the state is called, for a reader in either language."""
        return GONE if self.state is None else self.lifecycle.state_labels[self.state]


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    name: str
    initial: str
    moves: Mapping[str, Mapping[str, str]]  # state -> move -> next state; a final state has an empty mapping
    state_labels: Mapping[str, Localised]
    move_labels: Mapping[str, Localised]

    def __post_init__(self) -> None:
        if self.initial not in self.moves:
            raise ValueError(f"{self.name}: the initial state {self.initial!r} is not in the table")
        for state, moves in self.moves.items():
            for move, after in moves.items():
                if after not in self.moves:
                    raise ValueError(f"{self.name}: {state} --{move}--> {after!r}, which is not in the table")
        if unreachable := set(self.moves) - self._reachable():
            raise ValueError(f"{self.name}: nothing leads to {', '.join(sorted(unreachable))}")
        self._check_labels("state", set(self.moves), set(self.state_labels))
        self._check_labels("move", {move for moves in self.moves.values() for move in moves}, set(self.move_labels))

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.moves)

    @property
    def final(self) -> frozenset[str]:
        return frozenset(state for state, moves in self.moves.items() if not moves)

    def after(self, state: str, move: str) -> str:
        """The state that the move leads to; IllegalMove if there is no such move."""
        legal = self.moves_from(state)
        if move not in self.move_labels:
            raise ValueError(f"a {self.name} has no move {move!r}; its moves: {', '.join(self.move_labels)}")
        if move not in legal:
            raise IllegalMove(self, state, move)
        return legal[move]

    def moves_from(self, state: str) -> Mapping[str, str]:
        """Move -> next state, for all that is legal from here."""
        if state not in self.moves:
            raise ValueError(f"a {self.name} is never {state!r}; its states: {', '.join(self.moves)}")
        return self.moves[state]

    def states_with(self, move: str) -> tuple[str, ...]:
        """All states from which the move is legal: what a set-wise update puts into its WHERE."""
        return tuple(state for state, moves in self.moves.items() if move in moves)

    def mermaid(self, locale: str = "en") -> str:
        """The diagram of the table, for the docs."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {state} : {self.state_labels[state].in_(locale)}" for state in self.moves]
        for state, moves in self.moves.items():
            lines += [
                f"    {state} --> {after} : {self.move_labels[move].in_(locale)}" for move, after in moves.items()
            ]
            if not moves:
                lines.append(f"    {state} --> [*]")
        return "\n".join(lines) + "\n"

    def _reachable(self) -> set[str]:
        seen, ahead = {self.initial}, [self.initial]
        while ahead:
            new = set(self.moves[ahead.pop()].values()) - seen
            seen |= new
            ahead += new
        return seen

    def _check_labels(self, what: str, needed: set[str], given: set[str]) -> None:
        if missing := needed - given:
            raise ValueError(f"{self.name}: no label for {what} {', '.join(sorted(missing))}")
        if surplus := given - needed:
            raise ValueError(
                f"{self.name}: a label for {what} {', '.join(sorted(surplus))}, which the table does not have"
            )


def _quoted(label: Localised) -> str:
    return f"“{label.en}”"

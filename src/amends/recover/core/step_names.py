"""What an action's step is called: as the playbook names it, and what was put behind that later."""

from typing import Final

REPEAT: Final = "+"  # and how often the promise of automatic news was kept
TO_CALL: Final = "reach."  # and a number: a call in place of words that no letter or text brings
REFUSED: Final = "refused."  # and the approval's number: what is to be done instead of what was refused
ANEW: Final = "@"  # and a number: begun anew by a merge, an undo, or after a wait


def base(step: str) -> str:
    """The same step, whether it was begun anew or not."""
    return step.partition(ANEW)[0]


def begun_by(step: str) -> str:
    """The step of the playbook that it goes back to."""
    return base(step).partition(REPEAT)[0]

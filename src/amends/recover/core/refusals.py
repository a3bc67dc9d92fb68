"""Why an act of recovery cannot be done, in words for whoever tried it."""

from amends.kernel.lifecycle import IllegalMove
from amends.people.core.authority import BeyondAuthority, SelfApproval


class StaleVersion(RuntimeError):
    """Somebody else changed the case in the meantime."""

    def __init__(self, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__("Somebody else has changed this case in the meantime. Look at it again, then decide.")


class NotAhead(ValueError):
    """A time was promised that has passed, or one so far off that it is no promise."""

    def __init__(self) -> None:
        super().__init__("A promised time lies ahead, and no more than 60 days.")


__all__ = ["BeyondAuthority", "IllegalMove", "NotAhead", "SelfApproval", "StaleVersion"]

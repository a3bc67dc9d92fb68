"""What a pack says about how long signals are kept: as rows at hand, and as history."""

from amends.kernel.business_time import Duration
from amends.kernel.taxonomy import Frozen


class History(Frozen):
    """How long a signal is kept, from its own time on; without a duration for ever."""

    at_hand: Duration | None = None  # as a row in the database; then only in the history, once that has it
    keep: Duration | None = None  # in the history, which standards are tried on

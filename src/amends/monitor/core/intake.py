"""The lifecycle of a file of signals, and the bounds of taking signals in."""

from datetime import timedelta
from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

CHUNK: Final = 5_000  # rows a transaction
MOST_KEPT: Final = 50_000  # rejected rows of a file that are kept; more are only counted
JUDGED_A_SECOND: Final = 10_000  # signals, by a monitor that has much to catch up with; benchmarks/replay.py
LONGEST_WAIT: Final = 60  # seconds
LONGEST_LINE: Final = 2**20  # bytes of one row
KEPT_FOR: Final = timedelta(days=7)  # an upload that nobody takes in
LARGEST_UPLOAD: Final = 32 * 2**20  # bytes; larger files are for the folder
LARGEST_UNPACKED: Final = 8 * 2**30  # bytes of a packed file; and it may not burst:
MOST_RATIO, FREE_OF_RATIO = 200, 64 * 2**20  # times its packed size, once there are so many bytes
MOST_VALUES: Final = 20_000_000  # of one column in one group of rows of a Parquet file

INTAKE_FILE: Final = Lifecycle(
    name="intake",
    initial="prepared",
    moves={
        "prepared": {"begin": "running", "drop": "dropped"},
        "running": {"finish": "finished", "refuse": "refused", "cancel": "cancelled"},
        "cancelled": {"resume": "running", "drop": "dropped"},
        "finished": {},
        "refused": {},
        "dropped": {},
    },
    state_labels={
        "prepared": Localised(en="Prepared", zh="待导入"),
        "running": Localised(en="Being taken in", zh="导入中"),
        "cancelled": Localised(en="Cancelled", zh="已取消"),
        "finished": Localised(en="Taken in", zh="已导入"),
        "refused": Localised(en="Refused", zh="已拒收"),
        "dropped": Localised(en="Thrown away", zh="已丢弃"),
    },
    move_labels={
        "begin": Localised(en="Take in", zh="导入"),
        "cancel": Localised(en="Cancel", zh="取消"),
        "resume": Localised(en="Resume", zh="继续"),
        "finish": Localised(en="Finish", zh="完成"),
        "refuse": Localised(en="Refuse", zh="拒收"),
        "drop": Localised(en="Throw away", zh="丢弃"),
    },
)


def seconds_to_wait(backlog: int, most: int) -> int:
    """How long a sender is to wait when more signals than `most` wait to be judged; 0: not at all.

    Until half of what is allowed is left: a sender who came back at the very limit would be sent away again at once.
    """
    if backlog <= most:
        return 0
    return max(1, min(LONGEST_WAIT, -(-(backlog - most // 2) // JUDGED_A_SECOND)))

"""The lifecycle of an act on many cases, and of each of its rows."""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

MOST: Final = 2_000  # rows of one run: what a person can still look over

BULK: Final = Lifecycle(
    name="bulk run",
    initial="prepared",
    moves={
        "prepared": {"run": "running", "cancel": "cancelled"},
        "running": {"finish": "finished", "cancel": "cancelled"},
        "cancelled": {"resume": "running"},
        "finished": {},
    },
    state_labels={
        "prepared": Localised(en="Prepared", zh="待确认"),
        "running": Localised(en="Running", zh="执行中"),
        "cancelled": Localised(en="Cancelled", zh="已取消"),
        "finished": Localised(en="Finished", zh="已完成"),
    },
    move_labels={
        "run": Localised(en="Run", zh="执行"),
        "cancel": Localised(en="Cancel", zh="取消"),
        "resume": Localised(en="Resume", zh="继续"),
        "finish": Localised(en="Finish", zh="完成"),
    },
)

ROW: Final = Lifecycle(
    name="bulk row",
    initial="waiting",
    moves={"waiting": {"do": "done", "refuse": "refused"}, "done": {}, "refused": {}},
    state_labels={
        "waiting": Localised(en="Waiting", zh="待执行"),
        "done": Localised(en="Done", zh="已完成"),
        "refused": Localised(en="Refused", zh="未执行"),
    },
    move_labels={"do": Localised(en="Do", zh="执行"), "refuse": Localised(en="Refuse", zh="拒绝")},
)

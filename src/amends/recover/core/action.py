"""The lifecycle of an action. `planned` waits for what comes before it, `scheduled` for its time, `ready` for its
performer."""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

ACTION: Final = Lifecycle(
    name="action",
    initial="planned",
    moves={
        "planned": {
            "release": "ready",
            "schedule": "scheduled",
            "ask": "waiting_approval",
            "skip": "skipped",
        },
        "scheduled": {"release": "ready", "skip": "skipped"},
        "ready": {"do": "done", "ask": "waiting_approval", "skip": "skipped"},
        "waiting_approval": {"do": "done", "refuse": "refused", "skip": "skipped"},
        "done": {},
        "refused": {},
        "skipped": {},
    },
    state_labels={
        "planned": Localised(en="Planned", zh="已计划"),
        "scheduled": Localised(en="Scheduled", zh="待到时"),
        "ready": Localised(en="Ready", zh="待执行"),
        "waiting_approval": Localised(en="Waiting for approval", zh="待审批"),
        "done": Localised(en="Done", zh="已完成"),
        "refused": Localised(en="Refused", zh="未获批准"),
        "skipped": Localised(en="Skipped", zh="已略过"),
    },
    move_labels={
        "release": Localised(en="Release", zh="放行"),
        "schedule": Localised(en="Schedule", zh="定时"),
        "ask": Localised(en="Ask for approval", zh="申请审批"),
        "do": Localised(en="Do", zh="执行"),
        "refuse": Localised(en="Refuse", zh="驳回"),
        "skip": Localised(en="Skip", zh="略过"),
    },
)

UNDONE: Final = ("planned", "scheduled", "ready")  # what may still be changed; leave that was asked for is not touched

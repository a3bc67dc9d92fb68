"""The lifecycles of a training and of an early intervention."""

from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

TRAINING: Final = Lifecycle(
    name="training",
    initial="running",
    moves={
        "running": {"finish": "finished", "cancel": "cancelled", "fail": "failed"},
        "finished": {},
        "cancelled": {},
        "failed": {},
    },
    state_labels={
        "running": Localised(en="Learning", zh="训练中"),
        "finished": Localised(en="Finished", zh="已完成"),
        "cancelled": Localised(en="Stopped", zh="已停止"),
        "failed": Localised(en="No model came of it", zh="未得出模型"),
    },
    move_labels={
        "finish": Localised(en="Finish", zh="完成"),
        "cancel": Localised(en="Stop", zh="停止"),
        "fail": Localised(en="Fail", zh="出错"),
    },
)

INTERVENTION: Final = Lifecycle(
    name="intervention",
    initial="open",
    moves={
        "open": {"take": "taken", "leave": "left", "pass": "passed"},
        "taken": {"do": "done", "leave": "left", "pass": "passed"},
        "done": {},
        "left": {},
        "passed": {},
    },
    state_labels={
        "open": Localised(en="Waits for somebody", zh="待处理"),
        "taken": Localised(en="In hand", zh="处理中"),
        "done": Localised(en="Done", zh="已处理"),
        "left": Localised(en="Let be", zh="已决定不干预"),
        "passed": Localised(en="Its time has passed", zh="已过时限"),
    },
    move_labels={
        "take": Localised(en="Take it on", zh="由我处理"),
        "do": Localised(en="It is done", zh="处理完毕"),
        "leave": Localised(en="Let it be", zh="不作干预"),
        "pass": Localised(en="Time passes", zh="时限已过"),
    },
)
